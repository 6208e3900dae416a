/// A decimal number as a text spells it: ±`mantissa` · 10^`exponent`, up to what follows the 19th digit.
///
/// `[+-] digits [. digits] [e [+-] digits]` with a digit in front of or behind the point; neither words nor hexadecimal.
struct DecimalText {
  let isNegative: Bool
  /// The first 19 digits that count.
  let mantissa: UInt64
  let exponent: Int
  /// Whether there were no more than 19.
  let isWhole: Bool
  let start: UnsafePointer<UInt8>
  /// Behind the number's last character.
  let end: UnsafePointer<UInt8>

  /// The longest number that the text from `start` to `limit` begins with; `nil` where it begins with none.
  @inline(__always)
  init?(_ start: UnsafePointer<UInt8>, _ limit: UnsafePointer<UInt8>) {
    var place = start
    var isNegative = false
    if place < limit, place.pointee == UInt8(ascii: "-") || place.pointee == UInt8(ascii: "+") {
      isNegative = place.pointee == UInt8(ascii: "-")
      place += 1
    }
    let first = place
    var mantissa: UInt64 = 0
    takeDigits(&place, limit, &mantissa)
    var digitCount = place - first
    var exponent = 0
    if place < limit, place.pointee == UInt8(ascii: ".") {
      place += 1
      let fraction = place
      takeDigits(&place, limit, &mantissa)
      exponent = fraction - place
      digitCount += place - fraction
    }
    guard digitCount > 0 else { return nil }
    let last = place
    var scale = 0
    if place < limit, place.pointee | 0x20 == UInt8(ascii: "e") {
      var next = place + 1
      let isSmall = next < limit && next.pointee == UInt8(ascii: "-")
      if next < limit, isSmall || next.pointee == UInt8(ascii: "+") { next += 1 }
      if next < limit, next.pointee.digit != nil {
        while next < limit, let digit = next.pointee.digit {
          // More than any text has digits.
          if scale < 1 << 40 { scale = scale * 10 + Int(digit) }
          next += 1
        }
        if isSmall { scale = -scale }
        place = next
      }
    }
    self.isNegative = isNegative
    self.start = start
    end = place
    if digitCount <= 19 {
      (self.mantissa, self.exponent, isWhole) = (mantissa, exponent + scale, true)
    } else {
      let long = Self.longMantissa(first, last)
      (self.mantissa, self.exponent, isWhole) = (long.mantissa, long.exponent + scale, long.isWhole)
    }
  }

  /// What many digits from `first` to `last` are, some of which may be zeros in front.
  @inline(never)
  private static func longMantissa(
    _ first: UnsafePointer<UInt8>, _ last: UnsafePointer<UInt8>
  ) -> (mantissa: UInt64, exponent: Int, isWhole: Bool) {
    var (mantissa, exponent, count, isFraction) = (UInt64(0), 0, 0, false)
    var place = first
    while place < last {
      if let digit = place.pointee.digit {
        if count < 19 {
          mantissa = mantissa * 10 + UInt64(digit)
          if isFraction { exponent -= 1 }
        } else if !isFraction {
          exponent += 1
        }
        if count > 0 || digit > 0 { count += 1 }
      } else {
        isFraction = true
      }
      place += 1
    }
    return (mantissa, exponent, count <= 19)
  }

  /// The nearest `Double`, ties to even.
  var double: Double {
    @inline(__always) get {
      if isWhole {
        if mantissa <= 1 << 53, -22...22 ~= exponent {
          // Both are exact, so that the result is rounded once.
          let value = Double(mantissa)
          let scaled = exponent < 0 ? value / exactPowers[-exponent] : value * exactPowers[exponent]
          return isNegative ? -scaled : scaled
        }
        return Double(bitPattern: nearest(mantissa, exponent, .double) | (isNegative ? 1 << 63 : 0))
      }
      let bits = nearest(mantissa, exponent, .double)
      guard bits == nearest(mantissa + 1, exponent, .double) else { return Double(text) ?? .nan }
      return Double(bitPattern: bits | (isNegative ? 1 << 63 : 0))
    }
  }

