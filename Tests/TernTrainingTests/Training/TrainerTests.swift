import Foundation
import Tern
import TernBackend
import Testing

/// A folder of its own for a test, removed at the end.
final class ScratchFolder {
  let path: String

  init() {
    path = NSTemporaryDirectory() + "tern-test-\(UUID().uuidString)"
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

@Suite struct TrainerTests {
  private func configuration(epochs: Int = 3, seed: UInt64 = 5, batchSize: Int = 64) -> RunConfiguration {
    RunConfiguration(
      data: nil, model: .mlp, epochs: epochs, batchSize: batchSize, optimizer: .adam, learningRate: 0.002, seed: seed)
  }

  private func trainer(
    _ configuration: RunConfiguration
  ) throws -> Trainer<Sequential<Float>, ImageDataset> {
    try ImageTask(configuration).makeTrainer()
  }

  /// The values of everything that is saved.
  private func values(_ model: some Module) -> [[Double]] {
    model.state.map { $0.tensor(Float.self)?.scalars.map(Double.init) ?? $0.tensor(Int.self)!.scalars.map(Double.init) }
  }

  @Test func anMLPLearnsTheDigits() throws {
    let training = try trainer(configuration(epochs: 6))
    let finished = try training.run(epochs: 6)
    #expect(finished)
    #expect(training.history.epochs.count == 6)
    #expect(training.history.epochs.last!.testAccuracy! > 0.93)
    #expect(training.history.epochs[5].trainLoss < training.history.epochs[0].trainLoss / 3)
  }

  @Test func aClassifierTakesItsTestAsValidationToo() throws {
    let task = try ImageTask(configuration(epochs: 1))
    let accuracies = try [true, false].map { isNamed in
      let model = task.makeModel()
      let training =
        isNamed
        ? try Trainer(model, optimizer: Adam(model), train: task.train, validation: task.test, batchSize: 64, seed: 1)
        : try Trainer(model, optimizer: Adam(model), train: task.train, test: task.test, batchSize: 64, seed: 1)
      try training.run(epochs: 1)
      return training.history.epochs[0].testAccuracy
    }
    #expect(accuracies[0] != nil && accuracies[1] != nil)
  }

  @Test func theSameSeedGivesTheSameBitsWithAnyNumberOfThreads() throws {
    let before = Workers.count
    defer { Workers.count = before }
    var results: [[[Double]]] = []
    for threads in [1, 2, 2] {
      Workers.count = threads
      let training = try trainer(configuration(epochs: 2))
      try training.run(epochs: 2)
      results.append(values(training.model))
    }
    #expect(results[0] == results[1])
    #expect(results[1] == results[2])
    let other = try trainer(configuration(epochs: 2, seed: 6))
    try other.run(epochs: 2)
    #expect(values(other.model) != results[0])
  }

  @Test func aTrainingGoesOnToTheSameBits() throws {
    let whole = try trainer(configuration())
    try whole.run(epochs: 3)
    let folder = ScratchFolder()
    // Stopped in the middle of the second epoch, at the end of the first, and before the first batch.
    for stop in [0, 23, 31] {
      let first = try trainer(configuration())
      var batches = 0
      first.afterBatch = { _ in batches += 1 }
      first.shouldStop = { batches >= stop }
      let path = "\(folder.path)/checkpoint.safetensors"
      if stop > 0 {
        let finished = try first.run(epochs: 3)
        #expect(!finished)
      }
      try first.checkpoint.write(to: path)
      let second = try trainer(configuration())
      try second.restore(Checkpoint(contentsOf: path))
      #expect(second.progress == first.progress)
      #expect(second.history == first.history)
      try second.run(epochs: 3)
      #expect(values(second.model) == values(whole.model), "stopped after \(stop) batches")
      #expect(second.history.epochs.map(\.trainLoss) == whole.history.epochs.map(\.trainLoss))
      #expect(second.history.epochs.map(\.testLoss) == whole.history.epochs.map(\.testLoss))
    }
  }

  /// Schedulers that step with the batches, or watch the loss, go on where they were, stopped inside an epoch.
  @Test func schedulersGoOnWithTheTraining() throws {
    let rows: [(String, SchedulerStep, (any Optimizer) -> any RateScheduler)] = [
      ("one cycle", .batch, { Scheduler($0, OneCycleSchedule(maximum: 0.01, length: 64)) }),
      ("plateau", .batch, { PlateauScheduler($0, factor: 0.5, patience: 2) }),
      ("plateau of epochs", .epoch, { PlateauScheduler($0, factor: 0.5, patience: 0, threshold: .absolute(10)) }),
    ]
    let folder = ScratchFolder()
    let task = try ImageTask(configuration())
    for (name, step, schedule) in rows {
      func make() throws -> Trainer<Sequential<Float>, ImageDataset> {
        let model = task.makeModel()
        let optimizer = Adam(model)
        optimizer.addGroup("vectors", where: { $1.shape.count == 1 }) { $0.learningRate = 2e-3 }
        return try Trainer(
          model, optimizer: optimizer, scheduler: schedule(optimizer), schedulerStep: step, train: task.train,
          batchSize: 64, seed: 3)
      }
      let whole = try make()
      try whole.run(epochs: 2)
      let first = try make()
      var batches = 0
      first.afterBatch = { _ in batches += 1 }
      first.shouldStop = { batches >= 29 }
      try first.run(epochs: 2)
      let path = "\(folder.path)/checkpoint.safetensors"
      try first.checkpoint.write(to: path)
      let second = try make()
      try second.restore(Checkpoint(contentsOf: path))
      #expect(second.scheduler?.state == first.scheduler?.state, "\(name)")
      try second.run(epochs: 2)
      #expect(values(second.model) == values(whole.model), "\(name)")
      #expect(second.optimizer.learningRates == whole.optimizer.learningRates, "\(name)")
    }
  }

  @Test func aLineSearchTrainsToo() throws {
    let task = try ImageTask(configuration(batchSize: 1442))
    let model = Sequential {
      Flatten()
      Dense(64, 10)
    }
    let training = try Trainer(
      model, optimizer: LBFGS(model, maxIterations: 10, lineSearch: .strongWolfe), train: task.train, test: task.test,
      batchSize: 1442, seed: 1)
    try training.run(epochs: 3)
    #expect(training.history.epochs.last!.testAccuracy! > 0.9)
  }

  @Test func aLastBatchOfOneIsRefusedBeforeTheFirst() throws {
    let count = ImageDataset(Digits.split.train).count
    let error = #expect(throws: TrainingError.self) { try trainer(configuration(batchSize: count - 1)) }
    let message = "\(error!)"
    #expect(message.contains("the last batch of every epoch would have one sample"))
    #expect(message.contains("\(count) samples in batches of \(count - 1)"))
    // Without batch normalization it is no matter.
    let model = Sequential {
      Flatten()
      Dense(64, 10)
    }
    _ = try Trainer(
      model, optimizer: SGD(model), train: ImageDataset(Digits.split.train), batchSize: count - 1, seed: 1)
  }

  @Test func aCheckpointOfAnotherModelChangesNothing() throws {
    let training = try trainer(configuration())
    let cnn = try trainer(
      RunConfiguration(
        data: nil, model: .cnn, epochs: 1, batchSize: 64, optimizer: .adam, learningRate: 0.001, seed: 1))
    let before = values(training.model)
    let error = #expect(throws: StateMismatch.self) { try training.restore(cnn.checkpoint) }
    #expect(!error!.missing.isEmpty)
    #expect(!error!.unexpected.isEmpty)
    #expect(values(training.model) == before)
    #expect(training.progress.epoch == 0)
  }

  @Test func damagedCheckpointsThrow() throws {
    let folder = ScratchFolder()
    let path = folder.path + "/checkpoint.safetensors"
    let training = try trainer(configuration())
    try training.checkpoint.write(to: path)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    for length in [0, 7, 100, bytes.count / 2, bytes.count - 1] {
      try bytes.prefix(length).write(to: URL(fileURLWithPath: path))
      #expect(throws: DataError.self) { try Checkpoint(contentsOf: path) }
    }
    try training.model.save(to: path)
    let error = #expect(throws: DataError.self) { try Checkpoint(contentsOf: path) }
    #expect("\(error!)".contains("no checkpoint"))
  }

  @Test func modelsAreSavedAndLoadedUnderPyTorchsNames() throws {
    let folder = ScratchFolder()
    let path = folder.path + "/model.safetensors"
    let model = NetworkKind.cnn.makeNetwork(channels: 1, height: 8, width: 8, classes: 10)
    try model.save(to: path)
    let file = try SafetensorsFile(contentsOf: path)
    #expect(
      Set(file.entries.map(\.name)).isSuperset(of: [
        "0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var", "1.num_batches_tracked",
        "10.weight", "12.bias",
      ]))
    let other = NetworkKind.cnn.makeNetwork(channels: 1, height: 8, width: 8, classes: 10)
    #expect(values(other) != values(model))
    try other.load(from: path)
    #expect(values(other) == values(model))
    let larger = NetworkKind.cnn.makeNetwork(channels: 3, height: 8, width: 8, classes: 11)
    let before = values(larger)
    let error = #expect(throws: StateMismatch.self) { try larger.load(from: path) }
    #expect(error!.mismatched.count == 3)
    #expect(values(larger) == before)
  }

  @Test func evaluationLeavesTheModeAsItWas() {
    let model = NetworkKind.mlp.makeNetwork(channels: 1, height: 8, width: 8, classes: 10)
    let test = ImageDataset(Digits.split.test)
    let first = evaluate(model, on: test)
    let second = evaluate(model, on: test, batchSize: 7)
    #expect(abs(first.loss - second.loss) < 1e-5)
    #expect(first.accuracy == second.accuracy)
    #expect(first.count == 355)
    #expect(model.namedModules.allSatisfy { ($0.module as? any ModeDependent)?.isTraining ?? true })
  }
}
