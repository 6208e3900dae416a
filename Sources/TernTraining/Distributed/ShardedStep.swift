import TernBackend
import TernDistributed
import TernNN
import TernTensor

/// Computes the shards of steps that this rank has, and adds what all shards gave: the gradients along the tree, the losses and
/// running statistics in the order of shards. Nothing depends on which rank computed what.
final class ShardedStep {
  let model: any Module
  let communicator: any Communicator
  let tree: ShardTree
  /// The shards of this rank.
  let own: Range<Int>
  /// Asked before ranks tell each other what they have: bits that all of them get, joined.
  var flags: () -> UInt64 = { 0 }
  /// The joined bits of the last step.
  private(set) var joinedFlags: UInt64 = 0
  private let reduction: GradientReduction
  private let layers: [any StatisticsTracking]
  private let numbers: [ObjectIdentifier: Int]
  /// The buffers that are no running statistics of ``layers``.
  private let otherBuffers: [any AnyBuffer]
  /// What they hold. No key path: the optimizer of Swift 6.3 ends on one to an existential's member in a generic function.
  private var otherBodies: [TensorBody] {
    var bodies: [TensorBody] = []
    for buffer in otherBuffers { bodies.append(buffer.body) }
    return bodies
  }

  init(_ model: any Module, _ communicator: any Communicator, shards: Int) {
    (self.model, self.communicator) = (model, communicator)
    tree = ShardTree(shards: shards, ranks: communicator.count)
    own = tree.shards(of: communicator.rank)
    reduction = GradientReduction(communicator, tree)
    layers = model.namedModules.compactMap { $0.module as? any StatisticsTracking }
    numbers = Dictionary(
      layers.enumerated().map { (ObjectIdentifier($1), $0) }, uniquingKeysWith: { first, _ in first })
    let tracked = Set(layers.flatMap { $0.namedBuffers.map { ObjectIdentifier($0.buffer) } })
    otherBuffers = model.namedBuffers.map(\.buffer).filter { !tracked.contains(ObjectIdentifier($0)) }
  }

  /// The random numbers of a shard's layers: they depend on the seed, the step, which of its updates it is, and the shard.
  struct Key {
    var seed: UInt64
    var step: Int
    var update = 0

    func generator(ofShard shard: Int) -> RandomGenerator {
      RandomGenerator(
        seed: seed ^ 0x7368_6172_6473_2121, stream: UInt64(step), counter: UInt64(update) << 32 | UInt64(shard))
    }
  }

  /// What all shards together gave.
  struct Result {
    var total = LossTotal()
    /// The first shard whose loss is not finite; gradients are none then.
    var broken: (shard: Int, found: StepReport.Broken)?
  }

  /// Leaves in the parameters the gradients of Σ sum / Σ count over all shards, in place of what was there.
  ///
  /// - Parameters:
  ///   - inputs: what each shard of this rank computes, one after the other; nothing for an empty share.
  ///   - refusesNonFinite: whether a loss that is not finite leaves no gradients.
  ///   - failure: why this rank has no inputs.
  ///   - loss: of an input; `nil` for nothing.
  func gradients<Input>(
    _ parameters: [(name: String, parameter: any AnyParameter)], _ key: Key, _ inputs: [[Input]],
    refusesNonFinite: Bool, failure: (any Error)? = nil, loss: (Input) throws -> StepLoss?
  ) throws -> Result {
    communicator.step = key.step
    let shardParameters = parameters.map(\.parameter)
    _ = ShardGradients(taking: shardParameters)
    var report = StepReport()
    var shards = inputs.map { _ in Computed() }
    let start = otherBodies
    var firstBuffers = start
    var partial: [(subtree: Range<Int>, gradients: ShardGradients)] = []
    var problem = failure
    func compute(_ shard: Int, _ turn: ShardTurn?) throws -> ShardGradients {
      if let failure { throw failure }
      let index = shard - own.lowerBound
      let (computed, gradients) = try self.compute(
        inputs[index], shardParameters, key.generator(ofShard: shard), turn, refusesNonFinite, loss)
      shards[index] = computed
      return gradients
    }
    do {
      if model.hasSynchronizedStatistics && tree.shards > 1 {
        var found = inputs.map { _ in ShardGradients(count: parameters.count) }
        let turns = ShardTurns(communicator)
        try turns.run(own, (take: { self.otherBodies }, restore: put)) { shard, turn in
          found[shard - self.own.lowerBound] = try compute(shard, turn)
        }
        // The first shard's are there now.
        firstBuffers = otherBodies
        for subtree in tree.subtrees(within: own) {
          partial.append(
            (subtree, ShardTree.sum(subtree, { found[$0 - self.own.lowerBound] }, { $0.add($1) })))
        }
      } else {
        for subtree in tree.subtrees(within: own) {
          let sum = try ShardTree.sum(subtree) { shard in
            put(start)
            defer { if shard == own.lowerBound { firstBuffers = otherBodies } }
            return try compute(shard, nil)
          } _: {
            $0.add($1)
          }
          partial.append((subtree, sum))
        }
      }
    } catch {
      problem = error
    }
    report.flags = flags()
    report.failure = problem.map { "\($0)" }
    report.isPresent = partial.reduce(Array(repeating: false, count: parameters.count)) { joined, entry in
      zip(joined, entry.gradients.isPresent).map { $0 || $1 }
    }
    report.shards = shards.map(\.shard)
    let shared = shards.first { !$0.shared.isEmpty }?.shared ?? []
    report.hasShared = !shared.isEmpty
    report.changedBuffers = zip(start, firstBuffers).contains { $0.memory !== $1.memory }
    let reports = try tell(report, problem)
    let all = reports.flatMap(\.shards)
    var result = Result()
    for (shard, found) in all.enumerated() {
      result.total.add(found.total)
      if result.broken == nil, let broken = found.broken { result.broken = (shard, broken) }
    }
    if result.broken != nil {
      put(start)
      return result
    }
    try moveStatistics(reports, shared)
    try settleBuffers(reports, firstBuffers)
    let isPresent = reports.dropFirst().reduce(reports[0].isPresent) { joined, report in
      zip(joined, report.isPresent).map { $0 || $1 }
    }
    try reduction.sum(partial, parameters, isPresent).give(to: shardParameters)
    let count = result.total.loss.count
    if count > 0 { for parameter in shardParameters { parameter.divideHeldGradient(by: count) } }
    return result
  }

