import TernBackend

extension Tensor where Scalar: FloatingScalar {
  /// The inverse of a tensor seen as a square matrix: the first `leading` axes are its rows, the others its columns.
  ///
  /// X with tensordot(X, A, axes: leading) the identity; its shape has the columns' axes first. Stops unless the products of
  /// both groups of extents agree. Throws where the matrix is singular.
  public func tensorInverse(leading: Int = 2, file: StaticString = #fileID, line: UInt = #line)
    throws(LinearAlgebraError) -> Tensor
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(leading > 0 && leading <= rank, "tensorInverse", "\(leading) leading axes of \(shape)")
    let (first, last) = (Array(shape[..<leading]), Array(shape[leading...]))
    let (m, n) = (Layout.product(first), Layout.product(last))
    check(m == n, "tensorInverse", "\(first) and \(last) do not make a square matrix (\(m) ≠ \(n))")
    return try reshaped([m, n]).inverse().reshaped(last + first)
  }
}

/// X of tensordot(A, X, axes: rank of X) = B: the last axes of A are those of X, the first those of B.
///
/// Stops unless A is square as a matrix of these. Throws where it is singular.
/// - Parameter axes: axes of A that are moved to its end first, in this order.
public func tensorSolve<Scalar: FloatingScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, axes: [Int] = [], file: StaticString = #fileID, line: UInt = #line
) throws(LinearAlgebraError) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let moved = resolve(axes: axes, rank: a.rank, "tensorSolve")
  let order = a.shape.indices.filter { !moved.contains($0) } + moved
  let matrix = moved.isEmpty ? a : a.permuted(order)
  check(matrix.rank >= b.rank, "tensorSolve", "\(matrix.shape) has fewer axes than \(b.shape)")
  let extents = Array(matrix.shape[b.rank...])
  let (m, n) = (b.count, Layout.product(extents))
  check(
    m == n && a.count == m * n, "tensorSolve", "\(matrix.shape) is no square matrix that takes \(extents) to \(b.shape)"
  )
  return try solve(matrix.reshaped([m, n]), b.reshaped([m])).reshaped(extents)
}
