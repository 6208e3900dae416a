import TernBackend

// Distinct values, counts, places in sorted order, one-hot rows. None of them has derivatives but for what it copies.

extension Tensor {
  /// The distinct values in ascending order, where each element's value stands among them, and how often each occurs.
  ///
  /// NaN differs from itself. Returns values [k], inverse (the tensor's shape) and counts [k].
  public func unique(file: StaticString = #fileID, line: UInt = #line) -> (
    values: Tensor, inverse: Tensor<Int>, counts: Tensor<Int>
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let flat = detached().reshaped([count])
    if let counted = countedValues(flat) { return counted }
    let (sorted, order) = flat.sorted(along: 0)
    let groups = Groups(startsAfter: sorted.dropping(1, .first) .!= sorted.dropping(1, .last), count: count)
    let inverse = Tensor<Int>(uninitialized: shape)
    Int.scatter(count, inverse.mutablePointer, 1, order.pointer, groups.numbers.pointer)
    withExtendedLifetime((order, groups)) {}
    return (sorted.taking(groups.starts), inverse, groups.lengths)
  }

  /// The distinct slices of an axis, in ascending order of their first element that differs.
  ///
  /// Returns the slices, for each slice of this tensor where it stands among them, and how often each occurs.
  public func unique(along axis: Int, file: StaticString = #fileID, line: UInt = #line) -> (
    values: Tensor, inverse: Tensor<Int>, counts: Tensor<Int>
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let axis = resolve(axis: axis, rank: rank, "unique")
    let extent = shape[axis]
    let width = Layout.product(shape.enumerated().filter { $0.offset != axis }.map(\.element))
    let rows = detached().movingAxis(axis, to: 0).reshaped([extent, width]).contiguous
    // Stable sorts by the last column first, by the first column last.
    var order = Tensor<Int>(0..<extent)
    for column in (0..<(extent > 1 ? width : 0)).reversed() {
      order = order.taking(rows[.all, .index(column)].taking(order).argsort(along: 0))
    }
    let sorted = rows.taking(order)
    let differs = (sorted.dropping(1, .first) .!= sorted.dropping(1, .last)).any(along: 1)
    let groups = Groups(startsAfter: differs, count: extent)
    return (
      detached().taking(order.taking(groups.starts), along: axis),
      Tensor<Int>(zeros: [extent]).scattering(groups.numbers, at: order, along: 0), groups.lengths
    )
  }

  /// The runs of equal elements in row-major order: the element of each, in which run each element is, and their lengths.
  ///
  /// NaN differs from itself. Returns values [k], inverse (the tensor's shape) and counts [k].
  public func uniqueConsecutive(file: StaticString = #fileID, line: UInt = #line) -> (
    values: Tensor, inverse: Tensor<Int>, counts: Tensor<Int>
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let flat = detached().reshaped([count]).contiguous
    let groups = Groups(startsAfter: flat.dropping(1, .first) .!= flat.dropping(1, .last), count: count)
    return (flat.taking(groups.starts), groups.numbers.reshaped(shape), groups.lengths)
  }

  /// The runs of equal slices along an axis: the slice of each, in which run each slice is, and their lengths.
  public func uniqueConsecutive(along axis: Int, file: StaticString = #fileID, line: UInt = #line) -> (
    values: Tensor, inverse: Tensor<Int>, counts: Tensor<Int>
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let axis = resolve(axis: axis, rank: rank, "uniqueConsecutive")
    let extent = shape[axis]
    let width = Layout.product(shape.enumerated().filter { $0.offset != axis }.map(\.element))
    let rows = detached().movingAxis(axis, to: 0).reshaped([extent, width]).contiguous
    let differs = (rows.dropping(1, .first) .!= rows.dropping(1, .last)).any(along: 1)
    let groups = Groups(startsAfter: differs, count: extent)
    return (detached().taking(groups.starts, along: axis), groups.numbers, groups.lengths)
  }

