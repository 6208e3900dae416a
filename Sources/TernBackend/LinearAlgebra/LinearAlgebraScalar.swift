import COpenBLAS

/// Float and Double: BLAS and LAPACK under one face. Matrices are row-major in BLAS's calls and column-major in LAPACK's, as
/// it wants them (its row-major calls copy); strides and leading dimensions count elements.
///
/// Every call runs on the thread that makes it: the process's OpenBLAS is set to one thread at the first, since its own
/// pool spins on the cores that Tern's workers need. Sizes above Int32 stop with a message.
///
/// A NaN goes into the results of BLAS and of the factorizations that take a fixed number of steps. Those that iterate
/// (`gesdd`, `gesvd`, `syevd`, `geev`) and the least squares would print, return wrong numbers or never end: they look
/// for NaN and infinities first and return `LAPACKInfo.notFinite`.
public protocol LinearAlgebraScalar: Sendable {
  // MARK: Level 1: vectors

  /// Σ xᵢ·yᵢ.
  static func dot(_ n: Int, _ x: UnsafePointer<Self>, _ sx: Int, _ y: UnsafePointer<Self>, _ sy: Int) -> Self
  /// √Σ xᵢ², without overflow on the way.
  static func nrm2(_ n: Int, _ x: UnsafePointer<Self>, _ sx: Int) -> Self
  /// Σ |xᵢ|.
  static func asum(_ n: Int, _ x: UnsafePointer<Self>, _ sx: Int) -> Self
  /// The first position of the largest |xᵢ|.
  static func iamax(_ n: Int, _ x: UnsafePointer<Self>, _ sx: Int) -> Int
  /// y ← αx + y.
  static func axpy(
    _ n: Int, _ alpha: Self, _ x: UnsafePointer<Self>, _ sx: Int, _ y: UnsafeMutablePointer<Self>, _ sy: Int)
  /// x ← αx.
  static func scal(_ n: Int, _ alpha: Self, _ x: UnsafeMutablePointer<Self>, _ sx: Int)
  /// y ← x.
  static func copy(_ n: Int, _ x: UnsafePointer<Self>, _ sx: Int, _ y: UnsafeMutablePointer<Self>, _ sy: Int)
  /// x ↔ y.
  static func swap(_ n: Int, _ x: UnsafeMutablePointer<Self>, _ sx: Int, _ y: UnsafeMutablePointer<Self>, _ sy: Int)
  /// (x, y) ← (cx + sy, cy − sx), a plane rotation.
  static func rot(
    _ n: Int, _ x: UnsafeMutablePointer<Self>, _ sx: Int, _ y: UnsafeMutablePointer<Self>, _ sy: Int, _ c: Self,
    _ s: Self)

  // MARK: Level 2: a matrix and vectors

  /// y ← α·op(A)x + βy, A [m, n] row-major.
  static func gemv(
    _ t: Transpose, _ m: Int, _ n: Int, _ alpha: Self, _ a: UnsafePointer<Self>, _ lda: Int, _ x: UnsafePointer<Self>,
    _ sx: Int, _ beta: Self, _ y: UnsafeMutablePointer<Self>, _ sy: Int)
  /// A ← α·xyᵀ + A, A [m, n] row-major.
  static func ger(
    _ m: Int, _ n: Int, _ alpha: Self, _ x: UnsafePointer<Self>, _ sx: Int, _ y: UnsafePointer<Self>, _ sy: Int,
    _ a: UnsafeMutablePointer<Self>, _ lda: Int)
  /// y ← αAx + βy, A symmetric [n, n], one triangle read.
  static func symv(
    _ u: MatrixTriangle, _ n: Int, _ alpha: Self, _ a: UnsafePointer<Self>, _ lda: Int, _ x: UnsafePointer<Self>,
    _ sx: Int,
    _ beta: Self, _ y: UnsafeMutablePointer<Self>, _ sy: Int)
  /// x ← op(A)x, A triangular [n, n].
  static func trmv(
    _ u: MatrixTriangle, _ t: Transpose, _ unit: Bool, _ n: Int, _ a: UnsafePointer<Self>, _ lda: Int,
    _ x: UnsafeMutablePointer<Self>, _ sx: Int)
  /// x ← op(A)⁻¹x, A triangular [n, n].
  static func trsv(
    _ u: MatrixTriangle, _ t: Transpose, _ unit: Bool, _ n: Int, _ a: UnsafePointer<Self>, _ lda: Int,
    _ x: UnsafeMutablePointer<Self>, _ sx: Int)

