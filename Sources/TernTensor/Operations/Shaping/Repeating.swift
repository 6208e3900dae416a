import TernBackend

// The same elements again and in other places: rolling, tiling, repeating, grids.

extension Tensor {
  /// The elements moved along some axes; what leaves at one end comes in at the other.
  ///
  /// - Parameters:
  ///   - shifts: by how many places, one for each axis; negative ones move to the front.
  ///   - axes: which axes; `nil` moves in the row-major order of all elements, by one shift.
  public func rolled(by shifts: [Int], along axes: [Int]? = nil, file: StaticString = #fileID, line: UInt = #line)
    -> Tensor
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    guard let axes else {
      check(shifts.count == 1, "rolled", "\(shifts.count) shifts without axes; one is wanted")
      return reshaped([count]).rolled(by: shifts, along: [0]).reshaped(shape)
    }
    check(shifts.count == axes.count, "rolled", "\(shifts.count) shifts for \(axes.count) axes")
    // For every axis, which index comes first.
    var starts = [Int](repeating: 0, count: rank)
    for (shift, axis) in zip(shifts, axes) {
      let axis = resolve(axis: axis, rank: rank, "rolled")
      let extent = Swift.max(shape[axis], 1)
      starts[axis] = (starts[axis] + extent - shift % extent) % extent
    }
    if OperationObservers.isListening { return rolledInParts(starts) }
    return isEmpty || starts.allSatisfy { $0 == 0 } ? unchanged("rolled") : rolled(from: starts)
  }

