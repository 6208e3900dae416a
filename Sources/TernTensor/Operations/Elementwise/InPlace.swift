import TernBackend

// Compound assignments: a result is written over its first operand where nobody else refers to that memory and no gradient
// is recorded. The bits are those of the operation itself.

extension Tensor where Scalar: NumericScalar {
  /// self = kernel(self, other, p0) in place; false where that needs new memory, and nothing is done.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  mutating func update(_ kernel: BinaryKernel, _ other: Tensor, _ p0: Scalar = 1) -> Bool {
    guard isWritable(beside: other.node) else { return false }
    let (out, y) = (mutablePointer, other.pointer)
    if layout.hasLayout(of: other.layout) {
      Workers.run(count: count, grain: StridedLoop.grain) { range in
        let at = range.lowerBound
        Scalar.binary(kernel, range.count, out + at, 1, out + at, 1, y + at, 1, p0)
      }
      return true
    }
    guard broadcasts(other.layout) else { return false }
    if other.count == 1 {
      Workers.run(count: count, grain: StridedLoop.grain) { range in
        let target = out + range.lowerBound
        Scalar.binary(kernel, range.count, target, 1, target, 1, y, 0, p0)
      }
      return true
    }
    let strides = [layout.strides, broadcastStrides(other.layout, to: shape)]
    StridedLoop(shape, strides).runBlocks { rows, n, offset, rowStep, step in
      let target = out + offset[0]
      let steps = RowSteps(out: rowStep[0], a: rowStep[0], b: rowStep[1])
      Scalar.binaryRows(kernel, rows, n, steps, target, step[0], target, step[0], y + offset[1], step[1], p0)
    }
    return true
  }

  /// self = kernel(self, p0) in place; false where that needs new memory, and nothing is done.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package mutating func update(_ kernel: UnaryKernel, _ p0: Scalar = 0) -> Bool {
    guard isWritable(beside: nil) else { return false }
    let out = mutablePointer
    Workers.run(count: count, grain: StridedLoop.grain) { range in
      let target = out + range.lowerBound
      Scalar.unary(kernel, range.count, target, 1, target, 1, p0, 0)
    }
    return true
  }

  /// Whether a constant may be written over this one, which is dense and whose memory nobody else refers to.
  private mutating func isWritable(beside node: Node?) -> Bool {
    if body.node != nil || !layout.isDense || node != nil && Recording.isOn { return false }
    // Who watches operations sees the operand and the result.
    return !OperationObservers.isListening && body.isUnique()
  }

  /// Whether `other` broadcasts to this shape, which stays.
  private func broadcasts(_ other: Layout) -> Bool {
    let shift = rank - other.rank
    if shift < 0 { return false }
    let extents = shape
    for (axis, extent) in other.shape.enumerated() where extent != 1 && extent != extents[axis + shift] { return false }
    return true
  }
}
