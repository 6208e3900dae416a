import TernBackend
import TernTensor

extension NodeCall {
  /// Pooling over windows and over whole images.
  static let pooling: [String: GraphOperator] = [
    "MaxPool": { try $0.maxPool() },
    "AveragePool": { try $0.floating($0.averagePool, $0.averagePool) },
    "LpPool": { try $0.floating($0.averagePool, $0.averagePool) },
    "GlobalAveragePool": { try $0.floating($0.globalPool, $0.globalPool) },
    "GlobalMaxPool": { try $0.floating($0.globalPool, $0.globalPool) },
    "GlobalLpPool": { try $0.floating($0.globalPool, $0.globalPool) },
    "MaxUnpool": { try $0.floating($0.maxUnpool, $0.maxUnpool) },
  ]

  /// The window of a pooling, and how many of it there are along each axis.
  private func poolingWindow(_ shape: [Int]) throws -> (window: SlidingWindow, counts: [Int]) {
    try require((3...5).contains(shape.count), "an input of shape \(shape): 1, 2 or 3 axes are pooled")
    let extents = Array(shape[2...])
    guard let kernel = try ints("kernel_shape") else { throw error("kernel_shape is missing") }
    let window = try window(kernel: kernel, over: extents)
    let ceils = try flag("ceil_mode")
    var counts: [Int] = []
    for axis in extents.indices {
      let (extent, reach, stride) = (extents[axis], window.reach[axis], window.strides[axis])
      let padded = extent + window.before[axis] + window.after[axis]
      // Below 0 rounded toward 0, as ONNX Runtime does: a window that reaches too far is none, or one that the image ends in.
      let room = padded - reach
      var count = (room + (ceils && room > 0 ? stride - 1 : 0)) / stride + 1
      try require(extent > 0 && count >= 0, "a window that reaches over \(reach) of \(padded)")
      // The last window begins inside the image or in front of it.
      if ceils && count > 0 && (count - 1) * stride >= extent + window.before[axis] { count -= 1 }
      counts.append(count)
    }
    try allow(Array(shape[..<2]) + counts)
    try allow(
      Array(shape[..<2]) + extents.indices.map { Swift.max(counts[$0] - 1, 0) * window.strides[$0] + window.reach[$0] })
    return (window, counts)
  }

