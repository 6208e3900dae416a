import Foundation
import Tern
import TernTestSupport
import Testing

/// `tern train --live` on a terminal, and the other options that tell of a run.
@Suite struct WatchingTests {
  private let run = "runs/digits-mlp-1"

  /// Starts the command on a terminal.
  private func start(
    _ command: Command, _ terminal: PseudoTerminal, _ arguments: [String], _ environment: [String: String] = [:]
  ) throws -> Process {
    let process = Process()
    process.executableURL = Command.executable
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: command.folder)
    let own = ["TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "SWIFT_BACKTRACE": "enable=no"]
    process.environment = Command.environment.merging(own) { $1 }.merging(environment) { $1 }
    let handle = FileHandle(fileDescriptor: terminal.descriptor, closeOnDealloc: false)
    (process.standardInput, process.standardOutput, process.standardError) = (handle, handle, handle)
    // Threads of tests block signals, and what they start would, too.
    var (all, before) = (sigset_t(), sigset_t())
    sigfillset(&all)
    pthread_sigmask(SIG_UNBLOCK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try process.run()
    return process
  }

  /// Reads the terminal until the process ended.
  private func finish(_ process: Process, _ terminal: PseudoTerminal) {
    #expect(terminal.read(seconds: 60) { _ in !process.isRunning }, "\(terminal.screen.lines)")
    process.waitUntilExit()
    terminal.read { _ in true }
  }

  private func expectWhole(_ terminal: PseudoTerminal, _ location: SourceLocation = #_sourceLocation) {
    let screen = terminal.screen
    #expect(screen.isCursorVisible && screen.wraps && terminal.isPlain, sourceLocation: location)
    #expect(screen.margins == 0...screen.rows - 1 && screen.unknown == [], sourceLocation: location)
    #expect(!screen.lines.contains { $0.contains("q stop") || $0.hasPrefix("──") }, sourceLocation: location)
  }

  private let long = ["train", "--live", "--model", "mlp", "--epochs", "100000", "--batch-size", "32"]

  @Test func aRunIsWatchedHeldUpSavedResizedAndEnded() throws {
    let (command, terminal) = (try Command(), try PseudoTerminal())
    let process = try start(command, terminal, long)
    #expect(terminal.read { $0.lines.last?.hasPrefix("p pause") == true && $0.text.contains("test loss") })
    #expect(terminal.screen.lines.contains { $0.hasPrefix("── Digits, mlp ─") }, "\(terminal.screen.lines)")
    terminal.type("p")
    #expect(terminal.read { $0.lines.contains { $0.hasSuffix("paused") } })
    terminal.type("c")
    #expect(terminal.read { $0.text.contains("checkpoint in \(run)/checkpoint.safetensors") })
    let checkpoint = try Checkpoint(contentsOf: command.path("\(run)/checkpoint.safetensors"))
    for (rows, columns) in [(10, 40), (60, 200), (24, 80)] {
      try terminal.resize(rows: rows, columns: columns)
      kill(process.processIdentifier, SIGWINCH)
      #expect(terminal.read { $0.margins.upperBound < rows - 3 && $0.lines.contains { $0.hasSuffix("paused") } })
      #expect(terminal.screen.lines.filter { $0.hasPrefix("loss") }.count == 1, "\(terminal.screen.lines)")
    }
    // Ctrl-Z leaves the terminal to others, and fg comes back.
    kill(process.processIdentifier, SIGTSTP)
    #expect(terminal.read { $0.isCursorVisible && $0.margins == 0...23 })
    #expect(terminal.isPlain)
    kill(process.processIdentifier, SIGCONT)
    #expect(terminal.read { !$0.isCursorVisible && $0.lines.contains { $0.hasSuffix("paused") } })
    #expect(!terminal.isPlain)
    terminal.type("q")
    finish(process, terminal)
    #expect(process.terminationReason == .exit && process.terminationStatus == 130)
    expectWhole(terminal)
    #expect(terminal.screen.text.contains("Stopped after batch"), "\(terminal.screen.lines)")
    let last = try Checkpoint(contentsOf: command.path("\(run)/checkpoint.safetensors"))
    #expect(last.progress.epoch == checkpoint.progress.epoch && last.progress.batch == checkpoint.progress.batch)

    // Going on, the epochs that are done are there.
    let other = try PseudoTerminal()
    let second = try start(command, other, ["train", "--resume", run, "--live"])
    #expect(
      other.read { $0.lines.contains { $0.hasPrefix("test loss") } && $0.lines.last?.hasPrefix("p pause") == true })
    kill(second.processIdentifier, SIGINT)
    finish(second, other)
    #expect(second.terminationReason == .exit && second.terminationStatus == 130)
    expectWhole(other)
  }

