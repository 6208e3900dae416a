import TernBackend
import TernTensor

/// Which samples an epoch has, and in what order: a function of the loader's seed and the epoch.
public struct Sampler: Sendable {
  /// What it is called in messages.
  let name: String
  /// How many samples an epoch has; as many as the data set where it is `nil`.
  public let count: Int?
  /// How many samples the data set has to have; any where it is `nil`.
  let datasetCount: Int?
  /// Whether it draws once an epoch at most.
  let takesOneDraw: Bool
  let order: @Sendable (_ count: Int, _ batchSize: Int, _ generator: RandomGenerator) -> [Int]

  private init(
    _ name: String, count: Int? = nil, datasetCount: Int? = nil, takesOneDraw: Bool = false,
    _ order: @escaping @Sendable (_ count: Int, _ batchSize: Int, _ generator: RandomGenerator) -> [Int]
  ) {
    (self.name, self.count, self.datasetCount) = (name, count, datasetCount)
    (self.takesOneDraw, self.order) = (takesOneDraw, order)
  }

  /// An order of one's own.
  ///
  /// - Parameters:
  ///   - count: how many samples an epoch has; as many as the data set where it is `nil`.
  ///   - order: from the data set's count and the epoch's generator to so many indices. Called for every epoch.
  public init(
    count: Int? = nil, order: @escaping @Sendable (_ count: Int, _ generator: RandomGenerator) -> [Int],
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check((count ?? 0) >= 0, "Sampler", "\(count ?? 0) samples (at least 0)")
    self.init("Sampler", count: count) { count, _, generator in order(count, generator) }
  }

  /// Every sample once, in the order of the data set.
  public static let sequential = Sampler("Sampler.sequential", takesOneDraw: true) { count, _, _ in Array(0..<count) }

  /// Every sample once, in a random order of each epoch.
  public static let shuffled = Sampler("Sampler.shuffled", takesOneDraw: true) { count, _, generator in
    generator.permutation(count)
  }

  /// Samples drawn by weight: sample i with a probability in proportion to wᵢ.
  ///
  /// - Parameters:
  ///   - weights: one for each sample, finite and at least 0; they need not sum to 1.
  ///   - count: how many samples an epoch has; as many as there are weights, without replacement as many as are above 0,
  ///     where it is `nil`.
  ///   - replacing: whether a sample may come again in one epoch.
  ///
  /// Stops for other weights, for such as are all 0, and for more samples than there are without replacement.
  public static func weighted(
    _ weights: [Double], count: Int? = nil, replacing: Bool = true, file: StaticString = #fileID, line: UInt = #line
  ) -> Sampler {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let name = "Sampler.weighted"
    if let index = weights.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
      fail(name, "weight \(index) is \(weights[index]), expected a finite number, at least 0")
    }
    let positive = weights.count { $0 > 0 }
    check(positive > 0, name, weights.isEmpty ? "no weights" : "the weights are all 0")
    let drawn = count ?? (replacing ? weights.count : positive)
    check(drawn > 0, name, "\(drawn) samples (at least 1)")
    check(replacing || drawn <= positive, name, "\(drawn) of \(positive) samples without replacement")
    let table = Tensor(weights)
    return Sampler(name, count: drawn, datasetCount: weights.count) { _, _, generator in
      table.multinomial(drawn, replacing: replacing, generator: generator).scalars
    }
  }

  /// Every class as often as any other, to one sample, in a random order: samples of rare classes come again, those of
  /// frequent ones are left out in turn. No sample comes again before all of its class came.
  ///
  /// - Parameters:
  ///   - classes: one for each sample.
  ///   - count: how many samples an epoch has; as many as there are in the data set where it is `nil`.
  public static func balanced(
    _ classes: [Int], count: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> Sampler {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let name = "Sampler.balanced"
    check(!classes.isEmpty, name, "no classes")
    let drawn = count ?? classes.count
    check(drawn > 0, name, "\(drawn) samples (at least 1)")
    let groups = Dictionary(grouping: classes.indices) { classes[$0] }.sorted { $0.key < $1.key }.map(\.value)
    return Sampler(name, count: drawn, datasetCount: classes.count) { _, _, generator in
      // Which classes have one more is drawn as well.
      let places = generator.permutation(groups.count)
      var chosen: [Int] = []
      for (place, group) in groups.enumerated() {
        var left = drawn / groups.count + (places[place] < drawn % groups.count ? 1 : 0)
        while left > 0 {
          let order = generator.permutation(group.count).prefix(left)
          chosen += order.map { group[$0] }
          left -= order.count
        }
      }
      return generator.permutation(drawn).map { chosen[$0] }
    }
  }

  /// Every sample once, in batches of about one length: windows of a random order are sorted by length, divided into
  /// batches, and those shuffled.
  ///
  /// - Parameters:
  ///   - lengths: one for each sample.
  ///   - window: how many batches a window has, at least 1: more of them leave less to be filled up, fewer more to chance.
  public static func byLength(
    _ lengths: [Int], window: Int = 50, file: StaticString = #fileID, line: UInt = #line
  ) -> Sampler {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(window > 0, "Sampler.byLength", "a window of \(window) batches (at least 1)")
    return Sampler("Sampler.byLength", datasetCount: lengths.count) { count, batchSize, generator in
      let order = generator.permutation(count)
      let (width, overflows) = batchSize.multipliedReportingOverflow(by: window)
      var result: [Int] = []
      result.reserveCapacity(count)
      for start in stride(from: 0, to: count, by: overflows ? max(count, 1) : width) {
        let end = min(start + (overflows ? count : width), count)
        // The numbers break ties, so that the order does not depend on how it is sorted.
        let sorted = order[start..<end].sorted { (lengths[$0], $0) < (lengths[$1], $1) }
        let full = sorted.count / batchSize
        for batch in generator.permutation(full) { result += sorted[batch * batchSize..<(batch + 1) * batchSize] }
        // Only the last window may have a batch that is not full; it is the epoch's last.
        result += sorted[(full * batchSize)...]
      }
      return result
    }
  }
}
