import TernBackend
import TernData
import TernDistributed
import TernNN
import TernTensor

/// What a step is made of.
struct StepInput<Batch> {
  /// Whole batches, or those of this rank's shards.
  var batches: [Batch] = []
  /// The batches of each shard of this rank; none for a shard whose shares are empty.
  var shards: [[Batch]] = []
  /// How many batches of the loader it is.
  var count: Int
  /// Why this rank's samples are not there.
  var failure: (any Error)?

  /// The batches of each shard with their places among ``batches``.
  var numberedShards: [[(number: Int, batch: Batch)]] {
    var number = 0
    return shards.map { shard in
      shard.map { batch in
        defer { number += 1 }
        return (number, batch)
      }
    }
  }
}

extension Trainer {
  /// The bit of a rank that was asked to stop.
  static var asksToStop: UInt64 { 1 }
  /// The bit of a rank whose time is over.
  static var reachesLimit: UInt64 { 2 }
  /// The bit of a rank that wants a checkpoint to which all give moments.
  static var wantsCheckpoint: UInt64 { 4 }

  /// What computes shards, where there are several.
  static func makeEngine(
    _ model: Model, _ communicator: any Communicator, shards: Int?
  ) throws(TrainingError) -> ShardedStep? {
    let count = shards ?? communicator.count
    check(count >= 1, "Trainer", "\(count) shards (at least 1)")
    if count == 1 && communicator.count == 1 { return nil }
    if count < communicator.count {
      throw TrainingError(
        description: "\(count) shards a step for \(communicator.count) ranks: at least one for each is needed")
    }
    return ShardedStep(model, communicator, shards: count)
  }

  /// Checks that all ranks begin the same training, and gives them the model of rank 0.
  func checkStart(_ engine: ShardedStep) throws(TrainingError) {
    let samples = loader.sampleCount
    var settings = [
      ("seed", "\(loader.seed)"), ("batch size", "\(loader.batchSize)"), ("shards", "\(engine.tree.shards)"),
      ("samples to train with", "\(samples)"), ("the last batch", "\(loader.lastBatchSize) samples"),
      ("training data", origin.data ?? ""), ("samples to test with", "\(validation?.count ?? 0)"),
      ("test data", origin.test ?? ""),
    ]
    for entry in optimizers {
      let name = entry.name.isEmpty ? "optimizer" : "optimizer " + entry.name
      settings.append((name, "\(type(of: entry.optimizer))"))
      settings.append((name + "'s learning rates", "\(entry.optimizer.learningRates)"))
      settings.append((name + "'s momenta", entry.optimizer.momenta.map { "\($0)" } ?? "none"))
    }
    for scheduler in schedulers { settings.append(("schedule", "\(type(of: scheduler)) \(schedulerStep)")) }
    try inTrainingTerms {
      try engine.checkStart(settings)
      try engine.shareValues()
    }
  }

  /// Refuses shares on which batch normalization cannot train.
  private func checkShares(_ engine: ShardedStep) throws(TrainingError) {
    let separate = model.namedModules.first { entry in
      (entry.module as? any SynchronizedLayer).map { $0.synchronization == nil && $0.isTraining } ?? false
        && (entry.module is BatchNorm1d<Float> || entry.module is BatchNorm1d<Double>)
    }
    guard let separate else { return }
    let sizes = loader.batchCount > 1 ? [loader.batchSize, loader.lastBatchSize] : [loader.lastBatchSize]
    for size in sizes where size > 0 && size < 2 * engine.tree.shards {
      throw TrainingError(
        description:
          "a batch of \(size) samples gives some of its \(engine.tree.shards) shards one sample, on which the "
          + "batch normalization \(separate.name) cannot train by itself: choose another batch size, fewer shards, drop "
          + "the last batch, or call synchronizeStatistics(over:)")
    }
  }

  /// What ``run(epochs:file:line:)`` refuses before its first step for the sake of ranks, without running: a program that
  /// writes files at the start asks for it before.
  ///
  /// - Parameter epochs: How many epochs are to be run.
  /// - Throws: ``TrainingError`` where ranks are not to do the same, or batches cannot be split, the same on all ranks.
  package func checkRun(epochs: Int) throws {
    guard let engine else { return }
    model.train()
    frozen?.apply(to: model)
    try checkRun(engine, epochs: epochs)
  }

  /// Checks that all ranks go on from the same place with the same parts.
  func checkRun(_ engine: ShardedStep, epochs: Int) throws {
    engine.flags = { [unowned self] in
      (isAskedToStop ? Self.asksToStop : 0) | (isAskedForCheckpoint ? Self.wantsCheckpoint : 0)
        | (limits.isReached(steps: 0, seconds: secondsSpent) ? Self.reachesLimit : 0)
    }
    let settings = [
      ("epochs", "\(epochs)"), ("epochs that are done", "\(progress.epoch)"),
      ("batches that are done", "\(progress.batch)"), ("batches a step", "\(accumulation)"),
      ("clipping", clipping.map { "\($0)" } ?? "none"), ("steps that are not finite", "\(nonFinite)"),
      ("frozen paths", frozen.map { "\($0.paths)" } ?? "none"), ("limit of steps", "\(limits.steps ?? 0)"),
      ("early stopping", "\(earlyStopping != nil)"), ("best checkpoints", "\(bestCheckpoints?.count ?? 0)"),
      ("average over steps", "\(exponentialAverage != nil)"), ("average over epochs", "\(stochasticAverage != nil)"),
    ]
    try engine.checkStart(settings)
    try checkShares(engine)
    try engine.checkDrift()
  }

