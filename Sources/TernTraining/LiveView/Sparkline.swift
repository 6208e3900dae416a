import Foundation

/// Values as a line of blocks, each an eighth of a character high or a multiple of it.
struct Sparkline {
  /// What is drawn, a value a column.
  let values: [Double?]
  /// The least and the greatest finite value.
  let extent: ClosedRange<Double>?
  /// Whether heights go by the logarithm: where all values are positive, and span more than a decade and a half.
  let isLogarithmic: Bool

  /// - Parameter allowsLogarithm: whether heights may go by the logarithm.
  init(_ values: [Double?], allowsLogarithm: Bool = false) {
    self.values = values
    let finite = values.compactMap { $0 }.filter(\.isFinite)
    extent = finite.min().flatMap { low in finite.max().map { low...$0 } }
    isLogarithmic = allowsLogarithm && extent.map { $0.lowerBound > 0 && $0.upperBound / $0.lowerBound > 30 } ?? false
  }

  /// The height of a value, from 1 to `levels`; half of it where all are the same.
  func level(_ value: Double, of levels: Int) -> Int {
    guard let extent else { return 1 }
    // Halved, so that no difference is infinite.
    func place(_ value: Double) -> Double { isLogarithmic ? log(value) : value / 2 }
    let (low, high) = (place(extent.lowerBound), place(extent.upperBound))
    guard high > low else { return max(levels / 2, 1) }
    return 1 + Int(((place(value) - low) / (high - low) * Double(levels - 1)).rounded())
  }

  /// The rows, from the top: a column for each value, blank where there is none, `×` where it is not finite.
  func rows(height: Int, isUnicode: Bool) -> [String] {
    let blocks: [Character] = isUnicode ? Array(" ▁▂▃▄▅▆▇█") : Array(" _.,-=*%#")
    var rows = [[Character]](repeating: [], count: height)
    for value in values {
      let level = value.map { $0.isFinite ? self.level($0, of: 8 * height) : 0 } ?? 0
      for row in 0..<height { rows[row].append(blocks[min(max(level - 8 * (height - 1 - row), 0), 8)]) }
      if value?.isFinite == false { rows[height - 1][rows[height - 1].count - 1] = isUnicode ? "×" : "x" }
    }
    return rows.map { String($0) }
  }
}
