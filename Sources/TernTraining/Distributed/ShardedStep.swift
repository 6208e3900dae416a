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
  /// Whether gradients are sent while others are computed, where that is possible. The bits are the same.
  var overlapsReduction = true
  let reduction: GradientReduction
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

    fileprivate init(_ reports: [StepReport]) {
      for (shard, found) in reports.flatMap(\.shards).enumerated() {
        total.add(found.total)
        if broken == nil, let first = found.broken { broken = (shard, first) }
      }
    }
  }

  /// How a backward pass is run: not at all, or with its gradients sent as they come.
  private enum Pass {
    case left, plain, overlapped(OverlappedSum)
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
    let isSynchronized = model.hasSynchronizedStatistics && tree.shards > 1
    let overlaps = overlapsReduction && tree.ranks > 1 && tree.isAligned && !isSynchronized
    let start = otherBodies
    var found = Found(inputs.count, start)
    var (problem, reports, overlapped): ((any Error)?, [StepReport]?, OverlappedSum?) = (failure, nil, nil)
    func mayHave(_ gradients: [ShardGradients]) -> [Bool] {
      shardParameters.enumerated().map { index, parameter in
        overlaps && !parameter.isFrozen || gradients.contains { $0.bodies[index] != nil }
      }
    }
    /// Before this rank's last backward pass: tells the ranks all but gradients, which are sent as they come then.
    func prepare(_ computed: Computed, _ waiting: [ShardGradients]) throws -> OverlappedSum? {
      found.computed[own.count - 1] = computed
      if own.count == 1 { found.firstBuffers = otherBodies }
      let all = try tell(report(found, start, isPresent: mayHave(waiting)), nil)
      reports = all
      if Result(all).broken != nil { return nil }
      overlapped = OverlappedSum(
        reduction, communicator, parameters, mayHave: StepReport.isPresent(all), waiting: waiting)
      return overlapped
    }
    func compute(_ shard: Int, _ turn: ShardTurn?, _ waiting: inout [ShardGradients]) throws -> ShardGradients {
      if let failure { throw failure }
      let index = shard - own.lowerBound
      let (computed, gradients) = try self.compute(
        inputs[index], shardParameters, key.generator(ofShard: shard), turn, refusesNonFinite, loss
      ) { computed, before in
        guard overlaps && shard == own.upperBound - 1 else { return .plain }
        let all = waiting + (before.isPresent.contains(true) ? [before] : [])
        for index in waiting.indices { waiting[index] = ShardGradients(count: parameters.count) }
        return try prepare(computed, all).map { .overlapped($0) } ?? .left
      }
      found.computed[index] = computed
      return gradients
    }
    do {
      if isSynchronized {
        var gradients = inputs.map { _ in ShardGradients(count: parameters.count) }
        let turns = ShardTurns(communicator)
        try turns.run(own, (take: { self.otherBodies }, restore: put)) { shard, turn in
          var none: [ShardGradients] = []
          gradients[shard - self.own.lowerBound] = try compute(shard, turn, &none)
        }
        // The first shard's are there now.
        found.firstBuffers = otherBodies
        for subtree in tree.subtrees(within: own) {
          found.partial.append(
            (subtree, ShardTree.sum(subtree, { gradients[$0 - self.own.lowerBound] }, { $0.add($1) })))
        }
      } else {
        for subtree in tree.subtrees(within: own) {
          var waiting: [ShardGradients] = []
          let sum = try ShardTree.sum(subtree, &waiting) { shard, waiting in
            put(start)
            defer { if shard == own.lowerBound { found.firstBuffers = otherBodies } }
            return try compute(shard, nil, &waiting)
          } _: {
            $0.add($1)
          }
          found.partial.append((subtree, sum))
        }
      }
    } catch {
      // The ranks know already where they have told each other.
      if reports != nil { throw error }
      problem = error
    }
    let all = try reports ?? tell(report(found, start, isPresent: mayHave(found.partial.map(\.gradients))), problem)
    let result = Result(all)
    if result.broken != nil {
      put(start)
      return result
    }
    if overlaps && overlapped == nil {
      let sum = OverlappedSum(reduction, communicator, parameters, mayHave: StepReport.isPresent(all))
      for index in parameters.indices.reversed() { sum.add(index, found.partial.first?.gradients.bodies[index]) }
      overlapped = sum
    }
    overlapped?.close()
    try moveStatistics(all, found.shared)
    try settleBuffers(all, found.firstBuffers)
    let gradients =
      try overlapped?.finish() ?? reduction.sum(found.partial, parameters, StepReport.isPresent(all))
    gradients.give(to: shardParameters)
    let count = result.total.loss.count
    if count > 0 { for parameter in shardParameters { parameter.divideHeldGradient(by: count) } }
    return result
  }

  /// What the shards of this rank gave.
  private struct Found {
    var computed: [Computed]
    var firstBuffers: [TensorBody]
    var partial: [(subtree: Range<Int>, gradients: ShardGradients)] = []

    init(_ count: Int, _ buffers: [TensorBody]) {
      computed = (0..<count).map { _ in Computed() }
      firstBuffers = buffers
    }

    /// The statistics of all shards together, which any shard with samples has.
    var shared: [(layer: Int, found: NotedStatistics)] { computed.first { !$0.shared.isEmpty }?.shared ?? [] }
  }

  private func report(_ found: Found, _ start: [TensorBody], isPresent: [Bool]) -> StepReport {
    var report = StepReport()
    report.flags = flags()
    report.isPresent = isPresent
    report.shards = found.computed.map(\.shard)
    report.hasShared = !found.shared.isEmpty
    report.changedBuffers = zip(start, found.firstBuffers).contains { $0.memory !== $1.memory }
    return report
  }

  /// What a shard of this rank gave.
  private struct Computed {
    var shard = StepReport.Shard()
    var shared: [(layer: Int, found: NotedStatistics)] = []
  }

  private func compute<Input>(
    _ inputs: [Input], _ parameters: [any AnyParameter], _ generator: RandomGenerator, _ turn: ShardTurn?,
    _ refusesNonFinite: Bool, _ loss: (Input) throws -> StepLoss?,
    beforeLast: (Computed, ShardGradients) throws -> Pass
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
          } else if index == inputs.count - 1 {
            take(scope.notes, &result)
            switch try beforeLast(result, gradients) {
            case .left: return
            case .plain: loss.backward(scaledBy: 1)
            case .overlapped(let sum):
              sum.during { loss.backward(scaledBy: 1) }
              gradients = ShardGradients(count: parameters.count)
              return
            }
          } else {
            loss.backward(scaledBy: 1)
          }
          let found = ShardGradients(taking: parameters)
          if loss.total.loss.count == 0 && !found.isFinite { continue }
          if gradients.isPresent.contains(true) { gradients.add(found) } else { gradients = found }
        }
      }
    }
    take(scope.notes, &result)
    return (result, gradients)
  }

  /// Takes what layers noted, all of it.
  private func take(_ notes: [(layer: any StatisticsTracking, found: NotedStatistics)], _ result: inout Computed) {
    (result.shared, result.shard.notes) = ([], [])
    for note in notes {
      guard let layer = numbers[ObjectIdentifier(note.layer)] else { continue }
      if note.found.isShared {
        result.shared.append((layer, note.found))
      } else {
        result.shard.notes.append((layer, note.found))
      }
    }
  }

  /// All ranks' reports; throws where a rank cannot go on.
  private func tell(_ own: StepReport, _ problem: (any Error)?) throws -> [StepReport] {
    var report = own
    report.failure = problem.map { "\($0)" }
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
