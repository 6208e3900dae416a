import TernBackend

// Cholesky factors and inverses from them of one large matrix by all workers. What is split depends on the size alone.

extension FloatingScalar {
  /// The lower factor of a row-major matrix, of which the lower triangle is read and written. Info i > 0: the leading minor i
  /// is not positive.
  static func factorCholesky(_ n: Int, _ a: UnsafeMutablePointer<Self>) -> Int {
    let width = n <= 640 ? 64 : 128
    // LAPACK reads the transpose, which has the other triangle.
    if n < 192 { return potrf(.upper, n, a, n) }
    for first in stride(from: 0, to: n, by: width) {
      let count = Swift.min(width, n - first)
      let end = first + count
      let corner = a + first * (n + 1)
      let info = potrf(.upper, count, corner, n)
      if info != 0 { return info > 0 ? info + first : info }
      let blocks = (n - end + width - 1) / width
      func rows(_ block: Int) -> Range<Int> { end + block * width..<Swift.min(end + (block + 1) * width, n) }
      Workers.run(chunks: blocks) { block in
        let rows = rows(block)
        trsm(.right, .lower, .transposed, false, rows.count, count, 1, corner, n, a + rows.lowerBound * n + first, n)
      }
      // Blocks of the lower triangle, all that are left.
      Workers.run(chunks: blocks * (blocks + 1) / 2) { chunk in
        var (row, column) = (0, chunk)
        while column > row { (row, column) = (row + 1, column - row - 1) }
        let (rows, columns) = (rows(row), rows(column))
        gemm(
          .none, .transposed, rows.count, columns.count, count, -1, a + rows.lowerBound * n + first, n,
          a + columns.lowerBound * n + first, n, 1, a + rows.lowerBound * n + columns.lowerBound, n)
      }
    }
    return 0
  }

  /// The inverse of L·Lᵀ, or of Uᵀ·U, row-major, from a triangle of its factor. Info i > 0: an element i of its diagonal is 0.
  ///
  /// Columns are solved for in parallel, from their diagonal elements down; the inverse is symmetric.
  static func inverseOfCholesky(
    _ triangle: MatrixTriangle, _ n: Int, _ factor: UnsafePointer<Self>, _ result: UnsafeMutablePointer<Self>
  ) -> Int {
    for i in 0..<n where factor[i * (n + 1)] == 0 { return i + 1 }
    let width = n <= 640 ? 32 : 64
    let blocks = (n + width - 1) / width
    Workers.run(chunks: blocks) { chunk in
      // The first are the longest: every second one comes first, so that each thread has some.
      let half = (blocks + 1) / 2
      let first = (chunk < half ? 2 * chunk : 2 * (chunk - half) + 1) * width
      let (count, length) = (Swift.min(width, n - first), n - first)
      let columns = Tensor<Self>(zeros: [length, count])
      let x = columns.mutablePointer
      for i in 0..<count { x[i * count + i] = 1 }
      let part = factor + first * (n + 1)
      let isLower = triangle == .lower
      trsm(.left, triangle, isLower ? .none : .transposed, false, length, count, 1, part, n, x, count)
      trsm(.left, triangle, isLower ? .transposed : .none, false, length, count, 1, part, n, x, count)
      copy2D(length, count, result + first * (n + 1), n, 1, x, count, 1)
      // Above the diagonal the same, beside the square in the corner, which is whole.
      copy2D(
        count, length - count, result + first * (n + 1) + count, n, 1, x + count * count, 1, count)
      for i in 0..<count {
        for j in 0..<i { result[(first + j) * n + first + i] = result[(first + i) * n + first + j] }
      }
      withExtendedLifetime(columns) {}
    }
    return 0
  }
}
