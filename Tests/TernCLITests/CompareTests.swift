import Foundation
import Tern
import Testing

/// Where two runs part, with steps done again.
@Suite struct CompareTests {
  private func train(
    _ command: Command, _ arguments: String..., environment: [String: String] = [:]
  ) throws {
    let (process, pipe) = try command.start(["train", "--ledger"] + arguments, environment)
    let end = command.end(process, pipe)
    try #require(end.status == 0, "\(end.output)")
  }

  private func compare(_ command: Command, _ first: Int, _ second: Int, _ more: String...) throws -> Command.End {
    let (process, pipe) = try command.start(
      ["compare", "runs/digits-mlp-\(first)", "runs/digits-mlp-\(second)"] + more)
    return command.end(process, pipe)
  }

  @Test func seedsThreadsAndSameRuns() throws {
    let command = try Command()
    try train(command, "--model", "mlp", "--epochs", "2", "--threads", "1")
    try train(command, "--model", "mlp", "--epochs", "2", "--threads", "2")
    try train(command, "--model", "mlp", "--epochs", "2", "--seed", "2")
    let same = try compare(command, 1, 2)
    #expect(same.status == 0 && same.output.contains("No hash of the"), "\(same.output)")
    #expect(same.output.contains("Different: threads: 1 and 2"), "\(same.output)")
    let other = try compare(command, 1, 3)
    #expect(other.status == 1 && other.output.hasPrefix("The runs part at step 1, forward of "), "\(other.output)")
    #expect(other.output.contains("Different: seed 1 and 2"), "\(other.output)")
    #expect(other.output.contains("No checkpoint of both runs lies before step 1."), "\(other.output)")
    #expect(other.output.contains("Step 1 of both runs done again from the beginning"), "\(other.output)")
    #expect(other.output.contains("They part at step 1, forward of ") && !other.output.contains("not give again"))
    let plain = try compare(command, 1, 3, "--no-replay")
    #expect(plain.status == 1 && !plain.output.contains("done again"), "\(plain.output)")
    #expect(try compare(command, 1, 3, "--replay-steps", "0").status == 64)
    let none = try compare(command, 1, 4)
    #expect(none.status == 1 && none.output.contains("is missing"), "\(none.output)")
  }

  @Test func kernelsOfAnotherLevel() throws {
    let command = try Command()
    try train(command, "--model", "mlp", "--epochs", "1")
    try train(command, "--model", "mlp", "--epochs", "1", environment: ["TERN_CPU": "baseline"])
    let end = try compare(command, 1, 2)
    // A processor without more than the baseline has the same bits.
    if end.status == 0 { return }
    #expect(end.output.contains("Different: kernels: ") && end.output.contains(" and baseline"), "\(end.output)")
    #expect(end.output.contains("They part at step ") && !end.output.contains("not give again"), "\(end.output)")
  }

  /// Products of bfloat16 by the processor's instruction have other bits than those without, which are done again as they were.
  @Test func runsInBFloat16() throws {
    let command = try Command()
    let options = ["--epochs", "1", "--precision", "bf16", "--max-steps", "3"]
    for (seed, level) in [("1", ""), ("2", ""), ("1", "avx512")] {
      let environment = level.isEmpty ? [:] : ["TERN_CPU": level]
      let (process, pipe) = try command.start(["train", "--ledger", "--seed", seed] + options, environment)
      let end = command.end(process, pipe)
      try #require(end.status == 0, "\(end.output)")
    }
    for other in [2, 3] {
      let (process, pipe) = try command.start(["compare", "runs/digits-cnn-1", "runs/digits-cnn-\(other)"])
      let end = command.end(process, pipe)
      // A processor without the instruction has the same bits in the first and the third.
      if other == 3, end.status == 0 { return }
      #expect(
        end.output.contains("They part at step 1, forward of ") && !end.output.contains("not give again"),
        "\(end.output)")
      if other == 3 { #expect(end.output.contains("Different: bfloat16: multiplied and widened"), "\(end.output)") }
    }
  }

