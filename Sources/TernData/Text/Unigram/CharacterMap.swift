import Foundation

/// SentencePiece's map of characters to others, the `Precompiled` normalizer of a file: a double array of UTF-8 prefixes, and
/// the texts they become.
struct CharacterMap: Sendable {
  private let units: [UInt32]
  private let texts: [UInt8]
  /// The bytes of the longest text that something may become.
  var longestText: Int { texts.split(separator: 0).map(\.count).max() ?? 0 }

  /// The map in base 64; `nil` where it is none.
  init?(base64 text: String) {
    guard let data = Data(base64Encoded: text), data.count >= 4 else { return nil }
    let bytes = [UInt8](data)
    func word(_ place: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(bytes[place + $1]) << UInt32(8 * $1) } }
    let size = Int(word(0))
    guard size >= 4, size % 4 == 0, size <= bytes.count - 4 else { return nil }
    units = stride(from: 4, to: 4 + size, by: 4).map { word($0) }
    texts = Array(bytes[(4 + size)...])
    guard String(validating: texts, as: UTF8.self) != nil else { return nil }
  }

  /// What a text becomes by the first of its prefixes that is in the map; `nil` where none is.
  private func text(of key: some Sequence<UInt8>) -> [Unicode.Scalar]? {
    func offset(_ unit: UInt32) -> Int { Int(unit >> 10) << Int((unit & 0x200) >> 6) }
    var node = offset(units[0])
    for byte in key {
      if byte == 0 { return nil }
      node ^= Int(byte)
      guard node < units.count, units[node] & 0x8000_00FF == UInt32(byte) else { return nil }
      let unit = units[node]
      node ^= offset(unit)
      if unit & 0x100 != 0 {
        guard node < units.count else { return nil }
        let start = Int(units[node] & 0x7FFF_FFFF)
        guard start < texts.count else { return nil }
        return Array(String(decoding: texts[start...].prefix { $0 != 0 }, as: UTF8.self).unicodeScalars)
      }
    }
    return nil
  }

  /// Brings a text to what the map makes of its characters: of whole ones of up to five bytes, and of their scalars else.
  func callAsFunction(_ text: inout AlignedText) {
    var changes: [AlignedText.Change] = []
    changes.reserveCapacity(text.scalars.count)
    var isChanged = false
    func replace(_ count: Int, by new: [Unicode.Scalar]) {
      isChanged = true
      changes += new.map { AlignedText.Change(scalar: $0, count: 0) }
      if new.count > count {
        for place in (changes.count - (new.count - count))..<changes.count { changes[place].count = 1 }
      } else if new.count < count, !changes.isEmpty {
        changes[changes.count - 1].count += new.count - count
      }
    }
    for character in String(String.UnicodeScalarView(text.scalars)) {
      let bytes = character.utf8
      if bytes.count < 6, let new = self.text(of: bytes) {
        replace(character.unicodeScalars.count, by: new)
        continue
      }
      for scalar in character.unicodeScalars {
        if let new = self.text(of: UTF8.encode(scalar)!) {
          replace(1, by: new)
        } else {
          changes.append(AlignedText.Change(scalar: scalar, count: 0))
        }
      }
    }
    if isChanged { text.change(to: changes) }
  }
}
