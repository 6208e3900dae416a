/// How much room text takes. What font a reader has is unknown: widths are those of DejaVu Sans, the widest in use.
enum TextMetrics {
  /// The width of `text` at this size.
  static func width(_ text: String, size: Double, isBold: Bool = false) -> Double {
    text.reduce(0) { $0 + width($1) } * size * (isBold ? 1.1 : 1)
  }

  private static func width(_ character: Character) -> Double {
    guard let scalar = character.unicodeScalars.first else { return 0 }
    guard scalar.isASCII else { return scalar.value >= 0x2E80 ? 1.05 : 0.8 }
    switch character {
    case "i", "j", "l", "I", "|", ".", ",", ":", ";", "'", "!", " ": return 0.36
    case "f", "r", "t", "(", ")", "[", "]", "/", "-": return 0.43
    case "m", "M", "w", "W", "@", "%", "+", "=", "<", ">", "~": return 1
    case "A"..."Z": return 0.78
    default: return 0.64
    }
  }

  /// `text` in lines no wider than `room`: between words, inside a word only where that alone is wider.
  static func lines(_ text: String, room: Double, size: Double, isBold: Bool = false) -> [String] {
    func fits(_ line: String) -> Bool { width(line, size: size, isBold: isBold) <= room }
    var lines: [String] = []
    var line = ""
    for word in text.split(whereSeparator: \.isWhitespace) {
      let longer = line.isEmpty ? String(word) : line + " " + word
      if fits(longer) {
        line = longer
        continue
      }
      if !line.isEmpty { lines.append(line) }
      line = ""
      for character in word {
        if !line.isEmpty, !fits(line + String(character)) {
          lines.append(line)
          line = ""
        }
        line.append(character)
      }
    }
    if !line.isEmpty { lines.append(line) }
    return lines
  }
}

/// `text` without what HTML and XML take for markup; characters that XML does not allow are left out.
package func markup(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    case "\t", "\n", "\r": result.unicodeScalars.append(scalar)
    case "\0"..<" ", "\u{FFFE}", "\u{FFFF}": break
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}
