import Tern
import TernBackend

extension TrainCommand {
  private typealias Planner = TrainerPlanner<Sequential<Float>, TrainingSamples>

  /// Ends a training that cannot fit before its first step and before anything is written.
  ///
  /// Of several ranks the first on each host plans for all there, which share the host's memory, and one of them ends all.
  func requireMemory(for task: TrainingTask, _ communicator: any Communicator) throws {
    let ranks = communicator.count
    let neighbors = (communicator as? MPICommunicator)?.layout.ranksOnHost(of: communicator.rank)
    let group = neighbors ?? [communicator.rank]
    let isPlanning = group.first == communicator.rank
    let complaint =
      isPlanning ? memoryComplaint(makePlanner(task, ranks: ranks, onHost: group.count), task, ranks: ranks) : nil
    if ranks > 1 {
      let all = try communicator.allGather([complaint == nil ? 0 : 1], name: "whether the memory suffices")
      if let refusing = all.firstIndex(of: [1]), refusing != communicator.rank {
        // The rank that refuses ends this one.
        try communicator.barrier(name: "the memory of rank \(refusing)")
      }
    }
    if let complaint { throw CommandError(complaint) }
    MemoryLimit.keepTensorsWithinRoom(sharedBy: group.count)
  }

  /// What is said where a batch does not fit; `nil` where it does.
  private func memoryComplaint(
    _ planner: Planner, _ task: TrainingTask, ranks: Int
  ) -> String? {
    // What fails here fails in the training, too, where it is said.
    guard (try? planner.fitsEasily()) != true, let plan = try? planner.plan(), !plan.fits else {
      return nil
    }
    // Where no batch could be named, what is held back for later may do.
    let room = plan.limit.bytes - plan.limit.otherBytes + plan.limit.reserveBytes
    if plan.largestBatchSize == 0 && plan.neededBytes <= room { return nil }
    // The plan counts all moments, of which a rank has its part.
    let shared = task.configuration.training?.shardsOptimizer == true ? plan.optimizerBytes * (ranks - 1) / ranks : 0
    if plan.neededBytes - shared <= room && shared > 0 { return nil }
    let megabytes = { (bytes: Int) in "\(bytes >> 20) MB" }
    let advice =
      plan.largestBatchSize == 0
      ? "no batch fits"
      : "the largest batch that fits is \(plan.largestBatchSize): --batch-size \(plan.largestBatchSize)"
    return "batches of \(plan.batchSize) take \(megabytes(plan.neededBytes)) of tensors"
      + (ranks > 1 ? " on each of \(ranks) ranks" : "") + ", and \(plan.limit) leave "
      + "\(megabytes(plan.limit.tensorBytes)) for them; \(advice)"
  }

  /// The plan of a task on one of some ranks, with what checkpointing would save.
  func memoryPlan(of task: TrainingTask, ranks: Int = 1) throws -> MemoryPlan {
    let isWhole = task.configuration.training?.frozen == nil
    let count = task.interface.makeModel(task.configuration).count
    let others = isWhole ? MemoryPlan.segments(count).map { ($0, makePlanner(task, ranks: ranks, segments: $0)) } : []
    return try makePlanner(task, ranks: ranks).plan(checkpointed: others)
  }

  private func makePlanner(
    _ task: TrainingTask, ranks: Int = 1, onHost processes: Int = 1, segments: Int? = nil
  ) -> Planner {
    let shards = task.configuration.training?.shards ?? ranks
    return TrainerPlanner(
      task.configuration.batchSize, from: 2 * shards, mostSamples: task.train.count, batchesAhead: 2 * (workers ?? 1),
      processes: processes
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
