import Tern

/// The batches of a loader's epochs, one epoch after the other without end.
package struct EndlessBatches<Source: Dataset>: Sequence, IteratorProtocol where Source.Failure == Never {
  private let loader: DataLoader<Source>
  private var epoch: DataLoaderIterator<Source>

  /// The batches of `loader`; stops where an epoch has none.
  package init(_ loader: DataLoader<Source>) {
    precondition(loader.batchCount > 0, "EndlessBatches: an epoch of \(loader.dataset.count) samples has no batch")
    self.loader = loader
    epoch = loader.makeIterator()
  }

  /// The next batch; never `nil`.
  package mutating func next() -> Source.Batch? {
    if let batch = epoch.next() { return batch }
    epoch = loader.makeIterator()
    return epoch.next()
  }
}
