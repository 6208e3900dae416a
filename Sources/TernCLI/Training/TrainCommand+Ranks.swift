import ArgumentParser
import Tern

/// The options of `tern train` for steps that are split, on one rank or several.
struct RankOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Shards that each step is split into, at least one for each rank: the same number gives the same bits on every number of "
        + "ranks that is a power of two and divides it. One for each rank where not given."))
  var shards: Int?

  @Flag(help: "Normalizes batches by the statistics of all shards of a step together.")
  var syncBatchNorm = false

  @Flag(help: "Shares the optimizer's moments out over the ranks. The bits are the same.")
  var shardOptimizer = false

  func validate() throws { try require("--shards", shards, in: 1...4096) }

  /// Settings with what was asked for in place of what they have; `nil` for none.
  func changed(_ settings: TrainingSettings?) -> TrainingSettings? {
    var settings = settings ?? TrainingSettings()
    if let shards { settings.shards = shards }
    if syncBatchNorm { settings.synchronizesStatistics = true }
    if shardOptimizer { settings.shardsOptimizer = true }
    return settings.isEmpty ? nil : settings
  }
}

extension TrainCommand {
  /// The folder that rank 0 makes, for all ranks.
  func sharedFolder(_ communicator: any Communicator, _ make: () throws -> TrainingRun) throws -> TrainingRun {
    if communicator.count == 1 { return try make() }
    let path = communicator.isRoot ? Array(try make().folder.utf8) : []
    return TrainingRun(
      folder: String(decoding: try communicator.broadcast(bytes: path, name: "the run's folder"), as: UTF8.self))
  }

  /// The status of a training that was asked to stop: 75, "come again", where a cluster's queue asked, 130 where a person did.
  func stopStatus(_ communicator: any Communicator) throws -> Int32 {
    let comesAgain = try communicator.sum(InterruptSignal.asksToComeAgain ? 1 : 0, name: "why to stop") > 0
    return comesAgain || communicator.count > 1 ? 75 : 130
  }
}
