import TernBackend

/// How the elements of a tensor are written, alone and side by side.
enum ElementFormat {
  /// A single value: a number with as many digits as tell it apart from others of its type.
  static func plain<Scalar: TensorScalar>(_ value: Scalar) -> String {
    switch value {
    case let value as Float: FloatText(value).plain
    case let value as Double: FloatText(value).plain
    case let value as BFloat16: FloatText(value.shortest).plain
    default: "\(value)"
    }
  }

  /// Values padded to one width, with their points below each other.
  static func aligned<Scalar: TensorScalar>(_ values: [Scalar]) -> [String] {
    switch values {
    case let values as [Float]: return aligned(values, largest: 1e6)
    case let values as [Double]: return aligned(values, largest: 1e8)
    case let values as [BFloat16]: return aligned(values.map(\.shortest), largest: 1e6)
    default:
      let words = values.map { "\($0)" }
      let width = words.map(\.count).max() ?? 0
      return words.map { spaces(width - $0.count) + $0 }
    }
  }

  /// - Parameter largest: from where on numbers are in scientific notation.
  private static func aligned<Scalar: FloatingScalar>(_ values: [Scalar], largest: Scalar) -> [String] {
    let numbers = values.map { FloatText($0) }
    let finite = numbers.filter(\.value.isFinite)
    let sizes = values.filter { $0.isFinite && $0 != 0 }.map(\.magnitude)
    let (most, least) = (sizes.max() ?? 1, sizes.min() ?? 1)
    let parts =
      most >= largest || least < 0.0001 || most / least > 1000 ? scientific(finite) : finite.map(\.positional)
    let right = parts.map(\.fraction.count).max() ?? 0
    let point = finite.isEmpty ? 0 : 1
    let other = numbers.filter { !$0.value.isFinite }.map(\.plain.count).max() ?? 0
    let left = Swift.max(parts.map(\.whole.count).max() ?? 0, other - right - point)
    var next = parts.makeIterator()
    return numbers.map { number in
      guard number.value.isFinite, let (whole, fraction) = next.next() else {
        return spaces(left + point + right - number.plain.count) + number.plain
      }
      return spaces(left - whole.count) + whole + "." + fraction + spaces(right - fraction.count)
    }
  }

  /// Numbers in scientific notation with equally many digits, the exponent as a part of the fraction.
  private static func scientific(_ numbers: [FloatText]) -> [(whole: String, fraction: String)] {
    let extents = numbers.map(\.scientificExtent)
    let digits = extents.map(\.fraction).max() ?? 0
    let exponent = extents.map(\.exponent).max() ?? 0
    return numbers.map { number in
      let parts = number.scientificParts(digits, exponentDigits: exponent)
      return (parts.whole, parts.fraction + "e" + parts.exponent)
    }
  }

  private static func spaces(_ count: Int) -> String { String(repeating: " ", count: Swift.max(0, count)) }
}
