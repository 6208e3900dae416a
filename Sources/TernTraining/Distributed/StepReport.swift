import TernBackend
import TernNN
import TernTensor

/// What the shards of one rank gave besides gradients, as it is told to all ranks.
struct StepReport {
  /// A loss that is not finite, of a shard: which of its batches, and the value.
  struct Broken: Equatable {
    var batch: Int
    var value: Double
    /// Where its random numbers began.
    var generator: RandomGenerator.State
  }
  /// What one shard gave.
  struct Shard {
    var total = LossTotal()
    var broken: Broken?
    /// The statistics of its own batch, by the layer's number in the model.
    var notes: [(layer: Int, found: NotedStatistics)] = []
  }

  /// Whether this rank asks all to stop after the step; what it means is the trainer's.
  var flags: UInt64 = 0
  /// Why the rank cannot go on.
  var failure: String?
  /// Which parameters have a gradient, or may get one.
  var isPresent: [Bool] = []
  /// Whether it had a shard that saw the statistics of all.
  var hasShared = false
  /// Whether the first shard changed buffers of another kind.
  var changedBuffers = false
  /// The rank's shards, in order.
  var shards: [Shard] = []

  /// Which parameters have a gradient, or may get one, on some rank.
  static func isPresent(_ reports: [StepReport]) -> [Bool] {
    reports.dropFirst().reduce(reports[0].isPresent) { joined, report in
      zip(joined, report.isPresent).map { $0 || $1 }
    }
  }

  var bytes: [UInt8] {
    var parcel = Parcel()
    parcel.add(flags)
    parcel.add(failure != nil)
    parcel.add(failure ?? "")
    parcel.add(isPresent.map { $0 ? 1 : 0 as UInt8 })
    parcel.add(hasShared)
    parcel.add(changedBuffers)
    parcel.add(shards.count)
    for shard in shards {
      parcel.add(shard.total)
      parcel.add(shard.broken != nil)
      parcel.add(shard.broken?.batch ?? 0)
      parcel.add(shard.broken?.value ?? 0)
      parcel.add(shard.broken?.generator.seed ?? 0)
      parcel.add(shard.broken?.generator.draws ?? 0)
      parcel.addNotes(shard.notes)
    }
    return parcel.bytes
  }

  init() {}

  init(_ bytes: [UInt8]) {
    var reader = ParcelReader(bytes)
    flags = reader.word()
    let hasFailed = reader.bool()
    let reason = reader.text()
    failure = hasFailed ? reason : nil
    isPresent = reader.block().map { $0 != 0 }
    hasShared = reader.bool()
    changedBuffers = reader.bool()
    for _ in 0..<reader.int() {
      var shard = Shard()
      shard.total = reader.total()
      let isBroken = reader.bool()
      let broken = Broken(
        batch: reader.int(), value: reader.double(),
        generator: RandomGenerator.State(seed: reader.word(), draws: reader.word()))
      shard.broken = isBroken ? broken : nil
      shard.notes = reader.notes()
      shards.append(shard)
    }
  }
}

extension Parcel {
  mutating func addNotes(_ notes: [(layer: Int, found: NotedStatistics)]) {
    add(notes.count)
    for note in notes {
      add(note.layer)
      add(note.found.count)
      add(note.found.isShared)
      add(note.found.mean)
      add(note.found.variance)
    }
  }
}

extension ParcelReader {
  mutating func notes() -> [(layer: Int, found: NotedStatistics)] {
    (0..<max(int(), 0)).map { _ in
      let (layer, count, isShared) = (int(), int(), bool())
      return (layer, NotedStatistics(mean: doubles(), variance: doubles(), count: count, isShared: isShared))
    }
  }
}
