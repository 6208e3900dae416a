import Synchronization
import TernBackend
import TernData
import TernDistributed
import TernNN
import TernTensor

/// Gives every batch normalization below a model the statistics of the population that a loader reads.
///
/// For each channel, over batches of mₖ values with the mean μₖ and the biased variance σₖ²: running mean ← Σmₖ·μₖ/Σmₖ
/// and running variance ← Σmₖ·σₖ²/Σ(mₖ − 1). Where all batches have m values, these are E[μₖ] and m/(m − 1)·E[σₖ²], the
/// population statistics of Algorithm 2. What a model learned is not changed; running averages of a training lag behind its
/// weights, these do not.
///
/// What deeper layers see: the layers take their turn in the order in which they run, each in a pass of its own over the
/// loader's next epoch, with the model in evaluation mode. The inputs of a layer are thus normalized by the population
/// statistics of those before it, exactly as they will be when the model is used, and depend on no batch. With
/// `inOnePass`, all are measured together and deeper layers see what the *batch* statistics of those before them make
/// of the inputs, as in training and as PyTorch's `update_bn` does it: one pass instead of one a layer, and statistics
/// of deeper layers that are a little off.
///
/// All other layers are in evaluation mode meanwhile (no dropout); modes and the loader's epoch are put back. A
/// layer that the first batch does not reach, or without running statistics, stays as it is; one that runs several times has
/// all its inputs counted. Stops where an epoch has no batch, or a layer sees one value a channel in every batch.
///
/// Source: Ioffe & Szegedy 2015, "Batch normalization", Algorithm 2.
///
/// - Parameters:
///   - model: from inputs to anything.
///   - loader: the samples to measure; m is its batch size, times the positions of a channel.
///   - inOnePass: whether deeper layers see what batch statistics make of the inputs.
/// - Complexity: a forward pass over the loader's samples for every batch normalization, or one in all.
public func recalibrate<Model: Layer, Source: Dataset, Label: TensorScalar>(
  _ model: Model, over loader: DataLoader<Source>, inOnePass: Bool = false, file: StaticString = #fileID,
  line: UInt = #line
) where Source.Batch == LabeledBatch<Model.Scalar, Label>, Source.Failure == Never {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  recalibrate(model, over: loader, inOnePass: inOnePass) { _ = model($0.inputs) }
}

/// The same over samples that may be unreadable, see ``recalibrate(_:over:inOnePass:file:line:)``.
///
/// - Throws: the `SampleError` of a batch that cannot be read; the statistics are then what they were.
public func recalibrate<Model: Layer, Source: Dataset, Label: TensorScalar>(
  _ model: Model, over loader: DataLoader<Source>, inOnePass: Bool = false, file: StaticString = #fileID,
  line: UInt = #line
) throws where Source.Batch == LabeledBatch<Model.Scalar, Label> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  try recalibrate(model, over: loader, inOnePass: inOnePass) { _ = model($0.inputs) }
}

/// The same for any module: `run` sends a batch through it, see ``recalibrate(_:over:inOnePass:file:line:)``.
///
/// - Throws: what `run` throws; the statistics are then what they were.
public func recalibrate<Source: Dataset>(
  _ model: some Module, over loader: DataLoader<Source>, inOnePass: Bool = false,
  run: (Source.Batch) throws -> Void,
  file: StaticString = #fileID, line: UInt = #line
) rethrows where Source.Failure == Never {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  try measure(model, loader, inOnePass) { limit in
    for batch in loader.batches(ofEpoch: loader.epoch).prefix(limit) { try run(batch) }
  }
}

/// The same for any module, over samples that may be unreadable, see ``recalibrate(_:over:inOnePass:file:line:)``.
///
/// - Throws: what `run` throws, and the `SampleError` of a batch that cannot be read; the statistics are then what they
///   were.
public func recalibrate<Source: Dataset>(
  _ model: some Module, over loader: DataLoader<Source>, inOnePass: Bool = false,
  run: (Source.Batch) throws -> Void,
  file: StaticString = #fileID, line: UInt = #line
) throws {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  try measure(model, loader, inOnePass) { limit in
    let batches = loader.batches(ofEpoch: loader.epoch)
    var count = 0
    while count < limit, let batch = try batches.next() {
      try run(batch)
      count += 1
    }
  }
}

