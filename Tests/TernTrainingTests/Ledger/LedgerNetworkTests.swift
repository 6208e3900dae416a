import Foundation
import Tern
import TernTestSupport
import Testing

@testable import TernTraining

/// Where runs part that train recurrent networks, attention, convolutions and modules of one's own.
@Suite struct LedgerNetworkTests {
  private typealias Network = Sequential<Float>

  /// What may be different about a network of sequences [N, 5, 6].
  private struct Options {
    var attentionDropout = 0.1
    var epsilon = 1e-5
    var approximate = GELUApproximation.none
    var factor: Float = 1
    var dropout = 0.2
    var optimizer: @Sendable (Network) -> any Optimizer = { Adam($0, learningRate: 0.01) }
    var model: @Sendable (Network) -> Void = { _ in }
    var after: @Sendable (Network, Int) -> Void = { _, _ in }
    var inputs: @Sendable (inout Tensor<Float>) -> Void = { _ in }
    var loss: @Sendable (Tensor<Float>, Tensor<Int>) -> Tensor<Float> = { crossEntropy($0, $1) }
  }

  /// A module of one's own with a branch.
  private final class Scale: Layer {
    let gate = Dense(8, 8)
    let scale = Parameter(Tensor<Float>(ones: [8]))
    let factor: Float
    init(_ factor: Float) { self.factor = factor }
    func forward(_ x: Tensor<Float>) -> Tensor<Float> { x + gate(x).sigmoid() * scale.value * factor }
  }

  private static func sequences(_ options: Options) -> Network {
    Sequential {
      GRU(6, 8, batchFirst: true)
      LayerNorm(8, epsilon: options.epsilon)
      TransformerEncoderLayer(8, heads: 2, innerFeatures: 16, dropout: options.attentionDropout, batchFirst: true)
      Scale(options.factor)
      GELU(approximate: options.approximate)
      Flatten()
      Dropout(options.dropout)
      Dense(40, 4)
    }
  }

  private static func images(_ options: Options) -> Network {
    Sequential {
      Unflatten(1, to: [1, 5, 6])
      Conv2D(1, 8, kernelSize: 3, padding: 1)
      GroupNorm(groups: 2, 8, epsilon: options.epsilon)
      SiLU()
      Residual {
        Conv2D(8, 8, kernelSize: 3, padding: 1); BatchNorm2d(8); ReLU()
      }
      MaxPool2D(2)
      Flatten()
      Dropout(options.dropout)
      Dense(48, 4)
    }
  }

  private func ledger(_ isImages: Bool, _ options: Options, threads: Int? = nil) throws -> Ledger {
    let folder = ScratchFolder()
    let model = Random.with(RandomGenerator(seed: 6)) { isImages ? Self.images(options) : Self.sequences(options) }
    options.model(model)
    let inputs = Random.with(RandomGenerator(seed: 5)) {
      var inputs = Tensor<Float>(randomNormal: [48, 5, 6])
      options.inputs(&inputs)
      return isImages ? inputs.reshaped([48, 30]) : inputs
    }
    let trainer = try Trainer(
      model, optimizer: options.optimizer(model), train: TensorDataset(inputs, Tensor((0..<48).map { $0 % 4 })),
      batchSize: 12, seed: 3, loss: options.loss)
    trainer.afterBatch = { options.after($0.model, $0.completedSteps) }
    let path = folder.path + "/ledger.bin"
    trainer.ledger = try LedgerWriter(path, model)
    let before = Workers.count
    defer { Workers.count = before }
    if let threads { Workers.count = threads }
    try trainer.run(epochs: 2)
    trainer.ledger = nil
    return try Ledger(contentsOf: path)
  }

  private static func nudge(_ parameter: Parameter<Float>?, _ place: Int = 3) {
    guard let parameter else { fatalError("there is no such parameter") }
    var values = parameter.value.detached().scalars
    values[place] += 0.01
    parameter.value = Tensor(values, shape: parameter.shape)
  }

  private static func parameter(_ model: Network, _ name: String) -> Parameter<Float>? {
    model.namedParameters.first { $0.name == name }?.parameter as? Parameter<Float>
  }

  private struct Run {
    var name: String
    var isImages = false
    var place: String
    var change: @Sendable (inout Options) -> Void

    init(_ name: String, isImages: Bool = false, _ place: String, _ change: @escaping @Sendable (inout Options) -> Void)
    {
      (self.name, self.isImages, self.place, self.change) = (name, isImages, place, change)
    }
  }

