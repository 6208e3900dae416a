import TernBackend
import TernTensor

/// The samples of several data sets, one set after the other.
///
/// Equal indices of two of them are different samples, with random numbers of their own.
public struct ConcatenatedDataset<Sample: Sendable, Batch: Sendable, Failure: Error>: SampleDataset {
  /// Where the samples of each set begin, and where the last one ends.
  public let starts: [Int]
  let lastStage: Int
  private let parts: [@Sendable (Int) throws(Failure) -> Sample]
  private let join: @Sendable ([Sample]) -> Batch

  /// How many samples there are.
  public var count: Int { starts[starts.count - 1] }

  fileprivate init(
    _ counts: [Int], lastStage: Int, _ parts: [@Sendable (Int) throws(Failure) -> Sample],
    _ join: @escaping @Sendable ([Sample]) -> Batch
  ) {
    self.lastStage = lastStage
    self.parts = parts
    self.join = join
    starts = counts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
  }

  /// The sample at `index`, counted from the first of the first set; stops for one that is not there.
  public func sample(_ index: Int) throws(Failure) -> Sample {
    check(index >= 0 && index < count, "ConcatenatedDataset", "index \(index) is not in 0 ..< \(count)")
    // The last that begins there: sets may be empty.
    var (low, high) = (0, parts.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= index { low = middle } else { high = middle }
    }
    let (part, own) = (low, index - starts[low])
    return try LoadingKey.run(LoadingKey.current?.ofPart(part)) { () throws(Failure) -> Sample in
      try Random.withSample(own) { () throws(Failure) -> Sample in try parts[part](own) }
    }
  }

  /// The batch of `samples`, in their order, as the first set makes it.
  public func collate(_ samples: [Sample]) -> Batch { join(samples) }
}

extension SampleDataset {
  /// These samples and then those of `other`.
  public func concatenated<Other: SampleDataset>(
    with other: Other, file: StaticString = #fileID, line: UInt = #line
  ) -> ConcatenatedDataset<Sample, Batch, Failure> where Other.Sample == Sample, Other.Failure == Failure {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return ConcatenatedDataset(
      [count, other.count], lastStage: deepestStage([self, other]),
      [
        { index throws(Failure) -> Sample in try sample(index) },
        { index throws(Failure) -> Sample in try other.sample(index) },
      ],
      { collate($0) })
  }

  /// These samples, each together with that of `other` at the same index; stops where those are not as many.
  ///
  /// The random numbers of the two are not the same. What is to be drawn once for both, as one place to crop an image and
  /// its mask, is drawn in a mapping of the result.
  public func zipped<Other: SampleDataset>(
    with other: Other, file: StaticString = #fileID, line: UInt = #line
  ) -> ZippedDataset<Self, Other> where Other.Failure == Failure {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(count == other.count, "zipped", "\(count) samples with \(other.count)")
    return ZippedDataset(first: self, second: other)
  }
}

extension Array where Element: SampleDataset {
  /// The samples of all these sets, one set after the other; stops where there is no set.
  public func concatenated(
    file: StaticString = #fileID, line: UInt = #line
  ) -> ConcatenatedDataset<Element.Sample, Element.Batch, Element.Failure> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    guard let first else { fail("concatenated", "no data sets") }
    return ConcatenatedDataset(
      map(\.count), lastStage: deepestStage(map { $0 as Any }),
      map { part in { index throws(Element.Failure) -> Element.Sample in try part.sample(index) } },
      { first.collate($0) })
  }
}

/// The samples of two data sets in pairs.
public struct ZippedDataset<First: SampleDataset, Second: SampleDataset>: SampleDataset
where Second.Failure == First.Failure {
  /// A pair.
  public typealias Sample = (First.Sample, Second.Sample)
  /// The batches of both.
  public typealias Batch = (First.Batch, Second.Batch)

  /// Where the first of each pair comes from.
  public let first: First
  /// Where the second of each pair comes from.
  public let second: Second

  /// How many pairs there are.
  public var count: Int { first.count }

  /// The samples of both at `index`.
  public func sample(_ index: Int) throws(First.Failure) -> Sample {
    let own = try first.sample(index)
    let other = try LoadingKey.run(LoadingKey.current?.ofPart(1)) { () throws(First.Failure) -> Second.Sample in
      try Random.withSample(index) { () throws(First.Failure) -> Second.Sample in try second.sample(index) }
    }
    return (own, other)
  }

  /// The batches of both.
  public func collate(_ samples: [Sample]) -> Batch {
    (first.collate(samples.map(\.0)), second.collate(samples.map(\.1)))
  }
}

extension ZippedDataset: FingerprintedDataset where First: FingerprintedDataset, Second: FingerprintedDataset {
  /// Those of both.
  public var fingerprint: String { "\(first.fingerprint)-\(second.fingerprint)" }
}

// A mapping of the result is a stage behind those of all that it was made of.

extension ConcatenatedDataset: StagedDataset {}

extension ZippedDataset: StagedDataset {
  var lastStage: Int { deepestStage([first, second]) }
}

private func deepestStage(_ sets: [Any]) -> Int {
  sets.map { ($0 as? any StagedDataset)?.lastStage ?? 0 }.max() ?? 0
}