  /// The input surrounded by what its windows reach, and no more.
  private func surrounded<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ window: SlidingWindow, _ counts: [Int], by value: Scalar
  ) -> Tensor<Scalar> {
    var x = x
    var amounts: [(before: Int, after: Int)] = []
    for axis in counts.indices {
      let reached = (counts[axis] - 1) * window.strides[axis] + window.reach[axis] - window.before[axis]
      let extent = x.shape[axis + 2]
      if reached < extent { x = x.narrowed(axis: axis + 2, start: 0, length: Swift.max(reached, 0)) }
      amounts.append((window.before[axis], Swift.max(reached - extent, 0)))
    }
    return amounts.contains { $0 != (0, 0) } ? x.padded(amounts, .constant(value)) : x
  }

  private func maxPool() throws -> [ONNXTensor] {
    let x = try value(0)
    switch x.dtype {
    case .float32: return try maxPool(tensor(0, as: Float.self))
    case .float64: return try maxPool(tensor(0, as: Double.self))
    case .uint8, .int32:
      // Exact in double precision.
      let pooled = try maxPool(x.cast(to: Double.self))
      guard let values = pooled[0].tensor(Double.self) else { return pooled }
      let first = x.dtype == .uint8 ? ONNXTensor(values.cast(to: UInt8.self)) : ONNXTensor(values.cast(to: Int32.self))
      return [first] + pooled.dropFirst()
    default: throw error("\(x.dtype) is not one of its types in Tern")
    }
  }

  private func maxPool<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) throws -> [ONNXTensor] {
    let (window, counts) = try poolingWindow(x.shape)
    let padded = surrounded(x, window, counts, by: -.infinity)
    if padded.isEmpty || counts.contains(0) {
      let shape = Array(x.shape[..<2]) + counts
      return [ONNXTensor(Tensor<Scalar>(zeros: shape)), ONNXTensor(Tensor<Int>(zeros: shape))]
    }
    let (k, s, d) = (window.kernel, window.strides, window.dilations)
    let wantsPositions = node.outputs.count > 1 && !node.outputs[1].isEmpty
    let values: Tensor<Scalar>
    var places: Tensor<Int>?
    switch k.count {
    case 1:
      if wantsPositions {
        let found = maxPool1DWithIndices(padded, kernelSize: k[0], stride: s[0], dilation: d[0])
        (values, places) = (found.values, found.indices)
      } else {
        values = maxPool1D(padded, kernelSize: k[0], stride: s[0], dilation: d[0])
      }
    case 2:
      let (k, s, d) = (Pair(k[0], k[1]), Pair(s[0], s[1]), Pair(d[0], d[1]))
      if wantsPositions {
        let found = maxPool2DWithIndices(padded, kernelSize: k, stride: s, dilation: d)
        (values, places) = (found.values, found.indices)
      } else {
        values = maxPool2D(padded, kernelSize: k, stride: s, dilation: d)
      }
    default:
      let (k, s, d) = (Triple(k[0], k[1], k[2]), Triple(s[0], s[1], s[2]), Triple(d[0], d[1], d[2]))
      if wantsPositions {
        let found = maxPool3DWithIndices(padded, kernelSize: k, stride: s, dilation: d)
        (values, places) = (found.values, found.indices)
      } else {
        values = maxPool3D(padded, kernelSize: k, stride: s, dilation: d)
      }
    }
    guard let places else { return [ONNXTensor(values)] }
    let order = try int("storage_order", 0)
    return [ONNXTensor(values), ONNXTensor(wholePositions(places, padded.shape, x.shape, window.before, order))]
  }

  /// Positions in padded images as positions in all of the input, in row-major order or (1) column-major images.
  private func wholePositions(
    _ places: Tensor<Int>, _ padded: [Int], _ shape: [Int], _ before: [Int], _ order: Int
  ) -> Tensor<Int> {
    let axes = before.count
    let image = shape[2...].reduce(1, *)
    let perImage = places.count / Swift.max(shape[0] * shape[1], 1)
    var found = places.scalars
    for i in found.indices {
      var (rest, position, step) = (found[i], 0, 1)
      var coordinates = [Int](repeating: 0, count: axes)
      for axis in stride(from: axes - 1, through: 0, by: -1) {
        coordinates[axis] = rest % padded[axis + 2] - before[axis]
        rest /= padded[axis + 2]
      }
      for axis in order == 1 ? Array(0..<axes) : Array((0..<axes).reversed()) {
        position += coordinates[axis] * step
        step *= shape[axis + 2]
      }
      found[i] = position + i / Swift.max(perImage, 1) * image
    }
    return Tensor(found, shape: places.shape)
  }

  /// Sums over windows, as a convolution of each channel with ones.
  private func windowSums<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ window: SlidingWindow, _ counts: [Int]
  ) -> Tensor<Scalar> {
    let padded = surrounded(x, window, counts, by: 0)
    let planes = padded.reshaped([x.shape[0] * x.shape[1], 1] + padded.shape[2...])
    let ones = Tensor<Scalar>(ones: [1, 1] + window.kernel)
    let (s, d) = (window.strides, window.dilations)
    let sums: Tensor<Scalar>
    switch counts.count {
    case 1: sums = conv1D(planes, ones, stride: s[0], dilation: d[0])
    case 2: sums = conv2D(planes, ones, stride: Pair(s[0], s[1]), dilation: Pair(d[0], d[1]))
    default: sums = conv3D(planes, ones, stride: Triple(s[0], s[1], s[2]), dilation: Triple(d[0], d[1], d[2]))
    }
    return sums.reshaped(Array(x.shape[..<2]) + counts)
  }

  private func averagePool<Scalar: FloatingScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let x: Tensor<Scalar> = try tensor(0)
    let (window, counts) = try poolingWindow(x.shape)
    if x.isEmpty || counts.contains(0) { return ONNXTensor(Tensor<Scalar>(zeros: Array(x.shape[..<2]) + counts)) }
    if operation == "LpPool" {
      let p = opset < 2 ? try float("p", 2) : Double(try int("p", 2))
      try require(p > 0, "a norm of order \(p)")
      return ONNXTensor(windowSums(x.abs().pow(Scalar(p)), window, counts).pow(Scalar(1 / p)))
    }
    let (counted, ceils) = (try flag("count_include_pad"), try flag("ceil_mode"))
    let (k, s) = (window.kernel, window.strides)
    let isPlain =
      window.isSymmetric && window.dilations.allSatisfy { $0 == 1 } && !ceils
      && k.indices.allSatisfy { window.before[$0] <= k[$0] / 2 && k[$0] <= x.shape[$0 + 2] + 2 * window.before[$0] }
    if isPlain {
      let p = window.before
      switch k.count {
      case 1: return ONNXTensor(avgPool1D(x, kernelSize: k[0], stride: s[0], padding: p[0], countsPadding: counted))
      case 2:
        return ONNXTensor(
          avgPool2D(
            x, kernelSize: Pair(k[0], k[1]), stride: Pair(s[0], s[1]), padding: Pair(p[0], p[1]), countsPadding: counted
          ))
      default:
        return ONNXTensor(
          avgPool3D(
            x, kernelSize: Triple(k[0], k[1], k[2]), stride: Triple(s[0], s[1], s[2]),
            padding: Triple(p[0], p[1], p[2]), countsPadding: counted))
      }
    }
    // How many pixels each window covers; padding counts where it is asked for, what lies behind it never.
    var mask = Tensor<Scalar>(ones: [1, 1] + x.shape[2...])
    var rest = window
    if counted {
      mask = mask.padded(window.before.indices.map { (window.before[$0], window.after[$0]) }, .constant(1))
      rest.before = rest.before.map { _ in 0 }
    }
    return ONNXTensor(windowSums(x, window, counts) / windowSums(mask, rest, counts))
  }

  private func globalPool<Scalar: FloatingScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let x: Tensor<Scalar> = try tensor(0)
    try require(x.rank > 2 && !x.shape[2...].contains(0), "an input of shape \(x.shape)")
    let axes = Array(2..<x.rank)
    switch operation {
    case "GlobalAveragePool": return ONNXTensor(x.mean(along: axes, keepingAxes: true))
    case "GlobalMaxPool": return ONNXTensor(x.amax(along: axes, keepingAxes: true))
    default:
      let p = opset < 2 ? try float("p", 2) : Double(try int("p", 2))
      try require(p > 0, "a norm of order \(p)")
      return ONNXTensor(x.norm(p, along: axes, keepingAxes: true))
    }
  }

  /// Values put back where they were the largest.
  private func maxUnpool<Scalar: FloatingScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let (x, places): (Tensor<Scalar>, Tensor<Int>) = (try tensor(0), try positions(1))
    try require((3...5).contains(x.rank) && places.shape == x.shape, "positions \(places.shape) for \(x.shape)")
    guard let kernel = try ints("kernel_shape") else { throw error("kernel_shape is missing") }
    let window = try window(kernel: kernel, over: Array(x.shape[2...]))
    let natural = kernel.indices.map { axis in
      (x.shape[axis + 2] - 1) * window.strides[axis] + kernel[axis] - window.before[axis] - window.after[axis]
    }
    var shape = Array(x.shape[..<2]) + natural
    let source = shape
    if has(2) { shape = try integers(2) }
    try require(shape.count == x.rank && source.allSatisfy { $0 >= 0 }, "an output shape \(shape)")
    try allow(shape)
    try allow(source)
    let flat = places.reshaped([places.count])
    var counts = flat.scalars
    let all = source.reduce(1, *)
    for i in counts.indices {
      try require(counts[i] >= 0 && counts[i] < all, "position \(counts[i]) outside of \(source)")
      // Positions count in the natural shape, whose images may be smaller.
      if shape != source {
        var (rest, coordinates) = (counts[i], [Int](repeating: 0, count: x.rank))
        for axis in stride(from: x.rank - 1, through: 0, by: -1) {
          coordinates[axis] = rest % source[axis]
          rest /= source[axis]
        }
        var position = 0
        for axis in 0..<x.rank {
          try require(coordinates[axis] < shape[axis], "position \(counts[i]) outside of \(shape)")
          position = position * shape[axis] + coordinates[axis]
        }
        counts[i] = position
      }
    }
    let zeros = Tensor<Scalar>(zeros: [shape.reduce(1, *)])
    if x.isEmpty { return ONNXTensor(zeros.reshaped(shape)) }
    return ONNXTensor(zeros.scattering(x.reshaped([x.count]), at: Tensor(counts), along: 0).reshaped(shape))
  }
}
