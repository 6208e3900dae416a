import Foundation
import TernBackend
import Testing

/// Options, settings, environments and systems that cannot be: one line each, never a trap.
@Suite struct HostileSettingsTests {
  private let run = "runs/digits-mlp-1"

  private func expectRefused(_ end: Command.End, _ expected: String, lines: Int? = nil, _ what: String = "") {
    #expect(end.isExit && end.status != 0, "\(what): \(end.output)")
    #expect(end.output.contains(expected), "\(what): \(end.output)")
    #expect(!end.output.contains("Fatal error"), "\(what): \(end.output)")
    if let lines { #expect(end.lines.count == lines, "\(what): \(end.output)") }
  }

  @Test func optionsOutOfRange() throws {
    let command = try Command()
    let most = "\(Int.max)"
    let rows: [([String], String)] = [
      (["--epochs", most], "--epochs \(most): at most 1000000000 works"),
      (["--epochs", "-1"], "--epochs -1: at least 1 is needed"),
      (["--epochs", "99999999999999999999"], "--epochs"),
      (["--batch-size", most], "--batch-size \(most): at most 1000000000 works"),
      (["--batch-size", "0"], "--batch-size 0: at least 1 is needed"),
      (["--batch-size", "-1"], "--batch-size -1: at least 1 is needed"),
      (["--learning-rate", "nan"], "--learning-rate nan: a finite number above 0 is needed"),
      (["--learning-rate", "inf"], "--learning-rate inf: a finite number above 0 is needed"),
      (["--learning-rate", "-0.1"], "--learning-rate -0.1: a finite number above 0 is needed"),
      (["--learning-rate", "0"], "--learning-rate 0.0: a finite number above 0 is needed"),
      (["--threads", "0"], "--threads 0: at least 1 is needed"),
      (["--threads", most], "--threads \(most): at most 256 works"),
      (["--seed", "-1"], "--seed"), (["--optimizer", "momentum"], "--optimizer"), (["--allow-changes"], "--resume"),
    ]
    for (options, expected) in rows {
      let (process, pipe) = try command.start(["train"] + options)
      expectRefused(command.end(process, pipe), expected, "\(options)")
    }
    for arguments in [["evaluate", "x"], ["bench"], ["experiment", "--list"]] {
      for threads in ["0", "-1", "257"] {
        let (process, pipe) = try command.start(arguments + ["--threads", threads])
        expectRefused(command.end(process, pipe), "--threads \(threads): at ", "\(arguments)")
      }
    }
    #expect(!command.has("runs"))
    // The largest that are allowed train on one batch.
    let (process, pipe) = try command.start(
      ["train", "--model", "mlp", "--batch-size", "1000000000", "--epochs", "1000000000"])
    while process.isRunning && !command.has("\(run)/checkpoint.safetensors") { usleep(500) }
    kill(process.processIdentifier, SIGINT)
    #expect(command.end(process, pipe).status == 130)
  }

  @Test func settingsOfARunAreCheckedWhenRead() throws {
    let command = try Command()
    #expect(try command.run("train", "--model", "mlp", "--epochs", "1").status == 0)
    let settings = try command.text("\(run)/run.json")
    let rows: [(String, String, String)] = [
      ("\"epochs\" : 1", "\"epochs\" : 0", "epochs is 0 (expected a whole number from 1 to 1000000000)"),
      ("\"epochs\" : 1", "\"epochs\" : -3", "epochs is -3"),
      ("\"epochs\" : 1", "\"epochs\" : \(Int.max)", "epochs is \(Int.max)"),
      ("\"epochs\" : 1", "\"epochs\" : 1.5", "epochs is 1.5"),
      ("\"epochs\" : 1", "\"epochs\" : \"many\"", "epochs is \"many\""),
      ("\"epochs\" : 1", "\"epochs\" : null", "epochs is null"),
      ("\"batchSize\" : 64", "\"batchSize\" : -1", "batchSize is -1 (expected a whole number from 1"),
      ("\"batchSize\" : 64", "\"batchSize\" : \(Int.max)", "batchSize is \(Int.max)"),
      ("0.001", "0", "learningRate is 0 (expected a finite number above 0)"),
      ("0.001", "-1e-3", "learningRate is -0.001"), ("0.001", "\"NaN\"", "learningRate is \"NaN\""),
      ("0.001", "\"Infinity\"", "learningRate is \"Infinity\""), ("0.001", "1e999", "too large a number"),
      ("0.001", "[1]", "learningRate is [1]"),
      ("\"mlp\"", "\"vgg\"", "model is \"vgg\" (expected cnn or mlp)"), ("\"mlp\"", "7", "model is 7"),
      ("\"adam\"", "\"lion\"", "optimizer is \"lion\" (expected sgd or adam or adamw)"),
      ("\"seed\" : 1", "\"seed\" : -1", "seed is -1 (expected a whole number from 0"),
      ("\"seed\" : 1", "\"momentum\" : 1", "there is no setting momentum (expected batchSize, data, epochs"),
      ("\"seed\" : 1", "\"data\" : 3, \"seed\" : 1", "data is 3 (expected a string)"),
      ("{", "[", "run.json"), ("}", "", "run.json"),
    ]
    for (old, new, expected) in rows {
      try command.write(settings.replacingOccurrences(of: old, with: new), "\(run)/run.json")
      for command in [try command.run("train", "--resume", run), try command.run("evaluate", run)] {
        expectRefused(command, expected, lines: 1, new)
        #expect(command.output.contains("run.json"), "\(command.output)")
      }
    }
    try command.write(String(repeating: "[", count: 100_000), "\(run)/run.json")
    expectRefused(try command.run("train", "--resume", run), "run.json", lines: 1)
  }

  @Test func variablesOfTheEnvironment() throws {
    let command = try Command()
    let threads = "a whole number from 1 to 256 is expected"
    var rows = ["abc", "0", "-1", "1e9", "1000000000", "257", "1.5", " 2", "99999999999999999999"].map {
      ("TERN_NUM_THREADS", $0, threads)
    }
    for word in ["bogus", "AVX2", "avx", "sse\n"] {
      rows.append(("TERN_CPU", word, "baseline, avx2, avx512 or avx512bf16 is expected"))
    }
    for word in ["x", "0", "-5", "1GB"] {
      rows.append(("TERN_MAX_FILE_BYTES", word, "a whole number from 1 is expected"))
    }
    for (name, value, expected) in rows {
      let end = try command.run("info", environment: [name: value])
      expectRefused(end, expected, lines: 1, "\(name)=\(value)")
      #expect(end.status == 78 && end.output.hasPrefix("\(name)="), "\(end.output)")
    }
    for (name, value) in [("TERN_NUM_THREADS", "1"), ("TERN_NUM_THREADS", ""), ("TERN_CPU", ""), ("TERN_CPU", "avx2")] {
      #expect(try command.run("info", environment: [name: value]).status == 0, "\(name)=\(value)")
    }
  }

  @Test func foldersOfCasesThatAreNone() throws {
    let command = try Command()
    try command.write("text", "file")
    expectRefused(try command.run("conform", "/nonexistent"), "Error: /nonexistent: there is no such folder", lines: 1)
    expectRefused(try command.run("conform", "file"), "Error: file: is no folder", lines: 1)
    expectRefused(try command.run("conform", "."), "no manifests", lines: 1)
    expectRefused(try command.run("conform", ".", "--only", "("), "--only (: not a regular expression")
  }

  /// It trains, or says in a line why it cannot, within a minute: OpenBLAS would ask for its buffers for ever.
  @Test(arguments: [200_000, 300_000, 400_000, 500_000, 600_000]) func fewAddresses(kilobytes: Int) throws {
    // The sanitizer takes more addresses than these for itself.
    if isAddressSanitizerActive { return }
    let command = try Command()
    let end = try command.run(
      "train", "--model", "mlp", "--epochs", "1",
      shell: "ulimit -v \(kilobytes); exec timeout -s KILL 60 \"$0\" \"$@\"")
    if end.status == 0 { return }
    // OpenBLAS has lines of its own as it loads, where the libraries of an MPI leave no room for its threads.
    let lines = end.lines.filter { !$0.hasPrefix("OpenBLAS blas_thread_init: ") }
    #expect(end.isExit && end.status == 78 && lines.count == 1, "\(end.output)")
    #expect(lines.first?.hasPrefix("OpenBLAS: no memory for its buffers of 128 MB") == true, "\(end.output)")
    #expect(end.output.contains("\(kilobytes) KB of addresses (ulimit -v)"), "\(end.output)")
  }
}
