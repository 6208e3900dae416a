import TernBackend

/// The LU factorization with partial pivoting of matrices […, m, n]: A = P·L·U.
///
/// ```swift
/// let lu = a.luFactorization()
/// let x = try lu.solve(b)
/// ```
public struct LUFactorization<Scalar: FloatingScalar>: Sendable {
  /// U on and above the diagonal, L below it, […, m, n]; the ones on the diagonal of L are not stored.
  public let factors: Tensor<Scalar>
  /// Row i was exchanged with row `pivots[i] − 1`, in order of i; […, min(m, n)].
  public let pivots: Tensor<Int32>

  /// Factors and pivots that were computed before.
  ///
  /// Stops unless their shapes fit and every pivot is a row's number from its own on.
  ///
  /// - Parameters:
  ///   - factors: The factors in one matrix, [..., n, n].
  ///   - pivots: The pivots, [..., n], counted from 1.
  public init(factors: Tensor<Scalar>, pivots: Tensor<Int32>, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    factors.requireMatrices("luFactorization")
    let least = Swift.min(factors.rows, factors.columns)
    check(
      pivots.shape == factors.batch + [least], "luFactorization",
      "pivots \(pivots.shape) for factors \(factors.shape), which have \(factors.batch + [least])")
    for (i, pivot) in pivots.scalars.enumerated() {
      check(
        Int(pivot) > i % least && Int(pivot) <= factors.rows, "luFactorization",
        "pivot \(pivot) for row \(i % least + 1) of \(factors.rows)")
    }
    self.factors = factors
    self.pivots = pivots
  }

  private var least: Int { Swift.min(factors.rows, factors.columns) }

  /// L […, m, min(m, n)], lower triangular with ones on its diagonal.
  public var lower: Tensor<Scalar> {
    factors.narrowed(axis: -1, start: 0, length: least).lowerTriangle(diagonal: -1)
      + Tensor(eye: factors.rows, columns: least)
  }

  /// U […, min(m, n), n], upper triangular.
  public var upper: Tensor<Scalar> { factors.narrowed(axis: -2, start: 0, length: least).upperTriangle() }

  /// P […, m, m], a permutation of the rows.
  public var permutation: Tensor<Scalar> {
    Tensor(eye: factors.rows).broadcast(to: factors.batch + [factors.rows, factors.rows])
      .rowsExchanged(pivots, backwards: true)
  }

  /// X of A·X = B, or of Aᵀ·X = B where `transposed`, for square A; with `side` `.right` of X·A = B.
  ///
  /// B is […, n, k] (`.right`: […, k, n]); batches broadcast. Gradients go to the factors and to B. Throws where a matrix
  /// is singular.
  public func solve(
    _ b: Tensor<Scalar>, side: MatrixSide = .left, transposed: Bool = false,
    file: StaticString = #fileID, line: UInt = #line
  ) throws(LinearAlgebraError) -> Tensor<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    factors.requireSquare("solve")
    b.requireMatrices("solve")
    let extent = side == .left ? b.rows : b.columns
    check(extent == factors.rows, "solve", "factors \(factors.shape), B \(b.shape) (\(factors.rows) ≠ \(extent))")
    try requireDiagonal(factors, "solve")
    if side == .right { return try solve(b.transposed(), transposed: !transposed).transposed() }
    if transposed {
      let first = triangularSolution(factors, b, .upper, transposed: true)
      return triangularSolution(factors, first, .lower, transposed: true, unit: true)
        .rowsExchanged(pivots, backwards: true)
    }
    let rows = b.broadcast(to: broadcastShape(factors.batch, b.batch, "solve") + [b.rows, b.columns])
    let first = triangularSolution(factors, rows.rowsExchanged(pivots), .lower, unit: true)
    return triangularSolution(factors, first, .upper)
  }
}

