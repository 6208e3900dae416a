import TernBackend

extension Tensor where Scalar: FloatingScalar {
  /// The determinant of every matrix […, n, n]: the product of its pivots.
  ///
  /// It leaves the range of the scalars soon, see ``logDeterminant(file:line:)``. Gradient: det(A)·A⁻ᵀ; of a singular matrix the
  /// matrix of its cofactors, by singular values.
  public func determinant(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    requireSquare("determinant")
    let (signs, values) = LUFactors(self).diagonal
    let result = withoutGradients { signs * values.product(along: -1) }
    return result.recorded("determinant", from: self, saving: [.first, .output]) { d in
      d.send(0) { d.gradient.asFactors * cofactors(d.input(0), d.output) }
    }
  }

  /// The sign of every determinant and the logarithm of its absolute value, of matrices […, n, n].
  ///
  /// A singular matrix gives 0 and −∞. Gradient of the logarithm: A⁻ᵀ, NaN where the matrix is singular.
  public func logDeterminant(file: StaticString = #fileID, line: UInt = #line) -> (sign: Tensor, logAbsolute: Tensor) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    requireSquare("logDeterminant")
    let (signs, values) = LUFactors(self).diagonal
    let (sign, logarithm) = withoutGradients {
      (signs * values.sign().product(along: -1), values.abs().log().sum(along: -1))
    }
    let recorded = logarithm.recorded("logDeterminant", from: self, saving: .first) { d in
      d.send(0) { d.gradient.asFactors * d.input(0).inverseOrNaN().transposed() }
    }
    return (sign, recorded)
  }

  /// One number a matrix, to be multiplied with its elements.
  fileprivate var asFactors: Tensor { expandedAxis(at: -1).expandedAxis(at: -1) }
}

/// The derivative of every determinant: det(A)·A⁻ᵀ where that exists.
private func cofactors<Scalar: FloatingScalar>(
  _ a: Tensor<Scalar>, _ determinant: Tensor<Scalar>
) -> Tensor<Scalar> {
  let singular = determinant.detached() .== 0
  let n = a.rows
  if n == 0 || !singular.any().item { return determinant.asFactors * a.inverseOrNaN().transposed() }
  let mask = singular.expandedAxis(at: -1).expandedAxis(at: -1)
  let identity = Tensor<Scalar>(eye: n)
  let regular = determinant.asFactors * select(mask, identity, a).inverseOrNaN().transposed()
  // Singular values that differ have derivatives.
  let steps = Tensor<Scalar>(linspace: 1, 2, count: n).diagonalMatrix()
  let (u, s, vt) = singularPartsOrNaN(select(mask, a, steps))
  let signs = (matmul(u, vt).detached().determinant()).round().asFactors
  // Row i: all singular values but the i-th.
  let others = select(identity .== 1, 1, s.expandedAxis(at: -2)).product(along: -1)
  return select(mask, signs * matmul(u * others.expandedAxis(at: -2), vt), regular)
}
