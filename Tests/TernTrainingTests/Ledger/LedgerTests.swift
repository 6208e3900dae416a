import Foundation
import Tern
import TernData
import TernTestSupport
import Testing

@testable import TernTraining

/// Hashes of steps, and where two runs part.
@Suite struct LedgerTests {
  fileprivate typealias Network = Sequential<Float>

  /// What is different about a run.
  fileprivate struct Run {
    var name: String
    /// The first difference that is expected: its kind, the layer or parameter, and the step.
    var kind: LedgerStep.Kind? = .output
    var layer = ""
    var step = 1
    /// What is said to differ before it.
    var cause: String?
    var seed: UInt64 = 7
    var batchSize = 16
    var momentum = 0.9
    var rate = 0.05
    var decay = 0.0
    var accumulation = 1
    var clipping: GradientClipping?
    var dropout = 0.2
    var epsilon = 1e-5
    var frozen: FrozenPaths?
    var model: @Sendable (Network) -> Void = { _ in }
    var data: @Sendable (inout Tensor<Float>, inout Tensor<Int>) -> Void = { _, _ in }
    /// Called after every step.
    var after: @Sendable (Network, SGD, Int) -> Void = { _, _, _ in }
    var loss: @Sendable (Tensor<Float>, Tensor<Int>) -> Tensor<Float> = { crossEntropy($0, $1) }
  }

  private static let count = 64

  private func path() -> String { NSTemporaryDirectory() + "ledger-\(UUID().uuidString).bin" }

  private func trainer(_ run: Run) throws -> (Trainer<Network, TensorDataset<Float, Int>>, SGD) {
    let model = Random.with(RandomGenerator(seed: 6)) {
      Sequential {
        Dense(12, 16)
        BatchNorm1d(16, epsilon: run.epsilon)
        ReLU()
        Dropout(run.dropout)
        Dense(16, 16)
        ReLU()
        Dense(16, 4)
      }
    }
    run.model(model)
    let (inputs, labels) = Random.with(RandomGenerator(seed: 5)) {
      var inputs = Tensor<Float>(randomNormal: [Self.count, 12])
      var labels = Tensor((0..<Self.count).map { $0 % 4 })
      run.data(&inputs, &labels)
      return (inputs, labels)
    }
    let optimizer = SGD(model, learningRate: run.rate, momentum: run.momentum, weightDecay: run.decay)
    let trainer = try Trainer(
      model, optimizer: optimizer, train: TensorDataset(inputs, labels), batchSize: run.batchSize, seed: run.seed,
      loss: run.loss)
    trainer.accumulation = run.accumulation
    trainer.clipping = run.clipping
    trainer.frozen = run.frozen
    trainer.afterBatch = { run.after($0.model, optimizer, $0.completedSteps) }
    return (trainer, optimizer)
  }

  private func ledger(_ run: Run, epochs: Int = 3) throws -> Ledger {
    let path = path()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let (trainer, _) = try trainer(run)
    trainer.ledger = try LedgerWriter(path, trainer.model)
    try trainer.run(epochs: epochs)
    return try Ledger(contentsOf: path)
  }

  private static func dense(_ model: Network, _ index: Int) -> Dense<Float> {
    guard let dense = model[index] as? Dense<Float> else { fatalError("layer \(index) is not dense") }
    return dense
  }

  private static func nudge(_ parameter: Parameter<Float>) {
    var value = parameter.value.detached()
    value[0] = value[0] + 1e-6
    parameter.value = value
  }

  /// Changes a single weight.
  private static func nudge(_ parameter: Parameter<Float>, _ place: Int) {
    var values = parameter.value.detached().scalars
    values[place] += 0.01
    parameter.value = Tensor(values, shape: parameter.value.shape)
  }

