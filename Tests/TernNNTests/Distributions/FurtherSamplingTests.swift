import TernBackend
import TernNN
import TernTensor
import TernTestSupport
import Testing

/// Draws of angles, matrices, relaxed zeros and ones and transformed numbers: distribution functions, moments, gradients, bits.
@Suite struct FurtherSamplingTests {
  /// √n·sup|Fₙ − F|; it exceeds 1.95 once in a thousand draws.
  private func distance(_ drawn: Tensor<Double>, _ cumulative: (Tensor<Double>) -> Tensor<Double>) -> Double {
    let n = drawn.count
    let below = cumulative(drawn.sorted(along: 0).values).scalars
    var greatest = 0.0
    for i in 0..<n { greatest = max(greatest, below[i] - Double(i) / Double(n), Double(i + 1) / Double(n) - below[i]) }
    return greatest * Double(n).squareRoot()
  }

  /// The distribution function of angles between −π and π: the density's integral by trapezoids, which are exact but for rounding
  /// for a whole turn.
  private func cumulative(_ distribution: VonMisesDistribution<Double>, _ values: Tensor<Double>) -> Tensor<Double> {
    let steps = 200_000
    let places = Tensor<Double>(rangeFrom: 0, to: Double(steps + 1)) * (2 * .pi / Double(steps)) - .pi
    let density = distribution.logProbability(places).exp()
    let width = 2 * Double.pi / Double(steps)
    let sums = ((density.cumulativeSum(along: 0) - density * 0.5) - density[0] * 0.5) * width
    let position = (values + .pi) / width
    let index = position.floor().clamped(min: 0, max: Double(steps - 1))
    let (low, high) = (sums.taking(index.cast(to: Int.self)), sums.taking((index + 1).cast(to: Int.self)))
    return low + (high - low) * (position - index)
  }

  @Test(arguments: [1e-12, 0.05, 1, 20, 5000, 1e6, 1e8]) func angles(_ concentration: Double) {
    // The trapezoids are wider than the narrowest distributions: those turn to a scale of their own.
    for (mean, seed) in [(0.0, 1), (2.5, 2)] as [(Double, UInt64)] {
      let distribution = VonMisesDistribution<Double>(mean: Tensor(mean), concentration: Tensor(concentration))
      let drawn = distribution.sample([20_000], generator: RandomGenerator(seed: seed))
      #expect(drawn.min().item >= -.pi && drawn.max().item <= .pi)
      let found =
        concentration > 1e5
        ? distance((drawn - mean) * concentration.squareRoot()) { $0.ndtr() }
        : distance(drawn) { cumulative(distribution, $0) }
      #expect(found < 1.95, "\(concentration) around \(mean): \(found)")
    }
  }

  @Test func correlationsAreBeta() {
    for (dimension, concentration, seed) in [(2, 0.5, 1), (3, 1, 2), (5, 2.5, 3)] as [(Int, Double, UInt64)] {
      let lkj = LKJCholeskyDistribution<Double>(dimension: dimension, concentration: Tensor(concentration))
      let drawn = lkj.sample([20_000], generator: RandomGenerator(seed: seed))
      #expect((drawn.square().sum(along: -1) - 1).abs().max().item < 1e-12)
      #expect((drawn - drawn.lowerTriangle()).abs().max().item == 0)
      let matrices = matmul(drawn, drawn.transposed())
      let shape = Tensor<Double>(concentration + Double(dimension) / 2 - 1)
      let beta = BetaDistribution(alpha: shape, beta: shape)
      for row in 1..<dimension {
        for column in 0..<row {
          let found = distance((matrices[.all, row, column] + 1) * 0.5) { beta.cumulative($0) }
          #expect(found < 1.95, "\(dimension), \(concentration), (\(row), \(column)): \(found)")
        }
      }
      let mean = (drawn.mean(along: [0]) - lkj.mean).abs().max().item
      let variance = (drawn.variance(along: [0]) - lkj.variance).abs().max().item
      #expect(mean < 0.02 && variance < 0.02, "mean off by \(mean), variance by \(variance)")
      let entropy = -lkj.logProbability(drawn).mean().item
      #expect(abs(entropy - lkj.entropy.item) < 0.05, "entropy \(entropy), expected \(lkj.entropy.item)")
    }
  }

  @Test func matrices() throws {
    let covariance = Tensor<Double>([[2, 0.6], [0.6, 1]])
    let wishart = try WishartDistribution(degrees: Tensor<Double>([2.5, 7]), covariance: covariance)
    let drawn = wishart.sample([40_000], generator: RandomGenerator(seed: 2))
    #expect(drawn.shape == [40_000, 2, 2, 2])
    #expect((drawn.mean(along: [0]) / wishart.mean - 1).abs().max().item < 0.03)
    #expect((drawn.variance(along: [0]) / wishart.variance - 1).abs().max().item < 0.05)
    let entropy = -wishart.logProbability(drawn).mean(along: [0])
    #expect((entropy - wishart.entropy).abs().max().item < 0.03)
    // An element of the diagonal is Vᵢᵢ·χ².
    for (row, degrees) in [(0, 2.5), (1, 7)] {
      let chi = GammaDistribution<Double>.chiSquared(degrees: Tensor(degrees))
      let found = distance(drawn[.all, row, 0, 0] / 2) { chi.cumulative($0) }
      #expect(found < 1.95, "\(degrees): \(found)")
    }
    // Draws move with ν and V: E[tr X] = ν·tr V.
    let (ν, l) = (Tensor<Double>(full: [20_000], 4).asVariable(), Tensor<Double>([[1, 0], [0.5, 2]]).asVariable())
    let moved = WishartDistribution(degrees: ν, scaleTriangle: l).rsample(generator: RandomGenerator(seed: 3))
    let found = gradients(of: moved.diagonal(axes: -2, -1).sum(), at: [ν, l])
    #expect(abs(found[0].mean().item - 5.25) < 0.15)
    #expect((found[1] / 20_000 - Tensor([[8, 0], [4, 16]])).abs().max().item < 0.2)
  }