  // MARK: Level 3: matrices

  /// C ← α·op(A)·op(B) + βC, op(A) [m, k], op(B) [k, n], C [m, n], row-major.
  static func gemm(
    _ ta: Transpose, _ tb: Transpose, _ m: Int, _ n: Int, _ k: Int, _ alpha: Self, _ a: UnsafePointer<Self>, _ lda: Int,
    _ b: UnsafePointer<Self>, _ ldb: Int, _ beta: Self, _ c: UnsafeMutablePointer<Self>, _ ldc: Int)
  /// C ← αAB + βC (or αBA + βC), A symmetric, C [m, n].
  static func symm(
    _ side: MatrixSide, _ u: MatrixTriangle, _ m: Int, _ n: Int, _ alpha: Self, _ a: UnsafePointer<Self>, _ lda: Int,
    _ b: UnsafePointer<Self>, _ ldb: Int, _ beta: Self, _ c: UnsafeMutablePointer<Self>, _ ldc: Int)
  /// C ← α·op(A)·op(A)ᵀ + βC, one triangle of C [n, n] written, op(A) [n, k].
  static func syrk(
    _ u: MatrixTriangle, _ t: Transpose, _ n: Int, _ k: Int, _ alpha: Self, _ a: UnsafePointer<Self>, _ lda: Int,
    _ beta: Self, _ c: UnsafeMutablePointer<Self>, _ ldc: Int)
  /// B ← α·op(A)B (or αB·op(A)), A triangular, B [m, n].
  static func trmm(
    _ side: MatrixSide, _ u: MatrixTriangle, _ t: Transpose, _ unit: Bool, _ m: Int, _ n: Int, _ alpha: Self,
    _ a: UnsafePointer<Self>, _ lda: Int, _ b: UnsafeMutablePointer<Self>, _ ldb: Int)
  /// B ← α·op(A)⁻¹B (or αB·op(A)⁻¹), A triangular, B [m, n].
  static func trsm(
    _ side: MatrixSide, _ u: MatrixTriangle, _ t: Transpose, _ unit: Bool, _ m: Int, _ n: Int, _ alpha: Self,
    _ a: UnsafePointer<Self>, _ lda: Int, _ b: UnsafeMutablePointer<Self>, _ ldb: Int)

  // MARK: LAPACK; each returns its info, 0 for success, `LAPACKInfo.notFinite`, or a number above 0

