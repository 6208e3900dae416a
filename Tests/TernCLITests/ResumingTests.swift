import Foundation
import Testing

/// What a run leaves where it is stopped, and what is noticed when it goes on.
@Suite struct ResumingTests {
  private let run = "runs/digits-mlp-1"

  private func trained(_ command: Command, epochs: Int = 2) throws {
    let end = try command.run("train", "--model", "mlp", "--epochs", "\(epochs)", "--seed", "3")
    try #require(end.status == 0, "\(end.output)")
  }

  @Test func aRunStoppedBehindItsLastCheckpointWritesTheRest() throws {
    let command = try Command()
    try trained(command)
    let names = ["model.safetensors", "history.json", "curve.svg"].map { "\(run)/\($0)" }
    let expected = try names.map { try command.data($0) }
    // Missing, and stale.
    for stop in 0..<6 {
      for name in names.dropFirst(stop / 2) {
        if stop % 2 == 0 { try command.remove(name) } else { try command.write("stale", name) }
      }
      let end = try command.run("train", "--resume", run)
      #expect(end.status == 0 && end.output.contains("is finished after epoch 2"), "\(end.output)")
      for (name, bytes) in zip(names, expected) { #expect(try command.data(name) == bytes, "\(name), stop \(stop)") }
    }
  }

  @Test func aFolderWithoutSettingsSaysWhatToDo() throws {
    let command = try Command()
    try FileManager.default.createDirectory(atPath: command.path(run), withIntermediateDirectories: true)
    for arguments in [["train", "--resume", run], ["evaluate", run], ["predict", run, "x.npy"]] {
      let (process, pipe) = try command.start(arguments)
      let end = command.end(process, pipe)
      #expect(end.status == 1 && end.lines.count == 1, "\(end.output)")
      #expect(end.output.contains("remove the folder and begin a new run"), "\(end.output)")
    }
    try trained(command)
    try command.remove("runs/digits-mlp-2/run.json")
    let other = try command.run("train", "--resume", "runs/digits-mlp-2")
    #expect(other.status == 1 && other.output.contains("put the file back, or begin a new run"), "\(other.output)")
  }

  @Test func aRunWithoutAModelSaysHowToGetIt() throws {
    let command = try Command()
    try trained(command)
    try command.remove("\(run)/model.safetensors")
    let end = try command.run("evaluate", run)
    #expect(end.status == 1 && end.output.contains("scripts/train --resume \(run) writes it"), "\(end.output)")
  }

  @Test func otherSettingsAreNoticedUnlessAllowed() throws {
    let command = try Command()
    try trained(command)
    let before = try command.data("\(run)/run.json")
    let rows: [([String], String)] = [
      (["--seed", "4"], "seed 3, now 4"), (["--batch-size", "32"], "batch size 64, now 32"),
      (["--epochs", "3"], "epochs 2, now 3"), (["--learning-rate", "0.5"], "learning rate 0.001, now 0.5"),
      (["--model", "cnn"], "network mlp, now cnn"), (["--optimizer", "sgd"], "optimizer adam, now sgd"),
    ]
    for (options, expected) in rows {
      let (process, pipe) = try command.start(["train", "--resume", run] + options)
      let end = command.end(process, pipe)
      #expect(end.status == 1 && end.lines.count == 1 && end.output.contains(expected), "\(end.output)")
      #expect(try command.data("\(run)/run.json") == before)
    }
    // The same ones may be given.
    #expect(try command.run("train", "--resume", run, "--seed", "3", "--batch-size", "64").status == 0)
    let network = try command.run("train", "--resume", run, "--model", "cnn", "--allow-changes")
    #expect(network.status == 1 && network.output.contains("begin a new one"), "\(network.output)")
    let allowed = try command.run(
      "train", "--resume", run, "--epochs", "4", "--learning-rate", "0.002", "--seed", "9", "--batch-size", "32",
      "--allow-changes")
    #expect(allowed.status == 0 && allowed.output.contains("Epoch 4/4"), "\(allowed.output)")
    let settings = try command.text("\(run)/run.json")
    #expect(settings.contains("\"epochs\" : 4") && settings.contains("\"learningRate\" : 0.002"), "\(settings)")
    // From then on these are its settings.
    #expect(try command.run("train", "--resume", run).status == 0)
  }

  @Test func editedSettingsAreNoticed() throws {
    let command = try Command()
    try trained(command)
    let settings = try command.text("\(run)/run.json")
    for (old, new, expected) in [
      ("\"seed\" : 3", "\"seed\" : 18446744073709551615", "seed 3, now 18446744073709551615"),
      ("\"batchSize\" : 64", "\"batchSize\" : 65", "batch size 64, now 65"),
      ("0.001", "0.002", "learning rate 0.001, now 0.002"),
    ] {
      try command.write(settings.replacingOccurrences(of: old, with: new), "\(run)/run.json")
      let end = try command.run("train", "--resume", run)
      #expect(end.status == 1 && end.output.contains(expected), "\(end.output)")
    }
    // A run of before there were fingerprints.
    let older = settings.split(separator: "\n").filter { !$0.contains("fingerprint") }.joined(separator: "\n")
    try command.write(older, "\(run)/run.json")
    #expect(try command.run("train", "--resume", run).status == 0)
  }

  /// An MNIST of 4 × 4 pixels: 40 images to train and 10 to test.
  private func writeImages(_ command: Command, _ folder: String, size: UInt8 = 4, change: Int? = nil) throws {
    try? FileManager.default.createDirectory(atPath: command.path(folder), withIntermediateDirectories: true)
    for (name, count) in [("train", 40), ("t10k", 10)] {
      let area = Int(size) * Int(size)
      var pixels = (0..<count * area).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
      if let change, name == "train" { pixels[change] ^= 1 }
      let images: [UInt8] = [0, 0, 8, 3, 0, 0, 0, UInt8(count), 0, 0, 0, size, 0, 0, 0, size] + pixels
      let labels: [UInt8] = [0, 0, 8, 1, 0, 0, 0, UInt8(count)] + (0..<count).map { UInt8($0 % 10) }
      try command.write(Data(images), "\(folder)/\(name)-images-idx3-ubyte")
      try command.write(Data(labels), "\(folder)/\(name)-labels-idx1-ubyte")
    }
  }

  @Test func otherPixelsOfTheSameShapeAreNoticed() throws {
    let command = try Command()
    try writeImages(command, "data")
    let first = try command.run("train", "--data", "data", "--model", "mlp", "--epochs", "2", "--batch-size", "8")
    try #require(first.status == 0, "\(first.output)")
    let run = try #require(try FileManager.default.contentsOfDirectory(atPath: command.path("runs")).first)
    // Moved data is the same data.
    try writeImages(command, "moved")
    let moved = try command.run("train", "--resume", "runs/\(run)", "--data", "moved")
    #expect(moved.status == 0, "\(moved.output)")
    try writeImages(command, "moved", change: 5)
    let end = try command.run("train", "--resume", "runs/\(run)")
    #expect(
      end.status == 1 && end.lines.count == 1 && end.output.contains("has other pixels or labels"), "\(end.output)")
    let allowed = try command.run("train", "--resume", "runs/\(run)", "--allow-changes")
    #expect(allowed.status == 0, "\(allowed.output)")
    #expect(try command.run("train", "--resume", "runs/\(run)").status == 0)
  }