extension Tensor where Scalar: FloatingScalar {
  /// The LU factorization with partial pivoting of every matrix […, m, n], singular ones too.
  ///
  /// Gradient, for m = n: P·L⁻ᵀ·[tril(Lᵀ·dL, −1) + triu(dU·Uᵀ)]·U⁻ᵀ; for others the same of the leading square, and what
  /// follows from it. Infinite or NaN where U is singular. A NaN goes into the factors.
  public func luFactorization(file: StaticString = #fileID, line: UInt = #line) -> LUFactorization<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    requireMatrices("luFactorization")
    let (m, n) = (rows, columns)
    let least = Swift.min(m, n)
    let copy = columnMajorCopy
    let pivots = Tensor<Int32>(uninitialized: batch + [least])
    let (lu, at) = (copy.mutablePointer, pivots.mutablePointer)
    let count = Layout.product(batch)
    if !isEmpty && m == n && isSmallBatch(count, n) {
      _ = firstSmallFailure(count, n) { range, infos in
        let first = range.lowerBound
        Scalar.smallLU(range.count, n, lu + first * n * n, pivots: at + first * n, infos: infos)
      }
    } else if !isEmpty {
      firstFailure(count, work: cost(m, n, least)) { i in
        _ =
          count == 1 && m == n
          ? Scalar.factorLU(n, lu, at) : Scalar.getrf(m, n, lu + i * m * n, m, at + i * least)
        return 0
      }
    }
    let recorded = copy.recorded("luFactorization", from: self, saving: .output) { d in
      d.send(0) { packedLUDerivative(d.output, d.gradient).rowsExchanged(pivots, backwards: true) }
    }
    return LUFactorization(factors: recorded, pivots: pivots)
  }

  /// Rows exchanged as the pivots of a factorization say, in order or backwards; the batches are those of the pivots, or
  /// broadcast from them.
  package func rowsExchanged(_ pivots: Tensor<Int32>, backwards: Bool = false) -> Tensor {
    let result = rowMajorCopy
    let (m, n, count) = (rows, columns, pivots.shape.last!)
    if !result.isEmpty {
      let (x, list) = (result.mutablePointer, pivots.contiguous)
      let at = list.pointer
      for (i, place) in broadcastPlaces(Array(pivots.shape.dropLast()), to: batch).enumerated() {
        for step in 0..<count {
          let row = backwards ? count - 1 - step : step
          let other = Int(at[place * count + row]) - 1
          if other != row { Scalar.swap(n, x + (i * m + row) * n, 1, x + (i * m + other) * n, 1) }
        }
      }
      withExtendedLifetime(list) {}
    }
    return result.moved("rowsExchanged", from: self) { $0.rowsExchanged(pivots, backwards: !backwards) }
  }
}

/// dL/d(PᵀA) of packed factors.
func packedLUDerivative<Scalar: FloatingScalar>(_ factors: Tensor<Scalar>, _ gradient: Tensor<Scalar>) -> Tensor<Scalar>
{
  let (m, n) = (factors.rows, factors.columns)
  let k = Swift.min(m, n)
  func square(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    x.narrowed(axis: -2, start: 0, length: k).narrowed(axis: -1, start: 0, length: k)
  }
  let (lu, g) = (square(factors), square(gradient))
  let lower = lu.lowerTriangle(diagonal: -1) + Tensor(eye: k)
  var below = matmul(lower.transposed(), g.lowerTriangle(diagonal: -1))
  var above = matmul(g.upperTriangle(), lu.upperTriangle().transposed())
  var rest: Tensor<Scalar>?
  if n > m {
    let right = gradient.narrowed(axis: -1, start: k, length: n - k)
    below = below - matmul(right, factors.narrowed(axis: -1, start: k, length: n - k).transposed())
    rest = triangularSolution(lu, right, .lower, transposed: true, unit: true)
  } else if m > n {
    let under = gradient.narrowed(axis: -2, start: k, length: m - k)
    above = above - matmul(factors.narrowed(axis: -2, start: k, length: m - k).transposed(), under)
    rest = triangularSolution(lu, under.transposed(), .upper).transposed()
  }
  let inner = below.lowerTriangle(diagonal: -1) + above.upperTriangle()
  let left = triangularSolution(lu, inner, .lower, transposed: true, unit: true)
  let result = triangularSolution(lu, left.transposed(), .upper).transposed()
  guard let rest else { return result }
  return concatenate([result, rest], along: n > m ? -1 : -2)
}
