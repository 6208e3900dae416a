internal import COpenBLAS

// LAPACK on column-major matrices; each function returns its info, 0 for success, `LAPACKInfo.notFinite`, or a number
// above 0.

extension FloatingKernelScalar {
  /// The checked info of a call of LAPACK.
  @inline(__always)
  private static func lapack(
    _ routine: String, _ call: (UnsafePointer<tern_openblas_functions>) -> Int32
  ) -> Int {
    LAPACKInfo.checked(routine, openBLAS(call))
  }

  /// A = PLU in place, A [m, n]; pivots count from 1. Info i > 0: Uᵢᵢ is zero.
  package static func getrf(
    _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int, _ pivots: UnsafeMutablePointer<Int32>
  ) -> Int {
    lapack("getrf") { $0.pointee.getrf(index(m), index(n), a, index(lda), pivots) }
  }

  /// Solves op(A)X = B from `getrf`, B [n, columns].
  package static func getrs(
    _ t: Transpose, _ n: Int, _ columns: Int, _ a: UnsafePointer<Self>, _ lda: Int, _ pivots: UnsafePointer<Int32>,
    _ b: UnsafeMutablePointer<Self>, _ ldb: Int
  ) -> Int {
    lapack("getrs") { $0.pointee.getrs(t.lapack, index(n), index(columns), a, index(lda), pivots, b, index(ldb)) }
  }

  /// A⁻¹ in place from `getrf`. Info i > 0: singular.
  package static func getri(_ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int, _ pivots: UnsafePointer<Int32>)
    -> Int
  {
    lapack("getri") { $0.pointee.getri(index(n), a, index(lda), pivots) }
  }

  /// Solves AX = B; A becomes its LU, B [n, columns] the solution. Info i > 0: singular.
  package static func gesv(
    _ n: Int, _ columns: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int, _ pivots: UnsafeMutablePointer<Int32>,
    _ b: UnsafeMutablePointer<Self>, _ ldb: Int
  ) -> Int {
    lapack("gesv") { $0.pointee.gesv(index(n), index(columns), a, index(lda), pivots, b, index(ldb)) }
  }

  /// The Cholesky factor in one triangle. Info i > 0: the leading minor i is not positive.
  package static func potrf(_ u: MatrixTriangle, _ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int) -> Int {
    lapack("potrf") { $0.pointee.potrf(u.lapack, index(n), a, index(lda)) }
  }

  /// Solves AX = B from `potrf`.
  package static func potrs(
    _ u: MatrixTriangle, _ n: Int, _ columns: Int, _ a: UnsafePointer<Self>, _ lda: Int,
    _ b: UnsafeMutablePointer<Self>,
    _ ldb: Int
  ) -> Int {
    lapack("potrs") { $0.pointee.potrs(u.lapack, index(n), index(columns), a, index(lda), b, index(ldb)) }
  }

  /// One triangle of A⁻¹ from `potrf`.
  package static func potri(_ u: MatrixTriangle, _ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int) -> Int {
    lapack("potri") { $0.pointee.potri(u.lapack, index(n), a, index(lda)) }
  }

  /// A = P·L·D·Lᵀ·Pᵀ (or with U) of a symmetric A, in one triangle, with blocks of 1 and 2 rows in D, whose pivots are negative.
  /// Info i > 0: Dᵢᵢ is zero.
  package static func sytrf(
    _ u: MatrixTriangle, _ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int, _ pivots: UnsafeMutablePointer<Int32>
  ) -> Int {
    lapack("sytrf") { $0.pointee.sytrf(u.lapack, index(n), a, index(lda), pivots) }
  }

  /// Solves AX = B from `sytrf`, B [n, columns].
  package static func sytrs(
    _ u: MatrixTriangle, _ n: Int, _ columns: Int, _ a: UnsafePointer<Self>, _ lda: Int,
    _ pivots: UnsafePointer<Int32>, _ b: UnsafeMutablePointer<Self>, _ ldb: Int
  ) -> Int {
    lapack("sytrs") { $0.pointee.sytrs(u.lapack, index(n), index(columns), a, index(lda), pivots, b, index(ldb)) }
  }

