import TernBackend

/// The inner products Σ aᵢ·bᵢ of vectors along an axis; the shapes broadcast.
///
/// - Parameter axis: along which the vectors lie, of the broadcast shape; it disappears.
public func vecdot<Scalar: FloatingScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, along axis: Int = -1, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(a.rank > 0 && b.rank > 0, "vecdot", "\(a.shape) and \(b.shape) are not vectors")
  let shape = broadcastShape(a.shape, b.shape, "vecdot")
  let at = resolve(axis: axis, rank: shape.count, "vecdot")
  return (a * b).sum(along: at)
}

/// The inner products of all vectors along the last axis of a with all of b: […, n] and [*, n] give […, *].
///
/// A scalar multiplies the other operand.
public func inner<Scalar: NumericScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  if a.rank == 0 || b.rank == 0 { return a * b }
  check(
    a.shape.last == b.shape.last, "inner",
    "the last axes of \(a.shape) and \(b.shape) differ (\(a.shape.last!) ≠ \(b.shape.last!))")
  return tensordot(a, b, axes: [a.rank - 1], [b.rank - 1])
}

/// The product of matrices one after the other, in the order that takes the fewest multiplications.
///
/// The first may be a vector [k], a row, and the last a vector, a column; the result lacks their axes. Gradients are those
/// of the products.
/// - Parameter matrices: at least one; [m, k], [k, l], … [p, n].
/// - Complexity: O(count³) for the order, beside the products.
public func multiDot<Scalar: NumericScalar>(
  _ matrices: [Tensor<Scalar>], file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  guard let first = matrices.first, let last = matrices.last else { fail("multiDot", "no matrices") }
  if matrices.count == 1 {
    check(first.rank == 1 || first.rank == 2, "multiDot", "a matrix expected: \(first.shape)")
    return first
  }
  var list = matrices
  if first.rank == 1 { list[0] = first.expandedAxis(at: 0) }
  if last.rank == 1 { list[list.count - 1] = last.expandedAxis(at: 1) }
  for (place, matrix) in list.enumerated() {
    check(matrix.rank == 2, "multiDot", "matrix \(place) has shape \(matrices[place].shape)")
    check(
      place == 0 || list[place - 1].shape[1] == matrix.shape[0], "multiDot",
      "matrices \(place - 1) and \(place) do not fit: \(list[Swift.max(place - 1, 0)].shape) · \(matrix.shape)")
  }
  var result = chained(list, 0, list.count - 1, chainSplits(list.map { $0.shape[0] } + [list.last!.shape[1]]))
  if last.rank == 1 { result = result.squeezed(1) }
  return first.rank == 1 ? result.squeezed(0) : result
}

/// Where a chain of matrices of these extents is split best: `splits[i][j]` is the last matrix of the left product of
/// matrices i … j (Cormen et al., Introduction to Algorithms, section 14.2).
private func chainSplits(_ extents: [Int]) -> [[Int]] {
  let count = extents.count - 1
  var costs = [[Double]](repeating: [Double](repeating: 0, count: count), count: count)
  var splits = [[Int]](repeating: [Int](repeating: 0, count: count), count: count)
  for length in stride(from: 1, to: count, by: 1) {
    for i in 0..<(count - length) {
      let j = i + length
      costs[i][j] = .infinity
      for k in i..<j {
        let product = Double(extents[i]) * Double(extents[k + 1]) * Double(extents[j + 1])
        let cost = costs[i][k] + costs[k + 1][j] + product
        if cost < costs[i][j] { (costs[i][j], splits[i][j]) = (cost, k) }
      }
    }
  }
  return splits
}

private func chained<Scalar: NumericScalar>(
  _ list: [Tensor<Scalar>], _ i: Int, _ j: Int, _ splits: [[Int]]
) -> Tensor<Scalar> {
  if i == j { return list[i] }
  return matmul(chained(list, i, splits[i][j], splits), chained(list, splits[i][j] + 1, j, splits))
}

extension Tensor where Scalar: FloatingScalar {
  /// The Vandermonde matrices of vectors along the last axis: yᵢⱼ = xᵢʲ, […, n] gives […, n, columns].
  ///
  /// - Parameters:
  ///   - columns: how many powers, n where it is not given.
  ///   - descending: begins with the highest power, as `np.vander` does.
  public func vandermonde(
    columns: Int? = nil, descending: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    if rank == 0 { return reshaped([1]).vandermonde(columns: columns, descending: descending) }
    let count = columns ?? shape[rank - 1]
    Sizes.check([count], "vandermonde", "columns of")
    check(count >= 0, "vandermonde", "\(count) columns")
    check(
      Layout.holds(shape + [count]), "vandermonde",
      "\(count) columns for \(shape) are more than a tensor can hold (2⁴⁸)")
    if count == 0 { return Tensor(zeros: shape + [0]) }
    let powers = expandedAxis(at: -1).broadcast(to: shape + [count - 1]).cumulativeProduct(along: -1)
    let result = concatenate([Tensor(ones: shape + [1]), powers], along: -1)
    return descending ? result.flipped([-1]) : result
  }
}

extension Tensor where Scalar: IntegerScalar {
  /// The Vandermonde matrices of vectors along the last axis, as Int: yᵢⱼ = xᵢʲ, […, n] gives […, n, columns]; wraps.
  ///
  /// - Parameters:
  ///   - columns: how many powers, n where it is not given.
  ///   - descending: begins with the highest power, as `np.vander` does.
  public func vandermonde(
    columns: Int? = nil, descending: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Int> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    if rank == 0 { return reshaped([1]).vandermonde(columns: columns, descending: descending) }
    let count = columns ?? shape[rank - 1]
    Sizes.check([count], "vandermonde", "columns of")
    check(count >= 0, "vandermonde", "\(count) columns")
    check(
      Layout.holds(shape + [count]), "vandermonde",
      "\(count) columns for \(shape) are more than a tensor can hold (2⁴⁸)")
    if count == 0 { return Tensor<Int>(zeros: shape + [0]) }
    let powers = expandedAxis(at: -1).broadcast(to: shape + [count - 1]).cumulativeProduct(along: -1)
    let result = concatenate([Tensor<Int>(ones: shape + [1]), powers], along: -1)
    return descending ? result.flipped([-1]) : result
  }
}