  private static let runs: [Run] = [
    Run(name: "one weight", layer: "4 (Dense)", cause: "the initial weights of 4.weight") {
      $0.model = { nudge(dense($0, 4).weight) }
    },
    Run(name: "one bias", layer: "6 (Dense)", cause: "the initial weights of 6.bias") {
      $0.model = { nudge(dense($0, 6).bias!) }
    },
    Run(name: "the first weights", layer: "0 (Dense)", cause: "the initial weights of 0.weight") {
      $0.model = { nudge(dense($0, 0).weight) }
    },
    Run(name: "the seed", layer: "0 (Dense)", cause: "the samples from step 1") { $0.seed = 8 },
    Run(name: "one layer's ε", layer: "1 (BatchNorm1d)") { $0.epsilon = 1.1e-5 },
    Run(name: "the fraction of dropout", layer: "3 (Dropout)") { $0.dropout = 0.25 },
    Run(name: "momentum", kind: .update, layer: "0.weight", step: 2, cause: "momenta") { $0.momentum = 0.8 },
    Run(name: "the learning rate", kind: .update, layer: "0.weight", cause: "the learning rate from step 1 on") {
      $0.rate = 0.06
    },
    Run(name: "weight decay", kind: .update, layer: "0.weight") { $0.decay = 0.01 },
    Run(
      name: "the learning rate of a step", kind: .update, layer: "0.weight", step: 6,
      cause: "the learning rate from step 6 on: 0.05 and 0.04"
    ) { $0.after = { if $2 == 5 { $1.learningRate = 0.04 } } },
    Run(name: "one label", kind: .gradient, layer: "6 (Dense)", step: 0, cause: "the values or labels of the batch") {
      $0.data = { $1[11] = Tensor(0) }
    },
    Run(name: "one sample", layer: "0 (Dense)", step: 0, cause: "the values or labels of the batch") {
      $0.data = { inputs, _ in inputs[11, 3] = inputs[11, 3] + 0.01 }
    },
    Run(name: "batch size", layer: "0 (Dense)", cause: "the samples") { $0.batchSize = 8 },
    Run(name: "accumulated batches", kind: nil, layer: "", cause: "the samples") { $0.accumulation = 2 },
    Run(name: "clipping", kind: .update, layer: "0.weight") { $0.clipping = .norm(0.01) },
    Run(name: "a frozen layer", kind: nil, layer: "") { $0.frozen = FrozenPaths(["0"]) },
    Run(name: "label smoothing", kind: .gradient, layer: "6 (Dense)") {
      $0.loss = { crossEntropy($0, $1, labelSmoothing: 0.01) }
    },
    Run(name: "a weight that something changes", layer: "4 (Dense)", step: 9) {
      $0.after = { model, _, step in if step == 8 { nudge(dense(model, 4).weight) } }
    },
    Run(name: "the slope of an activation's layer in evaluation mode", layer: "1 (BatchNorm1d)", step: 5) {
      $0.after = { model, _, step in if step == 4 { model[1].eval() } }
    },
    Run(name: "random numbers", layer: "3 (Dropout)", step: 2, cause: "the random numbers") {
      $0.loss = { outputs, labels in
        _ = Tensor<Float>(randomUniform: [1])
        return crossEntropy(outputs, labels)
      }
    },
    Run(name: "a bias that something changes", layer: "6 (Dense)", step: 4) {
      $0.after = { model, _, step in if step == 3 { nudge(dense(model, 6).bias!) } }
    },
    Run(name: "the order of one batch", layer: "0 (Dense)", step: 0, cause: "the values or labels of the batch") {
      $0.data = { inputs, labels in
        let (first, second) = (inputs[3], inputs[4])
        (inputs[3], inputs[4]) = (second, first)
      }
    },
    Run(name: "the momentum of a step", kind: .update, layer: "0.weight", step: 8, cause: "momenta") {
      $0.after = { if $2 == 7 { $1.momenta = [0.5] } }
    },
  ]

