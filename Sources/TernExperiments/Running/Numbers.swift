import Foundation

/// A number with a fixed count of decimals.
func decimals(_ value: Double, _ count: Int) -> String { String(format: "%.\(count)f", value) }

/// A number with two digits that count, in powers of ten: `2.4e-12`.
func scientific(_ value: Double) -> String { value == 0 ? "0" : String(format: "%.1e", value) }

/// A count with its noun: `1 seed`, `3 seeds`.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

/// What came out of several runs: their mean and how far they lie apart.
struct Spread {
  var mean: Double
  var low: Double
  var high: Double

  /// The spread of `values`; not a number where there are none.
  init(_ values: [Double]) {
    mean = values.reduce(0, +) / Double(values.count)
    low = values.min() ?? .nan
    high = values.max() ?? .nan
  }
}
