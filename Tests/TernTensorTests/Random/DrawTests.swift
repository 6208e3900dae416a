import TernBackend
import TernTensor
import TernTestSupport
import Testing

/// Draws have the distributions they are named for, and the same bits whoever draws them.
@Suite(.serialized) struct DrawTests {
  private static let count = 20_000

  /// A draw by the name of its row in the tables.
  private static func draw(_ name: String, _ generator: RandomGenerator) -> Tensor<Double> {
    let words = name.split(separator: " ")
    let (a, b) = (Double(words[1])!, words.count > 2 ? Double(words[2])! : 0)
    let shape = [count]
    func all(_ value: Double) -> Tensor<Double> { Tensor(full: shape, value) }
    return switch words[0] {
    case "exponential": Tensor(randomExponential: shape, rate: a, generator: generator)
    case "logNormal": Tensor(randomLogNormal: shape, mean: a, deviation: b, generator: generator)
    case "cauchy": Tensor(randomCauchy: shape, median: a, scale: b, generator: generator)
    case "normal": Tensor(randomNormalAround: all(a), deviation: all(b), generator: generator)
    case "gamma": Tensor(randomGamma: all(a), generator: generator)
    case "beta": Tensor(randomBeta: all(a), Tensor(b), generator: generator)
    case "poisson": Tensor(randomPoisson: all(a), generator: generator)
    case "binomial": Tensor(randomBinomial: all(a), probability: Tensor(b), generator: generator)
    case "geometric": Tensor(randomGeometric: shape, probability: a, generator: generator)
    default: fatalError(name)
    }
  }

  /// χ² of counts in bins of given probabilities lies within what 1 in 10,000 draws exceeds, about.
  private func expectFit(_ name: String, _ counts: [Int], _ probabilities: [Double]) {
    let total = Double(counts.reduce(0, +))
    var statistic = 0.0
    for (count, probability) in zip(counts, probabilities) {
      let expected = total * probability
      statistic += (Double(count) - expected) * (Double(count) - expected) / expected
    }
    let degrees = Double(counts.count - 1)
    let limit = degrees + 4.5 * (2 * degrees).squareRoot() + 4
    #expect(statistic < limit, "\(name): χ² is \(statistic) of \(degrees) degrees of freedom, counts \(counts)")
  }

  @Test(arguments: [1, 2, 3]) func continuousDrawsFillBinsOfEqualProbability(_ seed: UInt64) {
    for (name, edges) in continuousDraws {
      var counts = [Int](repeating: 0, count: edges.count + 1)
      for value in Self.draw(name, RandomGenerator(seed: seed)).scalars {
        counts[edges.firstIndex { value <= $0 } ?? edges.count] += 1
      }
      expectFit(name, counts, [Double](repeating: 1 / Double(counts.count), count: counts.count))
    }
  }

  @Test(arguments: [1, 2, 3]) func discreteDrawsHaveTheirProbabilities(_ seed: UInt64) {
    for (name, ends, probabilities) in discreteDraws {
      var counts = [Int](repeating: 0, count: ends.count + 1)
      for value in Self.draw(name, RandomGenerator(seed: seed)).scalars {
        #expect(value == value.rounded() && value >= 0, "\(name): \(value)")
        counts[ends.firstIndex { value <= $0 } ?? ends.count] += 1
      }
      expectFit(name, counts, probabilities)
    }
  }

  @Test func anElementDependsOnItsIndexAlone() {
    let threads = Workers.count
    for name in continuousDraws.map(\.name) + discreteDraws.map(\.name) {
      let whole = Self.draw(name, RandomGenerator(seed: 5)).scalars
      let again = Self.draw(name, RandomGenerator(seed: 5)).scalars
      #expect(whole == again, "\(name)")
      Workers.count = 1
      let alone = Self.draw(name, RandomGenerator(seed: 5)).scalars
      Workers.count = 3
      let three = Self.draw(name, RandomGenerator(seed: 5)).scalars
      Workers.count = threads
      #expect(alone == whole && three == whole, "\(name)")
    }
    let generator = { RandomGenerator(seed: 9) }
    let rates = Tensor<Double>(randomUniform: [10_000], in: 0.1..<30, generator: generator())
    let all = Tensor<Int>(randomPoisson: rates, generator: generator()).scalars
    let some = Tensor<Int>(randomPoisson: rates[0..<777], generator: generator()).scalars
    #expect(Array(all[0..<777]) == some)
  }

  @Test func floatsAreRoundedDoubles() {
    func generator() -> RandomGenerator { RandomGenerator(seed: 3) }
    let exponential = Tensor<Double>(randomExponential: [500], generator: generator()).cast(to: Float.self)
    #expect(Tensor<Float>(randomExponential: [500], generator: generator()) == exponential)
    let cauchy = Tensor<Double>(randomCauchy: [500], generator: generator()).cast(to: Float.self)
    #expect(Tensor<Float>(randomCauchy: [500], generator: generator()) == cauchy)
    let trials = Tensor<Double>(randomGeometric: [500], probability: 0.1, generator: generator()).cast(to: Int.self)
    #expect(Tensor<Int>(randomGeometric: [500], probability: 0.1, generator: generator()) == trials)
  }

