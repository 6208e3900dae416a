import Foundation
import TernBackend
import TernNN
import TernTensor
import TernTestSupport
import Testing

/// Draws have their distribution's distribution function, mean and variance, and reach its parameters.
@Suite struct SamplingTests {
  /// A number as a parameter.
  private static func number(_ value: Double) -> Tensor<Double> { Tensor(value) }

  // One statement a row: a literal of existentials takes the compiler minutes.
  private static func univariate() -> [(String, any UnivariateDistribution<Double>)] {
    var rows: [(String, any UnivariateDistribution<Double>)] = []
    rows.append(("normal", NormalDistribution<Double>(mean: -1, deviation: 2)))
    rows.append(("logNormal", LogNormalDistribution(logMean: number(0.3), logDeviation: number(0.8))))
    rows.append(("halfNormal", HalfNormalDistribution(scale: number(1.7))))
    rows.append(("uniform", UniformDistribution<Double>(low: -2, high: 5)))
    rows.append(("laplace", LaplaceDistribution(mean: number(1), scale: number(0.6))))
    rows.append(("gumbel", GumbelDistribution(location: number(-0.5), scale: number(2))))
    rows.append(("cauchy", CauchyDistribution(median: number(0.5), scale: number(3))))
    rows.append(("exponential", ExponentialDistribution(rate: number(0.4))))
    return rows
  }

  @Test(arguments: [1, 2]) func distanceOfKolmogorovAndSmirnov(_ seed: UInt64) {
    func distance<D: UnivariateDistribution<Double>>(_ distribution: D) -> Double {
      let n = 20_000
      let sorted = distribution.sample([n], generator: RandomGenerator(seed: seed)).sorted(along: 0).values
      let below = distribution.cumulative(sorted).scalars
      var greatest = 0.0
      for i in 0..<n {
        let (low, high) = (Double(i) / Double(n), Double(i + 1) / Double(n))
        greatest = max(greatest, below[i] - low, high - below[i])
      }
      return greatest
    }
    // √n·D exceeds 1.95 once in a thousand draws.
    for (name, distribution) in Self.univariate() {
      let found = distance(distribution) * Double(20_000).squareRoot()
      #expect(found < 1.95, "\(name): \(found)")
    }
  }

  private func expectMoments<D: Distribution<Double>>(_ name: String, _ distribution: D, _ tolerance: Double) {
    let drawn = distribution.sample([40_000], generator: RandomGenerator(seed: 6))
    #expect(drawn.shape == [40_000] + distribution.batchShape + distribution.eventShape, "\(name)")
    let values = drawn.cast(to: Double.self)
    let mean = (values.mean(along: [0]) - distribution.mean).abs().max().item
    let variance = (values.variance(along: [0]) / distribution.variance - 1).abs().max().item
    #expect(mean < tolerance, "\(name): mean off by \(mean)")
    #expect(variance < 0.1, "\(name): variance off by \(variance) of it")
  }

