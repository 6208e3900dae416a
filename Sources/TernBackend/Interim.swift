import COpenBLAS

// Stands in until the memory pool, the workers and BLAS are in; each of them removes its part.

public protocol LinearAlgebraScalar {
  static func gemm(
    _ ta: Bool, _ tb: Bool, _ m: Int, _ n: Int, _ k: Int, _ alpha: Self, _ a: UnsafePointer<Self>, _ lda: Int,
    _ b: UnsafePointer<Self>, _ ldb: Int, _ beta: Self, _ c: UnsafeMutablePointer<Self>, _ ldc: Int)
}
extension Float: LinearAlgebraScalar {
  public static func gemm(
    _ ta: Bool, _ tb: Bool, _ m: Int, _ n: Int, _ k: Int, _ alpha: Self, _ a: UnsafePointer<Self>, _ lda: Int,
    _ b: UnsafePointer<Self>, _ ldb: Int, _ beta: Self, _ c: UnsafeMutablePointer<Self>, _ ldc: Int
  ) {
    cblas_sgemm(
      CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, Int32(m), Int32(n), Int32(k), alpha,
      a, Int32(lda), b, Int32(ldb), beta, c, Int32(ldc))
  }
}
extension Double: LinearAlgebraScalar {
  public static func gemm(
    _ ta: Bool, _ tb: Bool, _ m: Int, _ n: Int, _ k: Int, _ alpha: Self, _ a: UnsafePointer<Self>, _ lda: Int,
    _ b: UnsafePointer<Self>, _ ldb: Int, _ beta: Self, _ c: UnsafeMutablePointer<Self>, _ ldc: Int
  ) {
    cblas_dgemm(
      CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, Int32(m), Int32(n), Int32(k), alpha,
      a, Int32(lda), b, Int32(ldb), beta, c, Int32(ldc))
  }
}
package enum Transpose { case none, transposed }
package enum BLAS {
  package static func gemm<S: LinearAlgebraScalar>(
    _ ta: Transpose, _ tb: Transpose, m: Int, n: Int, k: Int, alpha: S, _ a: UnsafePointer<S>, lda: Int,
    _ b: UnsafePointer<S>, ldb: Int, beta: S, _ c: UnsafeMutablePointer<S>, ldc: Int
  ) {
    S.gemm(ta == .transposed, tb == .transposed, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
  }
  package static func parallelGemm<S: LinearAlgebraScalar>(
    _ ta: Transpose, _ tb: Transpose, m: Int, n: Int, k: Int, alpha: S, _ a: UnsafePointer<S>, lda: Int,
    _ b: UnsafePointer<S>, ldb: Int, beta: S, _ c: UnsafeMutablePointer<S>, ldc: Int
  ) {
    S.gemm(ta == .transposed, tb == .transposed, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
  }
}