  /// A = QR in place: R above, Householder vectors below the diagonal; factors of min(m, n).
  package static func geqrf(
    _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int, _ factors: UnsafeMutablePointer<Self>
  ) -> Int {
    lapack("geqrf") { $0.pointee.geqrf(index(m), index(n), a, index(lda), factors) }
  }

  /// The first n columns of Q from k reflectors of `geqrf`, A [m, n].
  package static func orgqr(
    _ m: Int, _ n: Int, _ k: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int, _ factors: UnsafePointer<Self>
  ) -> Int {
    lapack("orgqr") { $0.pointee.orgqr(index(m), index(n), index(k), a, index(lda), factors) }
  }

  /// C ← op(Q)C (or C·op(Q)) from k reflectors of `geqrf`, C [m, n].
  package static func ormqr(
    _ side: MatrixSide, _ t: Transpose, _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Self>, _ lda: Int,
    _ factors: UnsafePointer<Self>, _ c: UnsafeMutablePointer<Self>, _ ldc: Int
  ) -> Int {
    lapack("ormqr") {
      $0.pointee.ormqr(side.lapack, t.lapack, index(m), index(n), index(k), a, index(lda), factors, c, index(ldc))
    }
  }

  /// A = U·diag(s)·Vᵀ by divide and conquer; A [m, n] is overwritten. Info > 0: no convergence.
  package static func gesdd(
    _ vectors: SingularVectors, _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int,
    _ s: UnsafeMutablePointer<Self>,
    _ u: UnsafeMutablePointer<Self>, _ ldu: Int, _ vt: UnsafeMutablePointer<Self>, _ ldvt: Int
  ) -> Int {
    guard LAPACKInfo.isFinite(a, m, n, lda) else { return LAPACKInfo.notFinite }
    return lapack("gesdd") {
      $0.pointee.gesdd(vectors.lapack, index(m), index(n), a, index(lda), s, u, index(ldu), vt, index(ldvt))
    }
  }

  /// A = U·diag(s)·Vᵀ by QR iteration, slower and surer than `gesdd`; A [m, n] is overwritten, `superdiagonal` has
  /// min(m, n) values. Info > 0: no convergence.
  package static func gesvd(
    _ vectors: SingularVectors, _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int,
    _ s: UnsafeMutablePointer<Self>,
    _ u: UnsafeMutablePointer<Self>, _ ldu: Int, _ vt: UnsafeMutablePointer<Self>, _ ldvt: Int,
    _ superdiagonal: UnsafeMutablePointer<Self>
  ) -> Int {
    guard LAPACKInfo.isFinite(a, m, n, lda) else { return LAPACKInfo.notFinite }
    return lapack("gesvd") {
      $0.pointee.gesvd(
        vectors.lapack, index(m), index(n), a, index(lda), s, u, index(ldu), vt, index(ldvt), superdiagonal)
    }
  }

  /// Eigenvalues, ascending, of a symmetric A [n, n]; A becomes the eigenvectors, by columns, where `vectors`. Info > 0: no convergence.
  package static func syevd(
    _ vectors: Bool, _ u: MatrixTriangle, _ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int,
    _ values: UnsafeMutablePointer<Self>
  ) -> Int {
    guard LAPACKInfo.isFinite(a, n, n, lda, u) else { return LAPACKInfo.notFinite }
    return lapack("syevd") {
      $0.pointee.syevd(vectors ? lapackCharacter("V") : lapackCharacter("N"), u.lapack, index(n), a, index(lda), values)
    }
  }

  /// Eigenvalues (real and imaginary parts) of a square A [n, n], and right eigenvectors by columns where `isWanted`. Info > 0: no convergence.
  package static func geev(
    _ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int, _ real: UnsafeMutablePointer<Self>,
    _ imaginary: UnsafeMutablePointer<Self>, _ vectors: UnsafeMutablePointer<Self>, _ ldv: Int,
    vectors isWanted: Bool = true
  ) -> Int {
    guard LAPACKInfo.isFinite(a, n, n, lda) else { return LAPACKInfo.notFinite }
    return lapack("geev") {
      $0.pointee.geev(
        lapackCharacter(isWanted ? "V" : "N"), index(n), a, index(lda), real, imaginary, vectors, index(ldv))
    }
  }

