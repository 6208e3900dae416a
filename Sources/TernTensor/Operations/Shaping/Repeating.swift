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
    var result = unchanged("rolled")
    for (shift, axis) in zip(shifts, axes) {
      let axis = resolve(axis: axis, rank: rank, "rolled")
      let extent = shape[axis]
      if extent == 0 { continue }
      let start = (extent - shift % extent) % extent
      if start == 0 { continue }
      result = concatenate(
        [
          result.narrowed(axis: axis, start: start, length: extent - start),
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
