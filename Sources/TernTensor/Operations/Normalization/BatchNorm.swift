import TernBackend

/// Batch normalisation with the statistics of the batch, as in training.
///
/// For every channel c, over the batch and all positions: μ = mean(x), σ² = mean((x − μ)²), y = γ·(x − μ)/√(σ² + ε) + β.
/// Gradients go through μ and σ² as well. Source: Ioffe & Szegedy 2015, "Batch normalization", algorithm 1.
///
/// - Parameters:
///   - x: [N, C] or [N, C, ..].
///   - scale: γ, [C]; 1 when `nil`.
///   - shift: β, [C]; 0 when `nil`.
///   - epsilon: ε, inside the root.
/// - Returns: y of the shape of x; μ and σ² (biased: divided by the number of values), [C] each, as constants; and
///   the number of values per channel.
///
/// Stops for one value per channel, whose variance says nothing, and where γ or β is not [C].
public func batchNorm<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, scale: Tensor<Scalar>? = nil, shift: Tensor<Scalar>? = nil, epsilon: Scalar = 1e-5
) -> (output: Tensor<Scalar>, mean: Tensor<Scalar>, variance: Tensor<Scalar>, count: Int) {
  let channels = checkChannels(x, scale, shift, "batchNorm")
  let count = x.count / Swift.max(channels, 1)
  check(
    count != 1, "batchNorm", "one value per channel in training (\(x.shape)): its variance says nothing")
  let axes = x.shape.indices.filter { $0 != 1 }
  let factor = 1 / Scalar(count)
  let mean = x.sum(along: axes, keepingAxes: true) * factor
  let centred = x - mean
  let variance = (centred * centred).sum(along: axes, keepingAxes: true) * factor
  let normalized = centred / (variance + epsilon).sqrt()
  return (
    affine(normalized, scale, shift), mean.detached().reshaped(channels), variance.detached().reshaped(channels), count
  )
}

/// Batch normalisation with given statistics, as in evaluation: y = γ·(x − μ)/√(σ² + ε) + β for every channel.
///
/// - Parameters:
///   - x: [N, C] or [N, C, ..].
///   - mean: μ, [C].
///   - variance: σ², [C].
///   - scale: γ, [C]; 1 when `nil`.
///   - shift: β, [C]; 0 when `nil`.
///   - epsilon: ε, inside the root.
public func batchNorm<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, mean: Tensor<Scalar>, variance: Tensor<Scalar>, scale: Tensor<Scalar>? = nil,
  shift: Tensor<Scalar>? = nil, epsilon: Scalar = 1e-5
) -> Tensor<Scalar> {
  let channels = checkChannels(x, scale, shift, "batchNorm")
  check(
    mean.shape == [channels] && variance.shape == [channels], "batchNorm",
    "mean \(mean.shape) and variance \(variance.shape) for \(channels) channels of \(x.shape)")
  let shape = channelShape(x, channels)
  let normalized = (x - mean.reshaped(shape)) / (variance.reshaped(shape) + epsilon).sqrt()
  return affine(normalized, scale, shift)
}

private func checkChannels<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, _ scale: Tensor<Scalar>?, _ shift: Tensor<Scalar>?, _ operation: String
) -> Int {
  check(x.rank >= 2, operation, "\(x.shape) has no axis of channels: [N, C, ..] is wanted")
  let channels = x.shape[1]
  for (name, tensor) in [("scale", scale), ("shift", shift)] {
    guard let tensor else { continue }
    check(
      tensor.shape == [channels], operation, "\(name) \(tensor.shape) for \(channels) channels of \(x.shape)")
  }
  return channels
}

private func channelShape<Scalar: FloatingScalar>(_ x: Tensor<Scalar>, _ channels: Int) -> [Int] {
  [1, channels] + [Int](repeating: 1, count: x.rank - 2)
}

private func affine<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, _ scale: Tensor<Scalar>?, _ shift: Tensor<Scalar>?
) -> Tensor<Scalar> {
  let shape = channelShape(x, x.shape[1])
  let scaled = scale.map { x * $0.reshaped(shape) } ?? x
  return shift.map { scaled + $0.reshaped(shape) } ?? scaled
}