  @Test func integersAndPermutationsKeepTheirNumbers() {
    let generator = RandomGenerator(seed: 7)
    for count in [0, 1, 2, 64, 65, 300] {
      let state = generator.state
      let integers = Tensor<Int>(randomIntegers: [count], in: -3..<1 << 40, generator: generator).scalars
      let single = (0..<count).map { i in
        let block = Philox.block(seed: state.seed, stream: state.draws, counter: UInt64(i))
        let word = UInt64(block.0) << 32 | UInt64(block.1)
        return -3 + Int(word.multipliedFullWidth(by: UInt64(1 << 40) + 3).high)
      }
      #expect(integers == single)
      let next = generator.state
      let order = Tensor<Int>(randomPermutation: count, generator: generator).scalars
      var expected = Array(0..<count)
      for i in stride(from: count - 1, to: 0, by: -1) {
        let block = Philox.block(seed: next.seed, stream: next.draws, counter: UInt64(i))
        let word = UInt64(block.0) << 32 | UInt64(block.1)
        expected.swapAt(i, Int(word.multipliedFullWidth(by: UInt64(i + 1)).high))
      }
      #expect(order == expected)
    }
  }

  @Test func bernoulliOfProbabilities() {
    let p: Tensor<Float> = [[0, 1], [0.25, 0.75]]
    let x = Tensor<Float>(randomBernoulli: p.broadcast(to: [8000, 2, 2]), generator: RandomGenerator(seed: 2))
    let mean = x.mean(along: [0]).scalars
    #expect(mean[0] == 0 && mean[1] == 1)
    #expect(abs(mean[2] - 0.25) < 0.02 && abs(mean[3] - 0.75) < 0.02, "\(mean)")
    #expect(Tensor<Bool>(randomBernoulli: Tensor<Double>(ones: [3])).scalars == [true, true, true])
  }

  @Test func dirichletPointsLieOnTheSimplex() {
    let alpha: Tensor<Double> = [[0.01, 0.02, 0.005], [3, 1, 0.5]]
    let points = Tensor(randomDirichlet: alpha.broadcast(to: [20_000, 2, 3]), generator: RandomGenerator(seed: 8))
    let sums = points.sum(along: -1).scalars
    #expect(sums.allSatisfy { Swift.abs($0 - 1) < 1e-12 })
    #expect(points.scalars.allSatisfy { $0 > 0 })
    let mean = points.mean(along: [0])
    let expected = alpha / alpha.sum(along: -1, keepingAxes: true)
    #expect((mean - expected).abs().max().item < 0.015, "\(mean)")
    // The first part has the beta distribution of 3 and 1.5.
    let variance = points[0..., 1, 0].variance().item
    #expect(Swift.abs(variance - 3 * 1.5 / (4.5 * 4.5 * 5.5)) < 0.002)
  }

  @Test func tinyConcentrationsStayInTheRange() {
    let alpha = Tensor<Float>(full: [4000], 1e-3)
    #expect(Tensor(randomGamma: alpha).min().item > 0)
    let beta = Tensor(randomBeta: alpha, alpha)
    #expect(beta.min().item > 0 && beta.max().item < 1)
    #expect(!Tensor(randomDirichlet: alpha.reshaped([1000, 4])).isNaN().any().item)
  }

  @Test func likeAnotherTensor() {
    let x = Tensor<Int>(zeros: [3, 5])
    #expect(Tensor<Float>(randomUniformLike: x).shape == [3, 5])
    #expect(
      Tensor<Float>(randomNormalLike: x, mean: 2, generator: RandomGenerator(seed: 1))
        == Tensor<Float>(randomNormal: [3, 5], mean: 2, generator: RandomGenerator(seed: 1)))
    #expect(Tensor(randomIntegersLike: x, in: 4..<5).scalars == [Int](repeating: 4, count: 15))
  }

  @Test func emptyAndSingleDraws() {
    #expect(Tensor<Float>(randomExponential: []).rank == 0)
    #expect(Tensor<Float>(randomPoisson: Tensor<Float>(zeros: [0, 3])).shape == [0, 3])
    #expect(Tensor(randomDirichlet: Tensor<Float>(ones: [2, 0])).shape == [2, 0])
    #expect(Tensor<Int>(randomGeometric: [5], probability: 1).scalars == [1, 1, 1, 1, 1])
    #expect(Tensor<Int>(randomPoisson: [4], rate: 0).scalars == [0, 0, 0, 0])
    #expect(
      Tensor<Float>(randomBinomial: Tensor<Float>([0, 5, 5]), probability: Tensor([0.5, 0, 1])).scalars == [0, 0, 5])
  }

  @Test func mistakesStopWithALine() async {
    func message(_ result: ExitTest.Result?) -> String { text(result?.standardErrorContent) }
    let rate = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>(randomExponential: [2], rate: .nan)
    }
    #expect(message(rate).contains("randomExponential: rate is nan, expected a number above 0"))
    let poisson = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>(randomPoisson: Tensor<Float>([1, -2]))
    }
    #expect(message(poisson).contains("randomPoisson: rate is -2.0, expected a finite number, at least 0"))
    let bernoulli = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>(randomBernoulli: Tensor<Float>([0.5, 1.5]))
    }
    #expect(message(bernoulli).contains("randomBernoulli: probability is 1.5, expected 0 ≤ p ≤ 1"))
    let gamma = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor(randomGamma: Tensor<Float>([0, 1]))
    }
    #expect(message(gamma).contains("DrawTests.swift"))
    #expect(message(gamma).contains("randomGamma: concentration is 0.0, expected a number above 0"))
  }
}
