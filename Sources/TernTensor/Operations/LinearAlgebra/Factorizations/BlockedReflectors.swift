import TernBackend

// QR factorizations of one large matrix, and products of its reflections, by all workers. What is split depends on the size
// alone. Matrices are column-major as LAPACK has them, BLAS reads their transposes: rows are columns there.

/// Reflections H₁·H₂⋯ = 1 − V·T·Vᵀ of a panel, T upper triangular: T's column i is τᵢ below −τᵢ·T·(Vᵀ·vᵢ).
private struct ReflectorBlock<Scalar: FloatingScalar> {
  /// Vᵀ [count, rows] with its ones and zeros, and T [count, count].
  private let vectors: Tensor<Scalar>, factors: Tensor<Scalar>
  private let count: Int, rows: Int

  /// - Parameters:
  ///   - panel: the first reflection's one, from which `step` elements lead to the next column.
  ///   - tau: as many factors.
  init(_ panel: UnsafePointer<Scalar>, rows: Int, step: Int, _ tau: UnsafePointer<Scalar>, count: Int) {
    (self.count, self.rows) = (count, rows)
    vectors = Tensor(uninitialized: [count, rows])
    factors = Tensor(zeros: [count, count])
    let (v, t) = (vectors.mutablePointer, factors.mutablePointer)
    for i in 0..<count {
      let row = v + i * rows
      Scalar.fill(i, row, 1, 0)
      row[i] = 1
      Scalar.copy(rows - i - 1, row + i + 1, 1, panel + i * step + i + 1, 1)
    }
    let products = Tensor<Scalar>(uninitialized: [count, count])
    Scalar.gemm(.none, .transposed, count, count, rows, 1, v, rows, v, rows, 0, products.mutablePointer, count)
    ReflectorBlock.accumulate(count, t, products.pointer, tau)
    withExtendedLifetime(products) {}
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func accumulate(
    _ count: Int, _ t: UnsafeMutablePointer<Scalar>, _ products: UnsafePointer<Scalar>, _ tau: UnsafePointer<Scalar>
  ) {
    for i in 0..<count {
      t[i * (count + 1)] = tau[i]
      for row in 0..<i {
        var sum: Scalar = 0
        for k in row..<i { sum += t[row * count + k] * products[k * count + i] }
        t[row * count + i] = -tau[i] * sum
      }
    }
  }

  /// C ← (1 − V·T·Vᵀ)·C, or with Tᵀ, of columns of C that lie from `c` on, `step` elements apart.
  func apply(transposed: Bool, _ columns: Int, _ c: UnsafeMutablePointer<Scalar>, _ step: Int) {
    let room = Tensor<Scalar>(uninitialized: [2, columns, count])
    let (w, u, v) = (room.mutablePointer, room.mutablePointer + columns * count, vectors.pointer)
    Scalar.gemm(.none, .transposed, columns, count, rows, 1, c, step, v, rows, 0, w, count)
    Scalar.gemm(
      .none, transposed ? .none : .transposed, columns, count, count, 1, w, count, factors.pointer, count, 0, u, count)
    Scalar.gemm(.none, .none, columns, rows, count, -1, u, count, v, rows, 1, c, step)
    withExtendedLifetime(room) {}
  }
}

extension FloatingScalar {
  /// Reflections of a panel; 0 where LAPACK alone is as fast.
  private static func panel(_ m: Int, _ n: Int) -> Int { Swift.min(m, n) < 128 ? 0 : 32 }

  /// A = QR of a column-major matrix [m, n] in place, as `geqrf`.
  ///
  /// The columns right of a panel are updated in parallel, those of the next panel first: they are factored meanwhile.
  static func factorQR(_ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Self>, _ tau: UnsafeMutablePointer<Self>) -> Int {
    let (width, k) = (panel(m, n), Swift.min(m, n))
    if width == 0 { return geqrf(m, n, a, m, tau) }
    func factor(_ first: Int) {
      _ = geqrf(m - first, Swift.min(width, k - first), a + first * (m + 1), m, tau + first)
    }
    factor(0)
    for first in stride(from: 0, to: k, by: width) {
      let count = Swift.min(width, k - first)
      let end = first + count
      if end == n { break }
      let block = ReflectorBlock(a + first * (m + 1), rows: m - first, step: m, tau + first, count: count)
      let chunk = n <= 640 ? width : 2 * width
      let next = Swift.min(width, n - end)
      Workers.run(chunks: 1 + (n - end - next + chunk - 1) / chunk) { part in
        let start = part == 0 ? end : end + next + (part - 1) * chunk
        let columns = part == 0 ? next : Swift.min(chunk, n - start)
        block.apply(transposed: true, columns, a + start * m + first, m)
        if part == 0 && end < k { factor(end) }
      }
    }
    return 0
  }

  /// The first n columns of the product of k reflections, in place of A [m, n], as `orgqr`.
  static func productOfReflectors(
    _ m: Int, _ n: Int, _ k: Int, _ a: UnsafeMutablePointer<Self>, _ tau: UnsafePointer<Self>
  ) -> Int {
    let width = panel(m, k)
    if width == 0 { return orgqr(m, n, k, a, m, tau) }
    let starts = Array(stride(from: 0, to: k, by: width))
    let blocks = starts.map {
      ReflectorBlock<Self>(a + $0 * (m + 1), rows: m - $0, step: m, tau + $0, count: Swift.min(width, k - $0))
    }
    // Columns of the identity, to which reflections from their own on make a difference.
    let chunks = (n + width - 1) / width
    Workers.run(chunks: chunks) { chunk in
      // The first have the fewest: every second one comes first, so that each thread has some.
      let half = (chunks + 1) / 2
      let first = (chunk < half ? 2 * chunk : 2 * (chunk - half) + 1) * width
      let columns = Swift.min(width, n - first)
      let c = a + first * m
      fill(columns * m, c, 1, 0)
      for i in 0..<columns { c[i * m + first + i] = 1 }
      for (start, block) in zip(starts, blocks).reversed() where start < first + columns {
        block.apply(transposed: false, columns, c + start, m)
      }
    }
    return 0
  }
}
