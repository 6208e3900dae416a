import Synchronization
import TernBackend
import TernTensor

/// A data set in batches, each prepared on another thread while the one before it is used.
///
///     let loader = DataLoader(train, batchSize: 64, shuffle: true)
///     for epoch in 1...10 {
///       for batch in loader { … }
///     }
///
/// Each reading with `for` is an epoch; shuffled ones have an order of their own, which depends on the seed and the
/// number of the epoch alone, so that a training that is taken up again finds the batches it would have seen. So do the
/// random numbers that the data set draws while it makes a batch, see ``Dataset``.
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
  private let nextEpoch = Mutex(0)

  /// A loader over `dataset`.
  ///
  /// - Parameters:
  ///   - dataset: the samples.
  ///   - batchSize: how many of them a batch has, at least 1.
  ///   - shuffle: whether each epoch has a random order.
  ///   - dropLast: whether a last batch that is not full is left out.
  ///   - seed: what the orders and the data set's random numbers depend on; drawn from the task's or the global generator when `nil`.
  public init(
    _ dataset: Source, batchSize: Int = 1, shuffle: Bool = false, dropLast: Bool = false, seed: UInt64? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(batchSize > 0, "DataLoader", "a batch size of \(batchSize) (at least 1)")
    self.dataset = dataset
    self.batchSize = batchSize
    isShuffled = shuffle
    dropsLast = dropLast
    // What is not shuffled draws nothing, so that evaluating changes no other random number.
    self.seed = seed ?? (shuffle ? Random.generator.split().state.seed : 0)
  }

  /// The number of the epoch that is read next, from 0; set it to go on where another loader stopped.
  public var epoch: Int {
    get { nextEpoch.withLock { $0 } }
    set {
      check(newValue >= 0 && newValue < .max, "DataLoader", "epoch \(newValue) (at least 0, below Int.max)")
      nextEpoch.withLock { $0 = newValue }
    }
  }

  /// How many batches an epoch has.
  public var batchCount: Int {
    dropsLast || dataset.count == 0 ? dataset.count / batchSize : (dataset.count - 1) / batchSize + 1
  }

  /// How many samples the last batch of an epoch has; 0 where there is no batch.
  ///
  /// Batch normalization cannot train on one sample: who trains with it looks here before the first batch.
  public var lastBatchSize: Int {
    let remainder = dataset.count % batchSize
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

  /// The samples in the order of an epoch.
  func order(ofEpoch epoch: Int) -> [Int] {
    guard isShuffled else { return Array(0..<dataset.count) }
    let generator = RandomGenerator(seed: seed)
    generator.state.draws = UInt64(epoch)
    return generator.permutation(dataset.count)
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
