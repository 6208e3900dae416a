import TernBackend

/// Sequences of several lengths without padding: the values of all sequences at the first time, then at the second, and so
/// on, the longest sequence first. What ``rnn(_:hidden:weights:activation:bidirectional:dropout:file:line:)`` and its
/// relatives read without a wasted step.
public struct PackedSequence<Scalar: TensorScalar>: Sendable {
  /// [Σ lengths, …].
  public let data: Tensor<Scalar>
  /// How many sequences have a value at each time; never rising.
  public let batchSizes: [Int]
  /// The sequences in the order of their lengths, the longest first.
  public let sortedIndices: [Int]

  /// Packs a padded batch.
  ///
  /// Gradient: of the values that are packed; padding has none, and does not matter.
  /// - Parameters:
  ///   - padded: [T, N, …], or [N, T, …] batch first.
  ///   - lengths: of each sequence, 0 … T.
  ///   - batchFirst: whether the batch is the first axis.
  ///
  /// Stops where the lengths do not fit.
  public init(
    _ padded: Tensor<Scalar>, lengths: [Int], batchFirst: Bool = false, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let name = "PackedSequence"
    check(padded.rank >= 2, name, "\(padded.shape) has no times and no batch")
    let (times, count) = (padded.shape[batchFirst ? 1 : 0], padded.shape[batchFirst ? 0 : 1])
    check(lengths.count == count, name, "\(lengths.count) lengths for \(count) sequences of \(padded.shape)")
    for (i, length) in lengths.enumerated() {
      check(length >= 0 && length <= times, name, "length \(length) of sequence \(i) outside 0...\(times)")
    }
    self.init(lengths) { places in
      let flat = places.map { time, sequence in batchFirst ? sequence * times + time : time * count + sequence }
      return padded.reshaped([times * count] + padded.shape.dropFirst(2)).taking(Tensor<Int>(flat), along: 0)
    }
  }

  /// Packs sequences [length, …], which agree behind the first axis. Stops for none, and where they do not agree.
  ///
  /// - Parameter sequences: The sequences.
  public init(_ sequences: [Tensor<Scalar>], file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let starts = sequenceStarts(sequences, "PackedSequence")
    self.init(sequences.map { $0.shape[0] }) { places in
      concatenate(sequences, along: 0).taking(Tensor<Int>(places.map { starts[$1] + $0 }), along: 0)
    }
  }

  /// - Parameter data: the packed values from their places, (time, sequence).
  private init(_ lengths: [Int], _ data: ([(Int, Int)]) -> Tensor<Scalar>) {
    // Equal lengths stay in order.
    let sorted = lengths.indices.sorted { lengths[$0] == lengths[$1] ? $0 < $1 : lengths[$0] > lengths[$1] }
    let total = lengths.reduce(0) { $0.addingReportingOverflow($1).partialValue }
    MemoryPool.require(count: lengths.max() ?? 0, of: 32, "PackedSequence", "sequences of \(lengths.max() ?? 0) times")
    MemoryPool.require(count: Swift.max(total, 0), of: 32, "PackedSequence", "\(total) values")
    var sizes: [Int] = []
    var alive = lengths.count
    for time in 0..<(lengths.max() ?? 0) {
      while alive > 0 && lengths[sorted[alive - 1]] <= time { alive -= 1 }
      sizes.append(alive)
    }
    (batchSizes, sortedIndices) = (sizes, sorted)
    self.data = data(Self.places(sizes, sorted))
  }

  private init(data: Tensor<Scalar>, batchSizes: [Int], sortedIndices: [Int]) {
    (self.data, self.batchSizes, self.sortedIndices) = (data, batchSizes, sortedIndices)
  }

  /// The place of each value: its time and its sequence.
  private static func places(_ sizes: [Int], _ sorted: [Int]) -> [(Int, Int)] {
    sizes.enumerated().flatMap { time, size in (0..<size).map { (time, sorted[$0]) } }
  }

