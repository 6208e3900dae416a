import Synchronization
import TernBackend
import TernTensor

/// A data set in batches, each prepared on other threads while those before it are used.
///
///     let loader = DataLoader(train, batchSize: 64, shuffle: true, workers: 2)
///     for epoch in 1...10 {
///       for batch in loader { … }
///     }
///
/// Each reading with `for` is an epoch; shuffled ones have an order of their own, which depends on the seed and the
/// number of the epoch alone, so that a training that is taken up again finds the batches it would have seen. So do the
/// random numbers that the data set draws while it makes a batch, see ``Dataset``. The number of workers changes no bit.
///
/// A loader of a data set that can fail is read with `try`, and throws in the place of the batch that could not be made:
///
///     try loader.forEach { batch in … }
///     let batches = loader.makeIterator()
///     while let batch = try batches.next() { … }
public final class DataLoader<Source: Dataset>: Sendable {
  /// The samples.
  public let dataset: Source
  /// How many samples a batch has; the last one may have fewer.
  public let batchSize: Int
  /// Whether each epoch has a random order.
  public let isShuffled: Bool
  /// Whether a last batch that is not full is left out.
  public let dropsLast: Bool
  /// What the orders depend on.
  public let seed: UInt64
  /// How many threads prepare batches; with 0 the thread does that asks for them.
  public let workers: Int
  /// How many batches are prepared at most before they are asked for.
  public let lookAhead: Int
  /// Which samples an epoch has, and in what order.
  let sampler: Sampler
  private let nextEpoch = Mutex(0)

  /// A loader over `dataset`.
  ///
  /// - Parameters:
  ///   - dataset: the samples.
  ///   - batchSize: how many of them a batch has, at least 1.
  ///   - shuffle: whether each epoch has a random order.
  ///   - dropLast: whether a last batch that is not full is left out.
  ///   - seed: what the orders and the data set's random numbers depend on; drawn from the task's or the global generator when `nil`.
  ///   - workers: how many threads prepare batches, at least 0; with 0 the thread does that asks for them.
  ///   - lookAhead: how many batches are prepared at most before they are asked for; two a worker where it is `nil`.
  public convenience init(
    _ dataset: Source, batchSize: Int = 1, shuffle: Bool = false, dropLast: Bool = false, seed: UInt64? = nil,
    workers: Int = 1, lookAhead: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self.init(
      dataset, batchSize: batchSize, shuffle ? .shuffled : .sequential, isShuffled: shuffle, dropLast: dropLast,
      seed: seed, workers: workers, lookAhead: lookAhead)
  }

  /// A loader over `dataset` whose epochs have the samples that `sampler` says; stops where that is for another count.
  ///
  /// - Parameters:
  ///   - dataset: The data set.
  ///   - batchSize: The number of samples per batch.
  ///   - sampler: The order of the samples.
  ///   - dropLast: Whether a last batch that is short is left out.
  ///   - seed: The seed.
  ///   - workers: The number of threads that make batches.
  ///   - lookAhead: How many batches are made ahead.
  public convenience init(
    _ dataset: Source, batchSize: Int = 1, sampler: Sampler, dropLast: Bool = false, seed: UInt64? = nil,
    workers: Int = 1, lookAhead: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self.init(
      dataset, batchSize: batchSize, sampler, isShuffled: sampler.name != Sampler.sequential.name, dropLast: dropLast,
      seed: seed, workers: workers, lookAhead: lookAhead)
  }

  private init(
    _ dataset: Source, batchSize: Int, _ sampler: Sampler, isShuffled: Bool, dropLast: Bool, seed: UInt64?,
    workers: Int, lookAhead: Int?
  ) {
    check(batchSize > 0, "DataLoader", "a batch size of \(batchSize) (at least 1)")
    check(0...256 ~= workers, "DataLoader", "\(workers) workers (0 to 256)")
    check((lookAhead ?? 1) > 0, "DataLoader", "a look-ahead of \(lookAhead ?? 1) batches (at least 1)")
    if let count = sampler.datasetCount {
      check(count == dataset.count, "DataLoader", "\(sampler.name) of \(count) samples for \(dataset.count)")
    }
    self.dataset = dataset
    self.batchSize = batchSize
    self.sampler = sampler
    self.isShuffled = isShuffled
    self.workers = workers
    self.lookAhead = lookAhead ?? 2 * Swift.max(workers, 1)
    dropsLast = dropLast
    // What is not shuffled draws nothing, so that evaluating changes no other random number.
    self.seed = seed ?? (isShuffled ? Random.generator.split().state.seed : 0)
  }

