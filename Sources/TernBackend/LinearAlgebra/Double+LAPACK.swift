import COpenBLAS

// Double: LAPACKE's `LAPACKE_d…` on column-major matrices.

extension Double {
  /// A = PLU in place, A [m, n]; pivots count from 1. Info i > 0: Uᵢᵢ is zero.
  public static func getrf(
    _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Double>, _ lda: Int, _ pivots: UnsafeMutablePointer<Int32>
  ) -> Int {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    return LAPACKInfo.checked("getrf", LAPACKE_dgetrf(LAPACK_COL_MAJOR, index(m), index(n), a, index(lda), pivots))
  }

  /// Solves op(A)X = B from `getrf`, B [n, columns].
  public static func getrs(
    _ t: Transpose, _ n: Int, _ columns: Int, _ a: UnsafePointer<Double>, _ lda: Int, _ pivots: UnsafePointer<Int32>,
    _ b: UnsafeMutablePointer<Double>, _ ldb: Int
  ) -> Int {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    return LAPACKInfo.checked(
      "getrs",
      LAPACKE_dgetrs(LAPACK_COL_MAJOR, t.lapack, index(n), index(columns), a, index(lda), pivots, b, index(ldb)))
  }

  /// A⁻¹ in place from `getrf`. Info i > 0: singular.
  public static func getri(_ n: Int, _ a: UnsafeMutablePointer<Double>, _ lda: Int, _ pivots: UnsafePointer<Int32>)
    -> Int
  {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    return LAPACKInfo.checked("getri", LAPACKE_dgetri(LAPACK_COL_MAJOR, index(n), a, index(lda), pivots))
  }

  /// Solves AX = B; A becomes its LU, B [n, columns] the solution. Info i > 0: singular.
  public static func gesv(
    _ n: Int, _ columns: Int, _ a: UnsafeMutablePointer<Double>, _ lda: Int, _ pivots: UnsafeMutablePointer<Int32>,
    _ b: UnsafeMutablePointer<Double>, _ ldb: Int
  ) -> Int {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    return LAPACKInfo.checked(
      "gesv", LAPACKE_dgesv(LAPACK_COL_MAJOR, index(n), index(columns), a, index(lda), pivots, b, index(ldb)))
  }

  /// The Cholesky factor in one triangle. Info i > 0: the leading minor i is not positive.
  public static func potrf(_ u: MatrixTriangle, _ n: Int, _ a: UnsafeMutablePointer<Double>, _ lda: Int) -> Int {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    return LAPACKInfo.checked("potrf", LAPACKE_dpotrf(LAPACK_COL_MAJOR, u.lapack, index(n), a, index(lda)))
  }

  /// Solves AX = B from `potrf`.
  public static func potrs(
    _ u: MatrixTriangle, _ n: Int, _ columns: Int, _ a: UnsafePointer<Double>, _ lda: Int,
    _ b: UnsafeMutablePointer<Double>,
    _ ldb: Int
  ) -> Int {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    return LAPACKInfo.checked(
      "potrs", LAPACKE_dpotrs(LAPACK_COL_MAJOR, u.lapack, index(n), index(columns), a, index(lda), b, index(ldb)))
  }

  /// One triangle of A⁻¹ from `potrf`.
  public static func potri(_ u: MatrixTriangle, _ n: Int, _ a: UnsafeMutablePointer<Double>, _ lda: Int) -> Int {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    return LAPACKInfo.checked("potri", LAPACKE_dpotri(LAPACK_COL_MAJOR, u.lapack, index(n), a, index(lda)))
  }

  /// A = QR in place: R above, Householder vectors below the diagonal; factors of min(m, n).
  public static func geqrf(
    _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Double>, _ lda: Int, _ factors: UnsafeMutablePointer<Double>
  ) -> Int {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    return LAPACKInfo.checked("geqrf", LAPACKE_dgeqrf(LAPACK_COL_MAJOR, index(m), index(n), a, index(lda), factors))
  }

  /// The first n columns of Q from k reflectors of `geqrf`, A [m, n].
  public static func orgqr(
    _ m: Int, _ n: Int, _ k: Int, _ a: UnsafeMutablePointer<Double>, _ lda: Int, _ factors: UnsafePointer<Double>
  ) -> Int {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    return LAPACKInfo.checked(
      "orgqr", LAPACKE_dorgqr(LAPACK_COL_MAJOR, index(m), index(n), index(k), a, index(lda), factors))
  }