  @Test func imagesTooSmallForTheNetworkTakeOneLine() throws {
    let command = try Command()
    try writeImages(command, "data", size: 3)
    let end = try command.run("train", "--data", "data", "--batch-size", "8")
    #expect(end.status == 1 && end.lines.count == 1, "\(end.output)")
    #expect(
      end.output.contains("images of 3×3 are too small for the network cnn (expected at least 4×4;"), "\(end.output)")
    let other = try command.run("train", "--data", "data", "--model", "mlp", "--epochs", "1", "--batch-size", "8")
    #expect(other.status == 0, "\(other.output)")
    try writeImages(command, "four")
    let four = try command.run("train", "--data", "four", "--epochs", "1", "--batch-size", "8")
    #expect(four.status == 0, "\(four.output)")
  }

  @Test(arguments: [SIGHUP, SIGTERM, SIGINT, SIGPIPE]) func aSignalSavesAndEnds(signal: Int32) throws {
    let command = try Command()
    let (process, pipe) = try command.start(["train", "--model", "mlp", "--epochs", "100000"])
    while process.isRunning && !command.has("\(run)/checkpoint.safetensors") { usleep(500) }
    kill(process.processIdentifier, signal)
    // A terminal that closes tells so twice.
    if signal == SIGHUP { kill(process.processIdentifier, signal) }
    let end = command.end(process, pipe)
    #expect(end.isExit && end.status == 130, "\(signal): \(end.output)")
    #expect(end.output.contains("everything is saved"), "\(end.output)")
  }

  @Test func whatIgnoresHangupsGoesOnIgnoringThem() throws {
    let command = try Command()
    let (process, pipe) = try command.start(
      ["train", "--model", "mlp", "--epochs", "6"], shell: "trap '' HUP; exec \"$0\" \"$@\"")
    while process.isRunning && !command.has("\(run)/checkpoint.safetensors") { usleep(500) }
    kill(process.processIdentifier, SIGHUP)
    let end = command.end(process, pipe)
    #expect(end.isExit && end.status == 0 && end.output.contains("Epoch 6/6"), "\(end.output)")
  }
}