  @Test func onePixelThatOnlyWholeHashesShow() throws {
    let command = try Command()
    func write(_ folder: String, changing pixel: Int?) throws {
      try FileManager.default.createDirectory(atPath: command.path(folder), withIntermediateDirectories: true)
      for (name, count) in [("train", 64), ("t10k", 16)] {
        func word(_ number: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) } }
        var pixels = (0..<count * 784).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
        if let pixel, name == "train" { pixels[pixel] ^= 0x10 }
        let head: [UInt8] = [0, 0, 8, 3] + word(count) + word(28) + word(28)
        try command.write(Data(head + pixels), "\(folder)/\(name)-images-idx3-ubyte")
        let labels: [UInt8] = [0, 0, 8, 1] + word(count) + (0..<count).map { UInt8($0 % 10) }
        try command.write(Data(labels), "\(folder)/\(name)-labels-idx1-ubyte")
      }
    }
    try write("one", changing: nil)
    try write("two", changing: 17 * 784 + 5 * 28 + 9)
    for data in ["one", "two"] {
      try train(command, "--model", "cnn", "--epochs", "1", "--batch-size", "64", "--data", data)
    }
    let runs = try FileManager.default.contentsOfDirectory(atPath: command.path("runs")).sorted().map { "runs/\($0)" }
    let end = try command.run("compare", runs[0], runs[1])
    #expect(end.status == 1 && end.output.contains("has other pixels or labels"), "\(end.output)")
    #expect(end.output.contains("the values or labels of the batch, of the same samples, from step 1"), "\(end.output)")
    #expect(end.output.contains("They part at step 1, forward of 0"), "\(end.output)")
    // Data that is no longer there is said.
    try command.remove("two")
    let gone = try command.run("compare", runs[0], runs[1])
    #expect(gone.status == 1 && gone.output.contains("\(runs[1]) cannot be done again: "), "\(gone.output)")
  }

  @Test func whatSomethingOutsideChanged() throws {
    let command = try Command()
    let arguments = ["train", "--ledger", "--model", "mlp", "--epochs", "3", "--max-steps"]
    for steps in ["1000", "35"] {
      let (process, pipe) = try command.start(arguments + [steps])
      let end = command.end(process, pipe)
      try #require(end.status == 0, "\(end.output)")
    }
    let run = "runs/digits-mlp-2"
    let kept = try FileManager.default.contentsOfDirectory(atPath: command.path("\(run)/ledger-checkpoints"))
    #expect(kept.contains { $0.hasPrefix("after-step-35-") } && kept.count == 2, "\(kept)")
    // A weight that something changed in the checkpoint.
    var checkpoint = try Checkpoint(contentsOf: command.path("\(run)/checkpoint.safetensors"))
    let place = try #require(checkpoint.model.firstIndex { $0.name.hasSuffix(".weight") })
    var values = try #require(checkpoint.model[place].tensor(Float.self))
    values[0] = values[0] + 0.5
    checkpoint.model[place] = StateEntry(name: checkpoint.model[place].name, values)
    try checkpoint.write(to: command.path("\(run)/checkpoint.safetensors"))
    try command.remove("\(run)/ledger-checkpoints/\(kept.first { $0.hasPrefix("after-step-35-") }!)")
    let resumed = try command.run("train", "--resume", run, "--max-steps", "1000", "--allow-changes")
    try #require(resumed.status == 0, "\(resumed.output)")
    let end = try compare(command, 1, 2)
    #expect(end.status == 1 && end.output.hasPrefix("The runs part at step 36, forward of "), "\(end.output)")
    #expect(end.output.contains("gone on with after steps: none and 35"), "\(end.output)")
    #expect(end.output.contains("\(run): step 36 does not give again what the run's ledger has"), "\(end.output)")
    #expect(end.output.contains("They do not part."), "\(end.output)")
    let few = try compare(command, 1, 2, "--replay-steps", "3")
    #expect(few.status == 1 && few.output.contains("more than the 3 of --replay-steps"), "\(few.output)")
  }
}
