import Synchronization
import TernData
import TernNN
import TernTensor

/// What the samples of a step gave, by the places of their batches among those of the step.
final class SampleNotes: Sendable {
  private let noted = Mutex<[Int: SampleOutcomes]>([:])

  func clear() { noted.withLock { $0.removeAll(keepingCapacity: true) } }

  /// Notes a batch; where it is asked for again, as by a second update of the step, the first answer counts.
  func note(_ number: Int, _ outcomes: SampleOutcomes) {
    noted.withLock { if $0[number] == nil { $0[number] = outcomes } }
  }

  var all: [(number: Int, outcomes: SampleOutcomes)] {
    noted.withLock { $0.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
  }
}

extension Trainer {
  /// The loss of a batch; what its samples gave is noted where a history asks for it.
  func noted(
    _ number: Int, _ batch: Source.Batch, _ loss: (Source.Batch) throws -> StepLoss
  ) throws -> StepLoss {
    guard let sampleNotes else { return try loss(batch) }
    let result = try SampleOutcomes.$isAsked.withValue(true) { try loss(batch) }
    if let samples = result.samples { sampleNotes.note(number, samples) }
    return result
  }

  /// The places in the data set of the samples of each batch of a step that comes next, in the order of its batches.
  func sampleIndices(of input: StepInput<Source.Batch>) -> [[Int]] {
    if sampleOrder?.epoch != progress.epoch {
      sampleOrder = (progress.epoch, loader.sampleOrder(ofEpoch: progress.epoch))
    }
    guard let order = sampleOrder?.samples else { return [] }
    let numbers = progress.batch..<progress.batch + input.count
    func samples(_ number: Int, _ range: Range<Int>) -> [Int] {
      let start = number * loader.batchSize
      return Array(order[start + range.lowerBound..<start + range.upperBound])
    }
    guard let engine else { return numbers.map { samples($0, 0..<loader.sampleCount(ofBatch: $0)) } }
    return engine.own.flatMap { shard in
      numbers.map { samples($0, engine.tree.samples(of: shard, count: loader.sampleCount(ofBatch: $0))) }
        .filter { !$0.isEmpty }
    }
  }

  /// The places in the data set of the samples of a batch of this epoch.
  func sampleIndices(ofBatch number: Int) -> [Int] {
    if sampleOrder?.epoch != progress.epoch {
      sampleOrder = (progress.epoch, loader.sampleOrder(ofEpoch: progress.epoch))
    }
    let start = number * loader.batchSize
    guard let order = sampleOrder?.samples, start < order.count else { return [] }
    return Array(order[start..<min(start + loader.batchSize, order.count)])
  }

  /// Tells the history of the samples of a step that was made, those of all ranks.
  func recordSamples(_ input: StepInput<Source.Batch>) throws {
    guard sampleHistory != nil, let sampleNotes else { return }
    let indices = sampleIndices(of: input)
    var found = sampleNotes.all.compactMap { number, outcomes -> (samples: [Int], outcomes: SampleOutcomes)? in
      indices.indices.contains(number) && indices[number].count == outcomes.count
        ? (indices[number], outcomes) : nil
    }
    if communicator.count > 1 {
      var parcel = Parcel()
      parcel.add(found.count)
      for entry in found {
        parcel.add(entry.samples.map(Double.init))
        parcel.add(entry.outcomes)
      }
      found = []
      for bytes in try communicator.allGather(parcel.bytes, name: "the losses of samples") {
        var reader = ParcelReader(bytes)
        for _ in 0..<reader.int() { found.append((reader.doubles().map { Int($0) }, reader.outcomes())) }
      }
    }
    for entry in found { sampleHistory?.record(entry.outcomes, at: entry.samples, epoch: progress.epoch + 1) }
  }
}
