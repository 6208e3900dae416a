import Dispatch
import Synchronization

/// The batches of an epoch in order; two are prepared ahead of the one that is used.
public final class DataLoaderIterator<Source: Dataset>: IteratorProtocol, Sequence {
  private let dataset: Source
  private let order: [Int]
  private let batchSize: Int
  private let batchCount: Int
  private let queue = DispatchQueue(label: "tern.loader", qos: .userInitiated)
  /// The batches under preparation, the next one first.
  private var pending: [Slot<Source.Batch>] = []
  private var following: Int

  init(_ loader: DataLoader<Source>, order: [Int], first: Int) {
    dataset = loader.dataset
    batchSize = loader.batchSize
    batchCount = loader.batchCount
    self.order = order
    following = first
    prepare()
    prepare()
  }

  /// Ends the preparation of batches that nobody waits for any more.
  deinit {
    for slot in pending { slot.cancel() }
  }

  /// The next batch, once it is ready; `nil` after the last.
  public func next() -> Source.Batch? {
    guard !pending.isEmpty else { return nil }
    let slot = pending.removeFirst()
    prepare()
    return slot.take()
  }

  /// Has the following batch prepared on the loader's thread.
  private func prepare() {
    guard following < batchCount else { return }
    let indices = Array(order[(following * batchSize)..<Swift.min((following + 1) * batchSize, order.count)])
    following += 1
    let slot = Slot<Source.Batch>()
    pending.append(slot)
    queue.async { [dataset] in slot.fill { dataset.batch(indices) } }
  }
}

/// A place for a batch that another thread makes.
private final class Slot<Batch: Sendable>: Sendable {
  private struct State {
    var batch: Batch?
    var isCancelled = false
  }

  private let state = Mutex(State())
  private let isReady = DispatchSemaphore(value: 0)

  func fill(_ make: () -> Batch) {
    if state.withLock({ $0.isCancelled }) { return }
    let batch = make()
    state.withLock { $0.batch = batch }
    isReady.signal()
  }

  /// The batch, once it is there.
  func take() -> Batch? {
    isReady.wait()
    return state.withLock { state in
      defer { state.batch = nil }
      return state.batch
    }
  }

  func cancel() { state.withLock { $0.isCancelled = true } }
}