  @Test func relaxedNumbers() {
    // (logits + logistic)/temperature: the logistic distribution function of its inverse.
    for (temperature, logit, seed) in [(0.4, -1, 1), (2, 0.7, 2)] as [(Double, Double, UInt64)] {
      let relaxed = RelaxedBernoulliDistribution<Double>(temperature: Tensor(temperature), logits: Tensor(logit))
      let drawn = relaxed.sample([20_000], generator: RandomGenerator(seed: seed))
      let found = distance(drawn) { ($0.logit() * temperature - logit).sigmoid() }
      #expect(found < 1.95, "\(found)")
      let ones = (drawn .> 0.5).cast(to: Double.self).mean().item
      #expect(abs(ones - relaxed.single.probability.item) < 0.015)
    }
    let logits = Tensor<Float>([-30, 0.5, 30]).asVariable()
    let cold = RelaxedBernoulliDistribution(temperature: Tensor<Float>(0.01), logits: logits)
    let drawn = cold.rsample([100], generator: RandomGenerator(seed: 3))
    #expect(drawn.min().item > 0 && drawn.max().item < 1)
    #expect(cold.logProbability(drawn).isFinite().all().item)
    #expect(gradients(of: drawn.sum(), at: [logits])[0].isFinite().all().item)
  }

  @Test func transformedNumbers() {
    let base = NormalDistribution<Double>(mean: 0.3, deviation: 0.8)
    let one = Tensor<Double>(1)
    let chains: [[any Bijector<Double>]] = [
      [SigmoidBijector(), AffineBijector(location: one, scale: -one * 3)], [TanhBijector()], [SoftplusBijector()],
      [ExpBijector(), PowerBijector(exponent: -one * 2)], [AffineBijector(scale: -one), ExpBijector()],
    ]
    for (index, bijectors) in chains.enumerated() {
      let distribution = TransformedDistribution(base, bijectors)
      let drawn = distribution.sample([20_000], generator: RandomGenerator(seed: UInt64(index + 1)))
      let found = distance(drawn) { distribution.cumulative($0) }
      #expect(found < 1.95, "chain \(index): \(found)")
      let places = Tensor<Double>([0.01, 0.5, 0.99])
      #expect((distribution.cumulative(distribution.quantile(places)) - places).abs().max().item < 1e-12)
    }
    let mean = Tensor<Double>(0.3).asVariable()
    let policy = TransformedDistribution(
      NormalDistribution(mean: mean, deviation: one), [TanhBijector(), AffineBijector(scale: one * 2)])
    let action = policy.rsample([8], generator: RandomGenerator(seed: 9))
    let slope = gradients(of: action.sum(), at: [mean])[0].item
    #expect(abs(slope - (2 - action.detached().square() * 0.5).sum().item) < 1e-12)
    // Draws that round to the ends of a range are kept off them.
    let wide = NormalDistribution<Float>(mean: 0, deviation: 1000)
    for bijector in [TanhBijector<Float>(), SigmoidBijector<Float>()] as [any Bijector<Float>] {
      let distribution = TransformedDistribution(wide, [bijector])
      let drawn = distribution.sample([100], generator: RandomGenerator(seed: 1))
      #expect(distribution.logProbability(drawn).isFinite().all().item)
    }
  }

  @Test func sameBitsForAnyNumberOfThreads() {
    let threads = Workers.count
    defer { Workers.count = threads }
    let rates = Tensor<Float>(randomUniform: [30_000], in: 0.1..<20, generator: RandomGenerator(seed: 1))
    let triangles = Tensor<Float>(randomUniform: [500, 3, 3], in: 0.5..<1, generator: RandomGenerator(seed: 4))
    func everything() -> [[Float]] {
      let generator = RandomGenerator(seed: 2)
      let base = NormalDistribution(mean: rates, deviation: rates)
      let sticks = TransformedDistribution(
        NormalDistribution(mean: rates.reshaped([3000, 10]), deviation: Tensor(1)), [StickBreakingBijector()])
      let wishart = WishartDistribution(degrees: Tensor(5), scaleTriangle: triangles)
      return [
        VonMisesDistribution(mean: rates, concentration: rates).sample(generator: generator).scalars,
        wishart.sample([5], generator: generator).scalars,
        LKJCholeskyDistribution(dimension: 4, concentration: rates).sample(generator: generator).scalars,
        RelaxedBernoulliDistribution(temperature: rates, logits: rates).sample(generator: generator).scalars,
        TransformedDistribution(base, [TanhBijector()]).sample(generator: generator).scalars,
        sticks.sample(generator: generator).scalars,
        sticks.logProbability(sticks.sample(generator: generator)).scalars,
        wishart.logProbability(wishart.sample(generator: generator)).scalars,
      ]
    }
    Workers.count = 1
    let one = everything()
    Workers.count = 2
    #expect(everything() == one)
  }
}