/// The same on all ranks, each of which runs some of the batches: all get the statistics of one process, to the bit.
///
/// - Parameters:
///   - communicator: the ranks; all call it.
///   - run: sends a batch through the model.
/// - Throws: what `run` throws, and the `SampleError` of a batch that cannot be read, `CommunicationError` on the other ranks
///   then; the statistics are then what they were.
public func recalibrate<Source: Dataset>(
  _ model: some Module, over loader: DataLoader<Source>, inOnePass: Bool = false, communicator: any Communicator,
  run: (Source.Batch) throws -> Void, file: StaticString = #fileID, line: UInt = #line
) throws {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  if communicator.count == 1 { return try recalibrate(model, over: loader, inOnePass: inOnePass, run: run) }
  var failure: (any Error)?
  try measure(model, loader, inOnePass) { limit in
    if limit == 1 {
      // The order of the layers is that of the same batch on all ranks.
      if let batch = try loader.batches(ofEpoch: loader.epoch).next() { try run(batch) }
      return
    }
    // What is thrown is told to the others first.
    do {
      let batches = PlannedBatches(loader, epoch: loader.epoch, loader.wholeBatches(of: communicator))
      try ShardScope.$current.withValue(ShardScope(nil)) { while let batch = try batches.next() { try run(batch) } }
    } catch {
      failure = error
    }
  } combine: { sums in
    var parcel = Parcel()
    parcel.add(failure != nil)
    parcel.add(failure.map { "\($0)" } ?? "")
    for sum in sums { parcel.add(sum.batches) }
    let found: [[UInt8]]
    do {
      found = try communicator.allGather(parcel.bytes, name: "the statistics of a population")
    } catch {
      throw failure ?? error
    }
    if let failure { throw failure }
    for sum in sums { sum.reset() }
    for (rank, bytes) in found.enumerated() {
      var reader = ParcelReader(bytes)
      let (hasFailed, reason) = (reader.bool(), reader.text())
      if hasFailed { throw CommunicationError.failed(rank: rank, reason: reason) }
      for sum in sums { for batch in reader.batches() { sum.add(batch) } }
    }
  }
}

extension Parcel {
  fileprivate mutating func add(_ batches: [BatchStatistics]) {
    add(batches.count)
    for batch in batches {
      add(batch.count)
      add(batch.sums)
      add(batch.squares)
    }
  }
}

extension ParcelReader {
  fileprivate mutating func batches() -> [BatchStatistics] {
    (0..<max(int(), 0)).map { _ in
      BatchStatistics(count: int(), batches: 1, sums: doubles(), squares: doubles())
    }
  }
}

/// Measures and sets all statistics; `read` runs the model on the first batches of an epoch, at most so many, and `combine`
/// joins what several ranks found.
private func measure<Source: Dataset>(
  _ model: some Module, _ loader: DataLoader<Source>, _ inOnePass: Bool, _ read: (_ limit: Int) throws -> Void,
  combine: (([PopulationSums]) throws -> Void)? = nil
) rethrows {
  check(loader.batchCount > 0, "recalibrate", "an epoch of \(loader.dataset.count) samples has no batch")
  let layers = model.namedModules.compactMap { entry -> Recalibration.Member? in
    guard let layer = entry.module as? any PopulationNormalized, layer.isTracking else { return nil }
    return Recalibration.Member(path: entry.name, layer: layer)
  }
  if layers.isEmpty { return }
  let before = layers.flatMap { $0.layer.namedBuffers.map { (buffer: $0.buffer, body: $0.buffer.body) } }
  do {
    try withoutGradients {
      try model.with(.evaluation) {
        if inOnePass {
          for member in layers { member.layer.isTraining = true }
          try Recalibration(layers).measure({ try read(.max) }, combine)
        } else {
          let order = try Recalibration(layers).order { try read(1) }
          for member in order { try Recalibration([member]).measure({ try read(.max) }, combine) }
        }
      }
    }
  } catch {
    for entry in before { entry.buffer.body = entry.body }
    throw error
  }
}

