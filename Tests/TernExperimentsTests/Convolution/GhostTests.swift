import Tern
import TernExperiments
import Testing

@Suite struct GhostTests {
  @Test func ghostModulesHalveWhatEachReplacedConvolutionCosts() throws {
    let plain = cost(of: GhostNetwork.plain(width: 1).make(channels: 3, classes: 10), input: [1, 3, 32, 32])
    let replaced = cost(of: GhostNetwork.replaced(ratio: 2).make(channels: 3, classes: 10), input: [1, 3, 32, 32])
    #expect(plain.uncounted.isEmpty && replaced.uncounted.isEmpty)
    // 3·16, 16·24, 3 of 24·24, 24·40, 3 of 40·40, at 32², 16² and 8² pixels.
    let kernels = [(3 * 16, 1024), (16 * 24, 256), (24 * 24 * 3, 256), (24 * 40, 64), (40 * 40 * 3, 64)]
    #expect(plain.multiplyAdds == kernels.reduce(400) { $0 + 9 * $1.0 * $1.1 })
    let norms = 2 * (16 + 24 * 4 + 40 * 4)
    #expect(plain.parameters == kernels.reduce(410 + norms) { $0 + 9 * $1.0 })
    // Half of each convolution, and 9 products for each of the other half of the channels.
    let halves = [(16 * 12, 12, 256), (24 * 12 * 3, 36, 256), (24 * 20, 20, 64), (40 * 20 * 3, 60, 64)]
    #expect(
      replaced.multiplyAdds == halves.reduce(400 + 9 * 48 * 1024) { $0 + 9 * ($1.0 + $1.1) * $1.2 })
    #expect(replaced.parameters == halves.reduce(410 + norms + 9 * 48) { $0 + 9 * ($1.0 + $1.1) })
  }

  @Test(arguments: GhostNetwork.all) func theNetworksTakeImagesOfAnySize(network: GhostNetwork) {
    for shape in [[2, 1, 8, 8], [2, 1, 28, 28], [2, 3, 32, 32]] {
      let model = network.make(channels: shape[1], classes: 10)
      #expect(model(Tensor(randomNormal: shape)).shape == [2, 10], "\(network.label) \(shape)")
    }
  }

  @Test func theExperimentFindsFewerParametersAndOperationsAtNearlyTheSameAccuracy() throws {
    let result = try GhostExperiment().run(ExperimentContext(isQuick: true))
    #expect(result.findings.count == 4, "\(result.findings)")
    guard case .table(let table)? = result.evidence.first else {
      Issue.record("no table first")
      return
    }
    #expect(table.rows.count == GhostNetwork.all.count)
    func number(_ network: String, _ column: String) throws -> Double {
      let row = try #require(table.rows.first { $0[1] == .text(network) })
      switch try row[#require(table.columns.firstIndex(of: column))] {
      case .number(let value, _): return value
      case .integer(let value): return Double(value)
      case .text: return .nan
      }
    }
    let (plain, ghost) = ("plain CNN ×1.0", "with Ghost modules, ratio 2")
    #expect(try number(ghost, "parameters") < 0.6 * number(plain, "parameters"))
    #expect(try number(ghost, "multiply-adds") < 0.65 * number(plain, "multiply-adds"))
    #expect(try number(ghost, "test accuracy") > number(plain, "test accuracy") - 0.1)
    #expect(try number(plain, "test accuracy") > 0.8)
    #expect(result.evidence.count == 3 && result.data[0].rows.count > 200)
  }
}