  /// Whether the most steps were reached, or the most seconds on any rank.
  func isLimitReached(_ engine: ShardedStep) -> Bool {
    limits.isReached(steps: completedSteps, seconds: 0) || engine.joinedFlags & Self.reachesLimit != 0
  }

  // MARK: Batches

  /// Reads what the steps of the current epoch are made of, from the next one on.
  func inputs() -> () throws -> StepInput<Source.Batch>? {
    guard let engine else {
      let batches = loader.batches(ofEpoch: progress.epoch, from: progress.batch)
      sampleOrder = (progress.epoch, batches.order)
      return { [accumulation] in
        var group: [Source.Batch] = []
        while group.count < accumulation, let batch = try batches.next() { group.append(batch) }
        return group.isEmpty ? nil : StepInput(batches: group, count: group.count)
      }
    }
    var at = progress.batch
    let (loader, own, tree) = (loader, engine.own, engine.tree)
    func shares(_ batch: Int) -> [PlannedBatches<Source>.Item] {
      own.map { shard in
        PlannedBatches.Item(
          batch: batch, shard: shard, samples: tree.samples(of: shard, count: loader.sampleCount(ofBatch: batch)))
      }
    }
    let planned = PlannedBatches(
      loader, epoch: progress.epoch, (at..<loader.batchCount).flatMap(shares).filter { !$0.samples.isEmpty })
    sampleOrder = (progress.epoch, planned.order)
    return { [accumulation] in
      let numbers = at..<Swift.min(at + accumulation, loader.batchCount)
      if numbers.isEmpty { return nil }
      at = numbers.upperBound
      var input = StepInput<Source.Batch>(count: numbers.count)
      input.shards = own.map { _ in [] }
      for number in numbers {
        for (index, share) in shares(number).enumerated() where !share.samples.isEmpty {
          do {
            if let batch = try planned.next() { input.shards[index].append(batch) }
          } catch {
            input.failure = input.failure ?? error
          }
        }
      }
      input.batches = input.shards.flatMap { $0 }
      return input
    }
  }

  // MARK: Steps

  /// Tells all ranks that this one has no samples, and throws.
  func refuse(_ failure: any Error) throws -> Never {
    if let engine {
      _ = try engine.gradients(
        [], shardKey, engine.own.map { _ in [Int]() }, refusesNonFinite: false, failure: failure, loss: { _ in nil })
    }
    throw failure
  }

  private var shardKey: ShardedStep.Key {
    ShardedStep.Key(seed: loader.seed, step: completedSteps + 1, update: updateCount)
  }

  /// Changes what an optimizer has, against the gradients of all shards. Where a loss is not finite nothing changes, unless
  /// the training keeps going.
  func update(
    _ engine: ShardedStep, _ optimizer: any Optimizer, _ input: StepInput<Source.Batch>,
    _ loss: (Source.Batch) throws -> StepLoss
  ) throws -> LossTotal {
    do {
      return try update(optimizer) { source, isFirst in
        let key = shardKey
        updateCount += 1
        let result = try engine.gradients(
          source.namedParameters, key, input.numberedShards, refusesNonFinite: isFirst && !keepsGoing
        ) { try noted($0.number, $0.batch, loss) }
        if let broken = result.broken { throw BrokenShard(shard: broken.shard, found: broken.found) }
        return result.total
      }
    } catch let broken as BrokenShard {
      throw try brokenStep(engine, broken, input, loss)
    } catch let broken as BrokenGradient {
      throw brokenGradient(broken.name)
    }
  }

  /// The error of a shard whose loss is not finite; the rank that has it looks for the layer and tells the others.
  private func brokenStep(
    _ engine: ShardedStep, _ broken: BrokenShard, _ input: StepInput<Source.Batch>,
    _ loss: (Source.Batch) throws -> StepLoss
  ) throws -> NonFiniteError {
    let owner = (0..<engine.tree.ranks).first { engine.tree.shards(of: $0).contains(broken.shard) } ?? 0
    var parcel = Parcel()
    if communicator.rank == owner {
      let batch = input.shards[broken.shard - engine.own.lowerBound][broken.found.batch]
      // Watched, it runs by itself.
      let error = ShardScope.$current.withValue(ShardScope(nil)) {
        brokenStep(
          batch,
          BrokenLoss(index: broken.found.batch, value: broken.found.value, generator: broken.found.generator), loss)
      }
      parcel.add(error.what)
      parcel.add(error.layer != nil)
      parcel.add(error.layer ?? "")
      parcel.add(error.cause)
      parcel.add(error.batch)
    }
    var reader = ParcelReader(
      try communicator.broadcast(bytes: parcel.bytes, from: owner, name: "a loss that is not finite"))
    let (what, hasLayer, layer, cause, batch) = (
      reader.text(), reader.bool(), reader.text(), reader.text(), reader.int()
    )
    return NonFiniteError(
      step: completedSteps + 1, epoch: progress.epoch + 1, batch: batch, what: what, layer: hasLayer ? layer : nil,
      cause: cause, learningRate: optimizer.learningRate)
  }
}

/// A loss that is not finite, of a shard of a step.
private struct BrokenShard: Error {
  let shard: Int
  let found: StepReport.Broken
}

/// Does something among ranks at the start of a training.
private func inTrainingTerms(_ body: () throws -> Void) throws(TrainingError) {
  do { try body() } catch let error as TrainingError {
    throw error
  } catch {
    throw TrainingError(description: "\(error)")
  }
}