  /// How many sequences there are.
  public var count: Int { sortedIndices.count }

  /// The length of each sequence, in the order they came in.
  public var lengths: [Int] {
    var lengths = [Int](repeating: 0, count: count)
    for size in batchSizes { for rank in 0..<size { lengths[sortedIndices[rank]] += 1 } }
    return lengths
  }

  /// Where each sequence is among the sorted ones.
  public var unsortedIndices: [Int] {
    var ranks = [Int](repeating: 0, count: count)
    for (rank, sequence) in sortedIndices.enumerated() { ranks[sequence] = rank }
    return ranks
  }

  /// The same sequences of other values, such as a layer's: [Σ lengths, …]. Stops for another number of values.
  public func replacingData<Other: TensorScalar>(
    _ data: Tensor<Other>, file: StaticString = #fileID, line: UInt = #line
  ) -> PackedSequence<Other> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      data.rank >= 1 && data.shape[0] == self.data.shape[0], "PackedSequence",
      "data \(data.shape) for \(self.data.shape[0]) values")
    return PackedSequence<Other>(data: data, batchSizes: batchSizes, sortedIndices: sortedIndices)
  }

  /// The sequences as a padded batch, [T, N, …], or [N, T, …] batch first.
  ///
  /// - Parameters:
  ///   - batchFirst: whether the batch is the first axis.
  ///   - value: what stands behind the end of a sequence.
  ///   - length: T, at least the longest sequence's, which it is when `nil`.
  public func padded(
    batchFirst: Bool = false, value: Scalar = .zero, length: Int? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> Tensor<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let times = length ?? batchSizes.count
    check(times >= batchSizes.count, "padded", "a length of \(times), the longest sequence has \(batchSizes.count)")
    let rows = Sizes.saturated(times, times: count)
    let flat = Self.places(batchSizes, sortedIndices)
      .map { time, sequence in batchFirst ? sequence * times + time : time * count + sequence }
    return Tensor(full: [rows] + data.shape.dropFirst(), value)
      .replacing(Tensor<Int>(flat), along: 0, with: data)
      .reshaped((batchFirst ? [count, times] : [times, count]) + data.shape.dropFirst())
  }

  /// The sequences one by one, [length, …] each, in the order they came in.
  public func unpacked() -> [Tensor<Scalar>] {
    let all = padded(batchFirst: true)
    return lengths.enumerated().map { all[$0].narrowed(axis: 0, start: 0, length: $1) }
  }
}

/// On which side of the shorter sequences the padding is.
public enum PaddingSide: Sendable {
  /// Before the first value.
  case left
  /// Behind the last one.
  case right
}

/// Sequences [length, …] side by side, the shorter ones padded to the longest: [T, N, …], or [N, T, …] batch first.
///
/// - Parameters:
///   - sequences: of equal shapes behind the first axis, at least one.
///   - batchFirst: whether the batch is the first axis.
///   - value: what is put beside the shorter ones.
///   - side: on which side of them.
///
/// Stops for no sequences, and where they do not agree.
public func padSequences<Scalar: TensorScalar>(
  _ sequences: [Tensor<Scalar>], batchFirst: Bool = false, value: Scalar = .zero, side: PaddingSide = .right,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  _ = sequenceStarts(sequences, "padSequences")
  let (count, times) = (sequences.count, sequences.map { $0.shape[0] }.max() ?? 0)
  MemoryPool.require(
    count: Sizes.saturated(times, times: count), of: 8, "padSequences", "\(count) sequences of up to \(times)")
  if !OperationObservers.isListening {
    return padded(sequences, times: times, batchFirst: batchFirst, value: value, side: side)
  }
  var places: [Int] = []
  for (index, sequence) in sequences.enumerated() {
    let first = side == .right ? 0 : times - sequence.shape[0]
    for time in first..<first + sequence.shape[0] {
      places.append(batchFirst ? index * times + time : time * count + index)
    }
  }
  let rest = Array(sequences[0].shape.dropFirst())
  return Tensor(full: [times * count] + rest, value)
    .replacing(Tensor<Int>(places), along: 0, with: concatenate(sequences, along: 0))
    .reshaped((batchFirst ? [count, times] : [times, count]) + rest)
}

