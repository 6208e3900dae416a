import TernBackend

/// The factorization A = P·L·D·Lᵀ·Pᵀ of symmetric matrices […, n, n], positive definite or not (Bunch and Kaufman 1977).
///
/// ```swift
/// let ldl = a.ldlFactorization()
/// let x = try ldl.solve(b)
/// ```
public struct LDLFactorization<Scalar: FloatingScalar>: Sendable {
  /// L, below its diagonal of ones, and the blocks of 1 or 2 rows of D, in the lower triangle; 0 above. […, n, n].
  public let factors: Tensor<Scalar>
  /// Row i was exchanged with row `pivots[i] − 1`; two negative ones belong to a block of two rows, of which the second was
  /// exchanged with row `−pivot − 1`. […, n].
  public let pivots: Tensor<Int32>

  /// Factors and pivots that were computed before; of the factors the lower triangle is read.
  ///
  /// Stops unless their shapes fit, every pivot is a row's number, from its own row on, and negative ones are pairs.
  ///
  /// - Parameters:
  ///   - factors: The factors in one matrix, [..., n, n].
  ///   - pivots: The pivots, [..., n], counted from 1.
  public init(factors: Tensor<Scalar>, pivots: Tensor<Int32>, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    factors.requireSquare("ldlFactorization")
    let n = factors.rows
    check(
      pivots.shape == factors.batch + [n], "ldlFactorization",
      "pivots \(pivots.shape) for factors \(factors.shape), which have \(factors.batch + [n])")
    let list = pivots.scalars
    var place = 0
    while place < list.count {
      let (row, pivot) = (place % n, Int(list[place]))
      // A block of two rows names its second row's place twice.
      let rows = pivot < 0 ? 2 : 1
      let isFit =
        rows == 1
        ? pivot > row && pivot <= n : row + 1 < n && list[place + 1] == list[place] && -pivot > row + 1 && -pivot <= n
      check(isFit, "ldlFactorization", "pivot \(pivot) for row \(row + 1) of \(n)")
      place += rows
    }
    (self.factors, self.pivots) = (factors, pivots)
  }

  /// X of A·X = B, B […, n, k]; batches broadcast.
  ///
  /// The gradient of B is A⁻¹·g; the factors have none: backward stops. Throws where a matrix is singular.
  public func solve(
    _ b: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
  ) throws(LinearAlgebraError) -> Tensor<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    b.requireMatrices("solve")
    check(
      b.rows == factors.rows, "solve", "factors \(factors.shape), B \(b.shape) (\(factors.rows) ≠ \(b.rows))")
    let batch = broadcastShape(factors.batch, b.batch, "solve")
    try requireRegular()
    return solution(b.broadcast(to: batch + [b.rows, b.columns]))
  }

  /// Throws where a block of one row is zero; one of two rows never is where `sytrf` chose it.
  private func requireRegular() throws(LinearAlgebraError) {
    let n = factors.rows
    let zeros = (factors.detached().diagonal(axes: -2, -1) .== 0).scalars
    for (place, (isZero, pivot)) in zip(zeros, pivots.scalars).enumerated() where isZero && pivot > 0 {
      throw LinearAlgebraError("solve", factors.batch, place / n, .singular(pivot: place % n + 1))
    }
  }

  /// X for B of the whole batch; recorded.
  private func solution(_ b: Tensor<Scalar>) -> Tensor<Scalar> {
    let (n, k) = (b.rows, b.columns)
    let (lower, list) = (factors.columnMajorCopy, pivots.contiguous)
    let result = b.columnMajorCopy
    if !result.isEmpty {
      let places = broadcastPlaces(factors.batch, to: b.batch)
      let (ld, at, x) = (lower.pointer, list.pointer, result.mutablePointer)
      firstFailure(places.count, work: cost(n, n, k)) { i in
        Scalar.sytrs(.lower, n, k, ld + places[i] * n * n, n, at + places[i] * n, x + i * n * k, n)
      }
      withExtendedLifetime((lower, list)) {}
    }
    let constants = LDLFactorization(detached: factors.detached(), pivots)
    return result.recorded("solve", from: b, factors, saving: []) { d in
      d.send(0) { constants.solution(d.gradient) }
      d.send(1) { fail("solve", "the factors of ldlFactorization have no derivative; take solve(a, b), which has one") }
    }
  }

  private init(detached factors: Tensor<Scalar>, _ pivots: Tensor<Int32>) {
    (self.factors, self.pivots) = (factors, pivots)
  }
}

extension Tensor where Scalar: FloatingScalar {
  /// The factorization A = P·L·D·Lᵀ·Pᵀ of every symmetric matrix […, n, n], singular ones too; the lower triangle is read.
  ///
  /// At half the price of ``luFactorization(file:line:)``; where A is positive definite ``choleskyFactor(_:file:line:)`` needs no
  /// pivots. It has no derivative. A NaN goes into the factors.
  public func ldlFactorization(file: StaticString = #fileID, line: UInt = #line) -> LDLFactorization<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    requireSquare("ldlFactorization")
    let n = rows
    let copy = detached().lowerTriangle().columnMajorCopy
    let pivots = Tensor<Int32>(uninitialized: batch + [n])
    let (a, at) = (copy.mutablePointer, pivots.mutablePointer)
    if !isEmpty {
      firstFailure(Layout.product(batch), work: cost(n, n, n)) { i in
        _ = Scalar.sytrf(.lower, n, a + i * n * n, n, at + i * n)
        return 0
      }
    }
    let recorded = copy.recorded("ldlFactorization", from: self, saving: []) { d in
      d.send(0) {
        fail("ldlFactorization", "the factors have no derivative; take solve(a, b), which has one")
      }
    }
    return LDLFactorization(factors: recorded, pivots: pivots)
  }
}
