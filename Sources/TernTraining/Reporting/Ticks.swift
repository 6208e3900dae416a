/// Round numbers along an axis: multiples of 1, 2 or 5 times a power of ten.
package struct Ticks {
  /// The ends of the axis: the first and the last tick, or the data's own ends where bounds forbid a tick.
  package let low: Double
  package let high: Double
  /// The ticks, from low to high.
  package let values: [Double]
  private let step: Double

  /// About five ticks that enclose `low...high`, none of them beyond `bounds`.
  package init(low: Double, high: Double, bounds: ClosedRange<Double>? = nil) {
    var (low, high) = (low, high)
    // Values that are all equal get an axis of some width around them.
    if high - low <= 1e-12 * max(high.magnitude, low.magnitude) {
      let margin = high == 0 ? 1 : high.magnitude * 0.1
      (low, high) = (low - margin, high + margin)
      if let bounds { (low, high) = (max(low, bounds.lowerBound), min(high, bounds.upperBound)) }
    }
    let step = Ticks.round(atLeast: (high - low) / 6)
    // An end that is a tick but for rounding needs no other.
    var first = (low / step + 1e-9).rounded(.down)
    var last = (high / step - 1e-9).rounded(.up)
    if let bounds {
      while first * step < bounds.lowerBound - step * 1e-6, first < last { first += 1 }
      while last * step > bounds.upperBound + step * 1e-6, last > first { last -= 1 }
    }
    values = (0...Int(last - first)).map { (first + Double($0)) * step }
    self.step = step
    self.low = min(low, values[0])
    self.high = max(high, values[values.count - 1])
  }

  /// The smallest of 1, 2 and 5 times a power of ten that is not below `value`.
  static func round(atLeast value: Double) -> Double {
    guard value > 0, value.isFinite else { return 1 }
    var power = 1.0
    while power * 10 <= value { power *= 10 }
    while power > value { power /= 10 }
    return [1, 2, 5, 10].map { $0 * power }.first { $0 >= value * (1 - 1e-9) } ?? power * 10
  }

  /// Whole numbers of `first...last` to mark: both ends' neighbourhood in round steps, at most fifteen.
  package static func whole(_ first: Int, _ last: Int) -> [Int] {
    guard last - first > 14 else { return Array(first...max(first, last)) }
    let step = Int(round(atLeast: Double(last - first) / 10))
    let multiples = Array(stride(from: (first / step + 1) * step, through: last, by: step))
    return (multiples.first.map { $0 - first > step / 2 } ?? true) ? [first] + multiples : multiples
  }

  /// A tick as text, with as many digits as the step needs.
  package func text(_ value: Double) -> String { format(value, extra: 0) }

  /// A value as text, with two digits more than the ticks.
  package func precise(_ value: Double) -> String { format(value, extra: 2) }

  private func format(_ value: Double, extra: Int) -> String {
    var digits = 0
    var unit = 1.0
    while unit > step * (1 + 1e-9), digits < 5 { (unit, digits) = (unit / 10, digits + 1) }
    if digits > 4 || max(low.magnitude, high.magnitude) >= 1e6 {
      return value.magnitude < step / 2 ? "0" : Formatting.scientific(value)
    }
    return Formatting.fixed(value, digits == 0 ? min(extra, 1) : min(digits + extra, 4))
  }
}