  /// ``unique(file:line:)`` of integers by a table of what lies between the least and the greatest; `nil` where that is long
  /// beside what there is.
  private func countedValues(
    _ flat: Tensor
  ) -> (values: Tensor, inverse: Tensor<Int>, counts: Tensor<Int>)? {
    if Scalar.self is any FloatingScalar.Type || Scalar.dtype == .bfloat16 || count == 0 { return nil }
    let x = flat.cast(to: Int.self).contiguous
    let (low, high) = (x.min().item, x.max().item)
    let (distance, isTooLarge) = high.subtractingReportingOverflow(low)
    if isTooLarge || distance >= Swift.max(1024, count) { return nil }
    let inverse = Tensor<Int>(uninitialized: shape)
    // First how often each value occurs, then where it stands.
    var table = [Int](repeating: 0, count: distance + 1)
    let (values, counts) = table.withUnsafeMutableBufferPointer { table in
      let (at, table, out) = (x.pointer, table.baseAddress!, inverse.mutablePointer)
      for i in 0..<count { table[at[i] &- low] &+= 1 }
      var (values, counts): ([Int], [Int]) = ([], [])
      for value in 0...distance where table[value] > 0 {
        counts.append(table[value])
        table[value] = values.count
        values.append(value &+ low)
      }
      Workers.run(count: count, grain: StridedLoop.grain) { range in
        for i in range { out[i] = table[at[i] &- low] }
      }
      return (values, counts)
    }
    withExtendedLifetime(x) {}
    return (Tensor<Int>(values).cast(to: Scalar.self), inverse, Tensor<Int>(counts))
  }

  private enum End { case first, last }

  /// Without `length` slices at one end of the first axis; whole where there are none.
  private func dropping(_ length: Int, _ end: End) -> Tensor {
    let rest = Swift.max(0, shape[0] - length)
    return narrowed(axis: 0, start: end == .first ? shape[0] - rest : 0, length: rest)
  }
}

/// Runs of equal elements in a sorted list.
private struct Groups {
  let starts: Tensor<Int>
  let lengths: Tensor<Int>
  /// For every element the number of its run.
  let numbers: Tensor<Int>

  /// - Parameter startsAfter: whether element i + 1 differs from element i.
  init(startsAfter: Tensor<Bool>, count: Int) {
    let differs = startsAfter.contiguous
    let ends = differs.pointer
    var runs = Swift.min(count, 1)
    for i in 0..<Swift.max(0, count - 1) { runs += ends[i] ? 1 : 0 }
    let (bounds, lengths) = (Tensor<Int>(uninitialized: [runs + 1]), Tensor<Int>(uninitialized: [runs]))
    let (bound, length) = (bounds.mutablePointer, lengths.mutablePointer)
    numbers = Tensor<Int>(shape: [count]) { number in
      // Every place is written as the end of its run until there is a later one: no branch depends on values.
      var run = 0
      bound[0] = 0
      for i in 0..<Swift.max(0, count - 1) {
        number[i] = run
        bound[run + 1] = i + 1
        run += ends[i] ? 1 : 0
      }
      if count > 0 { (number[count - 1], bound[run + 1]) = (run, count) }
      for i in 0..<runs { length[i] = bound[i + 1] - bound[i] }
    }
    let starts = bounds.narrowed(axis: 0, start: 0, length: runs)
    withExtendedLifetime(differs) {}
    (self.starts, self.lengths) = (starts, lengths)
  }
}

extension Tensor where Scalar == Int {
  /// How often each of 0, 1, … occurs: [max + 1], or `minimumLength` where that is longer.
  ///
  /// Stops for negative numbers.
  public func binCounts(minimumLength: Int = 0, file: StaticString = #fileID, line: UInt = #line) -> Tensor<Int> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let bins = flatBins(minimumLength)
    let (flat, length) = (bins.indices.detached().contiguous, bins.length)
    // Chunks count for themselves where that takes little memory; sums of whole numbers have no order.
    let chunk = Swift.max(StridedLoop.grain, 16 * length)
    let chunks = Swift.max(1, (flat.count + chunk - 1) / chunk)
    let parts = Tensor<Int>(uninitialized: [chunks, length])
    let (counts, at) = (parts.mutablePointer, flat.pointer)
    Workers.run(chunks: chunks) { part in
      let own = counts + part * length
      own.update(repeating: 0, count: length)
      for i in part * chunk..<Swift.min((part + 1) * chunk, flat.count) { own[at[i]] &+= 1 }
    }
    withExtendedLifetime(flat) {}
    return chunks == 1 ? parts.reshaped([length]) : parts.sum(along: [0])
  }

  /// The sums of the weights of each of 0, 1, …: [max + 1], or `minimumLength` where that is longer.
  ///
  /// Stops for negative numbers, and where the weights have another shape.
  public func binCounts<Weight: NumericScalar>(
    weights: Tensor<Weight>, minimumLength: Int = 0,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Weight> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(weights.shape == shape, "binCounts", "weights \(weights.shape) for \(shape)")
    let bins = flatBins(minimumLength)
    return Tensor<Weight>(zeros: [bins.length]).adding(weights.reshaped([count]), at: bins.indices)
  }

