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
      if amounts.contains(where: { $0.before < 0 || $0.after < 0 }) {
        // What is cropped does not come back from the other side.
        let cropped = extended(amounts.map { (Swift.min($0.before, 0), Swift.min($0.after, 0)) }, first) { index, _ in
          index
        }
        return cropped.padded(amounts.map { (Swift.max($0.before, 0), Swift.max($0.after, 0)) }, .circular)
      }
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
    var indices: [(axis: Int, amount: (before: Int, after: Int), list: [Int])] = []
    for (axis, amount) in zip(first..., amounts) where amount != (0, 0) {
      let extent = shape[axis]
      check(
        extent + amount.before + amount.after >= 0, "padded",
        "\(amount) takes more from axis \(axis) of \(shape) than it has")
      MemoryPool.require(
        count: extent + amount.before + amount.after, of: 16, "padded", "\(amount) around axis \(axis) of \(shape)")
      indices.append((axis, amount, (-amount.before..<extent + amount.after).map { source($0, extent) }))
    }
    let isCropping = indices.contains { $0.amount.before < 0 || $0.amount.after < 0 }
    if indices.isEmpty || isEmpty || isCropping {
      return indices.reduce(unchanged("padded")) { $0.taking(Tensor<Int>($1.list), along: $1.axis) }
    }
    let lists = indices.map { (axis: $0.axis, list: Tensor<Int>($0.list)) }
    let result = extendedRows(indices.map { ($0.axis, $0.amount.before, $0.list) })
    OperationArguments.note(
      "padded",
      Dictionary(uniqueKeysWithValues: indices.map { ("indices of axis \($0.axis)", .integers($0.list)) }))
    return result.moved("padded", from: self) {
      [shape] gradient in
      // From the last axis to the first, as if the axes had been extended one by one.
      var (sum, extents) = (gradient, gradient.shape)
      for (axis, list) in lists.reversed() {
        extents[axis] = shape[axis]
        sum = Tensor(body: sliceSums(sum.body, at: list, along: axis, shape: extents))
      }
      return sum
    }
  }

  /// Some axes read at lists of indices, which run through the axis after `before` others; in one pass, not recorded.
  private func extendedRows(_ lists: [(axis: Int, before: Int, list: [Int])]) -> Tensor {
    var extents = shape
    for (axis, _, list) in lists { extents[axis] = list.count }
    check(Layout.holds(extents), "padded", "a result \(extents) of \(shape) is more than a tensor can hold (2⁴⁸)")
    let source = layout.isDense ? self : detached().contiguous
    let order = source.layout.memoryOrder
    let result = Tensor(uninitialized: Layout(extents, order: order))
    let places = lists.map { order.firstIndex(of: $0.axis)! }
    let (outermost, innermost) = (places.min()!, places.max()!)
    /// Bytes from one index of an axis to the next.
    func step(_ axis: Int) -> Int { source.layout.strides[axis] * MemoryLayout<Scalar>.stride }
    // Where the rows of a plane begin: over all axes between the first that is extended and the last, which is a row.
    var rows = [0]
    for axis in order[outermost..<innermost] {
      let list = lists.first { $0.axis == axis }?.list ?? Array(0..<shape[axis])
      rows = rows.flatMap { row in list.map { row + $0 * step(axis) } }
    }
    let (axis, before, list) = lists.first { $0.axis == order[innermost] }!
    let bytes = order[(innermost + 1)...].reduce(MemoryLayout<Scalar>.stride) { $0 * shape[$1] }
    let plane = order[outermost...].reduce(MemoryLayout<Scalar>.stride) { $0 * shape[$1] }
    let edges = Array(list[..<before]) + list[(before + shape[axis])...]
    let (out, x) = (result.mutablePointer, source.pointer)
    rows.withUnsafeBufferPointer { rows in
      edges.withUnsafeBufferPointer { edges in
        let extended = RowExtension(
          bytes: bytes, rows: rows.count, plane: plane, from: 0, length: shape[axis], before: before,
          after: list.count - before - shape[axis], places: rows.baseAddress!, edges: edges.baseAddress!)
        let row = list.count * bytes / MemoryLayout<Scalar>.stride
        Workers.run(count: result.count / row, grain: Swift.max(1, StridedLoop.grain / row)) { range in
          RowExtensionKernels.extend(extended, range.lowerBound, range.count, out, x)
        }
      }
    }
    withExtendedLifetime(source) {}
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
    OperationArguments.note(
      "padded",
      [
        "value": .number(Double(constant: value)),
        "before": .integers([Int](repeating: 0, count: first) + amounts.map { Swift.max(0, $0.before) }),
        "after": .integers([Int](repeating: 0, count: first) + amounts.map { Swift.max(0, $0.after) }),
      ])
    return result.moved("padded", from: source) { [region] in $0[region] }
  }
}

extension Double {
  /// A scalar of any type as a number.
  fileprivate init<Scalar: TensorScalar>(constant value: Scalar) {
    switch value {
    case let value as any NumericScalar: self = value.number
    case let value as Bool: self = value ? 1 : 0
    default: self = .nan
    }
  }
}
