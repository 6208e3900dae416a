import Tern
import TernBackend

extension TrainCommand {
  private typealias Planner = TrainerPlanner<Sequential<Float>, TrainingSamples>

  /// Ends a training that cannot fit before its first step and before anything is written. A run on several ranks is not planned.
  func requireMemory(for task: TrainingTask, _ communicator: any Communicator) throws {
    if communicator.count > 1 { return }
    let planner = makePlanner(task)
    // What fails here fails in the training, too, where it is said.
    if (try? planner.fitsEasily()) != true, let plan = try? planner.plan(), !plan.fits {
      // Where no batch could be named, what is held back for later may do.
      let room = plan.limit.bytes - plan.limit.otherBytes + plan.limit.reserveBytes
      if plan.largestBatchSize == 0 && plan.neededBytes <= room { return }
      let megabytes = { (bytes: Int) in "\(bytes >> 20) MB" }
      let advice =
        plan.largestBatchSize == 0
        ? "no batch fits"
        : "the largest batch that fits is \(plan.largestBatchSize): --batch-size \(plan.largestBatchSize)"
      throw CommandError(
        "batches of \(plan.batchSize) take \(megabytes(plan.neededBytes)) of tensors, and \(plan.limit) leave "
          + "\(megabytes(plan.limit.tensorBytes)) for them; \(advice)")
    }
    MemoryLimit.keepTensorsWithinRoom()
  }

  /// The plan of a task on one of some ranks, with what checkpointing would save.
  func memoryPlan(of task: TrainingTask, ranks: Int = 1) throws -> MemoryPlan {
    let isWhole = task.configuration.training?.frozen == nil
    let count = task.interface.makeModel(task.configuration).count
    let others = isWhole ? MemoryPlan.segments(count).map { ($0, makePlanner(task, ranks: ranks, segments: $0)) } : []
    return try makePlanner(task, ranks: ranks).plan(checkpointed: others)
  }

  private func makePlanner(_ task: TrainingTask, ranks: Int = 1, segments: Int? = nil) -> Planner {
    let shards = task.configuration.training?.shards ?? ranks
    return TrainerPlanner(
      task.configuration.batchSize, from: 2 * shards, mostSamples: task.train.count, batchesAhead: 2 * (workers ?? 1)
    ) { batchSize in
      var task = task
      task.configuration.batchSize = batchSize
      // A rank that stands in for all has no moments of others: they are counted whole.
      if ranks > 1 { task.configuration.training?.shardsOptimizer = nil }
      let communicator: any Communicator = ranks > 1 ? RankStandIn(of: ranks) : SoleProcess()
      let trainer = try task.makeTrainer(workers: 0, communicator, dropsLast: true, segments: segments)
      var parts = task.configuration.training ?? TrainingSettings()
      (parts.keepBest, parts.patience, parts.recordsSamples) = (nil, nil, nil)
      try parts.apply(to: trainer, folder: output)
      return trainer
    }
  }
}