/// A measurement of some layers at once.
private struct Recalibration {
  struct Member {
    let path: String
    let layer: any PopulationNormalized
  }

  let members: [Member]

  init(_ members: [Member]) { self.members = members }

  /// The members that the first batch reaches, in the order in which they run.
  func order(_ runFirst: () throws -> Void) rethrows -> [Member] {
    let order = Mutex<[Int]>([])
    try withExtendedLifetime(
      members.enumerated().map { index, member in
        member.layer.watch { _ in order.withLock { if !$0.contains(index) { $0.append(index) } } }
      }
    ) { try runFirst() }
    return order.withLock { $0 }.map { members[$0] }
  }

  /// Measures all members over the batches, then gives each its statistics.
  func measure(_ runAll: () throws -> Void, _ combine: (([PopulationSums]) throws -> Void)?) rethrows {
    let sums = members.map { _ in PopulationSums(keepsBatches: combine != nil) }
    try withExtendedLifetime(zip(members, sums).map { member, sums in member.layer.watch { sums.add($0()) } }) {
      try runAll()
    }
    try combine?(sums)
    for (member, sums) in zip(members, sums) {
      let found = sums.value
      if found.batches == 0 { continue }
      check(
        found.count > found.batches, "recalibrate",
        "one value per channel in every batch: its variance says nothing, in \(member.path)")
      member.layer.take(found)
    }
  }
}

/// What a batch says of every channel, or what several say together.
private struct BatchStatistics: Sendable {
  /// How many values a channel has.
  var count = 0
  var batches = 0
  /// Sums of the values.
  var sums: [Double] = []
  /// Sums of the squared distances from the batch's own mean.
  var squares: [Double] = []
}

private final class PopulationSums: Sendable {
  private let state = Mutex(BatchStatistics())
  /// Each batch by itself, where other ranks have more of them.
  private let kept = Mutex<[BatchStatistics]>([])
  private let keepsBatches: Bool

  init(keepsBatches: Bool) { self.keepsBatches = keepsBatches }

  var value: BatchStatistics { state.withLock { $0 } }
  var batches: [BatchStatistics] { kept.withLock { $0 } }

  func reset() {
    state.withLock { $0 = BatchStatistics() }
    kept.withLock { $0 = [] }
  }

  func add(_ batch: BatchStatistics) {
    if keepsBatches { kept.withLock { $0.append(batch) } }
    state.withLock { all in
      if all.batches == 0 {
        all = batch
        return
      }
      all.count += batch.count
      all.batches += batch.batches
      for channel in batch.sums.indices {
        all.sums[channel] += batch.sums[channel]
        all.squares[channel] += batch.squares[channel]
      }
    }
  }
}

/// A batch normalization of either scalar type.
private protocol PopulationNormalized: ModeDependent {
  var isTracking: Bool { get }
  /// Calls with every input's statistics, worked out where they are asked for.
  func watch(_ notice: @escaping @Sendable (() -> BatchStatistics) -> Void) -> LayerObservation
  func take(_ statistics: BatchStatistics)
}

extension BatchNorm: PopulationNormalized {
  fileprivate var isTracking: Bool { runningMean != nil }

  fileprivate func watch(_ notice: @escaping @Sendable (() -> BatchStatistics) -> Void) -> LayerObservation {
    observe { (call: LayerCall<Scalar>) in
      notice {
        let input = call.input.cast(to: Double.self)
        let axes = input.shape.indices.filter { $0 != 1 }
        let count = input.count / Swift.max(input.shape[1], 1)
        return BatchStatistics(
          count: count, batches: 1, sums: input.sum(along: axes).scalars,
          squares: (input.variance(along: axes, correction: 0) * Double(count)).scalars)
      }
    }
  }

  fileprivate func take(_ statistics: BatchStatistics) {
    let count = Double(statistics.count)
    let free = Double(statistics.count - statistics.batches)
    runningMean?.value = Tensor(statistics.sums.map { Scalar($0 / count) })
    runningVar?.value = Tensor(statistics.squares.map { Scalar($0 / free) })
    numBatchesTracked?.value = Tensor(statistics.batches)
  }
}
