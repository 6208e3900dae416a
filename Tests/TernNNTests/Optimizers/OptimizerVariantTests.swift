import TernBackend
import TernTensor
import TernTestSupport
import Testing

@testable import TernNN

/// Optimizers of the family optimizer_variants on a network; their formulas are held to others in the conformance cases.
@Suite struct OptimizerVariantTests {
  static let kinds: [(String, @Sendable (Sequential<Double>) -> any Optimizer)] = [
    ("Rprop", { Rprop($0, learningRate: 0.01) }),
    ("ASGD", { ASGD($0, learningRate: 0.1, decay: 0.1, start: 2) }),
    ("Lion", { Lion($0, learningRate: 0.01, weightDecay: 0.1) }),
    ("Adafactor", { Adafactor($0, learningRate: 0.1) }),
    ("LAMB", { LAMB($0, learningRate: 0.05) }),
    ("SparseAdam", { SparseAdam($0, learningRate: 0.01) }),
    ("ScheduleFreeAdamW", { ScheduleFreeAdamW($0, learningRate: 0.02, weightDecay: 0.1, warmUpSteps: 4) }),
  ]

  @Test(arguments: kinds.indices) func aLoadedStateGoesOnToTheSameBits(index: Int) throws {
    let (name, make) = Self.kinds[index]
    let straight = OptimizerTests.makeModel()
    let whole = OptimizerTests.train(straight, make(straight), steps: 6)
    #expect(whole[5] < whole[0], "\(name): \(whole)")

    let first = OptimizerTests.makeModel()
    let optimizer = make(first)
    let start = OptimizerTests.train(first, optimizer, steps: 3)
    let (model, state) = (first.state, optimizer.state)
    _ = OptimizerTests.train(first, optimizer, steps: 2)

    let second = OptimizerTests.makeModel()
    try second.load(model)
    let resumed = make(second)
    try resumed.load(state)
    let rest = OptimizerTests.train(second, resumed, steps: 3)
    #expect(start + rest == whole, "\(name)")
  }

  @Test func adafactorKeepsRowsAndColumnsOfMatrices() {
    let model = OptimizerTests.makeModel()
    let optimizer = Adafactor(model)
    _ = OptimizerTests.train(model, optimizer, steps: 1)
    let kept = optimizer.state.tensors.prefix(3).map { "\($0.name) \($0.shape)" }
    #expect(kept == ["0.weight/rows [4, 1]", "0.weight/columns [1, 3]", "0.bias/square [4]"])
  }

  @Test func sparseAdamLeavesRowsWithoutGradientAlone() {
    let table = Parameter(Tensor<Float>(ones: [3, 2]))
    let optimizer = SparseAdam(ParameterList([table]), learningRate: 0.1)
    table.gradient = Tensor([1, 1, 0, 0, 1, 1], shape: [3, 2])
    optimizer.step()
    table.gradient = Tensor([0, 0, 0, 0, 1, 0], shape: [3, 2])
    let before = table.value.detached().scalars
    optimizer.step()
    let after = table.value.detached().scalars
    #expect(before[0] < 1 && before[2] == 1 && before[3] == 1)
    #expect(after[0] == before[0] && after[1] == before[1] && after[2] == 1 && after[4] < before[4])
  }

  @Test func scheduleFreeShowsItsAveragesInEvaluation() async throws {
    let model = OptimizerTests.makeModel()
    let optimizer = ScheduleFreeAdamW(model, learningRate: 0.05)
    _ = OptimizerTests.train(model, optimizer, steps: 4)
    let training = model.state.map { $0.tensor(Double.self) }
    optimizer.eval()
    let saved = optimizer.state
    optimizer.eval()
    let averages = model.state.map { $0.tensor(Double.self) }
    #expect(averages[0]!.scalars != training[0]!.scalars)
    optimizer.train()
    for (a, b) in zip(training, model.state.map { $0.tensor(Double.self) }) {
      if let a, let b { expectClose(b, a.scalars, within: 1e-13) }
    }
    let other = ScheduleFreeAdamW(model)
    try other.load(saved)
    #expect(!other.isTraining)
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let parameter = Parameter(Tensor<Float>([1]))
      let optimizer = ScheduleFreeAdamW(ParameterList([parameter]))
      parameter.gradient = Tensor([1])
      optimizer.eval()
      optimizer.step()
    }
    expectLine("ScheduleFreeAdamW: a step in evaluation: call train() first", in: result?.standardErrorContent)
  }

  @Test func hyperparametersOutOfRangeAreNamed() async {
    let factors = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Rprop(ParameterList([Parameter(Tensor<Float>([1]))]), factors: (1.5, 1.2))
    }
    expectLine(
      "Rprop: factors 1.5 and 1.2, expected 0 < shrink < 1 < growth", in: factors?.standardErrorContent)
    let betas = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Lion(ParameterList([Parameter(Tensor<Float>([1]))]), betas: (0.9, 1))
    }
    expectLine("Lion: betas 0.9 and 1.0 outside 0..<1", in: betas?.standardErrorContent)
    let clipping = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Adafactor(ParameterList([Parameter(Tensor<Float>([1]))]), clipping: 0.5)
    }
    expectLine("Adafactor: a clipping of 0.5, expected at least 1", in: clipping?.standardErrorContent)
  }
}