  /// A = PLU in place, A [m, n]; pivots count from 1. Info i > 0: Uᵢᵢ is zero.
  static func getrf(
    _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int, _ pivots: UnsafeMutablePointer<Int32>
  ) -> Int
  /// Solves op(A)X = B from `getrf`, B [n, columns].
  static func getrs(
    _ t: Transpose, _ n: Int, _ columns: Int, _ a: UnsafePointer<Self>, _ lda: Int, _ pivots: UnsafePointer<Int32>,
    _ b: UnsafeMutablePointer<Self>, _ ldb: Int
  ) -> Int
  /// A⁻¹ in place from `getrf`. Info i > 0: singular.
  static func getri(_ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int, _ pivots: UnsafePointer<Int32>) -> Int
  /// Solves AX = B; A becomes its LU, B [n, columns] the solution. Info i > 0: singular.
  static func gesv(
    _ n: Int, _ columns: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int, _ pivots: UnsafeMutablePointer<Int32>,
    _ b: UnsafeMutablePointer<Self>, _ ldb: Int
  ) -> Int
  /// The Cholesky factor in one triangle. Info i > 0: the leading minor i is not positive.
  static func potrf(_ u: MatrixTriangle, _ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int) -> Int
  /// Solves AX = B from `potrf`.
  static func potrs(
    _ u: MatrixTriangle, _ n: Int, _ columns: Int, _ a: UnsafePointer<Self>, _ lda: Int,
    _ b: UnsafeMutablePointer<Self>,
    _ ldb: Int
  ) -> Int
  /// One triangle of A⁻¹ from `potrf`.
  static func potri(_ u: MatrixTriangle, _ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int) -> Int
  /// A = QR in place: R above, Householder vectors below the diagonal; factors of min(m, n).
  static func geqrf(
    _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int, _ factors: UnsafeMutablePointer<Self>
  ) -> Int
  /// The first n columns of Q from k reflectors of `geqrf`, A [m, n].
  static func orgqr(
    _ m: Int, _ n: Int, _ k: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int, _ factors: UnsafePointer<Self>
  ) -> Int
  /// C ← op(Q)C (or C·op(Q)) from k reflectors of `geqrf`, C [m, n].
  static func ormqr(
    _ side: MatrixSide, _ t: Transpose, _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Self>, _ lda: Int,
    _ factors: UnsafePointer<Self>, _ c: UnsafeMutablePointer<Self>, _ ldc: Int
  ) -> Int
  /// A = U·diag(s)·Vᵀ by divide and conquer; A [m, n] is overwritten. Info > 0: no convergence.
  static func gesdd(
    _ vectors: SingularVectors, _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int,
    _ s: UnsafeMutablePointer<Self>,
    _ u: UnsafeMutablePointer<Self>, _ ldu: Int, _ vt: UnsafeMutablePointer<Self>, _ ldvt: Int
  ) -> Int
  /// A = U·diag(s)·Vᵀ by QR iteration, slower and surer than `gesdd`; A [m, n] is overwritten, `superdiagonal` has
  /// min(m, n) values. Info > 0: no convergence.
  static func gesvd(
    _ vectors: SingularVectors, _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int,
    _ s: UnsafeMutablePointer<Self>,
    _ u: UnsafeMutablePointer<Self>, _ ldu: Int, _ vt: UnsafeMutablePointer<Self>, _ ldvt: Int,
    _ superdiagonal: UnsafeMutablePointer<Self>
  ) -> Int
  /// Eigenvalues, ascending, of a symmetric A [n, n]; A becomes the eigenvectors, by columns, where `vectors`. Info > 0: no convergence.
  static func syevd(
    _ vectors: Bool, _ u: MatrixTriangle, _ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int,
    _ values: UnsafeMutablePointer<Self>
  ) -> Int
  /// Eigenvalues (real and imaginary parts) of a square A [n, n], and right eigenvectors by columns. Info > 0: no convergence.
  static func geev(
    _ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int, _ real: UnsafeMutablePointer<Self>,
    _ imaginary: UnsafeMutablePointer<Self>, _ vectors: UnsafeMutablePointer<Self>, _ ldv: Int
  ) -> Int
  /// Least squares min ‖Ax − b‖ of least norm by SVD; B [max(m, n), columns] becomes the solution. Info > 0: no convergence.
  static func gelsd(
    _ m: Int, _ n: Int, _ columns: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int, _ b: UnsafeMutablePointer<Self>,
    _ ldb: Int, _ s: UnsafeMutablePointer<Self>, _ tolerance: Self, _ rank: UnsafeMutablePointer<Int32>
  ) -> Int
  /// Least squares of least norm by QR with pivoting; B [max(m, n), columns] becomes the solution.
  static func gelsy(
    _ m: Int, _ n: Int, _ columns: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int, _ b: UnsafeMutablePointer<Self>,
    _ ldb: Int, _ pivots: UnsafeMutablePointer<Int32>, _ tolerance: Self, _ rank: UnsafeMutablePointer<Int32>
  ) -> Int
  /// Solves op(A)X = B, A triangular. Info i > 0: Aᵢᵢ is zero.
  static func trtrs(
    _ u: MatrixTriangle, _ t: Transpose, _ unit: Bool, _ n: Int, _ columns: Int, _ a: UnsafePointer<Self>, _ lda: Int,
    _ b: UnsafeMutablePointer<Self>, _ ldb: Int
  ) -> Int
  /// A⁻¹ of a triangular A in place. Info i > 0: Aᵢᵢ is zero.
  static func trtri(_ u: MatrixTriangle, _ unit: Bool, _ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int) -> Int
  /// An estimate of 1 / (‖A‖·‖A⁻¹‖) from `getrf` and the norm of A, `norm` being `.one` or `.infinity`.
  static func gecon(
    _ norm: EntryNorm, _ n: Int, _ a: UnsafePointer<Self>, _ lda: Int, _ normOfA: Self,
    _ reciprocal: UnsafeMutablePointer<Self>
  ) -> Int
  /// A norm of A [m, n]: the largest |aᵢⱼ|, column sum or row sum of |aᵢⱼ|, or √Σ aᵢⱼ².
  static func lange(_ norm: EntryNorm, _ m: Int, _ n: Int, _ a: UnsafePointer<Self>, _ lda: Int) -> Self
}
