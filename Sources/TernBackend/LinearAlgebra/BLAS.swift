/// Matrix products under names, and spread over the workers.
package enum BLAS {
  /// Whether matrices of these extents are multiplied without packing, which takes longer than products of few rows.
  package static func isUnpacked(m: Int, n: Int, k: Int) -> Bool { GEMMPartition.isUnpacked(m: m, n: n, k: k) }

  /// C ← α·op(A)·op(B) + βC on the calling thread; op(A) [m, k], op(B) [k, n], C [m, n], row-major.
  ///
  /// With beta 0 what C held does not matter, NaN neither. `inBFloat16`: Floats are rounded, see ``BFloat16Products``.
  @specialized(where S == Float)
  @specialized(where S == Double)
  package static func gemmChunk<S: FloatingKernelScalar>(
    _ ta: Transpose, _ tb: Transpose, m: Int, n: Int, k: Int, alpha: S, _ a: UnsafePointer<S>, lda: Int,
    _ b: UnsafePointer<S>, ldb: Int, beta: S, _ c: UnsafeMutablePointer<S>, ldc: Int, inBFloat16: Bool = false
  ) {
    if m == 0 || n == 0 { return }
    if inBFloat16 {
      return BFloat16Products.gemmChunk(
        ta, tb, m: m, n: n, k: k, alpha: Float(alpha), OperandPointer(floats(a)), lda: lda, OperandPointer(floats(b)),
        ldb: ldb, beta: Float(beta),
        floats(c), ldc: ldc)
    }
    S.gemm(ta, tb, m, n, k, alpha, a, max(lda, 1), b, max(ldb, 1), beta, c, max(ldc, 1))
  }

  /// C ← α·op(A)·op(B) + βC as ``gemmChunk(_:_:m:n:k:alpha:_:lda:_:ldb:beta:_:ldc:)``, on the workers: rows and columns
  /// of C are split by size alone, the sums over k never.
  @specialized(where S == Float)
  @specialized(where S == Double)
  package static func gemm<S: FloatingKernelScalar>(
    _ ta: Transpose, _ tb: Transpose, m: Int, n: Int, k: Int, alpha: S, _ a: UnsafePointer<S>, lda: Int,
    _ b: UnsafePointer<S>, ldb: Int, beta: S, _ c: UnsafeMutablePointer<S>, ldc: Int, inBFloat16: Bool = false
  ) {
    if m == 0 || n == 0 { return }
    if inBFloat16 {
      return BFloat16Products.gemm(
        ta, tb, m: m, n: n, k: k, alpha: Float(alpha), OperandPointer(floats(a)), lda: lda, OperandPointer(floats(b)),
        ldb: ldb, beta: Float(beta),
        floats(c), ldc: ldc)
    }
    let (rows, columns) = GEMMPartition.size(ta, tb, m: m, n: n, k: k)
    if rows == m && columns == n {
      gemmChunk(ta, tb, m: m, n: n, k: k, alpha: alpha, a, lda: lda, b, ldb: ldb, beta: beta, c, ldc: ldc)
      return
    }
    let (down, across) = ((m + rows - 1) / rows, (n + columns - 1) / columns)
    Workers.run(chunks: down * across) { chunk in
      let (i, j) = (chunk / across * rows, chunk % across * columns)
      gemmChunk(
        ta, tb, m: min(rows, m - i), n: min(columns, n - j), k: k, alpha: alpha,
        a + (ta == .none ? i * lda : i), lda: lda, b + (tb == .none ? j : j * ldb), ldb: ldb, beta: beta,
        c + i * ldc + j, ldc: ldc)
    }
  }
}

/// The same memory, known to hold Float.
private func floats<S>(_ pointer: UnsafePointer<S>) -> UnsafePointer<Float> {
  UnsafeRawPointer(pointer).assumingMemoryBound(to: Float.self)
}

private func floats<S>(_ pointer: UnsafeMutablePointer<S>) -> UnsafeMutablePointer<Float> {
  UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: Float.self)
}
