import TernBackend

/// What stands around a padded tensor.
public enum PaddingMode<Scalar: TensorScalar>: Sendable {
  /// One value.
  case constant(Scalar)
  /// The elements mirrored at the edge, which is not repeated.
  case reflect
  /// The edge, repeated.
  case replicate
  /// The elements from the other end.
  case circular
}

extension Tensor {
  /// With elements added before and after the last axes: `amounts[i]` belongs to axis `rank - amounts.count + i`.
  ///
  /// Negative amounts crop. Gradient: what was copied adds up at its source; constants have none.
  /// Stops for more amounts than axes, and for more mirrored or circular elements than there are.
  public func padded(
    _ amounts: [(before: Int, after: Int)], _ mode: PaddingMode<Scalar> = .constant(.zero),
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(amounts.count <= rank, "padded", "\(amounts.count) pairs for \(shape)")
    let first = rank - amounts.count
    for amount in amounts { Sizes.check([amount.before, amount.after], "padded", "an amount of") }
    switch mode {
    case .constant(let value): return surrounded(amounts, first, value)
    case .reflect:
      return extended(amounts, first) { index, extent in
        check(
          index > -extent && index < 2 * extent - 1, "padded",
          "reflecting takes fewer elements than the axis has: \(amounts) for \(shape)")
        return index < 0 ? -index : index < extent ? index : 2 * (extent - 1) - index
      }
    case .replicate:
      return extended(amounts, first) { index, extent in
        check(extent > 0, "padded", "\(shape) has no edge to repeat")
        return Swift.min(Swift.max(index, 0), extent - 1)
      }
    case .circular:
      return extended(amounts, first) { index, extent in
        check(
          index >= -extent && index < 2 * extent, "padded",
          "circular padding takes at most what the axis has: \(amounts) for \(shape)")
        return index < 0 ? index + extent : index < extent ? index : index - extent
      }
    }
  }

  /// Every axis from `first` on read at the indices that `source(index, extent)` gives for −before ..< extent + after.
  private func extended(
    _ amounts: [(before: Int, after: Int)], _ first: Int, _ source: (Int, Int) -> Int
  ) -> Tensor {
    var result = unchanged("padded")
    for (axis, amount) in zip(first..., amounts) where amount != (0, 0) {
      let extent = shape[axis]
      check(
        extent + amount.before + amount.after >= 0, "padded",
        "\(amount) takes more from axis \(axis) of \(shape) than it has")
      MemoryPool.require(
        count: extent + amount.before + amount.after, of: 16, "padded", "\(amount) around axis \(axis) of \(shape)")
      let indices = (-amount.before..<extent + amount.after).map { source($0, extent) }
      result = result.taking(Tensor<Int>(indices), along: axis)
    }
    return result
  }

  private func surrounded(_ amounts: [(before: Int, after: Int)], _ first: Int, _ value: Scalar) -> Tensor {
    var inner = [AxisIndex](repeating: .all, count: rank)
    var region = inner
    var extents = shape
    for (axis, amount) in zip(first..., amounts) {
      extents[axis] += amount.before + amount.after
      check(
        extents[axis] >= 0, "padded", "\(amount) takes more from axis \(axis) of \(shape) than it has")
      let first = Swift.max(0, -amount.before)
      let last = Swift.max(first, shape[axis] + Swift.min(0, amount.after))
      inner[axis] = .slice(first, last)
      let start = Swift.max(0, amount.before)
      region[axis] = .slice(start, start + last - first)
    }
    check(Layout.holds(extents), "padded", "\(amounts) around \(shape) is more than a tensor can hold (2⁴⁸)")
    let source = self[inner]
    let order = layout.isDense ? layout.memoryOrder : Array(shape.indices)
    let result = Tensor(uninitialized: Layout(extents, order: order))
    let out = result.mutablePointer
    Workers.run(count: result.count, grain: StridedLoop.grain) { range in
      Scalar.fill(range.count, out + range.lowerBound, 1, value)
    }
    copyElements(from: source.body, to: result[region].body, Scalar.self)
    return result.moved("padded", from: source) { [region] in $0[region] }
  }
}