  @Test(arguments: [SIGTERM, SIGINT, SIGSEGV, SIGABRT, SIGQUIT]) func aSignalLeavesTheTerminalWhole(signal: Int32)
    throws
  {
    let (command, terminal) = (try Command(), try PseudoTerminal())
    let process = try start(command, terminal, long)
    #expect(terminal.read { $0.lines.last?.hasPrefix("p pause") == true })
    // Held up: the wish to end is seen there too.
    if signal == SIGTERM {
      terminal.type("p")
      #expect(terminal.read { $0.lines.contains { $0.hasSuffix("paused") } })
    }
    kill(process.processIdentifier, signal)
    finish(process, terminal)
    let isWish = signal == SIGTERM || signal == SIGINT
    #expect(process.terminationReason == (isWish ? .exit : .uncaughtSignal))
    #expect(process.terminationStatus == (isWish ? 130 : signal), "\(terminal.screen.lines)")
    #expect(terminal.screen.text.contains("everything is saved") == isWish)
    expectWhole(terminal)
  }

  @Test func linesArePrintedWhereThereIsNoTerminal() throws {
    let command = try Command()
    let arguments = ["train", "--live", "--model", "mlp", "--epochs", "2"]
    let (process, pipe) = try command.start(arguments, ["TERM": "xterm-256color"])
    let end = command.end(process, pipe)
    #expect(
      end.status == 0 && end.output.contains("Epoch 2/2  train") && !end.output.contains("\u{1B}"), "\(end.output)")
    let terminal = try PseudoTerminal(rows: 24, columns: 120)
    let dumb = try start(command, terminal, arguments, ["TERM": "dumb"])
    finish(dumb, terminal)
    #expect(dumb.terminationStatus == 0 && !terminal.bytes.contains(0x1B) && terminal.isPlain)
    #expect(terminal.screen.text.contains("Epoch 2/2  train"))
    // ASCII where the locale has no more.
    let plain = try PseudoTerminal()
    let ascii = try start(command, plain, long, ["LC_ALL": "C", "NO_COLOR": "1"])
    // The first frame may stand for a while after the first epoch.
    var view = ArraySlice<String>()
    let isShown = plain.read { screen in
      view = screen.lines.drop { !$0.hasPrefix("-- Digits, mlp -") }
      return view.count > 8 && screen.text.contains("test loss")
    }
    #expect(isShown && view.allSatisfy { $0.allSatisfy(\.isASCII) }, "\(view)")
    plain.type("q")
    finish(ascii, plain)
    #expect(!String(decoding: plain.bytes, as: UTF8.self).contains("\u{1B}[1m"))
  }

  @Test func everyOptionWritesWhatItSays() throws {
    let command = try Command()
    let end = try command.run(
      "train", "--model", "mlp", "--epochs", "2", "--report", "--live", "--report-every", "7", "--sample-losses",
      "--ledger",
      "--profile", "3:5", "--log-json", "log.jsonl", "--tensorboard", "events")
    try #require(end.status == 0, "\(end.output)")
    let page = try command.text("\(run)/report/report.html")
    #expect(!page.contains("http-equiv=\"refresh\""))
    // Two epochs of 23 steps, looked at every seven.
    let lines = try command.text("\(run)/report/losses.csv").split(separator: "\n")
    #expect(lines.count >= 46, "\(lines.count)")
    for name in [
      "samples.html", "samples.csv", "ledger.bin", "profile/report.html", "profile/profile.txt", "profile/trace.json",
    ] {
      #expect(command.has("\(run)/\(name)"), "\(name)")
    }
    let trace = try JSONSerialization.jsonObject(with: command.data("\(run)/profile/trace.json"))
    #expect((trace as? [String: Any])?["traceEvents"] is [Any] || trace is [Any])
    let log = try command.text("log.jsonl").split(separator: "\n").map {
      try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    let steps = log.filter { $0["event"] as? String == "step" }.compactMap { $0["step"] as? Int }
    #expect(steps == Array(1...46) && log.last?["reason"] as? String == "finished")
    let events = try FileManager.default.contentsOfDirectory(atPath: command.path("events"))
    #expect(events.count == 1 && events[0].contains("tfevents"))
    #expect(try command.data("events/\(events[0])").count > 10_000)
    // The same bits without them.
    let plain = try command.run("train", "--model", "mlp", "--epochs", "2")
    #expect(plain.status == 0)
    let models = try ["1", "2"].map { try command.data("runs/digits-mlp-\($0)/model.safetensors") }
    #expect(models[0] == models[1])
    // A run that is finished adds nothing, and one that goes on has each step once.
    let again = try command.run(
      "train", "--resume", run, "--epochs", "3", "--allow-changes", "--log-json", "log.jsonl", "--tensorboard", "events"
    )
    #expect(again.status == 0, "\(again.output)")
    let more = try command.text("log.jsonl").split(separator: "\n").filter { $0.contains("\"event\":\"step\"") }
    #expect(more.count == 69)
  }

  @Test func thePageOfARunRefreshesWhileItGoesOn() throws {
    let command = try Command()
    let (process, pipe) = try command.start(
      ["train", "--model", "mlp", "--epochs", "100000", "--report", "--live"])
    let path = command.path("\(run)/report/report.html")
    var page = ""
    for _ in 0..<3000 where page.isEmpty {
      page = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
      usleep(10_000)
    }
    #expect(page.contains("http-equiv=\"refresh\" content=\"5\""))
    process.interrupt()
    let end = command.end(process, pipe)
    #expect(end.status == 130, "\(end.output)")
    #expect(try !String(contentsOfFile: path, encoding: .utf8).contains("http-equiv=\"refresh\""))
  }

  @Test func whatDoesNotGoTogetherIsRefused() throws {
    let command = try Command()
    try command.write("not a log\n", "notes.txt")
    let rows: [([String], Int32, String)] = [
      (["--report-every", "5"], 64, "--report-every goes with --report"),
      (["--report", "--report-every", "0"], 64, "--report-every"),
      (["--report", "--report-every", "-3"], 64, "--report-every"),
      (["--profile", "5:3"], 64, "--profile 5:3: the first and the last step are needed, such as 10:20"),
      (["--profile", "0:3"], 64, "--profile 0:3"), (["--profile", "x"], 64, "--profile x"),
      (["--profile", "1:2:3"], 64, "--profile 1:2:3"),
      (["--log-json", ""], 64, "--log-json: the name of a file is needed"),
      (["--tensorboard", ""], 64, "--tensorboard: the name of a folder is needed"),
      (["--log-json", "notes.txt"], 1, "notes.txt: is no log of a training, and stays as it is"),
      (["--log-json", "missing/log.jsonl"], 1, "missing/log.jsonl"),
      (["--tensorboard", "notes.txt"], 1, "notes.txt"),
    ]
    for (options, status, words) in rows {
      let (process, pipe) = try command.start(["train", "--model", "mlp", "--epochs", "1"] + options)
      let end = command.end(process, pipe)
      #expect(end.isExit && end.status == status && end.output.contains(words), "\(options): \(end.output)")
    }
    #expect(try command.text("notes.txt") == "not a log\n")
  }
}
