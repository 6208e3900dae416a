import TernBackend

/// The statistics of every channel and the coefficients that normalize it.
///
/// A mean of 10⁴ as Float is off by 5·10⁻⁴: the nearest Float is subtracted from the elements, and the remainder of the
/// mean goes into the shift, where values are small.
struct ChannelStatistics<Scalar: FloatingScalar>: Sendable {
  let partition: ChannelPartition
  /// 1/√(σ² + ε), then the part of the mean that the scalar type cannot hold: [2·channels].
  let inverseDeviations: Tensor<Double>
  /// For every entry: the mean, the factor of x − mean, and the shift.
  let channelCoefficients: Tensor<Scalar>
  /// μ, rounded to the scalar type; NaN of an empty channel.
  fileprivate(set) var mean: Tensor<Scalar>
  /// σ², biased; NaN of an empty channel.
  fileprivate(set) var variance: Tensor<Scalar>

  /// Computes the statistics and writes the normalized x to `output`. `x`, `residual` and `output` are dense and share one
  /// layout.
  init(
    _ x: Tensor<Scalar>, scale: Tensor<Scalar>?, shift: Tensor<Scalar>?, adding residual: Tensor<Scalar>?,
    appliesReLU: Bool,
    epsilon: Scalar, into output: Tensor<Scalar>
  ) {
    partition = ChannelPartition(x.layout)
    let channels = partition.channels
    inverseDeviations = Tensor(uninitialized: [2 * channels])
    channelCoefficients = Tensor(uninitialized: [3 * partition.entries.count])
    mean = Tensor(uninitialized: [channels])
    variance = Tensor(uninitialized: [channels])
    let (gamma, beta) = (scale?.pointer, shift?.pointer)
    defer { withExtendedLifetime((x, scale, shift, residual, output)) {} }
    if let planes = partition.planes(Scalar.self) {
      let usesNonTemporalStores = partition.usesNonTemporalStores(Scalar.self)
      let (out, source, other) = (output.mutablePointer, x.pointer, residual?.pointer)
      let (inverseDeviations, coefficients) = (inverseDeviations.mutablePointer, channelCoefficients.mutablePointer)
      let (means, variances) = (mean.mutablePointer, variance.mutablePointer)
      // The coefficients have one entry per channel here, and are read by this path only.
      partition.forEachChannel(of: planes) { first, planes in
        let at = first * planes.length
        Scalar.normalizePlanes(
          planes, epsilon: Double(epsilon), out + at, source + at, adding: other.map { $0 + at },
          gamma: gamma.map { $0 + first }, beta: beta.map { $0 + first }, inverseDeviations: inverseDeviations + first,
          coefficients: coefficients + first, means: means + first, variances: variances + first,
          appliesReLU: appliesReLU,
          nonTemporal: usesNonTemporalStores)
      }
      return
    }
    let moments = partition.moments(x)
    Scalar.normalizationCoefficients(
      partition.entries, count: partition.count, epsilon: Double(epsilon), moments.pointer, moments.pointer + channels,
      gamma: gamma, beta: beta, inverseDeviations: inverseDeviations.mutablePointer,
      coefficients: channelCoefficients.mutablePointer,
      means: mean.mutablePointer, variances: variance.mutablePointer)
    withExtendedLifetime(moments) {}
    partition.affine(x, coefficients: channelCoefficients, adding: residual, appliesReLU: appliesReLU, into: output)
  }

