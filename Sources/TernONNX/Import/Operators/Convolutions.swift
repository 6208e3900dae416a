import TernBackend
import TernTensor

/// The numbers of a window that slides over the last axes: those of convolutions and pooling.
struct SlidingWindow {
  let kernel: [Int]
  let strides: [Int]
  let dilations: [Int]
  var before: [Int]
  var after: [Int]

  /// The reach of the kernel along each axis.
  var reach: [Int] { zip(kernel, dilations).map { ($0 - 1) * $1 + 1 } }
  var isSymmetric: Bool { before == after }
}

extension NodeCall {
  /// Convolutions.
  static let convolutions: [String: GraphOperator] = [
    "Conv": { try $0.floating($0.convolution, $0.convolution) },
    "ConvTranspose": { try $0.floating($0.transposedConvolution, $0.transposedConvolution) },
  ]

  /// The window of the node's attributes over `extents`; `auto_pad` is carried out.
  func window(kernel: [Int], over extents: [Int], isTransposed: Bool = false) throws -> SlidingWindow {
    let axes = extents.count
    let strides = try ints("strides") ?? [Int](repeating: 1, count: axes)
    let dilations = try ints("dilations") ?? [Int](repeating: 1, count: axes)
    let pads = try ints("pads") ?? [Int](repeating: 0, count: 2 * axes)
    try require(
      kernel.count == axes && strides.count == axes && dilations.count == axes && pads.count == 2 * axes,
      "a kernel \(kernel), strides \(strides), dilations \(dilations) and pads \(pads) for \(axes) axes")
    let most = 1 << 24
    try require(
      (kernel + strides + dilations).allSatisfy { $0 >= 1 && $0 <= most },
      "a kernel \(kernel), strides \(strides) and dilations \(dilations)")
    try require(pads.allSatisfy { $0 >= 0 && $0 <= most }, "pads \(pads)")
    var window = SlidingWindow(
      kernel: kernel, strides: strides, dilations: dilations, before: Array(pads[..<axes]), after: Array(pads[axes...]))
    try require(window.reach.allSatisfy { $0 <= most }, "a kernel that reaches over \(window.reach)")
    let mode = try text("auto_pad", "NOTSET")
    switch mode {
    case "NOTSET", "": break
    case "VALID":
      window.before = [Int](repeating: 0, count: axes)
      window.after = window.before
    case "SAME_UPPER", "SAME_LOWER":
      guard !isTransposed else { break }
      for axis in 0..<axes {
        let count = (extents[axis] + strides[axis] - 1) / strides[axis]
        let total = Swift.max((count - 1) * strides[axis] + window.reach[axis] - extents[axis], 0)
        let (small, large) = (total / 2, total - total / 2)
        (window.before[axis], window.after[axis]) = mode == "SAME_UPPER" ? (small, large) : (large, small)
      }
    default: throw error("auto_pad \"\(mode)\"")
    }
    return window
  }

