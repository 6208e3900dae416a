import TernBackend
import Dispatch
import Synchronization
import TernTensor

/// Where a reading of batches is: what is saved to go on from there.
public struct LoadingPosition: Sendable, Hashable, Codable {
  /// The number of the epoch, from 0.
  public var epoch: Int
  /// The number of the batch that is used next, from 0.
  public var batch: Int

  /// The place before a batch of an epoch.
  ///
  /// - Parameters:
  ///   - epoch: The epoch.
  ///   - batch: The number of the batch, counted from 0.
  public init(epoch: Int, batch: Int) {
    self.epoch = epoch
    self.batch = batch
  }
}

/// The batches of an epoch in order; some are prepared ahead of the one that is used.
///
/// Of a data set that can fail they are taken with `while let batch = try batches.next()`; an error comes in the place of
/// the batch it belongs to, and the batches after it can still be had.
public final class DataLoaderIterator<Source: Dataset> {
  private let dataset: Source
  /// The samples of the epoch, in the order in which its batches have them.
  package let order: [Int]
  private let batchSize: Int
  private let batchCount: Int
  private let key: LoadingKey
  private let threads: LoaderThreads?
  /// The batches under preparation, the next one first.
  private var pending: [Slot<Source>] = []
  private var following: Int
  /// Where the reading is: before the first batch that was not yet taken, whatever is prepared already.
  public private(set) var position: LoadingPosition

  init(_ loader: DataLoader<Source>, epoch: Int, first: Int) {
    dataset = loader.dataset
    batchSize = loader.batchSize
    batchCount = loader.batchCount
    order = loader.order(ofEpoch: epoch)
    key = LoadingKey(seed: loader.seed, epoch: epoch)
    following = first
    position = LoadingPosition(epoch: epoch, batch: first)
    threads = loader.workers > 0 ? LoaderThreads(loader.workers) : nil
    for _ in 0..<(loader.workers > 0 ? Swift.min(loader.lookAhead, batchCount - first) : 0) { prepare() }
  }

  /// Ends the preparation of batches that nobody waits for any more.
  deinit {
    for slot in pending { slot.cancel() }
  }

  /// The next batch, once it is ready; `nil` after the last.
  ///
  /// - Throws: what the data set threw for this batch, with the sample's index.
  public func next() throws(SampleError<Source.Failure>) -> Source.Batch? {
    try take()?.get()
  }

  /// Calls `body` with the batches that are left.
  ///
  /// - Throws: what the data set or `body` throws.
  public func forEach(_ body: (Source.Batch) throws -> Void, file: StaticString = #fileID, line: UInt = #line) throws {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    while let batch = try next() { try body(batch) }
  }

  fileprivate func take() -> Slot<Source>.Made? {
    guard position.batch < batchCount else { return nil }
    defer { position.batch += 1 }
    return OperationObservers.section("data") {
      if threads == nil { prepare() }
      let slot = pending.removeFirst()
      if threads != nil { prepare() }
      return slot.take()
    }
  }

  /// Has the following batch prepared: on one of the loader's threads, or here and now.
  private func prepare() {
    guard following < batchCount else { return }
    let start = following * batchSize
    let indices = Array(order[start..<(start + Swift.min(batchSize, order.count - start))])
    let slot = Slot<Source>()
    pending.append(slot)
    let job: @Sendable () -> Void = { [dataset, key, following] in
      slot.fill { LoadingKey.$current.withValue(key) { make(dataset, indices, following, key) } }
    }
    following += 1
    if let threads { threads.run(job) } else { job() }
  }
}

extension DataLoaderIterator: IteratorProtocol, Sequence where Source.Failure == Never {
  /// The next batch, once it is ready; `nil` after the last.
  public func next() -> Source.Batch? {
    switch take() {
    case .success(let batch): return batch
    case .failure(let error): switch error.underlying {}
    case nil: return nil
    }
  }

  /// Calls `body` with the batches that are left.
  public func forEach(_ body: (Source.Batch) throws -> Void, file: StaticString = #fileID, line: UInt = #line) rethrows
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    while let batch = next() { try body(batch) }
  }
}

/// A batch, or a shard of one, made under the generator of its number.
func make<Source: Dataset>(
  _ dataset: Source, _ indices: [Int], _ number: Int, shard: Int = 0, _ key: LoadingKey
) -> Result<Source.Batch, SampleError<Source.Failure>> {
  func attempt(_ indices: [Int]) -> Result<Source.Batch, Source.Failure> {
    Random.with(key.generator(ofBatch: number, shard: shard)) {
      do throws(Source.Failure) { return .success(try dataset.batch(indices)) } catch { return .failure(error) }
    }
  }
  return attempt(indices).mapError { error in
    // Which sample it was: the first that fails by itself, and then what is said of it alone.
    for index in indices where indices.count > 1 {
      if case .failure(let own) = attempt([index]) {
        return SampleError(index: index, batch: number, epoch: key.epoch, underlying: own)
      }
    }
    return SampleError(
      index: indices.count == 1 ? indices[0] : nil, batch: number, epoch: key.epoch, underlying: error)
  }
}

/// A place for a batch that another thread makes.
final class Slot<Source: Dataset>: Sendable {
  typealias Made = Result<Source.Batch, SampleError<Source.Failure>>

  private struct State {
    var made: Made?
    var isCancelled = false
  }

  private let state = Mutex(State())
  private let isReady = DispatchSemaphore(value: 0)

  func fill(_ make: () -> Made) {
    if state.withLock({ $0.isCancelled }) { return }
    let made = make()
    state.withLock { $0.made = made }
    isReady.signal()
  }

  /// The batch, once it is there.
  func take() -> Made? {
    isReady.wait()
    return state.withLock { state in
      defer { state.made = nil }
      return state.made
    }
  }

  func cancel() { state.withLock { $0.isCancelled = true } }
}
