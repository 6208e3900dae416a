import TernBackend
import TernDistributed
import TernNN
import TernTensor

/// The sum of a step's gradients over ranks, sent while the last backward pass of a rank runs.
final class OverlappedSum {
  private let reduction: GradientReduction
  private let communicator: any Communicator
  private let parameters: [(name: String, parameter: any AnyParameter)]
  private let sum: BucketedSum
  /// What shards before the last gave, from the first to the last: each waits for the sum of all that follow.
  private var waiting: [ShardGradients]
  /// How many ranks have a gradient, by parameter.
  private let presence: UnsafeMutableBufferPointer<Float>
  private var isAdded: [Bool]
  private var presenceSum: PendingOperation?
  /// The gradients of parameters that none was expected of: they were frozen when the last pass began.
  private var late: ShardGradients

  /// - Parameter mayHave: the parameters that may have a gradient on some rank, the same on all ranks.
  init(
    _ reduction: GradientReduction, _ communicator: any Communicator,
    _ parameters: [(name: String, parameter: any AnyParameter)], mayHave: [Bool], waiting: [ShardGradients] = []
  ) {
    (self.reduction, self.communicator, self.parameters, self.waiting) = (reduction, communicator, parameters, waiting)
    isAdded = parameters.map { _ in false }
    sum = reduction.begin(parameters, mayHave)
    presence = .allocate(capacity: parameters.count)
    presence.initialize(repeating: 0)
    late = ShardGradients(count: parameters.count)
  }

  deinit {
    try? presenceSum?.wait()
    presence.deallocate()
  }

  /// Runs the last backward pass: each gradient is taken from its parameter once it is complete.
  func during(_ backward: () -> Void) {
    let watch = CompletionWatch(parameters.map { $0.parameter.node }) { [self] index in
      add(index, parameters[index].parameter.takeGradient())
    }
    watch(backward)
    // All at once where there was nothing to run.
    for index in parameters.indices.reversed() where !isAdded[index] {
      add(index, parameters[index].parameter.takeGradient())
    }
  }

  /// Takes the last shard's gradient of a parameter; of all, in any order.
  func add(_ index: Int, _ last: consuming TensorBody?) {
    isAdded[index] = true
    var body = last
    for subtree in waiting.indices.reversed() { body = ShardGradients.sum(waiting[subtree].take(index), body) }
    if body != nil { presence[index] = 1 }
    if sum.contains(index) { sum.add(index, body) } else { late.set(index, body) }
  }

  /// Tells the ranks which parameters have gradients, behind the buckets.
  func close() { presenceSum = communicator.startSum(presence, name: "the parameters with gradients") }

  /// Waits for the sums.
  func finish() throws -> ShardGradients {
    var result = ShardGradients(count: parameters.count)
    try presenceSum?.wait()
    try sum.finish(into: &result) { self.presence[$0] > 0 }
    let isLate = parameters.indices.map { presence[$0] > 0 && !sum.contains($0) }
    if isLate.contains(true) {
      let sum = reduction.begin(parameters, isLate)
      for index in parameters.indices.reversed() { sum.add(index, late.take(index)) }
      try sum.finish(into: &result)
    }
    return result
  }
}
