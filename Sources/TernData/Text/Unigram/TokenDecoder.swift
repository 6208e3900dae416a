import TernBackend

/// The decoder of a tokenizer's file: how spellings of tokens become a text.
struct TokenDecoder: Sendable {
  private enum Step: Sendable {
    /// The mark is a space, and left out at the beginning where one was set there.
    case marks(Unicode.Scalar, hasPrefix: Bool)
    case replace([UInt8], [UInt8])
    /// Runs of tokens such as `<0xE2>` are the text of their bytes.
    case bytes
    /// All tokens are one.
    case fuse
    /// Takes a text away from the beginning and the end of each token, so many times at most.
    case trim([UInt8], start: Int, stop: Int)
  }

  private var steps: [Step] = []

  /// The decoder of a file; tokens have spaces between them where it has none.
  init(_ file: TokenizerFile) throws(DataError) {
    for part in try file.parts("decoder", of: "decoders") {
      switch try file.type(of: part, "decoder") {
      case "Metaspace":
        let (mark, prefix) = try WordDivision.metaspace(part, file)
        steps.append(.marks(mark, hasPrefix: prefix != .never))
      case "Replace":
        guard let pattern = part["pattern"]?["String"]?.string, !pattern.isEmpty else {
          throw file.unsupported("the decoder Replace has a pattern that is no text")
        }
        steps.append(.replace(Array(pattern.utf8), Array(try file.text(part, "content", "decoder").utf8)))
      case "ByteFallback": steps.append(.bytes)
      case "Fuse": steps.append(.fuse)
      case "Strip":
        guard let start = part["start"]?.int, let stop = part["stop"]?.int, start >= 0, stop >= 0 else {
          throw file.malformed("the decoder \"Strip\" has no numbers start and stop")
        }
        let content = Array(try file.text(part, "content", "decoder").utf8)
        guard !content.isEmpty else { throw file.malformed("the decoder \"Strip\" has no content") }
        steps.append(.trim(content, start: start, stop: stop))
      case let type: throw file.unsupported("the decoder \"\(type)\" is not read")
      }
    }
  }

  /// The text of tokens with these spellings.
  func callAsFunction(_ spellings: [String]) -> String {
    if steps.isEmpty { return spellings.joined(separator: " ") }
    var tokens = spellings.map { Array($0.utf8) }
    for step in steps {
      switch step {
      case .marks(let mark, let hasPrefix):
        let mark = Array(UTF8.encode(mark)!)
        for place in tokens.indices {
          tokens[place] = TokenDecoder.replacing(mark, by: place == 0 && hasPrefix ? [] : [0x20], in: tokens[place])
        }
      case .replace(let old, let new):
        for place in tokens.indices { tokens[place] = TokenDecoder.replacing(old, by: new, in: tokens[place]) }
      case .bytes: tokens = TokenDecoder.joiningBytes(tokens)
      case .fuse: tokens = [Array(tokens.joined())]
      case .trim(let content, let start, let stop):
        for place in tokens.indices {
          var token = tokens[place][...]
          for _ in 0..<start where token.starts(with: content) { token = token.dropFirst(content.count) }
          for _ in 0..<stop where token.suffix(content.count).elementsEqual(content) {
            token = token.dropLast(content.count)
          }
          tokens[place] = Array(token)
        }
      }
    }
    return String(decoding: tokens.joined(), as: UTF8.self)
  }

  private static func replacing(_ old: [UInt8], by new: [UInt8], in token: [UInt8]) -> [UInt8] {
    guard let first = old.first, token.contains(first) else { return token }
    var (result, place): ([UInt8], Int) = ([], 0)
    while place < token.count {
      if token[place] == first, token[place...].starts(with: old) {
        result += new
        place += old.count
      } else {
        result.append(token[place])
        place += 1
      }
    }
    return result
  }

  /// The value of a token such as `<0xE2>`; `nil` for any other.
  static func byte(_ token: some Collection<UInt8>) -> UInt8? {
    guard token.count == 6, token.starts(with: "<0x".utf8), token.dropFirst(5).first == UInt8(ascii: ">") else {
      return nil
    }
    return UInt8(String(decoding: token.dropFirst(3).prefix(2), as: UTF8.self), radix: 16)
  }

  private static func joiningBytes(_ tokens: [[UInt8]]) -> [[UInt8]] {
    var (result, run): ([[UInt8]], [UInt8]) = ([], [])
    func end() {
      if run.isEmpty { return }
      if String(validating: run, as: UTF8.self) != nil {
        result.append(run)
      } else {
        // One for each byte.
        result += run.map { _ in Array("\u{FFFD}".utf8) }
      }
      run = []
    }
    for token in tokens {
      if let byte = byte(token) {
        run.append(byte)
      } else {
        end()
        result.append(token)
      }
    }
    end()
    return result
  }
}
