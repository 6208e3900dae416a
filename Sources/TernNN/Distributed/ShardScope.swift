import TernTensor

/// The shard of a training step that runs: what its layers normalize together with, and what they found.
///
/// A step is split into shards that may run on any rank, one after the other or in turns: what a layer changes while it trains
/// must not depend on that. So layers note it here, and the step makes the changes in the order of shards.
package final class ShardScope: @unchecked Sendable {
  @TaskLocal package static var current: ShardScope?

  /// What synchronized statistics are exchanged over; `nil` where every shard is normalized by itself.
  package let exchange: (any StatisticsExchange)?
  /// What layers found, in the order of their calls. One thread at a time works with it.
  package private(set) var notes: [(layer: any StatisticsTracking, found: NotedStatistics)] = []

  package init(_ exchange: (any StatisticsExchange)?) { self.exchange = exchange }

  /// Notes the statistics of a call; one that is repeated for its derivative has been noted before.
  func note<Scalar: FloatingScalar>(
    _ layer: any StatisticsTracking, _ mean: Tensor<Scalar>, _ variance: Tensor<Scalar>, _ count: Int, isShared: Bool
  ) {
    if Replay.current?.isRepetition == true { return }
    notes.append(
      (
        layer,
        NotedStatistics(
          mean: mean.scalars.map(\.number), variance: variance.scalars.map(\.number), count: count, isShared: isShared)
      ))
  }
}

/// What a layer with running statistics found in a shard.
package struct NotedStatistics: Sendable, Equatable {
  package let mean: [Double]
  package let variance: [Double]
  /// Values per channel.
  package let count: Int
  /// Whether they are those of all shards together.
  package let isShared: Bool

  package init(mean: [Double], variance: [Double], count: Int, isShared: Bool) {
    (self.mean, self.variance, self.count, self.isShared) = (mean, variance, count, isShared)
  }
}

/// A layer whose running statistics move in training.
package protocol StatisticsTracking: Module {
  /// Moves the running statistics toward what one call found.
  func moveStatistics(_ found: NotedStatistics)
}
