import Foundation
import Tern
import Testing

/// Options of `tern train` for the parts of a training.
@Suite struct PartOptionTests {
  private let run = "runs/digits-mlp-1"

  private func json(_ command: Command, _ name: String) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: command.data(name)) as? [String: Any])
  }

  @Test func theLearningRateIsFoundAndKept() throws {
    let command = try Command()
    let end = try command.run("train", "--model", "mlp", "--epochs", "2", "--find-learning-rate")
    #expect(end.status == 0, "\(end.output)")
    let rate = try #require(try json(command, "\(run)/run.json")["learningRate"] as? Double)
    #expect(rate > 1e-5 && rate < 0.1 && end.output.contains("learning rate \(rate)"), "\(end.output)")
    #expect(try command.text("\(run)/rates.svg").contains("Loss by learning rate"))
    // It is a run like one with that rate.
    let other = try command.run("train", "--model", "mlp", "--epochs", "2", "--learning-rate", "\(rate)")
    #expect(other.status == 0)
    #expect(try command.data("\(run)/model.safetensors") == command.data("runs/digits-mlp-2/model.safetensors"))
    #expect(try command.run("train", "--resume", run).status == 0)
    for arguments in [["--learning-rate", "0.1"], ["--resume", run]] {
      let (process, pipe) = try command.start(["train", "--find-learning-rate"] + arguments)
      let end = command.end(process, pipe)
      #expect(end.status == 64 && end.output.contains("--find-learning-rate goes with a new run"), "\(end.output)")
    }
  }

  @Test func aRunKeepsItsPrecision() throws {
    let command = try Command()
    func train(_ precision: String, threads: Int = 2) throws {
      let end = try command.run(
        "train", "--model", "mlp", "--seed", "3", "--epochs", "2", "--precision", precision,
        environment: ["TERN_NUM_THREADS": "\(threads)"])
      #expect(end.status == 0, "\(end.output)")
    }
    func kept(_ path: String) throws -> String? {
      try (json(command, path)["training"] as? [String: Any])?["precision"] as? String
    }
    try train("bf16")
    try train("float32")
    try train("bfloat16", threads: 1)
    #expect(try kept("\(run)/run.json") == "bfloat16")
    #expect(try kept("runs/digits-mlp-2/run.json") == nil)
    let whole = try command.data("\(run)/model.safetensors")
    #expect(try command.data("runs/digits-mlp-2/model.safetensors") != whole)
    #expect(try command.data("runs/digits-mlp-3/model.safetensors") == whole)
    // It goes on as it began.
    let again = try command.run("train", "--resume", run, "--epochs", "3", "--allow-changes")
    #expect(again.status == 0, "\(again.output)")
    #expect(try kept("\(run)/run.json") == "bfloat16")
    let wrong = try command.run("train", "--model", "mlp", "--precision", "half")
    #expect(wrong.status == 64 && wrong.output.contains("half"), "\(wrong.output)")
  }

  @Test func ratesByLayersAreKeptByARun() throws {
    let command = try Command()
    let end = try command.run("train", "--model", "mlp", "--epochs", "2", "--layer-decay", "0.5")
    #expect(end.status == 0, "\(end.output)")
    #expect(try command.run("train", "--model", "mlp", "--epochs", "2").status == 0)
    #expect(try command.data("\(run)/model.safetensors") != command.data("runs/digits-mlp-2/model.safetensors"))
    let again = try command.run("train", "--resume", run, "--epochs", "3", "--learning-rate", "0.01", "--allow-changes")
    #expect(again.status == 0, "\(again.output)")
    let checkpoint = try Checkpoint(contentsOf: command.path("\(run)/checkpoint.safetensors"))
    let bases = checkpoint.progress.schedule.filter { $0.key.hasPrefix("base.") }.values.sorted()
    #expect(bases.count >= 3 && bases.last == 0.01 && bases.first! <= 0.005, "\(bases)")
    let other = try command.run("train", "--resume", run, "--layer-decay", "0.7", "--allow-changes")
    #expect(other.status == 1 && other.output.contains("its --layer-decay: begin a new one"), "\(other.output)")
  }

  @Test func stepsThatAreNotFiniteAreTakenBack() throws {
    let command = try Command()
    let end = try command.run(
      "train", "--model", "mlp", "--epochs", "1", "--learning-rate", "1e30", "--rewind-non-finite", "2",
      "--rewind-every",
      "4")
    #expect(end.status == 1 && end.output.contains("Error: step "), "\(end.output)")
    let whole = try command.run("train", "--model", "mlp", "--epochs", "1", "--rewind-non-finite", "2")
    #expect(whole.status == 0, "\(whole.output)")
    for (option, value, message) in [
      ("--rewind-non-finite", "0", "--rewind-non-finite 0: a whole number from 1"),
      ("--rewind-every", "-1", "--rewind-every -1: a whole number from 1"),
      ("--layer-decay", "1.5", "--layer-decay 1.5: a number above 0, at most 1"),
      ("--layer-decay", "nan", "--layer-decay nan: a number above 0, at most 1"),
    ] {
      let end = try command.run("train", option, value)
      #expect(end.status == 64 && end.output.contains(message), "\(end.output)")
    }
    let both = try command.run("train", "--skip-non-finite", "1", "--rewind-non-finite", "1")
    #expect(both.status == 64 && both.output.contains("do not go together"), "\(both.output)")
  }
}
