import TernBackend
import TernNN
import TernTensor
import TernTestSupport
import Testing

private func square(_ x: Tensor<Double>, _ n: Int) -> Tensor<Double> {
  x.count == n * n ? x.reshaped([n, n]) : x.reshaped([x.count / (n * n), n, n])
}

/// The answers of the distribution that a row names.
private func answers(_ name: String, _ p: [Tensor<Double>], _ q: [Tensor<Double>], _ x: Tensor<Double>) throws
  -> Answers
{
  func transformed(_ bijectors: [any Bijector<Double>]) -> Answers {
    let distribution = TransformedDistribution(NormalDistribution(mean: p[0], deviation: p[1]), bijectors)
    var result = Answers(distribution, x)
    result.cumulative = distribution.cumulative(x)
    result.quantile = distribution.quantile(Tensor(full: x.shape, 0.3))
    return result
  }
  func line() -> AffineBijector<Double> { AffineBijector(location: p[2], scale: p[3]) }
  switch name {
  case "vonMises":
    let distribution = VonMisesDistribution(mean: p[0], concentration: p[1])
    var result = Answers(distribution, x)
    result.divergence = klDivergence(distribution, VonMisesDistribution(mean: q[0], concentration: q[1]))
    return result
  case "wishart":
    let distribution = try WishartDistribution(degrees: p[0].reshaped([]), covariance: square(p[1], 3))
    var result = Answers(distribution, square(x, 3))
    let other = try WishartDistribution(degrees: q[0].reshaped([]), covariance: square(q[1], 3))
    result.divergence = klDivergence(distribution, other)
    return result
  case "wishartPrecision":
    return Answers(try WishartDistribution(degrees: p[0].reshaped([]), precision: square(p[1], 3)), square(x, 3))
  case "lkjCholesky": return Answers(LKJCholeskyDistribution(dimension: 4, concentration: p[0]), square(x, 4))
  case "relaxedBernoulli": return Answers(RelaxedBernoulliDistribution(temperature: p[0], logits: p[1]), x)
  case "relaxedBernoulliProbability":
    return Answers(RelaxedBernoulliDistribution(temperature: p[0], probability: p[1]), x)
  case "affine": return transformed([line()])
  case "exp": return transformed([ExpBijector(), line()])
  case "sigmoid": return transformed([line(), SigmoidBijector()])
  case "tanh": return transformed([TanhBijector(), line()])
  case "softplus": return transformed([SoftplusBijector(), line()])
  case "power": return transformed([ExpBijector(), PowerBijector(exponent: p[3])])
  case "logit": return transformed([SigmoidBijector(), SigmoidBijector().inverted, line()])
  case "gammaPower":
    let base = GammaDistribution(concentration: p[0].exp(), rate: p[1])
    return Answers(TransformedDistribution(base, [PowerBijector(exponent: p[3])]), x)
  case "stickBreaking":
    let base = NormalDistribution(mean: p[0], deviation: p[1])
    return Answers(TransformedDistribution(base, [StickBreakingBijector()]), x)
  case "correlationCholesky":
    let base = NormalDistribution(mean: p[0], deviation: p[1])
    return Answers(TransformedDistribution(base, [CorrelationCholeskyBijector()]), square(x, 3))
  default: fatalError(name)
  }
}

/// Angles, matrices, relaxed zeros and ones and transformed numbers beside PyTorch's and SciPy's.
@Suite struct FurtherDistributionTests {
  @Test(arguments: furtherRows.map(\.name)) func besidePyTorch(_ name: String) throws {
    let row = try #require(furtherRows.first { $0.name == name })
    let parameters = (row.parameters + [row.values]).map { Tensor($0).asVariable() }
    let found = try answers(name, parameters.dropLast(), row.other.map { Tensor($0) }, parameters[parameters.count - 1])
    expectClose(found.logProbability, row.logProbability, "ln p")
    let slopes = gradients(of: found.logProbability.sum(), at: parameters)
    #expect(slopes.count == row.slopes.count)
    for (slope, expected) in zip(slopes, row.slopes) { expectClose(slope, expected, "gradient") }
    expectClose(found.entropy, row.entropy, "entropy")
    expectClose(found.mean, row.mean, "mean")
    expectClose(found.variance, row.variance, "variance")
    if let cumulative = found.cumulative, let quantile = found.quantile {
      expectClose(cumulative, row.cumulative, "cumulative")
      expectClose(quantile, row.quantile, "quantile")
    }
    if let divergence = found.divergence { expectClose(divergence, row.divergence, "divergence") }
  }

