import TernBackend

extension Tensor where Scalar: FloatingScalar {
  /// The singular value decomposition of every matrix […, m, n]: A = U·diag(s)·Vᵀ, s descending.
  ///
  /// With k = min(m, n): U […, m, k], s […, k], Vᵀ […, k, n]; `full` gives U […, m, m] and Vᵀ […, n, n], all orthogonal. A
  /// column of U and its row of Vᵀ are determined up to a common sign.
  ///
  /// Gradient, with F = 1 / (sⱼ² − sᵢ²): U·[(F∘skew(Uᵀ·dU))·S + S·(F∘skew(Vᵀ·dV)) + diag(ds)]·Vᵀ, and for oblong matrices
  /// (1 − U·Uᵀ)·dU·S⁻¹·Vᵀ or U·S⁻¹·dVᵀ·(1 − V·Vᵀ). It does not exist where the loss sees the vectors of equal singular
  /// values. Of full vectors only the first k have one.
  ///
  /// Throws where a matrix holds a NaN or an infinity, and where the iteration does not converge.
  public func singularValueDecomposition(
    full: Bool = false,
    file: StaticString = #fileID, line: UInt = #line
  ) throws(LinearAlgebraError) -> (u: Tensor, values: Tensor, vt: Tensor) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    requireMatrices("singularValueDecomposition")
    let raw = singularRaw(full ? .full : .reduced)
    try singularFailure(raw.failure, "singularValueDecomposition")
    let k = Swift.min(rows, columns)
    let (u, vt) = (raw.parts[0], raw.parts[2])
    let reduced = [u.narrowed(axis: -1, start: 0, length: k), raw.parts[1], vt.narrowed(axis: -2, start: 0, length: k)]
    let parts = Tensor.recordedParts("singularValueDecomposition", from: self, reduced, singularDerivative)
    if !full { return (parts[0], parts[1], parts[2]) }
    return (
      concatenate([parts[0], u.narrowed(axis: -1, start: k, length: u.columns - k)], along: -1), parts[1],
      concatenate([parts[2], vt.narrowed(axis: -2, start: k, length: vt.rows - k)], along: -2)
    )
  }

  /// The singular values of every matrix […, m, n], descending: […, min(m, n)].
  ///
  /// Gradient: U·diag(ds)·Vᵀ. Throws as ``singularValueDecomposition(full:file:line:)`` does.
  public func singularValues(file: StaticString = #fileID, line: UInt = #line) throws(LinearAlgebraError) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    requireMatrices("singularValues")
    let isRecorded = node != nil && Recording.isOn
    let raw = singularRaw(isRecorded ? .reduced : .none)
    try singularFailure(raw.failure, "singularValues")
    if !isRecorded { return raw.parts[1] }
    return Tensor.recordedParts("singularValues", from: self, raw.parts, singularDerivative)[1]
  }

  private func singularFailure(_ failure: (index: Int, info: Int)?, _ operation: String) throws(LinearAlgebraError) {
    guard let (index, info) = failure else { return }
    throw LinearAlgebraError(
      operation, batch, index, info == LAPACKInfo.notFinite ? .notFinite : .noConvergence(remaining: info))
  }

  /// U, s and Vᵀ, from the transposes: those are what row-major matrices are to LAPACK.
  fileprivate func singularRaw(_ vectors: SingularVectors) -> (parts: [Tensor], failure: (index: Int, info: Int)?) {
    let (m, n) = (rows, columns)
    let k = Swift.min(m, n)
    let (left, right) = vectors == .none ? (0, 0) : vectors == .full ? (m, n) : (k, k)
    let s = Tensor(uninitialized: batch + [k])
    if isEmpty {
      let u = Tensor(eye: m, columns: left).broadcast(to: batch + [m, left]).contiguous
      let vt = Tensor(eye: right, columns: n).broadcast(to: batch + [right, n]).contiguous
      return ([u, s, vt], nil)
    }
    let (u, vt) = (Tensor(uninitialized: batch + [m, left]), Tensor(uninitialized: batch + [right, n]))
    let copy = rowMajorCopy
    let (a, atU, atS, atV) = (copy.mutablePointer, u.mutablePointer, s.mutablePointer, vt.mutablePointer)
    let failure = firstFailure(Layout.product(batch), work: cost(m, n, k)) { i in
      Scalar.gesdd(
        vectors, n, m, a + i * m * n, n, atS + i * k, atV + i * right * n, n, atU + i * m * left, Swift.max(left, 1))
    }
    return ([u, s, vt], failure)
  }
}

/// U, s and Vᵀ, recorded; NaN throughout where a decomposition fails.
func singularPartsOrNaN<Scalar: FloatingScalar>(
  _ a: Tensor<Scalar>
) -> (u: Tensor<Scalar>, s: Tensor<Scalar>, vt: Tensor<Scalar>) {
  var (parts, failure) = a.singularRaw(.reduced)
  if failure != nil { parts = parts.map { Tensor(full: $0.shape, .nan) } }
  let recorded = Tensor.recordedParts("singularValueDecomposition", from: a, parts, singularDerivative)
  return (recorded[0], recorded[1], recorded[2])
}

/// dL/dA of A = U·diag(s)·Vᵀ.
@Sendable private func singularDerivative<Scalar: FloatingScalar>(
  _ results: [Tensor<Scalar>], _ gradients: [Tensor<Scalar>], _ a: Tensor<Scalar>
) -> Tensor<Scalar> {
  let (u, s, vt) = (results[0], results[1], results[2])
  let (derivativeU, derivativeS, derivativeVt) = (gradients[0], gradients[1], gradients[2])
  let (m, n, k) = (u.rows, vt.columns, s.shape.last!)
  let (across, down) = (s.expandedAxis(at: -2), s.expandedAxis(at: -1))
  let gaps = (across - down) * (across + down)
  let turnU = matmul(u.transposed(), derivativeU)
  let turnV = matmul(vt, derivativeVt.transposed())
  var inner = quotient(turnU - turnU.transposed(), gaps) * across
  inner = inner + down * quotient(turnV - turnV.transposed(), gaps)
  var result = matmul(matmul(u, inner) + u * derivativeS.expandedAxis(at: -2), vt)
  if m > k { result = result + matmul(quotient(derivativeU - matmul(u, turnU), across), vt) }
  if n > k { result = result + matmul(u, quotient(derivativeVt - matmul(turnV.transposed(), vt), down)) }
  return result
}