  @Test func plantedDifferences() throws {
    #expect(Self.runs.count == 23)
    let usual = try ledger(Run(name: "usual"))
    for run in Self.runs {
      let comparison = LedgerComparison(usual, try ledger(run))
      guard let place = comparison.place else {
        Issue.record("\(run.name): nothing differs: \(comparison)")
        continue
      }
      if run.step > 0 { #expect(place.step == run.step, "\(run.name): \(comparison)") }
      if run.step == 0 { #expect(place.step <= 4, "\(run.name): \(comparison)") }
      if !run.layer.isEmpty {
        #expect(place.kind == run.kind && place.name == run.layer, "\(run.name): \(comparison)")
      }
      if let cause = run.cause { #expect("\(comparison)".contains(cause), "\(run.name): \(comparison)") }
    }
  }

  @Test func wholeHashesFindWhatASampleMisses() throws {
    func step(changing unit: Int?) throws -> Ledger {
      let path = path()
      defer { try? FileManager.default.removeItem(atPath: path) }
      let model = Random.with(RandomGenerator(seed: 6)) {
        Sequential {
          Dense(8, 3000)
          Tanh()
          Dense(3000, 4)
        }
      }
      if let unit { Self.nudge(Self.dense(model, 0).weight, unit * 8) }
      let (inputs, labels) = Random.with(RandomGenerator(seed: 5)) {
        (Tensor<Float>(randomNormal: [8, 8]), Tensor((0..<8).map { $0 % 4 }))
      }
      let trainer = try Trainer(
        model, optimizer: SGD(model, learningRate: 0.1), train: TensorDataset(inputs, labels), batchSize: 8, seed: 1
      ) { crossEntropy($0, $1) }
      trainer.ledger = try LedgerWriter(path, model, isWhole: true)
      try trainer.run(epochs: 1)
      trainer.ledger = nil
      return try Ledger(contentsOf: path)
    }
    let usual = try step(changing: nil)
    #expect(usual.steps.count == 1 && usual.wholeSteps.count == 1)
    var missed = 0
    for unit in stride(from: 5, to: 3000, by: 300) {
      let other = try step(changing: unit)
      let (sample, whole) = (LedgerComparison(usual, other), LedgerComparison(usual.whole, other.whole))
      #expect(whole.place?.description == "step 1, forward of 0 (Dense)", "\(unit): \(whole)")
      #expect(sample.place?.step == 1, "\(unit): \(sample)")
      if sample.place != whole.place { missed += 1 }
      #expect(usual.firstDifference(from: other) == 1 && other.firstDifference(from: other) == nil)
    }
    #expect(missed > 0)
  }

  @Test func sessionsThatDifferAreNamedWhereTheyBegin() throws {
    func run(_ threads: [Int]) throws -> Ledger {
      // Other tests change the number of threads meanwhile, but not each time.
      for _ in 0..<50 {
        let ledger = try runOnce(threads)
        if ledger.sessions.map({ $0["threads"] }) == threads.map({ "\($0)" }) { return ledger }
      }
      return try runOnce(threads)
    }
    func runOnce(_ threads: [Int]) throws -> Ledger {
      let path = path()
      defer { try? FileManager.default.removeItem(atPath: path) }
      let (trainer, _) = try trainer(Run(name: "a"))
      let before = Workers.count
      defer { Workers.count = before }
      for (index, threads) in threads.enumerated() {
        Workers.count = threads
        trainer.ledger = try LedgerWriter(path, trainer.model, after: trainer.completedSteps)
        trainer.shouldStop = { trainer.completedSteps >= 4 * index + 2 }
        try trainer.run(epochs: 3)
        trainer.ledger = nil
      }
      return try Ledger(contentsOf: path)
    }
    let comparison = LedgerComparison(try run([1, 1]), try run([1, 2]))
    #expect(comparison.place == nil && comparison.steps == 6, "\(comparison)")
    #expect(comparison.causes == ["threads from step 3 on: 1 and 2"], "\(comparison)")
    let other = LedgerComparison(try run([2, 2]), try run([1, 2]))
    #expect(other.place == nil && other.causes == ["threads: 2 and 1"], "\(other)")
  }

  @Test func keptCheckpointsAreThinnedOut() throws {
    let folder = ScratchFolder()
    let checkpoints = LedgerCheckpoints(folder.path + "/kept")
    let path = folder.path + "/checkpoint.safetensors"
    for epoch in 1...40 {
      for batch in [3, 0] {
        try Data("\(epoch) \(batch)".utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        var progress = TrainingProgress()
        (progress.epoch, progress.batch) = (batch == 0 ? epoch : epoch - 1, batch)
        try checkpoints.keep(path, afterStep: batch == 0 ? epoch * 10 : epoch * 10 - 7, progress)
        #expect(checkpoints.all.count <= 9 && checkpoints.all.last?.step == epoch * 10 - (batch == 0 ? 0 : 7))
      }
    }
    #expect(checkpoints.all.map(\.step) == [80, 160, 240, 320, 400])
    #expect(try String(contentsOfFile: checkpoints.all[1].path, encoding: .utf8) == "16 0")
    checkpoints.removeAll(afterStep: 240)
    #expect(checkpoints.all.map(\.step) == [80, 160, 240])
  }

  @Test func damagedLedgersAreRefusedOrRead() throws {
    let path = path()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let (trainer, _) = try trainer(Run(name: "a"))
    trainer.ledger = try LedgerWriter(path, trainer.model, isWhole: true)
    try trainer.run(epochs: 1)
    trainer.ledger = nil
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    let usual = try Ledger(bytes: bytes, file: "x")
    // Frames whose check is right, so that what is in them is looked at too.
    var frames = Ledger.magic + Ledger.frame("R", ["seed": "1"]) + Ledger.frame("N", Array("a".utf8))
    frames += Ledger.frame("T", Array(repeating: 1, count: 60)) + Ledger.frame("S", Array("{}".utf8))
    var mutations = Mutations(of: [bytes, frames], with: ["T", "W", "N", "{", "\u{C}\0\0\0", "\u{30}\0\0\0T"])
    var (errors, answers) = (0, 0)
    for _ in 0..<Mutations.count {
      do {
        let ledger = try Ledger(bytes: mutations.next(), file: "x")
        _ = LedgerComparison(usual, ledger).description
        _ = LedgerComparison(ledger.whole, usual.whole).description
        _ = (ledger.firstDifference(from: usual), usual.firstDifference(from: ledger))
        answers += 1
      } catch { errors += 1 }
    }
    #expect(errors > Mutations.count / 10 && answers > 0, "\(errors) errors, \(answers) answers")
  }

  @Test func theSameRunHasTheSameHashes() throws {
    let (first, second) = (try ledger(Run(name: "a")), try ledger(Run(name: "b")))
    #expect(first.steps == second.steps && first.steps.count == 12 && first.run == second.run)
    let comparison = LedgerComparison(first, second)
    #expect(comparison.place == nil && comparison.steps == 12 && comparison.causes.isEmpty, "\(comparison)")
    // Outputs forward, gradients backward, and updates; containers are not there twice.
    let kinds = first.steps[0].entries.map(\.kind)
    #expect(kinds == kinds.sorted { $0.rawValue < $1.rawValue })
    #expect(first.steps[0].entries.count { $0.kind == .update } == 8)
    let outputs = first.steps[0].entries.filter { $0.kind == .output }.map { first.names[$0.name] }
    #expect(outputs.first == "0 (Dense)" && outputs.last == "6 (Dense)" && Set(outputs).count == outputs.count)
    #expect(first.steps[0].entries.count { $0.kind == .gradient } >= outputs.count - 1)
  }

  @Test func theSameBitsWithAndWithout() throws {
    let path = path()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let (with, without) = (try trainer(Run(name: "a")).0, try trainer(Run(name: "a")).0)
    with.ledger = try LedgerWriter(path, with.model)
    try with.run(epochs: 2)
    try without.run(epochs: 2)
    func values(_ model: Network) -> [[Float]] { model.state.compactMap { $0.tensor(Float.self)?.scalars } }
    #expect(values(with.model) == values(without.model))
    let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    // 7 layers, 8 steps, and the names.
    #expect(size <= 7 * 8 * 100 + 3000, "\(size)")
  }

  @Test func aResumedRunCutsWhatComesAgain() throws {
    let path = path()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let usual = try ledger(Run(name: "usual"))
    let (first, _) = try trainer(Run(name: "a"))
    first.ledger = try LedgerWriter(path, first.model)
    var checkpoint: Checkpoint?
    first.shouldStop = {
      if first.completedSteps == 5 { checkpoint = first.checkpoint }
      return first.completedSteps == 7
    }
    try first.run(epochs: 3)
    first.ledger = nil
    // The end of a frame that a crash cut off.
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.seekToEnd()
    try handle.write(contentsOf: Array(Ledger.frame("T", [1, 2, 3]).dropLast(4)))
    try handle.close()
    let (second, _) = try trainer(Run(name: "a"))
    try second.restore(checkpoint!)
    second.ledger = try LedgerWriter(path, second.model, after: second.completedSteps)
    try second.run(epochs: 3)
    second.ledger = nil
    let found = try Ledger(contentsOf: path)
    #expect(found.steps == usual.steps && found.sessions.count == 2)
    #expect(found.sessions[1]["after step"] == "5")
    // Another network's ledger is not gone on with.
    #expect(throws: DataError.self) { try LedgerWriter(path, Dense(3, 3), after: 5) }
  }

  @Test func filesThatAreNone() throws {
    let path = path()
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(throws: DataError.self) { try Ledger(contentsOf: path) }
    for (text, word) in [("tern-ledger 1\n", "version 1"), ("tern-ledger 3\n", "no ledger of this version")] {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      let error = #expect(throws: DataError.self) { try Ledger(contentsOf: path) }
      #expect("\(try #require(error))".contains(word))
      #expect(throws: DataError.self) { try LedgerWriter(path, Dense(3, 3), after: 5) }
    }
    let (trainer, _) = try trainer(Run(name: "a"))
    trainer.ledger = try LedgerWriter(path, trainer.model)
    try trainer.run(epochs: 1)
    trainer.ledger = nil
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    let generator = RandomGenerator(seed: 3)
    let places = generator.permutation(bytes.count).prefix(300)
    for place in places {
      var damaged = bytes
      damaged[place] ^= 0x55
      _ = try? Ledger(bytes: damaged, file: "ledger.bin")
      _ = try? Ledger(bytes: Array(bytes[..<place]), file: "ledger.bin")
    }
  }
}

extension LedgerTests.Run {
  fileprivate init(
    name: String, kind: LedgerStep.Kind? = .output, layer: String, step: Int = 1, cause: String? = nil,
    _ change: (inout LedgerTests.Run) -> Void
  ) {
    self.init(name: name)
    (self.kind, self.layer, self.step, self.cause) = (kind, layer, step, cause)
    change(&self)
  }
}
