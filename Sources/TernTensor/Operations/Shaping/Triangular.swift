import Foundation
import TernBackend

// Triangles and diagonals of matrices in the last two axes.

extension Tensor {
  /// The elements on and below a diagonal of every matrix in the last two axes, 0 above it.
  /// - Parameter diagonal: 0 for the main one, above it where positive, below where negative.
  public func lowerTriangle(diagonal: Int = 0, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return triangle("lowerTriangle", .lower, diagonal)
  }

  /// The elements on and above a diagonal of every matrix in the last two axes, 0 below it.
  /// - Parameter diagonal: 0 for the main one, above it where positive, below where negative.
  public func upperTriangle(diagonal: Int = 0, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return triangle("upperTriangle", .upper, diagonal)
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

  private func triangle(_ name: StaticString, _ side: MatrixTriangle, _ diagonal: Int) -> Tensor {
    check(rank >= 2, "\(name)", "\(shape) has no matrices")
    MemoryPool.require(count: count, of: MemoryLayout<Scalar>.stride, "\(name)", "a result \(shape)")
    let (rows, columns) = (shape[rank - 2], shape[rank - 1])
    let bound = Swift.min(Swift.max(diagonal, -rows), columns)
    let source = detached()
    let flipped = source.transposed(-1, -2)
    // In matrices that lie transposed it is the other triangle.
    let result =
      !source.layout.isContiguous && flipped.layout.isContiguous
      ? flipped.packedTriangle(side == .lower ? .upper : .lower, -bound).transposed(-1, -2)
      : source.contiguous.packedTriangle(side, bound)
    OperationArguments.note(name, ["diagonal": .integers([bound])])
    return result.moved(name, from: self) { $0.triangle(name, side, diagonal) }
  }

  /// The triangle of row-major matrices: rows that are copied in part; the bits of 0 are 0 in every scalar type.
  private func packedTriangle(_ side: MatrixTriangle, _ diagonal: Int) -> Tensor {
    let result = Tensor(uninitialized: layout)
    let (rows, columns, size) = (shape[rank - 2], shape[rank - 1], MemoryLayout<Scalar>.stride)
    if isEmpty { return result }
    let (out, x) = (UnsafeMutableRawPointer(result.mutablePointer), UnsafeRawPointer(pointer))
    Workers.run(count: count / columns, grain: Swift.max(1, StridedLoop.grain / columns)) { range in
      var row = range.lowerBound % rows
      for line in range {
        let split = Swift.min(Swift.max(row + diagonal + (side == .lower ? 1 : 0), 0), columns) * size
        let (target, source, width) = (out + line * columns * size, x + line * columns * size, columns * size)
        if side == .lower {
          memcpy(target, source, split)
          memset(target + split, 0, width - split)
        } else {
          memset(target, 0, split)
          memcpy(target + split, source + split, width - split)
        }
        row = row + 1 == rows ? 0 : row + 1
      }
    }
    withExtendedLifetime(self) {}
    return result
  }
}
