import Foundation
import TernBackend
import Testing

/// The command as a process of its own.
private struct Tern {
  let folder: String

  init() {
    folder = NSTemporaryDirectory() + "tern-cli-\(UUID().uuidString)"
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }

  /// The executable lies beside the tests.
  static let executable: URL = {
    var folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    for _ in 0..<4 {
      let candidate = folder.appendingPathComponent("tern")
      if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
      folder = folder.deletingLastPathComponent()
    }
    return URL(fileURLWithPath: "tern")
  }()

  func start(_ arguments: [String], output: Pipe, threads: Int = 2) throws -> Process {
    let process = Process()
    process.executableURL = Tern.executable
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    var environment = Command.environment
    environment["TERN_NUM_THREADS"] = "\(threads)"
    process.environment = environment
    process.standardOutput = output
    process.standardError = output
    try process.run()
    return process
  }

  /// Runs to the end: the exit status and all that was printed.
  func run(_ arguments: String..., threads: Int = 2) throws -> (status: Int32, output: String) {
    let pipe = Pipe()
    let process = try start(arguments, output: pipe, threads: threads)
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }

  func data(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(path)")) }
}

@Suite struct CommandTests {
  private let settings = ["--model", "mlp", "--epochs", "4", "--seed", "3"]

  @Test func trainingLeavesARunThatCanBeScored() throws {
    let tern = Tern()
    defer { tern.remove() }
    let (status, output) = try tern.run("train", "--model", "mlp", "--epochs", "4", "--seed", "3")
    #expect(status == 0, "\(output)")
    let lines = output.split(separator: "\n")
    #expect(lines.last!.hasPrefix("test accuracy 0.9"), "\(output)")
    #expect(lines.contains { $0.hasPrefix("Epoch 4/4  train loss") })
    let run = "runs/digits-mlp-1"
    for file in ["run.json", "checkpoint.safetensors", "model.safetensors", "history.json", "curve.svg"] {
      #expect(FileManager.default.fileExists(atPath: "\(tern.folder)/\(run)/\(file)"), "\(file)")
    }
    let score = try tern.run("evaluate", run)
    #expect(score.status == 0)
    #expect(score.output.split(separator: "\n").last == lines.last, "\(score.output)")
  }

  @Test func aKilledAndAnInterruptedRunGoOnToTheSameBytes() throws {
    let tern = Tern()
    defer { tern.remove() }
    let whole = try tern.run("train", "--model", "mlp", "--epochs", "4", "--seed", "3", threads: 1)
    #expect(whole.status == 0)
    let expected = try tern.data("runs/digits-mlp-1/model.safetensors")
    for (number, signal) in [(2, SIGKILL), (3, SIGINT)] {
      let pipe = Pipe()
      let process = try tern.start(["train"] + settings, output: pipe)
      // Somewhere behind the first checkpoint, in the middle of an epoch.
      let checkpoint = "\(tern.folder)/runs/digits-mlp-\(number)/checkpoint.safetensors"
      while process.isRunning && !FileManager.default.fileExists(atPath: checkpoint) { usleep(500) }
      usleep(3000)
      kill(process.processIdentifier, signal)
      _ = pipe.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      let resumed = try tern.run("train", "--resume", "runs/digits-mlp-\(number)")
      #expect(resumed.status == 0, "\(resumed.output)")
      #expect(try tern.data("runs/digits-mlp-\(number)/model.safetensors") == expected, "signal \(signal)")
    }
  }

  /// Starts a command that would take long, asks it to stop once a file is there, and answers with its end.
  private func interrupted(_ tern: Tern, _ arguments: [String], at file: String) throws -> (
    status: Int32, output: String
  ) {
    let pipe = Pipe()
    let process = try tern.start(arguments, output: pipe)
    while process.isRunning && !FileManager.default.fileExists(atPath: "\(tern.folder)/\(file)") { usleep(500) }
    kill(process.processIdentifier, SIGINT)
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationReason == .exit, "\(output)")
    return (process.terminationStatus, output)
  }

  @Test func anInterruptedTrainingSavesAndSaysHowItGoesOn() throws {
    let tern = Tern()
    defer { tern.remove() }
    let run = "runs/digits-mlp-1"
    let (status, output) = try interrupted(
      tern, ["train", "--model", "mlp", "--epochs", "100000"], at: "\(run)/checkpoint.safetensors")
    #expect(status == 130, "\(output)")
    #expect(output.contains("Go on with: scripts/train --resume \(run)"), "\(output)")
  }

  @Test func anInterruptedExperimentKeepsWhatItHas() throws {
    let tern = Tern()
    defer { tern.remove() }
    let (status, output) = try interrupted(
      tern, ["experiment", "regularization"], at: "runs/experiment-regularization")
    #expect(status == 130, "\(output)")
    let page = String(decoding: try tern.data("runs/experiment-regularization/report.html"), as: UTF8.self)
    #expect(page.contains("Stopped before its end"))
  }