  @Test func derivativesOfAllOrders() throws {
    for row in furtherRows where row.name != "wishart" && row.name != "wishartPrecision" {
      let result = checkGradients(at: (row.parameters + [row.values]).map { Tensor($0) }, order: 2, step: 2e-5) { p in
        let found = try! answers(row.name, p.dropLast(), row.other.map { Tensor($0) }, p[p.count - 1])
        let entropy = row.entropy.contains { $0.isNaN } ? Tensor(0) : found.entropy.sum()
        return found.logProbability.sum() + entropy + (found.divergence?.sum() ?? Tensor(0))
      }
      #expect(result.passes(), "\(row.name): \(result)")
    }
    // Of symmetric matrices, the lower triangle is free.
    let triangle = Tensor<Double>([[0.7, 0], [0.4, 1.3]])
    let result = checkGradients(at: [Tensor(2.6), triangle, Tensor([[1.1, 0], [-0.3, 0.6]])], order: 2) { p in
      let wishart = WishartDistribution(degrees: p[0], scaleTriangle: p[1])
      let other = WishartDistribution(degrees: p[0] + 1, scaleTriangle: p[2])
      let density = wishart.logProbability(matmul(p[2], p[2].transposed()))
      return density + wishart.entropy + klDivergence(wishart, other)
    }
    #expect(result.passes(), "\(result)")
  }

  @Test func concentratedAndFlatAngles() {
    // −ln p at the mean is ½·ln(2π/κ) for large κ; entropies beside mpmath.
    let distribution = VonMisesDistribution(mean: Tensor(0), concentration: Tensor<Double>([1e-300, 1e3, 1e8, 1e15]))
    expectClose(
      distribution.entropy,
      [1.83787706640934548, -2.03468891852547004, -7.79140183627150998, -15.8504496642506696], "entropy", 1e-13)
    expectClose(distribution.variance, [1, 0.000500125125195719801, 5.0000000125e-9, 5e-16], "variance", 1e-15)
    let floats = VonMisesDistribution(mean: Tensor<Float>(0), concentration: Tensor<Float>([1e3, 1e8]))
    expectClose(floats.entropy.cast(to: Double.self), [-2.03468891852547004, -7.79140183627150998], "entropy", 1e-6)
    for concentration in [1e-300, 1e-7, 1e9, 1e300] {
      let drawn = VonMisesDistribution<Double>(mean: Tensor(3), concentration: Tensor(concentration))
        .sample([1000], generator: RandomGenerator(seed: 1))
      #expect(drawn.isFinite().all().item && drawn.min().item >= -.pi && drawn.max().item <= .pi)
    }
  }

