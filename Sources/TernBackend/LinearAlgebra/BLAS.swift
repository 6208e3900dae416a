/// Matrix products under names, and spread over the workers.
package enum BLAS {
  /// C ← α·op(A)·op(B) + βC on the calling thread; op(A) [m, k], op(B) [k, n], C [m, n], row-major.
  ///
  /// With beta 0 what C held does not matter, NaN neither.
  package static func gemm<S: LinearAlgebraScalar>(
    _ ta: Transpose, _ tb: Transpose, m: Int, n: Int, k: Int, alpha: S, _ a: UnsafePointer<S>, lda: Int,
    _ b: UnsafePointer<S>, ldb: Int, beta: S, _ c: UnsafeMutablePointer<S>, ldc: Int
  ) {
    if m == 0 || n == 0 { return }
    S.gemm(ta, tb, m, n, k, alpha, a, max(lda, 1), b, max(ldb, 1), beta, c, max(ldc, 1))
  }

  /// As `gemm`, on the workers: rows and columns of C are cut by size alone, the sums over k never.
  package static func parallelGemm<S: LinearAlgebraScalar>(
    _ ta: Transpose, _ tb: Transpose, m: Int, n: Int, k: Int, alpha: S, _ a: UnsafePointer<S>, lda: Int,
    _ b: UnsafePointer<S>, ldb: Int, beta: S, _ c: UnsafeMutablePointer<S>, ldc: Int
  ) {
    if m == 0 || n == 0 { return }
    let (rows, columns) = ProductPieces.size(ta, tb, m: m, n: n, k: k)
    if rows == m && columns == n {
      gemm(ta, tb, m: m, n: n, k: k, alpha: alpha, a, lda: lda, b, ldb: ldb, beta: beta, c, ldc: ldc)
      return
    }
    let (down, across) = ((m + rows - 1) / rows, (n + columns - 1) / columns)
    Workers.run(pieces: down * across) { piece in
      let (i, j) = (piece / across * rows, piece % across * columns)
      gemm(
        ta, tb, m: min(rows, m - i), n: min(columns, n - j), k: k, alpha: alpha,
        a + (ta == .none ? i * lda : i), lda: lda, b + (tb == .none ? j : j * ldb), ldb: ldb, beta: beta,
        c + i * ldc + j, ldc: ldc)
    }
  }
}
