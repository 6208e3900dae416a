import TernBackend
import TernTensor

extension NodeCall {
  /// Normalizations.
  static let normalizations: [String: GraphOperator] = [
    "BatchNormalization": { try $0.floating($0.batchNormalization, $0.batchNormalization) },
    "InstanceNormalization": { try $0.floating($0.instanceNormalization, $0.instanceNormalization) },
    "LayerNormalization": { try $0.floating($0.layerNormalization, $0.layerNormalization) },
    "GroupNormalization": { try $0.floating($0.groupNormalization, $0.groupNormalization) },
    "RMSNormalization": { try $0.floating($0.rmsNormalization, $0.rmsNormalization) },
    "LRN": { try $0.floating($0.localResponse, $0.localResponse) },
    "MeanVarianceNormalization": { try $0.floating($0.meanVariance, $0.meanVariance) },
    "LpNormalization": { try $0.floating($0.lpNormalization, $0.lpNormalization) },
  ]

  private func batchNormalization<Scalar: FloatingScalar>(_: Scalar.Type) throws -> [ONNXTensor] {
    let x: Tensor<Scalar> = try tensor(0)
    try require(x.rank >= 2 && x.shape[1] > 0, "an input of shape \(x.shape)")
    let numbers: [Tensor<Scalar>] = try (1...4).map { index in
      let tensor = try value(index)
      // Statistics may have another precision.
      try require(
        tensor.shape == [x.shape[1]]
          && (Scalar.dtype == tensor.dtype || tensor.dtype == .float32 || tensor.dtype == .float64),
        "input \(index) of shape \(tensor.shape) for \(x.shape[1]) channels")
      return tensor.cast(to: Scalar.self)
    }
    let (scale, shift, mean, variance) = (numbers[0], numbers[1], numbers[2], numbers[3])
    let epsilon = Scalar(try float("epsilon", 1e-5))
    let trains = try opset >= 14 ? flag("training_mode") : opset < 7 && hasAttribute("is_test") && !flag("is_test")
    let perChannel = x.count / x.shape[1]
    guard (trains || run.isTraining) && perChannel > 1 else {
      let y = batchNorm(x, mean: mean, variance: variance, scale: scale, shift: shift, epsilon: epsilon)
      return [ONNXTensor(y), ONNXTensor(mean), ONNXTensor(variance)]
    }
    let found = batchNorm(x, scale: scale, shift: shift, epsilon: epsilon)
    let momentum = Scalar(try float("momentum", 0.9))
    let (newMean, newVariance) = withoutGradients {
      (
        mean * momentum + found.mean.detached() * (1 - momentum),
        variance * momentum + found.variance.detached() * (1 - momentum)
      )
    }
    if run.isTraining {
      run.keep(node.inputs[3], ONNXTensor(newMean))
      run.keep(node.inputs[4], ONNXTensor(newVariance))
    }
    return [ONNXTensor(found.output), ONNXTensor(newMean), ONNXTensor(newVariance)]
  }

  /// A tensor of one number for each channel, to broadcast over the axes behind them.
  private func perChannel<Scalar: TensorScalar>(_ index: Int, _ x: Tensor<Scalar>) throws -> Tensor<Scalar> {
    let tensor: Tensor<Scalar> = try tensor(index)
    try require(tensor.shape == [x.shape[1]], "input \(index) of shape \(tensor.shape) for \(x.shape[1]) channels")
    return tensor.reshaped([tensor.count] + [Int](repeating: 1, count: x.rank - 2))
  }

