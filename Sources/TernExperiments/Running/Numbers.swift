import Foundation

/// A number with a fixed count of decimals.
func decimals(_ value: Double, _ count: Int) -> String { String(format: "%.\(count)f", value) }

/// A number with two digits that count, in powers of ten: `2.4e-12`.
func scientific(_ value: Double) -> String { value == 0 ? "0" : String(format: "%.1e", value) }
