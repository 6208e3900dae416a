/// Which hashes the spellings of a vocabulary have: most of what is no token is found out without looking it up.
///
/// FNV-1a of 64 bits, whose values for all beginnings of a text are found in one pass.
struct TokenHashes: Sendable {
  private var known: Set<UInt64> = []

  init(_ ids: [[UInt8]: Int]) {
    known.reserveCapacity(ids.count)
    for bytes in ids.keys { known.insert(bytes.reduce(TokenHashes.start, TokenHashes.next)) }
  }

  /// Whether a token has this hash.
  func contain(_ value: UInt64) -> Bool { known.contains(value) }

  /// The hashes of `prefix` followed by 1, 2, … bytes of `bytes` from `first` on.
  func values(of bytes: [UInt8], from first: Int, after prefix: [UInt8]) -> [UInt64] {
    var value = prefix.reduce(TokenHashes.start, TokenHashes.next)
    return bytes[first...].map {
      value = TokenHashes.next(value, $0)
      return value
    }
  }

  private static let start: UInt64 = 0xCBF2_9CE4_8422_2325

  private static func next(_ value: UInt64, _ byte: UInt8) -> UInt64 { (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
}