  /// What a shard of this rank gave.
  private struct Computed {
    var shard = StepReport.Shard()
    var shared: [(layer: Int, found: NotedStatistics)] = []
  }

  private func compute<Input>(
    _ inputs: [Input], _ parameters: [any AnyParameter], _ generator: RandomGenerator, _ turn: ShardTurn?,
    _ refusesNonFinite: Bool, _ loss: (Input) throws -> StepLoss?
  ) throws -> (Computed, ShardGradients) {
    var result = Computed()
    var gradients = ShardGradients(count: parameters.count)
    let scope = ShardScope(turn)
    try ShardScope.$current.withValue(scope) {
      try Random.with(generator) {
        for (index, input) in inputs.enumerated() {
          let before = generator.state
          guard let loss = try loss(input) else { continue }
          let isBroken = refusesNonFinite && !loss.total.loss.sum.isFinite
          if isBroken, result.shard.broken == nil {
            result.shard.broken = StepReport.Broken(batch: index, value: loss.mean, generator: before)
          }
          result.shard.total.add(loss.total)
          if isBroken || loss.total.loss.count == 0 {
            // Alone there is nothing; through statistics of all shards the losses of the others reach this one, too.
            guard let turn else { continue }
            turn.isVacant = true
            loss.backwardForOthers()
            turn.isVacant = false
          } else {
            loss.backward(scaledBy: 1)
          }
          let found = ShardGradients(taking: parameters)
          if loss.total.loss.count == 0 && !found.isFinite { continue }
          if gradients.isPresent.contains(true) { gradients.add(found) } else { gradients = found }
        }
      }
    }
    for note in scope.notes {
      guard let layer = numbers[ObjectIdentifier(note.layer)] else { continue }
      if note.found.isShared {
        result.shared.append((layer, note.found))
      } else {
        result.shard.notes.append((layer, note.found))
      }
    }
    return (result, gradients)
  }

  /// All ranks' reports; throws where a rank cannot go on.
  private func tell(_ report: StepReport, _ problem: (any Error)?) throws -> [StepReport] {
    var reports = [report]
    if communicator.count > 1 {
      do {
        reports = try communicator.allGather(report.bytes, name: "the losses of a step").map(StepReport.init)
      } catch {
        // Others may end before this rank hears of them: the cause comes first.
        throw problem ?? error
      }
    }
    if let problem { throw problem }
    for (rank, report) in reports.enumerated() {
      if let reason = report.failure { throw CommunicationError.failed(rank: rank, reason: reason) }
    }
    joinedFlags = reports.reduce(0) { $0 | $1.flags }
    return reports
  }

  /// Moves running statistics: by those of each shard in order, or once by those of all.
  private func moveStatistics(_ reports: [StepReport], _ own: [(layer: Int, found: NotedStatistics)]) throws {
    for note in reports.flatMap(\.shards).flatMap(\.notes) { layers[note.layer].moveStatistics(note.found) }
    guard let first = reports.firstIndex(where: \.hasShared) else { return }
    var shared = own
    if !reports.allSatisfy(\.hasShared) {
      // A rank of empty shares saw nothing.
      var parcel = Parcel()
      parcel.addNotes(own)
      var reader = ParcelReader(
        try communicator.broadcast(bytes: parcel.bytes, from: first, name: "the statistics of a step"))
      shared = reader.notes()
    }
    for note in shared { layers[note.layer].moveStatistics(note.found) }
  }

  /// Gives other buffers what the first shard made of them.
  private func settleBuffers(_ reports: [StepReport], _ first: [TensorBody]) throws {
    put(first)
    if reports[0].changedBuffers && communicator.count > 1 {
      for buffer in otherBuffers { buffer.body = try communicator.broadcast(buffer.body, name: "a buffer") }
    }
  }

  private func put(_ bodies: [TensorBody]) {
    for (buffer, body) in zip(otherBuffers, bodies) { buffer.body = body }
  }
}
