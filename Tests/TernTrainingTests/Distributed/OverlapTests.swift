import Dispatch
import Synchronization
import Tern
import TernTestSupport
import Testing

@testable import TernDistributed
@testable import TernNN
@testable import TernTraining

/// Gradients that are sent while others are computed.
@Suite struct OverlapTests {
  typealias Training = ShardedTrainingTests

  /// A rank that notes the sums it starts.
  final class Noted: Communicator {
    let base: any Communicator
    let started = Mutex<[String]>([])

    init(_ base: any Communicator) { self.base = base }

    var rank: Int { base.rank }
    var count: Int { base.count }
    var step: Int? {
      get { base.step }
      set { base.step = newValue }
    }
    func _run(_ operation: _Collective, _ name: String) throws(CommunicationError) { try base._run(operation, name) }
    func _start(_ operation: _Collective, _ name: String) -> PendingOperation {
      started.withLock { $0.append(name) }
      return base._start(operation, name)
    }
    func abort(_ reason: any Error) { base.abort(reason) }
  }

  /// Calls a function when its derivative runs.
  struct Mark: Sendable { let note: @Sendable () -> Void }
  static func marked(_ x: Tensor<Float>, _ mark: Mark) -> Tensor<Float> {
    customOperation("marked", x) {
      $0[0] * 1
    } backward: { gradient, _, _ in
      mark.note()
      return [gradient]
    }
  }

  @Test func bucketsAreSentBeforeTheEndOfBackward() throws {
    _ = try ThreadGroup(2).run { base in
      let communicator = Noted(base)
      let (first, last) = (Dense(6, 5), Dense(5, 3))
      let model = Sequential {
        first; last
      }
      let parallel = try DataParallel(model, communicator, shards: 4, seed: 1)
      parallel.engine.reduction.bucketBytes = (first: 16, others: 64)
      let seen = Mutex<[[String]]>([])
      let mark = Mark { seen.withLock { $0.append(communicator.started.withLock { $0 }) } }
      try parallel.backward { shard in
        let x = Tensor<Float>(randomNormal: [3, 6], generator: RandomGenerator(seed: UInt64(shard)))
        return StepLoss(sum: last(Self.marked(first(x), mark)).sum(), count: 3)
      }
      let buckets = ["bucket 1 (1.bias)", "bucket 2 (1.weight)", "bucket 3 (0.bias)", "bucket 4 (0.weight)"]
      // The first shard of each rank sends nothing; the last layer's are under way when the first layer's come.
      #expect(seen.withLock { $0 } == [[], Array(buckets[..<2])])
      #expect(communicator.started.withLock { $0 } == buckets + ["the parameters with gradients"])
    }
  }