  /// The gradients of input, scale and shift from that of the normalized values; all tensors share one layout.
  ///
  /// - Parameters:
  ///   - appliesReLU: whether a ReLU follows on the normalized values.
  ///   - y: the result of a ReLU that follows on a sum with a residual, and the memory for the gradient masked by it.
  func gradients(
    _ g: Tensor<Scalar>, _ x: Tensor<Scalar>, scale: Tensor<Scalar>?, appliesReLU: Bool,
    y: (result: Tensor<Scalar>, masked: Tensor<Scalar>)?
  ) -> (input: Tensor<Scalar>, scale: Tensor<Scalar>, shift: Tensor<Scalar>) {
    let channels = partition.channels
    let gamma = scale?.pointer
    defer { withExtendedLifetime((g, x, scale, y, self)) {} }
    let (scaleGradient, shiftGradient) = (
      Tensor<Scalar>(uninitialized: [channels]), Tensor<Scalar>(uninitialized: [channels])
    )
    let (gammaGradients, betaGradients) = (scaleGradient.mutablePointer, shiftGradient.mutablePointer)
    if let planes = partition.planes(Scalar.self) {
      let result = Tensor<Scalar>(uninitialized: x.layout)
      let usesNonTemporalStores = partition.usesNonTemporalStores(Scalar.self)
      let (out, gradient, source) = (result.mutablePointer, g.pointer, x.pointer)
      let (after, masked) = (y?.result.pointer, y?.masked.mutablePointer)
      let (inverseDeviations, coefficients) = (inverseDeviations.pointer, channelCoefficients.pointer)
      partition.forEachChannel(of: planes) { first, planes in
        let at = first * planes.length
        Scalar.normalizePlanesGrad(
          planes, out + at, gradient + at, source + at, y: after.map { $0 + at }, masked: masked.map { $0 + at },
          gamma: gamma.map { $0 + first }, inverseDeviations: inverseDeviations + first,
          coefficients: coefficients + first,
          gammaGradients: gammaGradients + first, betaGradients: betaGradients + first, appliesReLU: appliesReLU,
          nonTemporal: usesNonTemporalStores)
      }
      return (result, scaleGradient, shiftGradient)
    }
    let sums = partition.productSums(g, x, coefficients: channelCoefficients, appliesReLU: appliesReLU, y: y)
    let gradientCoefficients = Tensor<Scalar>(uninitialized: [3 * partition.entries.count])
    Scalar.normalizationGradients(
      partition.entries, count: partition.count, gamma: gamma, inverseDeviations: inverseDeviations.pointer,
      sums.pointer, sums.pointer + channels,
      coefficients: gradientCoefficients.mutablePointer, gammaGradients: gammaGradients, betaGradients: betaGradients)
    withExtendedLifetime(sums) {}
    return (
      partition.affinePair(
        y?.masked ?? g, x, coefficients: channelCoefficients, gradientCoefficients: gradientCoefficients,
        appliesReLU: appliesReLU), scaleGradient, shiftGradient
    )
  }

  /// γ·x̂ + β, computed again.
  func renormalized(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    defer { withExtendedLifetime(self) {} }
    let result = Tensor<Scalar>(uninitialized: x.layout)
    var whole = channelCoefficients
    if partition.planes(Scalar.self) != nil {
      // Coefficients with one entry per channel become coefficients with one per plane.
      let (first, channels) = (channelCoefficients.pointer, partition.channels)
      whole = Tensor(uninitialized: channelCoefficients.shape)
      Scalar.affineCoefficients(
        partition.entries, center: first, scale: first + channels, shift: first + 2 * channels,
        coefficients: whole.mutablePointer)
    }
    partition.affine(x, coefficients: whole, into: result)
    return result
  }
}

/// γ·(x − μ)/√(σ² + ε) + β + residual for every channel, the channels on axis 1, with μ and σ² (biased) of the channel
/// itself; then ReLU for `appliesReLU`.
///
/// Gradients, with x̂ = (x − μ)/√(σ² + ε), g = dL/dy where the ReLU lets it pass and n values a channel: dL/dβ = Σ g,
/// dL/dγ = Σ g·x̂, dL/dx = γ/√(σ² + ε)·(g − Σ g/n − x̂·Σ(g·x̂)/n) and dL/d(residual) = g. Where the ReLU is
/// positive is computed again from x or, where a residual was added, read from the result.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func normalizedOverChannels<Scalar: FloatingScalar>(
  _ name: StaticString, _ x: Tensor<Scalar>, scale: Tensor<Scalar>? = nil, shift: Tensor<Scalar>? = nil,
  adding residual: Tensor<Scalar>? = nil, appliesReLU: Bool = false, epsilon: Scalar
) -> (output: Tensor<Scalar>, statistics: ChannelStatistics<Scalar>) {
  var found: ChannelStatistics<Scalar>?
  let limit = withInfiniteScale(name, x, scale) { x, scale, shifts in
    let (output, statistics) = normalizedOverChannels(
      name, x, scale: scale, shift: shifts ? shift : nil, epsilon: epsilon)
    found = statistics
    return output
  }
  if var limit, let found {
    if let residual { limit = limit + residual }
    return (appliesReLU ? limit.relu() : limit, found)
  }
  let plain = plainChannels(
    name, x, scale: scale, shift: shift, adding: residual, appliesReLU: appliesReLU, epsilon: epsilon)
  if x.isEmpty { return plain }
  let (range, channels) = (Scalar.plainInverses(epsilon: Double(epsilon)), x.shape[1])
  let inverses = plain.statistics.inverseDeviations
  if withExtendedLifetime(inverses, { areInverses(inverses.pointer, channels, in: range) }) { return plain }
  let axes = x.shape.indices.filter { $0 != 1 }
  let ofChannels = inverses.narrowed(axis: 0, start: 0, length: channels)
  guard let slices = UnitSlices(x, along: axes, inverses: ofChannels, plain: range) else { return plain }
  let unit = plainChannels(name, slices.near, epsilon: Scalar.nextToNothing)
  var result = slices.normalized(unit.output, centered: true)
  if let scale { result = result * scale.alongChannels(rank: x.rank) }
  if let shift { result = result + shift.alongChannels(rank: x.rank) }
  if let residual { result = result + residual }
  if appliesReLU { result = result.relu() }
  var statistics = plain.statistics
  (statistics.mean, statistics.variance) = withoutGradients {
    let (isChosen, factors) = (slices.isChosen.reshaped([channels]), slices.factors.reshaped([channels]))
    return (
      select(isChosen, unit.statistics.mean / factors, statistics.mean),
      select(isChosen, unit.statistics.variance / factors / factors, statistics.variance)
    )
  }
  guard let rest = slices.rest else { return (result, statistics) }
  let others = plainChannels(
    name, rest, scale: scale, shift: shift, adding: residual, appliesReLU: appliesReLU, epsilon: epsilon)
  return (select(slices.isChosen, result, others.output), statistics)
}

