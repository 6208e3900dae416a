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
  /// Ends a training in which a rank was started with other options or data than rank 0, before anything is written.
  func requireAgreement(on plan: TrainingPlan, _ communicator: any Communicator) throws {
    if communicator.count == 1 { return }
    let (settings, progress) = (plan.settings, plan.checkpoint?.progress)
    var entries = [
      ("the run to go on with is", plan.run?.folder ?? "none"),
      ("the checkpoint is", progress.map { "of epoch \($0.epoch), batch \($0.batch)" } ?? "none"),
      ("data", settings.fingerprint ?? settings.data ?? "the digits"),
      ("samples to train with", "\(plan.task.train.count)"), ("samples to test with", "\(plan.task.test.count)"),
    ]
    // Of the same data each host may have a copy of its own.
    entries += Self.entries(of: settings).filter { !["data", "fingerprint", "training"].contains($0.name) }
    entries += Self.entries(of: settings.training ?? TrainingSettings())
    for (name, flag) in [
      ("--find-learning-rate", findLearningRate), ("--allow-changes", allowChanges), ("--keep-going", keepGoing),
    ] {
      entries.append((name, flag ? "is given" : "is not given"))
    }
    try communicator.requireSameTraining(entries)
  }

  /// The properties of settings by their names in words, `batchSize` as `batch size`.
  private static func entries(of settings: Any) -> [(name: String, value: String)] {
    Mirror(reflecting: settings).children.map { child in
      let name = (child.label ?? "").map { $0.isUppercase ? " " + $0.lowercased() : String($0) }.joined()
      let optional = Mirror(reflecting: child.value)
      if optional.displayStyle == .optional { return (name, optional.children.first.map { "\($0.value)" } ?? "none") }
      return (name, "\(child.value)")
    }
  }

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
