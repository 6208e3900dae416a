import TernBackend

extension Tensor where Scalar: FloatingScalar {
  /// The largest singular values of every matrix A […, m, n], about, and their vectors: A ≈ U·diag(s)·Vᵀ.
  ///
  /// U […, m, rank], s […, rank], Vᵀ […, rank, n]. A random matrix [n, rank] (of tall matrices; of wide ones [m, rank]) times A
  /// spans about what their vectors span; two products with A and Aᵀ an iteration make it more so (Halko, Martinsson and
  /// Tropp, Finding structure with randomness, 2011, algorithm 5.1). Exact, gradients too, where A has no higher rank.
  ///
  /// Throws where a matrix holds a NaN or an infinity, and where the iteration of the singular values does not converge.
  /// - Parameters:
  ///   - rank: at least as many as wanted, better some more, and at most m and n.
  ///   - iterations: of powers of A·Aᵀ; 2 do, where the values decrease slowly, more.
  ///   - mean: subtracted from A before, broadcasting.
  ///   - generator: where the random matrix comes from; the task's or the global one when `nil`.
  /// - Complexity: O(m·n·rank·iterations) a matrix.
  public func lowRankSingularValueDecomposition(
    rank count: Int = 6, iterations: Int = 2, subtracting mean: Tensor? = nil, generator: RandomGenerator? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) throws(LinearAlgebraError) -> (u: Tensor, values: Tensor, vt: Tensor) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let name = "lowRankSingularValueDecomposition"
    requireMatrices(name)
    let most = Swift.min(rows, columns)
    check(count >= 0 && count <= most, name, "rank \(count) of matrices \(shape) (0 … \(most))")
    check(iterations >= 0, name, "\(iterations) iterations")
    if let mean {
      check(
        broadcastShape(shape, mean.shape, name) == shape, name, "\(mean.shape) does not broadcast to \(shape)")
      return try (self - mean).tallestFactors(count, iterations, generator)
    }
    return try tallestFactors(count, iterations, generator)
  }

  /// The principal components of every matrix […, m, n] of m observations of n variables: X ≈ U·diag(s)·Vᵀ.
  ///
  /// The rows of Vᵀ […, count, n] are the principal directions, the variances along them s² / (m − 1), the observations' coordinates
  /// X·V. By ``lowRankSingularValueDecomposition(rank:iterations:subtracting:generator:file:line:)``, which throws alike.
  /// - Parameters:
  ///   - count: of components, min(6, m, n) when `nil`.
  ///   - isCentering: subtracts each variable's mean.
  ///   - iterations: of powers of X·Xᵀ.
  ///   - generator: where the random matrix comes from; the task's or the global one when `nil`.
  public func principalComponents(
    _ count: Int? = nil, centering isCentering: Bool = true, iterations: Int = 2, generator: RandomGenerator? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) throws(LinearAlgebraError) -> (u: Tensor, values: Tensor, vt: Tensor) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    requireMatrices("principalComponents")
    let most = Swift.min(rows, columns)
    let wanted = count ?? Swift.min(6, most)
    check(wanted >= 0 && wanted <= most, "principalComponents", "\(wanted) components of \(shape) (0 … \(most))")
    check(iterations >= 0, "principalComponents", "\(iterations) iterations")
    let centered = isCentering && rows > 0 ? self - mean(along: -2, keepingAxes: true) : self
    return try centered.tallestFactors(wanted, iterations, generator)
  }

  /// U, s and Vᵀ of matrices whose extents were looked at.
  private func tallestFactors(
    _ count: Int, _ iterations: Int, _ generator: RandomGenerator?
  ) throws(LinearAlgebraError) -> (u: Tensor, values: Tensor, vt: Tensor) {
    if rows < columns {
      let (u, s, vt) = try transposed().tallestFactors(count, iterations, generator)
      return (vt.transposed(), s, u.transposed())
    }
    let start = Tensor(randomNormal: [columns, count], generator: generator)
    var basis = matmul(self, start).qrDecomposition().q
    for _ in 0..<iterations {
      let back = matmul(transposed(), basis).qrDecomposition().q
      basis = matmul(self, back).qrDecomposition().q
    }
    let (u, s, vt) = try matmul(basis.transposed(), self).singularValueDecomposition()
    return (matmul(basis, u), s, vt)
  }
}
