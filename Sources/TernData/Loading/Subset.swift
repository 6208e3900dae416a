import TernBackend
import TernTensor

/// Some samples of another data set, in an order of their own; one may be there more than once.
public struct Subset<Source: Dataset>: Dataset {
  /// The data set that they are taken from.
  public let source: Source
  /// Which of its samples these are.
  public let indices: [Int]

  /// The samples of `source` at `indices`; stops for one that is not there.
  ///
  /// - Parameters:
  ///   - source: The data set.
  ///   - indices: The indices, in their order.
  public init(_ source: Source, indices: [Int], file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    if let index = indices.first(where: { $0 < 0 || $0 >= source.count }) {
      fail("Subset", "index \(index) is not in 0 ..< \(source.count)")
    }
    self.source = source
    self.indices = indices
  }

  /// The samples of `source` in a range: `Subset(train, 0 ..< 1000)`; stops where it goes beyond them.
  ///
  /// - Parameters:
  ///   - source: The data set.
  ///   - range: The range.
  public init(_ source: Source, _ range: Range<Int>, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      range.lowerBound >= 0 && range.upperBound <= source.count, "Subset",
      "\(range.lowerBound) ..< \(range.upperBound) is not within 0 ..< \(source.count)")
    self.source = source
    indices = Array(range)
  }

  /// How many samples there are.
  public var count: Int { indices.count }

  /// Where the sample at `index` of these is in the data set. Stops where there is none.
  fileprivate func place(of index: Int) -> Int {
    check(indices.indices.contains(index), "Subset", "sample \(index) is not in 0 ..< \(count)")
    return indices[index]
  }

  /// The samples at `indices` of these.
  public func batch(_ indices: [Int]) throws(Source.Failure) -> Source.Batch {
    try source.batch(indices.map(place(of:)))
  }
}

extension Subset: SampleDataset where Source: SampleDataset {
  /// The sample at `index` of these.
  public func sample(_ index: Int) throws(Source.Failure) -> Source.Sample {
    let own = place(of: index)
    return try Random.withSample(own) { () throws(Source.Failure) -> Source.Sample in try source.sample(own) }
  }

  /// The batch of `samples`, in their order.
  public func collate(_ samples: [Source.Sample]) -> Source.Batch { source.collate(samples) }
}

extension Subset: FingerprintedDataset where Source: FingerprintedDataset {
  /// A short text that depends on the other data set and on which of its samples these are.
  public var fingerprint: String {
    var result = Fingerprint()
    result.add(source.fingerprint)
    for index in indices { result.add(index) }
    return result.text
  }
}
