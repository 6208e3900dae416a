import TernBackend

// Matrices made of vectors and of blocks, and quarter turns.

extension Tensor {
  /// Square matrices with the vectors of the last axis on a diagonal and 0 elsewhere, in two new axes.
  ///
  /// Gradient: ``diagonal(offset:axes:_:file:line:)``.
  /// - Parameters:
  ///   - offset: 0 for the main diagonal, above it where positive, below where negative.
  ///   - first: where the rows are, as an axis of the result.
  ///   - second: where the columns are.
  public func diagonalMatrices(
    offset: Int = 0, axes first: Int = -2, _ second: Int = -1, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(rank >= 1, "diagonalMatrices", "\(shape) has no vectors")
    Sizes.check(offset, "diagonalMatrices", "an offset of")
    let axes = resolve(axes: [first, second], rank: rank + 1, "diagonalMatrices")
    let side = shape[rank - 1] + Swift.abs(offset)
    var remaining = shape.dropLast().makeIterator()
    let extents = (0...rank).map { axes.contains($0) ? side : remaining.next()! }
    check(
      Layout.holds(extents), "diagonalMatrices", "matrices \(extents) are more than a tensor can hold (2⁴⁸)")
    var result = Tensor(zeros: extents)
    if !isEmpty {
      result.makeUnique()
      let (part, start) = result.diagonalRegion(offset, axes[0], axes[1])(result.layout)
      copyElements(from: body, to: result.view(part, offset: start).body, Scalar.self)
    }
    return result.moved("diagonalMatrices", from: self) { $0.diagonal(offset: offset, axes: axes[0], axes[1]) }
  }

  /// Turned by 90° some times, from the first of two axes towards the second: a view.
  public func rotated(
    quarterTurns: Int = 1, axes first: Int = 0, _ second: Int = 1, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let axes = resolve(axes: [first, second], rank: rank, "rotated")
    switch quarterTurns & 3 {
    case 1: return flipped([axes[1]]).transposed(axes[0], axes[1])
    case 2: return flipped(axes)
    case 3: return flipped([axes[0]]).transposed(axes[0], axes[1])
    default: return unchanged("rotated")
    }
  }
}

/// Matrices along a diagonal, 0 elsewhere; numbers and vectors count as matrices of one row.
///
/// Gradient: each has its block of dL/dy. Stops for no matrices, and for ranks above 2.
public func blockDiagonal<Scalar: TensorScalar>(
  _ blocks: [Tensor<Scalar>], file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(!blocks.isEmpty, "blockDiagonal", "no matrices")
  for block in blocks { check(block.rank <= 2, "blockDiagonal", "\(block.shape) is no matrix") }
  let matrices = blocks.map { $0.atLeast(rank: 2) }
  let extents = [matrices.reduce(0) { $0 + $1.shape[0] }, matrices.reduce(0) { $0 + $1.shape[1] }]
  check(Layout.holds(extents), "blockDiagonal", "a matrix \(extents) is more than a tensor can hold (2⁴⁸)")
  MemoryPool.require(
    count: Layout.product(extents), of: 2 * MemoryLayout<Scalar>.stride, "blockDiagonal", "a matrix \(extents)")
  var corners = [(row: Int, column: Int)]()
  var next = (row: 0, column: 0)
  for matrix in matrices {
    corners.append(next)
    next = (next.row + matrix.shape[0], next.column + matrix.shape[1])
  }
  let result = Tensor<Scalar>(uninitialized: extents)
  if !result.isEmpty { fillBlocks(result, matrices, corners) }
  let shapes = matrices.map(\.shape)
  return result.recorded("blockDiagonal", fromAll: matrices) { [corners] d in
    for (index, corner) in corners.enumerated() {
      d.send(index) {
        d.gradient.narrowed(axis: 0, start: corner.row, length: shapes[index][0])
          .narrowed(axis: 1, start: corner.column, length: shapes[index][1])
      }
    }
  }
}

/// Writes matrices at their corners of a matrix without gaps, and 0 on both sides of each.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func fillBlocks<Scalar: TensorScalar>(
  _ result: Tensor<Scalar>, _ matrices: [Tensor<Scalar>], _ corners: [(row: Int, column: Int)]
) {
  let (out, width) = (result.mutablePointer, result.shape[1])
  for (matrix, corner) in zip(matrices, corners) {
    let (height, count) = (matrix.shape[0], matrix.shape[1])
    let (source, strides) = (matrix.pointer, matrix.layout.strides)
    Workers.run(count: height, grain: Swift.max(1, StridedLoop.grain / Swift.max(1, width))) { rows in
      for row in rows {
        let target = out + (corner.row + row) * width
        Scalar.fill(corner.column, target, 1, Scalar.zero)
        Scalar.copy(count, target + corner.column, 1, source + row * strides[0], strides[1])
        Scalar.fill(width - corner.column - count, target + corner.column + count, 1, Scalar.zero)
      }
    }
  }
  withExtendedLifetime(matrices) {}
}
