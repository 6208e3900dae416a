import Foundation
import Testing

/// Runs of the command whose steps are split.
@Suite struct ShardCommandTests {
  private let settings = [
    "train", "--model", "cnn", "--epochs", "1", "--seed", "3", "--max-steps", "6", "--shards", "4",
  ]

  private func model(_ command: Command, _ number: Int) throws -> Data {
    try command.data("runs/digits-cnn-\(number)/model.safetensors")
  }

  private func train(_ command: Command, _ options: String...) throws {
    let (process, pipe) = try command.start(settings + options)
    let end = command.end(process, pipe)
    try #require(end.status == 0, "\(end.output)")
    #expect(end.output.contains("4 shards a step on 1 rank"), "\(end.output)")
  }

  @Test func shardedMomentsChangeNoBitAndStatisticsDo() throws {
    let command = try Command()
    try train(command)
    try train(command, "--shard-optimizer")
    try train(command, "--threads", "1")
    try train(command, "--sync-batch-norm")
    let first = try model(command, 1)
    #expect(try model(command, 2) == first)
    #expect(try model(command, 3) == first)
    #expect(try model(command, 4) != first)
    let other = try command.run("train", "--shards", "0")
    #expect(other.status == 64 && other.output.contains("--shards 0"), "\(other.output)")
  }

  @Test func aQueuesSignalSavesAndAsksToComeAgain() throws {
    let command = try Command()
    let begun = ["train", "--model", "mlp", "--seed", "3", "--shards", "4", "--epochs", "3"]
    let (whole, output) = try command.start(begun)
    #expect(command.end(whole, output).status == 0)
    let expected = try command.data("runs/digits-mlp-1/model.safetensors")
    let (process, pipe) = try command.start([
      "train", "--model", "mlp", "--seed", "3", "--shards", "4", "--epochs", "3",
    ])
    while process.isRunning && !command.has("runs/digits-mlp-2/checkpoint.safetensors") { usleep(500) }
    kill(process.processIdentifier, SIGUSR1)
    let stopped = command.end(process, pipe)
    // It may have been done before the signal came.
    #expect(stopped.isExit && [0, 75].contains(stopped.status), "\(stopped.output)")
    if stopped.status == 75 { #expect(stopped.output.contains("everything is saved"), "\(stopped.output)") }
    let refused = try command.run("train", "--resume", "runs/digits-mlp-2", "--shards", "2")
    #expect(refused.status == 1 && refused.output.contains("shards 4, now 2"), "\(refused.output)")
    let resumed = try command.run("train", "--resume", "runs/digits-mlp-2")
    #expect(resumed.status == 0, "\(resumed.output)")
    #expect(try command.data("runs/digits-mlp-2/model.safetensors") == expected)
  }
}
