import TernBackend

/// X of A·X = B, by an LU factorization with partial pivoting.
///
/// A is […, n, n]; B is […, n, k], or a vector [n], or, where its shape is that of A without the last axis, a batch of
/// vectors. Batches of matrices broadcast. With `side` `.right` the equation is X·A = B, B […, k, n]. Gradients, with the
/// factors kept: dL/dB = A⁻ᵀ·dL/dX and dL/dA = −dL/dB·Xᵀ. A NaN goes into the result.
///
/// Throws where a matrix is singular.
/// - Complexity: O(n³ + n²·k) a matrix.
public func solve<Scalar: FloatingScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, side: MatrixSide = .left, file: StaticString = #fileID, line: UInt = #line
) throws(LinearAlgebraError) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  a.requireSquare("solve")
  if side == .left, b.rank == 1 || (b.rank == a.rank - 1 && b.shape == Array(a.shape.dropLast())) {
    check(b.shape.last == a.rows, "solve", "\(a.shape) · x = \(b.shape) (\(a.rows) ≠ \(b.shape.last ?? 1))")
    let columns = try solve(a, b.expandedAxis(at: -1))
    return columns.squeezed([columns.rank - 1])
  }
  b.requireMatrices("solve")
  let extent = side == .left ? b.rows : b.columns
  check(
    extent == a.rows, "solve",
    side == .left
      ? "\(a.shape) · x = \(b.shape) (\(a.rows) ≠ \(extent))" : "x · \(a.shape) = \(b.shape) (\(extent) ≠ \(a.rows))")
  _ = broadcastShape(a.batch, b.batch, "solve")
  let factors = LUFactors(a)
  try factors.requireRegular("solve")
  if side == .left { return solved(a, b, factors) }
  return solved(a.transposed(), b.transposed(), factors, ofTranspose: true).transposed()
}

/// X of A·X = B with the factors of A at hand, or of Aᵀ; recorded.
func solved<Scalar: FloatingScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, _ factors: LUFactors<Scalar>, ofTranspose: Bool = false
) -> Tensor<Scalar> {
  factors.solution(b, transposed: ofTranspose).recordedPair(
    "solve", a, b, firstNeeds: [.first, .output], secondNeeds: .first,
    { d in
      -matmul(solved(d.input(0).transposed(), d.gradient, factors, ofTranspose: !ofTranspose), d.output.transposed())
    },
    { d in solved(d.input(0).transposed(), d.gradient, factors, ofTranspose: !ofTranspose) })
}

extension Tensor where Scalar: FloatingScalar {
  /// The inverse A⁻¹ of every matrix […, n, n].
  ///
  /// To solve equations, ``solve(_:_:side:file:line:)`` is faster and more precise. Gradient: −A⁻ᵀ·g·A⁻ᵀ. A NaN goes into the
  /// result. Throws where a matrix is singular.
  public func inverse(file: StaticString = #fileID, line: UInt = #line) throws(LinearAlgebraError) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    requireSquare("inverse")
    let (result, failure) = invertedRaw()
    if let (index, info) = failure { throw LinearAlgebraError("inverse", batch, index, .singular(pivot: info)) }
    return recordedInverse(result)
  }

  /// The inverse, all NaN where a matrix is singular.
  func inverseOrNaN() -> Tensor { recordedInverse(invertedRaw().result) }

  private func recordedInverse(_ result: Tensor) -> Tensor {
    result.recorded("inverse", from: self, saving: .output) { d in
      d.send(0) {
        let flipped = d.output.transposed()
        return -matmul(flipped, matmul(d.gradient, flipped))
      }
    }
  }

  /// Every inverse, of the transpose where the matrices lie row-major: that is the transpose of the inverse.
  private func invertedRaw() -> (result: Tensor, failure: (index: Int, info: Int)?) {
    let (copy, _) = matrixCopy
    let n = rows
    if copy.isEmpty { return (copy, nil) }
    let (x, count) = (copy.mutablePointer, Layout.product(batch))
    if isSmallBatch(count, n) {
      let failure = firstSmallFailure(count, n) { range, infos in
        Scalar.smallInverse(range.count, n, x + range.lowerBound * n * n, infos: infos)
      }
      return (copy, failure)
    }
    if count == 1 && Scalar.invertsInParallel(n) {
      let result = Tensor(uninitialized: copy.layout)
      let info = Scalar.inverse(n, x, result.mutablePointer)
      if info == 0 { return withExtendedLifetime(copy) { (result, nil) } }
      Scalar.fill(n * n, result.mutablePointer, 1, .nan)
      return (result, (0, info))
    }
    let failure = firstFailure(count, work: cost(n, n, n)) { i in
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: n) { pivots in
        let matrix = x + i * n * n
        let info = Scalar.getrf(n, n, matrix, n, pivots.baseAddress!)
        if info == 0 { return Scalar.getri(n, matrix, n, pivots.baseAddress!) }
        Scalar.fill(n * n, matrix, 1, .nan)
        return info
      }
    }
    return (copy, failure)
  }
}
