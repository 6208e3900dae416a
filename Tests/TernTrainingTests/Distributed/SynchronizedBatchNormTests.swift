import Synchronization
import Tern
import TernTestSupport
import Testing

@testable import TernNN
@testable import TernTraining

/// Statistics of several ranks beside those of one process that has the joined batch.
@Suite struct SynchronizedBatchNormTests {
  struct Found: Sendable {
    var output: [Double] = []
    var inputGradient: [Double] = []
    var scaleGradient: [Double] = []
    var shiftGradient: [Double] = []
    var residualGradient: [Double] = []
    var mean: [Double] = []
    var variance: [Double] = []
    var batches = 0
  }

  /// The shares of an input's rows that ranks have.
  static func shares(_ rows: [Int]) -> [Range<Int>] {
    var start = 0
    return rows.map { count in
      defer { start += count }
      return start..<start + count
    }
  }

  static func run(
    _ layer: BatchNorm<Double>, _ x: Tensor<Double>, _ g: Tensor<Double>, residual: Tensor<Double>? = nil,
    relu: Bool = false
  ) -> Found {
    let input = x.asVariable()
    var fed = input
    let added = residual?.asVariable()
    let y = layer.forward(&fed, adding: added, activation: relu ? .relu : .identity)
    y.backward(g)
    return Found(
      output: y.detached().scalars, inputGradient: input.gradient?.scalars ?? [],
      scaleGradient: layer.weight?.gradient?.scalars ?? [], shiftGradient: layer.bias?.gradient?.scalars ?? [],
      residualGradient: added?.gradient?.scalars ?? [], mean: layer.runningMean?.value.scalars ?? [],
      variance: layer.runningVar?.value.scalars ?? [], batches: layer.numBatchesTracked?.value.item ?? 0)
  }

  static func makeLayer(_ channels: Int) -> BatchNorm<Double> {
    let layer = BatchNorm<Double>(channels, momentum: 0.3)
    layer.weight?.value = Tensor((0..<channels).map { 0.5 + 0.25 * Double($0) })
    layer.bias?.value = Tensor((0..<channels).map { 0.1 * Double($0) - 0.2 })
    return layer
  }

