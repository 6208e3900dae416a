import Tern
import TernExperiments
import Testing

@Suite struct DropoutTests {
  @Test func withTheRateTheTrainingLossGrowsAndTheGapShrinks() throws {
    let result = try DropoutExperiment().run(ExperimentContext(isQuick: true))
    guard case .table(let table)? = result.evidence.first else {
      Issue.record("no table first")
      return
    }
    func column(_ name: String, _ network: DropoutNetwork, _ place: DropoutNetwork.Place) throws -> [Double] {
      let index = try #require(table.columns.firstIndex(of: name))
      return table.rows.filter { $0[0] == .text(network.rawValue) && $0[1] == .text("dropout \(place.rawValue)") }
        .compactMap { if case .number(let value, _) = $0[index] { value } else { nil } }
    }
    // Accuracies of the quick form are whole numbers of its few test images: one gap is held to one image, and the gaps
    // of a network together shrink.
    let oneImage = 1 / Double(Digits.split.test.count)
    for network in DropoutNetwork.allCases {
      var (without, most) = (0.0, 0.0)
      for place in DropoutNetwork.Place.allCases {
        let losses = try column("training loss", network, place)
        #expect(losses.count == 4 && losses == losses.sorted(), "\(network) \(place): \(losses)")
        let gaps = try column("gap", network, place)
        #expect(gaps[3] < gaps[0] + oneImage, "\(network) \(place): \(gaps)")
        without += gaps[0]
        most += gaps[3]
      }
      #expect(without > most, "\(network)")
    }
    #expect(table.rows.count == 2 * (2 * 4 + 2) && result.findings.count == 8, "\(result.findings)")
  }

  @Test func withoutDropoutEverySubnetworkIsTheWhole() {
    let problem = ImageProblem(Digits.split)
    for (rate, isSame) in [(0.0, true), (0.5, false)] {
      let model = Random.with(RandomGenerator(seed: 2)) { DropoutNetwork.mlp.make(problem, rate: rate, .before) }
      let result = SampledSubnetworks(model, problem.test, limit: 100, counts: [1, 4], seed: 3)
      #expect(result.points.map(\.count) == [1, 4])
      #expect((result.difference < 1e-7) == isSame, "\(result.difference)")
      #expect(model.namedModules.allSatisfy { ($0.module as? any ModeDependent)?.isTraining ?? true })
    }
  }

  @Test func aProblemHasTheFirstImagesUnderTheStandardizationOfAll() throws {
    let (all, few) = (ImageProblem(Digits.split), ImageProblem(Digits.split, trainCount: 10))
    #expect(few.train.count == 10 && few.test.count == all.test.count && few.shape == [1, 8, 8])
    #expect(few.train.standardization == all.train.standardization)
    #expect(few.train.batch([3, 9]).inputs == all.train.batch([3, 9]).inputs)
  }
}
