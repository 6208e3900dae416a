/// GPT-2's alphabet: a printable character for each byte, as tokens are spelled in files.
///
/// Bytes that are printable in Latin-1 stand for themselves, the others, in their order, for U+0100 and what follows.
enum ByteAlphabet {
  /// The character of each byte.
  static let scalars: [Unicode.Scalar] = {
    var next: UInt32 = 256
    return (0..<256).map { (byte: UInt32) in
      if 33...126 ~= byte || 161...172 ~= byte || 174...255 ~= byte { return Unicode.Scalar(byte)! }
      next += 1
      return Unicode.Scalar(next - 1)!
    }
  }()

  /// The byte of each character below U+0144.
  private static let byteOf: [UInt8?] = {
    var table = [UInt8?](repeating: nil, count: 0x144)
    for (byte, scalar) in scalars.enumerated() { table[Int(scalar.value)] = UInt8(byte) }
    return table
  }()

  /// The bytes in the order of their characters: that of GPT-2's vocabulary.
  static let order: [UInt8] = (0...255).sorted { scalars[Int($0)].value < scalars[Int($1)].value }

  /// The bytes that `spelling` stands for; `nil` where it has a character of no byte.
  static func bytes(of spelling: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    for scalar in spelling.unicodeScalars {
      guard scalar.value < byteOf.count, let byte = byteOf[Int(scalar.value)] else { return nil }
      bytes.append(byte)
    }
    return bytes
  }

  /// How `bytes` are spelled.
  static func spelling(of bytes: some Sequence<UInt8>) -> String {
    var text = String.UnicodeScalarView()
    for byte in bytes { text.append(scalars[Int(byte)]) }
    return String(text)
  }
}