  private static let runs: [Run] = [
    Run("a recurrent weight", "step 1, forward of 0 (GRU)") { $0.model = { nudge(parameter($0, "0.weight_hh_l0")) } },
    Run("a scale of a layer norm", "step 1, forward of 1 (LayerNorm)") {
      $0.model = { nudge(parameter($0, "1.weight")) }
    },
    Run("ε of a layer norm", "step 1, forward of 1 (LayerNorm)") { $0.epsilon = 2e-5 },
    Run("a weight of attention", "step 1, forward of 2.self_attn (MultiHeadAttention)") {
      $0.model = { nudge(parameter($0, "2.self_attn.in_proj_weight"), 100) }
    },
    Run("the inner layer of attention's block", "step 1, forward of 2.linear1 (Dense)") {
      $0.model = { nudge(parameter($0, "2.linear1.weight")) }
    },
    Run("dropout in attention's block", "step 1, forward of 2.self_attn (MultiHeadAttention)") {
      $0.attentionDropout = 0.15
    },
    Run("a parameter of one's own module", "step 1, forward of 3 (Scale)") {
      $0.model = { nudge(parameter($0, "3.scale")) }
    },
    Run("a weight below one's own module", "step 1, forward of 3.gate (Dense)") {
      $0.model = { nudge(parameter($0, "3.gate.weight")) }
    },
    Run("a constant of one's own module", "step 1, forward of 3 (Scale)") { $0.factor = 1.001 },
    Run("how GELU is computed", "step 1, forward of 4 (GELU)") { $0.approximate = .tanh },
    Run("a fraction of dropout", "step 1, forward of 6 (Dropout)") { $0.dropout = 0.3 },
    Run("a recurrent bias that something changes", "step 4, forward of 0 (GRU)") {
      $0.after = { model, step in if step == 3 { nudge(parameter(model, "0.bias_ih_l0")) } }
    },
    Run("β₂ of Adam", "step 1, update of 0.weight_ih_l0") {
      $0.optimizer = { Adam($0, learningRate: 0.01, betas: (0.9, 0.99)) }
    },
    Run("the decay of one group", "step 1, update of 7.weight") {
      $0.optimizer = {
        let optimizer = Adam($0, learningRate: 0.01)
        optimizer.addGroup("head", where: { name, _ in name == "7.weight" }) { $0.weightDecay = 0.1 }
        return optimizer
      }
    },
    Run("a loss that is scaled", "step 1, backward of 7 (Dense)") { $0.loss = { crossEntropy($0, $1) * 1.001 } },
    Run("one step of a sequence", "step 1, forward of 0 (GRU)") { options in
      options.inputs = { x in for row in 0..<48 { x[row, 4, 5] = x[row, 4, 5] + 0.001 } }
    },
    Run("a kernel", isImages: true, "step 1, forward of 1 (Conv2D)") {
      $0.model = { nudge(parameter($0, "1.weight")) }
    },
    Run("ε of a group norm", isImages: true, "step 1, forward of 2 (GroupNorm)") { $0.epsilon = 2e-5 },
    Run("a frozen statistic in a block", isImages: true, "step 3, forward of 4") {
      $0.after = { model, step in
        if step == 2 { for entry in model.namedModules { (entry.module as? BatchNorm2d<Float>)?.eval() } }
      }
    },
    Run("a head's bias that something changes", isImages: true, "step 6, forward of 8 (Dense)") {
      $0.after = { model, step in if step == 5 { nudge(parameter(model, "8.bias"), 1) } }
    },
    Run("maximum and mean", isImages: true, "step 1, update of 1.weight") { options in
      options.optimizer = { SGD($0, learningRate: 0.01) }
    },
  ]

  @Test func plantedDifferences() throws {
    let usual = [false, true].map { isImages in Result { try ledger(isImages, Options()) } }
    for run in Self.runs {
      var options = Options()
      run.change(&options)
      let comparison = LedgerComparison(try usual[run.isImages ? 1 : 0].get(), try ledger(run.isImages, options))
      #expect(comparison.place?.description.hasPrefix(run.place) == true, "\(run.name): \(comparison)")
    }
  }

  /// The number of threads changes nothing but what is said of it.
  @Test func threadsChangeNothing() throws {
    for isImages in [false, true] {
      let ledgers = try [1, 2].map { try ledger(isImages, Options(), threads: $0) }
      #expect(LedgerComparison(ledgers[0], ledgers[1]).place == nil && ledgers[0].steps == ledgers[1].steps)
      #expect(ledgers[0].steps.count == 8)
    }
  }

  /// What draws random numbers is named where the draws differ, the loss too.
  @Test func drawsAreTold() throws {
    var noisy = Options()
    noisy.loss = { outputs, labels in
      crossEntropy(outputs + Tensor(randomNormal: outputs.shape) * 0.01, labels)
    }
    let (first, second) = (try ledger(false, noisy), try ledger(false, noisy))
    #expect(first.steps == second.steps)
    let draws = first.steps[0].entries.filter { $0.kind == .draw }.map { first.names[$0.name] }
    #expect(draws.last == "Sequential", "\(draws)")
    noisy.loss = { outputs, labels in
      crossEntropy(outputs + Tensor(randomUniform: outputs.shape) * 0.01, labels)
    }
    let comparison = LedgerComparison(first, try ledger(false, noisy))
    #expect(
      comparison.causes.contains { $0.hasPrefix("the random numbers that Sequential drew from step 1 on") },
      "\(comparison)")
  }
}
