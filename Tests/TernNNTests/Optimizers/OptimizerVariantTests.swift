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
    func values() throws -> [Tensor<Double>] {
      try model.state.filter { $0.dtype != .int64 }.map { try #require($0.tensor(Double.self)) }
    }
    let training = try values()
    optimizer.eval()
    let saved = optimizer.state
    optimizer.eval()
    #expect(try values()[0].scalars != training[0].scalars)
    optimizer.train()
    let again = try values()
    #expect(training.count == 8 && again.count == 8)
    for (a, b) in zip(training, again) { expectClose(b, a.scalars, within: 1e-13) }
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

  @Test func scheduleFreeTakesTwoStepsAsTheFormulaDoes() {
    let parameter = Parameter(Tensor<Double>([2]))
    let (rate, beta1, beta2, decay) = (0.1, 0.9, 0.99, 0.5)
    let optimizer = ScheduleFreeAdamW(
      ParameterList([parameter]), learningRate: rate, betas: (beta1, beta2), epsilon: 0, weightDecay: decay)
    for gradient in [3.0, -1] {
      parameter.gradient = Tensor([gradient])
      optimizer.step()
    }
    // The first step's direction is the gradient's sign, and its z is the whole average.
    let z1 = 2 - rate * (1 + decay * 2)
    let second = (beta2 * 0.01 * 9 + 0.01) / (1 - beta2 * beta2)
    let z2 = z1 - rate * (-1 / second.squareRoot() + decay * z1)
    let x2 = (z1 + z2) / 2
    expectClose(parameter.value, [(1 - beta1) * z2 + beta1 * x2], within: 1e-14)
    optimizer.eval()
    expectClose(parameter.value, [x2], within: 1e-14)
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
