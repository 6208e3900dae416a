import TernBackend
import TernTensor

/// Samples that are made one by one; batches are put together of them.
///
/// ```swift
/// struct Recordings: SampleDataset {
///   let files: [String]
///   var count: Int { files.count }
///   func sample(_ index: Int) throws -> LabeledSample<Float, Int> {
///     LabeledSample(try read(files[index]), label: index % 10)
///   }
/// }
/// ```
///
/// A batch is what ``Collatable`` makes of the samples: tensors are stacked, a ``LabeledSample`` becomes a
/// ``LabeledBatch``, dictionaries and arrays of them likewise, a ``SampleSequence`` is padded. Samples of any other type
/// say how by conforming, or come through ``SampleDataset/map(_:collate:file:line:)``.
///
/// While a loader makes a batch, a sample's random numbers are a function of the loader's seed, the epoch and the sample,
/// whatever the threads, the size of the batches, the order, and the place where a training was taken up.
public protocol SampleDataset<Sample>: Dataset {
  /// One sample, without the axis of samples.
  associatedtype Sample: Sendable
  // Repeated, so that the compiler finds them by what `collate` returns and what `sample` throws.
  associatedtype Batch
  associatedtype Failure: Error = Never

  /// The sample at `index`, in 0 ..< count.
  func sample(_ index: Int) throws(Failure) -> Sample

  /// The batch of `samples`, in their order; what ``Collatable`` says where they conform.
  func collate(_ samples: [Sample]) -> Batch
}

extension SampleDataset {
  /// The samples at `indices`, each made under the random numbers of its own.
  public func samples(_ indices: [Int]) throws(Failure) -> [Sample] {
    var samples: [Sample] = []
    samples.reserveCapacity(indices.count)
    for index in indices {
      samples.append(try Random.withSample(index) { () throws(Failure) -> Sample in try sample(index) })
    }
    return samples
  }

  /// The samples at `indices`, put together.
  public func batch(_ indices: [Int]) throws(Failure) -> Batch { collate(try samples(indices)) }
}

extension SampleDataset {
  /// The sample at `index`, in 0 ..< count.
  @_disfavoredOverload
  public subscript(index: Int) -> Sample { get throws { try sample(index) } }
}

extension SampleDataset where Failure == Never {
  /// The sample at `index`, in 0 ..< count.
  public subscript(index: Int) -> Sample { sample(index) }
}

extension SampleDataset where Sample: Collatable {
  /// The batch of `samples`, in their order.
  public func collate(_ samples: [Sample]) -> Sample.Batch { Sample.collate(samples) }
}

/// Samples that a function makes of their indices.
///
/// ```swift
/// let circles = Samples(count: 1000) { index in LabeledSample(circle(index), label: index % 2) }
/// ```
public struct Samples<Sample: Sendable, Batch: Sendable, Failure: Error>: SampleDataset {
  /// How many samples there are.
  public let count: Int
  private let make: @Sendable (Int) throws(Failure) -> Sample
  private let join: @Sendable ([Sample]) -> Batch

  /// `count` samples, each made by `make` from its index; `collate` puts them together to batches.
  ///
  /// - Parameters:
  ///   - count: The number of samples.
  ///   - make: Makes the sample of an index.
  ///   - collate: Puts samples together to a batch.
  public init(
    count: Int, _ make: @escaping @Sendable (Int) throws(Failure) -> Sample,
    collate: @escaping @Sendable ([Sample]) -> Batch, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(count >= 0, "Samples", "\(count) samples (at least 0)")
    (self.count, self.make, join) = (count, make, collate)
  }

  /// The sample at `index`.
  public func sample(_ index: Int) throws(Failure) -> Sample { try make(index) }

  /// The batch of `samples`, in their order.
  public func collate(_ samples: [Sample]) -> Batch { join(samples) }
}

extension Samples where Sample: Collatable, Batch == Sample.Batch {
  /// `count` samples, each made by `make` from its index.
  ///
  /// - Parameters:
  ///   - count: The number of samples.
  ///   - make: Makes the sample of an index.
  public init(
    count: Int, _ make: @escaping @Sendable (Int) throws(Failure) -> Sample, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self.init(count: count, make, collate: { Sample.collate($0) })
  }
}
