import TernBackend

/// Batch normalization with the statistics of the batch, as in training, and what often follows it in the same pass.
///
/// For every channel c, over the batch and all positions: μ = mean(x), σ² = mean((x − μ)²),
/// y = activation(γ·(x − μ)/√(σ² + ε) + β + residual). Gradients go through μ and σ² as well.
/// Source: Ioffe & Szegedy 2015, "Batch normalization", algorithm 1.
///
/// - Parameters:
///   - x: [N, C] or [N, C, ..].
///   - scale: γ, [C]; 1 when `nil`.
///   - shift: β, [C]; 0 when `nil`.
///   - epsilon: ε, inside the root.
///   - residual: what is added before the activation, of the shape of x; nothing when `nil`.
///   - activation: what becomes of the sum.
/// - Returns: y of the shape of x; μ and σ² (biased: divided by the number of values), [C] each, as constants (NaN for an
///   empty batch); and the number n of values per channel. Running statistics take the unbiased σ²·n/(n − 1).
///
/// Stops for one value per channel, whose variance says nothing, where γ or β is not [C], and where the residual has
/// another shape.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func batchNorm<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, scale: Tensor<Scalar>? = nil, shift: Tensor<Scalar>? = nil, epsilon: Scalar = 1e-5,
  adding residual: Tensor<Scalar>? = nil, activation: FusedActivation = .identity,
  file: StaticString = #fileID, line: UInt = #line
) -> (output: Tensor<Scalar>, mean: Tensor<Scalar>, variance: Tensor<Scalar>, count: Int) {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let channels = checkChannels(x, [("scale", scale), ("shift", shift)], "batchNorm")
  checkResidual(residual, x, "batchNorm")
  let count = x.count / Swift.max(channels, 1)
  check(count != 1, "batchNorm", "one value per channel in training (\(x.shape)): its variance says nothing")
  let (output, statistics) = normalizedOverChannels(
    "batchNorm", x, scale: scale, shift: shift, adding: residual, appliesReLU: activation == .relu, epsilon: epsilon)
  return (output, statistics.mean, statistics.variance, count)
}

/// Batch normalization with given statistics, as in evaluation:
/// y = activation(γ·(x − μ)/√(σ² + ε) + β + residual) for every channel.
///
/// Gradients reach x, γ, β, μ, σ² and the residual where they are recorded.
///
/// - Parameters:
///   - x: [N, C] or [N, C, ..].
///   - mean: μ, [C].
///   - variance: σ², [C].
///   - scale: γ, [C]; 1 when `nil`.
///   - shift: β, [C]; 0 when `nil`.
///   - epsilon: ε, inside the root.
///   - residual: what is added before the activation, of the shape of x; nothing when `nil`.
///   - activation: what becomes of the sum.
///
/// Stops where μ, σ², γ or β is not [C], and where the residual has another shape.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func batchNorm<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, mean: Tensor<Scalar>, variance: Tensor<Scalar>, scale: Tensor<Scalar>? = nil,
  shift: Tensor<Scalar>? = nil, epsilon: Scalar = 1e-5, adding residual: Tensor<Scalar>? = nil,
  activation: FusedActivation = .identity,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return batchNorm(
    x, mean: mean, variance: variance, scale: scale, shift: shift, epsilon: epsilon, adding: residual,
    activation: activation, reusesInput: false)
}

private func batchNorm<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, mean: Tensor<Scalar>, variance: Tensor<Scalar>, scale: Tensor<Scalar>?,
  shift: Tensor<Scalar>?, epsilon: Scalar, adding residual: Tensor<Scalar>?, activation: FusedActivation,
  reusesInput: Bool
) -> Tensor<Scalar> {
  checkChannels(x, [("mean", mean), ("variance", variance), ("scale", scale), ("shift", shift)], "batchNorm")
  checkResidual(residual, x, "batchNorm")
  let deviation = (variance + epsilon).sqrt()
  let result = channelAffine(
    "batchNorm", x, center: mean, scale: scale.map { $0 / deviation } ?? 1 / deviation, shift: shift,
    adding: residual, appliesReLU: activation == .relu, reusesInput: reusesInput)
  if OperationArguments.isWanted {
    let inputs = [x, mean, variance] + [scale, shift, residual].compactMap { $0 }
    OperationArguments.note(
      "batchNorm with statistics",
      [
        "epsilon": .number(epsilon.number), "hasScale": .flag(scale != nil), "hasShift": .flag(shift != nil),
        "hasResidual": .flag(residual != nil), "appliesReLU": .flag(activation == .relu),
      ])
    OperationObservers.ended(
      "batchNorm with statistics", from: inputs.map { $0.body }, result.body, isComposite: true)
  }
  return result
}

/// Batch normalization with given statistics whose result reuses the memory of x where nothing else references it and
/// nothing is recorded.
package func batchNorm<Scalar: FloatingScalar>(
  consuming x: inout Tensor<Scalar>, mean: Tensor<Scalar>, variance: Tensor<Scalar>, scale: Tensor<Scalar>?,
  shift: Tensor<Scalar>?, epsilon: Scalar, adding residual: Tensor<Scalar>?, activation: FusedActivation
) -> Tensor<Scalar> {
  let isRecorded =
    Recording.isOn && [x, mean, variance, scale, shift, residual].contains { $0?.node != nil }
  let reusesInput = !isRecorded && x.layout.isDense && x.body.isUnique()
  return batchNorm(
    x, mean: mean, variance: variance, scale: scale, shift: shift, epsilon: epsilon, adding: residual,
    activation: activation, reusesInput: reusesInput)
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

/// Checks that what is added to x has its shape.
func checkResidual<Scalar: FloatingScalar>(_ residual: Tensor<Scalar>?, _ x: Tensor<Scalar>, _ operation: String) {
  guard let residual else { return }
  check(residual.shape == x.shape, operation, "a residual \(residual.shape) for \(x.shape)")
}