/// The channels as they are.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func plainChannels<Scalar: FloatingScalar>(
  _ name: StaticString, _ x: Tensor<Scalar>, scale: Tensor<Scalar>? = nil, shift: Tensor<Scalar>? = nil,
  adding residual: Tensor<Scalar>? = nil, appliesReLU: Bool = false, epsilon: Scalar
) -> (output: Tensor<Scalar>, statistics: ChannelStatistics<Scalar>) {
  let dense = x.dense
  let (scale, shift) = (scale?.contiguous, shift?.contiguous)
  let output = Tensor<Scalar>(uninitialized: dense.layout)
  let statistics = ChannelStatistics(
    dense, scale: scale, shift: shift, adding: residual?.withLayout(of: dense.layout), appliesReLU: appliesReLU,
    epsilon: epsilon,
    into: output)
  let constant = Tensor<Scalar>(0)
  var saving: Saving = scale == nil ? .first : [.first, .second]
  if appliesReLU && residual != nil { saving.insert(.output) }
  OperationArguments.note(
    name,
    [
      "form": .word("statistics"), "epsilon": .number(epsilon.number), "hasScale": .flag(scale != nil),
      "hasShift": .flag(shift != nil), "hasResidual": .flag(residual != nil), "appliesReLU": .flag(appliesReLU),
    ])
  let recorded = output.recorded(
    name, from: dense, scale ?? constant, shift ?? constant, residual ?? constant, saving: saving
  ) { [layout = dense.layout, hasScale = scale != nil, hasResidual = residual != nil] d in
    if d.createGraph {
      sendRecorded(
        d, statistics, scale: hasScale ? d.input(1) : nil, appliesReLU: appliesReLU, hasResidual: hasResidual, epsilon)
      return
    }
    let (x, given) = (d.input(0), d.gradient.withLayout(of: layout))
    let (masksByInput, masksByResult) = (appliesReLU && !hasResidual, appliesReLU && hasResidual)
    let g = masksByResult ? Tensor<Scalar>(uninitialized: layout) : given
    let gradients = statistics.gradients(
      given, x, scale: hasScale ? d.input(1) : nil, appliesReLU: masksByInput,
      y: masksByResult ? (d.output.detached(), g) : nil)
    d.send(0) { gradients.input }
    d.send(1) { gradients.scale }
    d.send(2) { gradients.shift }
    d.send(3) { g }
  }
  return (recorded, statistics)
}

/// The gradients of `normalizedOverChannels` made of recorded operations.
private func sendRecorded<Scalar: FloatingScalar>(
  _ d: Derivation<Scalar>, _ statistics: ChannelStatistics<Scalar>, scale: Tensor<Scalar>?, appliesReLU: Bool,
  hasResidual: Bool, _ epsilon: Scalar
) {
  let x = d.input(0)
  var g = d.gradient
  if appliesReLU && hasResidual {
    g = select(d.output .<= 0, 0, g)
  } else if appliesReLU {
    g = select(statistics.renormalized(x.detached()) .<= 0, 0, g)
  }
  let channels = statistics.partition.channels
  let inverseCount = 1 / Scalar(statistics.partition.count)
  // A constant close to the mean goes first, so that nothing cancels.
  let near = x - statistics.mean.alongChannels(rank: x.rank)
  let centered = near - near.summedToChannels() * inverseCount
  let (sized, size) = centered.inRangeOfSquares(along: x.shape.indices.filter { $0 != 1 })
  let root = ((sized * sized).summedToChannels() * inverseCount + size * size * epsilon).rsqrt()
  let (standard, inverse) = (sized * root, root * size)
  let (sum, products) = (g.summedToChannels(), (g * standard).summedToChannels())
  d.send(0) {
    let factor = scale.map { inverse * $0.alongChannels(rank: x.rank) } ?? inverse
    return (g - sum * inverseCount - standard * (products * inverseCount)) * factor
  }
  d.send(1) { products.reshaped(channels) }
  d.send(2) { sum.reshaped(channels) }
  d.send(3) { g }
}
