internal import COpenBLAS

// Float and Double: BLAS and LAPACK under one face. Matrices are row-major in BLAS's calls and column-major in LAPACK's, as
// it wants them (its row-major calls copy); strides and leading dimensions count elements.
//
// Every call runs on the thread that makes it: the process's OpenBLAS is set to one thread at the first, since its own
// pool spins on the cores that Tern's workers need. Sizes above Int32 stop with a message.
//
// A NaN goes into the results of BLAS and of the factorizations that take a fixed number of steps. Those that iterate
// (`gesdd`, `gesvd`, `syevd`, `geev`) and the least squares would print, return wrong numbers or never end: they look
// for NaN and infinities first and return `LAPACKInfo.notFinite`.

extension FloatingKernelScalar {
  /// Calls OpenBLAS through its functions for this type; no other thread forks meanwhile.
  @inline(__always)
  static func openBLAS<Result>(_ call: (UnsafePointer<tern_openblas_functions>) -> Result) -> Result {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    return call(tern_openblas(scalarKind.rawValue))
  }

  /// Calls a function of OpenBLAS whose result is one value.
  static func value(
    _ call: (UnsafePointer<tern_openblas_functions>, UnsafeMutablePointer<Self>) -> Void
  ) -> Self {
    withUnsafeTemporaryAllocation(of: Self.self, capacity: 1) { result in
      openBLAS { call($0, result.baseAddress!) }
      return result[0]
    }
  }

  /// Σ xᵢ·yᵢ.
  package static func dot(_ n: Int, _ x: UnsafePointer<Self>, _ sx: Int, _ y: UnsafePointer<Self>, _ sy: Int) -> Self {
    value { $0.pointee.dot(index(n), x, index(sx), y, index(sy), $1) }
  }

  /// √Σ xᵢ², without overflow on the way.
  package static func nrm2(_ n: Int, _ x: UnsafePointer<Self>, _ sx: Int) -> Self {
    value { $0.pointee.nrm2(index(n), x, index(sx), $1) }
  }

  /// Σ |xᵢ|.
  package static func asum(_ n: Int, _ x: UnsafePointer<Self>, _ sx: Int) -> Self {
    value { $0.pointee.asum(index(n), x, index(sx), $1) }
  }

  /// The first position of the largest |xᵢ|.
  package static func iamax(_ n: Int, _ x: UnsafePointer<Self>, _ sx: Int) -> Int {
    Int(openBLAS { $0.pointee.iamax(index(n), x, index(sx)) })
  }

  /// y ← αx + y.
  package static func axpy(
    _ n: Int, _ alpha: Self, _ x: UnsafePointer<Self>, _ sx: Int, _ y: UnsafeMutablePointer<Self>, _ sy: Int
  ) {
    openBLAS { $0.pointee.axpy(index(n), alpha._bits, x, index(sx), y, index(sy)) }
  }

  /// x ← αx.
  package static func scal(_ n: Int, _ alpha: Self, _ x: UnsafeMutablePointer<Self>, _ sx: Int) {
    openBLAS { $0.pointee.scal(index(n), alpha._bits, x, index(sx)) }
  }

  /// y ← x.
  package static func copy(
    _ n: Int, _ x: UnsafePointer<Self>, _ sx: Int, _ y: UnsafeMutablePointer<Self>, _ sy: Int
  ) {
    openBLAS { $0.pointee.copy(index(n), x, index(sx), y, index(sy)) }
  }

  /// x ↔ y.
  package static func swap(
    _ n: Int, _ x: UnsafeMutablePointer<Self>, _ sx: Int, _ y: UnsafeMutablePointer<Self>, _ sy: Int
  ) {
    openBLAS { $0.pointee.swap(index(n), x, index(sx), y, index(sy)) }
  }

  /// (x, y) ← (cx + sy, cy − sx), a plane rotation.
  package static func rot(
    _ n: Int, _ x: UnsafeMutablePointer<Self>, _ sx: Int, _ y: UnsafeMutablePointer<Self>, _ sy: Int, _ c: Self,
    _ s: Self
  ) {
    openBLAS { $0.pointee.rot(index(n), x, index(sx), y, index(sy), c._bits, s._bits) }
  }

  /// y ← α·op(A)x + βy, A [m, n] row-major.
  @specialized(where Self == Float)
  @specialized(where Self == Double)
  package static func gemv(
    _ t: Transpose, _ m: Int, _ n: Int, _ alpha: Self, _ a: UnsafePointer<Self>, _ lda: Int,
    _ x: UnsafePointer<Self>, _ sx: Int, _ beta: Self, _ y: UnsafeMutablePointer<Self>, _ sy: Int
  ) {
    openBLAS {
      $0.pointee.gemv(t.cblas, index(m), index(n), alpha._bits, a, index(lda), x, index(sx), beta._bits, y, index(sy))
    }
  }

  /// A ← α·xyᵀ + A, A [m, n] row-major.
  package static func ger(
    _ m: Int, _ n: Int, _ alpha: Self, _ x: UnsafePointer<Self>, _ sx: Int, _ y: UnsafePointer<Self>, _ sy: Int,
    _ a: UnsafeMutablePointer<Self>, _ lda: Int
  ) {
    openBLAS { $0.pointee.ger(index(m), index(n), alpha._bits, x, index(sx), y, index(sy), a, index(lda)) }
  }

