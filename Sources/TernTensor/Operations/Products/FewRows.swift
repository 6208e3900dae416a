import TernBackend

/// Products where BLAS is slow: with few rows, and with the transpose of a matrix, C [m, n] = A [m, k]·Bᵀ for B [n, k], that
/// has more rows than columns.
enum FewRows {
  /// Rows up to which B is read where it lies.
  static let most = 16

  /// Whether C [m, n] = A [m, k]·B, or ·Bᵀ where `transposed`, is faster from B where it lies than by BLAS, which packs it: 2 to
  /// 6 times with 2 and 3 rows, still 1.2 times with 8 (AVX2, 64 to 3072 columns).
  static func suits(_ m: Int, _ n: Int, _ k: Int, transposed: Bool) -> Bool {
    guard 2...most ~= m, n >= 8, k >= 8, !BLAS.isUnpacked(m: m, n: n, k: k) else { return false }
    return transposed ? m <= 6 || k >= 128 : m <= 4 && n >= 32
  }

  /// C [m, n] = A [m, k]·B, which ``suits(_:_:_:transposed:)``.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func multiply<Scalar: FloatingScalar>(
    _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Scalar>, _ lda: Int, _ b: UnsafePointer<Scalar>, _ ldb: Int,
    transposed: Bool, _ c: UnsafeMutablePointer<Scalar>, _ ldc: Int
  ) {
    if transposed { return multiply(m, n, k, a, lda, b, ldb, c, ldc) }
    Workers.run(count: n, grain: grain(m, k, of: 16)) { range in
      let first = range.lowerBound
      Scalar.rowSums(m, range.count, k, a, lda, b + first, ldb, c + first, ldc, adds: false)
    }
  }

  /// Splits the product by size alone; what an element is added up from does not depend on it.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func multiply<Scalar: FloatingScalar>(
    _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Scalar>, _ lda: Int, _ b: UnsafePointer<Scalar>, _ ldb: Int,
    _ c: UnsafeMutablePointer<Scalar>, _ ldc: Int
  ) {
    if m <= most {
      Workers.run(count: n, grain: grain(m, k, of: 16)) { range in
        let first = range.lowerBound
        Scalar.rowDots(m, range.count, k, a, lda, b + first * ldb, ldb, c + first, ldc, adds: false)
      }
      return
    }
    let width = Scalar.panelColumns
    let panels = PackedPanels<Scalar>(k, n)
    let packed = panels.memory.mutablePointer
    defer { withExtendedLifetime(panels) {} }
    // Where there are few rows, whoever packs a panel multiplies with it.
    let isShort = m <= 128
    Workers.run(count: panels.count, grain: isShort ? grain(m, k, of: width) / width : grain(8, k, of: width) / width) {
      let (first, last) = ($0.lowerBound * width, Swift.min($0.upperBound * width, n))
      Scalar.packPanels(k, last - first, packed + first * k, b + first * ldb, row: 1, column: ldb)
      if isShort {
        Scalar.panelProduct(m, last - first, k, a, lda, packed + first * k, c + first, ldc, adds: false)
      }
    }
    if isShort { return }
    Workers.run(count: m, grain: 96) { rows in
      let first = rows.lowerBound
      Scalar.panelProduct(rows.count, n, k, a + first * lda, lda, packed, c + first * ldc, ldc, adds: false)
    }
  }

  /// Columns of a chunk of about 2¹⁸ multiplications, a multiple of `multiple`.
  private static func grain(_ m: Int, _ k: Int, of multiple: Int) -> Int {
    Swift.max(1, 0x40000 / Swift.max(Sizes.saturated(m, times: k), 1) / multiple) * multiple
  }
}

/// Memory for a matrix [k, n] in panels.
struct PackedPanels<Scalar: FloatingScalar> {
  let memory: Tensor<Scalar>
  /// How many panels there are.
  let count: Int

  init(_ k: Int, _ n: Int) {
    let width = Scalar.panelColumns
    count = (n + width - 1) / width
    memory = Tensor(uninitialized: [count * width * k])
  }
}
