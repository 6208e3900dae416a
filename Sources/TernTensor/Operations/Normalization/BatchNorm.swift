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
/// - Returns: y of the shape of x; μ and σ² (biased: divided by the number of values), [C] each, as constants (NaN for an
///   empty batch); and the number n of values per channel. Running statistics take the unbiased σ²·n/(n − 1).
///
/// Stops for one value per channel, whose variance says nothing, and where γ or β is not [C].
public func batchNorm<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, scale: Tensor<Scalar>? = nil, shift: Tensor<Scalar>? = nil, epsilon: Scalar = 1e-5
) -> (output: Tensor<Scalar>, mean: Tensor<Scalar>, variance: Tensor<Scalar>, count: Int) {
  let channels = checkChannels(x, [("scale", scale), ("shift", shift)], "batchNorm")
  let count = x.count / Swift.max(channels, 1)
  check(count != 1, "batchNorm", "one value per channel in training (\(x.shape)): its variance says nothing")
  let (output, statistics) = standardized("batchNorm", x, scale: scale, shift: shift, epsilon: epsilon)
  return (
    output, Tensor(rounding: statistics.mean, shape: [channels]),
    Tensor(rounding: statistics.variance, shape: [channels]), count
  )
}

/// Batch normalisation with given statistics, as in evaluation: y = γ·(x − μ)/√(σ² + ε) + β for every channel.
///
/// Gradients reach x, γ, β, μ and σ² where they are recorded.
///
/// - Parameters:
///   - x: [N, C] or [N, C, ..].
///   - mean: μ, [C].
///   - variance: σ², [C].
///   - scale: γ, [C]; 1 when `nil`.
///   - shift: β, [C]; 0 when `nil`.
///   - epsilon: ε, inside the root.
///
/// Stops where μ, σ², γ or β is not [C].
public func batchNorm<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, mean: Tensor<Scalar>, variance: Tensor<Scalar>, scale: Tensor<Scalar>? = nil,
  shift: Tensor<Scalar>? = nil, epsilon: Scalar = 1e-5
) -> Tensor<Scalar> {
  checkChannels(x, [("mean", mean), ("variance", variance), ("scale", scale), ("shift", shift)], "batchNorm")
  let deviation = (variance + epsilon).sqrt()
  return channelAffine(
    "batchNorm", x, centre: mean, scale: scale.map { $0 / deviation } ?? 1 / deviation, shift: shift)
}

/// Checks that x has an axis of channels and that every tensor has an element for each; returns their number.
@discardableResult
func checkChannels<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, _ tensors: [(name: String, tensor: Tensor<Scalar>?)], _ operation: String
) -> Int {
  check(x.rank >= 2, operation, "\(x.shape) has no axis of channels: [N, C, ..] is wanted")
  let channels = x.shape[1]
  for case (let name, let tensor?) in tensors {
    check(
      tensor.shape == [channels], operation, "\(name) \(tensor.shape) for \(channels) channels of \(x.shape)")
  }
  return channels
}
