import COpenBLAS

// Float: OpenBLAS's `cblas_s…`.

extension Float: LinearAlgebraScalar {
  /// Σ xᵢ·yᵢ.
  public static func dot(_ n: Int, _ x: UnsafePointer<Float>, _ sx: Int, _ y: UnsafePointer<Float>, _ sy: Int) -> Float
  {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    return cblas_sdot(index(n), x, index(sx), y, index(sy))
  }

  /// √Σ xᵢ², without overflow on the way.
  public static func nrm2(_ n: Int, _ x: UnsafePointer<Float>, _ sx: Int) -> Float {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    return cblas_snrm2(index(n), x, index(sx))
  }

  /// Σ |xᵢ|.
  public static func asum(_ n: Int, _ x: UnsafePointer<Float>, _ sx: Int) -> Float {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    return cblas_sasum(index(n), x, index(sx))
  }

  /// The first position of the largest |xᵢ|.
  public static func iamax(_ n: Int, _ x: UnsafePointer<Float>, _ sx: Int) -> Int {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    return Int(cblas_isamax(index(n), x, index(sx)))
  }

  /// y ← αx + y.
  public static func axpy(
    _ n: Int, _ alpha: Float, _ x: UnsafePointer<Float>, _ sx: Int, _ y: UnsafeMutablePointer<Float>, _ sy: Int
  ) {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    cblas_saxpy(index(n), alpha, x, index(sx), y, index(sy))
  }

  /// x ← αx.
  public static func scal(_ n: Int, _ alpha: Float, _ x: UnsafeMutablePointer<Float>, _ sx: Int) {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    cblas_sscal(index(n), alpha, x, index(sx))
  }

  /// y ← x.
  public static func copy(
    _ n: Int, _ x: UnsafePointer<Float>, _ sx: Int, _ y: UnsafeMutablePointer<Float>, _ sy: Int
  ) {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    cblas_scopy(index(n), x, index(sx), y, index(sy))
  }

  /// x ↔ y.
  public static func swap(
    _ n: Int, _ x: UnsafeMutablePointer<Float>, _ sx: Int, _ y: UnsafeMutablePointer<Float>, _ sy: Int
  ) {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    cblas_sswap(index(n), x, index(sx), y, index(sy))
  }

  /// (x, y) ← (cx + sy, cy − sx), a plane rotation.
  public static func rot(
    _ n: Int, _ x: UnsafeMutablePointer<Float>, _ sx: Int, _ y: UnsafeMutablePointer<Float>, _ sy: Int, _ c: Float,
    _ s: Float
  ) {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    cblas_srot(index(n), x, index(sx), y, index(sy), c, s)
  }

  /// y ← α·op(A)x + βy, A [m, n] row-major.
  public static func gemv(
    _ t: Transpose, _ m: Int, _ n: Int, _ alpha: Float, _ a: UnsafePointer<Float>, _ lda: Int,
    _ x: UnsafePointer<Float>, _ sx: Int, _ beta: Float, _ y: UnsafeMutablePointer<Float>, _ sy: Int
  ) {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    cblas_sgemv(CblasRowMajor, t.cblas, index(m), index(n), alpha, a, index(lda), x, index(sx), beta, y, index(sy))
  }

  /// A ← α·xyᵀ + A, A [m, n] row-major.
  public static func ger(
    _ m: Int, _ n: Int, _ alpha: Float, _ x: UnsafePointer<Float>, _ sx: Int, _ y: UnsafePointer<Float>, _ sy: Int,
    _ a: UnsafeMutablePointer<Float>, _ lda: Int
  ) {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    cblas_sger(CblasRowMajor, index(m), index(n), alpha, x, index(sx), y, index(sy), a, index(lda))
  }

  /// y ← αAx + βy, A symmetric [n, n], one triangle read.
  public static func symv(
    _ u: MatrixTriangle, _ n: Int, _ alpha: Float, _ a: UnsafePointer<Float>, _ lda: Int, _ x: UnsafePointer<Float>,
    _ sx: Int, _ beta: Float, _ y: UnsafeMutablePointer<Float>, _ sy: Int
  ) {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    cblas_ssymv(CblasRowMajor, u.cblas, index(n), alpha, a, index(lda), x, index(sx), beta, y, index(sy))
  }

