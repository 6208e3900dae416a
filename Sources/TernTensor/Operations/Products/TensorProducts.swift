import TernBackend

/// All products of two vectors' elements: yᵢⱼ = aᵢ·bⱼ, [m, n].
public func outer<Scalar: NumericScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(a.rank == 1 && b.rank == 1, "outer", "vectors expected: \(a.shape) and \(b.shape)")
  return a.reshaped([a.count, 1]) * b.reshaped([1, b.count])
}

/// The Kronecker product: blocks of b, scaled by the elements of a; every extent is the product of the two.
///
/// The operand of lower rank gets leading axes of extent one.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func kron<Scalar: NumericScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let rank = Swift.max(a.rank, b.rank)
  let left = [Int](repeating: 1, count: rank - a.rank) + a.shape
  let right = [Int](repeating: 1, count: rank - b.rank) + b.shape
  let product = a.reshaped(left.flatMap { [$0, 1] }) * b.reshaped(right.flatMap { [1, $0] })
  return product.reshaped(zip(left, right).map { $0 * $1 })
}

/// Products summed over the last `count` axes of a and the first of b; 0 axes give the outer product.
public func tensordot<Scalar: NumericScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, axes count: Int = 2, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(
    count >= 0 && count <= a.rank && count <= b.rank, "tensordot", "\(count) axes of \(a.shape) and \(b.shape)")
  return tensordot(a, b, axes: Array(a.rank - count..<a.rank), Array(0..<count))
}

/// Products summed over pairs of axes: `first[i]` of a with `second[i]` of b. What is left of a comes first.
///
/// An axis of extent one is paired with any other, whose sum counts then. Stops when the pairs' extents differ otherwise.
public func tensordot<Scalar: NumericScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, axes first: [Int], _ second: [Int], file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let left = resolve(axes: first, rank: a.rank, "tensordot")
  let right = resolve(axes: second, rank: b.rank, "tensordot")
  check(left.count == right.count, "tensordot", "\(left.count) axes with \(right.count)")
  let (shapeA, shapeB) = (a.shape, b.shape)
  var (a, b) = (a, b)
  for (i, j) in zip(left, right) {
    check(
      shapeA[i] == shapeB[j] || shapeA[i] == 1 || shapeB[j] == 1, "tensordot",
      "axis \(i) of \(shapeA) and axis \(j) of \(shapeB) differ (\(shapeA[i]) ≠ \(shapeB[j]))")
    // What is 1 along an axis is broadcast to the other's extent.
    if shapeA[i] != shapeB[j] {
      func wide(_ x: Tensor<Scalar>, _ axis: Int, _ extent: Int) -> Tensor<Scalar> {
        var shape = x.shape
        shape[axis] = extent
        return x.broadcast(to: shape)
      }
      if shapeA[i] == 1 { a = wide(a, i, shapeB[j]) } else { b = wide(b, j, shapeA[i]) }
    }
  }
  let rows = a.shape.indices.filter { !left.contains($0) }
  let columns = b.shape.indices.filter { !right.contains($0) }
  let inner = Layout.product(left.map { a.shape[$0] })
  let (outerA, outerB) = (rows.map { a.shape[$0] }, columns.map { b.shape[$0] })
  let product = matmul(
    a.permuted(rows + left).reshaped([Layout.product(outerA), inner]),
    b.permuted(right + columns).reshaped([inner, Layout.product(outerB)]))
  return product.reshaped(outerA + outerB)
}
