import TernBackend

// Triangles and diagonals of matrices in the last two axes.

extension Tensor {
  /// The elements on and below a diagonal of every matrix in the last two axes, 0 above it.
  /// - Parameter diagonal: 0 for the main one, above it where positive, below where negative.
  public func lowerTriangle(diagonal: Int = 0, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return triangle("lowerTriangle") { row, column in column - row <= diagonal }
  }

  /// The elements on and above a diagonal of every matrix in the last two axes, 0 below it.
  /// - Parameter diagonal: 0 for the main one, above it where positive, below where negative.
  public func upperTriangle(diagonal: Int = 0, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return triangle("upperTriangle") { row, column in column - row >= diagonal }
  }

  /// The square matrix with this vector on a diagonal and 0 elsewhere.
  /// - Parameter offset: 0 for the main diagonal, above it where positive, below where negative.
  public func diagonalMatrix(offset: Int = 0, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(rank == 1, "diagonalMatrix", "\(shape) is no vector")
    Sizes.check(offset, "diagonalMatrix", "an offset of")
    let side = count + Swift.abs(offset)
    var result = Tensor(zeros: [side, side])
    let start = offset >= 0 ? offset : -offset * side
    if count > 0 {
      result.makeUnique()
      let target = result.view(Layout([count], strides: [side + 1]), offset: start)
      copyElements(from: body, to: target.body, Scalar.self)
    }
    return result.moved("diagonalMatrix", from: self) { $0.diagonal(offset: offset) }
  }

  private func triangle(_ name: String, _ keeps: (Int, Int) -> Bool) -> Tensor {
    check(rank >= 2, name, "\(shape) has no matrices")
    let (rows, columns) = (shape[rank - 2], shape[rank - 1])
    if isEmpty { return select(Tensor<Bool>(false), self, .zero) }
    MemoryPool.require(count: count, of: MemoryLayout<Scalar>.stride, name, "a result \(shape)")
    let mask = Tensor<Bool>(shape: [rows, columns]) { out in
      for row in 0..<rows {
        for column in 0..<columns { out[row * columns + column] = keeps(row, column) }
      }
    }
    return select(mask, self, .zero)
  }
}