  /// (x − mean) / √(variance + ε) along axes.
  private func standardized<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ axes: [Int], _ epsilon: Scalar
  ) -> (output: Tensor<Scalar>, mean: Tensor<Scalar>, inverse: Tensor<Scalar>) {
    let mean = x.mean(along: axes, keepingAxes: true)
    let centered = x - mean
    let inverse = (centered.square().mean(along: axes, keepingAxes: true) + epsilon).rsqrt()
    return (centered * inverse, mean, inverse)
  }

  private func instanceNormalization<Scalar: FloatingScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let x: Tensor<Scalar> = try tensor(0)
    try require(x.rank > 2, "an input of shape \(x.shape)")
    let (scale, shift) = (try perChannel(1, x), try perChannel(2, x))
    if x.isEmpty { return ONNXTensor(x) }
    let epsilon = Scalar(try float("epsilon", 1e-5))
    if x.shape[2...].reduce(1, *) > 1 {
      let (scale, shift): (Tensor<Scalar>, Tensor<Scalar>) = (try tensor(1), try tensor(2))
      return ONNXTensor(instanceNorm(x, scale: scale, shift: shift, epsilon: epsilon).output)
    }
    return ONNXTensor(standardized(x, Array(2..<x.rank), epsilon).output * scale + shift)
  }

  private func layerNormalization<Scalar: FloatingScalar>(_: Scalar.Type) throws -> [ONNXTensor] {
    let x: Tensor<Scalar> = try tensor(0)
    let axis = try axis(int("axis", -1), x.rank)
    let epsilon = Scalar(try float("epsilon", 1e-5))
    let (scale, shift): (Tensor<Scalar>, Tensor<Scalar>?) = (try tensor(1), try optional(2))
    for tensor in [scale, shift] {
      guard let tensor else { continue }
      try require(try broadcast(x.shape, tensor.shape) == x.shape, "a scale or bias \(tensor.shape) for \(x.shape)")
    }
    let normalized = Array(x.shape[axis...])
    if node.outputs.count == 1, scale.shape == normalized, shift == nil || shift?.shape == normalized, !x.isEmpty {
      return [ONNXTensor(layerNorm(x, normalizedShape: normalized, scale: scale, shift: shift, epsilon: epsilon))]
    }
    if x.isEmpty {
      let statistics = Tensor<Scalar>(zeros: Array(x.shape[..<axis]) + normalized.map { _ in 1 })
      return [ONNXTensor(x), ONNXTensor(statistics), ONNXTensor(statistics)]
    }
    let found = standardized(x, Array(axis..<x.rank), epsilon)
    var y = found.output * scale
    if let shift { y = y + shift }
    return [ONNXTensor(y), ONNXTensor(found.mean), ONNXTensor(found.inverse)]
  }

  private func rmsNormalization<Scalar: FloatingScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let (x, scale): (Tensor<Scalar>, Tensor<Scalar>) = (try tensor(0), try tensor(1))
    let axis = try axis(int("axis", -1), x.rank)
    try require(try broadcast(x.shape, scale.shape) == x.shape, "a scale \(scale.shape) for \(x.shape)")
    if x.isEmpty { return ONNXTensor(x) }
    let means = x.square().mean(along: Array(axis..<x.rank), keepingAxes: true)
    return ONNXTensor(x * (means + Scalar(try float("epsilon", 1e-5))).rsqrt() * scale)
  }

  /// Normalization of groups of channels; before version 21 scale and bias are one for each group.
  private func groupNormalization<Scalar: FloatingScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let (x, scale, shift): (Tensor<Scalar>, Tensor<Scalar>, Tensor<Scalar>) = (
      try tensor(0), try tensor(1), try tensor(2)
    )
    let groups = try int("num_groups", 0)
    try require(
      x.rank > 2 && groups >= 1 && groups <= x.shape[1] && x.shape[1] % groups == 0,
      "\(groups) groups of an input of shape \(x.shape)")
    let channels = x.shape[1]
    func spread(_ tensor: Tensor<Scalar>) throws -> Tensor<Scalar> {
      let ones = [Int](repeating: 1, count: x.rank - 2)
      try require(tensor.shape == [channels] || tensor.shape == [groups], "a scale or bias of shape \(tensor.shape)")
      if tensor.shape == [channels] { return tensor.reshaped([channels] + ones) }
      return tensor.reshaped([groups, 1]).broadcast(to: [groups, channels / groups]).reshaped([channels] + ones)
    }
    let (factor, offset) = (try spread(scale), try spread(shift))
    if x.isEmpty { return ONNXTensor(x) }
    let rows = x.reshaped([x.shape[0], groups, x.count / x.shape[0] / groups])
    let normalized = standardized(rows, [2], Scalar(try float("epsilon", 1e-5))).output.reshaped(x.shape)
    return ONNXTensor(normalized * factor + offset)
  }

  /// x / (bias + alpha / size · Σ x²)^beta over neighboring channels.
  private func localResponse<Scalar: FloatingScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let x: Tensor<Scalar> = try tensor(0)
    let size = try int("size", 1)
    try require(x.rank >= 3 && size >= 1 && size <= 1024, "a window of \(size) channels of \(x.shape)")
    try allow([x.shape[0], x.shape[1] + size] + x.shape[2...])
    let before = (size - 1) / 2
    let squares = x.square().padded(
      [(before, size - 1 - before)] + [(before: Int, after: Int)](repeating: (0, 0), count: x.rank - 2))
    var sums = squares.narrowed(axis: 1, start: 0, length: x.shape[1])
    for start in 1..<Swift.max(size, 1) where size > 1 {
      sums = sums + squares.narrowed(axis: 1, start: start, length: x.shape[1])
    }
    let factor = Scalar(try float("alpha", 1e-4) / Double(size))
    return ONNXTensor(x / (sums * factor + Scalar(try float("bias", 1))).pow(Scalar(try float("beta", 0.75))))
  }

  private func meanVariance<Scalar: FloatingScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let x: Tensor<Scalar> = try tensor(0)
    let axes = try axes(ints("axes") ?? [0, 2, 3], x.rank)
    if x.isEmpty { return ONNXTensor(x) }
    let mean = x.mean(along: axes, keepingAxes: true)
    let deviation = (x.square().mean(along: axes, keepingAxes: true) - mean.square()).sqrt()
    return ONNXTensor((x - mean) / (deviation + 1e-9))
  }

  private func lpNormalization<Scalar: FloatingScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let x: Tensor<Scalar> = try tensor(0)
    let axis = try axis(int("axis", -1), x.rank)
    let p = try int("p", 2)
    try require(p == 1 || p == 2, "a norm of order \(p)")
    let norms = p == 1 ? x.abs().sum(along: [axis], keepingAxes: true) : x.norm(2, along: [axis], keepingAxes: true)
    return ONNXTensor(select(norms .== 0, Tensor<Scalar>(zerosLike: x), x / norms))
  }
}
