import TernBackend

/// The pre-tokenizer of a tokenizer's file: how a normalized text is divided into words.
struct WordDivision: Sendable {
  /// Whether the replacement of spaces is set before a text, or a part of it.
  enum Prefix: String, Sendable {
    case always, first, never
  }

  private enum Step: Sendable {
    /// At white space, which is left out.
    case whitespace
    /// Spaces become a mark, with which a word begins.
    case marks(Unicode.Scalar, Prefix, divides: Bool)
  }

  /// A part of a text: its scalars, and where the part that it is of begins in the text as it was.
  struct Part {
    var text: AlignedText
    var start: Int
  }

  private var steps: [Step] = []

  /// The pre-tokenizer of a file, where it has one.
  init(_ file: TokenizerFile) throws(DataError) {
    for part in try file.parts("pre_tokenizer", of: "pretokenizers") {
      switch try file.type(of: part, "pre_tokenizer") {
      case "WhitespaceSplit": steps.append(.whitespace)
      case "Metaspace":
        let (mark, prefix) = try WordDivision.metaspace(part, file)
        steps.append(.marks(mark, prefix, divides: try file.flag(part, "split", "Metaspace", default: true)))
      case let type: throw file.unsupported("the pre_tokenizer \"\(type)\" is not read", "Metaspace, WhitespaceSplit")
      }
    }
  }

  /// The mark that stands for a space, and where it is set before texts.
  static func metaspace(_ part: JSON, _ file: TokenizerFile) throws(DataError) -> (Unicode.Scalar, Prefix) {
    let text = try file.text(part, "replacement", "Metaspace")
    guard let mark = text.unicodeScalars.first, text.unicodeScalars.count == 1 else {
      throw file.malformed("Metaspace: the replacement is not one character")
    }
    let adds = try file.flag(part, "add_prefix_space", "Metaspace", default: true)
    guard let scheme = part["prepend_scheme"], scheme != .null else { return (mark, adds ? .always : .never) }
    guard let prefix = scheme.string.flatMap({ Prefix(rawValue: $0) }) else {
      throw file.malformed("Metaspace: the prepend_scheme is not one of always, first, never")
    }
    return (mark, prefix)
  }

  /// The words of a part of a text; none is empty.
  func words(of part: Part) -> [Part] {
    var parts = part.text.isEmpty ? [] : [part]
    for step in steps {
      switch step {
      case .whitespace: parts = parts.flatMap { WordDivision.divided($0, \.properties.isWhitespace, keeps: false) }
      case .marks(let mark, let prefix, let divides):
        parts = parts.flatMap { part in
          var part = part
          part.text.map { $0 == " " ? mark : $0 }
          if part.text.scalars[0] != mark, prefix == .always || prefix == .first && part.start == 0 {
            part.text.prepend([mark])
          }
          return divides ? WordDivision.divided(part, { $0 == mark }, keeps: true) : [part]
        }
      }
    }
    return parts
  }

  /// The parts between marks, with the one that each begins with or without.
  private static func divided(_ part: Part, _ isMark: (Unicode.Scalar) -> Bool, keeps: Bool) -> [Part] {
    let scalars = part.text.scalars
    var parts: [Part] = []
    var start = 0
    func end(at end: Int) {
      guard end > start else { return }
      let text = part.text[start..<end]
      parts.append(Part(text: text, start: Int(text.origins[0].lowerBound)))
    }
    for (place, scalar) in scalars.enumerated() where isMark(scalar) {
      end(at: place)
      start = keeps ? place : place + 1
    }
    end(at: scalars.count)
    return parts
  }
}