  /// x ← op(A)x, A triangular [n, n].
  public static func trmv(
    _ u: MatrixTriangle, _ t: Transpose, _ unit: Bool, _ n: Int, _ a: UnsafePointer<Float>, _ lda: Int,
    _ x: UnsafeMutablePointer<Float>, _ sx: Int
  ) {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    cblas_strmv(CblasRowMajor, u.cblas, t.cblas, unit ? CblasUnit : CblasNonUnit, index(n), a, index(lda), x, index(sx))
  }

  /// x ← op(A)⁻¹x, A triangular [n, n].
  public static func trsv(
    _ u: MatrixTriangle, _ t: Transpose, _ unit: Bool, _ n: Int, _ a: UnsafePointer<Float>, _ lda: Int,
    _ x: UnsafeMutablePointer<Float>, _ sx: Int
  ) {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    cblas_strsv(CblasRowMajor, u.cblas, t.cblas, unit ? CblasUnit : CblasNonUnit, index(n), a, index(lda), x, index(sx))
  }

  /// C ← α·op(A)·op(B) + βC, op(A) [m, k], op(B) [k, n], C [m, n], row-major.
  public static func gemm(
    _ ta: Transpose, _ tb: Transpose, _ m: Int, _ n: Int, _ k: Int, _ alpha: Float, _ a: UnsafePointer<Float>,
    _ lda: Int, _ b: UnsafePointer<Float>, _ ldb: Int, _ beta: Float, _ c: UnsafeMutablePointer<Float>, _ ldc: Int
  ) {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    cblas_sgemm(
      CblasRowMajor, ta.cblas, tb.cblas, index(m), index(n), index(k), alpha, a, index(lda), b, index(ldb), beta, c,
      index(ldc))
  }

  /// C ← αAB + βC (or αBA + βC), A symmetric, C [m, n].
  public static func symm(
    _ side: MatrixSide, _ u: MatrixTriangle, _ m: Int, _ n: Int, _ alpha: Float, _ a: UnsafePointer<Float>, _ lda: Int,
    _ b: UnsafePointer<Float>, _ ldb: Int, _ beta: Float, _ c: UnsafeMutablePointer<Float>, _ ldc: Int
  ) {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    cblas_ssymm(
      CblasRowMajor, side.cblas, u.cblas, index(m), index(n), alpha, a, index(lda), b, index(ldb), beta, c, index(ldc))
  }

  /// C ← α·op(A)·op(A)ᵀ + βC, one triangle of C [n, n] written, op(A) [n, k].
  public static func syrk(
    _ u: MatrixTriangle, _ t: Transpose, _ n: Int, _ k: Int, _ alpha: Float, _ a: UnsafePointer<Float>, _ lda: Int,
    _ beta: Float, _ c: UnsafeMutablePointer<Float>, _ ldc: Int
  ) {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    cblas_ssyrk(CblasRowMajor, u.cblas, t.cblas, index(n), index(k), alpha, a, index(lda), beta, c, index(ldc))
  }

  /// B ← α·op(A)B (or αB·op(A)), A triangular, B [m, n].
  public static func trmm(
    _ side: MatrixSide, _ u: MatrixTriangle, _ t: Transpose, _ unit: Bool, _ m: Int, _ n: Int, _ alpha: Float,
    _ a: UnsafePointer<Float>, _ lda: Int, _ b: UnsafeMutablePointer<Float>, _ ldb: Int
  ) {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    cblas_strmm(
      CblasRowMajor, side.cblas, u.cblas, t.cblas, unit ? CblasUnit : CblasNonUnit, index(m), index(n), alpha, a,
      index(lda), b, index(ldb))
  }

  /// B ← α·op(A)⁻¹B (or αB·op(A)⁻¹), A triangular, B [m, n].
  public static func trsm(
    _ side: MatrixSide, _ u: MatrixTriangle, _ t: Transpose, _ unit: Bool, _ m: Int, _ n: Int, _ alpha: Float,
    _ a: UnsafePointer<Float>, _ lda: Int, _ b: UnsafeMutablePointer<Float>, _ ldb: Int
  ) {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    cblas_strsm(
      CblasRowMajor, side.cblas, u.cblas, t.cblas, unit ? CblasUnit : CblasNonUnit, index(m), index(n), alpha, a,
      index(lda), b, index(ldb))
  }
}
