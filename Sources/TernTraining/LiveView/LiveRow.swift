/// A row of a view: text in a few styles, whose width is counted in columns.
struct LiveRow: Equatable {
  /// How a part looks.
  enum Style: Equatable {
    case plain, faint, bold, colored, inverse

    /// What turns it on.
    var code: String? {
      switch self {
      case .plain: nil
      case .faint: "2"
      case .bold: "1"
      case .colored: "36"
      case .inverse: "7"
      }
    }
  }

  private(set) var parts: [(text: String, style: Style)] = []
  private(set) var width = 0

  static func == (left: LiveRow, right: LiveRow) -> Bool {
    left.parts.count == right.parts.count && zip(left.parts, right.parts).allSatisfy { $0 == $1 }
  }

  /// The text alone.
  var text: String { parts.map(\.text).joined() }

  mutating func add(_ text: String, _ style: Style = .plain) {
    let text = printed(text)
    if text.isEmpty { return }
    parts.append((text, style))
    width += columns(of: text)
  }

  /// Adds spaces up to a width.
  mutating func pad(to width: Int) {
    if self.width < width { add(String(repeating: " ", count: width - self.width)) }
  }

  /// The row in at most so many columns, as bytes for a terminal; without codes where it has no colors.
  func line(columns limit: Int, isColored: Bool) -> String {
    var (line, left) = ("", limit)
    for (text, style) in parts {
      let fitting = clipped(text, columns: left)
      if fitting.isEmpty { break }
      left -= columns(of: fitting)
      if isColored, let code = style.code { line += "\u{1B}[\(code)m\(fitting)\u{1B}[0m" } else { line += fitting }
    }
    return line
  }
}

/// How many columns a terminal gives a character.
private func width(of character: Character) -> Int {
  guard let first = character.unicodeScalars.first else { return 0 }
  if first.isASCII { return 1 }
  let isPicture = character.unicodeScalars.contains {
    $0.value == 0xFE0F || $0.properties.isEmojiPresentation
  }
  if isPicture { return 2 }
  switch first.value {
  case 0x300...0x36F, 0x200B...0x200F: return 0
  case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
    0xF900...0xFAFF,
    0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
    return 2
  default: return 1
  }
}

/// How many columns a text takes.
func columns(of text: String) -> Int { text.reduce(0) { $0 + width(of: $1) } }

/// The beginning of a text that fits so many columns.
func clipped(_ text: String, columns limit: Int) -> String {
  var (end, used) = (text.startIndex, 0)
  while end < text.endIndex {
    used += width(of: text[end])
    if used > limit { break }
    end = text.index(after: end)
  }
  return String(text[..<end])
}

/// A text without what a terminal would obey.
private func printed(_ text: String) -> String {
  func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator, .surrogate: true
    default: (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
    }
  }
  if !text.unicodeScalars.contains(where: isControl) { return text }
  return String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? "?" : $0 }))
}
