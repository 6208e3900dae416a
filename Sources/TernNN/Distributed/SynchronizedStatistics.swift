import TernBackend
import TernDistributed
import TernTensor

extension Module {
  /// Lets every batch normalization below normalize by the statistics of the batches of all ranks together while it trains.
  ///
  /// ```swift
  /// model.synchronizeStatistics(over: communicator)
  /// ```
  ///
  /// With n values a channel on rank r (maybe none): N = Σnᵣ, μ = Σnᵣ·μᵣ/N and σ² = Σ(Mᵣ + nᵣ(μᵣ − μ)²)/N with
  /// Mᵣ = Σ(x − μᵣ)², in Double and in the order of ranks, so that outputs, gradients and running statistics are those of one
  /// process that has all batches. A ``Trainer`` with shards synchronizes over the shards of a step. All ranks run the same
  /// layers in the same order, forward and backward. Evaluation, and layers that are set to it, send nothing.
  ///
  /// It is a mode of the layers: names in files, and ``BatchNorm`` itself, stay. Stops, in a forward pass, where all ranks
  /// together have one value per channel, and in a second derivative. Copies of the model have the mode, too.
  ///
  /// - Parameter communicator: the ranks.
  public func synchronizeStatistics(
    over communicator: any Communicator, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let ranks = RankStatistics(communicator)
    for (_, module) in namedModules { (module as? any SynchronizedLayer)?.synchronization = ranks }
  }

  /// Lets every batch normalization below normalize by its own batch again.
  public func separateStatistics() {
    for (_, module) in namedModules { (module as? any SynchronizedLayer)?.synchronization = nil }
  }

  /// Whether a layer below that trains normalizes together with other ranks.
  package var hasSynchronizedStatistics: Bool {
    namedModules.contains { entry in
      guard let layer = entry.module as? any SynchronizedLayer else { return false }
      return layer.synchronization != nil && layer.isTraining
    }
  }
}

/// A layer that may normalize together with other ranks.
package protocol SynchronizedLayer: ModeDependent {
  var synchronization: RankStatistics? { get set }
}

extension BatchNorm: SynchronizedLayer {}

/// Statistics of ranks, each of which has one batch.
package final class RankStatistics: StatisticsExchange {
  package let communicator: any Communicator

  init(_ communicator: any Communicator) { self.communicator = communicator }

  /// What went wrong is told by the next call of the communicator: a forward pass cannot throw.
  package func gather(_ values: [Double]) -> [[Double]] {
    (try? communicator.allGather(values, name: "the statistics of a batch")) ?? [values]
  }

  package func sum(_ values: [Double]) -> [Double] {
    let all = (try? communicator.allGather(values, name: "the gradients of a batch's statistics")) ?? [values]
    return sumOfShards(all, count: values.count)
  }
}

/// The sums of equally many numbers, in the order of shards.
package func sumOfShards(_ shards: [[Double]], count: Int) -> [Double] {
  var sums = [Double](repeating: 0, count: count)
  for shard in shards where shard.count == count {
    for index in 0..<count { sums[index] += shard[index] }
  }
  return sums
}
