import COpenBLAS

// Double: OpenBLAS's `cblas_d…`.

extension Double: LinearAlgebraScalar {
  /// Σ xᵢ·yᵢ.
  public static func dot(_ n: Int, _ x: UnsafePointer<Double>, _ sx: Int, _ y: UnsafePointer<Double>, _ sy: Int)
    -> Double
  {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    return cblas_ddot(index(n), x, index(sx), y, index(sy))
  }

  /// √Σ xᵢ², without overflow on the way.
  public static func nrm2(_ n: Int, _ x: UnsafePointer<Double>, _ sx: Int) -> Double {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    return cblas_dnrm2(index(n), x, index(sx))
  }

  /// Σ |xᵢ|.
  public static func asum(_ n: Int, _ x: UnsafePointer<Double>, _ sx: Int) -> Double {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    return cblas_dasum(index(n), x, index(sx))
  }

  /// The first position of the largest |xᵢ|.
  public static func iamax(_ n: Int, _ x: UnsafePointer<Double>, _ sx: Int) -> Int {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    return Int(cblas_idamax(index(n), x, index(sx)))
  }

  /// y ← αx + y.
  public static func axpy(
    _ n: Int, _ alpha: Double, _ x: UnsafePointer<Double>, _ sx: Int, _ y: UnsafeMutablePointer<Double>, _ sy: Int
  ) {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    cblas_daxpy(index(n), alpha, x, index(sx), y, index(sy))
  }

  /// x ← αx.
  public static func scal(_ n: Int, _ alpha: Double, _ x: UnsafeMutablePointer<Double>, _ sx: Int) {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    cblas_dscal(index(n), alpha, x, index(sx))
  }

  /// y ← x.
  public static func copy(
    _ n: Int, _ x: UnsafePointer<Double>, _ sx: Int, _ y: UnsafeMutablePointer<Double>, _ sy: Int
  ) {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    cblas_dcopy(index(n), x, index(sx), y, index(sy))
  }

  /// x ↔ y.
  public static func swap(
    _ n: Int, _ x: UnsafeMutablePointer<Double>, _ sx: Int, _ y: UnsafeMutablePointer<Double>, _ sy: Int
  ) {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    cblas_dswap(index(n), x, index(sx), y, index(sy))
  }

  /// (x, y) ← (cx + sy, cy − sx), a plane rotation.
  public static func rot(
    _ n: Int, _ x: UnsafeMutablePointer<Double>, _ sx: Int, _ y: UnsafeMutablePointer<Double>, _ sy: Int, _ c: Double,
    _ s: Double
  ) {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    cblas_drot(index(n), x, index(sx), y, index(sy), c, s)
  }

  /// y ← α·op(A)x + βy, A [m, n] row-major.
  public static func gemv(
    _ t: Transpose, _ m: Int, _ n: Int, _ alpha: Double, _ a: UnsafePointer<Double>, _ lda: Int,
    _ x: UnsafePointer<Double>, _ sx: Int, _ beta: Double, _ y: UnsafeMutablePointer<Double>, _ sy: Int
  ) {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    cblas_dgemv(CblasRowMajor, t.cblas, index(m), index(n), alpha, a, index(lda), x, index(sx), beta, y, index(sy))
  }

  /// A ← α·xyᵀ + A, A [m, n] row-major.
  public static func ger(
    _ m: Int, _ n: Int, _ alpha: Double, _ x: UnsafePointer<Double>, _ sx: Int, _ y: UnsafePointer<Double>, _ sy: Int,
    _ a: UnsafeMutablePointer<Double>, _ lda: Int
  ) {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    cblas_dger(CblasRowMajor, index(m), index(n), alpha, x, index(sx), y, index(sy), a, index(lda))
  }

  /// y ← αAx + βy, A symmetric [n, n], one triangle read.
  public static func symv(
    _ u: MatrixTriangle, _ n: Int, _ alpha: Double, _ a: UnsafePointer<Double>, _ lda: Int, _ x: UnsafePointer<Double>,
    _ sx: Int, _ beta: Double, _ y: UnsafeMutablePointer<Double>, _ sy: Int
  ) {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    cblas_dsymv(CblasRowMajor, u.cblas, index(n), alpha, a, index(lda), x, index(sx), beta, y, index(sy))
  }

