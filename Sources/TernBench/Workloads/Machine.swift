import Foundation
import Tern
import TernBackend

// What the machine itself takes for the numbers of other workloads: calls of BLAS and copies without a tensor around them.

/// A product as BLAS takes it, C [m, n] ← op(A)·op(B), split in halves that two threads take side by side.
private struct BareProduct {
  let (m, n, k): (Int, Int, Int)
  let (ta, tb): (Transpose, Transpose)
  let a: Tensor<Float>
  let b: Tensor<Float>
  let c: Tensor<Float>

  init(_ m: Int, _ n: Int, _ k: Int, _ ta: Transpose = .none, _ tb: Transpose = .none) {
    (self.m, self.n, self.k, self.ta, self.tb) = (m, n, k, ta, tb)
    a = ta == .none ? random(m, k) : random(k, m)
    b = tb == .none ? random(k, n) : random(n, k)
    c = Tensor(zeros: [m, n])
  }

  func run() {
    let (lda, ldb) = (ta == .none ? k : m, tb == .none ? n : k)
    let (x, y, out) = (a.pointer, b.pointer, c.mutablePointer)
    let cutsRows = m >= n
    let half = ((cutsRows ? m : n) / 2 + 15) / 16 * 16
    Workers.run(chunks: 2) { chunk in
      let start = chunk * half
      if cutsRows {
        BLAS.gemmChunk(
          ta, tb, m: chunk == 0 ? half : m - half, n: n, k: k, alpha: 1, x + (ta == .none ? start * lda : start),
          lda: lda, y, ldb: ldb, beta: 0, out + start * n, ldc: n)
      } else {
        BLAS.gemmChunk(
          ta, tb, m: m, n: chunk == 0 ? half : n - half, k: k, alpha: 1, x, lda: lda,
          y + (tb == .none ? start : start * ldb), ldb: ldb, beta: 0, out + start, ldc: n)
      }
    }
    withExtendedLifetime((a, b, c)) {}
  }
}

extension Workload {
  /// The machine's own limits.
  static var machine: [Workload] {
    [
      Workload("machine/gemm_halves_2048x2048x2048") {
        let product = BareProduct(2048, 2048, 2048)
        return { product.run() }
      },
      Workload("machine/gemms_of_mlp_1024-2048-2048-1000_b256") {
        let layers = [(1024, 2048), (2048, 2048), (2048, 1000)]
        // Forward x·Wᵀ, the weights' gradients gᵀ·x, and the inputs' g·W for all layers but the first.
        let products =
          layers.map { BareProduct(256, $0.1, $0.0, .none, .transposed) }
          + layers.map { BareProduct($0.1, $0.0, 256, .transposed, .none) }
          + layers.dropFirst().map { BareProduct(256, $0.0, $0.1) }
        return { for product in products { product.run() } }
      },
      Workload("machine/memcpy_120MB") {
        // Reading 60 MB and writing 60 MB; either thread takes half.
        let half = 7_500_000
        let source = random(2 * half)
        let target = Tensor<Float>(zeros: [2 * half])
        return {
          Workers.run(chunks: 2) { chunk in
            memcpy(target.mutablePointer + chunk * half, source.pointer + chunk * half, half * 4)
          }
        }
      },
    ]
  }
}
