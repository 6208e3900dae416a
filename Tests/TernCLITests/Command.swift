import Foundation

/// The command as a process of its own, in a folder that is removed with this object.
final class Command {
  let folder: String

  init() throws {
    folder = NSTemporaryDirectory() + "tern-command-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

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

  /// What came of a run: how it ended, and what it printed.
  struct End {
    var status: Int32
    var isExit: Bool
    var output: String
    var lines: [Substring] { output.split(separator: "\n") }
  }

  /// What commands find set. What lives at their end is behind pointers with tags in them, which a leak checker does not follow.
  static let environment = ProcessInfo.processInfo.environment.merging(["LSAN_OPTIONS": "detect_leaks=0"]) { $1 }

  func start(_ arguments: [String], _ environment: [String: String] = [:], shell: String? = nil) throws -> (
    Process, Pipe
  ) {
    let (process, pipe) = (Process(), Pipe())
    if let shell {
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-c", shell, Self.executable.path] + arguments
    } else {
      process.executableURL = Self.executable
      process.arguments = arguments
    }
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.environment = Self.environment.merging(environment) { _, new in new }
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    return (process, pipe)
  }

  func end(_ process: Process, _ pipe: Pipe) -> End {
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return End(status: process.terminationStatus, isExit: process.terminationReason == .exit, output: output)
  }

  /// Runs to the end.
  @discardableResult
  func run(_ arguments: String..., environment: [String: String] = [:], shell: String? = nil) throws -> End {
    let (process, pipe) = try start(arguments, environment, shell: shell)
    return end(process, pipe)
  }

  func path(_ name: String) -> String { "\(folder)/\(name)" }
  func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }
  func data(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path(name))) }
  func write(_ data: Data, _ name: String) throws { try data.write(to: URL(fileURLWithPath: path(name))) }
  func write(_ text: String, _ name: String) throws { try write(Data(text.utf8), name) }
  func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path(name)) }
  func text(_ name: String) throws -> String { try String(decoding: data(name), as: UTF8.self) }
}