  /// C ← op(Q)C (or C·op(Q)) from k reflectors of `geqrf`, C [m, n].
  public static func ormqr(
    _ side: MatrixSide, _ t: Transpose, _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Double>, _ lda: Int,
    _ factors: UnsafePointer<Double>, _ c: UnsafeMutablePointer<Double>, _ ldc: Int
  ) -> Int {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    return LAPACKInfo.checked(
      "ormqr",
      LAPACKE_dormqr(
        LAPACK_COL_MAJOR, side.lapack, t.lapack, index(m), index(n), index(k), a, index(lda), factors, c, index(ldc)))
  }

  /// A = U·diag(s)·Vᵀ by divide and conquer; A [m, n] is overwritten. Info > 0: no convergence.
  public static func gesdd(
    _ vectors: SingularVectors, _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Double>, _ lda: Int,
    _ s: UnsafeMutablePointer<Double>,
    _ u: UnsafeMutablePointer<Double>, _ ldu: Int, _ vt: UnsafeMutablePointer<Double>, _ ldvt: Int
  ) -> Int {
    guard LAPACKInfo.isFinite(a, m, n, lda) else { return LAPACKInfo.notFinite }
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    return LAPACKInfo.checked(
      "gesdd",
      LAPACKE_dgesdd(
        LAPACK_COL_MAJOR, vectors.lapack, index(m), index(n), a, index(lda), s, u,
        index(ldu), vt, index(ldvt)))
  }

  /// A = U·diag(s)·Vᵀ by QR iteration, slower and surer than `gesdd`; A [m, n] is overwritten, `superdiagonal` has
  /// min(m, n) values. Info > 0: no convergence.
  public static func gesvd(
    _ vectors: SingularVectors, _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Double>, _ lda: Int,
    _ s: UnsafeMutablePointer<Double>,
    _ u: UnsafeMutablePointer<Double>, _ ldu: Int, _ vt: UnsafeMutablePointer<Double>, _ ldvt: Int,
    _ superdiagonal: UnsafeMutablePointer<Double>
  ) -> Int {
    guard LAPACKInfo.isFinite(a, m, n, lda) else { return LAPACKInfo.notFinite }
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    return LAPACKInfo.checked(
      "gesvd",
      LAPACKE_dgesvd(
        LAPACK_COL_MAJOR, vectors.lapack, vectors.lapack, index(m), index(n), a, index(lda), s, u, index(ldu), vt,
        index(ldvt), superdiagonal)
    )
  }

  /// Eigenvalues, ascending, of a symmetric A [n, n]; A becomes the eigenvectors, by columns, where `vectors`. Info > 0: no convergence.
  public static func syevd(
    _ vectors: Bool, _ u: MatrixTriangle, _ n: Int, _ a: UnsafeMutablePointer<Double>, _ lda: Int,
    _ values: UnsafeMutablePointer<Double>
  ) -> Int {
    guard LAPACKInfo.isFinite(a, n, n, lda, u) else { return LAPACKInfo.notFinite }
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    return LAPACKInfo.checked(
      "syevd",
      LAPACKE_dsyevd(
        LAPACK_COL_MAJOR, vectors ? lapackCharacter("V") : lapackCharacter("N"), u.lapack, index(n), a, index(lda),
        values))
  }

  /// Eigenvalues (real and imaginary parts) of a square A [n, n], and right eigenvectors by columns. Info > 0: no convergence.
  public static func geev(
    _ n: Int, _ a: UnsafeMutablePointer<Double>, _ lda: Int, _ real: UnsafeMutablePointer<Double>,
    _ imaginary: UnsafeMutablePointer<Double>, _ vectors: UnsafeMutablePointer<Double>, _ ldv: Int
  ) -> Int {
    guard LAPACKInfo.isFinite(a, n, n, lda) else { return LAPACKInfo.notFinite }
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    return LAPACKInfo.checked(
      "geev",
      LAPACKE_dgeev(
        LAPACK_COL_MAJOR, lapackCharacter("N"), lapackCharacter("V"), index(n), a, index(lda), real, imaginary, nil, 1,
        vectors, index(ldv)))
  }