  /// The nearest `Float`, ties to even.
  var float: Float {
    @inline(__always) get {
      if isWhole, mantissa <= 1 << 24, -10...10 ~= exponent {
        let value = Float(mantissa)
        let scaled = exponent < 0 ? value / Float(exactPowers[-exponent]) : value * Float(exactPowers[exponent])
        return isNegative ? -scaled : scaled
      }
      let bits = nearest(mantissa, exponent, .float)
      guard isWhole || bits == nearest(mantissa + 1, exponent, .float) else { return Float(text) ?? .nan }
      return Float(bitPattern: UInt32(truncatingIfNeeded: bits) | (isNegative ? 1 << 31 : 0))
    }
  }

  private var text: String { String(decoding: UnsafeBufferPointer(start: start, count: end - start), as: UTF8.self) }
}

/// The powers of ten that a `Double` has.
private let exactPowers: InlineArray<23, Double> = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
  1e21, 1e22,
]

/// What rounding to a binary format has to know of it.
private struct BinaryFormat {
  /// Bits of the fraction.
  let fraction: UInt64
  /// What is added to exponents.
  let bias: Int
  /// The exponent of infinity, with the bias.
  let infinite: Int
  /// Powers of ten for which a number of 19 digits may lie just between two numbers of the format.
  let ties: ClosedRange<Int>

  static let double = BinaryFormat(fraction: 52, bias: 1023, infinite: 0x7FF, ties: -4...23)
  static let float = BinaryFormat(fraction: 23, bias: 127, infinite: 0xFF, ties: -17...10)
}

/// The bits of the number of `format` that is nearest to `mantissa` · 10^`exponent`, ties to even, without its sign.
///
/// The algorithm of Eisel and Lemire: `mantissa` times the first 128 bits of 5^`exponent` determines the nearest number,
/// see Lemire, Number Parsing at a Gigabyte per Second (2021), and Mushtak and Lemire, Fast Number Parsing Without
/// Fallback (2023).
@inline(__always)
private func nearest(_ mantissa: UInt64, _ exponent: Int, _ format: BinaryFormat) -> UInt64 {
  let infinity = UInt64(format.infinite) << format.fraction
  if mantissa == 0 || exponent < PowersOfFive.smallest { return 0 }
  if exponent > PowersOfFive.largest { return infinity }
  let lead = mantissa.leadingZeroBitCount
  let w = mantissa << UInt64(lead)
  let power = PowersOfFive.halves + 2 * (exponent - PowersOfFive.smallest)
  var (high, low) = w.multipliedFullWidth(by: power[0])
  let mask = UInt64.max >> (format.fraction + 3)
  if high & mask == mask {
    let more = w.multipliedFullWidth(by: power[1]).high
    low &+= more
    if more > low { high += 1 }
  }
  let upper = high >> 63
  let shift = upper + 64 - format.fraction - 3
  var bits = high >> shift
  // ⌊exponent · log₂ 10⌋ + 63
  var power2 = (217_706 * exponent) >> 16 + 63 + Int(upper) - lead + format.bias
  if power2 <= 0 {
    // Too small for a leading one.
    if power2 <= -63 { return 0 }
    bits >>= UInt64(1 - power2)
    bits = (bits + bits & 1) >> 1
    return bits
  }
  if low <= 1, format.ties ~= exponent, bits & 3 == 1, bits << shift == high { bits &= ~1 }
  bits = (bits + bits & 1) >> 1
  if bits >= 2 << format.fraction {
    bits = 1 << format.fraction
    power2 += 1
  }
  if power2 >= format.infinite { return infinity }
  return bits & ~(1 << format.fraction) | UInt64(power2) << format.fraction
}

/// A number of at most seven digits and a point behind its sign, with what ends a field behind it: most of those in tables.
struct ShortDecimal {
  /// The digits, without the point.
  let mantissa: Int64
  /// How many digits are behind the point.
  let decimals: Int
  let hasPoint: Bool
  let isNegative: Bool
  let end: UnsafePointer<UInt8>

