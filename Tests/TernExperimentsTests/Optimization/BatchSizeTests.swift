import Tern
import TernExperiments
import Testing

/// The noise of batches: none for the whole, 1/√size for samples drawn alike.
@Suite struct BatchSizeTests {
  private let noise = BatchNoise(
    plain: SigmoidNetwork.make(Digits.split.train, .none, deviation: 0.3, seed: 1),
    normalized: SigmoidNetwork.make(Digits.split.train, .batch(), seed: 1), ImageDataset(Digits.split.train),
    count: 1400)

  @Test func theWholeProbeHasNone() {
    let row = noise.row(batchSize: 1400, batches: 2, generator: RandomGenerator(seed: 1))
    #expect(row.plainGradient < 1e-5 && row.normalizedGradient < 1e-4, "\(row)")
    #expect((row.means + row.deviations).allSatisfy { $0 < 1e-4 }, "\(row)")
  }

  @Test func fourTimesTheBatchHasHalfTheNoise() {
    let generator = RandomGenerator(seed: 2)
    let (small, large) = (
      noise.row(batchSize: 8, batches: 60, generator: generator),
      noise.row(batchSize: 32, batches: 60, generator: generator)
    )
    let ratio = small.plainGradient / large.plainGradient
    #expect(ratio > 1.7 && ratio < 2.4, "\(ratio)")
    // The mean of n values has the deviation 1/√n.
    #expect(abs(small.means[0] * 8.0.squareRoot() - 1) < 0.12, "\(small.means)")
    #expect(abs(large.means[0] * 32.0.squareRoot() - 1) < 0.12, "\(large.means)")
    #expect(small.deviations[0] > 1.5 * large.deviations[0])
  }

  @Test func aBatchOfOneHasNoStatistics() {
    let row = noise.row(batchSize: 1, batches: 3, generator: RandomGenerator(seed: 3))
    #expect(
      row.plainGradient.isFinite && row.normalizedGradient.isNaN && (row.means + row.deviations).allSatisfy(\.isNaN))
  }

  @Test func everySizeHasItsRow() throws {
    let result = try BatchSizeExperiment().run(ExperimentContext(isQuick: true))
    #expect(result.findings.count == 5, "\(result.findings)")
    guard case .table(let table) = result.evidence.first else {
      Issue.record("no table first")
      return
    }
    #expect(table.rows.map(\.first) == [1, 4, 16, 64, 256, 1024].map { .integer($0) })
  }
}
