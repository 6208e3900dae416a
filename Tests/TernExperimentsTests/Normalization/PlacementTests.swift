import Tern
import TernExperiments
import Testing

@Suite struct PlacementTests {
  private func losses(_ network: PlacedNetwork) throws -> [Double] {
    let trial = ExperimentContext().trial(
      "placement", ImageProblem(Digits.split), TrialPlan(steps: 12, method: .adam, learningRate: 0.001), seed: 1
    ) { network.make(ImageProblem(Digits.split)) }
    return try #require(trial).losses
  }

  @Test func reluAndMaximumMayChangePlacesAndBatchNormMayNot() throws {
    let usual = try losses(.convolutional([.norm, .relu, .pool]))
    let swapped = try losses(.convolutional([.norm, .pool, .relu]))
    let after = try losses(.convolutional([.relu, .norm, .pool]))
    for (a, b) in zip(usual, swapped) { #expect(abs(a - b) < 1e-3 * a, "\(a) \(b)") }
    #expect(abs(usual[0] - after[0]) > 1e-3 && abs(usual[11] - after[11]) > 1e-3)
  }

  @Test func theTableHasThreeSeedsOfEveryNetwork() throws {
    let result = try PlacementExperiment().run(ExperimentContext(isQuick: true))
    #expect(result.findings.count == 6, "\(result.findings)")
    guard case .table(let table)? = result.evidence.first else {
      Issue.record("no table first")
      return
    }
    #expect(table.rows.count == 13 && Set(table.rows.map { $0[0] }).count == 13)
    #expect(result.data[0].rows.count == 39)
    for row in table.rows {
      guard case .number(let mean, _) = row[1], case .number(let low, _) = row[2], case .number(let high, _) = row[3]
      else { continue }
      #expect(low <= mean && mean <= high && mean > 0.5, "\(row)")
    }
  }
}
