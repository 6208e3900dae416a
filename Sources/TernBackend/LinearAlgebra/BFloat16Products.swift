internal import CTernKernels

/// Products of matrices of Float whose elements are rounded to bfloat16 on the way, by the processor's own instruction.
///
/// Each element of C is one sum: of every pair of values along k the second product is added before the first, each
/// exact before it is rounded into the sum (a fused multiplication and addition). It does not depend on how C is
/// split. What is subnormal counts as 0, in operands, products and sums.
package enum BFloat16Products {
  /// Whether the processor has the instruction, and the level of the CPU in use as well.
  package static var isAvailable: Bool { tern_bfloat16_product_kernels() != nil }

  /// Whether the processor has the instruction.
  package static var isSupported: Bool { tern_bfloat16_supported() }

  /// Uses the instruction from now on, or does without: for tests, in a process of their own.
  package static func select(_ isUsed: Bool) { tern_bfloat16_select(isUsed) }

  /// Words of a packed op(A) [m, k].
  package static func leftCount(_ m: Int, _ k: Int) -> Int { m * ((k + 1) / 2) }

  /// Words of a packed op(B) [k, n]; columns [j, n) of it begin at word `rightCount(k, j)`, j a multiple of 32.
  package static func rightCount(_ k: Int, _ n: Int) -> Int { (k + 1) / 2 * ((n + 15) / 16 * 16) }

  /// Packs op(A) [m, k].
  package static func packLeft(
    _ m: Int, _ k: Int, _ out: UnsafeMutablePointer<UInt32>, _ t: Transpose, _ a: OperandPointer, _ lda: Int
  ) {
    if a.inBFloat16 { return kernels.pack_left_bfloat16(m, k, out, a.halves, lda, t == .transposed) }
    kernels.pack_left(m, k, out, a.floats, lda, t == .transposed)
  }

  /// Packs op(B) [k, n].
  package static func packRight(
    _ k: Int, _ n: Int, _ out: UnsafeMutablePointer<UInt32>, _ t: Transpose, _ b: OperandPointer, _ ldb: Int
  ) {
    if b.inBFloat16 { return kernels.pack_right_bfloat16(k, n, out, b.halves, ldb, t == .transposed) }
    kernels.pack_right(k, n, out, b.floats, ldb, t == .transposed)
  }

  /// C ← α·A·B + β·C for packed operands.
  package static func multiply(
    m: Int, n: Int, k: Int, alpha: Float, _ a: UnsafePointer<UInt32>, _ b: UnsafePointer<UInt32>, beta: Float,
    _ c: UnsafeMutablePointer<Float>, ldc: Int
  ) {
    kernels.multiply(m, n, k, alpha, a, b, beta, c, ldc)
  }

  private static var kernels: tern_bfloat16_products {
    @inline(__always) get { tern_bfloat16_product_kernels()!.pointee }
  }

  /// C ← α·op(A)·op(B) + βC on the calling thread.
  package static func gemmChunk(
    _ ta: Transpose, _ tb: Transpose, m: Int, n: Int, k: Int, alpha: Float, _ a: OperandPointer, lda: Int,
    _ b: OperandPointer, ldb: Int, beta: Float, _ c: UnsafeMutablePointer<Float>, ldc: Int
  ) {
    if m == 0 || n == 0 { return }
    withWords(rightCount(k, n) + leftCount(m, k)) { words in
      let left = words + rightCount(k, n)
      packRight(k, n, words, tb, b, ldb)
      packLeft(m, k, left, ta, a, lda)
      multiply(m: m, n: n, k: k, alpha: alpha, left, words, beta: beta, c, ldc: ldc)
    }
  }

  /// C ← α·op(A)·op(B) + βC on the workers.
  package static func gemm(
    _ ta: Transpose, _ tb: Transpose, m: Int, n: Int, k: Int, alpha: Float, _ a: OperandPointer, lda: Int,
    _ b: OperandPointer, ldb: Int, beta: Float, _ c: UnsafeMutablePointer<Float>, ldc: Int
  ) {
    let work = Double(m) * Double(n) * Double(k)
    if work <= wholeProduct {
      return gemmChunk(ta, tb, m: m, n: n, k: k, alpha: alpha, a, lda: lda, b, ldb: ldb, beta: beta, c, ldc: ldc)
    }
    // The operand with fewer vectors is packed once, the other one by whoever multiplies with it.
    if splitsColumns(m, n, k) {
      withWords(leftCount(m, k)) { left in
        packLeft(m, k, left, ta, a, lda)
        let columns = chunk(n, of: 32, most: max(32, 0x40000 / max(k, 1)), work)
        Workers.run(chunks: (n + columns - 1) / columns) { index in
          let first = index * columns
          let width = min(columns, n - first)
          withWords(rightCount(k, width)) { right in
            packRight(k, width, right, tb, b.advanced(by: tb == .none ? first : first * ldb), ldb)
            multiply(m: m, n: width, k: k, alpha: alpha, left, right, beta: beta, c + first, ldc: ldc)
          }
        }
      }
      return
    }
    withWords(rightCount(k, n)) { right in
      packRightOnWorkers(k, n, right, tb, b, ldb)
      multiplyRows(ta, m, n, k, alpha: alpha, a, lda: lda, right, beta: beta, c, ldc: ldc, work)
    }
  }

  /// C ← α·op(A)·B + βC on the workers, for B [k, n] packed before; the bits are those of the other.
  package static func gemm(
    _ ta: Transpose, m: Int, alpha: Float, _ a: OperandPointer, lda: Int, _ right: PackedRight, beta: Float,
    _ c: UnsafeMutablePointer<Float>, ldc: Int
  ) {
    let (n, k) = (right.n, right.k)
    if m == 0 || n == 0 { return }
    // Of a few rows, reading the packed matrix is the work.
    let work = Double(max(m, 4)) * Double(n) * Double(k)
    if work <= wholeProduct || splitsColumns(m, n, k) {
      withWords(leftCount(m, k)) { left in
        packLeft(m, k, left, ta, a, lda)
        let columns = work <= wholeProduct ? n : chunk(n, of: 128, most: n, work)
        Workers.run(chunks: (n + columns - 1) / columns) { index in
          let first = index * columns
          multiply(
            m: m, n: min(columns, n - first), k: k, alpha: alpha, left, right.words + rightCount(k, first), beta: beta,
            c + first, ldc: ldc)
        }
      }
      return
    }
    multiplyRows(ta, m, n, k, alpha: alpha, a, lda: lda, right.words, beta: beta, c, ldc: ldc, work)
  }

  /// C ← α·op(A)·B + βC for packed B [k, n], by rows of C on the workers, each of which packs its own of A.
  private static func multiplyRows(
    _ ta: Transpose, _ m: Int, _ n: Int, _ k: Int, alpha: Float, _ a: OperandPointer, lda: Int,
    _ right: UnsafeMutablePointer<UInt32>, beta: Float, _ c: UnsafeMutablePointer<Float>, ldc: Int, _ work: Double
  ) {
    let rows = chunk(m, of: 8, most: 256, work)
    Workers.run(chunks: (m + rows - 1) / rows) { index in
      let first = index * rows
      let height = min(rows, m - first)
      withWords(leftCount(height, k)) { left in
        packLeft(height, k, left, ta, a.advanced(by: ta == .none ? first * lda : first), lda)
        multiply(m: height, n: n, k: k, alpha: alpha, left, right, beta: beta, c + first * ldc, ldc: ldc)
      }
    }
  }

  /// Whether columns of C are split and not rows: only where all rows stay in the second-level cache.
  private static func splitsColumns(_ m: Int, _ n: Int, _ k: Int) -> Bool { m < n && m * min(k, 1024) <= 0x40000 }

  /// Packs op(B) [k, n] in chunks of columns on the workers.
  package static func packRightOnWorkers(
    _ k: Int, _ n: Int, _ out: UnsafeMutablePointer<UInt32>, _ t: Transpose, _ b: OperandPointer, _ ldb: Int
  ) {
    let columns = max(32, min(512, 0x10000 / max(k, 1) / 32 * 32))
    Workers.run(chunks: (n + columns - 1) / columns) { index in
      let first = index * columns
      packRight(
        k, min(columns, n - first), out + rightCount(k, first), t, b.advanced(by: t == .none ? first : first * ldb), ldb
      )
    }
  }

  /// Multiplications up to which a product stays whole: about 2 µs.
  private static let wholeProduct = 0x1p19

  /// Rows or columns of a chunk of `extent`: a multiple of `multiple`, at most about `most`, for four chunks at least where
  /// each has enough work.
  private static func chunk(_ extent: Int, of multiple: Int, most: Int, _ work: Double) -> Int {
    let count = max(min(4, Int(work / wholeProduct)), (extent + most - 1) / most, 1)
    let even = (extent + count - 1) / count
    return (even + multiple - 1) / multiple * multiple
  }

  /// Memory from the pool for the duration of a closure.
  package static func withWords(_ count: Int, _ body: (UnsafeMutablePointer<UInt32>) -> Void) {
    let bytes = max(count, 1) * 4
    let pointer = MemoryPool.allocate(byteCount: bytes, for: "operands in bfloat16")
    body(pointer.bindMemory(to: UInt32.self, capacity: max(count, 1)))
    MemoryPool.release(pointer, byteCount: bytes)
  }
}

/// The right operand op(B) [k, n] of products in bfloat16, rounded and packed.
package final class PackedRight: Sendable {
  package let k: Int, n: Int
  nonisolated(unsafe) package let words: UnsafeMutablePointer<UInt32>

  /// Packs op(B) on the workers.
  package init(_ k: Int, _ n: Int, _ t: Transpose, _ b: OperandPointer, _ ldb: Int) {
    (self.k, self.n) = (k, n)
    let count = max(BFloat16Products.rightCount(k, n), 1)
    words = MemoryPool.allocate(byteCount: count * 4, for: "operands in bfloat16")
      .bindMemory(to: UInt32.self, capacity: count)
    BFloat16Products.packRightOnWorkers(k, n, words, t, b, ldb)
  }

  deinit { MemoryPool.release(words, byteCount: max(BFloat16Products.rightCount(k, n), 1) * 4) }
}
