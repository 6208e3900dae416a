import TernBackend

/// A norm of matrices, or what PyTorch and NumPy count among them.
public enum MatrixNorm: Sendable {
  /// √Σ aᵢⱼ².
  case frobenius
  /// The sum of the singular values.
  case nuclear
  /// The largest sum of absolute values in a column, and the least.
  case one, minusOne
  /// The largest singular value, and the least.
  case two, minusTwo
  /// The largest sum of absolute values in a row, and the least.
  case infinity, minusInfinity
}

extension Tensor where Scalar: FloatingScalar {
  /// A norm of the matrices in two axes, the last two where none are named.
  ///
  /// Ties of ``MatrixNorm/one`` and ``MatrixNorm/infinity`` share the gradient equally. The norms of an
  /// empty matrix are 0; it stops where one is the least of no values. Throws, of norms by singular values, as ``singularValues(file:line:)`` does.
  /// - Parameter axes: those of rows and columns.
  public func matrixNorm(
    _ norm: MatrixNorm = .frobenius, along axes: (rows: Int, columns: Int) = (-2, -1), keepingAxes: Bool = false,
    file: StaticString = #fileID, line: UInt = #line
  ) throws(LinearAlgebraError) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    requireMatrices("matrixNorm")
    let pair = resolve(axes: [axes.rows, axes.columns], rank: rank, "matrixNorm")
    let matrices = movingAxes(pair, to: [-2, -1])
    var result = try matrices.lastAxesNorm(norm)
    if keepingAxes { for axis in pair.sorted() { result = result.expandedAxis(at: axis) } }
    return result
  }

  private func lastAxesNorm(_ norm: MatrixNorm) throws(LinearAlgebraError) -> Tensor {
    if shape.suffix(2).contains(0), [.one, .two, .infinity].contains(norm) { return sum(along: [-2, -1]) }
    switch norm {
    case .frobenius: return self.norm(2, along: [-2, -1])
    case .nuclear: return try singularValues().sum(along: -1)
    case .two: return try singularValues().amax(along: -1)
    case .minusTwo: return try singularValues().amin(along: -1)
    case .one: return self.norm(1, along: -2).amax(along: -1)
    case .minusOne: return self.norm(1, along: -2).amin(along: -1)
    case .infinity: return self.norm(1, along: -1).amax(along: -1)
    case .minusInfinity: return self.norm(1, along: -1).amin(along: -1)
    }
  }

  /// The condition number ‖A‖·‖A⁻¹‖ of every matrix […, m, n] in a norm.
  ///
  /// For ``MatrixNorm/two`` the ratio of the largest to the least singular value, for ``MatrixNorm/minusTwo`` its inverse;
  /// others take square matrices. Infinite where a matrix is singular. Throws as ``singularValues(file:line:)`` does.
  public func conditionNumber(_ norm: MatrixNorm = .two, file: StaticString = #fileID, line: UInt = #line)
    throws(LinearAlgebraError) -> Tensor
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    requireMatrices("conditionNumber")
    if norm == .two || norm == .minusTwo {
      if isEmpty { return Tensor(zeros: batch) }
      let s = try singularValues()
      let (largest, least) = (s.selected(axis: -1, index: 0), s.selected(axis: -1, index: s.shape.last! - 1))
      // A zero matrix is singular, though 0/0 says nothing.
      let isZero = largest .== 0
      if norm == .two { return select(isZero, .infinity, largest / select(isZero, 1, least)) }
      return least / select(isZero, 1, largest)
    }
    requireSquare("conditionNumber")
    if isEmpty { return Tensor(zeros: batch) }
    let singular = LUFactors(detached()).diagonal.values.abs().amin(along: -1) .== 0
    let mask = singular.expandedAxis(at: -1).expandedAxis(at: -1)
    let product = try matrixNorm(norm) * select(mask, Tensor(eye: rows), self).inverseOrNaN().matrixNorm(norm)
    return select(singular, .infinity, product)
  }

  /// The rank of every matrix […, m, n]: how many singular values are not as good as zero.
  ///
  /// Those up to max(absoluteTolerance, relativeTolerance · the largest) count as zero. Throws as ``singularValues(file:line:)`` does.
  /// - Parameter relativeTolerance: max(m, n) · ε where neither tolerance is given, 0 where only the absolute one is.
  public func matrixRank(
    relativeTolerance: Scalar? = nil, absoluteTolerance: Scalar? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) throws(LinearAlgebraError) -> Tensor<Int> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    requireMatrices("matrixRank")
    if isEmpty { return Tensor<Int>(zeros: batch) }
    let s = try detached().singularValues()
    return (s .> smallest(s, relativeTolerance, absoluteTolerance)).countNonZero(along: [-1])
  }
}
