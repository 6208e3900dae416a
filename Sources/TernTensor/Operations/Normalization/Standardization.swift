import TernBackend

/// What standardisation knows of every channel, in Double.
///
/// A mean of 10⁴ as Float is off by 5·10⁻⁴: what is subtracted from the elements is the nearest Float, `centre`, and the
/// rest of the mean goes where numbers are small.
struct ChannelStatistics: Sendable {
  let count: Int
  /// μ, NaN of nothing.
  let mean: [Double]
  /// σ², biased; NaN of nothing.
  let variance: [Double]
  /// 1/√(σ² + ε).
  let inverse: [Double]
  /// μ as the elements' type has it.
  let centre: [Double]
  /// μ − centre.
  let rest: [Double]

  init(mean: [Double], m2: [Double], count: Int, epsilon: Double, dtype: DType) {
    self.count = count
    self.mean = count == 0 ? mean.map { _ in .nan } : mean
    variance = m2.map { count == 0 ? .nan : $0 / Double(count) }
    inverse = variance.map { 1 / ($0 + epsilon).squareRoot() }
    centre = dtype == .float32 ? self.mean.map { Double(Float($0)) } : self.mean
    rest = zip(self.mean, centre).map { $1.isFinite ? $0 - $1 : 0 }
  }

  /// Centre, scale and shift of γ·(x − μ)/√(σ² + ε) + β.
  func forward(scale: [Double], shift: [Double]) -> [[Double]] {
    let factors = zip(scale, inverse).map { $0 * $1 }
    return [centre, factors, shift.indices.map { shift[$0] - rest[$0] * factors[$0] }]
  }

  /// Σ g·x̂ from Σ g and Σ g·(x − centre).
  func standardProducts(_ sums: [Double], _ products: [Double]) -> [Double] {
    sums.indices.map { count == 0 ? 0 : inverse[$0] * (products[$0] - rest[$0] * sums[$0]) }
  }

  /// Centre, scale, slope and shift of γ/√(σ² + ε)·(g − Σ g/n − x̂·Σ(g·x̂)/n).
  func backward(scale: [Double], _ sums: [Double], _ products: [Double]) -> [[Double]] {
    let share = 1 / Double(count)
    let factors = zip(scale, inverse).map { $0 * $1 }
    let slopes = factors.indices.map { -factors[$0] * inverse[$0] * products[$0] * share }
    return [
      centre, factors, slopes, factors.indices.map { -factors[$0] * sums[$0] * share - slopes[$0] * rest[$0] },
    ]
  }
}

/// γ·(x − μ)/√(σ² + ε) + β for every channel, the channels on axis 1, with μ and σ² (biased) of the channel itself.
///
/// Gradients, with x̂ = (x − μ)/√(σ² + ε), g = dL/dy and n values a channel: dL/dβ = Σ g, dL/dγ = Σ g·x̂ and
/// dL/dx = γ/√(σ² + ε)·(g − Σ g/n − x̂·Σ(g·x̂)/n).
func standardized<Scalar: FloatingScalar>(
  _ name: StaticString, _ x: Tensor<Scalar>, scale: Tensor<Scalar>? = nil, shift: Tensor<Scalar>? = nil,
  epsilon: Scalar
) -> (output: Tensor<Scalar>, statistics: ChannelStatistics) {
  let dense = x.dense
  let form = ChannelForm(dense.layout)
  let (mean, m2) = form.moments(dense)
  let statistics = ChannelStatistics(
    mean: mean, m2: m2, count: form.count, epsilon: Double(epsilon), dtype: x.dtype)
  let scales = scale?.doubles ?? [Double](repeating: 1, count: form.channels)
  let shifts = shift?.doubles ?? [Double](repeating: 0, count: form.channels)
  let output = form.affine(dense, statistics.forward(scale: scales, shift: shifts))
  let constant = Tensor<Scalar>(0)
  let recorded = output.recorded(
    name, from: dense, scale ?? constant, shift ?? constant,
    saving: scale == nil ? .first : [.first, .second]
  ) { [layout = dense.layout, hasScale = scale != nil] d in
    if d.createGraph {
      sendRecorded(d, statistics, scale: hasScale ? d.input(1) : nil, epsilon)
      return
    }
    let (x, g) = (d.input(0), d.gradient.lying(like: layout))
    let (sums, centred) = form.productSums(g, x, centre: statistics.centre)
    let products = statistics.standardProducts(sums, centred)
    d.send(0) { form.affinePair(g, x, statistics.backward(scale: scales, sums, products)) }
    d.send(1) { Tensor(rounding: products, shape: [form.channels]) }
    d.send(2) { Tensor(rounding: sums, shape: [form.channels]) }
  }
  return (recorded, statistics)
}

/// The gradients of `standardized` made of recorded operations.
private func sendRecorded<Scalar: FloatingScalar>(
  _ d: Derivation<Scalar>, _ statistics: ChannelStatistics, scale: Tensor<Scalar>?, _ epsilon: Scalar
) {
  let (x, g) = (d.input(0), d.gradient)
  let channels = statistics.mean.count
  let share = 1 / Scalar(statistics.count)
  let centre = Tensor<Scalar>(rounding: statistics.centre, shape: [channels])
  // A constant close to the mean goes first, so that nothing cancels.
  let near = x - centre.alongChannels(rank: x.rank)
  let centred = near - near.summedToChannels() * share
  let inverse = ((centred * centred).summedToChannels() * share + epsilon).rsqrt()
  let standard = centred * inverse
  let (sum, products) = (g.summedToChannels(), (g * standard).summedToChannels())
  d.send(0) {
    let factor = scale.map { inverse * $0.alongChannels(rank: x.rank) } ?? inverse
    return (g - sum * share - standard * (products * share)) * factor
  }
  d.send(1) { products.reshaped(channels) }
  d.send(2) { sum.reshaped(channels) }
}
