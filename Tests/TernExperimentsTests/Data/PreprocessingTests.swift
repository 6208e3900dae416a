import Tern
import TernExperiments
import Testing

@Suite struct PreprocessingTests {
  private let points = ScaledPoints(seed: 11)

  @Test func thePointsSpanWhatIsStatedAndGoTogether() {
    let all = concatenate([points.train.x, points.test.x])
    #expect(all.amin(along: 0).scalars == [10_000, 1] && all.amax(along: 0).scalars == [20_000, 2])
    #expect(points.correlation > 0.7 && points.correlation < 0.95, "\(points.correlation)")
    #expect(points.train.y.mean().item > 0.4 && points.train.y.mean().item < 0.6)
  }

  /// The steps at the best of some rates.
  private func best(_ method: Preprocessing, rates: [Double], limit: Int = 1000) throws -> RateSweep.Run {
    let inputs = try method.applied(train: points.train.x, test: points.test.x)
    let sweep = RateSweep(method, label: "test", rates: rates, ExperimentContext()) {
      points.run(inputs, rate: $0, limit: limit, target: 0.15)
    }
    return try #require(sweep.best)
  }

  @Test func whitenedPointsAreLearntInTheFewestStepsAndUnscaledOnesNotAtAll() throws {
    let rates = [0.1, 1, 10, 30]
    let none = try best(
      .none,
      rates: (-10...0).map {
        var rate = 1.0; for _ in $0..<0 { rate /= 10 }; return rate
      })
    #expect(none.steps == nil && none.lowest > 0.6, "\(none.lowest)")
    let (minMax, standardized) = try (best(.minMax, rates: rates), best(.standardized, rates: rates))
    let (pca, zca) = try (best(.pca, rates: rates), best(.zca, rates: rates))
    let steps = try [pca, standardized, minMax].map { try #require($0.steps) }
    #expect(steps[0] * 2 < steps[1] && steps[1] * 2 < steps[2], "\(steps)")
    // They differ by a rotation, which gradient descent from 0 does not see.
    #expect(pca.steps == zca.steps)
    for (a, b) in zip(pca.trace, zca.trace) { #expect(abs(a.loss - b.loss) < 1e-9) }
    for run in [minMax, standardized, pca, zca] { #expect(run.accuracy > 0.9, "\(run.accuracy)") }
  }

  @Test func theTestPartIsPreparedByTheFiguresOfTheTrainingPart() throws {
    let scaling = try Standardization(of: points.train.x)
    let inputs = try Preprocessing.standardized.applied(train: points.train.x, test: points.test.x)
    #expect(inputs.test == scaling(points.test.x))
    #expect(inputs.test.mean(along: 0).abs().max().item > 1e-3)
  }

  @Test func preparedImagesAreLearntAndStoredOnesNot() throws {
    func run(_ method: Preprocessing, rate: Double) throws -> RateSweep.Run {
      try PreparedImages(Digits.split, method).run(rate: rate, limit: 1000, target: 0.3, ExperimentContext())
    }
    let standardized = try run(.standardized, rate: 1)
    #expect(standardized.steps != nil && standardized.accuracy > 0.85, "\(standardized)")
    let whitened = try run(.pca, rate: 1)
    #expect(whitened.steps != nil && whitened.accuracy > 0.8, "\(whitened)")
  }
}