  private func convolution<Scalar: FloatingScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let (x, weight): (Tensor<Scalar>, Tensor<Scalar>) = (try tensor(0), try tensor(1))
    let bias: Tensor<Scalar>? = try optional(2)
    return ONNXTensor(try convolution(x, weight, bias))
  }

  /// The convolution of the node's attributes.
  func convolution<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ weight: Tensor<Scalar>, _ bias: Tensor<Scalar>?
  ) throws -> Tensor<Scalar> {
    let groups = try int("group", 1)
    try require((3...5).contains(x.rank), "an input of shape \(x.shape): 1, 2 or 3 axes are convolved")
    try require(
      weight.rank == x.rank && !weight.isEmpty && groups >= 1 && groups <= weight.shape[0]
        && weight.shape[0] % groups == 0 && weight.shape[1] <= x.shape[1] && x.shape[1] == weight.shape[1] * groups,
      "a weight of shape \(weight.shape) in \(groups) groups for an input of shape \(x.shape)")
    let kernel = Array(weight.shape[2...])
    if let named = try ints("kernel_shape") {
      try require(named == kernel, "a kernel \(named), the weight's is \(kernel)")
    }
    if let bias { try require(bias.shape == [weight.shape[0]], "a bias of shape \(bias.shape)") }
    let extents = Array(x.shape[2...])
    let window = try window(kernel: kernel, over: extents)
    let padded = extents.indices.map { extents[$0] + window.before[$0] + window.after[$0] }
    for axis in padded.indices {
      try require(window.reach[axis] <= padded[axis], "a kernel that reaches over \(window.reach) of \(padded)")
    }
    try allow([x.shape[0], x.shape[1]] + padded)
    let counts = padded.indices.map { (padded[$0] - window.reach[$0]) / window.strides[$0] + 1 }
    try allow([x.shape[0], weight.shape[0]] + counts)
    let (s, d, b, a) = (window.strides, window.dilations, window.before, window.after)
    switch x.rank {
    case 3:
      return conv1D(
        x, weight, bias: bias, stride: s[0], padding: Padding1D(before: b[0], after: a[0]), dilation: d[0],
        groups: groups)
    case 4:
      return conv2D(
        x, weight, bias: bias, stride: Pair(s[0], s[1]),
        padding: Padding2D(top: b[0], bottom: a[0], left: b[1], right: a[1]), dilation: Pair(d[0], d[1]),
        groups: groups)
    default:
      return conv3D(
        x, weight, bias: bias, stride: Triple(s[0], s[1], s[2]),
        padding: Padding3D(front: b[0], back: a[0], top: b[1], bottom: a[1], left: b[2], right: a[2]),
        dilation: Triple(d[0], d[1], d[2]), groups: groups)
    }
  }

  private func transposedConvolution<Scalar: FloatingScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let (x, weight): (Tensor<Scalar>, Tensor<Scalar>) = (try tensor(0), try tensor(1))
    let bias: Tensor<Scalar>? = try optional(2)
    let groups = try int("group", 1)
    try require((3...5).contains(x.rank), "an input of shape \(x.shape): 1, 2 or 3 axes are convolved")
    try require(
      weight.rank == x.rank && !weight.isEmpty && weight.shape[0] == x.shape[1] && groups >= 1
        && groups <= x.shape[1] && x.shape[1] % groups == 0,
      "a weight of shape \(weight.shape) in \(groups) groups for an input of shape \(x.shape)")
    let (axes, extents, kernel) = (x.rank - 2, Array(x.shape[2...]), Array(weight.shape[2...]))
    try require(!extents.contains(0), "an input of shape \(x.shape)")
    if let named = try ints("kernel_shape") {
      try require(named == kernel, "a kernel \(named), the weight's is \(kernel)")
    }
    let channels = weight.shape[1] * groups
    if let bias { try require(bias.shape == [channels], "a bias of shape \(bias.shape)") }
    var window = try window(kernel: kernel, over: extents, isTransposed: true)
    let extra = try ints("output_padding") ?? [Int](repeating: 0, count: axes)
    try require(extra.count == axes && extra.allSatisfy { $0 >= 0 && $0 <= 1 << 24 }, "output_padding \(extra)")
    let full = (0..<axes).map { (extents[$0] - 1) * window.strides[$0] + window.reach[$0] }
    // What is cut away before and behind; more behind where it is below 0.
    let mode = try text("auto_pad", "NOTSET")
    var wanted = try ints("output_shape")
    if mode.hasPrefix("SAME"), wanted == nil { wanted = (0..<axes).map { extents[$0] * window.strides[$0] } }
    var cut = (0..<axes).map { (before: window.before[$0], after: window.after[$0] - extra[$0]) }
    if let wanted {
      try require(wanted.count == axes && wanted.allSatisfy { $0 >= 1 && $0 <= 1 << 24 }, "an output shape \(wanted)")
      for axis in 0..<axes {
        let total = full[axis] + extra[axis] - wanted[axis]
        let before = total < 0 ? 0 : mode == "SAME_UPPER" ? total / 2 : total - total / 2
        cut[axis] = (before, total - before - extra[axis])
      }
    }
    let result = (0..<axes).map { full[$0] - cut[$0].before - cut[$0].after }
    try require(result.allSatisfy { $0 >= 1 }, "a result with the extents \(result)")
    try allow([x.shape[0], channels] + full)
    try allow([x.shape[0], channels] + result)
    window.before = [Int](repeating: 0, count: axes)
    window.after = window.before
    let isPlain = (0..<axes).allSatisfy { axis in
      let (before, after) = cut[axis]
      let more = before - after
      return more >= 0 && more < Swift.max(window.strides[axis], window.dilations[axis]) && before <= window.reach[axis]
    }
    let padding = isPlain ? cut.map(\.before) : window.before
    let more = isPlain ? cut.map { $0.before - $0.after } : window.before
    var y: Tensor<Scalar>
    let (s, d) = (window.strides, window.dilations)
    let early = isPlain ? bias : nil
    switch axes {
    case 1:
      y = transposedConv1D(
        x, weight, bias: early, stride: s[0], padding: Padding1D(padding[0]), outputPadding: more[0], dilation: d[0],
        groups: groups)
    case 2:
      y = transposedConv2D(
        x, weight, bias: early, stride: Pair(s[0], s[1]), padding: Padding2D(padding[0], padding[1]),
        outputPadding: Pair(more[0], more[1]), dilation: Pair(d[0], d[1]), groups: groups)
    default:
      y = transposedConv3D(
        x, weight, bias: early, stride: Triple(s[0], s[1], s[2]),
        padding: Padding3D(padding[0], padding[1], padding[2]), outputPadding: Triple(more[0], more[1], more[2]),
        dilation: Triple(d[0], d[1], d[2]), groups: groups)
    }
    if !isPlain {
      for axis in 0..<axes where cut[axis].before > 0 || cut[axis].after > 0 {
        let length = full[axis] - cut[axis].before - Swift.max(cut[axis].after, 0)
        try require(length >= 0, "cuts more than there is")
        y = y.narrowed(axis: axis + 2, start: cut[axis].before, length: length)
      }
      if cut.contains(where: { $0.after < 0 }) { y = y.padded(cut.map { (0, Swift.max(-$0.after, 0)) }) }
      if let bias { y = y + bias.reshaped([channels] + [Int](repeating: 1, count: axes)) }
    }
    return ONNXTensor(y)
  }
}