  /// The number that the text from `start` to `limit` begins with; `nil` where it begins with none such, or ends near.
  /// `kinds` has 1 for the bytes that end a field, which no number has.
  @inline(__always)
  init?(_ start: UnsafePointer<UInt8>, _ limit: UnsafePointer<UInt8>, _ kinds: UnsafePointer<UInt8>) {
    guard limit - start >= 10 else { return nil }
    isNegative = start.pointee == UInt8(ascii: "-")
    let first = start + (isNegative ? 1 : 0)
    let word = UInt64(littleEndian: UnsafeRawPointer(first).loadUnaligned(as: UInt64.self)) ^ 0x3030_3030_3030_3030
    // The upper bit of each byte that is more than 9.
    let others = (word & 0x7F7F_7F7F_7F7F_7F7F &+ 0x7676_7676_7676_7676 | word) & 0x8080_8080_8080_8080
    let whole = others.trailingZeroBitCount >> 3
    guard 1..<8 ~= whole else { return nil }
    let shift = 8 &* UInt64(whole)
    if kinds[Int(first[whole])] == 1 {
      mantissa = Int64(bitPattern: eightDigits(word &<< (64 &- shift)))
      (decimals, hasPoint, end) = (0, false, first + whole)
      return
    }
    let behind = others & (others &- 1)
    guard first[whole] == UInt8(ascii: "."), behind != 0 else { return nil }
    let count = behind.trailingZeroBitCount >> 3
    guard kinds[Int(first[count])] == 1 else { return nil }
    // Without the point; what is behind the number is shifted out.
    let digits = word & (1 &<< shift &- 1) | (word &>> (shift &+ 8)) &<< shift
    mantissa = Int64(bitPattern: eightDigits(digits &<< (64 &- 8 &* UInt64(count &- 1))))
    (decimals, hasPoint, end) = (count &- whole &- 1, true, first + count)
  }
}

/// Takes all digits that are here, eight at a time: `value` becomes `value` · 10ⁿ + what n digits spell, modulo 2⁶⁴.
@inline(__always)
func takeDigits(_ place: inout UnsafePointer<UInt8>, _ limit: UnsafePointer<UInt8>, _ value: inout UInt64) {
  while limit - place >= 8 {
    let word = UInt64(littleEndian: UnsafeRawPointer(place).loadUnaligned(as: UInt64.self)) ^ 0x3030_3030_3030_3030
    // The upper bit of each byte that is more than 9.
    let others = (word & 0x7F7F_7F7F_7F7F_7F7F &+ 0x7676_7676_7676_7676 | word) & 0x8080_8080_8080_8080
    if others == 0 {
      value = value &* 100_000_000 &+ eightDigits(word)
      place += 8
      continue
    }
    let count = others.trailingZeroBitCount >> 3
    if count == 0 { return }
    value = value &* smallPowers[count] &+ eightDigits(word &<< (64 &- 8 &* UInt64(count)))
    place += count
    return
  }
  while place < limit, let digit = place.pointee.digit {
    value = value &* 10 &+ UInt64(digit)
    place += 1
  }
}

/// The number of eight digits, one in a byte, the first in the lowest.
@inline(__always)
private func eightDigits(_ word: UInt64) -> UInt64 {
  let pairs = word &* 10 &+ word >> 8
  let fours = (pairs & 0x0000_00FF_0000_00FF) &* 0x000F_4240_0000_0064
  return (fours &+ (pairs >> 16 & 0x0000_00FF_0000_00FF) &* 0x0000_2710_0000_0001) >> 32
}

/// The first powers of ten.
private let smallPowers: InlineArray<8, UInt64> = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000]

extension UInt8 {
  /// The value of a decimal digit.
  var digit: UInt8? {
    @inline(__always) get {
      let value = self &- 0x30
      return value < 10 ? value : nil
    }
  }
}