  /// y ← αAx + βy, A symmetric [n, n], one triangle read.
  package static func symv(
    _ u: MatrixTriangle, _ n: Int, _ alpha: Self, _ a: UnsafePointer<Self>, _ lda: Int, _ x: UnsafePointer<Self>,
    _ sx: Int, _ beta: Self, _ y: UnsafeMutablePointer<Self>, _ sy: Int
  ) {
    openBLAS { $0.pointee.symv(u.cblas, index(n), alpha._bits, a, index(lda), x, index(sx), beta._bits, y, index(sy)) }
  }

  /// x ← op(A)x, A triangular [n, n].
  package static func trmv(
    _ u: MatrixTriangle, _ t: Transpose, _ unit: Bool, _ n: Int, _ a: UnsafePointer<Self>, _ lda: Int,
    _ x: UnsafeMutablePointer<Self>, _ sx: Int
  ) {
    openBLAS {
      $0.pointee.trmv(u.cblas, t.cblas, unit ? CblasUnit : CblasNonUnit, index(n), a, index(lda), x, index(sx))
    }
  }

  /// x ← op(A)⁻¹x, A triangular [n, n].
  package static func trsv(
    _ u: MatrixTriangle, _ t: Transpose, _ unit: Bool, _ n: Int, _ a: UnsafePointer<Self>, _ lda: Int,
    _ x: UnsafeMutablePointer<Self>, _ sx: Int
  ) {
    openBLAS {
      $0.pointee.trsv(u.cblas, t.cblas, unit ? CblasUnit : CblasNonUnit, index(n), a, index(lda), x, index(sx))
    }
  }

  /// C ← α·op(A)·op(B) + βC, op(A) [m, k], op(B) [k, n], C [m, n], row-major.
  package static func gemm(
    _ ta: Transpose, _ tb: Transpose, _ m: Int, _ n: Int, _ k: Int, _ alpha: Self, _ a: UnsafePointer<Self>,
    _ lda: Int, _ b: UnsafePointer<Self>, _ ldb: Int, _ beta: Self, _ c: UnsafeMutablePointer<Self>, _ ldc: Int
  ) {
    openBLAS {
      $0.pointee.gemm(
        ta.cblas, tb.cblas, index(m), index(n), index(k), alpha._bits, a, index(lda), b, index(ldb), beta._bits, c,
        index(ldc))
    }
  }

  /// C ← αAB + βC (or αBA + βC), A symmetric, C [m, n].
  package static func symm(
    _ side: MatrixSide, _ u: MatrixTriangle, _ m: Int, _ n: Int, _ alpha: Self, _ a: UnsafePointer<Self>, _ lda: Int,
    _ b: UnsafePointer<Self>, _ ldb: Int, _ beta: Self, _ c: UnsafeMutablePointer<Self>, _ ldc: Int
  ) {
    openBLAS {
      $0.pointee.symm(
        side.cblas, u.cblas, index(m), index(n), alpha._bits, a, index(lda), b, index(ldb), beta._bits, c, index(ldc))
    }
  }

  /// C ← α·op(A)·op(A)ᵀ + βC, one triangle of C [n, n] written, op(A) [n, k].
  package static func syrk(
    _ u: MatrixTriangle, _ t: Transpose, _ n: Int, _ k: Int, _ alpha: Self, _ a: UnsafePointer<Self>, _ lda: Int,
    _ beta: Self, _ c: UnsafeMutablePointer<Self>, _ ldc: Int
  ) {
    openBLAS {
      $0.pointee.syrk(u.cblas, t.cblas, index(n), index(k), alpha._bits, a, index(lda), beta._bits, c, index(ldc))
    }
  }

  /// B ← α·op(A)B (or αB·op(A)), A triangular, B [m, n].
  package static func trmm(
    _ side: MatrixSide, _ u: MatrixTriangle, _ t: Transpose, _ unit: Bool, _ m: Int, _ n: Int, _ alpha: Self,
    _ a: UnsafePointer<Self>, _ lda: Int, _ b: UnsafeMutablePointer<Self>, _ ldb: Int
  ) {
    openBLAS {
      $0.pointee.trmm(
        side.cblas, u.cblas, t.cblas, unit ? CblasUnit : CblasNonUnit, index(m), index(n), alpha._bits, a, index(lda),
        b, index(ldb))
    }
  }

  /// B ← α·op(A)⁻¹B (or αB·op(A)⁻¹), A triangular, B [m, n].
  package static func trsm(
    _ side: MatrixSide, _ u: MatrixTriangle, _ t: Transpose, _ unit: Bool, _ m: Int, _ n: Int, _ alpha: Self,
    _ a: UnsafePointer<Self>, _ lda: Int, _ b: UnsafeMutablePointer<Self>, _ ldb: Int
  ) {
    openBLAS {
      $0.pointee.trsm(
        side.cblas, u.cblas, t.cblas, unit ? CblasUnit : CblasNonUnit, index(m), index(n), alpha._bits, a, index(lda),
        b, index(ldb))
    }
  }
}
