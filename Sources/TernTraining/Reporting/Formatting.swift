/// Numbers as people read them.
package enum Formatting {
  /// `value` with so many digits behind the point: `fixed(0.98546, 3)` is `0.985`.
  package static func fixed(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
    let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
    let scaled = (value.magnitude * scale).rounded()
    guard scaled < 0x1p53 else { return "\(value)" }
    let units = Int(scaled)
    let sign = value < 0 && units > 0 ? "-" : ""
    guard digits > 0 else { return sign + String(units) }
    let fraction = String(units % Int(scale))
    return sign + String(units / Int(scale)) + "." + String(repeating: "0", count: digits - fraction.count) + fraction
  }

  /// A span of time: `8.4 s`, `1:05`, `2:00:09`.
  package static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "?" }
    if seconds < 9.95 { return fixed(seconds, 1) + " s" }
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(whole) s" }
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let (hours, minutes) = (whole / 3600, whole / 60 % 60)
    return (hours > 0 ? "\(hours):\(two(minutes))" : "\(minutes)") + ":" + two(whole % 60)
  }

  /// A count a second with about three digits: `12,300`, `123`, `1.23`.
  package static func rate(_ value: Double) -> String {
    guard value.isFinite, value < 1e15 else { return "?" }
    if value < 9.995 { return fixed(value, 2) }
    if value < 99.95 { return fixed(value, 1) }
    if value < 999.5 { return fixed(value, 0) }
    var digits = Array(fixed((value / 100).rounded() * 100, 0))
    for place in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(",", at: place) }
    return String(digits)
  }
}
