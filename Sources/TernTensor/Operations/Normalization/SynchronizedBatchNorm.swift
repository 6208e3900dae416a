import TernBackend

/// The shards of a step that normalize together: each gives numbers, and all get those of all.
///
/// Every shard calls the same functions in the same order.
package protocol StatisticsExchange: AnyObject, Sendable {
  /// The numbers of all shards, in the order of shards, equally many of each that takes part.
  func gather(_ values: [Double]) -> [[Double]]
  /// The sums over all shards, in the order of shards.
  func sum(_ values: [Double]) -> [Double]
}

/// Batch normalization whose statistics are those of all shards of a step together.
///
/// Shard r has n values a channel (maybe none) with the mean μᵣ and Mᵣ = Σ(x − μᵣ)². N = Σnᵣ, μ = Σnᵣ·μᵣ/N,
/// M = Σ(Mᵣ + nᵣ(μᵣ − μ)²), σ² = M/N, and y = activation(γ·(x − μ)/√(σ² + ε) + β + residual). With g = dL/dy,
/// a = Σ g and b = Σ g·x̂ over all shards, dL/dx = γ/√(σ² + ε)·(g − a/N − x̂·b/N); the gradients of γ and β are the sums over
/// this shard. Nothing cancels: means and sums of squares travel in Double, never E[x²] − μ².
///
/// Stops where all shards together have one value per channel, and for a second derivative.
///
/// - Parameters:
///   - x: [N, C] or [N, C, ..], N from 0.
///   - exchange: the shards.
/// - Returns: y of the shape of x; μ and σ² (biased), [C] each, as constants; and N.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
package func batchNorm<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, over exchange: any StatisticsExchange, scale: Tensor<Scalar>? = nil,
  shift: Tensor<Scalar>? = nil, epsilon: Scalar = 1e-5, adding residual: Tensor<Scalar>? = nil,
  activation: FusedActivation = .identity
) -> (output: Tensor<Scalar>, mean: Tensor<Scalar>, variance: Tensor<Scalar>, count: Int) {
  checkChannels(x, [("scale", scale), ("shift", shift)], "batchNorm")
  checkResidual(residual, x, "batchNorm")
  let dense = x.dense
  let (scale, shift) = (scale?.contiguous, shift?.contiguous)
  let appliesReLU = activation == .relu
  let output = Tensor<Scalar>(uninitialized: dense.layout)
  let statistics = SharedStatistics(
    dense, over: exchange, scale: scale, shift: shift, adding: residual?.withLayout(of: dense.layout),
    appliesReLU: appliesReLU, epsilon: epsilon, into: output)
  let constant = Tensor<Scalar>(0)
  var saving: Saving = scale == nil ? .first : [.first, .second]
  if appliesReLU && residual != nil { saving.insert(.output) }
  let recorded = output.recorded(
    "batchNorm", from: dense, scale ?? constant, shift ?? constant, residual ?? constant, saving: saving
  ) { [layout = dense.layout, hasScale = scale != nil, hasResidual = residual != nil] d in
    check(
      !d.createGraph, "batchNorm", "second derivatives of statistics that are synchronized over shards are not there")
    let (x, given) = (d.input(0), d.gradient.withLayout(of: layout))
    let masksByResult = appliesReLU && hasResidual
    let g = masksByResult ? Tensor<Scalar>(uninitialized: layout) : given
    let gradients = statistics.gradients(
      given, x, over: exchange, scale: hasScale ? d.input(1) : nil, appliesReLU: appliesReLU && !hasResidual,
      y: masksByResult ? (d.output.detached(), g) : nil)
    d.send(0) { gradients.input }
    d.send(1) { gradients.scale }
    d.send(2) { gradients.shift }
    d.send(3) { g }
  }
  return (recorded, statistics.mean, statistics.variance, statistics.count)
}

/// What `ChannelStatistics` is for one shard, for all shards of a step.
private struct SharedStatistics<Scalar: FloatingScalar>: Sendable {
  private let partition: ChannelPartition
  /// 1/√(σ² + ε), then the part of the mean that the scalar type cannot hold: [2·channels].
  private let inverseDeviations: Tensor<Double>
  /// For every entry: the mean, the factor of x − mean, and the shift.
  private let channelCoefficients: Tensor<Scalar>
  let mean: Tensor<Scalar>
  let variance: Tensor<Scalar>
  /// The values per channel of all shards.
  let count: Int

