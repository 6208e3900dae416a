import Foundation
import Testing

@testable import Tern
@testable import TernTraining

/// Checkpoints with numbers that cannot be: thrown with the field and the value, and nothing changed.
@Suite struct HostileCheckpointTests {
  private func makeTrainer(_ make: (Dense<Float>) -> any Optimizer) throws -> Trainer<
    Dense<Float>, TensorDataset<Float, Int>
  > {
    let model = Dense(4, 3)
    let optimizer = make(model)
    let data = TensorDataset(Tensor<Float>(full: [32, 4], 0.5), Tensor((0..<32).map { $0 % 3 }))
    return try Trainer(
      model, optimizer: optimizer, scheduler: Scheduler(optimizer, CosineSchedule(length: 3)), train: data,
      batchSize: 8, seed: 1)
  }

  @Test func progressIsCheckedWhenRead() throws {
    let folder = ScratchFolder()
    let path = folder.path + "/checkpoint.safetensors"
    let training = try makeTrainer { Adam($0) }
    try training.run(epochs: 1)
    let right = training.checkpoint
    let rows: [(String, (inout Checkpoint) -> Void)] = [
      ("progress.epoch is -1", { $0.progress.epoch = -1 }),
      ("progress.epoch is \(Int.max)", { $0.progress.epoch = .max }),
      ("progress.batch is -1", { $0.progress.batch = -1 }),
      ("progress.seen is \(Int.max)", { $0.progress.seen = .max }),
      ("progress.correct is 1", { $0.progress.correct = 1 }),
      ("progress.correct is -1", { $0.progress.correct = -1 }),
      ("progress.seconds is nan", { $0.progress.seconds = .nan }),
      ("progress.seconds is -1.0", { $0.progress.seconds = -1 }),
      ("progress.schedule.position is -1.0", { $0.progress.schedule["position"] = -1 }),
      ("progress.schedule.position is 0.5", { $0.progress.schedule["position"] = 0.5 }),
      ("progress.schedule.position is 1e+300", { $0.progress.schedule["position"] = 1e300 }),
      ("progress.schedule.base.0 is nan", { $0.progress.schedule["base.0"] = .nan }),
      ("progress.schedule.base.0 is -1.0", { $0.progress.schedule["base.0"] = -1 }),
      ("progress.schedule.base.0 is inf", { $0.progress.schedule["base.0"] = .infinity }),
      ("optimizer.learning_rate is -0.1", { $0.optimizer.scalars["learning_rate"] = -0.1 }),
      ("optimizer.learning_rate is nan", { $0.optimizer.scalars["learning_rate"] = .nan }),
      ("optimizer.momentum is inf", { $0.optimizer.scalars["momentum"] = .infinity }),
      ("optimizer.weight/step is -1.0", { $0.optimizer.scalars["weight/step"] = -1 }),
      ("history is of 1 epochs", { $0.progress.epoch = 0 }),
    ]
    for (expected, change) in rows {
      var checkpoint = right
      change(&checkpoint)
      try checkpoint.write(to: path)
      let error = #expect(throws: DataError.self) { try Checkpoint(contentsOf: path) }
      #expect("\(error!)".contains(expected) && "\(error!)".contains("(expected "), "\(error!)")
    }
    try right.write(to: path)
    try makeTrainer { Adam($0) }.restore(Checkpoint(contentsOf: path))
  }

  /// Given to a trainer without a file, they are refused as well.
  @Test func numbersAreCheckedWhenTaken() throws {
    let rows: [(String, (inout Checkpoint) -> Void)] = [
      ("momentum 1.0, expected a number below 1.0 from 0.0", { $0.optimizer.scalars["momentum"] = 1 }),
      ("momentum -0.5, expected a number below 1.0 from 0.0", { $0.optimizer.scalars["momentum"] = -0.5 }),
      ("momentum nan, expected a number below 1.0 from 0.0", { $0.optimizer.scalars["momentum"] = .nan }),
      ("learning_rate -1.0, expected a finite number from 0.0", { $0.optimizer.scalars["learning_rate"] = -1 }),
      ("learning_rate inf, expected a finite number from 0.0", { $0.optimizer.scalars["learning_rate"] = .infinity }),
      ("base.0 nan, expected a finite number from 0.0", { $0.progress.schedule["base.0"] = .nan }),
    ]
    for make in [{ Adam($0) }, { SGD($0, momentum: 0.9) }] as [(Dense<Float>) -> any Optimizer] {
      let training = try makeTrainer(make)
      try training.run(epochs: 1)
      for (expected, change) in rows {
        var checkpoint = training.checkpoint
        change(&checkpoint)
        let target = try makeTrainer(make)
        let before = target.model.weight.value.scalars
        let error = #expect(throws: StateMismatch.self) { try target.restore(checkpoint) }
        #expect(error?.refused == [expected] && "\(error!)".contains("refused: \(expected)"), "\(error!)")
        #expect(target.model.weight.value.scalars == before)
      }
    }
    // A momentum that the program itself has is right.
    let still = try makeTrainer { SGD($0, momentum: 1) }
    try still.run(epochs: 1)
    try makeTrainer { SGD($0, momentum: 1) }.restore(still.checkpoint)
  }

  @Test func fieldsOfAnotherKindAreNamed() {
    let rows: [(String, String)] = [
      (#"{"epoch": "many"}"#, "progress.epoch is \"many\""), (#"{"epoch": 1.5}"#, #"progress is {"epoch":1.5}"#),
      (#"{"epoch": 1}"#, "progress.batch is missing"), ("[]", "the checkpoint's progress"), ("{", "JSON"),
    ]
    for (text, expected) in rows {
      let error = #expect(throws: DataError.self) {
        try Checkpoint.decode(TrainingProgress.self, "progress", ["progress": text], "x")
      }
      #expect("\(error!)".contains(expected), "\(error!)")
    }
  }

  @Test func settingsGoTheirWayThroughJSON() throws {
    let folder = ScratchFolder()
    let run = TrainingRun(folder: folder.path)
    let settings = RunConfiguration(
      data: "a \"folder\"", model: .mlp, epochs: 7, batchSize: 3, optimizer: .adamw, learningRate: 0.1 + 0.2,
      seed: .max, fingerprint: "12-34")
    try run.write(settings)
    #expect(try run.configuration() == settings && settings.problem == nil)
    var other = settings
    (other.epochs, other.fingerprint, other.data) = (8, nil, nil)
    #expect(other.differences(from: settings) == ["data a \"folder\", now the digits", "epochs 7, now 8"])
  }

  @Test func aNetworkTooLargeForItsImagesStops() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = NetworkKind.cnn.makeNetwork(channels: 1, height: 3, width: 9, classes: 2)
    }
    let words = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(words.contains("NetworkKind.cnn: images of 3×9, expected at least 4×4"), "\(words)")
  }
}
