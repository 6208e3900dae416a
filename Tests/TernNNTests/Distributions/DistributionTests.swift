import Foundation
import TernBackend
import TernNN
import TernTensor
import TernTestSupport
import Testing

/// A row of the table: what PyTorch gives for a distribution.
struct DistributionRow {
  let name: String
  let parameters: [[Double]]
  let values: [Double]
  let logProbability: [Double]
  let slopes: [[Double]]
  let entropy: [Double]
  let mean: [Double]
  let variance: [Double]
  let cumulative: [Double]
  let quantile: [Double]
  let divergence: [Double]
  let other: [[Double]]

  init(
    _ name: String, _ parameters: [[Double]], _ values: [Double], logProbability: [Double], slopes: [[Double]],
    entropy: [Double], mean: [Double], variance: [Double], cumulative: [Double], quantile: [Double],
    divergence: [Double], other: [[Double]]
  ) {
    self.name = name
    (self.parameters, self.values, self.logProbability, self.slopes) = (parameters, values, logProbability, slopes)
    (self.entropy, self.mean, self.variance) = (entropy, mean, variance)
    (self.cumulative, self.quantile, self.divergence, self.other) = (cumulative, quantile, divergence, other)
  }
}

/// What a distribution answers, whatever its type.
struct Answers {
  var logProbability: Tensor<Double>
  var entropy: Tensor<Double>
  var mean: Tensor<Double>
  var variance: Tensor<Double>
  var cumulative: Tensor<Double>?
  var quantile: Tensor<Double>?
  var divergence: Tensor<Double>?

  /// What every distribution answers.
  init<D: Distribution<Double>>(_ distribution: D, _ value: Tensor<D.Outcome>) {
    logProbability = distribution.logProbability(value)
    (entropy, mean, variance) = (distribution.entropy, distribution.mean, distribution.variance)
  }

  /// With what one of single numbers answers beside.
  init<D: Distribution<Double>>(_ distribution: D, _ value: Tensor<D.Outcome>, divergence: Tensor<Double>?) {
    self.init(distribution, value)
    self.divergence = divergence
    if let univariate = distribution as? any UnivariateDistribution<Double> {
      func set<U: UnivariateDistribution<Double>>(_ univariate: U) {
        cumulative = univariate.cumulative(value as! Tensor<Double>)
        quantile = univariate.quantile(Tensor(full: value.shape, 0.3))
      }
      set(univariate)
    }
  }
}

private func square(_ x: Tensor<Double>) -> Tensor<Double> { x.reshaped([3, 3]) }

/// The answers of the distribution that a row names.
private func answers(_ name: String, _ p: [Tensor<Double>], _ q: [Tensor<Double>], _ x: Tensor<Double>) throws
  -> Answers
{
  func make<D: Distribution<Double>>(
    _ make: ([Tensor<Double>]) throws -> D, _ divergence: ((D, D) -> Tensor<Double>)?
  ) rethrows -> Answers where D.Outcome == Double {
    let distribution = try make(p)
    return Answers(distribution, x, divergence: q.isEmpty ? nil : divergence?(distribution, try make(q)))
  }
  func categorical(_ make: ([Tensor<Double>]) -> CategoricalDistribution<Double>) -> Answers {
    let distribution = make(p)
    return Answers(distribution, x.cast(to: Int.self), divergence: klDivergence(distribution, make(q)))
  }
  switch name {
  case "normal": return make({ NormalDistribution(mean: $0[0], deviation: $0[1]) }, { klDivergence($0, $1) })
  case "logNormal":
    return make({ LogNormalDistribution(logMean: $0[0], logDeviation: $0[1]) }, { klDivergence($0, $1) })
  case "halfNormal": return make({ HalfNormalDistribution(scale: $0[0]) }, { klDivergence($0, $1) })
  case "uniform": return make({ UniformDistribution(low: $0[0], high: $0[1]) }, { klDivergence($0, $1) })
  case "laplace": return make({ LaplaceDistribution(mean: $0[0], scale: $0[1]) }, { klDivergence($0, $1) })
  case "gumbel": return make({ GumbelDistribution(location: $0[0], scale: $0[1]) }, { klDivergence($0, $1) })
  case "cauchy": return make({ CauchyDistribution(median: $0[0], scale: $0[1]) }, { klDivergence($0, $1) })
  case "gamma": return make({ GammaDistribution(concentration: $0[0], rate: $0[1]) }, { klDivergence($0, $1) })
  case "exponential": return make({ ExponentialDistribution(rate: $0[0]) }, { klDivergence($0, $1) })
  case "studentT": return make({ StudentTDistribution(degrees: $0[0], location: $0[1], scale: $0[2]) }, nil)
  case "beta": return make({ BetaDistribution(alpha: $0[0], beta: $0[1]) }, { klDivergence($0, $1) })
  case "bernoulli": return make({ BernoulliDistribution(probability: $0[0]) }, { klDivergence($0, $1) })
  case "bernoulliLogits": return make({ BernoulliDistribution(logits: $0[0]) }, { klDivergence($0, $1) })
  case "geometric": return make({ GeometricDistribution(probability: $0[0]) }, { klDivergence($0, $1) })
  case "poisson": return make({ PoissonDistribution(rate: $0[0]) }, { klDivergence($0, $1) })
  case "categorical": return categorical { CategoricalDistribution(probabilities: $0[0]) }
  case "categoricalLogits": return categorical { CategoricalDistribution(logits: $0[0]) }
  case "oneHot": return make({ OneHotCategoricalDistribution(probabilities: $0[0]) }, { klDivergence($0, $1) })
  case "multinomial": return make({ MultinomialDistribution(count: 7, probabilities: $0[0]) }, nil)
  case "dirichlet": return make({ DirichletDistribution(concentration: $0[0]) }, { klDivergence($0, $1) })
  case "multivariateNormal":
    return try make(
      { try MultivariateNormalDistribution(mean: $0[0], covariance: square($0[1])) }, { klDivergence($0, $1) })
  case "multivariateNormalPrecision":
    return try make(
      { try MultivariateNormalDistribution(mean: $0[0], precision: square($0[1])) }, { klDivergence($0, $1) })
  default: fatalError(name)
  }
}