  init(
    _ x: Tensor<Scalar>, over exchange: any StatisticsExchange, scale: Tensor<Scalar>?, shift: Tensor<Scalar>?,
    adding residual: Tensor<Scalar>?, appliesReLU: Bool, epsilon: Scalar, into output: Tensor<Scalar>
  ) {
    partition = ChannelPartition(x.layout)
    let channels = partition.channels
    let shards = exchange.gather([Double(partition.count)] + partition.moments(x).scalars)
    let (count, moments) = Self.combined(shards, channels)
    check(count != 1, "batchNorm", "one value per channel in all shards of a training step: its variance says nothing")
    self.count = count
    inverseDeviations = Tensor(uninitialized: [2 * channels])
    channelCoefficients = Tensor(uninitialized: [3 * partition.entries.count])
    mean = Tensor(uninitialized: [channels])
    variance = Tensor(uninitialized: [channels])
    Scalar.normalizationCoefficients(
      partition.entries, count: count, epsilon: Double(epsilon), moments.pointer, moments.pointer + channels,
      gamma: scale?.pointer, beta: shift?.pointer, inverseDeviations: inverseDeviations.mutablePointer,
      coefficients: channelCoefficients.mutablePointer, means: mean.mutablePointer,
      variances: variance.mutablePointer)
    partition.affine(x, coefficients: channelCoefficients, adding: residual, appliesReLU: appliesReLU, into: output)
    withExtendedLifetime((moments, scale, shift)) {}
  }

  /// N, and μ and M of every channel, [2·channels].
  private static func combined(_ shards: [[Double]], _ channels: Int) -> (count: Int, moments: Tensor<Double>) {
    let shards = shards.filter { $0.count == 1 + 2 * channels && $0[0] > 0 }
    let total = shards.reduce(0) { $0 + $1[0] }
    guard let first = shards.first else { return (0, Tensor(zeros: [2 * channels])) }
    var moments = [Double](repeating: 0, count: 2 * channels)
    for channel in 1..<channels + 1 {
      // As distances from one of the means, so that large ones do not round.
      let near = first[channel]
      var distance = 0.0
      for shard in shards { distance += shard[0] * (shard[channel] - near) }
      let mean = near + distance / total
      var squares = 0.0
      for shard in shards {
        let away = shard[channel] - mean
        squares += shard[channels + channel] + shard[0] * (away * away)
      }
      moments[channel - 1] = mean
      moments[channels + channel - 1] = squares
    }
    return (Int(total), Tensor(moments))
  }

  /// The gradients of input, scale and shift from that of the normalized values; see `ChannelStatistics`.
  func gradients(
    _ g: Tensor<Scalar>, _ x: Tensor<Scalar>, over exchange: any StatisticsExchange, scale: Tensor<Scalar>?,
    appliesReLU: Bool, y: (result: Tensor<Scalar>, masked: Tensor<Scalar>)?
  ) -> (input: Tensor<Scalar>, scale: Tensor<Scalar>, shift: Tensor<Scalar>) {
    let channels = partition.channels
    defer { withExtendedLifetime((scale, self)) {} }
    let own = partition.productSums(g, x, coefficients: channelCoefficients, appliesReLU: appliesReLU, y: y)
    let all = Tensor(exchange.sum(own.scalars))
    func coefficients(_ sums: Tensor<Double>) -> (Tensor<Scalar>, scale: Tensor<Scalar>, shift: Tensor<Scalar>) {
      let table = Tensor<Scalar>(uninitialized: [3 * partition.entries.count])
      let (gammas, betas) = (Tensor<Scalar>(uninitialized: [channels]), Tensor<Scalar>(uninitialized: [channels]))
      Scalar.normalizationGradients(
        partition.entries, count: count, gamma: scale?.pointer, inverseDeviations: inverseDeviations.pointer,
        sums.pointer, sums.pointer + channels, coefficients: table.mutablePointer,
        gammaGradients: gammas.mutablePointer, betaGradients: betas.mutablePointer)
      withExtendedLifetime(sums) {}
      return (table, gammas, betas)
    }
    let local = coefficients(own.flattened())
    let input = partition.affinePair(
      y?.masked ?? g, x, coefficients: channelCoefficients, gradientCoefficients: coefficients(all).0,
      appliesReLU: appliesReLU)
    return (input, local.scale, local.shift)
  }
}
