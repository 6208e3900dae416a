/// The first 128 bits of 5^q for q from −342 to 308, which is all that numbers of 19 digits need to become a `Double`.
enum PowersOfFive {
  static let smallest = -342
  static let largest = 308

  /// Upper and lower half by turns, from the smallest power on: rounded down for q ≥ 0 and up, in the last bit, for
  /// −27 ≤ q < 0, where a power has no more than 64 bits and quotients can be exact.
  nonisolated(unsafe) static let halves: UnsafePointer<UInt64> = {
    let table = UnsafeMutablePointer<UInt64>.allocate(capacity: 2 * (largest - smallest + 1))
    func put(_ q: Int, _ bits: (high: UInt64, low: UInt64)) {
      (table[2 * (q - smallest)], table[2 * (q - smallest) + 1]) = (bits.high, bits.low)
    }
    // 5^q, least significant word first.
    var power: [UInt64] = [1]
    for q in 0...largest {
      put(q, leadingBits(power))
      var carry: UInt64 = 0
      for index in power.indices {
        let product = power[index].multipliedFullWidth(by: 5)
        let (sum, overflow) = product.low.addingReportingOverflow(carry)
        power[index] = sum
        carry = product.high + (overflow ? 1 : 0)
      }
      if carry > 0 { power.append(carry) }
    }
    // 2^2048 / 5^-q, whose first 128 bits are those of any larger power of two.
    var quotient = [UInt64](repeating: 0, count: 33)
    quotient[32] = 1
    for q in (smallest..<0).reversed() {
      var remainder: UInt64 = 0
      for index in quotient.indices.reversed() {
        (quotient[index], remainder) = UInt64(5).dividingFullWidth((remainder, quotient[index]))
      }
      var bits = leadingBits(quotient)
      if q >= -27 {
        bits.low &+= 1
        if bits.low == 0 { bits.high += 1 }
      }
      put(q, bits)
    }
    return UnsafePointer(table)
  }()

  /// The first 128 bits of a number that is not 0, least significant word first.
  private static func leadingBits(_ words: [UInt64]) -> (high: UInt64, low: UInt64) {
    let top = words.lastIndex { $0 != 0 }!
    func word(_ index: Int) -> UInt64 { index >= 0 ? words[index] : 0 }
    let shift = words[top].leadingZeroBitCount
    let (a, b, c) = (word(top), word(top - 1), word(top - 2))
    if shift == 0 { return (a, b) }
    return (a << shift | b >> (64 - shift), b << shift | c >> (64 - shift))
  }
}
