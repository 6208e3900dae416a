import Tern
import TernExperiments
import Testing

/// γ and β as the identity, and what leaving them out does to a sigmoid's inputs.
@Suite struct AffineTests {
  @Test(arguments: [(0.0, 1.0), (5, 3), (-100, 0.25), (1e4, 10), (0, 1e-3)])
  func scaleAndShiftGiveTheInputBack(mean: Double, deviation: Double) {
    for shape in [[2, 1], [7, 3], [256, 64], [1000, 5]] {
      let double = AffineExperiment.distance(Double.self, shape: shape, mean: mean, deviation: deviation)
      let float = AffineExperiment.distance(Float.self, shape: shape, mean: mean, deviation: deviation)
      #expect(double < 4 * Double.ulpOfOne, "\(shape): \(double)")
      #expect(float < 4 * Double(Float.ulpOfOne), "\(shape): \(float)")
    }
  }

  @Test func withoutThemInputsKeepToTheMiddleOfTheSigmoid() throws {
    let result = try AffineExperiment().run(ExperimentContext(isQuick: true))
    #expect(result.findings.count == 5, "\(result.findings)")
    guard case .table(let table) = result.evidence.first, table.rows.count == 3 else {
      Issue.record("no table of three networks")
      return
    }
    let bent = table.rows.map { row -> Double in
      if case .number(let value, _) = row[3] { value } else { .nan }
    }
    // Of a normal distribution of variance 1, 4.6 % lie outside ±2.
    #expect(bent[1] < 0.05 && bent[2] > bent[1], "\(bent)")
  }
}
