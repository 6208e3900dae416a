import TernBackend

/// X that minimizes ‖A·X − B‖, and of those the one of least norm.
///
/// A is […, m, n]; B is […, m, k], or a vector [m]; X is […, n, k]. Batches broadcast. Of full rank X comes from a QR
/// decomposition (of Aᵀ where A is wide), through which gradients go; where the diagonal of R shows that the rank is not
/// full, from the pseudo-inverse. Throws where a matrix of deficient rank holds a NaN or has no singular values.
public func leastSquares<Scalar: FloatingScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) throws(LinearAlgebraError) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  a.requireMatrices("leastSquares")
  if b.rank == 1 || (b.rank == a.rank - 1 && b.shape == Array(a.shape.dropLast())) {
    let columns = try leastSquares(a, b.expandedAxis(at: -1))
    return columns.squeezed([columns.rank - 1])
  }
  b.requireMatrices("leastSquares")
  check(b.rows == a.rows, "leastSquares", "\(a.shape) · x = \(b.shape) (\(a.rows) ≠ \(b.rows))")
  _ = broadcastShape(a.batch, b.batch, "leastSquares")
  let isWide = a.rows < a.columns
  let (q, r) = (isWide ? a.transposed() : a).qrDecomposition()
  if r.lacksRank(Swift.max(a.rows, a.columns)) { return matmul(try a.pseudoInverse(), b) }
  if isWide { return matmul(q, triangularSolution(r, b, .upper, transposed: true)) }
  return triangularSolution(r, matmul(q.transposed(), b), .upper)
}

extension Tensor where Scalar: FloatingScalar {
  /// Whether the diagonal of a triangular factor is as small somewhere as rounding makes it where the rank is deficient.
  fileprivate func lacksRank(_ extent: Int) -> Bool {
    if isEmpty { return false }
    let sizes = detached().diagonal(axes: -2, -1).abs()
    let bound = sizes.amax(along: -1) * (Scalar.ulpOfOne * Scalar(extent))
    return (sizes.amin(along: -1) .<= bound).any().item
  }

  /// The pseudo-inverse A⁺ of every matrix […, m, n]: […, n, m], by singular values.
  ///
  /// Singular values up to max(absoluteTolerance, relativeTolerance · the largest) count as zero. Gradient by A and A⁺ (Golub
  /// and Pereyra, The differentiation of pseudo-inverses, 1973), where the rank does not change.
  ///
  /// Throws as ``singularValueDecomposition(full:file:line:)`` does.
  /// - Parameter relativeTolerance: max(m, n) · ε where neither tolerance is given, 0 where only the absolute one is.
  public func pseudoInverse(
    relativeTolerance: Scalar? = nil, absoluteTolerance: Scalar? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) throws(LinearAlgebraError) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    requireMatrices("pseudoInverse")
    let source = detached()
    if isEmpty { return Tensor(zeros: batch + [columns, rows]) }
    let (u, s, vt) = try source.singularValueDecomposition()
    let bound = source.smallest(s, relativeTolerance, absoluteTolerance)
    let inverted = select(s .> bound, s.reciprocal(), 0)
    let result = matmul(vt.transposed() * inverted.expandedAxis(at: -2), u.transposed())
    return result.recorded("pseudoInverse", from: self, saving: [.first, .output]) { d in
      d.send(0) { pseudoInverseDerivative(d.input(0), d.output, d.gradient) }
    }
  }

  /// What counts as zero among the singular values s of these matrices: […, 1].
  func smallest(_ s: Tensor, _ relative: Scalar?, _ absolute: Scalar?) -> Tensor {
    let standard = (absolute ?? 0) > 0 ? 0 : Scalar.ulpOfOne * Scalar(Swift.max(rows, columns))
    return maximum(s.amax(along: -1, keepingAxes: true) * (relative ?? standard), absolute ?? 0)
  }
}

/// dL/dA of P = A⁺, in products of the smaller extent.
func pseudoInverseDerivative<Scalar: FloatingScalar>(
  _ a: Tensor<Scalar>, _ p: Tensor<Scalar>, _ gradient: Tensor<Scalar>
) -> Tensor<Scalar> {
  let (pt, gt) = (p.transposed(), gradient.transposed())
  if a.rows <= a.columns {
    let k = matmul(gt, p)
    let kpt = matmul(k, pt)
    return kpt - matmul(p, k).transposed() - matmul(matmul(a, p), kpt) + matmul(matmul(pt, p), gt - matmul(k, a))
  }
  let k = matmul(p, gt)
  let ptk = matmul(pt, k)
  return matmul(matmul(gt - matmul(a, k), p), pt) - matmul(k, p).transposed() + ptk - matmul(ptk, matmul(p, a))
}
