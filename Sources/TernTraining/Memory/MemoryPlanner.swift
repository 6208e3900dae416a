import TernBackend
import TernNN
import TernTensor

/// Chooses the batches that are run, and extends what they took to others.
final class MemoryPlanner {
  /// What counts beside the steps themselves.
  struct Additions {
    /// Batches of data beside that of the step.
    var batches = 0
    /// The most that tensors and other memory take between steps: in a score, or while a checkpoint is written.
    var betweenSteps = 0
    /// The fewest samples that are run.
    var leastSamples = 2
    /// The most samples of a batch.
    var mostSamples = MemoryPlan.mostSamples
  }

  /// Bytes of a batch that is run beside what is kept between steps, where that is less, and the seconds of its step.
  static let mostBytes = 64 << 20
  static let mostSeconds = 1.0

  private let measure: (Int) throws -> MemoryTrace
  var additions: Additions
  private var traces: [Int: MemoryTrace] = [:]

  init(_ additions: Additions = Additions(), measure: @escaping (Int) throws -> MemoryTrace) {
    (self.additions, self.measure) = (additions, measure)
  }

  /// The batches that were run.
  var measuredBatchSizes: [Int] { traces.keys.sorted() }

  private func trace(_ batch: Int) throws -> MemoryTrace {
    if let known = traces[batch] { return known }
    let found = try measure(batch)
    traces[batch] = found
    return found
  }

  /// A batch and its halves down to the fewest samples, rounded up; the smallest first.
  private func halves(of batch: Int) -> [Int] {
    var sizes = [batch]
    while let last = sizes.last, (last + 1) / 2 >= additions.leastSamples, last > 1 { sizes.append((last + 1) / 2) }
    return sizes.reversed()
  }

  /// The prediction for a batch.
  func prediction(_ batch: Int) throws -> MemoryPrediction {
    let sizes = halves(of: batch)
    var (small, large): (Int?, Int) = (nil, 0)
    while large + 1 < sizes.count {
      guard let next = try nextSize(sizes, small, large) else { break }
      (small, large) = (large, next)
    }
    // A quarter of it, where there is one: the rounding is the same, and the difference large.
    if large > 0 { small = max(0, large - 2) }
    return MemoryPrediction(batch: batch, from: try small.map { try trace(sizes[$0]) }, try trace(sizes[large]))
  }

  /// The next size that costs little to run, after two that are known, or one; `nil` where there is none.
  private func nextSize(_ sizes: [Int], _ small: Int?, _ large: Int) throws -> Int? {
    let known = try trace(sizes[large])
    let other = try small.map { try trace(sizes[$0]) }
    let allowed = max(Self.mostBytes, known.keptBytes)
    return [large + 2, large + 1].first { index in
      guard index < sizes.count else { return false }
      // A second size there has to be.
      if index == 1 { return true }
      let next = MemoryPrediction(batch: sizes[index], from: other, known)
      return next.top.peak - known.keptBytes <= allowed
        && known.seconds * Double(sizes[index]) / Double(known.batch) <= Self.mostSeconds
    }
  }

  /// The prediction from the smallest batch alone, which costs little and is rather too high.
  func roughPrediction(_ batch: Int) throws -> MemoryPrediction {
    MemoryPrediction(batch: batch, from: nil, try trace(halves(of: batch)[0]))
  }

  /// What counts against a limit.
  func needed(_ prediction: MemoryPrediction, _ limit: MemoryLimit) -> Int {
    let ahead = additions.batches * prediction.dataBytes
    let step = (limit.kind == .addresses ? prediction.addresses : prediction.top.peak) + ahead
    return max(step, additions.betweenSteps)
  }

  /// The limit that leaves least beside what is needed.
  func tightest(_ prediction: MemoryPrediction, _ limits: [MemoryLimit]) -> MemoryLimit {
    limits.min { needed(prediction, $0) - $0.tensorBytes > needed(prediction, $1) - $1.tensorBytes }
      ?? MemoryLimit(.machine, bytes: MemoryPool.machineBytes)
  }

  /// Whether what is needed is there.
  func fits(_ prediction: MemoryPrediction, _ limits: [MemoryLimit]) -> Bool {
    limits.allSatisfy { needed(prediction, $0) <= $0.tensorBytes }
  }

  /// The largest batch that fits; 0 for none.
  func largestBatch(from start: MemoryPrediction, _ limits: [MemoryLimit]) throws -> Int {
    let most = additions.mostSamples
    let small = traces.values.filter { $0.batch < start.trace.batch }.max { $0.batch < $1.batch }
    /// By what is known: other batches have other roundings.
    func guess(_ fits: (MemoryPrediction) -> Bool) -> Int {
      var (low, high) = (0, most)
      while low < high {
        let middle = low + (high - low + 1) / 2
        let isExact = middle == start.trace.batch
        if fits(MemoryPrediction(batch: middle, from: isExact ? nil : small, start.trace)) {
          low = middle
        } else {
          high = middle - 1
        }
      }
      return low
    }
    var batch = guess { fits($0, limits) }
    var best = fits(start, limits) ? min(start.batch, most) : 0
    for attempt in 0..<16 where batch > best && batch >= additions.leastSamples {
      let found = try prediction(batch)
      if fits(found, limits) {
        best = batch
        break
      }
      // Down by what it is over. Roundings make steps of up to a quarter of a tensor, so that a little less may take as much.
      let ratio =
        limits.map { limit in
          let fixed = found.trace.parameterBytes
          return Double(max(limit.tensorBytes - fixed, 0)) / Double(max(needed(found, limit) - fixed, 1))
        }.min() ?? 1
      batch = min(batch - 1, Int(Double(batch) * min(ratio, attempt == 0 ? 0.998 : 0.96)))
    }
    return best
  }
}
