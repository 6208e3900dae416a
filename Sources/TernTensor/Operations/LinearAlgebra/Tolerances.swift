import TernBackend

// The pseudo-inverse and the rank with a tolerance for each matrix, and those of symmetric matrices, by eigenvalues.

extension Tensor where Scalar: FloatingScalar {
  /// The pseudo-inverse A⁺ of every matrix […, m, n] with tolerances of its own: […, n, m].
  ///
  /// Singular values up to max(absoluteTolerances, relativeTolerances · the largest) count as zero; the tolerances broadcast to
  /// the batch. Gradients and errors are those of ``pseudoInverse(relativeTolerance:absoluteTolerance:file:line:)``.
  /// - Parameter relativeTolerances: when `nil` max(m, n) · ε, and 0 where an absolute tolerance is more than 0.
  public func pseudoInverse(
    relativeTolerances: Tensor?, absoluteTolerances: Tensor?, file: StaticString = #fileID, line: UInt = #line
  ) throws(LinearAlgebraError) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    requireMatrices("pseudoInverse")
    for tolerances in [relativeTolerances, absoluteTolerances] {
      guard let shape = tolerances?.shape else { continue }
      check(
        broadcastShape(batch, shape, "pseudoInverse") == batch, "pseudoInverse",
        "tolerances \(shape) do not broadcast to the batch \(batch)")
    }
    if isEmpty { return Tensor(zeros: batch + [columns, rows]) }
    let (u, s, vt) = try detached().singularValueDecomposition()
    let bound = bounds(s, relativeTolerances, absoluteTolerances)
    let inverted = select(s .> bound, s.reciprocal(), 0)
    let result = matmul(vt.transposed() * inverted.expandedAxis(at: -2), u.transposed())
    return result.recorded("pseudoInverse", from: self, saving: [.first, .output]) { d in
      d.send(0) { pseudoInverseDerivative(d.input(0), d.output, d.gradient) }
    }
  }

  /// The rank of every matrix […, m, n] with tolerances of its own: how many singular values are not as good as zero.
  ///
  /// Those up to max(absoluteTolerances, relativeTolerances · the largest) count as zero; the tolerances broadcast with the batch.
  /// Throws as ``singularValues(file:line:)`` does.
  /// - Parameter relativeTolerances: when `nil` max(m, n) · ε, and 0 where an absolute tolerance is more than 0.
  public func matrixRank(
    relativeTolerances: Tensor?, absoluteTolerances: Tensor?, file: StaticString = #fileID, line: UInt = #line
  ) throws(LinearAlgebraError) -> Tensor<Int> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    requireMatrices("matrixRank")
    var shape = batch
    for tolerances in [relativeTolerances, absoluteTolerances] {
      if let tolerances { shape = broadcastShape(shape, tolerances.shape, "matrixRank") }
    }
    if isEmpty { return Tensor<Int>(zeros: shape) }
    let s = try detached().singularValues()
    return (s .> bounds(s, relativeTolerances, absoluteTolerances)).countNonZero(along: [-1])
  }

  /// What counts as zero among the values s of these matrices, with tolerances of the batch's shape: […, 1].
  private func bounds(_ s: Tensor, _ relative: Tensor?, _ absolute: Tensor?) -> Tensor {
    let largest = s.amax(along: -1, keepingAxes: true)
    let standard = Scalar.ulpOfOne * Scalar(Swift.max(rows, columns))
    guard let absolute = absolute?.detached().expandedAxis(at: -1) else {
      return largest * (relative?.detached().expandedAxis(at: -1) ?? Tensor(standard))
    }
    let factor = relative?.detached().expandedAxis(at: -1) ?? select(absolute .> 0, 0, Tensor(standard))
    return maximum(largest * factor, absolute)
  }

  /// The pseudo-inverse A⁺ of every symmetric matrix […, n, n], by eigenvalues: faster than by singular values.
  ///
  /// Eigenvalues of absolute values up to max(absoluteTolerance, relativeTolerance · the largest) count as zero. The lower
  /// triangle is read; the gradient is symmetric, where the rank does not change. Throws as ``symmetricEigen(_:file:line:)`` does.
  /// - Parameter relativeTolerance: n · ε where neither tolerance is given, 0 where only the absolute one is.
  public func symmetricPseudoInverse(
    relativeTolerance: Scalar? = nil, absoluteTolerance: Scalar? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) throws(LinearAlgebraError) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    requireSquare("symmetricPseudoInverse")
    if isEmpty { return Tensor(zeros: shape) }
    let (w, v) = try detached().symmetricEigen()
    let sizes = w.abs()
    let inverted = select(sizes .> smallest(sizes, relativeTolerance, absoluteTolerance), w.reciprocal(), 0)
    let result = matmul(v * inverted.expandedAxis(at: -2), v.transposed())
    return result.recorded("symmetricPseudoInverse", from: self, saving: [.first, .output]) { d in
      d.send(0) {
        let lower = d.input(0).lowerTriangle()
        let whole = lower + lower.lowerTriangle(diagonal: -1).transposed()
        let derivative = pseudoInverseDerivative(whole, d.output, d.gradient)
        return (derivative + derivative.transposed()) * 0.5
      }
    }
  }

  /// The rank of every symmetric matrix […, n, n], by eigenvalues: how many are not as good as zero.
  ///
  /// Those of absolute values up to max(absoluteTolerance, relativeTolerance · the largest) count as zero. The lower triangle is
  /// read. Throws as ``symmetricEigenvalues(_:file:line:)`` does.
  /// - Parameter relativeTolerance: n · ε where neither tolerance is given, 0 where only the absolute one is.
  public func symmetricMatrixRank(
    relativeTolerance: Scalar? = nil, absoluteTolerance: Scalar? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) throws(LinearAlgebraError) -> Tensor<Int> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    requireSquare("symmetricMatrixRank")
    if isEmpty { return Tensor<Int>(zeros: batch) }
    let sizes = try detached().symmetricEigenvalues().abs()
    return (sizes .> smallest(sizes, relativeTolerance, absoluteTolerance)).countNonZero(along: [-1])
  }
}