  /// The number of the epoch that is read next, from 0; set it to go on where another loader stopped.
  public var epoch: Int {
    get { nextEpoch.withLock { $0 } }
    set {
      check(newValue >= 0 && newValue < .max, "DataLoader", "epoch \(newValue) (at least 0, below Int.max)")
      nextEpoch.withLock { $0 = newValue }
    }
  }

  /// How many samples an epoch has: as many as the data set, unless the sampler says otherwise.
  public var sampleCount: Int { sampler.count ?? dataset.count }

  /// How many batches an epoch has.
  public var batchCount: Int {
    let count = sampleCount
    return dropsLast || count == 0 ? count / batchSize : (count - 1) / batchSize + 1
  }

  /// How many samples the last batch of an epoch has; 0 where there is no batch.
  ///
  /// Batch normalization cannot train on one sample: who trains with it looks here before the first batch.
  public var lastBatchSize: Int {
    let remainder = sampleCount % batchSize
    return batchCount == 0 ? 0 : remainder == 0 || dropsLast ? batchSize : remainder
  }

  /// The batches of an epoch, from the batch numbered `first` on; leaves `epoch` as it is.
  public func batches(ofEpoch epoch: Int, from first: Int = 0, file: StaticString = #fileID, line: UInt = #line)
    -> DataLoaderIterator<Source>
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      epoch >= 0 && 0...batchCount ~= first, "DataLoader",
      "batch \(first) of epoch \(epoch) is not one of the \(batchCount) of an epoch")
    return DataLoaderIterator(self, epoch: epoch, first: first)
  }

  /// The batches of the next epoch.
  public func makeIterator() -> DataLoaderIterator<Source> {
    let epoch = nextEpoch.withLock { epoch in
      defer { epoch += 1 }
      return epoch
    }
    return batches(ofEpoch: epoch)
  }

  /// Calls `body` with the batches of the next epoch.
  ///
  /// - Throws: what the data set or `body` throws.
  public func forEach(_ body: (Source.Batch) throws -> Void, file: StaticString = #fileID, line: UInt = #line) throws {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    try makeIterator().forEach(body)
  }

  /// The batches of an epoch from where another reading was; leaves `epoch` as it is.
  public func batches(from position: LoadingPosition, file: StaticString = #fileID, line: UInt = #line)
    -> DataLoaderIterator<Source>
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return batches(ofEpoch: position.epoch, from: position.batch)
  }

  /// The samples in the order of an epoch.
  func order(ofEpoch epoch: Int) -> [Int] {
    // A permutation takes one draw, so that the epoch's number can be that; of what takes more, epochs would overlap.
    let permutation = RandomGenerator(seed: seed)
    permutation.state.draws = UInt64(epoch)
    let own = RandomGenerator(seed: seed ^ 0x7361_6D70_6C65_7221, stream: UInt64(epoch), counter: 0)
    let order = sampler.order(dataset.count, batchSize, sampler.takesOneDraw ? permutation : own)
    check(order.count == sampleCount, sampler.name, "an order of \(order.count) samples (expected \(sampleCount))")
    if let index = order.first(where: { $0 < 0 || $0 >= dataset.count }) {
      fail(sampler.name, "index \(index) is not in 0 ..< \(dataset.count)")
    }
    return order
  }
}

extension DataLoader where Source: SampleDataset {
  /// The sample at `index` as it is in an epoch, with the random numbers that it has there.
  public func sample(_ index: Int, ofEpoch epoch: Int, file: StaticString = #fileID, line: UInt = #line)
    throws(Source.Failure) -> Source.Sample
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      0..<dataset.count ~= index && epoch >= 0, "DataLoader",
      "sample \(index) of epoch \(epoch) is not one of the \(dataset.count) of an epoch")
    return try LoadingKey.run(LoadingKey(seed: seed, epoch: epoch)) { () throws(Source.Failure) -> Source.Sample in
      try dataset.samples([index])[0]
    }
  }
}

extension DataLoader: Sequence where Source.Failure == Never {
  /// How many batches an epoch has.
  public var underestimatedCount: Int { batchCount }

  /// Calls `body` with the batches of the next epoch.
  public func forEach(_ body: (Source.Batch) throws -> Void, file: StaticString = #fileID, line: UInt = #line) rethrows
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    try makeIterator().forEach(body)
  }
}
