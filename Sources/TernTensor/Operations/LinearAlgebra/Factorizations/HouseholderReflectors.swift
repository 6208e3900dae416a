import TernBackend

/// A product of reflections Q = H₁·H₂⋯Hₖ with Hᵢ = 1 − τᵢ·vᵢ·vᵢᵀ, as a QR factorization leaves it.
///
/// ```swift
/// let reflectors = a.householderReflectors()
/// let q = reflectors.product()              // [m, n]
/// let projected = reflectors.multiplied(by: b, transposed: true)
/// ```
/// Q is 1 − V·T·Vᵀ with T = (1 + D·striu(Vᵀ·V))⁻¹·D and D = diag(τ) (Joffrain et al., Accumulating Householder
/// transformations, revisited, 2006), so that products and gradients are products of matrices.
public struct HouseholderReflectors<Scalar: FloatingScalar>: Sendable {
  /// vᵢ below the diagonal in column i, its element on it being 1 and not stored; R on and above it. […, m, n].
  public let packed: Tensor<Scalar>
  /// τ, […, k], k at most m and n.
  public let factors: Tensor<Scalar>

  /// Reflectors that were computed before, of which only what lies below the diagonal is read.
  ///
  /// - Parameters:
  ///   - packed: The reflectors, [..., m, n], as the QR factorization packs them.
  ///   - factors: The factors τ, [..., k].
  public init(
    packed: Tensor<Scalar>, factors: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    packed.requireMatrices("householderReflectors")
    let most = Swift.min(packed.rows, packed.columns)
    check(
      factors.rank > 0 && Array(factors.shape.dropLast()) == packed.batch && factors.shape.last! <= most,
      "householderReflectors",
      "factors \(factors.shape) for vectors \(packed.shape), which have \(packed.batch) and at most \(most)")
    (self.packed, self.factors) = (packed, factors)
  }

  /// R, upper triangular […, min(m, n), n].
  public var upper: Tensor<Scalar> {
    packed.narrowed(axis: -2, start: 0, length: Swift.min(packed.rows, packed.columns)).upperTriangle()
  }

  /// The first min(m, n) columns of Q, […, m, min(m, n)]; those of a wide matrix are all. Gradients go to both parts.
  public func product() -> Tensor<Scalar> {
    let (m, n) = (packed.rows, Swift.min(packed.rows, packed.columns))
    if factors.isEmpty { return Tensor<Scalar>(eye: m, columns: n).broadcast(to: packed.batch + [m, n]) }
    let k = factors.shape.last!
    let q = packed.detached().narrowed(axis: -1, start: 0, length: n).columnMajorCopy
    let own = factors.detached().contiguous
    let (a, tau) = (q.mutablePointer, own.pointer)
    let count = Layout.product(packed.batch)
    firstFailure(count, work: cost(m, n, k)) { i in
      if count == 1 { return Scalar.productOfReflectors(m, n, k, a, tau) }
      return Scalar.orgqr(m, n, k, a + i * m * n, m, tau + i * k)
    }
    return withExtendedLifetime(own) { q }
      .recorded("householderProduct", from: packed, factors, saving: [.first, .second]) { d in
        sendComposedGradients(d, inputs: 2) { HouseholderReflectors(packed: $0[0], factors: $0[1]).composedProduct }
      }
  }

  /// The same of recorded operations.
  private var composedProduct: Tensor<Scalar> {
    let (m, n) = (packed.rows, Swift.min(packed.rows, packed.columns))
    let (v, t) = compact
    let top = v.narrowed(axis: -2, start: 0, length: n).transposed()
    return Tensor<Scalar>(eye: m, columns: n) - matmul(v, matmul(t, top))
  }

  /// Q·C or, where `transposed`, Qᵀ·C, of the whole Q [m, m]; with `side` `.right` C·Q or C·Qᵀ.
  ///
  /// C is […, m, c] (`.right`: […, c, m]); batches broadcast. Gradients go to vectors, factors and C.
  public func multiplied(
    by c: Tensor<Scalar>, side: MatrixSide = .left, transposed: Bool = false, file: StaticString = #fileID,
    line: UInt = #line
  ) -> Tensor<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    c.requireMatrices("multiplied")
    let extent = side == .left ? c.rows : c.columns
    check(extent == packed.rows, "multiplied", "vectors \(packed.shape), C \(c.shape) (\(packed.rows) ≠ \(extent))")
    let batch = broadcastShape(packed.batch, c.batch, "multiplied")
    if factors.isEmpty { return c.broadcast(to: batch + [c.rows, c.columns]) }
    let (v, t) = compact
    let middle = transposed ? t.transposed() : t
    if side == .left { return c - matmul(v, matmul(middle, matmul(v.transposed(), c))) }
    return c - matmul(matmul(matmul(c, v), middle), v.transposed())
  }

  /// V […, m, k] with its ones, and T […, k, k], upper triangular.
  private var compact: (v: Tensor<Scalar>, t: Tensor<Scalar>) {
    let k = factors.shape.last!
    let below = packed.narrowed(axis: -1, start: 0, length: k).lowerTriangle(diagonal: -1)
    let v = below + Tensor(eye: packed.rows, columns: k)
    let inner = matmul(v.transposed(), v).upperTriangle(diagonal: 1)
    let t = triangularSolution(inner * factors.expandedAxis(at: -1), factors.diagonalMatrices(), .upper, unit: true)
    return (v, t)
  }
}

extension Tensor where Scalar: FloatingScalar {
  /// The QR factorization of every matrix […, m, n] as LAPACK leaves it: R, and the reflections whose product Q is.
  ///
  /// It has no derivative: ``qrDecomposition(full:file:line:)`` has one. A NaN goes into the result.
  public func householderReflectors(file: StaticString = #fileID, line: UInt = #line) -> HouseholderReflectors<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    requireMatrices("householderReflectors")
    let (m, n) = (rows, columns)
    let k = Swift.min(m, n)
    let copy = columnMajorCopy
    let factors = Tensor(uninitialized: batch + [k])
    let (a, tau) = (copy.mutablePointer, factors.mutablePointer)
    if !isEmpty {
      let count = Layout.product(batch)
      firstFailure(count, work: cost(m, n, k)) { i in
        count == 1 ? Scalar.factorQR(m, n, a, tau) : Scalar.geqrf(m, n, a + i * m * n, m, tau + i * k)
      }
    }
    let parts = Tensor.recordedParts("householderReflectors", from: self, [copy, factors]) { _, _, _ in
      fail("householderReflectors", "reflectors have no derivative; take qrDecomposition, which has one")
    }
    return HouseholderReflectors(packed: parts[0], factors: parts[1])
  }
}