/// Densities, entropies, divergences and distribution functions beside PyTorch's.
@Suite struct DistributionTests {
  @Test(arguments: distributionRows.map(\.name)) func besidePyTorch(_ name: String) throws {
    let row = try #require(distributionRows.first { $0.name == name })
    let parameters = row.parameters.map { Tensor($0).asVariable() }
    let found = try answers(name, parameters, row.other.map { Tensor($0) }, Tensor(row.values))
    expectClose(found.logProbability, row.logProbability, "ln p")
    let slopes = gradients(of: found.logProbability.sum(), at: parameters)
    #expect(slopes.count == row.slopes.count)
    for (slope, expected) in zip(slopes, row.slopes) { expectClose(slope, expected, "gradient") }
    expectClose(found.entropy, row.entropy, "entropy")
    if !name.hasPrefix("categorical") {
      expectClose(found.mean, row.mean, "mean")
      expectClose(found.variance, row.variance, "variance")
    }
    if let cumulative = found.cumulative, let quantile = found.quantile {
      expectClose(cumulative, row.cumulative, "cumulative")
      expectClose(quantile, row.quantile, "quantile")
    }
    #expect(row.other.isEmpty == row.divergence.isEmpty && (found.divergence == nil) == row.divergence.isEmpty)
    if let divergence = found.divergence { expectClose(divergence, row.divergence, "divergence") }
  }

  @Test func derivativesOfAllOrders() throws {
    for row in distributionRows where !row.name.hasPrefix("multivariateNormal") {
      let result = checkGradients(at: row.parameters.map { Tensor($0) }, order: 2, step: 2e-5) { p in
        let found = try! answers(row.name, p, row.other.map { Tensor($0) }, Tensor(row.values))
        return found.logProbability.sum() + found.entropy.sum()
      }
      #expect(result.passes(), "\(row.name): \(result)")
    }
    let x = Tensor<Double>([[0.3, -1], [2, 0.5]])
    let other = MultivariateNormalDistribution(mean: x[0], scaleTriangle: Tensor([[1.5, 0], [-0.3, 0.8]]))
    let result = checkGradients(at: [Tensor([0.2, -0.4]), Tensor([[0.7, 0], [0.4, 1.3]]), x]) { p in
      let normal = MultivariateNormalDistribution(mean: p[0], scaleTriangle: p[1])
      return normal.logProbability(p[2]).sum() + normal.entropy + klDivergence(normal, other)
    }
    #expect(result.passes(), "multivariateNormal: \(result)")
  }

