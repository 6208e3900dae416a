import Foundation

/// A scalar of a normalized text, with the number of the scalar that it comes from.
struct BERTScalar {
  var scalar: Unicode.Scalar
  var place: Int
}

/// BERT's normalizer and pre-tokenizer.
struct BERTOptions: Sendable, Equatable {
  /// Control characters are left out, and white space is a space.
  var cleansText = false
  /// Chinese characters are words.
  var separatesChinese = false
  /// Accents are left out.
  var stripsAccents = false
  /// Letters are small.
  var lowercases = false

  /// No normalizer.
  init() {}

  /// The normalizer of a file: none or BERT's.
  init(_ file: TokenizerFile) throws(DataError) {
    guard let part = try file.part("normalizer", of: "normalizers") else { return }
    let name = "normalizer"
    let type = try file.type(of: part, name)
    guard type == "BertNormalizer" else {
      throw file.unsupported("the normalizer \"\(type)\" is not read", "BertNormalizer")
    }
    cleansText = try file.flag(part, "clean_text", name, default: true)
    separatesChinese = try file.flag(part, "handle_chinese_chars", name, default: true)
    lowercases = try file.flag(part, "lowercase", name, default: true)
    stripsAccents = try file.flag(part, "strip_accents", name, default: lowercases)
  }

  /// What a file says.
  var json: JSON {
    if self == BERTOptions() { return .null }
    return .object([
      .init("type", .string("BertNormalizer")), .init("clean_text", .bool(cleansText)),
      .init("handle_chinese_chars", .bool(separatesChinese)), .init("strip_accents", .bool(stripsAccents)),
      .init("lowercase", .bool(lowercases)),
    ])
  }

  /// The words of `text`, whose first scalar has the number `start`; none is empty.
  func words(of text: String, from start: Int) -> [[BERTScalar]] {
    var words: [[BERTScalar]] = []
    var word: [BERTScalar] = []
    func end() {
      if !word.isEmpty { words.append(word) }
      word.removeAll(keepingCapacity: true)
    }
    let kinds = ScalarKinds.ofBasicPlane
    func kind(_ scalar: Unicode.Scalar) -> ScalarKinds {
      scalar.value < 0x10000 ? kinds[Int(scalar.value)] : ScalarKinds(scalar)
    }
    func add(_ scalar: Unicode.Scalar, _ place: Int) {
      let kinds = kind(scalar)
      if kinds.contains(.whiteSpace) {
        end()
      } else if kinds.contains(.punctuation) {
        end()
        words.append([BERTScalar(scalar: scalar, place: place)])
      } else {
        word.append(BERTScalar(scalar: scalar, place: place))
      }
    }
    let unchanged: ScalarKinds = stripsAccents ? (lowercases ? [.bare, .small] : .bare) : (lowercases ? .small : [])
    for (distance, scalar) in text.unicodeScalars.enumerated() {
      let place = start + distance
      if cleansText {
        if scalar.value == 0 || scalar.value == 0xFFFD || kind(scalar).contains(.control) { continue }
      }
      let isSeparate = separatesChinese && BERTOptions.isChinese(scalar)
      if isSeparate { end() }
      if scalar.isASCII {
        let isCapital = lowercases && UInt32(UInt8(ascii: "A"))...UInt32(UInt8(ascii: "Z")) ~= scalar.value
        add(isCapital ? Unicode.Scalar(UInt8(scalar.value) + 32) : scalar, place)
      } else if kind(scalar).isSuperset(of: unchanged) {
        add(scalar, place)
      } else {
        for part in stripsAccents ? BERTOptions.unaccented(scalar) : [scalar] {
          guard lowercases else {
            add(part, place)
            continue
          }
          for small in part.properties.lowercaseMapping.unicodeScalars { add(small, place) }
        }
      }
      if isSeparate { end() }
    }
    end()
    return words
  }

  /// The canonical decomposition without marks of no width.
  private static func unaccented(_ scalar: Unicode.Scalar) -> [Unicode.Scalar] {
    // Syllables of Hangul: their consonants and vowels, by the formula of Unicode's section 3.12.
    if 0xAC00...0xD7A3 ~= scalar.value {
      let index = scalar.value - 0xAC00
      let parts = [0x1100 + index / 588, 0x1161 + index % 588 / 28, 0x11A7 + index % 28]
      return parts.prefix(index % 28 == 0 ? 2 : 3).map { Unicode.Scalar($0)! }
    }
    return String(scalar).decomposedStringWithCanonicalMapping.unicodeScalars.filter {
      $0.properties.generalCategory != .nonspacingMark
    }
  }

  private static func isChinese(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F, 0x2B920...0x2CEAF,
      0xF900...0xFAFF, 0x2F800...0x2FA1F:
      return true
    default: return false
    }
  }
}
