import TernBackend

/// The inverse of A = L·Lᵀ (or Uᵀ·U) with its factor at hand: […, n, n].
///
/// Of the factor […, n, n] the given triangle alone is read and has a gradient: −A⁻¹·(g + gᵀ)·A⁻¹·L in that triangle. A NaN
/// goes into the result. Throws where an element on the factor's diagonal is zero.
public func choleskyInverse<Scalar: FloatingScalar>(
  _ factor: Tensor<Scalar>, _ triangle: MatrixTriangle = .lower, file: StaticString = #fileID, line: UInt = #line
) throws(LinearAlgebraError) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  factor.requireSquare("choleskyInverse")
  let n = factor.rows
  let isLarge = n >= 64
  let result = isLarge ? Tensor(uninitialized: factor.shape) : factor.rowMajorCopy
  let x = result.mutablePointer
  if isLarge && !result.isEmpty {
    let source = factor.detached().contiguous
    let factors = source.pointer
    try eachMatrix("choleskyInverse", factor.batch, work: cost(n, n, n), reason: { .singular(pivot: $0) }) { i in
      Scalar.inverseOfCholesky(triangle, n, factors + i * n * n, x + i * n * n)
    }
    withExtendedLifetime(source) {}
  } else if !result.isEmpty {
    try eachMatrix("choleskyInverse", factor.batch, work: cost(n, n, n), reason: { .singular(pivot: $0) }) { i in
      // LAPACK reads the transpose, which has the other triangle.
      let matrix = x + i * n * n
      let info = Scalar.potri(triangle == .lower ? .upper : .lower, n, matrix, n)
      for row in 0..<n {
        for column in 0..<row {
          let (below, above) = (row * n + column, column * n + row)
          if triangle == .lower { matrix[above] = matrix[below] } else { matrix[below] = matrix[above] }
        }
      }
      return info
    }
  }
  return result.recorded("choleskyInverse", from: factor, saving: [.first, .output]) { d in
    d.send(0) {
      let (whole, inverse) = (d.input(0), d.output)
      let inner = matmul(inverse, matmul(d.gradient + d.gradient.transposed(), inverse))
      if triangle == .lower { return -matmul(inner, whole.lowerTriangle()).lowerTriangle() }
      return -matmul(whole.upperTriangle(), inner).upperTriangle()
    }
  }
}
