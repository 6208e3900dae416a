import Foundation
import TernTestSupport
import Testing

@testable import TernDistributed

/// Jobs of the program RankProgram, which is built beside the tests.
enum MPIJob {
  /// Why there are none here, nil where there are.
  static let missing: String? = {
    guard MPICommunicator.isBuilt else { return "built without the trait MPI: scripts/test --mpi" }
    guard FileManager.default.isExecutableFile(atPath: program) else { return "\(program) is not built" }
    return MPILauncher.path == nil ? "mpirun is not installed" : nil
  }()

  private static let program: String = {
    let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(fileURLWithPath: tests).deletingLastPathComponent().path + "/RankProgram"
  }()

  /// Status and text of a job.
  static func run(ranks: Int, _ mode: String, _ variables: [String: String] = [:]) throws -> (
    status: Int32, text: String
  ) {
    let job = [MPILauncher.path!] + MPILauncher.options + ["-n", "\(ranks)", program, mode]
    return try run("/usr/bin/timeout", ["60"] + job, variables)
  }

  private static func run(
    _ path: String, _ arguments: [String], _ variables: [String: String]
  ) throws -> (status: Int32, text: String) {
    let (process, pipe) = (Process(), Pipe())
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }
}

@Suite(
  "Ranks that mpirun starts", .serialized,
  .enabled(if: MPIJob.missing == nil, Comment(rawValue: "skipped: \(MPIJob.missing ?? "")")))
struct MPITests {
  @Test("Every operation is right, and a line tells who takes part", arguments: [1, 2, 3, 4])
  func operations(ranks: Int) throws {
    let (status, text) = try MPIJob.run(ranks: ranks, "check")
    #expect(status == 0, "\(text)")
    for rank in 0..<ranks { #expect(text.contains("rank \(rank) of \(ranks): all right"), "\(text)") }
    #expect(text.contains("\(ranks) \(ranks == 1 ? "rank" : "ranks") on 1 host ("), "\(text)")
  }

  @Test(
    "A rank that goes ends the job with a line that has its number",
    arguments: [
      ("throw", "rank 1 in step 120: no such file"),
      ("exit", "rank 1 in step 120 exits with status 3, without the others"),
      ("leave", "rank 1 in step 120 exits with status 0, without the others"),
      ("lengths", "waits in step 120 for bucket 3 (conv1) from rank"),
      ("long-lengths", "waits in step 120 for bucket 3 (conv1) from rank"),
    ])
  func ending(_ mode: String, _ line: String) throws {
    let (status, text) = try MPIJob.run(ranks: 2, mode)
    #expect(status != 0)
    #expect(text.contains(line), "\(text)")
  }

  @Test("Training gives the same bits on any number of ranks, with and without overlap")
  func training() throws {
    var hashes: Set<String> = []
    for ranks in [1, 2, 4] {
      let (status, text) = try MPIJob.run(ranks: ranks, "train", ["TERN_NUM_THREADS": "1"])
      #expect(status == 0, "\(text)")
      let found = text.split(separator: "\n").filter { $0.contains(" overlap: ") }
      #expect(found.count == 2 * ranks, "\(text)")
      hashes.formUnion(found.map { String($0.split(separator: " ").last!) })
    }
    #expect(hashes.count == 1, "\(hashes)")
  }

  @Test("A rank that is killed ends the job")
  func killed() throws {
    let (status, _) = try MPIJob.run(ranks: 2, "die")
    #expect(status != 0 && status != 124)
  }

  @Test("A rank that hangs is reported, then the job ends")
  func hanging() throws {
    let limits = ["TERN_DISTRIBUTED_REPORT": "1", "TERN_DISTRIBUTED_TIMEOUT": "2"]
    let (status, text) = try MPIJob.run(ranks: 2, "hang", limits)
    #expect(status != 0 && status != 124)
    #expect(text.contains("rank 0 waits in step 120 for bucket 3 (conv1) from rank 1, for 1 seconds\n"), "\(text)")
    #expect(text.contains("for 2 seconds: given up"), "\(text)")
  }

  @Test("A signal to one rank stops all after the same step, with status 75")
  func signal() throws {
    let (status, text) = try MPIJob.run(ranks: 2, "signal")
    #expect(status == 75, "\(text)")
  }
}