  /// Least squares min ‖Ax − b‖ of least norm by SVD; B [max(m, n), columns] becomes the solution. Info > 0: no convergence.
  package static func gelsd(
    _ m: Int, _ n: Int, _ columns: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int, _ b: UnsafeMutablePointer<Self>,
    _ ldb: Int, _ s: UnsafeMutablePointer<Self>, _ tolerance: Self, _ rank: UnsafeMutablePointer<Int32>
  ) -> Int {
    guard LAPACKInfo.isFinite(a, m, n, lda), LAPACKInfo.isFinite(b, m, columns, ldb) else {
      return LAPACKInfo.notFinite
    }
    return lapack("gelsd") {
      $0.pointee.gelsd(index(m), index(n), index(columns), a, index(lda), b, index(ldb), s, tolerance._bits, rank)
    }
  }

  /// Least squares of least norm by QR with pivoting; B [max(m, n), columns] becomes the solution.
  package static func gelsy(
    _ m: Int, _ n: Int, _ columns: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int, _ b: UnsafeMutablePointer<Self>,
    _ ldb: Int, _ pivots: UnsafeMutablePointer<Int32>, _ tolerance: Self, _ rank: UnsafeMutablePointer<Int32>
  ) -> Int {
    guard LAPACKInfo.isFinite(a, m, n, lda), LAPACKInfo.isFinite(b, m, columns, ldb) else {
      return LAPACKInfo.notFinite
    }
    return lapack("gelsy") {
      $0.pointee.gelsy(index(m), index(n), index(columns), a, index(lda), b, index(ldb), pivots, tolerance._bits, rank)
    }
  }

  /// Solves op(A)X = B, A triangular. Info i > 0: Aᵢᵢ is zero.
  package static func trtrs(
    _ u: MatrixTriangle, _ t: Transpose, _ unit: Bool, _ n: Int, _ columns: Int, _ a: UnsafePointer<Self>, _ lda: Int,
    _ b: UnsafeMutablePointer<Self>, _ ldb: Int
  ) -> Int {
    lapack("trtrs") {
      $0.pointee.trtrs(
        u.lapack, t.lapack, unit ? lapackCharacter("U") : lapackCharacter("N"), index(n), index(columns), a, index(lda),
        b, index(ldb))
    }
  }

  /// A⁻¹ of a triangular A in place. Info i > 0: Aᵢᵢ is zero.
  package static func trtri(_ u: MatrixTriangle, _ unit: Bool, _ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int)
    -> Int
  {
    lapack("trtri") {
      $0.pointee.trtri(u.lapack, unit ? lapackCharacter("U") : lapackCharacter("N"), index(n), a, index(lda))
    }
  }

  /// An estimate of 1 / (‖A‖·‖A⁻¹‖) from `getrf` and the norm of A, `norm` being `.one` or `.infinity`.
  package static func gecon(
    _ norm: EntryNorm, _ n: Int, _ a: UnsafePointer<Self>, _ lda: Int, _ normOfA: Self,
    _ reciprocal: UnsafeMutablePointer<Self>
  ) -> Int {
    lapack("gecon") { $0.pointee.gecon(norm.lapack, index(n), a, index(lda), normOfA._bits, reciprocal) }
  }

  /// A norm of A [m, n]: the largest |aᵢⱼ|, column sum or row sum of |aᵢⱼ|, or √Σ aᵢⱼ².
  package static func lange(_ norm: EntryNorm, _ m: Int, _ n: Int, _ a: UnsafePointer<Self>, _ lda: Int) -> Self {
    value { $0.pointee.lange(norm.lapack, index(m), index(n), a, index(lda), $1) }
  }
}
