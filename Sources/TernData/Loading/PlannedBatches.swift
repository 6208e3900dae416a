import TernBackend

/// Batches, or shards of batches, of an epoch in an order of their own, prepared ahead as a loader's are: those of an epoch that
/// one of several ranks needs.
package final class PlannedBatches<Source: Dataset> {
  /// Samples that are made together.
  package struct Item: Sendable, Equatable {
    /// The number of the batch they are of.
    package let batch: Int
    /// The number of the shard; 0 for a whole batch.
    package let shard: Int
    /// Where they are in the batch.
    package let samples: Range<Int>

    package init(batch: Int, shard: Int, samples: Range<Int>) {
      (self.batch, self.shard, self.samples) = (batch, shard, samples)
    }
  }

  private let loader: DataLoader<Source>
  /// The samples of the epoch, in the order in which its batches have them.
  package let order: [Int]
  private let key: LoadingKey
  private let items: [Item]
  private let threads: LoaderThreads?
  private var pending: [Slot<Source>] = []
  private var following = 0
  private var taken = 0

  /// Items of an epoch, none of them empty.
  package init(_ loader: DataLoader<Source>, epoch: Int, _ items: [Item]) {
    self.loader = loader
    self.items = items
    order = loader.order(ofEpoch: epoch)
    key = LoadingKey(seed: loader.seed, epoch: epoch)
    threads = loader.workers > 0 ? LoaderThreads(loader.workers) : nil
    for _ in 0..<(threads == nil ? 0 : loader.lookAhead) { prepare() }
  }

  deinit {
    for slot in pending { slot.cancel() }
  }

  /// The next item's samples; `nil` after the last.
  ///
  /// - Throws: what the data set threw for it, with the sample's index; the items after it can still be had.
  package func next() throws(SampleError<Source.Failure>) -> Source.Batch? {
    guard taken < items.count else { return nil }
    taken += 1
    if threads == nil { prepare() }
    let slot = pending.removeFirst()
    if threads != nil { prepare() }
    return try slot.take()?.get()
  }

  private func prepare() {
    guard following < items.count else { return }
    let item = items[following]
    following += 1
    let start = item.batch * loader.batchSize
    let indices = Array(order[start + item.samples.lowerBound..<start + item.samples.upperBound])
    let slot = Slot<Source>()
    pending.append(slot)
    let job: @Sendable () -> Void = { [dataset = loader.dataset, key] in
      slot.fill { LoadingKey.$current.withValue(key) { make(dataset, indices, item.batch, shard: item.shard, key) } }
    }
    if let threads { threads.run(job) } else { job() }
  }
}

extension DataLoader {
  /// How many samples a batch has.
  package func sampleCount(ofBatch batch: Int) -> Int { batch == batchCount - 1 ? lastBatchSize : batchSize }

  /// The samples of an epoch, in the order in which its batches have them.
  package func sampleOrder(ofEpoch epoch: Int) -> [Int] { order(ofEpoch: epoch) }
}