  static func close(_ a: [Double], _ b: [Double], _ tolerance: Double = 1e-12) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance * max(1, abs($1)) }
  }

  /// Shapes with their shares: of 0 and of 1 value, features, sequences, images, many channels.
  static let cases: [(shape: [Int], rows: [Int])] = [
    ([7, 3], [3, 4]), ([7, 3], [1, 0, 6]), ([2, 5], [1, 1]), ([6, 4, 5], [2, 0, 3, 1]), ([5, 3, 4, 6], [2, 3]),
    ([4, 2, 1, 1], [1, 3]), ([9, 70, 3, 3], [4, 1, 4]), ([300, 8], [100, 199, 1]), ([3, 2, 3, 2, 2], [1, 2]),
  ]

  @Test(arguments: cases, [false, true])
  func equalsTheJoinedBatch(_ example: (shape: [Int], rows: [Int]), channelsLast: Bool) throws {
    if channelsLast && example.shape.count != 4 { return }
    let generator = RandomGenerator(seed: 5)
    var x = Tensor<Double>(randomNormal: example.shape, generator: generator) * 3 + 40
    var g = Tensor<Double>(randomNormal: example.shape, generator: generator)
    var residual = Tensor<Double>(randomNormal: example.shape, generator: generator)
    if channelsLast {
      func last(_ t: Tensor<Double>) -> Tensor<Double> {
        everyLayout(t).first { $0.label == "channels last" }?.tensor ?? t
      }
      (x, g, residual) = (last(x), last(g), last(residual))
    }
    for (relu, adds) in [(false, false), (true, false), (true, true)] {
      let channels = example.shape[1]
      let whole = Self.run(Self.makeLayer(channels), x, g, residual: adds ? residual : nil, relu: relu)
      let shares = Self.shares(example.rows)
      let (allX, allG, allResidual) = (x, g, residual)
      let found = try ThreadGroup(shares.count).run { communicator in
        let layer = Self.makeLayer(channels)
        layer.synchronizeStatistics(over: communicator)
        let rows = shares[communicator.rank]
        func part(_ t: Tensor<Double>) -> Tensor<Double> {
          t.narrowed(axis: 0, start: rows.lowerBound, length: rows.count)
        }
        return Self.run(
          layer, part(allX), part(allG), residual: adds ? part(allResidual) : nil, relu: relu)
      }
      #expect(Self.close(found.flatMap(\.output), whole.output))
      #expect(Self.close(found.flatMap(\.inputGradient), whole.inputGradient))
      #expect(Self.close(found.flatMap(\.residualGradient), whole.residualGradient))
      func sum(_ path: KeyPath<Found, [Double]>) -> [Double] {
        (0..<channels).map { channel in found.reduce(0) { $0 + $1[keyPath: path][channel] } }
      }
      #expect(Self.close(sum(\.scaleGradient), whole.scaleGradient))
      #expect(Self.close(sum(\.shiftGradient), whole.shiftGradient))
      for rank in found {
        #expect(Self.close(rank.mean, whole.mean))
        #expect(Self.close(rank.variance, whole.variance))
        #expect(rank.batches == 1)
        #expect(rank.mean == found[0].mean && rank.variance == found[0].variance)
      }
    }
  }

  /// A mean far from 0 costs no digits: never E[x²] − μ².
  @Test func keepsSmallVariancesBesideLargeMeans() throws {
    let noise = Tensor<Double>(randomNormal: [64, 2], generator: RandomGenerator(seed: 2)) * 1e-2
    let x = noise + 1e4
    let found = try ThreadGroup(4).run { communicator -> [Double] in
      let layer = BatchNorm<Double>(2, epsilon: 0)
      layer.synchronizeStatistics(over: communicator)
      return layer(x.narrowed(axis: 0, start: 16 * communicator.rank, length: 16)).detached().scalars
    }
    let whole = BatchNorm<Double>(2, epsilon: 0)(x).detached().scalars
    #expect(Self.close(found.flatMap { $0 }, whole, 1e-9))
  }

  /// A communicator that counts what goes over it.
  final class Counting: Communicator {
    let base: any Communicator
    private let calls = Mutex(0)
    init(_ base: any Communicator) { self.base = base }
    var count: Int { base.count }
    var rank: Int { base.rank }
    var step: Int? {
      get { base.step }
      set { base.step = newValue }
    }
    var used: Int { calls.withLock { $0 } }
    func _start(_ operation: _Collective, _ name: String) -> PendingOperation {
      calls.withLock { $0 += 1 }
      return base._start(operation, name)
    }
    func abort(_ reason: any Error) { base.abort(reason) }
  }

  @Test func evaluationAndFrozenLayersSendNothing() throws {
    let used = try ThreadGroup(2).run { base -> [Int] in
      let communicator = Counting(base)
      let model = Sequential {
        Dense(3, 4); BatchNorm1d(4)
      }
      model.synchronizeStatistics(over: communicator)
      let x = Tensor<Float>(randomNormal: [5 + base.rank, 3], generator: RandomGenerator(seed: 1))
      model.eval()
      model(x).sum().backward()
      let evaluation = communicator.used
      model.train()
      FrozenPaths(["1"]).apply(to: model)
      model(x).sum().backward()
      let frozen = communicator.used
      FrozenPaths(["1"]).undo(in: model)
      model(x).sum().backward()
      let training = communicator.used
      model.separateStatistics()
      model(x).sum().backward()
      return [evaluation, frozen, training, communicator.used]
    }
    for counts in used {
      #expect(counts[0] == 0 && counts[1] == 0)
      #expect(counts[2] > 0 && counts[3] == counts[2])
    }
  }

  @Test func copiesAreSynchronizedToo() throws {
    let found = try ThreadGroup(2).run { communicator -> [Float] in
      let model = Sequential { BatchNorm1d(2) }
      model.synchronizeStatistics(over: communicator)
      let copy = model.copy()
      let values: [Float] = communicator.rank == 0 ? [1, 2] : [3, 5]
      return copy(Tensor(values, shape: [1, 2])).detached().scalars
    }
    #expect(found[0] != found[1])
    #expect(abs(found[0][0] + 1) < 1e-4 && abs(found[1][0] - 1) < 1e-4)
  }

  @Test func refusesOneValueInAllAndSecondDerivatives() async {
    let one = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = try ThreadGroup(3).run { communicator in
        let layer = BatchNorm1d<Float>(2)
        layer.synchronizeStatistics(over: communicator)
        _ = layer(Tensor(zeros: [communicator.rank == 1 ? 1 : 0, 2]))
      }
    }
    let message = String(decoding: one?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("one value per channel in all shards"))
    let second = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = try ThreadGroup(2).run { communicator in
        let layer = BatchNorm1d<Float>(2)
        layer.synchronizeStatistics(over: communicator)
        let x = Tensor<Float>(randomNormal: [3, 2]).asVariable()
        layer(x).square().sum().backward(createGraph: true)
      }
    }
    let words = String(decoding: second?.standardErrorContent ?? [], as: UTF8.self)
    #expect(words.contains("second derivatives"))
  }
}
