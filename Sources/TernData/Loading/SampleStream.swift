import TernBackend
import TernTensor

/// Samples that come one after another, nobody knows how many: lines of files, records of a program.
///
/// ```swift
/// let texts = SequenceStream { epoch in readLines(ofFile: epoch % 8) }
/// let loader = StreamLoader(texts.packed(tokenizer, length: 128), batchSize: 8, window: 32, seed: 1)
/// let batches = try loader.batches()
/// while let batch = try batches.next() { … }
/// ```
public protocol SampleStream<Sample>: Sendable {
  /// A sample, without the axis of samples.
  associatedtype Sample: Sendable

  /// What gives the samples of an epoch, one a call, from the one numbered `first` on; `nil` behind the last.
  ///
  /// The same epoch has the same samples each time. A stream that knows a shorter way to `first` than reading takes it.
  func reader(ofEpoch epoch: Int, from first: Int) throws -> () throws -> Sample?
}

/// The elements of a sequence, made anew for each epoch.
public struct SequenceStream<Sample: Sendable>: SampleStream {
  private let make: @Sendable (Int) throws -> any Sequence<Sample>

  /// The elements of what `make` makes of an epoch's number, from 0.
  public init(_ make: @escaping @Sendable (Int) throws -> any Sequence<Sample>) { self.make = make }

  /// What gives the elements from the one numbered `first` on.
  public func reader(ofEpoch epoch: Int, from first: Int) throws -> () throws -> Sample? {
    func reader(_ elements: some Sequence<Sample>) -> () throws -> Sample? {
      var iterator = elements.makeIterator()
      for _ in 0..<first { if iterator.next() == nil { break } }
      return { iterator.next() }
    }
    return reader(try make(epoch))
  }
}

/// The samples of a stream, each changed by a function.
public struct MappedStream<Source: SampleStream, Sample: Sendable>: SampleStream {
  /// Where the samples come from.
  public let source: Source
  private let transform: @Sendable (Source.Sample) throws -> Sample

  fileprivate init(_ source: Source, _ transform: @escaping @Sendable (Source.Sample) throws -> Sample) {
    (self.source, self.transform) = (source, transform)
  }

  /// What gives the samples from the one numbered `first` on; only those are changed.
  public func reader(ofEpoch epoch: Int, from first: Int) throws -> () throws -> Sample? {
    let next = try source.reader(ofEpoch: epoch, from: first)
    return { try next().map(transform) }
  }
}

extension SampleStream {
  /// These samples, each changed by `transform`, which may draw random numbers: they depend on the loader's seed, the epoch
  /// and the number of the sample alone.
  public func map<Result: Sendable>(
    _ transform: @escaping @Sendable (Sample) throws -> Result
  ) -> MappedStream<Self, Result> { MappedStream(self, transform) }
}

/// A stream in batches, which can be taken up again in the middle.
///
/// Where there is a window, so many batches are read at once and their samples put in a random order, which depends on the
/// seed, the epoch and the number of the window alone.
public struct StreamLoader<Source: SampleStream>: Sendable where Source.Sample: Collatable {
  /// The samples.
  public let stream: Source
  /// How many samples a batch has; the last one of an epoch may have fewer.
  public let batchSize: Int
  /// How many batches are put in a random order at once; 0 where they come as they are.
  public let window: Int
  /// Whether a last batch that is not full is left out.
  public let dropsLast: Bool
  /// What the orders, and the samples' random numbers, depend on.
  public let seed: UInt64

  /// A loader over `stream`; stops for a batch size below 1 and a negative window.
  public init(
    _ stream: Source, batchSize: Int = 1, window: Int = 0, dropLast: Bool = false, seed: UInt64 = 0,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(batchSize > 0, "StreamLoader", "a batch size of \(batchSize) (at least 1)")
    check(
      window >= 0 && !batchSize.multipliedReportingOverflow(by: window).overflow, "StreamLoader",
      "a window of \(window) batches (at least 0)")
    (self.stream, self.batchSize, self.window) = (stream, batchSize, window)
    (dropsLast, self.seed) = (dropLast, seed)
  }

  /// The batches of an epoch from where another reading was: the same as those that it would have had.
  ///
  /// - Throws: what the stream throws when it is opened.
  public func batches(
    from position: LoadingPosition = LoadingPosition(epoch: 0, batch: 0), file: StaticString = #fileID,
    line: UInt = #line
  ) throws -> StreamBatches<Source> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      position.epoch >= 0 && position.batch >= 0 && position.batch <= Int.max / batchSize, "StreamLoader",
      "batch \(position.batch) of epoch \(position.epoch)")
    return try StreamBatches(self, position)
  }
}

/// The batches of an epoch of a stream.
public final class StreamBatches<Source: SampleStream> where Source.Sample: Collatable {
  private let loader: StreamLoader<Source>
  private let read: () throws -> Source.Sample?
  /// The number of the sample that is read next.
  private var number: Int
  /// What is left of the window.
  private var samples: ArraySlice<Source.Sample> = []
  private var isOver = false
  /// Where the reading is: before the first batch that was not yet taken.
  public private(set) var position: LoadingPosition

  fileprivate init(_ loader: StreamLoader<Source>, _ position: LoadingPosition) throws {
    self.loader = loader
    self.position = position
    // Whole windows are passed over, the one in which the batch is, is read again.
    let window = max(loader.window, 1)
    let behind = position.batch % window
    number = (position.batch - behind) * loader.batchSize
    read = try loader.stream.reader(ofEpoch: position.epoch, from: number)
    if behind > 0 {
      self.position.batch -= behind
      try fill()
      self.position.batch += behind
      samples = samples.dropFirst(behind * loader.batchSize)
    }
  }

  /// Reads a window.
  private func fill() throws {
    let window = max(loader.window, 1)
    var found: [Source.Sample] = []
    let key = LoadingKey(seed: loader.seed, epoch: position.epoch)
    while found.count < window * loader.batchSize {
      let sample: Source.Sample?
      do {
        sample = try LoadingKey.run(key) { try Random.withSample(number) { try read() } }
      } catch {
        isOver = true
        throw SampleError<any Error>(index: number, batch: position.batch, epoch: position.epoch, underlying: error)
      }
      guard let sample else { break }
      found.append(sample)
      number += 1
    }
    if loader.window > 0 {
      let generator = RandomGenerator(
        seed: loader.seed ^ 0x7769_6E64_6F77_7321, stream: UInt64(position.epoch),
        counter: UInt64(position.batch / window))
      let unsorted = found
      found = generator.permutation(found.count).map { unsorted[$0] }
    }
    samples = found[...]
  }

  /// The next batch; `nil` after the last.
  ///
  /// - Throws: `SampleError` with the number of the sample that the stream could not read; no batch comes after it, and
  ///   `batches(from: position)` of the loader tries again.
  public func next() throws -> Source.Sample.Batch? {
    if isOver { return nil }
    if samples.isEmpty { try fill() }
    let batch = samples.prefix(loader.batchSize)
    if batch.isEmpty || loader.dropsLast && batch.count < loader.batchSize {
      isOver = true
      return nil
    }
    samples = samples.dropFirst(loader.batchSize)
    position.batch += 1
    return Source.Sample.collate(Array(batch))
  }
}