/// Each sequence copied to its place among the padding.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func padded<Scalar: TensorScalar>(
  _ sequences: [Tensor<Scalar>], times: Int, batchFirst: Bool, value: Scalar, side: PaddingSide
) -> Tensor<Scalar> {
  let (count, rest) = (sequences.count, Array(sequences[0].shape.dropFirst()))
  let result = Tensor<Scalar>(uninitialized: (batchFirst ? [count, times] : [times, count]) + rest)
  let (out, inner) = (result.mutablePointer, Layout.product(rest))
  // From one time to the next.
  let step = batchFirst ? inner : count * inner
  let firsts = sequences.map { side == .right ? 0 : times - $0.shape[0] }
  Workers.run(count: count, grain: Swift.max(1, StridedLoop.grain / Swift.max(1, times * inner))) { range in
    for index in range {
      let source = sequences[index].detached().contiguous
      let (length, first) = (source.shape[0], firsts[index])
      let own = out + index * (batchFirst ? times * inner : inner)
      Scalar.copy2D(length, inner, own + first * step, step, 1, source.pointer, inner, 1)
      let padding = side == .right ? length..<times : 0..<first
      for time in padding { Scalar.fill(inner, own + time * step, 1, value) }
      withExtendedLifetime(source) {}
    }
  }
  return result.recorded("padSequences", fromAll: sequences) { [lengths = sequences.map { $0.shape[0] }] d in
    for (index, length) in lengths.enumerated() {
      d.send(index) {
        d.gradient.selected(axis: batchFirst ? 0 : 1, index: index)
          .narrowed(axis: 0, start: firsts[index], length: length)
      }
    }
  }
}

/// The sequences of a padded batch, [length, …] each: the inverse of ``padSequences(_:batchFirst:value:side:file:line:)``.
///
/// - Parameters:
///   - padded: [T, N, …], or [N, T, …] batch first.
///   - lengths: of each sequence, 0 … T.
///   - batchFirst: whether the batch is the first axis.
///
/// Stops where the lengths do not fit.
public func unpadSequences<Scalar: TensorScalar>(
  _ padded: Tensor<Scalar>, lengths: [Int], batchFirst: Bool = false, file: StaticString = #fileID,
  line: UInt = #line
) -> [Tensor<Scalar>] {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let name = "unpadSequences"
  check(padded.rank >= 2, name, "\(padded.shape) has no times and no batch")
  let (times, count) = (padded.shape[batchFirst ? 1 : 0], padded.shape[batchFirst ? 0 : 1])
  check(lengths.count == count, name, "\(lengths.count) lengths for \(count) sequences of \(padded.shape)")
  return lengths.enumerated().map { index, length in
    check(length >= 0 && length <= times, name, "length \(length) of sequence \(index) outside 0...\(times)")
    return padded.selected(axis: batchFirst ? 0 : 1, index: index).narrowed(axis: 0, start: 0, length: length)
  }
}

/// Where each sequence begins in all of them one after the other; stops for none, and where they do not agree.
private func sequenceStarts<Scalar: TensorScalar>(_ sequences: [Tensor<Scalar>], _ operation: String) -> [Int] {
  check(!sequences.isEmpty, operation, "no sequences")
  var (starts, end): ([Int], Int) = ([], 0)
  for (index, sequence) in sequences.enumerated() {
    check(sequence.rank >= 1, operation, "sequence \(index) is a single value")
    check(
      sequence.shape.dropFirst() == sequences[0].shape.dropFirst(), operation,
      "sequence \(index) of shape \(sequence.shape) beside \(sequences[0].shape)")
    starts.append(end)
    end = end.addingReportingOverflow(sequence.shape[0]).partialValue
  }
  return starts
}