  /// The elements moved along axes of which these indices come first, in one pass.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func rolled(from starts: [Int]) -> Tensor {
    let source = layout.isDense ? self : detached().contiguous
    let order = source.layout.memoryOrder
    let result = Tensor(uninitialized: Layout(shape, order: order))
    let innermost = order.lastIndex { starts[$0] != 0 }!
    // Rows of the innermost axis that is moved, which are written in two parts.
    let inner = order[(innermost + 1)...].reduce(1) { $0 * shape[$1] }
    let row = shape[order[innermost]] * inner
    let tail = starts[order[innermost]] * inner
    let head = row - tail
    // Where the rows come from, where axes before it are moved, too.
    var rows = [0]
    if order[..<innermost].contains(where: { starts[$0] != 0 }) {
      for axis in order[..<innermost] {
        let extent = shape[axis]
        rows = rows.flatMap { row in (0..<extent).map { row * extent + ($0 + starts[axis]) % extent } }
      }
    }
    let isInOrder = rows.count == 1
    let (out, x) = (result.mutablePointer, source.pointer)
    Workers.run(count: count / row, grain: Swift.max(1, StridedLoop.grain / row)) { range in
      var first = range.lowerBound
      while first < range.upperBound {
        // Rows that follow each other in both, as many as the L1 cache has room for.
        let from = isInOrder ? first : rows[first]
        var (length, most) = (1, Swift.min(Swift.max(1, 4096 / row), range.upperBound - first))
        if isInOrder { length = most }
        while length < most && rows[first + length] == from + length { length += 1 }
        most = length
        let (target, source) = (out + first * row, x + from * row)
        Scalar.copy2D(most, head, target, row, 1, source + tail, row, 1)
        Scalar.copy2D(most, tail, target + head, row, 1, source, row, 1)
        first += most
      }
    }
    return withExtendedLifetime(source) { result }.moved("rolled", from: self) { [shape] gradient in
      gradient.rolled(by: starts, along: Array(shape.indices))
    }
  }

  /// The same of operations that others know.
  private func rolledInParts(_ starts: [Int]) -> Tensor {
    var result = unchanged("rolled")
    for (axis, start) in starts.enumerated() where start != 0 {
      result = concatenate(
        [
          result.narrowed(axis: axis, start: start, length: shape[axis] - start),
          result.narrowed(axis: axis, start: 0, length: start),
        ], along: axis)
    }
    return result
  }

  /// The elements moved along one axis, or in the row-major order of all.
  public func rolled(by shift: Int, along axis: Int? = nil, file: StaticString = #fileID, line: UInt = #line) -> Tensor
  {
    rolled(by: [shift], along: axis.map { [$0] }, file: file, line: line)
  }

  /// The whole tensor repeated along its axes, the last counts for the last axes; more counts than axes make new ones.
  ///
  /// Gradient: the sum over the repetitions.
  public func tiled(_ counts: [Int], file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(counts.allSatisfy { $0 >= 0 }, "tiled", "\(counts) has a negative count")
    let rank = Swift.max(rank, counts.count)
    let counts = [Int](repeating: 1, count: rank - counts.count) + counts
    let extents = [Int](repeating: 1, count: rank - shape.count) + shape
    check(
      Layout.holds(counts + extents), "tiled", "\(shape) repeated \(counts) times is more than a tensor can hold (2⁴⁸)")
    return reshaped(extents.flatMap { [1, $0] })
      .broadcast(to: zip(counts, extents).flatMap { [$0, $1] })
      .reshaped(zip(counts, extents).map { $0 * $1 })
  }

  /// Every element repeated in place along an axis, or in the row-major order of all.
  public func repeatingElements(_ times: Int, along axis: Int? = nil, file: StaticString = #fileID, line: UInt = #line)
    -> Tensor
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(times >= 0, "repeatingElements", "\(times) times")
    guard let axis else { return reshaped([count]).repeatingElements(times, along: 0) }
    let at = resolve(axis: axis, rank: rank, "repeatingElements")
    var (wide, result) = (shape, shape)
    wide.insert(times, at: at + 1)
    check(
      Layout.holds(wide), "repeatingElements",
      "axis \(at) of \(shape) \(times) times is more than a tensor can hold (2⁴⁸)")
    result[at] *= times
    return expandedAxis(at: at + 1).broadcast(to: wide).reshaped(result)
  }

  /// Every slice of an axis repeated as often as `times` says for it.
  public func repeatingElements(
    _ times: Tensor<Int>, along axis: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    guard let axis else { return reshaped([count]).repeatingElements(times, along: 0) }
    let at = resolve(axis: axis, rank: rank, "repeatingElements")
    check(
      times.shape == [shape[at]] || times.count == 1 && times.rank <= 1, "repeatingElements",
      "counts \(times.shape) for axis \(at) of \(shape)")
    if times.count == 1 { return repeatingElements(times.item, along: at) }
    var (indices, total): ([Int], Int) = ([], 0)
    let counts = times.scalars
    for count in counts {
      check(count >= 0, "repeatingElements", "\(count) times")
      Sizes.check(count, "repeatingElements", "a count of")
      total += count
    }
    MemoryPool.require(count: total, of: 16, "repeatingElements", "\(total) slices of axis \(at) of \(shape)")
    for (index, count) in counts.enumerated() {
      indices += [Int](repeating: index, count: count)
    }
    return taking(Tensor<Int>(indices), along: at)
  }
}

/// Which of a grid's axes the first vector runs along.
public enum GridIndexing: Sendable {
  /// The first vector along axis 0, the second along axis 1.
  case ij
  /// The first vector along axis 1, the second along axis 0, as x and y in a picture.
  case xy
}

/// The coordinates of a grid: for every vector a tensor in which it runs along its own axis and repeats along the others.
///
/// Vectors of n₀, n₁, … elements (a single value counts as one) give tensors [n₀, n₁, …], [n₁, n₀, …] with `xy`: views.
public func meshgrid<Scalar: TensorScalar>(
  _ vectors: [Tensor<Scalar>], indexing: GridIndexing = .ij, file: StaticString = #fileID, line: UInt = #line
) -> [Tensor<Scalar>] {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  for vector in vectors { check(vector.rank <= 1, "meshgrid", "\(vector.shape) is no vector") }
  var places = Array(vectors.indices)
  if indexing == .xy && places.count > 1 { places.swapAt(0, 1) }
  var shape = [Int](repeating: 1, count: vectors.count)
  for (vector, place) in zip(vectors, places) { shape[place] = vector.count }
  return zip(vectors, places).map { vector, place in
    var own = [Int](repeating: 1, count: vectors.count)
    own[place] = vector.count
    return vector.reshaped(own).broadcast(to: shape)
  }
}