  @Test func aReportedTrainingEndsAtTheSameBytes() throws {
    let tern = Tern()
    defer { tern.remove() }
    let arguments = ["train", "--model", "cnn", "--epochs", "2", "--batch-size", "128", "--seed", "3"]
    for extra in [[], ["--report"]] {
      let pipe = Pipe()
      let process = try tern.start(arguments + extra, output: pipe)
      let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationStatus == 0, "\(output)")
      #expect(output.contains("Report         runs/digits-cnn-2/report/report.html") == !extra.isEmpty, "\(output)")
    }
    #expect(try tern.data("runs/digits-cnn-1/model.safetensors") == tern.data("runs/digits-cnn-2/model.safetensors"))
    let page = try String(decoding: tern.data("runs/digits-cnn-2/report/report.html"), as: UTF8.self)
    #expect(page.contains("Update-to-weight ratio") && page.contains("0.weight"))
  }

  @Test func predictionsAreWrittenAsNumPyFiles() throws {
    let tern = Tern()
    defer { tern.remove() }
    _ = try tern.run("train", "--model", "mlp", "--epochs", "2")
    // Two images of 8×8 in bytes, NumPy's format 1.0.
    let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 8, 8), }"
    let padded = header.padding(toLength: 117, withPad: " ", startingAt: 0) + "\n"
    var file = Data([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(padded.utf8.count), 0]) + Data(padded.utf8)
    file.append(Data((0..<128).map { UInt8($0 % 17) }))
    try file.write(to: URL(fileURLWithPath: tern.folder + "/images.npy"))
    let (status, output) = try tern.run("predict", "runs/digits-mlp-1", "images.npy")
    #expect(status == 0, "\(output)")
    #expect(output.contains("image 1: class "))
    #expect(try tern.data("images.classes.npy").count == 128 + 16)
    #expect(try tern.data("images.classes.probabilities.npy").count == 128 + 2 * 10 * 4)
    // A device takes the classes, and nothing is written beside it.
    let (end, lines) = try tern.run("predict", "runs/digits-mlp-1", "images.npy", "--output", "/dev/null")
    #expect(end == 0 && lines.contains("image 1: class ") && !lines.contains("Probabilities"), "\(lines)")
    #expect(!FileManager.default.fileExists(atPath: "/dev/null.probabilities.npy"))
  }

  @Test func mistakesAreOneClearLine() throws {
    let tern = Tern()
    defer { tern.remove() }
    let cases: [([String], String)] = [
      (["train", "--data", "nowhere"], "there is no such folder"),
      (["train", "--data", "/etc/passwd"], "/etc/passwd: is a file (expected a folder with a data set)"),
      (["data", "show", "--data", "/etc/passwd"], "/etc/passwd: is a file (expected a folder of pictures)"),
      (["train", "--data", "."], "there is no data set"),
      (["train", "--epochs", "0"], "--epochs 0: at least 1 is needed"),
      (["train", "--resume", "nowhere"], "nowhere/run.json"),
      (["train", "--batch-size", "1441"], "the last batch of every epoch would have one sample"),
      (["train", "--model", "none"], "'none' is invalid for '--model"),
      (["evaluate", "nowhere"], "nowhere/run.json"),
      (["predict", "nowhere", "x.npy"], "nowhere/run.json"),
      (["conform", "nowhere"], "nowhere"),
      (["bench", "--only", "("], "--only (: not a regular expression"),
      (["bench", "--only", "nothing/"], "--only nothing/: no workload has such a name"),
      (["bench", "--threads", "0"], "--threads 0: at least 1 is needed"),
      (["bench", "--seconds", "nan"], "--seconds nan: a number from 0 to 3600 is needed"),
    ]
    for (arguments, expected) in cases {
      let pipe = Pipe()
      let process = try tern.start(arguments, output: pipe)
      let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationStatus != 0, "\(arguments)")
      #expect(process.terminationReason == .exit, "\(arguments)")
      #expect(output.contains(expected), "\(arguments): \(output)")
      #expect(!output.contains("Fatal error"), "\(output)")
    }
  }

  @Test func benchTimesWhatANameMatches() throws {
    let tern = Tern()
    defer { tern.remove() }
    let names = try tern.run("bench", "--list").output.split(separator: "\n").map(String.init)
    #expect(names.contains("train/resnet20_b64_momentum") && names.contains("matmul/64x64x64"))
    #expect(Set(names).count == names.count)
    // The expression may match anywhere in the name.
    let found = try tern.run("bench", "--list", "--only", "b64$|mlp_tiny")
    #expect(
      found.output.split(separator: "\n") == ["train/mlp_tiny_2-20-3-1_b211_sgd", "infer/resnet20_b64"], "\(found)")
    let (status, output) = try tern.run("bench", "--only", "add_1000$", "--seconds", "0.01", "--threads", "1")
    #expect(status == 0)
    let lines = output.split(separator: "\n").filter { $0.hasPrefix("{") }
    try #require(lines.count == 1, "\(output)")
    let row = try #require(JSONSerialization.jsonObject(with: Data(lines[0].utf8)) as? [String: Any])
    #expect(row["name"] as? String == "elementwise/add_1000" && row["group"] as? String == "elementwise")
    #expect(row["unit"] as? String == "us" && row["threads"] as? Int == 1)
    let (least, median) = (row["min"] as? Double ?? 0, row["median"] as? Double ?? 0)
    #expect(least > 0 && median >= least && row["runs"] as? Int ?? 0 >= 5, "\(row)")
    #expect(output.contains("OpenBLAS core"))
    // The address sanitizer keeps what is freed, which looks like growth.
    if isAddressSanitizerActive { return }
    let soak = try tern.run("bench", "--only", "train/mlp_tiny", "--soak", "2000")
    #expect(soak.status == 0 && soak.output.contains("growth_percent"), "\(soak)")
  }

  @Test func infoTellsCoreLevelAndThreads() throws {
    let tern = Tern()
    defer { tern.remove() }
    let (status, output) = try tern.run("info", threads: 1)
    #expect(status == 0)
    for word in ["Tern", "OpenBLAS core", "kernels", "threads", "pool"] { #expect(output.contains(word)) }
    #expect(output.contains("1 of "))
    let help = try tern.run("train", "--help")
    #expect(help.status == 0)
    for option in [
      "--data", "--model", "--epochs", "--batch-size", "--optimizer", "--learning-rate", "--seed", "--threads",
      "--resume",
    ] {
      #expect(help.output.contains(option))
    }
  }

  @Test func infoExplainsTheAlgorithmOfAConvolution() throws {
    let tern = Tern()
    defer { tern.remove() }
    func algorithms(_ shape: String) throws -> [String] {
      let (status, output) = try tern.run("info", "--convolution", shape)
      #expect(status == 0, "\(output)")
      let lines = output.split(separator: "\n")
      #expect(lines.map { $0.prefix(15) } == ["forward        ", "input gradient ", "weight gradient"], "\(output)")
      return lines.map { String($0.dropFirst(17)) }
    }
    #expect(try algorithms("8x64x56x56:64x64x3x3:padding=1").allSatisfy { $0.hasPrefix("Winograd") })
    #expect(try algorithms("8x64x56x56:64x64x5x5:padding=2,stride=2").allSatisfy { $0.hasPrefix("direct, register") })
    #expect(try algorithms("8x64x56x56:64x1x3x3:padding=1,groups=64").allSatisfy { $0.hasPrefix("direct, channel") })
    let narrow = try algorithms("8x3x32x32:16x3x5x5")
    #expect(narrow[0].hasPrefix("direct, register") && narrow[1].hasPrefix("direct, whole rows"), "\(narrow)")
    #expect(try algorithms("1x64x4x4:64x64x1x1").allSatisfy { $0.hasPrefix("one matrix product") })
    for shape in [
      "", "8x64x56x56", "8x64x56x56:64x32x3x3", "8x64x56:64x64x3x3", "1x1x2x2:1x1x3x3", "1x1x4x4:1x1x3x3:q=1",
    ] {
      #expect(try tern.run("info", "--convolution", shape).status == 64, "\(shape)")
    }
  }

  @Test func experimentsAreListedAndMistakesTakeOneLine() throws {
    let tern = Tern()
    defer { tern.remove() }
    let list = try tern.run("experiment", "--list")
    #expect(list.status == 0)
    #expect(list.output.split(separator: "\n").contains { $0.hasPrefix("batch-norm-gradient  ") }, "\(list.output)")
    let unknown = try tern.run("experiment", "none")
    #expect(
      unknown.status != 0 && unknown.output.hasPrefix("Error: none: no such experiment; there are regularization"))
    let missing = try tern.run("experiment", "regularization", "--data", "nowhere")
    #expect(missing.status != 0)
    #expect(missing.output == "Error: nowhere: there is no such folder (expected a folder with data)\n")
    try Data().write(to: URL(fileURLWithPath: tern.folder + "/file"))
    let unwritable = try tern.run("experiment", "regularization", "--output", "file")
    #expect(unwritable.status != 0)
    #expect(unwritable.output.hasPrefix("Error: file/experiment-regularization: no folder can be made there"))
    #expect(unwritable.output.split(separator: "\n").count == 1, "\(unwritable.output)")
  }
}
