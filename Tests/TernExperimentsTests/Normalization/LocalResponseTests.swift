import Tern
import TernExperiments
import Testing

@Suite struct LocalResponseTests {
  @Test func theNetworksDifferInTheNormalizationAlone() {
    let problem = ImageProblem(Digits.split)
    let names = LocalResponseExperiment.Kind.allCases.map { kind in
      LocalResponseExperiment.network(kind, problem).layers.map { "\(type(of: $0))".prefix { $0 != "<" } }
    }
    #expect(names[0].prefix(3) == ["Conv2D", "ReLU", "MaxPool2D"])
    #expect(names[1].filter { $0 != "LocalResponseNorm" } == names[0] && names[1][2] == "LocalResponseNorm")
    #expect(names[2].filter { $0 != "BatchNorm2d" } == names[0] && names[2][1] == "BatchNorm2d")
  }

  @Test func theExperimentGivesAccuracyAndTimeOfEach() throws {
    let result = try LocalResponseExperiment().run(ExperimentContext(isQuick: true))
    #expect(result.findings.count == 6, "\(result.findings)")
    let tables = result.evidence.compactMap { if case .table(let table) = $0 { table } else { nil } }
    #expect(tables.map(\.rows.count) == [15, 3])
    for row in tables[1].rows.dropFirst() {
      guard case .number(let step, _) = row[1], case .number(let layer, _) = row[2] else {
        Issue.record("\(row)")
        continue
      }
      #expect(step > 0 && layer > 0, "\(row)")
    }
    var best: [String: Double] = [:]
    for row in tables[0].rows {
      guard case .text(let kind) = row[0], case .number(let mean, _) = row[2] else { continue }
      best[kind] = max(best[kind] ?? 0, mean)
    }
    #expect(best.count == 3 && best.values.allSatisfy { $0 > 0.85 }, "\(best)")
  }
}
