import TernBackend

extension Tensor where Scalar: FloatingScalar {
  /// The eigenvalues, ascending, and eigenvectors of every symmetric matrix […, n, n]: A = V·diag(w)·Vᵀ.
  ///
  /// Values […, n] and, as the columns of an orthogonal V […, n, n], vectors, each determined up to its sign. Only the given
  /// triangle is read. Gradient, symmetric: V·[diag(dw) + F∘(Vᵀ·dV)]·Vᵀ with F = 1 / (wⱼ − wᵢ) off the diagonal and 0 on it,
  /// made symmetric. It does not exist where the loss sees the vectors of equal eigenvalues.
  ///
  /// Throws where the triangle holds a NaN or an infinity, and where the iteration does not converge.
  public func symmetricEigen(
    _ triangle: MatrixTriangle = .lower,
    file: StaticString = #fileID, line: UInt = #line
  ) throws(LinearAlgebraError) -> (values: Tensor, vectors: Tensor) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let parts = try eigenParts("symmetricEigen", triangle, vectors: true)
    return (parts[0], parts[1])
  }

  /// The eigenvalues, ascending, of every symmetric matrix […, n, n]: […, n].
  ///
  /// Only the given triangle is read. Gradient: V·diag(dw)·Vᵀ. Throws as ``symmetricEigen(_:file:line:)`` does.
  public func symmetricEigenvalues(
    _ triangle: MatrixTriangle = .lower, file: StaticString = #fileID, line: UInt = #line
  )
    throws(LinearAlgebraError) -> Tensor
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return try eigenParts("symmetricEigenvalues", triangle, vectors: node != nil && Recording.isOn)[0]
  }

  private func eigenParts(
    _ operation: StaticString, _ triangle: MatrixTriangle, vectors: Bool
  ) throws(LinearAlgebraError) -> [Tensor] {
    requireSquare("\(operation)")
    let n = rows
    // LAPACK reads the transposes, which have the other triangle, and leaves the vectors by columns.
    let copy = rowMajorCopy
    let values = Tensor(uninitialized: batch + [n])
    let (a, w) = (copy.mutablePointer, values.mutablePointer)
    if !isEmpty {
      try eachMatrix("\(operation)", batch, work: cost(n, n, n), reason: { .noConvergence(remaining: $0) }) { i in
        Scalar.syevd(vectors, triangle == .lower ? .upper : .lower, n, a + i * n * n, n, w + i * n)
      }
    }
    return Tensor.recordedParts(operation, from: self, [values, copy.transposed()]) { results, gradients, _ in
      let (w, v) = (results[0], results[1])
      if !Recording.isOn, !v.isEmpty, gradients[1].abs().max().item == 0 {
        // The loss sees the values alone.
        let derivative = matmul(v * gradients[0].expandedAxis(at: -2), v.transposed())
        return (derivative + derivative.transposed()) * 0.5
      }
      let gaps = w.expandedAxis(at: -2) - w.expandedAxis(at: -1)
      let turn = matmul(v.transposed(), gradients[1])
      let inner = quotient(turn * (1 - Tensor(eye: n)), gaps)
      let derivative = matmul(matmul(v, inner) + v * gradients[0].expandedAxis(at: -2), v.transposed())
      return (derivative + derivative.transposed()) * 0.5
    }
  }
}
