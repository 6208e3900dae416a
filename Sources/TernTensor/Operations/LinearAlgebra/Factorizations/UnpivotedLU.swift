import TernBackend

extension Tensor where Scalar: FloatingScalar {
  /// The LU factorization without exchanges of every matrix […, m, n]: A = L·U; its pivots name each row itself.
  ///
  /// Right for diagonally dominant and positive definite matrices; of others small pivots make large errors, and a pivot
  /// of 0 infinities and NaN: ``luFactorization(file:line:)`` is the one for them. Gradient as there, without P.
  public func unpivotedLUFactorization(file: StaticString = #fileID, line: UInt = #line) -> LUFactorization<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    requireMatrices("unpivotedLUFactorization")
    let (m, n) = (rows, columns)
    let least = Swift.min(m, n)
    let copy = rowMajorCopy
    let a = copy.mutablePointer
    if !isEmpty {
      firstFailure(Layout.product(batch), work: cost(m, n, least)) { i in
        factor(a + i * m * n, m, n)
        return 0
      }
    }
    let recorded = copy.recorded("unpivotedLUFactorization", from: self, saving: .output) { d in
      d.send(0) { packedLUDerivative(d.output, d.gradient) }
    }
    let own = Tensor<Int32>(rangeFrom: 1, to: Int32(least) + 1)
    return LUFactorization(factors: recorded, pivots: own.broadcast(to: batch + [least]))
  }
}

/// A = L·U in place, A [m, n] row-major, by panels of 32 columns.
private func factor<Scalar: FloatingScalar>(_ a: UnsafeMutablePointer<Scalar>, _ m: Int, _ n: Int) {
  let least = Swift.min(m, n)
  for start in stride(from: 0, to: least, by: 32) {
    let end = Swift.min(start + 32, least)
    for column in start..<end {
      let pivot = a + column * n
      for row in column + 1..<Swift.max(m, column + 1) {
        let at = a + row * n
        let factor = at[column] / pivot[column]
        at[column] = factor
        for place in column + 1..<Swift.max(end, column + 1) { at[place] -= factor * pivot[place] }
      }
    }
    let (width, right, under) = (end - start, n - end, m - end)
    if right == 0 { continue }
    Scalar.trsm(.left, .lower, .none, true, width, right, 1, a + start * n + start, n, a + start * n + end, n)
    if under == 0 { continue }
    Scalar.gemm(
      .none, .none, under, right, width, -1, a + end * n + start, n, a + start * n + end, n, 1, a + end * n + end, n)
  }
}
