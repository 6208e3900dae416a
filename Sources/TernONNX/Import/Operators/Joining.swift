import TernBackend
import TernTensor

extension NodeCall {
  /// Operators that join, divide and surround.
  static let joining: [String: GraphOperator] = [
    "Concat": { [try $0.concatenated($0.scalar)] },
    "Split": { try $0.divided($0.scalar) },
    "Slice": { [try $0.sliced($0.scalar)] },
    "Pad": { [try $0.padded($0.scalar)] },
    "Tile": { [try $0.tile($0.scalar)] },
    "CenterCropPad": { [try $0.centered($0.scalar)] },
  ]

  private func concatenated<Scalar: TensorScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let all: [Tensor<Scalar>] = try tensors()
    let first = try tensor(0, as: Scalar.self)
    let axis = try axis(int("axis", opset < 4 ? 1 : 0), first.rank)
    var shape = first.shape
    shape[axis] = 0
    var total = 0
    for part in all {
      var other = part.shape
      try require(other.count == first.rank, "shapes \(first.shape) and \(part.shape) have different ranks")
      total += other[axis]
      other[axis] = 0
      try require(other == shape, "shapes \(first.shape) and \(part.shape) differ elsewhere than along axis \(axis)")
    }
    shape[axis] = total
    try allow(shape)
    return ONNXTensor(concatenate(all, along: axis))
  }

  private func divided<Scalar: TensorScalar>(_: Scalar.Type) throws -> [ONNXTensor] {
    let x: Tensor<Scalar> = try tensor(0)
    let axis = try axis(int("axis", 0), x.rank)
    let extent = x.shape[axis]
    let count = node.outputs.count
    var lengths: [Int]
    if let named = opset < 13 ? try ints("split") : has(1) ? try integers(1) : nil {
      lengths = named
    } else {
      let parts = try int("num_outputs", count)
      try require(parts >= 1 && parts == count, "\(parts) parts for \(count) outputs")
      let length = (extent + parts - 1) / parts
      lengths = (0..<parts).map { Swift.min(length, Swift.max(extent - $0 * length, 0)) }
      try require(opset >= 18 || extent % parts == 0, "axis \(axis) of \(x.shape) in \(parts) equal parts")
    }
    try require(
      lengths.count >= count && lengths.allSatisfy { $0 >= 0 && $0 <= extent } && lengths.reduce(0, +) == extent,
      "lengths \(lengths) of axis \(axis) in \(x.shape) for \(count) outputs")
    var (start, parts): (Int, [ONNXTensor]) = (0, [])
    for length in lengths {
      parts.append(ONNXTensor(x.narrowed(axis: axis, start: start, length: length)))
      start += length
    }
    return parts
  }

  private func sliced<Scalar: TensorScalar>(_: Scalar.Type) throws -> ONNXTensor {
    var x: Tensor<Scalar> = try tensor(0)
    let starts, ends: [Int]
    let named, given: [Int]?
    if opset < 10 {
      (starts, ends) = (try ints("starts") ?? [], try ints("ends") ?? [])
      (named, given) = (try ints("axes"), nil)
    } else {
      (starts, ends) = (try integers(1), try integers(2))
      named = has(3) ? try integers(3) : nil
      given = has(4) ? try integers(4) : nil
    }
    let axes = try axes(named ?? Array(0..<starts.count), x.rank)
    let steps = given ?? [Int](repeating: 1, count: starts.count)
    try require(
      starts.count == axes.count && ends.count == axes.count && steps.count == axes.count,
      "\(starts.count) starts, \(ends.count) ends and \(steps.count) steps for \(axes.count) axes")
    for (index, axis) in axes.enumerated() {
      let (extent, step) = (x.shape[axis], steps[index])
      try require(step != 0 && step != .min, "a step of \(step)")
      func place(_ value: Int, _ low: Int, _ high: Int) -> Int {
        let counted = value < 0 ? value + extent : value
        return Swift.min(Swift.max(counted, low), high)
      }
      if step > 0 {
        let (start, end) = (place(starts[index], 0, extent), place(ends[index], 0, extent))
        x = x.narrowed(axis: axis, start: start, length: Swift.max(end - start, 0))
      } else {
        // Backward: from the start down to behind the end, counted from the last.
        let (start, end) = (place(starts[index], -1, extent - 1), place(ends[index], -1, extent - 1))
        x = x.narrowed(axis: axis, start: end + 1, length: Swift.max(start - end, 0)).flipped([axis])
      }
      if step.magnitude > 1, x.shape[axis] > 1 {
        var region = [AxisIndex](repeating: .slice(nil, nil), count: axis + 1)
        region[axis] = .slice(0, x.shape[axis], step: Int(step.magnitude))
        x = x[region]
      }
    }
    return ONNXTensor(x)
  }

  private func padded<Scalar: TensorScalar>(_: Scalar.Type) throws -> ONNXTensor {
    var x: Tensor<Scalar> = try tensor(0)
    let pads = opset < 11 ? try ints(hasAttribute("paddings") ? "paddings" : "pads") ?? [] : try integers(1)
    let named = has(3) && opset >= 18 ? try axes(integers(3), x.rank) : Array(0..<x.rank)
    try require(pads.count == 2 * named.count, "\(pads.count) pads for \(named.count) axes")
    var amounts = [(before: Int, after: Int)](repeating: (0, 0), count: x.rank)
    for (index, axis) in named.enumerated() { amounts[axis] = (pads[index], pads[index + named.count]) }
    let most = 1 << 32
    var shape = x.shape
    for (axis, amount) in amounts.enumerated() {
      try require(
        abs(Double(amount.before)) <= Double(most) && abs(Double(amount.after)) <= Double(most), "pads \(pads)")
      shape[axis] += amount.before + amount.after
      let (first, last) = (Swift.max(-amount.before, 0), Swift.max(-amount.after, 0))
      try require(first + last <= x.shape[axis], "takes \(first + last) of axis \(axis) from \(x.shape)")
      if first + last > 0 { x = x.narrowed(axis: axis, start: first, length: x.shape[axis] - first - last) }
      amounts[axis] = (Swift.max(amount.before, 0), Swift.max(amount.after, 0))
    }
    try allow(shape)
    let mode = try text("mode", "constant")
    if mode == "constant" {
      var value = Scalar.zero
      if opset < 11 {
        value = converted(try float("value", 0))
      } else if has(2) {
        let given: Tensor<Scalar> = try tensor(2)
        try require(given.count == 1, "a value of shape \(given.shape)")
        value = given.scalars[0]
      }
      return ONNXTensor(x.padded(amounts, .constant(value)))
    }
    for (axis, amount) in amounts.enumerated() where amount.before > 0 || amount.after > 0 {
      let (extent, most) = (x.shape[axis], Swift.max(amount.before, amount.after))
      switch mode {
      case "reflect": try require(most < extent, "reflects \(most) of the \(extent) along axis \(axis)")
      case "wrap": try require(most <= extent, "repeats \(most) of the \(extent) along axis \(axis)")
      default: try require(extent > 0, "no edge along axis \(axis) of \(x.shape)")
      }
    }
    switch mode {
    case "reflect": return ONNXTensor(x.padded(amounts, .reflect))
    case "edge": return ONNXTensor(x.padded(amounts, .replicate))
    case "wrap": return ONNXTensor(x.padded(amounts, .circular))
    default: throw error("the mode \"\(mode)\"")
    }
  }

  private func tile<Scalar: TensorScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let x: Tensor<Scalar> = try tensor(0)
    var counts = try integers(1)
    if opset < 6, inputs.count == 3 {
      let axis = try axis(integer(2), x.rank)
      let count = try integer(1)
      counts = [Int](repeating: 1, count: x.rank)
      counts[axis] = count
    }
    try require(counts.count == x.rank && counts.allSatisfy { $0 >= 0 }, "counts \(counts) for \(x.shape)")
    try allow(counts)
    try allow(
      zip(x.shape, counts).map { $0.multipliedReportingOverflow(by: $1) }.map { $0.overflow ? .max : $0.partialValue })
    return ONNXTensor(x.rank == 0 ? x : x.tiled(counts))
  }

  /// The middle of an extent, or zeros on both sides of it; one more behind where the difference is odd.
  private func centered<Scalar: TensorScalar>(_: Scalar.Type) throws -> ONNXTensor {
    var x: Tensor<Scalar> = try tensor(0)
    let named = try axes(ints("axes") ?? Array(0..<x.rank), x.rank)
    let extents = try integers(1)
    try require(extents.count == named.count && extents.allSatisfy { $0 >= 0 }, "extents \(extents) of axes \(named)")
    var shape = x.shape
    var amounts = [(before: Int, after: Int)](repeating: (0, 0), count: x.rank)
    for (axis, extent) in zip(named, extents) {
      let more = extent - x.shape[axis]
      if more < 0 { x = x.narrowed(axis: axis, start: -more / 2, length: extent) }
      if more > 0 { amounts[axis] = (more / 2, more - more / 2) }
      shape[axis] = extent
    }
    try allow(shape)
    return ONNXTensor(x.padded(amounts, .constant(.zero)))
  }

  /// A number as a scalar of any type.
  func converted<Scalar: TensorScalar>(_ number: Double) -> Scalar {
    ONNXTensor(Tensor(number)).cast(to: Scalar.self).scalars[0]
  }
}
