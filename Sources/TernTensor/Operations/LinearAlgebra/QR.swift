import TernBackend

extension Tensor where Scalar: FloatingScalar {
  /// The QR decomposition of every matrix […, m, n]: A = Q·R, Q with orthonormal columns, R upper triangular.
  ///
  /// With k = min(m, n): Q […, m, k] and R […, k, n]; `full` gives Q […, m, m] and R […, m, n]. Signs are LAPACK's: the
  /// diagonal of R may be negative. A NaN goes into the result.
  ///
  /// Gradient, for m ≥ n: (dQ + Q·Ψ(triu(dR·Rᵀ − Qᵀ·dQ)))·R⁻ᵀ with Ψ(X) = X + Xᵀ, its diagonal halved (Walter and Lehmann,
  /// Algorithmic differentiation of linear algebra functions, 2018); for m < n the same of the first m columns, and what
  /// follows from it. Infinite or NaN where R is singular. The full Q of a tall matrix has none: backward stops.
  public func qrDecomposition(full: Bool = false, file: StaticString = #fileID, line: UInt = #line) -> (
    q: Tensor, r: Tensor
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    requireMatrices("qrDecomposition")
    let (m, n) = (rows, columns)
    let parts = Tensor.recordedParts("qrDecomposition", from: self, qrRaw(full: full)) { results, gradients, a in
      check(
        !full || m <= n, "qrDecomposition",
        "the full Q of matrices [\(m), \(n)] has no derivative; take the reduced one")
      if m >= n { return qrDerivative(results[0], results[1], gradients[0], gradients[1]) }
      let rest = a.narrowed(axis: -1, start: m, length: n - m)
      let right = gradients[1].narrowed(axis: -1, start: m, length: n - m)
      let derivative = qrDerivative(
        results[0], results[1].narrowed(axis: -1, start: 0, length: m),
        gradients[0] + matmul(rest, right.transposed()), gradients[1].narrowed(axis: -1, start: 0, length: m))
      return concatenate([derivative, matmul(results[0], right)], along: -1)
    }
    return (parts[0], parts[1])
  }

  /// R of the reduced decomposition alone, at less than half the price; not recorded.
  package func upperFactor() -> Tensor {
    requireMatrices("upperFactor")
    return qrRaw(full: false, vectors: false)[1]
  }

  /// Q, which is left unwritten where no vectors are wanted, and R.
  private func qrRaw(full: Bool, vectors isWanted: Bool = true) -> [Tensor] {
    let (m, n) = (rows, columns)
    let k = Swift.min(m, n)
    let width = full ? m : k
    let q = Tensor(columnMajor: batch + [m, width])
    let r = Tensor(uninitialized: batch + [width, n])
    if isEmpty {
      // Nothing to decompose: Q is the identity's columns.
      let identity = Tensor(eye: m, columns: width).broadcast(to: q.shape).contiguous
      return [identity, Tensor(zeros: r.shape)]
    }
    let copy = columnMajorCopy
    let (a, atQ, atR) = (copy.mutablePointer, q.mutablePointer, r.mutablePointer)
    let count = Layout.product(batch)
    firstFailure(count, work: cost(m, n, k)) { i in
      withUnsafeTemporaryAllocation(of: Scalar.self, capacity: k) { factors in
        let (matrix, vectors, upper) = (a + i * m * n, atQ + i * m * width, atR + i * width * n)
        let tau = factors.baseAddress!
        _ = count == 1 ? Scalar.factorQR(m, n, matrix, tau) : Scalar.geqrf(m, n, matrix, m, tau)
        for row in 0..<width {
          let zeros = Swift.min(row, n)
          Scalar.fill(zeros, upper + row * n, 1, 0)
          Scalar.copy(n - zeros, upper + row * n + zeros, 1, UnsafePointer(matrix + zeros * m + row), m)
        }
        if !isWanted { return 0 }
        Scalar.copy(m * k, vectors, 1, UnsafePointer(matrix), 1)
        return count == 1
          ? Scalar.productOfReflectors(m, width, k, vectors, tau) : Scalar.orgqr(m, width, k, vectors, m, tau)
      }
    }
    return [q, r]
  }
}

/// dL/dA of A = Q·R with at least as many rows as columns.
private func qrDerivative<Scalar: FloatingScalar>(
  _ q: Tensor<Scalar>, _ r: Tensor<Scalar>, _ derivativeQ: Tensor<Scalar>, _ derivativeR: Tensor<Scalar>
) -> Tensor<Scalar> {
  let inner = (matmul(derivativeR, r.transposed()) - matmul(q.transposed(), derivativeQ)).upperTriangle()
  let symmetric = inner + inner.transposed() - inner * Tensor(eye: r.rows)
  let left = derivativeQ + matmul(q, symmetric)
  return triangularSolution(r, left.transposed(), .upper).transposed()
}