  private func flatBins(_ minimumLength: Int) -> (indices: Tensor<Int>, length: Int) {
    check(isEmpty || min().item >= 0, "binCounts", "negative numbers have no bin")
    let largest = isEmpty ? -1 : max().item
    Sizes.check([largest, minimumLength], "binCounts", "a bin or length of")
    return (reshaped([count]), Swift.max(minimumLength, largest + 1))
  }

  /// Rows of zeros with a one where this says: [.., classes].
  ///
  /// - Parameter classes: how many; the greatest index and one where left out.
  /// Stops for an index outside 0 ..< classes.
  public func oneHot(classes: Int? = nil, file: StaticString = #fileID, line: UInt = #line) -> Tensor<Int> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let largest = isEmpty || classes != nil ? -1 : max().item
    Sizes.check([largest, classes ?? 0], "oneHot", "a class or number of classes of")
    let classes = classes ?? largest + 1
    check(classes >= 0, "oneHot", "\(classes) classes")
    let zeros = Tensor(zeros: shape + [classes])
    if !OperationObservers.isListening, zeros.setOnes(at: contiguous) { return zeros }
    return zeros.scattering(1, at: expandedAxis(at: -1), along: -1)
  }

  /// Writes 1 into each row of this tensor at its index; `false` where an index is outside.
  private func setOnes(at indices: Tensor<Int>) -> Bool {
    let (out, index, classes) = (mutablePointer, indices.pointer, shape[rank - 1])
    for row in 0..<indices.count {
      let place = index[row]
      if place < 0 || place >= classes { return false }
      out[row * classes + place] = 1
    }
    return withExtendedLifetime(indices) { true }
  }
}

/// Where values would stand in a sorted sequence: sequence[i − 1] < value ≤ sequence[i], or ≤ and < from the right.
///
/// - Parameters:
///   - sequence: ascending along the last axis; a vector, or with the leading axes of the values.
///   - right: behind equals and not before them.
/// - Returns: the shape of the values; NaN stands behind all others.
public func searchSorted<Scalar: NumericScalar>(
  _ sequence: Tensor<Scalar>, _ values: Tensor<Scalar>, right: Bool = false, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Int> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(sequence.rank >= 1, "searchSorted", "the sequence has rank 0")
  let n = sequence.shape[sequence.rank - 1]
  let rows = Layout.product(Array(sequence.shape.dropLast()))
  check(
    sequence.rank == 1 || sequence.shape.dropLast() == values.shape.dropLast(), "searchSorted",
    "sequence \(sequence.shape) and values \(values.shape) differ in their leading axes")
  let each = sequence.rank == 1 ? values.count : values.shape.last ?? 1
  let (edges, wanted) = (sequence.detached().contiguous, values.detached().contiguous)
  return Tensor<Int>(shape: values.shape) { out in
    let (x, v) = (edges.pointer, wanted.pointer)
    Workers.run(count: rows * each, grain: 4096) { range in
      Scalar.search(range, v, among: x, n, each, right: right, out)
    }
  }
}

extension NumericScalar {
  /// Where values stand in sorted rows of n: `each` values after each other have one row.
  fileprivate static func search(
    _ range: Range<Int>, _ values: UnsafePointer<Self>, among x: UnsafePointer<Self>, _ n: Int, _ each: Int,
    right: Bool, _ out: UnsafeMutablePointer<Int>
  ) {
    var first = range.lowerBound
    while first < range.upperBound {
      // The values of one row.
      let number = first / each
      let end = Swift.min(range.upperBound, (number + 1) * each)
      searchSorted(right: right, end - first, out + first, values + first, among: x + number * n, n)
      first = end
    }
  }
}

/// Where values would stand in a sequence that some indices put in order along its last axis; see
/// ``searchSorted(_:_:right:file:line:)``.
///
/// - Parameter sorter: of the shape of the sequence, as ``Tensor/argsort(along:descending:file:line:)`` gives them.
public func searchSorted<Scalar: NumericScalar>(
  _ sequence: Tensor<Scalar>, _ values: Tensor<Scalar>, sorter: Tensor<Int>, right: Bool = false,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Int> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(sequence.rank >= 1, "searchSorted", "the sequence has rank 0")
  check(
    sorter.shape == sequence.shape, "searchSorted", "sorter \(sorter.shape) for the sequence \(sequence.shape)")
  return searchSorted(sequence.detached().gathered(sorter, along: -1), values, right: right)
}
