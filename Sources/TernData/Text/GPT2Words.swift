/// What GPT-2's pattern tells apart.
enum ScalarClass: UInt8 {
  case letter
  case number
  case space
  case other

  init(_ scalar: Unicode.Scalar) {
    if scalar.properties.isWhitespace {
      self = .space
      return
    }
    // Letters that are newer than Unicode 16 are none for `tokenizers`, whichever version the system's library knows.
    guard let age = scalar.properties.age, age.major <= 16 else {
      self = .other
      return
    }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: self = .letter
    case .decimalNumber, .letterNumber, .otherNumber: self = .number
    default: self = .other
    }
  }

  /// The classes of the scalars below U+10000.
  static let table: [ScalarClass] = (0..<0x10000).map { (value: UInt32) in
    Unicode.Scalar(value).map { ScalarClass($0) } ?? .other
  }
}

/// The words of a text by GPT-2's pattern,
/// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`, over its UTF-8.
struct GPT2Words {
  private let text: UnsafeBufferPointer<UInt8>
  private let classes: UnsafePointer<ScalarClass>
  private var position = 0

  /// `text` is valid UTF-8; `classes` are those of the scalars below U+10000.
  init(_ text: UnsafeBufferPointer<UInt8>, classes: UnsafePointer<ScalarClass>) {
    self.text = text
    self.classes = classes
  }

  /// The class of the scalar at `place`, and how many bytes it has.
  @inline(__always)
  private func scalar(_ place: Int) -> (kind: ScalarClass, size: Int) {
    let first = UInt32(text[place])
    if first < 0x80 { return (classes[Int(first)], 1) }
    func tail(_ distance: Int) -> UInt32 { UInt32(text[place + distance] & 0x3F) }
    if first < 0xE0 { return (classes[Int((first & 0x1F) << 6 | tail(1))], 2) }
    if first < 0xF0 { return (classes[Int((first & 0x0F) << 12 | tail(1) << 6 | tail(2))], 3) }
    let value = (first & 0x07) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3)
    return (Unicode.Scalar(value).map { ScalarClass($0) } ?? .other, 4)
  }

  /// The bytes of the next word; `nil` at the end.
  @inline(__always)
  mutating func next() -> Range<Int>? {
    let start = position
    guard start < text.count else { return nil }
    if text[start] == UInt8(ascii: "'") {
      let size = contraction(start)
      if size > 0 {
        position = start + size
        return start..<position
      }
    }
    var (kind, size) = scalar(start)
    var end = start + size
    if text[start] == 0x20, end < text.count {
      let (following, size) = scalar(end)
      if following != .space {
        kind = following
        end += size
      }
    }
    if kind == .space { return spaces(start, end) }
    while end < text.count {
      let (following, size) = scalar(end)
      if following != kind { break }
      end += size
    }
    position = end
    return start..<end
  }

  /// The spaces from `start`: all but the last, which begins the next word, unless there is one only or no word behind.
  private mutating func spaces(_ start: Int, _ first: Int) -> Range<Int> {
    var (end, last) = (first, start)
    while end < text.count {
      let (following, size) = scalar(end)
      if following != .space { break }
      last = end
      end += size
    }
    position = end < text.count && last > start ? last : end
    return start..<position
  }

  /// How many bytes a contraction at `start` has, the apostrophe included; 0 where there is none.
  private func contraction(_ start: Int) -> Int {
    guard start + 1 < text.count else { return 0 }
    let second = text[start + 1]
    if second == UInt8(ascii: "s") || second == UInt8(ascii: "t") || second == UInt8(ascii: "m")
      || second == UInt8(ascii: "d")
    {
      return 2
    }
    guard start + 2 < text.count else { return 0 }
    let third = text[start + 2]
    switch (second, third) {
    case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
      (UInt8(ascii: "l"), UInt8(ascii: "l")):
      return 3
    default: return 0
    }
  }
}
