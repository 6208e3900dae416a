import TernBackend

extension JSON {
  /// How deep arrays and objects may lie in each other.
  package static let depthLimit = 128

  /// The value that `bytes` spell; `file` and `origin`, the place of the first byte in it, are for messages.
  ///
  /// - Throws: `DataError` at the first byte that is not JSON, at a key that is there twice, at a number that no
  ///   `Double` holds, at text that is not UTF-8, and where values lie more than 128 deep.
  package init(parsing bytes: some Collection<UInt8>, file: String, origin: Int = 0) throws(DataError) {
    var parser = JSONParser(bytes: Array(bytes), file: file, origin: origin)
    self = try parser.document()
  }
}

/// A recursive-descent parser over bytes.
private struct JSONParser {
  let bytes: [UInt8]
  let file: String
  let origin: Int
  var position = 0
  var depth = 0

  init(bytes: [UInt8], file: String, origin: Int) {
    self.bytes = bytes
    self.file = file
    self.origin = origin
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private func error(_ what: String, at place: Int? = nil, expected: String? = nil) -> DataError {
    DataError(.malformed, file: file, "JSON: \(what)", at: origin + (place ?? position), expected: expected)
  }

  /// The error that something else than `expected` is at the position.
  private func unexpected(_ expected: String) -> DataError {
    guard let byte = next else {
      return DataError(
        .truncated, file: file, "JSON: the text ends", at: origin + position, expected: expected)
    }
    let isPrintable = byte > 0x20 && byte < 0x7F
    let found = isPrintable ? "'\(Character(UnicodeScalar(byte)))'" : "byte 0x\(String(byte, radix: 16))"
    return error("found \(found)", expected: expected)
  }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private mutating func take(_ byte: Character) -> Bool {
    guard next == byte.asciiValue else { return false }
    position += 1
    return true
  }

  mutating func document() throws(DataError) -> JSON {
    let value = try value()
    skipSpace()
    if position < bytes.count { throw unexpected("the end") }
    return value
  }

  private mutating func value() throws(DataError) -> JSON {
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case let byte? where byte.isDigit || byte == UInt8(ascii: "-"): return try number()
    default: throw unexpected("a value")
    }
  }

  private mutating func word(_ word: String, _ value: JSON) throws(DataError) -> JSON {
    guard bytes[position...].starts(with: word.utf8) else { throw error("found a word", expected: word) }
    position += word.utf8.count
    return value
  }

  private mutating func descend() throws(DataError) {
    depth += 1
    if depth > JSON.depthLimit { throw error("values lie more than \(JSON.depthLimit) deep") }
    position += 1
  }

  private mutating func array() throws(DataError) -> JSON {
    try descend()
    defer { depth -= 1 }
    var values: [JSON] = []
    skipSpace()
    if take("]") { return .array(values) }
    while true {
      values.append(try value())
      skipSpace()
      if take("]") { return .array(values) }
      guard take(",") else { throw unexpected("',' or ']'") }
    }
  }

  private mutating func object() throws(DataError) -> JSON {
    try descend()
    defer { depth -= 1 }
    var members: [JSON.Member] = []
    var keys: Set<ExactName> = []
    skipSpace()
    if take("}") { return .object(members) }
    while true {
      skipSpace()
      let place = position
      guard next == UInt8(ascii: "\"") else { throw unexpected("a key") }
      let key = try string()
      guard keys.insert(ExactName(key)).inserted else {
        throw error("the key \"\(printable(key, limit: 100))\" is there twice", at: place)
      }
      skipSpace()
      guard take(":") else { throw unexpected("':'") }
      members.append(JSON.Member(key, try value()))
      skipSpace()
      if take("}") { return .object(members) }
      guard take(",") else { throw unexpected("',' or '}'") }
    }
  }

  private mutating func digits() throws(DataError) {
    guard let byte = next, byte.isDigit else { throw unexpected("a digit") }
    while let byte = next, byte.isDigit { position += 1 }
  }

  private mutating func number() throws(DataError) -> JSON {
    let start = position
    _ = take("-")
    if take("0") {
      if let byte = next, byte.isDigit { throw error("a number begins with 0", at: start) }
    } else {
      try digits()
    }
    var isInteger = true
    if take(".") {
      isInteger = false
      try digits()
    }
    if take("e") || take("E") {
      isInteger = false
      if !take("+") { _ = take("-") }
      try digits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    // −0 is a number of its own, which no integer is.
    if isInteger, text != "-0", let value = Int(text) { return .integer(value) }
    guard let value = Double(text), value.isFinite else {
      throw error("\(printable(text, limit: 60)) is too large a number", at: start)
    }
    return .number(value)
  }

  private mutating func string() throws(DataError) -> String {
    let start = position
    position += 1
    var text: [UInt8] = []
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else {
          throw error("a string is not UTF-8", at: start)
        }
        return string
      case UInt8(ascii: "\\"): try text.append(contentsOf: escape())
      case 0..<0x20: throw error("a control character is in a string", at: position - 1)
      default: text.append(byte)
      }
    }
    throw unexpected("the '\"' that ends the string of byte \(origin + start)")
  }

  private mutating func escape() throws(DataError) -> [UInt8] {
    guard let byte = next else { throw unexpected("an escaped character") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"): return Array(String(Character(try escapedScalar())).utf8)
    default:
      position -= 1
      throw unexpected("one of \" \\ / b f n r t u after '\\'")
    }
  }

  /// The scalar behind `\u`: four digits, or two such groups that make a surrogate pair.
  private mutating func escapedScalar() throws(DataError) -> UnicodeScalar {
    let start = position - 2
    let first = try fourDigits()
    if let scalar = UnicodeScalar(first) { return scalar }
    if first < 0xDC00, take("\\"), take("u") {
      let second = try fourDigits()
      if 0xDC00...0xDFFF ~= second, let scalar = UnicodeScalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) {
        return scalar
      }
    }
    throw error("half a surrogate pair", at: start)
  }

  private mutating func fourDigits() throws(DataError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(UnicodeScalar(byte)).hexDigitValue else {
        throw unexpected("four hexadecimal digits")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }
}

extension UInt8 {
  fileprivate var isDigit: Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= self }
}
