import TernBackend

// LU factorizations and inverses of one large matrix by all workers. What is split depends on the size alone.

extension FloatingScalar {
  /// Columns of a panel, which one thread factors; 0 where LAPACK alone is as fast.
  private static func panel(_ n: Int) -> Int { n < 128 ? 0 : n <= 256 ? 32 : n <= 640 ? 64 : 128 }

  /// A = PLU of a column-major square matrix in place, as `getrf`; pivots count from 1. Info i > 0: Uᵢᵢ is zero.
  ///
  /// The columns right of a panel are updated in parallel, those of the next panel first: they are factored meanwhile.
  static func factorLU(_ n: Int, _ a: UnsafeMutablePointer<Self>, _ pivots: UnsafeMutablePointer<Int32>) -> Int {
    let width = panel(n)
    if width == 0 { return getrf(n, n, a, n, pivots) }
    let panels = (n + width - 1) / width
    return withUnsafeTemporaryAllocation(of: Int.self, capacity: panels) { infos in
      let infos = infos.baseAddress!
      func factor(_ panel: Int) {
        let first = panel * width
        let count = Swift.min(width, n - first)
        let info = getrf(n - first, count, a + first * (n + 1), n, pivots + first)
        infos[panel] = info > 0 ? info + first : info
        for i in first..<first + count { pivots[i] += Int32(first) }
      }
      factor(0)
      for panel in 0..<panels {
        let first = panel * width
        let end = Swift.min(first + width, n)
        // The next panel is the first chunk; the panels before this one are those behind the last.
        Workers.run(chunks: panels - 1) { chunk in
          let other = (panel + 1 + chunk) % panels
          let columns = other * width..<Swift.min((other + 1) * width, n)
          exchangeRows(n, a, columns, pivots, first..<end)
          if other < panel { return }
          updateColumns(n, a, columns, first..<end)
          if chunk == 0 { factor(other) }
        }
      }
      for panel in 0..<panels where infos[panel] != 0 { return infos[panel] }
      return 0
    }
  }

  /// Exchanges rows of some columns as the pivots of a panel say.
  @specialized(where Self == Float)
  @specialized(where Self == Double)
  private static func exchangeRows(
    _ n: Int, _ a: UnsafeMutablePointer<Self>, _ columns: Range<Int>, _ pivots: UnsafePointer<Int32>,
    _ panel: Range<Int>
  ) {
    for column in columns {
      let values = a + column * n
      for i in panel {
        let other = Int(pivots[i]) - 1
        (values[i], values[other]) = (values[other], values[i])
      }
    }
  }

  /// U right of a panel, and what it leaves of the rows below. BLAS reads the transpose: rows are columns there.
  private static func updateColumns(
    _ n: Int, _ a: UnsafeMutablePointer<Self>, _ columns: Range<Int>, _ panel: Range<Int>
  ) {
    let (first, end) = (panel.lowerBound, panel.upperBound)
    let right = a + columns.lowerBound * n
    trsm(.right, .upper, .none, true, columns.count, panel.count, 1, a + first * (n + 1), n, right + first, n)
    if end == n { return }
    gemm(
      .none, .none, columns.count, n - end, panel.count, -1, right + first, n, a + first * n + end, n, 1, right + end, n
    )
  }

  /// The inverse of a column-major square matrix, whose memory becomes its factors. Info i > 0: singular.
  ///
  /// Read row-major, the factors are M = L·U·Pᵀ of the transpose, L lower and U upper with ones on its diagonal, and the
  /// result is P·U⁻¹·L⁻¹. Its columns are computed in parallel.
  static func inverse(_ n: Int, _ a: UnsafeMutablePointer<Self>, _ result: UnsafeMutablePointer<Self>) -> Int {
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: n) { pivots in
      let pivots = pivots.baseAddress!
      let info = factorLU(n, a, pivots)
      if info != 0 { return info }
      let width = n <= 640 ? 32 : 64
      Workers.run(chunks: (n + width - 1) / width) { chunk in
        let first = chunk * width
        let count = Swift.min(width, n - first)
        let columns = Tensor<Self>(zeros: [n, count])
        let x = columns.mutablePointer
        for i in 0..<count { x[(first + i) * count + i] = 1 }
        trsm(.left, .lower, .none, false, n - first, count, 1, a + first * (n + 1), n, x + first * count, count)
        trsm(.left, .upper, .none, true, n, count, 1, a, n, x, count)
        for i in stride(from: n - 1, through: 0, by: -1) {
          let other = Int(pivots[i]) - 1
          if other != i { swap(count, x + i * count, 1, x + other * count, 1) }
        }
        copy2D(n, count, result + first, n, 1, x, count, 1)
        withExtendedLifetime(columns) {}
      }
      return 0
    }
  }

  /// Whether ``inverse(_:_:_:)`` is faster than `getri`.
  static func invertsInParallel(_ n: Int) -> Bool { panel(n) > 0 }
}