  @Test func outsideOfTheSupport() throws {
    let half = Tensor<Double>(0.5)
    let wishart = WishartDistribution(degrees: Tensor<Double>(3), scaleTriangle: Tensor(eye: 2))
    let matrices = Tensor<Double>([[[1, 0], [0, 1]], [[1, 2], [2, 1]], [[-1, 0], [0, 1]]])
    let densities = wishart.logProbability(matrices).scalars
    #expect(densities[0].isFinite && densities[1] == -.infinity && densities[2] == -.infinity)
    let lkj = LKJCholeskyDistribution(dimension: 2, concentration: half)
    #expect(lkj.logProbability(Tensor([[1, 0], [1, 0]])).item == -.infinity)
    let relaxed = RelaxedBernoulliDistribution(temperature: half, logits: half)
    #expect(
      relaxed.logProbability(Tensor([-0.1, 0, 1, 1.1])).scalars == [-.infinity, .infinity, .infinity, -.infinity])
    let parameter = half.asVariable()
    let base = NormalDistribution(mean: parameter, deviation: Tensor(1))
    let chains: [([any Bijector<Double>], [Double])] = [
      ([ExpBijector()], [0, -1]), ([SigmoidBijector()], [0, 1]), ([TanhBijector()], [-1, 2]),
      ([SoftplusBijector()], [-3, 0]),
      ([ExpBijector(), AffineBijector(location: Tensor(1), scale: Tensor(-2))], [1, 2]),
    ]
    for (bijectors, values) in chains {
      let distribution = TransformedDistribution(base, bijectors)
      let density = distribution.logProbability(Tensor(values + [distribution.quantile(half).item]))
      #expect(density.scalars[..<2] == [-.infinity, -.infinity] && density.scalars[2].isFinite)
      // Values outside send no NaN to the parameters.
      #expect(gradients(of: density[2], at: [parameter], retainGraph: true)[0].item.isFinite)
      #expect(gradients(of: density.sum(), at: [parameter], retainGraph: true)[0].item.isFinite)
    }
    let exponential = TransformedDistribution(base, [ExpBijector()])
    #expect(exponential.cumulative(Tensor([-1, 0, .infinity])).scalars == [0, 0, 1])
    let falling = TransformedDistribution(base, [AffineBijector(scale: Tensor(-1)), ExpBijector()])
    #expect(falling.cumulative(Tensor([-1, 0, .infinity])).scalars == [0, 0, 1])
    let sticks = TransformedDistribution(
      NormalDistribution(mean: Tensor<Double>([0, 0]), deviation: Tensor(1)), [StickBreakingBijector()])
    #expect(sticks.eventShape == [3] && sticks.batchShape == [])
    #expect(sticks.logProbability(Tensor([[0.5, 0.5, 0], [0.2, 0.3, 0.5]])).scalars[0] == -.infinity)
  }

  @Test func aChainIsItsClosedForm() {
    let (mean, deviation) = (Tensor<Double>([0.3, -1]), Tensor<Double>([0.8, 2]))
    let chain = TransformedDistribution(NormalDistribution(mean: mean, deviation: deviation), [ExpBijector()])
    let closed = LogNormalDistribution(logMean: mean, logDeviation: deviation)
    let x = Tensor<Double>([[0.2, 3], [1, 1e-9]])
    expectClose(chain.logProbability(x), closed.logProbability(x).scalars, "ln p", 1e-14)
    expectClose(chain.cumulative(x), closed.cumulative(x).scalars, "cumulative", 1e-14)
    #expect(
      chain.sample([5], generator: RandomGenerator(seed: 1)) == closed.sample([5], generator: RandomGenerator(seed: 1)))
    // Parameters of a bijector add axes; draws are independent along them.
    let wide = TransformedDistribution(
      NormalDistribution(mean: mean, deviation: deviation), [AffineBijector(location: Tensor(zeros: [3, 2]))])
    #expect(wide.batchShape == [3, 2])
    let drawn = wide.sample([4], generator: RandomGenerator(seed: 2))
    #expect(drawn.shape == [4, 3, 2] && Set(drawn.scalars).count == 24)
    #expect(wide.logProbability(drawn).shape == [4, 3, 2] && wide.entropy.shape == [3, 2])
    // The base's batch becomes the vector's axis.
    let rows = TransformedDistribution(
      NormalDistribution(mean: Tensor<Double>(zeros: [5, 3]), deviation: Tensor(1)), [StickBreakingBijector()])
    #expect(rows.batchShape == [5] && rows.eventShape == [4])
    let parts = rows.rsample([2], generator: RandomGenerator(seed: 3))
    #expect(parts.shape == [2, 5, 4] && (parts.sum(along: -1) - 1).abs().max().item < 1e-12)
    #expect(rows.logProbability(parts).shape == [2, 5])
    let correlations = TransformedDistribution(
      NormalDistribution(mean: Tensor<Double>(zeros: [2, 6]), deviation: Tensor(1)), [CorrelationCholeskyBijector()])
    let factors = correlations.sample(generator: RandomGenerator(seed: 4))
    #expect(factors.shape == [2, 4, 4] && (factors.square().sum(along: -1) - 1).abs().max().item < 1e-12)
    #expect(correlations.logProbability(factors).shape == [2])
  }

  @Test func bijectorsInvert() {
    let x = Tensor<Double>([[-3, 0.2, 1.5], [0, 4, -0.7]])
    let bijectors: [any Bijector<Double>] = [
      AffineBijector(location: Tensor(1), scale: Tensor([-2, 3, 0.5])), ExpBijector(), SigmoidBijector(),
      TanhBijector(),
      SoftplusBijector(), StickBreakingBijector(), CorrelationCholeskyBijector(),
      ExpBijector<Double>().inverted.inverted,
    ]
    func expectInverse(_ bijector: some Bijector<Double>) {
      let y = bijector.forward(x)
      #expect(y.shape == bijector.forwardShape(x.shape) && bijector.inverseShape(y.shape) == x.shape)
      expectClose(bijector.inverse(y), x.scalars, "\(type(of: bijector))", 1e-9)
      let inverted = bijector.inverted
      expectClose(inverted.logDeterminant(y, x), (-bijector.logDeterminant(x, y)).scalars, "\(type(of: bijector))")
    }
    for bijector in bijectors { expectInverse(bijector) }
    let positive = x.exp()
    let power = PowerBijector(exponent: Tensor<Double>([-1, 2, 0.3]))
    expectClose(power.inverse(power.forward(positive)), positive.scalars, "power", 1e-12)
    // Determinants are those of the Jacobian.
    for bijector in [StickBreakingBijector<Double>()] {
      let point = x[0]
      let jacobian = TernTensor.jacobian(at: point) { bijector.forward($0)[0..<3] }
      let expected = jacobian.logDeterminant().logAbsolute
      expectClose(bijector.logDeterminant(point, bijector.forward(point)), expected.scalars, "determinant", 1e-12)
    }
  }

  @Test func mistakesStopWithALine() async {
    func message(_ result: ExitTest.Result?) -> String { text(result?.standardErrorContent) }
    let degrees = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = WishartDistribution(degrees: Tensor<Float>([3, 1]), scaleTriangle: Tensor(eye: 2))
    }
    #expect(message(degrees).contains("WishartDistribution: degrees is 1.0, expected a finite number above 1"))
    let dimension = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = LKJCholeskyDistribution<Float>(dimension: 1)
    }
    #expect(message(dimension).contains("LKJCholeskyDistribution: dimension 1, expected at least 2"))
    let scale = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = AffineBijector(scale: Tensor<Float>([1, 0]))
    }
    #expect(message(scale).contains("AffineBijector: scale is 0.0, expected a finite number that is not 0"))
    let shape = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let base = NormalDistribution(mean: Tensor<Float>(zeros: [3, 1]), deviation: Tensor(1))
      _ = TransformedDistribution(base, [AffineBijector(location: Tensor(zeros: [3, 2]))])
    }
    #expect(message(shape).contains("a base of shape [3, 1] for bijectors that take [3, 2]"))
    let order = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let base = NormalDistribution(mean: Tensor<Float>(zeros: [3]), deviation: Tensor(1))
      _ = TransformedDistribution(base, [StickBreakingBijector()]).cumulative(Tensor(zeros: [4]))
    }
    #expect(message(order).contains("StickBreakingBijector<Float> is not known to rise or to fall"))
  }
}
