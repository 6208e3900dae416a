import Foundation
import Tern
import TernTestSupport
import Testing

/// `tern train` as several ranks.
@Suite(.enabled(if: MPICommunicator.isBuilt && MPILauncher.path != nil, "skipped: there is no MPI"))
struct RankCommandTests {
  private func train(_ command: Command, ranks: Int, _ options: [String]) throws -> Data {
    let shell = "exec \(([MPILauncher.path!] + MPILauncher.options).joined(separator: " ")) -n \(ranks) \"$0\" \"$@\""
    let (process, pipe) = try command.start(
      ["train", "--model", "mlp", "--epochs", "1", "--seed", "7", "--max-steps", "4", "--output", "\(ranks)"] + options,
      ["TERN_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"], shell: shell)
    let end = command.end(process, pipe)
    try #require(end.status == 0, "\(ranks) ranks, \(options): \(end.output)")
    let run = try #require(try FileManager.default.contentsOfDirectory(atPath: command.path("\(ranks)")).sorted().last)
    return try command.data("\(ranks)/\(run)/model.safetensors")
  }

  /// Three ranks, and four shards that they cannot share evenly, add along the same tree.
  @Test(arguments: [[], ["--sync-batch-norm"], ["--shard-optimizer"]] as [[String]])
  func anyNumberOfRanksHasTheBitsOfOne(_ options: [String]) throws {
    let command = try Command()
    let options = ["--shards", "4"] + options
    let one = try train(command, ranks: 1, options)
    for ranks in [2, 3] { #expect(try train(command, ranks: ranks, options) == one, "\(ranks) ranks, \(options)") }
  }
}
