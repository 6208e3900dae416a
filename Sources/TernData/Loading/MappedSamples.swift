import TernBackend
import TernTensor

/// The samples of another data set, each transformed by itself.
///
/// The transform's random numbers, as of augmentation, depend on the loader's seed, the epoch, the sample and the stage
/// alone: each mapping of a mapping is a stage of its own.
public struct MappedSamples<Source: SampleDataset, Sample: Sendable, Batch: Sendable>: SampleDataset {
  /// The data set that is transformed.
  public let source: Source
  /// How many mappings deep this is, from 1.
  public let stage: Int
  private let transform: @Sendable (Source.Sample) throws(Source.Failure) -> Sample
  private let join: @Sendable ([Sample]) -> Batch

  init(
    _ source: Source, _ transform: @escaping @Sendable (Source.Sample) throws(Source.Failure) -> Sample,
    collate: @escaping @Sendable ([Sample]) -> Batch
  ) {
    self.source = source
    self.transform = transform
    join = collate
    stage = 1 + ((source as? any StagedDataset)?.lastStage ?? 0)
  }

  /// How many samples there are.
  public var count: Int { source.count }

  /// The sample at `index`, transformed.
  public func sample(_ index: Int) throws(Source.Failure) -> Sample {
    let sample = try source.sample(index)
    return try Random.withSample(index, stage: stage) { () throws(Source.Failure) -> Sample in try transform(sample) }
  }

  /// The batch of `samples`, in their order.
  public func collate(_ samples: [Sample]) -> Batch { join(samples) }
}

extension MappedSamples: FingerprintedDataset where Source: FingerprintedDataset {
  /// That of the samples before they are transformed.
  public var fingerprint: String { source.fingerprint }
}

/// A data set that says how many stages of random numbers its samples have gone through.
protocol StagedDataset {
  var lastStage: Int { get }
}

extension MappedSamples: StagedDataset {
  var lastStage: Int { stage }
}

extension Subset: StagedDataset {
  var lastStage: Int { (source as? any StagedDataset)?.lastStage ?? 0 }
}

extension SampleDataset {
  /// These samples, each transformed by itself: on the loader's threads, under the random numbers of the sample.
  ///
  /// ```swift
  /// let noisy = train.map { sample in
  ///   sample.withInput(sample.input + Tensor(randomNormal: sample.input.shape, deviation: 0.1))
  /// }
  /// ```
  public func map<Result: Collatable>(
    _ transform: @escaping @Sendable (Sample) throws(Failure) -> Result, file: StaticString = #fileID,
    line: UInt = #line
  ) -> MappedSamples<Self, Result, Result.Batch> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return MappedSamples(self, transform, collate: { Result.collate($0) })
  }

  /// These samples, each transformed by itself, and put together by `collate`: batches of any structure.
  ///
  /// ```swift
  /// let pairs = texts.map { text in (tokens(text.question), tokens(text.answer)) } collate: { samples in
  ///   (PaddedBatch(samples.map(\.0)), PaddedBatch(samples.map(\.1), padding: -1))
  /// }
  /// ```
  public func map<Result: Sendable, Batch: Sendable>(
    _ transform: @escaping @Sendable (Sample) throws(Failure) -> Result,
    collate: @escaping @Sendable ([Result]) -> Batch, file: StaticString = #fileID, line: UInt = #line
  ) -> MappedSamples<Self, Result, Batch> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return MappedSamples(self, transform, collate: collate)
  }
}