  @Test func outsideOfTheSupport() {
    let x = Tensor<Double>([-1, 2])
    let half = Tensor<Double>(0.5)
    let minus = [-Double.infinity]
    #expect(UniformDistribution<Double>().logProbability(x).scalars == [-.infinity, -.infinity])
    #expect(ExponentialDistribution(rate: half).logProbability(x)[0].scalars == minus)
    #expect(GammaDistribution(concentration: half, rate: half).logProbability(x)[0].scalars == minus)
    #expect(BetaDistribution(alpha: half, beta: half).logProbability(x).scalars == [-.infinity, -.infinity])
    #expect(PoissonDistribution(rate: half).logProbability(Tensor([0.5]))[0].scalars == minus)
    #expect(LogNormalDistribution(logMean: half, logDeviation: half).cumulative(x)[0].item == 0)
    let weights = Tensor<Double>([[1, 3, 4], [4, 2, 2]]).asVariable()
    let three = CategoricalDistribution(probabilities: weights)
    let index = Tensor([[-1, 2], [3, 0], [.max, .min]])
    let density = three.logProbability(index)
    expectClose(
      density, [-.infinity, Foundation.log(0.25), -.infinity, Foundation.log(0.5), -.infinity, -.infinity], "ln p")
    #expect(
      CategoricalDistribution(logits: half.reshaped([1])).logProbability(Tensor([-1, 0, 1])).scalars == minus + [0]
        + minus)
    // Values outside send no NaN to the parameters.
    expectClose(gradients(of: density.sum(), at: [weights])[0], [0, 0, 0, 0, -0.25, 0.25], "gradient")
    let rate = half.asVariable()
    let slope = gradients(
      of: GammaDistribution(concentration: half, rate: rate).logProbability(Tensor([1, 2])).sum(), at: [rate])
    #expect(slope[0].item == 2 * 0.5 / 0.5 - 3)
    // An event of probability 0 costs nothing where it does not come.
    let certain = BernoulliDistribution(probability: Tensor<Double>([0, 1]))
    #expect(certain.logProbability(Tensor([0, 1])).scalars == [0, 0])
    #expect(certain.entropy.scalars == [0, 0])
    #expect(klDivergence(certain, certain).scalars == [0, 0])
    let two = CategoricalDistribution(probabilities: Tensor<Double>([[1, 1, 0], [0, 1, 1]]))
    #expect(klDivergence(two, two).scalars == [0, 0])
    let flipped = CategoricalDistribution(probabilities: Tensor<Double>([[0, 1, 1], [0, 1, 1]]))
    #expect(klDivergence(two, flipped).scalars == [.infinity, 0])
  }

  @Test func relaxedCategories() {
    let logits = Tensor<Double>([-1, 0.5, 2, 0])
    let relaxed = RelaxedOneHotCategoricalDistribution(temperature: Tensor(0.7), logits: logits)
    expectClose(relaxed.logProbability(Tensor([0.1, 0.2, 0.3, 0.4])), [relaxedDensity], "ln p")
    // The greatest weight is each category's as often as the category comes.
    let drawn = relaxed.sample([20_000], generator: RandomGenerator(seed: 1))
    let fractions = drawn.argmax(along: -1).oneHot(classes: 4).cast(to: Double.self).mean(along: [0])
    #expect((fractions - logits.softmax()).abs().max().item < 0.015)
    let variable = logits.asVariable()
    let hard = gumbelSoftmax(variable, temperature: 0.5, isHard: true, generator: RandomGenerator(seed: 2))
    #expect(hard.scalars.sorted() == [0, 0, 0, 1])
    let soft = gumbelSoftmax(variable, temperature: 0.5, generator: RandomGenerator(seed: 2))
    let weights = Tensor<Double>([1, 2, 3, 4])
    let both = [hard, soft].map { gradients(of: ($0 * weights).sum(), at: [variable])[0].scalars }
    #expect(both[0] == both[1])
  }
}

/// Numbers beside what is expected: equal, both NaN, or within a tolerance of the larger of 1 and the number.
func expectClose(
  _ found: Tensor<Double>, _ expected: [Double], _ label: String, _ tolerance: Double = 1e-10,
  location: SourceLocation = #_sourceLocation
) {
  let values = found.scalars
  #expect(values.count == expected.count, "\(label): \(values), expected \(expected)", sourceLocation: location)
  for (a, b) in zip(values, expected) {
    let isEqual = a == b || (a.isNaN && b.isNaN) || abs(a - b) <= tolerance * max(1, abs(b))
    #expect(isEqual, "\(label): \(values), expected \(expected)", sourceLocation: location)
  }
}
