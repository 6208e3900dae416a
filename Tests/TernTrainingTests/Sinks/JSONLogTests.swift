import Foundation
import Tern
import TernTestSupport
import Testing

@testable import TernTraining

/// Lines of JSON of a training: every figure there, nothing twice after going on, and no bit changed.
@Suite struct JSONLogTests {
  private func makeTrainer() throws -> Trainer<Sequential<Float>, ImageDataset> {
    let configuration = RunConfiguration(
      data: nil, model: .mlp, epochs: 3, batchSize: 256, optimizer: .adam, learningRate: 0.002, seed: 5)
    return try ImageTask(configuration).makeTrainer()
  }

  /// The lines of a log; each has to be an object.
  private func lines(_ path: String) throws -> [[String: Any]] {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.hasSuffix("\n"))
    return try text.split(separator: "\n").map {
      try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any], "\($0)")
    }
  }

  private func steps(_ lines: [[String: Any]], _ event: String = "step") -> [Int] {
    lines.filter { $0["event"] as? String == event }.compactMap { $0["step"] as? Int }
  }

  private func state(_ trainer: Trainer<Sequential<Float>, ImageDataset>) -> [[UInt32]] {
    trainer.model.parameters.map { ($0 as? Parameter<Float>)?.value.scalars.map(\.bitPattern) ?? [] }
  }

  @Test func everyStepAndEpochIsThereAndNoBitIsChanged() throws {
    let folder = ScratchFolder()
    let path = folder.path + "/log.jsonl"
    let plain = try makeTrainer()
    try plain.run(epochs: 2)
    let trainer = try makeTrainer()
    trainer.sinks = [JSONLog(path, title: "a \"test\"", settings: ["rate": 0.002, "name": "mlp", "fast": true])]
    try trainer.run(epochs: 2)
    #expect(state(trainer) == state(plain))

    let found = try lines(path)
    let count = trainer.stepsPerEpoch
    #expect(steps(found) == Array(1...2 * count) && steps(found, "epoch") == [count, 2 * count])
    let begin = try #require(found.first)
    #expect(begin["event"] as? String == "begin" && begin["step"] as? Int == 0)
    #expect(begin["title"] as? String == "a \"test\"")
    #expect((begin["settings"] as? [String: Any])?["name"] as? String == "mlp")
    #expect((begin["settings"] as? [String: Any])?["fast"] as? Bool == true)
    #expect(begin["parameters"] as? Int == trainer.model.parameterCount && begin["epochs"] as? Int == 2)
    let step = try #require(found.first { $0["step"] as? Int == count + 1 })
    #expect(step["epoch"] as? Int == 2 && step["batch"] as? Int == 1 && step["samples"] as? Int == 256)
    #expect(step["learning_rate"] as? Double == trainer.history.epochs[1].learningRate)
    #expect((step["memory"] as? Int ?? 0) > 1 << 20 && (step["samples_per_second"] as? Double ?? 0) > 0)
    #expect((step["metrics"] as? [String: Double])?["accuracy"] != nil)
    let epoch = try #require(found.last { $0["event"] as? String == "epoch" })
    #expect(epoch["test_accuracy"] != nil)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let testLoss = try #require(trainer.history.epochs[1].testLoss)
    #expect(text.contains("\"test_loss\":\(testLoss),"), "every digit")
    let losses = found.filter { $0["event"] as? String == "step" && $0["epoch"] as? Int == 2 }
    var sum = 0.0
    for line in losses { sum += (line["loss"] as? Double ?? .nan) * Double(line["samples"] as? Int ?? 0) }
    #expect(abs(sum / Double(trainer.loader.sampleCount) - trainer.history.epochs[1].trainLoss) < 1e-9)
    #expect(found.last?["event"] as? String == "end" && found.last?["reason"] as? String == "finished")
  }

  @Test func aTrainingThatGoesOnHasEachStepOnce() throws {
    let folder = ScratchFolder()
    let path = folder.path + "/log.jsonl"
    let first = try makeTrainer()
    let count = first.stepsPerEpoch
    first.sinks = [JSONLog(path)]
    var kept: Checkpoint?
    // A checkpoint inside the second epoch; the training goes on behind it, and is killed in the middle of a line.
    first.afterBatch = { trainer in if trainer.completedSteps == count + 2 { kept = trainer.checkpoint } }
    first.shouldStop = { first.completedSteps >= count + 4 }
    try first.run(epochs: 3)
    #expect(first.stopReason == .asked)
    let checkpoint = try #require(kept)
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    for cut in [0, 1, 30, whole.count / 3, whole.count - 5, whole.count] {
      try whole.prefix(cut).write(to: URL(fileURLWithPath: path))
      for stop in [count + 3, 3 * count] {
        let trainer = try makeTrainer()
        trainer.sinks = [JSONLog(path)]
        try trainer.restore(checkpoint)
        trainer.shouldStop = { trainer.completedSteps >= stop }
        try trainer.run(epochs: 3)
      }
      let found = try lines(path)
      let numbers = steps(found)
      #expect(Set(numbers).count == numbers.count && numbers == numbers.sorted(), "cut at \(cut): \(numbers)")
      let after = Array(count + 3...3 * count)
      #expect(numbers.last == 3 * count && Array(numbers.suffix(2 * count - 2)) == after)
      let epochs = found.filter { $0["event"] as? String == "epoch" }.compactMap { $0["epoch"] as? Int }
      #expect(epochs.suffix(2) == [2, 3] && Set(epochs).count == epochs.count)
      if cut == whole.count { #expect(numbers == Array(1...3 * count) && epochs == [1, 2, 3]) }
      #expect(steps(found, "begin").last == count + 2 && steps(found, "begin").count <= 2)
    }
  }

  @Test func whatIsNotFiniteIsReadBack() throws {
    let folder = ScratchFolder()
    let log = JSONLog(folder.path + "/log.jsonl")
    try log.begin(TrainingStart(step: 0))
    for (number, value) in [Double.nan, .infinity, -.infinity, 0.1].enumerated() {
      log.record(StepRecord(number + 1, loss: value, metrics: ["other": value]))
    }
    log.end(TrainingEnd(step: 4))
    let found = try lines(log.path).filter { $0["event"] as? String == "step" }
    #expect(found.map { "\($0["loss"] ?? "")" } == ["NaN", "Infinity", "-Infinity", "0.1"])
    // Without epochs a training goes on by its steps.
    try log.begin(TrainingStart(step: 2))
    log.record(StepRecord(3, loss: 7))
    let again = try lines(log.path)
    #expect(steps(again) == [1, 2, 3] && again.last?["loss"] as? Double == 7)
  }

  @Test func anotherFileIsNotTouched() throws {
    let folder = ScratchFolder()
    let path = folder.path + "/notes.txt"
    for text in ["my notes\n", "{\"a\":1}\n", "{\"event\":\"step\"}", "\n"] {
      try text.write(toFile: path, atomically: false, encoding: .utf8)
      #expect(throws: DataError.self) { try JSONLog(path).begin(TrainingStart(step: 0)) }
      #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
    }
    let trainer = try makeTrainer()
    trainer.sinks = [JSONLog(folder.path + "/no/such/log.jsonl")]
    #expect(throws: DataError.self) { try trainer.run(epochs: 1) }
    #expect(trainer.completedSteps == 0)
    let device = JSONLog("/dev/null")
    try device.begin(TrainingStart(step: 5))
    device.record(StepRecord(6, loss: 1))
  }

  @Test func aLoopOfOnesOwnHasThemThroughItsReport() throws {
    let folder = ScratchFolder()
    let model = Dense<Double>(2, 1)
    let report = TrainingReport(model, optimizer: SGD(model, learningRate: 0.5), every: 100)
    report.sinks = [JSONLog(folder.path + "/log.jsonl")]
    for number in 0..<3 { report.record(loss: Double(number), metrics: ["m": 2]) }
    report.end()
    let found = try lines(folder.path + "/log.jsonl")
    #expect(found.map { $0["event"] as? String } == ["begin", "step", "step", "step", "end"])
    #expect(steps(found) == [1, 2, 3] && found[2]["learning_rate"] as? Double == 0.5)
  }
}
