import Foundation
import TernBackend

/// A floating-point number and the fewest digits that tell it apart from others of its type.
struct FloatText {
  /// Digits after the point, at most, where numbers stand side by side.
  static let precision = 8

  let value: Double
  /// Where plain text goes over to scientific notation.
  private let largestPlain: Double
  /// Significant digits d₁d₂d₃…
  private let digits: String
  /// The number is d₁.d₂d₃…·10^exponent.
  private let exponent: Int

  init<Scalar: FloatingScalar>(_ value: Scalar) {
    self.value = Double(value)
    largestPlain = Scalar.dtype == .float32 ? 1e6 : 1e16
    let parts = "\(value.magnitude)".split(separator: "e")
    guard value.isFinite, let mantissa = parts.first else {
      (digits, exponent) = ("", 0)
      return
    }
    let point = mantissa.split(separator: ".", omittingEmptySubsequences: false)
    let all = point.joined()
    let leading = all.prefix { $0 == "0" }.count
    var significant = all.dropFirst(leading)
    while significant.last == "0" { significant.removeLast() }
    digits = significant.isEmpty ? "0" : String(significant)
    let scale = parts.count > 1 ? Int(parts[1])! : 0
    exponent = significant.isEmpty ? 0 : scale + point[0].count - leading - 1
  }

  private var sign: String { value.sign == .minus ? "-" : "" }

  /// As it is written alone: `0.1`, `1e-05`, `nan`.
  var plain: String {
    if value.isNaN { return "nan" }
    if value.isInfinite { return sign + "inf" }
    let size = abs(value)
    if size == 0 || (size >= 1e-4 && size < largestPlain) {
      let (whole, fraction) = wholeAndFraction
      return sign + whole + "." + (fraction.isEmpty ? "0" : fraction)
    }
    let rest = digits.dropFirst()
    let magnitude = String(abs(exponent))
    return sign + digits.prefix(1) + (rest.isEmpty ? "" : "." + rest) + (exponent < 0 ? "e-" : "e+")
      + (magnitude.count < 2 ? "0" + magnitude : magnitude)
  }

  /// All digits, before and after the point.
  private var wholeAndFraction: (whole: String, fraction: String) {
    if exponent < 0 { return ("0", String(repeating: "0", count: -exponent - 1) + digits) }
    let padded = digits + String(repeating: "0", count: Swift.max(0, exponent + 1 - digits.count))
    return (String(padded.prefix(exponent + 1)), String(padded.dropFirst(exponent + 1)))
  }

  /// The parts before and after the point, without trailing zeros.
  var positional: (whole: String, fraction: String) {
    let (whole, fraction) = wholeAndFraction
    if fraction.count <= Self.precision { return (sign + whole, fraction) }
    return Self.split(String(format: "%.\(Self.precision)f", value))
  }

  /// How many digits after the point, and of the exponent, scientific notation takes.
  var scientificExtent: (fraction: Int, exponent: Int) {
    let text = scientificParts(Swift.min(digits.count - 1, Self.precision))
    var fraction = text.fraction[...]
    while fraction.last == "0" { fraction.removeLast() }
    return (fraction.count, text.exponent.count - 1)
  }

  /// The parts before the point, after it, and from the sign of the exponent, with a given number of digits.
  func scientificParts(_ fraction: Int, exponentDigits: Int = 2) -> (whole: String, fraction: String, exponent: String)
  {
    let parts = String(format: "%.\(fraction)e", value).split(separator: "e")
    let (whole, _) = Self.split(String(parts[0]))
    let digits = parts[0].split(separator: ".").dropFirst().joined()
    let power = parts[1].dropFirst()
    let zeros = String(repeating: "0", count: Swift.max(0, exponentDigits - power.count))
    return (whole, digits, parts[1].prefix(1) + zeros + power)
  }

  private static func split(_ text: String) -> (String, String) {
    let parts = text.split(separator: ".", maxSplits: 1)
    var fraction = parts.count > 1 ? parts[1] : ""
    while fraction.last == "0" { fraction.removeLast() }
    return (String(parts[0]), String(fraction))
  }
}
