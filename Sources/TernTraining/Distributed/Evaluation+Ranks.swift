import TernBackend
import TernData
import TernDistributed
import TernNN
import TernTensor

/// Scores a classifier on all ranks: each takes some of the batches, and all get the score of one process, to the bit.
///
/// - Parameters:
///   - model: from inputs to logits [N, C].
///   - dataset: samples with class labels, the same on all ranks.
///   - batchSize: how many samples go through at once.
///   - communicator: the ranks; all call it.
///   - loss: of logits and labels, a mean over the batch.
/// - Throws: the `SampleError` of the first batch that cannot be read; `CommunicationError` on the other ranks then.
public func evaluate<Model: Layer, Source: Dataset>(
  _ model: Model, on dataset: Source, batchSize: Int = 256, communicator: any Communicator,
  loss: (Tensor<Model.Scalar>, Tensor<Int>) -> Tensor<Model.Scalar> = { crossEntropy($0, $1) },
  file: StaticString = #fileID, line: UInt = #line
) throws -> EvaluationScore where Source.Batch == LabeledBatch<Model.Scalar, Int> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let total = try evaluate(model, on: dataset, batchSize: batchSize, communicator: communicator) { model, batch in
    classificationLoss(model, batch, loss)
  }
  let count = dataset.count
  return EvaluationScore(
    loss: MeanTotal(sum: total.loss.sum, count: Double(count)).mean,
    accuracy: MeanTotal(sum: total.figures["accuracy"]?.sum ?? 0, count: Double(count)).mean, count: count)
}

/// Scores any model on all ranks in evaluation mode, without gradients: each rank takes some of the batches, every sample is on
/// one of them, and all get the totals of one process, to the bit: they are added in the order of batches.
///
/// Where `loss` draws random numbers every rank runs all batches.
///
/// - Parameters:
///   - batchSize: how many samples go through at once.
///   - communicator: the ranks; all call it.
///   - loss: of the model and a batch, as a sum and what it was summed over, with other figures.
/// - Throws: what `loss` throws, and the `SampleError` of the first batch that cannot be read; `CommunicationError` on the
///   other ranks then.
public func evaluate<Model: Module, Source: Dataset>(
  _ model: Model, on dataset: Source, batchSize: Int = 256, communicator: any Communicator,
  loss: (Model, Source.Batch) throws -> StepLoss, file: StaticString = #fileID, line: UInt = #line
) throws -> LossTotal {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  if communicator.count == 1 { return try evaluate(model, on: dataset, batchSize: batchSize, loss: loss) }
  let loader = DataLoader(dataset, batchSize: batchSize)
  // Other threads may draw from the global generator: what this rank draws is seen at one of its own.
  let start = Random.generator.state
  let generator = RandomGenerator(seed: start.seed)
  generator.state = start
  var (totals, draws, failure) = ([LossTotal](), false, Optional<any Error>.none)
  do {
    try Random.with(generator) {
      try withoutGradients {
        try model.with(.evaluation) {
          let batches = PlannedBatches(loader, epoch: 0, loader.wholeBatches(of: communicator))
          while let batch = try batches.next() {
            totals.append(try loss(model, batch).total)
            draws = draws || generator.state != start
          }
        }
      }
    }
  } catch {
    failure = error
  }
  var parcel = Parcel()
  parcel.add(failure != nil)
  parcel.add(failure.map { "\($0)" } ?? "")
  parcel.add(draws)
  parcel.add(totals.count)
  for total in totals { parcel.add(total) }
  let found: [[UInt8]]
  do { found = try communicator.allGather(parcel.bytes, name: "the scores") } catch { throw failure ?? error }
  if let failure { throw failure }
  var total = LossTotal()
  var drawsAnywhere = false
  for (rank, bytes) in found.enumerated() {
    var reader = ParcelReader(bytes)
    let (hasFailed, reason) = (reader.bool(), reader.text())
    if hasFailed { throw CommunicationError.failed(rank: rank, reason: reason) }
    drawsAnywhere = reader.bool() || drawsAnywhere
    for _ in 0..<max(reader.int(), 0) { total.add(reader.total()) }
  }
  if drawsAnywhere { return try evaluate(model, on: dataset, batchSize: batchSize, loss: loss) }
  return total
}

extension DataLoader {
  /// The batches of an epoch that a rank takes: contiguous, so that those of all ranks are in order.
  func wholeBatches(of communicator: any Communicator) -> [PlannedBatches<Source>.Item] {
    let tree = ShardTree(shards: communicator.count, ranks: communicator.count)
    return tree.samples(of: communicator.rank, count: batchCount).map {
      PlannedBatches.Item(batch: $0, shard: 0, samples: 0..<sampleCount(ofBatch: $0))
    }
  }
}

extension Metric {
  /// Counts what the copies of all ranks have counted, in the order of ranks: with contiguous shares of the samples all ranks
  /// get what one process counts.
  ///
  /// ```swift
  /// var area = AUROC(classes: 2)
  /// let share = communicator.share(of: test.count)
  /// …  // update with the samples of the share
  /// try area.merge(over: communicator)
  /// ```
  ///
  /// - Throws: `CommunicationError`, and `MetricStateError` where a rank's metric has other settings.
  public mutating func merge(
    over communicator: any Communicator, file: StaticString = #fileID, line: UInt = #line
  ) throws {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    if communicator.count == 1 { return }
    var parcel = Parcel()
    let own = state.sorted { $0.key < $1.key }
    parcel.add(own.count)
    for (name, tensor) in own {
      parcel.add(name)
      parcel.add(tensor.shape.map { Double($0) })
      parcel.add(tensor.scalars)
    }
    var merged = self
    merged.reset()
    for (rank, bytes) in try communicator.allGather(parcel.bytes, name: "a metric").enumerated() {
      var reader = ParcelReader(bytes)
      var state: [String: Tensor<Double>] = [:]
      for _ in 0..<max(reader.int(), 0) {
        let (name, shape, values) = (reader.text(), reader.doubles().map { Int($0) }, reader.doubles())
        state[name] = Tensor(values, shape: shape)
      }
      var other = self
      other.reset()
      try other.restore(state)
      if rank == 0 { merged = other } else { merged.merge(other) }
    }
    self = merged
  }
}

extension Communicator {
  /// The part of `count` things in order that is this rank's: contiguous, and one more or less than those of others.
  public func share(of count: Int, file: StaticString = #fileID, line: UInt = #line) -> Range<Int> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(count >= 0, "share", "\(count) things to share")
    return ShardTree(shards: self.count, ranks: self.count).samples(of: rank, count: count)
  }
}