  /// x ← op(A)x, A triangular [n, n].
  public static func trmv(
    _ u: MatrixTriangle, _ t: Transpose, _ unit: Bool, _ n: Int, _ a: UnsafePointer<Double>, _ lda: Int,
    _ x: UnsafeMutablePointer<Double>, _ sx: Int
  ) {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    cblas_dtrmv(CblasRowMajor, u.cblas, t.cblas, unit ? CblasUnit : CblasNonUnit, index(n), a, index(lda), x, index(sx))
  }

  /// x ← op(A)⁻¹x, A triangular [n, n].
  public static func trsv(
    _ u: MatrixTriangle, _ t: Transpose, _ unit: Bool, _ n: Int, _ a: UnsafePointer<Double>, _ lda: Int,
    _ x: UnsafeMutablePointer<Double>, _ sx: Int
  ) {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    cblas_dtrsv(CblasRowMajor, u.cblas, t.cblas, unit ? CblasUnit : CblasNonUnit, index(n), a, index(lda), x, index(sx))
  }

  /// C ← α·op(A)·op(B) + βC, op(A) [m, k], op(B) [k, n], C [m, n], row-major.
  public static func gemm(
    _ ta: Transpose, _ tb: Transpose, _ m: Int, _ n: Int, _ k: Int, _ alpha: Double, _ a: UnsafePointer<Double>,
    _ lda: Int, _ b: UnsafePointer<Double>, _ ldb: Int, _ beta: Double, _ c: UnsafeMutablePointer<Double>, _ ldc: Int
  ) {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    cblas_dgemm(
      CblasRowMajor, ta.cblas, tb.cblas, index(m), index(n), index(k), alpha, a, index(lda), b, index(ldb), beta, c,
      index(ldc))
  }

  /// C ← αAB + βC (or αBA + βC), A symmetric, C [m, n].
  public static func symm(
    _ side: MatrixSide, _ u: MatrixTriangle, _ m: Int, _ n: Int, _ alpha: Double, _ a: UnsafePointer<Double>,
    _ lda: Int,
    _ b: UnsafePointer<Double>, _ ldb: Int, _ beta: Double, _ c: UnsafeMutablePointer<Double>, _ ldc: Int
  ) {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    cblas_dsymm(
      CblasRowMajor, side.cblas, u.cblas, index(m), index(n), alpha, a, index(lda), b, index(ldb), beta, c, index(ldc))
  }

  /// C ← α·op(A)·op(A)ᵀ + βC, one triangle of C [n, n] written, op(A) [n, k].
  public static func syrk(
    _ u: MatrixTriangle, _ t: Transpose, _ n: Int, _ k: Int, _ alpha: Double, _ a: UnsafePointer<Double>, _ lda: Int,
    _ beta: Double, _ c: UnsafeMutablePointer<Double>, _ ldc: Int
  ) {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    cblas_dsyrk(CblasRowMajor, u.cblas, t.cblas, index(n), index(k), alpha, a, index(lda), beta, c, index(ldc))
  }

  /// B ← α·op(A)B (or αB·op(A)), A triangular, B [m, n].
  public static func trmm(
    _ side: MatrixSide, _ u: MatrixTriangle, _ t: Transpose, _ unit: Bool, _ m: Int, _ n: Int, _ alpha: Double,
    _ a: UnsafePointer<Double>, _ lda: Int, _ b: UnsafeMutablePointer<Double>, _ ldb: Int
  ) {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    cblas_dtrmm(
      CblasRowMajor, side.cblas, u.cblas, t.cblas, unit ? CblasUnit : CblasNonUnit, index(m), index(n), alpha, a,
      index(lda), b, index(ldb))
  }

  /// B ← α·op(A)⁻¹B (or αB·op(A)⁻¹), A triangular, B [m, n].
  public static func trsm(
    _ side: MatrixSide, _ u: MatrixTriangle, _ t: Transpose, _ unit: Bool, _ m: Int, _ n: Int, _ alpha: Double,
    _ a: UnsafePointer<Double>, _ lda: Int, _ b: UnsafeMutablePointer<Double>, _ ldb: Int
  ) {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    cblas_dtrsm(
      CblasRowMajor, side.cblas, u.cblas, t.cblas, unit ? CblasUnit : CblasNonUnit, index(m), index(n), alpha, a,
      index(lda), b, index(ldb))
  }
}