  @Test(arguments: Training.Method.allCases) func theBitsAreTheSame(_ method: Training.Method) throws {
    @Sendable func run(_ communicator: any Communicator, overlaps: Bool) throws -> [String: [UInt64]] {
      let trainer = try Training.trainer(communicator, method, shards: 8, synchronized: false, count: 80)
      trainer.accumulation = 2
      trainer.engine?.overlapsReduction = overlaps
      trainer.engine?.reduction.bucketBytes = (first: 64, others: 256)
      try trainer.run(epochs: 1)
      return Training.contents(trainer)
    }
    let expected = try run(SoleProcess(), overlaps: false)
    for ranks in [2, 4, 8] {
      for overlaps in [false, true] {
        for contents in try ThreadGroup(ranks).run({ try run($0, overlaps: overlaps) }) {
          for (name, values) in expected { #expect(contents[name] == values, "\(name) of \(ranks) ranks, \(overlaps)") }
        }
      }
    }
  }

  /// Parameters that some shards use, that none uses, that are used twice, and that are frozen at the end of the forward pass.
  @Test func gradientsOfSomeShardsOnly() throws {
    @Sendable func run(_ communicator: any Communicator, overlaps: Bool) throws -> [[UInt32]?] {
      let layers = Random.with(RandomGenerator(seed: 5)) { (0..<5).map { _ in Dense(4, 4) } }
      let model = Sequential(layers.map { $0 as any Layer<Float> })
      let parallel = try DataParallel(model, communicator, shards: 8, seed: 1)
      parallel.overlapsReduction = overlaps
      parallel.engine.reduction.bucketBytes = (first: 16, others: 16)
      try parallel.backward { shard in
        if shard == 7 { return nil }
        let x = Tensor<Float>(randomNormal: [2, 4], generator: RandomGenerator(seed: UInt64(shard)))
        var y = layers[0](x)
        if shard == 1 || shard == 5 { y = layers[1](y) }
        y = layers[2](layers[2](y))
        layers[4].weight.isFrozen = false
        if shard > 3 { y = layers[4](y) }
        layers[4].weight.isFrozen = true
        // −0 where it is alone.
        return StepLoss(sum: (y * (shard == 5 ? -0.0 : 1)).sum(), count: 2)
      }
      return model.namedParameters.map { entry in
        entry.parameter.heldGradient.map { Tensor<Float>(body: $0).scalars.map(\.bitPattern) }
      }
    }
    let expected = try run(SoleProcess(), overlaps: true)
    #expect(expected.map { $0 != nil } == [true, true, true, true, true, true, false, false, true, true])
    for ranks in [2, 4, 8] {
      for overlaps in [false, true] {
        for found in try ThreadGroup(ranks).run({ try run($0, overlaps: overlaps) }) {
          #expect(found == expected, "\(ranks) ranks, \(overlaps)")
        }
      }
    }
  }

  /// Gradients that were there before the last pass, from a pass inside of the loss.
  @Test func earlierPassesCount() throws {
    @Sendable func run(_ communicator: any Communicator) throws -> [Float] {
      let layer = Random.with(RandomGenerator(seed: 5)) { Dense(4, 4) }
      let parallel = try DataParallel(layer, communicator, shards: 2, seed: 1)
      try parallel.backward { shard in
        let x = Tensor<Float>(randomNormal: [2, 4], generator: RandomGenerator(seed: UInt64(shard)))
        layer(x).square().sum().backward()
        return StepLoss(sum: layer(x).sum(), count: 2)
      }
      return layer.weight.gradient!.scalars
    }
    let expected = try run(SoleProcess())
    for found in try ThreadGroup(2).run(run) { #expect(found == expected) }
  }

  struct Trouble: Error {}

  /// A rank that throws in its last shard, or has a loss that is not finite, while others are about to send.
  @Test func whatOneRankThrowsEndsAllBeforeTheySend() throws {
    let ended = Mutex<Set<String>>([])
    #expect(throws: Trouble.self) {
      _ = try ThreadGroup(4).run { communicator in
        let layer = Dense(4, 4)
        let parallel = try DataParallel(layer, communicator, shards: 8, seed: 1)
        do {
          try parallel.backward { shard in
            if shard == 5 { throw Trouble() }
            return StepLoss(sum: layer(Tensor(ones: [1, 4])).sum(), count: 1)
          }
        } catch {
          ended.withLock { _ = $0.insert("rank \(communicator.rank): \(error)") }
          throw error
        }
      }
    }
    let failed = [0, 1, 3].map { "rank \($0): rank 2 failed: Trouble()" }
    #expect(ended.withLock { $0.sorted() } == (failed + ["rank 2: Trouble()"]).sorted())
  }

  /// A rank that hangs in its last backward pass.
  @Test func aHangNamesRankStepAndBucket() throws {
    let message = Mutex("")
    let isOver = DispatchSemaphore(value: 0)
    let group = ThreadGroup(2, limits: WaitLimits(report: 0, abort: 0.3))
    _ = try? group.run { communicator in
      let (first, last) = (Dense(4, 4), Dense(4, 4))
      let parallel = try DataParallel(
        Sequential {
          first; last
        }, communicator, shards: 2, seed: 1)
      parallel.step = 11
      parallel.engine.reduction.bucketBytes = (first: 16, others: 16)
      let mark = Mark { if communicator.rank == 1 { _ = isOver.wait(timeout: .now() + 20) } }
      do {
        try parallel.backward { _ in
          StepLoss(sum: last(Self.marked(first(Tensor(ones: [1, 4])), mark)).sum(), count: 1)
        }
      } catch {
        if communicator.rank == 0 { message.withLock { $0 = "\(error)" } }
        isOver.signal()
        throw error
      }
    }
    #expect(message.withLock { $0 }.contains("rank 0 waits in step 12 for bucket 3 (0.bias) from rank 1"))
  }
}
