import TernBackend
import TernData
import TernNN
import TernTensor

/// Predicts what a training takes in memory, and the largest batch that fits.
///
/// ```swift
/// let plan = try memoryPlan(batchSize: 4096) { batchSize in
///   let model = makeModel()
///   return try Trainer(model, optimizer: Adam(model), train: train, test: test, batchSize: batchSize, seed: 1)
/// }
/// ```
///
/// What the trainers have takes part: accumulation, shards, an average of the weights, and the batches that a loader prepares.
/// Counted too are a score of validation data between steps, and a checkpoint.
///
/// - Parameters:
///   - batchSize: Samples of a batch; at least one.
///   - least: The fewest samples that a batch may have: two for batch normalization, as many for each shard.
///   - limits: What memory there is; ``MemoryLimit/current`` where not given.
///   - makeTrainer: Makes a training with batches of so many samples, at its beginning. It makes three steps and is not used again:
///     its model has to be its own. With `dropLast` every size works.
/// - Throws: What `makeTrainer` and its steps throw.
public func memoryPlan<Model: Module, Source: Dataset>(
  batchSize: Int, from least: Int = 2, limits: [MemoryLimit]? = nil,
  trainer makeTrainer: @escaping (Int) throws -> Trainer<Model, Source>, file: StaticString = #fileID,
  line: UInt = #line
) throws -> MemoryPlan {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(batchSize >= 1, "memoryPlan", "a batch of \(batchSize) samples, expected at least one")
  let samples = try makeTrainer(min(batchSize, least)).loader.sampleCount
  return try TrainerPlanner(batchSize, from: least, mostSamples: samples, makeTrainer).plan(limits)
}

/// Plans the memory of trainings that are made for it.
package final class TrainerPlanner<Model: Module, Source: Dataset> {
  private let batchSize: Int
  private let planner: MemoryPlanner
  private let makeTrainer: (Int) throws -> Trainer<Model, Source>
  private let processes: Int

  /// - Parameters:
  ///   - least: the fewest samples that a batch may have.
  ///   - mostSamples: how many samples there are.
  ///   - batchesAhead: how many batches are prepared ahead by a loader that the trainers made here do not have.
  ///   - processes: how many of a host train together, and share its memory.
  ///   - makeTrainer: makes a training with so many samples a batch.
  package init(
    _ batchSize: Int, from least: Int = 2, mostSamples: Int? = nil, batchesAhead: Int = 0, processes: Int = 1,
    _ makeTrainer: @escaping (Int) throws -> Trainer<Model, Source>
  ) {
    var additions = MemoryPlanner.Additions(batches: batchesAhead)
    additions.mostSamples = max(mostSamples ?? MemoryPlan.mostSamples, 1)
    additions.leastSamples = least
    self.batchSize = min(batchSize, additions.mostSamples)
    (self.makeTrainer, self.processes) = (makeTrainer, processes)
    planner = MemoryPlanner(additions) { try makeTrainer($0).memoryTrace(batch: $0) }
  }

  /// Whether a batch surely fits, and a score's: less than half of what there is would be taken.
  package func fitsEasily() throws -> Bool {
    let prediction = try planner.roughPrediction(max(batchSize, 256))
    return MemoryLimit.current.map { $0.shared(by: processes) }.allSatisfy {
      planner.needed(prediction, $0) < $0.tensorBytes / 2
    }
  }

  /// The plan.
  ///
  /// - Parameter checkpointed: other plans with networks in so many segments.
  package func plan(
    _ limits: [MemoryLimit]? = nil, checkpointed: [(segments: Int, planner: TrainerPlanner)] = []
  ) throws -> MemoryPlan {
    let between = try bytesBetweenSteps()
    planner.additions.betweenSteps = between
    for other in checkpointed { other.planner.planner.additions.betweenSteps = between }
    return try MemoryPlan(
      batchSize, planner, checkpointed: checkpointed.map { ($0.segments, $0.planner.planner) }, limits,
      sharedBy: processes)
  }

  /// The bytes that tensors, and what is not in the pool, take between steps.
  private func bytesBetweenSteps() throws -> Int {
    try makeTrainer(min(batchSize, planner.additions.leastSamples)).bytesBetweenSteps()
  }
}

extension Trainer {
  /// Two steps of a training at its beginning, which nothing is taken back of.
  fileprivate func memoryTrace(batch: Int) throws -> MemoryTrace {
    model.train()
    frozen?.apply(to: model)
    nonFinite = .keepGoing
    let next = followingSteps()
    // The last step of an epoch may have fewer batches, and the first has no moments yet.
    return try MemoryTrace(batch: batch, model, optimizers.map(\.optimizer), steps: 3) { _ = try next() }
  }

  /// What a score of the validation data and a checkpoint take, with the model and its optimizers.
  fileprivate func bytesBetweenSteps() throws -> Int {
    _ = try followingSteps()()
    for entry in optimizers { entry.optimizer.zeroGradients() }
    let model = MemoryBlocks.parameters(of: model)
    let average = exponentialAverage == nil ? 0 : model
    let kept = model + average + MemoryBlocks.moments(of: optimizers.map(\.optimizer))
    // A file is made in memory before it is written, next to the checkpoint's own values.
    return kept + max(2 * kept, try scoreBytes())
  }

  /// What a score of the validation data takes beside the model: batches of 256, of which two more are prepared.
  private func scoreBytes() throws -> Int {
    guard let validation, let validationLoss else { return 0 }
    func run(_ data: some Dataset<Source.Batch>, _ count: Int) throws -> (peak: Int, data: Int) {
      let before = MemoryPool.bytesInUse
      MemoryPool.resetPeakInUse()
      let batch = try data.batch(Array(0..<count))
      let taken = MemoryPool.bytesInUse - before
      _ = try Random.with(RandomGenerator(seed: 0)) {
        try withPrecision(precision) {
          try withoutGradients { try model.with(.evaluation) { try validationLoss(model, batch) } }
        }
      }
      return (max(0, MemoryPool.peakBytesInUse - before), max(0, taken))
    }
    let count = min(256, validation.count)
    let large = try run(validation, (count + 3) / 4)
    let small = try run(validation, (count + 15) / 16)
    let factor = Double(count - (count + 3) / 4) / Double(max((count + 3) / 4 - (count + 15) / 16, 1))
    func extended(_ large: Int, _ small: Int) -> Int { large + Int(Double(large - small) * factor) }
    return extended(large.peak, small.peak) + 2 * extended(large.data, small.data)
  }
}
