/// The chunks that a matrix product is split into.
///
/// They depend on the product's size and on the kernels OpenBLAS runs, never on the number of threads: a product has the
/// same bits with any number.
enum GEMMPartition {
  /// Multiplications up to which a product stays whole: about 1 µs.
  private static let whole = 0x1p18
  /// The most multiplications that OpenBLAS's AVX-512 kernels do without packing, with a margin below 100³.
  private static let unpacked = 999_000
  /// Whether OpenBLAS has kernels that need no packing; on others, small chunks only cost.
  private static let hasUnpackedKernels = OpenBLAS.usesAVX512

  /// Whether OpenBLAS multiplies matrices of these extents without packing.
  static func isUnpacked(m: Int, n: Int, k: Int) -> Bool {
    hasUnpackedKernels && Double(m) * Double(n) * Double(k) <= Double(unpacked)
  }

  /// Rows and columns of a chunk of C [m, n].
  static func size(_ ta: Transpose, _ tb: Transpose, m: Int, n: Int, k: Int) -> (rows: Int, columns: Int) {
    if Double(m) * Double(n) * Double(k) <= whole { return (m, n) }
    return hasUnpackedKernels ? small(ta, tb, m, n, k) ?? large(m, n, k) : large(m, n, k)
  }

  /// Chunks that OpenBLAS takes without packing, where they are faster than large ones.
  ///
  /// Measured in Float and Double against the whole product on one thread: 1.1 to 1.4 times as fast with short sums,
  /// 1.6 to 3.5 with very few columns or rows; slower with long sums over many columns, and wherever B is transposed
  /// unless columns are few.
  private static func small(
    _ ta: Transpose, _ tb: Transpose, _ m: Int, _ n: Int, _ k: Int
  ) -> (rows: Int, columns: Int)? {
    let area = unpacked / max(k, 1)
    if tb == .transposed {
      guard n <= 16, k >= 256 else { return nil }
    } else if m <= 16, k > 160 {
      let columns = min(area / m / 16 * 16, 128)
      return columns >= 16 ? (m, even(n, columns)) : nil
    } else {
      let fits =
        k <= 64 || (k <= 160 && min(m, n) <= 256) || (k <= 288 && n <= 128)
        || (k <= 640 && n <= 64 && ta == .none) || n <= 16
      guard fits else { return nil }
    }
    var columns = n <= 128 ? n : k <= 32 ? 256 : k <= 128 ? 128 : 64
    // A transposed A is read by columns: few rows at a time waste what a line of the cache brings.
    if ta == .transposed, area / columns < 32, columns > 32 { columns = 32 }
    let rows = min(area / columns / 16 * 16, 128)
    return rows >= 16 ? (even(m, rows), even(n, columns)) : nil
  }

  /// The length of a part where `whole` is split evenly into parts of at most `most`, itself a multiple of 16 or the whole.
  private static func even(_ whole: Int, _ most: Int) -> Int {
    if whole <= most { return whole }
    let parts = (whole + most - 1) / most
    return min(((whole + parts - 1) / parts + 15) / 16 * 16, most)
  }

  /// Halves of the longer side, as many as keep packing cheap.
  ///
  /// Of 2048³ chunks of 1024×512 take 3 % more than two halves side by side, 256×512 12 %; tall chunks are faster than
  /// wide ones of the same size (256×1024 by 15 % over 128×2048).
  private static func large(_ m: Int, _ n: Int, _ k: Int) -> (rows: Int, columns: Int) {
    var (rows, columns) = (m, n)
    func work() -> Double { Double(rows) * Double(columns) * Double(k) }
    let enough = max(min(work() / 4, 0x1p20 * Double(k)), 0x1p25)
    repeat {
      // Multiples of 16 keep the kernels' full width.
      if max(rows, columns) < 32 { break }
      if rows > columns {
        rows = (rows / 2 + 15) / 16 * 16
      } else {
        columns = (columns / 2 + 15) / 16 * 16
      }
    } while work() > enough
    return (rows, columns)
  }
}
