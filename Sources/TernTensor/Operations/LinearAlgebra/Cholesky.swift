import TernBackend

extension Tensor where Scalar: FloatingScalar {
  /// The Cholesky factor of every symmetric positive definite matrix […, n, n]: L lower with A = L·Lᵀ, or U upper with
  /// A = Uᵀ·U.
  ///
  /// Only the given triangle is read. Gradient, symmetric: L⁻ᵀ·Φ(Lᵀ·dL/dL)·L⁻¹, where Φ takes the lower triangle with half
  /// the diagonal (Murray, Differentiation of the Cholesky decomposition, 2016).
  ///
  /// Throws where a leading minor is not positive; a NaN is not.
  public func choleskyFactor(_ triangle: MatrixTriangle = .lower, file: StaticString = #fileID, line: UInt = #line)
    throws(LinearAlgebraError) -> Tensor
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    requireSquare("choleskyFactor")
    let n = rows
    let result = rowMajorCopy
    let (x, count) = (result.mutablePointer, Layout.product(batch))
    if !isEmpty && isSmallBatch(count, n) {
      let failure = firstSmallFailure(count, n) { range, infos in
        Scalar.smallCholesky(
          range.count, n, x + range.lowerBound * n * n, isLower: triangle == .lower, infos: infos)
      }
      if let (index, info) = failure {
        throw LinearAlgebraError("choleskyFactor", batch, index, .notPositiveDefinite(order: info))
      }
    } else if !isEmpty {
      try eachMatrix("choleskyFactor", batch, work: cost(n, n, n), reason: { .notPositiveDefinite(order: $0) }) { i in
        // LAPACK reads the transpose, which has the other triangle.
        let matrix = x + i * n * n
        let info =
          count == 1 && triangle == .lower
          ? Scalar.factorCholesky(n, matrix) : Scalar.potrf(triangle == .lower ? .upper : .lower, n, matrix, n)
        if info != 0 { return info }
        for row in 0..<n {
          let (start, length) = triangle == .lower ? (row + 1, n - row - 1) : (0, row)
          Scalar.fill(length, matrix + row * n + start, 1, 0)
          if matrix[row * (n + 1)].isNaN { return row + 1 }
        }
        return 0
      }
    }
    return result.recorded("choleskyFactor", from: self, saving: .output) { d in
      d.send(0) {
        let lower = triangle == .lower ? d.output : d.output.transposed()
        let derivative = triangle == .lower ? d.gradient : d.gradient.transposed()
        let inner = matmul(lower.transposed(), derivative.lowerTriangle()).lowerTriangle()
        // Φ and its transpose, halved: the result is symmetric.
        let half = (inner + inner.transposed() - inner * Tensor(eye: n)) * 0.5
        let left = triangularSolution(lower, half, .lower, transposed: true)
        return triangularSolution(lower, left.transposed(), .lower, transposed: true).transposed()
      }
    }
  }
}

/// X of A·X = B for A = L·Lᵀ (or Uᵀ·U) with its factor at hand.
///
/// The factor is […, n, n], of which the given triangle alone is read and has a gradient; B […, n, k]; batches broadcast.
/// Throws where an element on the factor's diagonal is zero.
public func solveCholesky<Scalar: FloatingScalar>(
  _ factor: Tensor<Scalar>, _ b: Tensor<Scalar>, _ triangle: MatrixTriangle = .lower, file: StaticString = #fileID,
  line: UInt = #line
) throws(LinearAlgebraError) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let first = try solveTriangular(factor, b, triangle, transposed: triangle == .upper)
  return triangularSolution(factor, first, triangle, transposed: triangle == .lower)
}
