import Foundation

/// Where an axis begins and ends, and how values become fractions of it.
package struct AxisExtent: Hashable {
  package let scale: ChartAxis.Scale
  package let low: Double
  package let high: Double
  /// Whether only whole numbers are labeled.
  package let isWhole: Bool

  /// The extent for `values`, or the axis' own range; `isLoose` goes on to the next round number on both sides.
  package init(_ axis: ChartAxis, values: [Double], isLoose: Bool) {
    scale = axis.scale
    isWhole = axis.isWhole
    let isLogarithmic = axis.scale == .logarithmic
    func hasPlace(_ value: Double) -> Bool { isDrawable(value) && (!isLogarithmic || value >= 1e-300) }
    if let range = axis.range, hasPlace(range.lowerBound), hasPlace(range.upperBound),
      range.lowerBound < range.upperBound
    {
      (low, high) = (range.lowerBound, range.upperBound)
      return
    }
    let placed = values.filter(hasPlace)
    var (low, high) = (placed.min() ?? (isLogarithmic ? 1 : 0), placed.max() ?? (isLogarithmic ? 10 : 1))
    if isLogarithmic {
      if high <= low * (1 + 1e-12) { (low, high) = (low / 2, high * 2) }
      if isLoose {
        (low, high) = (pow(10, (log10(low) + 1e-9).rounded(.down)), pow(10, (log10(high) - 1e-9).rounded(.up)))
      }
    } else {
      // Values that are all equal get an axis of some width around them.
      if high - low <= 1e-12 * max(high.magnitude, low.magnitude) {
        let margin = high == 0 || isWhole ? 1 : high.magnitude * 0.1
        (low, high) = (low - margin, high + margin)
      }
      if isLoose {
        let step = AxisTicks.step((high - low) / 5)
        (low, high) = ((low / step + 1e-9).rounded(.down) * step, (high / step - 1e-9).rounded(.up) * step)
      }
    }
    if let limits = axis.limits, limits.lowerBound < limits.upperBound {
      // Values beyond the limits are still to be seen.
      low = max(low, min(limits.lowerBound, placed.min() ?? low))
      high = min(high, max(limits.upperBound, placed.max() ?? high))
    }
    (self.low, self.high) = (low, high)
  }

  /// Where `value` is between the ends, 0 to 1; beyond them outside of it, `nil` where it has no place.
  package func fraction(_ value: Double) -> Double? {
    guard isDrawable(value) else { return nil }
    switch scale {
    case .linear: return (value - low) / (high - low)
    case .logarithmic: return value > 0 ? (log10(value) - log10(low)) / (log10(high) - log10(low)) : nil
    }
  }
}

/// Round numbers along an axis with their texts.
package struct AxisTicks: Hashable {
  package let values: [Double]
  package let texts: [String]

  /// At most about `count` ticks: multiples of 1, 2 or 5 times a power of ten, or powers of ten.
  package init(_ extent: AxisExtent, count: Int) {
    let count = max(count, 1)
    switch extent.scale {
    case .logarithmic:
      let (first, last) = (log10(extent.low), log10(extent.high))
      let powers =
        Int((first - 1e-9).rounded(.up))...max(Int((last + 1e-9).rounded(.down)), Int((first - 1e-9).rounded(.up)))
      let stride = (powers.count + count - 1) / count
      var values = powers.filter { $0 % stride == 0 }.map { pow(10, Double($0)) }
      if last - first <= 2, count >= 4 {
        values = (powers.lowerBound - 1...powers.upperBound).flatMap { power in
          [1, 2, 5].map { $0 * pow(10, Double(power)) }
        }
      }
      values = values.filter { $0 >= extent.low * (1 - 1e-9) && $0 <= extent.high * (1 + 1e-9) }
      if values.count >= 2 {
        self.values = values
        texts = values.map { AxisTicks.text($0, digits: 1) }
        return
      }
    case .linear: break
    }
    let step = max(AxisTicks.step((extent.high - extent.low) / Double(count)), extent.isWhole ? 1 : 0)
    let first = (extent.low / step - 1e-9).rounded(.up)
    let last = max((extent.high / step + 1e-9).rounded(.down), first)
    let values = (0...Int(min(last - first, 100))).map { (first + Double($0)) * step }
    let largest = max(extent.low.magnitude, extent.high.magnitude)
    let digits = min(max(Int((log10(largest / step)).rounded(.up)) + 1, 1), 15)
    self.values = values
    texts = values.map { $0.magnitude < step / 2 ? "0" : AxisTicks.text($0, digits: digits) }
  }

  /// The smallest of 1, 2 and 5 times a power of ten that is not below `value`.
  package static func step(_ value: Double) -> Double {
    guard value > 0, value.isFinite else { return 1 }
    let power = pow(10, log10(value).rounded(.down))
    return [1, 2, 5].map { $0 * power }.first { $0 >= value * (1 - 1e-9) } ?? power * 10
  }

  /// A number with so many digits that count: `0.25`, `1500`, `2e6`, `−1e-5`.
  package static func text(_ value: Double, digits: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "−∞" : "∞" }
    let magnitude = value.magnitude
    // Six places before the point, and three zeros behind it, are still read at a glance.
    let isPlain = magnitude == 0 || (magnitude < 1e6 && magnitude >= 1e-4)
    var text = String(format: "%.\(digits)g", magnitude)
    if isPlain, text.contains("e") {
      text = String(format: "%.0f", Double(text) ?? magnitude)
    } else if !isPlain, !text.contains("e") {
      text = String(format: "%.\(max(digits - 1, 0))e", magnitude)
    }
    let parts = text.split(separator: "e")
    if parts.count == 2, let exponent = Int(parts[1]) {
      let mantissa =
        parts[0].contains(".") ? parts[0].trimmingSuffix { $0 == "0" }.trimmingSuffix { $0 == "." } : String(parts[0])
      text = "\(mantissa)e\(exponent)"
    }
    return (value < 0 ? "−" : "") + text
  }
}

extension Substring {
  fileprivate func trimmingSuffix(_ belongs: (Character) -> Bool) -> String {
    var rest = self
    while let last = rest.last, belongs(last) { rest.removeLast() }
    return String(rest)
  }
}

extension String {
  fileprivate func trimmingSuffix(_ belongs: (Character) -> Bool) -> String { self[...].trimmingSuffix(belongs) }
}
