import TernBackend
import TernData
import TernNN

extension Trainer {
  /// A checkpoint of the training as it is.
  public var checkpoint: Checkpoint {
    var progress = progress
    progress.schedule = scheduleState
    var checkpoint = Checkpoint(
      model: model, optimizer: optimizer, progress: progress, history: history, origin: origin)
    for entry in optimizers.dropFirst() { checkpoint.parts["optimizer " + entry.name] = entry.optimizer.state }
    for (name, part) in parts { checkpoint.parts[name] = part.state }
    if nonFinite.isRewinding, let snapshot { checkpoint.parts["snapshot"] = snapshot }
    return checkpoint
  }

  /// Whether one rank can ask for ``checkpoint`` while the others do not: none shares an optimizer's moments with it.
  package var makesCheckpointsAlone: Bool {
    func isShared(_ optimizer: any Optimizer) -> Bool {
      optimizer is ShardedOptimizer || (optimizer as? CombinedOptimizer)?.parts.contains(where: isShared) ?? false
    }
    return communicator.count == 1 || !optimizers.contains { isShared($0.optimizer) }
  }

  /// The parts that a checkpoint has, by name.
  private var parts: [(name: String, part: any TrainingPart)] {
    let all: [(String, (any TrainingPart)?)] = [
      ("early stopping", earlyStopping), ("best checkpoints", bestCheckpoints),
      ("exponential average", exponentialAverage), ("stochastic average", stochasticAverage),
      ("sample history", sampleHistory),
    ]
    return all.compactMap { name, part in part.map { (name, $0) } }
  }

  /// Where all schedules are; those after the first with their number before the names.
  var scheduleState: [String: Double] {
    var state: [String: Double] = [:]
    for (index, scheduler) in schedulers.enumerated() {
      for (name, value) in scheduler.state { state[index == 0 ? name : "\(index)/\(name)"] = value }
    }
    return state
  }

  /// Puts the schedules to where they were; on an error nothing has changed.
  func loadSchedule(_ state: [String: Double]) throws(StateMismatch) {
    let before = schedulers.map(\.state)
    for (index, scheduler) in schedulers.enumerated() {
      let prefix = "\(index)/"
      let own =
        index == 0
        ? state.filter { !$0.key.contains("/") || schedulers.count == 1 }
        : PartState(tensors: [], scalars: state).part(prefix).scalars
      do throws(StateMismatch) {
        try scheduler.load(own)
      } catch {
        for (earlier, state) in before.enumerated().prefix(index) { try schedulers[earlier].load(state) }
        throw error
      }
    }
  }

  /// Puts the training to where a checkpoint was taken. On an error nothing has changed.
  ///
  /// - Parameter allowingChanges: whether it may go on with other data, another batch size, another seed or other parts than
  ///   those of the checkpoint. With other batches an epoch that was not done begins again.
  /// - Throws: `StateMismatch` with all that does not fit, and what differs.
  public func restore(
    _ checkpoint: Checkpoint, allowingChanges: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) throws(StateMismatch) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    var reached = checkpoint.progress
    var differences = checkpoint.origin.map { origin.differences(from: $0) } ?? []
    let known = parts.map(\.name) + optimizers.dropFirst().map { "optimizer " + $0.name }
    let found = checkpoint.parts.keys.filter { $0 != "snapshot" }
    // What only looks on may come and go.
    func counts(_ name: String) -> Bool { name != "sample history" }
    for name in found.sorted() where !known.contains(name) && counts(name) {
      differences.append("with its \(name), now without")
    }
    for name in known where !found.contains(name) && counts(name) {
      differences.append("without \(name), now with it")
    }
    let refused = allowingChanges ? [] : differences
    if let before = checkpoint.origin, refused.isEmpty,
      before.samples != origin.samples || before.batchSize != origin.batchSize
        || before.accumulation != origin.accumulation
    {
      reached.beginEpochAgain()
    }
    guard reached.epoch >= 0, 0...loader.batchCount ~= reached.batch, 0...loader.sampleCount ~= reached.seen,
      0...reached.seen ~= reached.correct
    else {
      throw StateMismatch(
        mismatched: ["batch \(reached.batch) of epoch \(reached.epoch) for epochs of \(loader.batchCount) batches"],
        refused: refused)
    }
    // What the parts become is worked out first.
    var (stopping, best) = (earlyStopping, bestCheckpoints)
    var (average, mean) = (exponentialAverage, stochasticAverage)
    if let state = checkpoint.parts["early stopping"] { try stopping?.load(state) }
    if let state = checkpoint.parts["best checkpoints"] { try best?.load(state) }
    if let state = checkpoint.parts["exponential average"] { try average?.load(state) }
    if let state = checkpoint.parts["stochastic average"] { try mean?.load(state) }
    var samples = sampleHistory
    if let state = checkpoint.parts["sample history"] { try samples?.load(state) }
    let own = model.state
    for (name, entries) in [
      ("exponential average", average?.entries ?? []), ("stochastic average", mean?.entries ?? []),
    ] where !entries.isEmpty {
      if entries.map(\.name) != own.map(\.name) || entries.map(\.shape) != own.map(\.shape)
        || entries.map(\.dtype) != own.map(\.dtype)
      {
        throw StateMismatch(
          mismatched: ["the \(name) is not of this model's parameters and buffers"], refused: refused)
      }
    }
    let before = (model: own, optimizers: optimizers.map(\.optimizer.state), schedule: scheduleState)
    try loadSchedule(reached.schedule)
    do throws(StateMismatch) {
      try checkpoint.restore(model, optimizer)
      for entry in optimizers.dropFirst() {
        if let state = checkpoint.parts["optimizer " + entry.name] { try entry.optimizer.load(state) }
      }
      // What does not fit at all says more than what differs: it comes first.
      if !refused.isEmpty { throw StateMismatch(refused: refused) }
    } catch {
      try loadSchedule(before.schedule)
      try model.load(before.model)
      for (entry, state) in zip(optimizers, before.optimizers) { try entry.optimizer.load(state) }
      throw error
    }
    progress = reached
    history = checkpoint.history
    generator.state = progress.generator
    (earlyStopping, bestCheckpoints) = (stopping, best)
    (exponentialAverage, stochasticAverage) = (average, mean)
    sampleHistory = samples
    snapshot = checkpoint.parts["snapshot"]
  }
}
