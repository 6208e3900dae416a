import TernBackend

/// Mean and biased variance of every channel of a tensor, and 1/√(σ² + ε).
struct ChannelStatistics: Sendable {
  let count: Int
  let mean: [Double]
  let variance: [Double]
  let inverse: [Double]

  init<Scalar: FloatingScalar>(_ x: Tensor<Scalar>, _ form: ChannelForm, epsilon: Scalar) {
    count = form.count
    let moments = form.moments(x)
    let share = 1 / Double(form.count)
    mean = moments.map { form.count == 0 ? .nan : $0.mean }
    variance = moments.map { form.count == 0 ? .nan : $0.m2 * share }
    inverse = variance.map { 1 / ($0 + Double(epsilon)).squareRoot() }
  }

  /// The means as the scalars next to them, and what is left: a mean of 10⁴ in Float is off by 5·10⁻⁴.
  func centres<Scalar: FloatingScalar>() -> (centre: [Scalar], rest: [Double]) {
    let centre = mean.map { Scalar($0) }
    return (centre, zip(mean, centre).map { $1.isFinite ? $0 - Double($1) : 0 })
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
  let statistics = ChannelStatistics(dense, form, epsilon: epsilon)
  let (centre, rest): ([Scalar], [Double]) = statistics.centres()
  let scales = scale?.scalars.map { Double($0) } ?? [Double](repeating: 1, count: form.channels)
  let factors = zip(scales, statistics.inverse).map { $0 * $1 }
  let shifts = shift?.scalars.map { Double($0) } ?? [Double](repeating: 0, count: form.channels)
  let output = form.affine(
    dense, centre: centre, scale: factors.map { Scalar($0) },
    shift: form.perChannel { Scalar(shifts[$0] - rest[$0] * factors[$0]) })
  let constant = Tensor<Scalar>(0)
  let recorded = output.recorded(
    name, from: dense, scale ?? constant, shift ?? constant,
    saving: scale == nil ? .first : [.first, .second]
  ) { [layout = dense.layout, hasScale = scale != nil] d in
    if d.createGraph {
      sendRecorded(d, centre, scale: hasScale ? d.input(1) : nil, epsilon)
      return
    }
    let x = d.input(0)
    let g = d.gradient.lying(like: layout)
    let inverse = statistics.inverse
    let sums = form.productSums(g, x, centre: centre)
    let products = form.perChannel {
      form.count == 0 ? 0 : inverse[$0] * (sums[$0].products - rest[$0] * sums[$0].sum)
    }
    d.send(0) {
      let share = 1 / Double(form.count)
      let slope = form.perChannel { -factors[$0] * inverse[$0] * products[$0] * share }
      return form.affinePair(
        g, x, centre: centre, scale: factors.map { Scalar($0) }, slope: slope.map { Scalar($0) },
        shift: form.perChannel { Scalar(-factors[$0] * sums[$0].sum * share - slope[$0] * rest[$0]) })
    }
    d.send(1) { Tensor(products.map { Scalar($0) }) }
    d.send(2) { Tensor(sums.map { Scalar($0.sum) }) }
  }
  return (recorded, statistics)
}

/// The gradients of `standardized` made of recorded operations.
private func sendRecorded<Scalar: FloatingScalar>(
  _ d: Derivation<Scalar>, _ centre: [Scalar], scale: Tensor<Scalar>?, _ epsilon: Scalar
) {
  let (x, g) = (d.input(0), d.gradient)
  let channels = centre.count
  let share = 1 / Scalar(x.count / Swift.max(channels, 1))
  // A constant close to the mean goes first, so that nothing cancels.
  let near = x - Tensor(centre).alongChannels(rank: x.rank)
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
