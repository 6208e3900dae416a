import COpenBLAS

// Stands in until the memory pool, the workers, BLAS and Philox are in; each of them removes its part.

package enum MemoryPool {
  package static func allocate(byteCount: Int) -> UnsafeMutableRawPointer { .allocate(byteCount: max(byteCount,1), alignment: 64) }
  package static func release(_ p: UnsafeMutableRawPointer, byteCount: Int) { p.deallocate() }
}
package enum Workers {
  package static func run(pieces: Int, _ body: (Int) -> Void) { for i in 0..<pieces { body(i) } }
  package static func run(count: Int, grain: Int, _ body: (Range<Int>) -> Void) { if count > 0 { body(0..<count) } }
}
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
public enum Philox { public static func block(seed: UInt64, stream: UInt64, counter: UInt64) -> (UInt32, UInt32, UInt32, UInt32) { var g = seed &* 6364136223846793005 &+ stream &* 1442695040888963407 &+ counter &* 0x9E3779B97F4A7C15; g ^= g >> 29; g = g &* 0xbf58476d1ce4e5b9; g ^= g >> 32; return (UInt32(truncatingIfNeeded: g >> 32), UInt32(truncatingIfNeeded: g), 0, 0) } }
extension FloatingKernelScalar where Self: BinaryFloatingPoint {
  public static func uniform(_ n: Int, _ out: UnsafeMutablePointer<Self>, seed: UInt64, stream: UInt64, first: Int) { for i in 0..<n { out[i] = Self(Double(Philox.block(seed: seed, stream: stream, counter: UInt64(first+i)).0) / 4294967296) } }
  public static func normal(_ n: Int, _ out: UnsafeMutablePointer<Self>, seed: UInt64, stream: UInt64, first: Int) { uniform(n, out, seed: seed, stream: stream, first: first)}
}