  @Test func moments() throws {
    let (a, b) = (Tensor<Double>([0.4, 2, 7]), Tensor<Double>([1.5, 0.8, 3]))
    expectMoments("gamma", GammaDistribution(concentration: a, rate: b), 0.05)
    expectMoments("chiSquared", GammaDistribution.chiSquared(degrees: a), 0.08)
    expectMoments("beta", BetaDistribution(alpha: a, beta: b), 0.01)
    expectMoments("dirichlet", DirichletDistribution(concentration: a), 0.01)
    expectMoments("studentT", StudentTDistribution(degrees: a + 6, location: b, scale: b), 0.06)
    expectMoments("poisson", PoissonDistribution(rate: a * 9), 0.12)
    expectMoments("geometric", GeometricDistribution(probability: Tensor([0.2, 0.9])), 0.08)
    expectMoments("bernoulli", BernoulliDistribution(logits: Tensor([-1.0, 2])), 0.01)
    expectMoments("oneHot", OneHotCategoricalDistribution(logits: b), 0.01)
    expectMoments(
      "multinomial", MultinomialDistribution(count: 9, probabilities: Tensor([[1, 2, 3], [4, 1, 1]])), 0.04)
    let covariance = Tensor<Double>([[2, 0.6], [0.6, 1]])
    let normal = try MultivariateNormalDistribution(mean: Tensor([1, -1]), covariance: covariance)
    expectMoments("multivariateNormal", normal, 0.03)
    let drawn = normal.sample([40_000], generator: RandomGenerator(seed: 3)) - normal.mean
    let found = matmul(drawn.transposed(), drawn) / 40_000
    #expect((found - covariance).abs().max().item < 0.05)
    let many = MultivariateNormalDistribution(
      mean: Tensor<Double>(zeros: [4, 1, 2]), scaleTriangle: normal.scaleTriangle.broadcast(to: [3, 2, 2]))
    #expect(many.sample([5]).shape == [5, 4, 3, 2])
    #expect(many.logProbability(Tensor([0.5, 1])).shape == [4, 3])
    #expect(
      Swift.abs(many.logProbability(Tensor([0.5, 1]))[2, 1].item - normal.logProbability(Tensor([1.5, 0])).item) < 1e-12
    )
  }

  @Test func categoriesOfBatches() {
    let p = Tensor<Double>([[0.2, 0.8, 0], [0.5, 0, 0.5]])
    let drawn = CategoricalDistribution(probabilities: p).sample([3, 5000], generator: RandomGenerator(seed: 1))
    #expect(drawn.shape == [3, 5000, 2])
    let fractions = drawn.oneHot(classes: 3).cast(to: Double.self).mean(along: [0, 1])
    #expect((fractions - p).abs().max().item < 0.02)
    #expect(CategoricalDistribution(probabilities: p).sample([0]).shape == [0, 2])
  }

  @Test func pathwiseGradients() throws {
    let (m, s) = (Tensor<Double>(0.5).asVariable(), Tensor<Double>(2).asVariable())
    let normal = NormalDistribution(mean: m, deviation: s)
    let x = normal.rsample([4], generator: RandomGenerator(seed: 2))
    let slopes = gradients(of: x.sum(), at: [m, s], retainGraph: true)
    #expect(slopes[0].item == 4)
    #expect(Swift.abs(slopes[1].item - ((x.detached() - 0.5) / 2).sum().item) < 1e-12)
    #expect(!normal.sample([4]).requiresGradient)
    // The location and the scale of every family move its draws by 1 and by (x − location)/scale.
    typealias Family = (Tensor<Double>, Tensor<Double>) -> any ReparameterizedDistribution<Double>
    let laplace: Family = { LaplaceDistribution<Double>(mean: $0, scale: $1) }
    let gumbel: Family = { GumbelDistribution<Double>(location: $0, scale: $1) }
    let cauchy: Family = { CauchyDistribution<Double>(median: $0, scale: $1) }
    let student: Family = { StudentTDistribution<Double>(degrees: Tensor(3), location: $0, scale: $1) }
    for family in [laplace, gumbel, cauchy, student] {
      let drawn = family(m, s).rsample([7], generator: RandomGenerator(seed: 5))
      let found = gradients(of: drawn.sum(), at: [m, s], retainGraph: true)
      #expect(found[0].item == 7)
      let expected = ((drawn.detached() - 0.5) / 2).sum().item
      #expect(Swift.abs(found[1].item - expected) < 1e-9 * Swift.max(1, Swift.abs(expected)))
    }
    // Of Student's t the degrees: x = z·√(ν/2/g), E[x²] = ν/(ν − 2), its derivative −2/(ν − 2)².
    let ν = Tensor<Double>(full: [80_000], 9).asVariable()
    let t = StudentTDistribution(degrees: ν).rsample(generator: RandomGenerator(seed: 7))
    let slope = gradients(of: t.square().sum(), at: [ν])[0].mean().item
    #expect(Swift.abs(slope + 2.0 / 49) < 0.01, "\(slope)")
    // One-hot draws have the probabilities' gradients.
    let logits = Tensor<Double>([0.1, -0.4, 1]).asVariable()
    let hot = OneHotCategoricalDistribution(logits: logits).rsample(generator: RandomGenerator(seed: 8))
    #expect(hot.scalars.sorted() == [0, 0, 1])
    let weights = Tensor<Double>([3, 1, 2])
    let through = gradients(of: (hot * weights).sum(), at: [logits])[0]
    let soft = gradients(of: (logits.softmax() * weights).sum(), at: [logits])[0]
    #expect((through - soft).abs().max().item < 1e-12)
    // A factor of the covariance moves a draw with it.
    let l = Tensor<Double>([[1, 0], [0.5, 2]]).asVariable()
    let z = MultivariateNormalDistribution(mean: Tensor([0, 0]), scaleTriangle: l).rsample(
      generator: RandomGenerator(seed: 9))
    let moved = gradients(of: z[0], at: [l])[0].scalars
    #expect(moved == [z[0].item, 0, 0, 0])
  }

  @Test func sameBitsForAnyNumberOfThreads() {
    let threads = Workers.count
    defer { Workers.count = threads }
    let rates = Tensor<Float>(randomUniform: [30_000], in: 0.1..<20, generator: RandomGenerator(seed: 1))
    func everything() -> [[Float]] {
      let generator = RandomGenerator(seed: 2)
      return [
        GammaDistribution(concentration: rates, rate: rates).sample(generator: generator).scalars,
        StudentTDistribution(degrees: rates).sample(generator: generator).scalars,
        PoissonDistribution(rate: rates).sample(generator: generator).scalars,
        LaplaceDistribution(mean: rates, scale: rates).sample(generator: generator).scalars,
        gumbelSoftmax(rates.reshaped([3000, 10]), generator: generator).scalars,
      ]
    }
    Workers.count = 1
    let one = everything()
    Workers.count = 2
    #expect(everything() == one)
  }

  @Test func mistakesStopWithALine() async {
    func message(_ result: ExitTest.Result?) -> String { text(result?.standardErrorContent) }
    let deviation = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = NormalDistribution(mean: Tensor<Float>([0, 1]), deviation: Tensor<Float>([1, 0]))
    }
    #expect(message(deviation).contains("NormalDistribution: deviation is 0.0, expected a number above 0"))
    let mean = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = NormalDistribution<Double>(mean: .nan)
    }
    #expect(message(mean).contains("NormalDistribution: mean is nan, expected a number"))
    let probability = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = BernoulliDistribution(probability: Tensor<Float>([0.5, 1.5]))
    }
    #expect(message(probability).contains("BernoulliDistribution: probability is 1.5, expected 0 ≤ p ≤ 1"))
    let zeros = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = CategoricalDistribution(probabilities: Tensor<Float>(zeros: [2, 3]))
    }
    #expect(
      message(zeros).contains("CategoricalDistribution: the sum of the probabilities is 0.0, expected a number above 0")
    )
    let shape = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = DirichletDistribution(concentration: Tensor<Float>(ones: [3])).logProbability(Tensor(ones: [2, 4]))
    }
    #expect(message(shape).contains("logProbability: "))
    #expect(message(shape).contains("[2, 4]"))
    let bounds = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = UniformDistribution<Float>(low: 2, high: 2)
    }
    #expect(message(bounds).contains("UniformDistribution: high is 2.0, expected a number above low"))
  }

  @Test func matricesThatAreNotPositiveDefiniteThrow() {
    let matrix = Tensor<Double>([[1, 2], [2, 1]])
    #expect(throws: LinearAlgebraError.self) {
      _ = try MultivariateNormalDistribution(mean: Tensor([0, 0]), covariance: matrix)
    }
    #expect(throws: LinearAlgebraError.self) {
      _ = try MultivariateNormalDistribution(mean: Tensor([0, 0]), precision: matrix)
    }
  }
}