  /// Least squares min ‖Ax − b‖ of least norm by SVD; B [max(m, n), columns] becomes the solution. Info > 0: no convergence.
  public static func gelsd(
    _ m: Int, _ n: Int, _ columns: Int, _ a: UnsafeMutablePointer<Double>, _ lda: Int,
    _ b: UnsafeMutablePointer<Double>,
    _ ldb: Int, _ s: UnsafeMutablePointer<Double>, _ tolerance: Double, _ rank: UnsafeMutablePointer<Int32>
  ) -> Int {
    guard LAPACKInfo.isFinite(a, m, n, lda), LAPACKInfo.isFinite(b, m, columns, ldb) else {
      return LAPACKInfo.notFinite
    }
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    return LAPACKInfo.checked(
      "gelsd",
      LAPACKE_dgelsd(
        LAPACK_COL_MAJOR, index(m), index(n), index(columns), a, index(lda), b, index(ldb), s, tolerance, rank))
  }

  /// Least squares of least norm by QR with pivoting; B [max(m, n), columns] becomes the solution.
  public static func gelsy(
    _ m: Int, _ n: Int, _ columns: Int, _ a: UnsafeMutablePointer<Double>, _ lda: Int,
    _ b: UnsafeMutablePointer<Double>,
    _ ldb: Int, _ pivots: UnsafeMutablePointer<Int32>, _ tolerance: Double, _ rank: UnsafeMutablePointer<Int32>
  ) -> Int {
    guard LAPACKInfo.isFinite(a, m, n, lda), LAPACKInfo.isFinite(b, m, columns, ldb) else {
      return LAPACKInfo.notFinite
    }
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    return LAPACKInfo.checked(
      "gelsy",
      LAPACKE_dgelsy(
        LAPACK_COL_MAJOR, index(m), index(n), index(columns), a, index(lda), b, index(ldb), pivots, tolerance, rank))
  }

  /// Solves op(A)X = B, A triangular. Info i > 0: Aᵢᵢ is zero.
  public static func trtrs(
    _ u: MatrixTriangle, _ t: Transpose, _ unit: Bool, _ n: Int, _ columns: Int, _ a: UnsafePointer<Double>, _ lda: Int,
    _ b: UnsafeMutablePointer<Double>, _ ldb: Int
  ) -> Int {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    return LAPACKInfo.checked(
      "trtrs",
      LAPACKE_dtrtrs(
        LAPACK_COL_MAJOR, u.lapack, t.lapack, unit ? lapackCharacter("U") : lapackCharacter("N"), index(n),
        index(columns), a, index(lda), b, index(ldb)))
  }

  /// A⁻¹ of a triangular A in place. Info i > 0: Aᵢᵢ is zero.
  public static func trtri(_ u: MatrixTriangle, _ unit: Bool, _ n: Int, _ a: UnsafeMutablePointer<Double>, _ lda: Int)
    -> Int
  {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    return LAPACKInfo.checked(
      "trtri",
      LAPACKE_dtrtri(
        LAPACK_COL_MAJOR, u.lapack, unit ? lapackCharacter("U") : lapackCharacter("N"), index(n), a, index(lda)))
  }

  /// An estimate of 1 / (‖A‖·‖A⁻¹‖) from `getrf` and the norm of A, `norm` being `.one` or `.infinity`.
  public static func gecon(
    _ norm: EntryNorm, _ n: Int, _ a: UnsafePointer<Double>, _ lda: Int, _ normOfA: Double,
    _ reciprocal: UnsafeMutablePointer<Double>
  ) -> Int {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    return LAPACKInfo.checked(
      "gecon", LAPACKE_dgecon(LAPACK_COL_MAJOR, norm.lapack, index(n), a, index(lda), normOfA, reciprocal))
  }

  /// A norm of A [m, n]: the largest |aᵢⱼ|, column sum or row sum of |aᵢⱼ|, or √Σ aᵢⱼ².
  public static func lange(_ norm: EntryNorm, _ m: Int, _ n: Int, _ a: UnsafePointer<Double>, _ lda: Int) -> Double {
    OpenBLAS.enter()
    defer { OpenBLAS.leave() }
    return LAPACKE_dlange(LAPACK_COL_MAJOR, norm.lapack, index(m), index(n), a, index(lda))
  }
}
