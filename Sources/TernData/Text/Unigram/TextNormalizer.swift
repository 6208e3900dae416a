import TernBackend

/// The normalizer of a tokenizer's file: what is done to a text before it is divided into words.
struct TextNormalizer: Sendable {
  private enum Step: Sendable {
    case form(UnicodeForm)
    case map(CharacterMap)
    case lowercase
    case stripAccents
    case trim(left: Bool, right: Bool)
    /// Every place where the pattern is becomes the text.
    case replace(Pattern, [Unicode.Scalar])
    case prepend([Unicode.Scalar])
    /// SentencePiece's cleaning: control characters are left out, and spaces of any kind are a space.
    case clean
  }

  private enum Pattern: Sendable {
    case text([Unicode.Scalar])
    /// A run of at least so many scalars of a kind.
    case run(of: Unicode.Scalar?, atLeast: Int)
  }

  private var steps: [Step] = []

  /// Whether it leaves every text as it is.
  var isEmpty: Bool { steps.isEmpty }

  /// The normalizer of a file, where it has one.
  init(_ file: TokenizerFile) throws(DataError) {
    var growth = 1.0
    for part in try file.parts("normalizer", of: "normalizers") {
      let step = try TextNormalizer.step(part, file)
      steps.append(step)
      growth *= TextNormalizer.growth(of: step)
    }
    guard growth <= TextNormalizer.mostGrowth else {
      throw file.unsupported(
        "the normalizers make a text up to \(Int(min(growth, 1e18))) times as long",
        "at most \(Int(TextNormalizer.mostGrowth))")
    }
  }

  /// How many times as long a text may become, so that no file fills the memory.
  private static let mostGrowth = 65_536.0

  /// How many times as long a step makes a text at most.
  private static func growth(of step: Step) -> Double {
    switch step {
    case .form(let form): form.isCompatible ? 18 : 4
    case .map(let map): Double(max(map.longestText, 1))
    case .lowercase: 3
    case .stripAccents, .trim, .clean: 1
    case .replace(.text(let text), let content): Double(max(content.count, text.count)) / Double(text.count)
    case .replace(.run(_, let least), let content): Double(max(content.count, least)) / Double(least)
    case .prepend(let content): Double(1 + content.count)
    }
  }

  private static func step(_ part: JSON, _ file: TokenizerFile) throws(DataError) -> Step {
    let name = "normalizer"
    switch try file.type(of: part, name) {
    case "NFC": return .form(UnicodeForm(isCompatible: false, composes: true))
    case "NFD": return .form(UnicodeForm(isCompatible: false, composes: false))
    case "NFKC": return .form(UnicodeForm(isCompatible: true, composes: true))
    case "NFKD": return .form(UnicodeForm(isCompatible: true, composes: false))
    case "Lowercase": return .lowercase
    case "StripAccents": return .stripAccents
    case "Nmt": return .clean
    case "Strip":
      return .trim(
        left: try file.flag(part, "strip_left", name, default: true),
        right: try file.flag(part, "strip_right", name, default: true))
    case "Prepend": return .prepend(Array(try file.text(part, "prepend", name).unicodeScalars))
    case "Replace":
      let content = Array(try file.text(part, "content", "Replace").unicodeScalars)
      return .replace(try pattern(part["pattern"] ?? .null, file), content)
    case "Precompiled":
      guard let map = CharacterMap(base64: try file.text(part, "precompiled_charsmap", "Precompiled")) else {
        throw file.malformed("the precompiled_charsmap is no map of characters in base 64")
      }
      return .map(map)
    case let type: throw file.unsupported("the normalizer \"\(type)\" is not read")
    }
  }

  private static func pattern(_ part: JSON, _ file: TokenizerFile) throws(DataError) -> Pattern {
    if let text = part["String"]?.string {
      guard !text.isEmpty else { throw file.malformed("Replace: the pattern is empty") }
      return .text(Array(text.unicodeScalars))
    }
    switch part["Regex"]?.string {
    case " {2,}": return .run(of: " ", atLeast: 2)
    case " +", " {1,}": return .run(of: " ", atLeast: 1)
    case "\\s+": return .run(of: nil, atLeast: 1)
    case let text?:
      throw file.unsupported("Replace: the pattern \"\(printable(text, limit: 60))\" is not read", "a text, or spaces")
    case nil: throw file.malformed("Replace has no pattern")
    }
  }

  /// Normalizes a part of a text.
  func callAsFunction(_ text: inout AlignedText) {
    for step in steps {
      switch step {
      case .form(let form): form(&text)
      case .map(let map): map(&text)
      case .lowercase: TextNormalizer.lowercase(&text)
      case .stripAccents: text.filter { !TextNormalizer.isMark($0) }
      case .trim(let left, let right): TextNormalizer.trim(&text, left, right)
      case .replace(let pattern, let content):
        text.replace(TextNormalizer.places(of: pattern, in: text.scalars), by: content)
      case .prepend(let content): text.prepend(content)
      case .clean: TextNormalizer.clean(&text)
      }
    }
  }

  private static func lowercase(_ text: inout AlignedText) {
    var changes: [AlignedText.Change] = []
    changes.reserveCapacity(text.scalars.count)
    for scalar in text.scalars {
      if scalar.isASCII {
        let isCapital = 0x41...0x5A ~= scalar.value
        let small = isCapital ? Unicode.Scalar(UInt8(scalar.value) + 32) : scalar
        changes.append(AlignedText.Change(scalar: small, count: 0))
        continue
      }
      for (place, small) in scalar.properties.lowercaseMapping.unicodeScalars.enumerated() {
        changes.append(AlignedText.Change(scalar: small, count: place > 0 ? 1 : 0))
      }
    }
    text.change(to: changes)
  }

  static func isMark(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x300 { return false }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark: return UnicodeForm.isOld(scalar)
    default: return false
    }
  }

  private static func trim(_ text: inout AlignedText, _ left: Bool, _ right: Bool) {
    let scalars = text.scalars
    var (start, end) = (0, scalars.count)
    if left { while start < end, scalars[start].properties.isWhitespace { start += 1 } }
    if right { while end > start, scalars[end - 1].properties.isWhitespace { end -= 1 } }
    if end - start < scalars.count { text = text[start..<end] }
  }

  private static func clean(_ text: inout AlignedText) {
    text.filter { scalar in
      switch scalar.value {
      case 0x01...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0x8F, 0x9F: false
      default: true
      }
    }
    text.map { scalar in
      switch scalar.value {
      case 0x09, 0x0A, 0x0C, 0x0D, 0x1680, 0x200B...0x200F, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD: " "
      default: scalar
      }
    }
  }

  private static func places(of pattern: Pattern, in scalars: [Unicode.Scalar]) -> [Range<Int>] {
    var (ranges, place): ([Range<Int>], Int) = ([], 0)
    while place < scalars.count {
      var end = place
      switch pattern {
      case .text(let text):
        if scalars[place...].starts(with: text) { end += text.count }
      case .run(let scalar, let least):
        while end < scalars.count, scalar.map({ $0 == scalars[end] }) ?? scalars[end].properties.isWhitespace {
          end += 1
        }
        // All of a run that is too short is passed over.
        if end - place < least {
          place = max(end, place + 1)
          continue
        }
      }
      if end > place { ranges.append(place..<end) }
      place = max(end, place + 1)
    }
    return ranges
  }
}
