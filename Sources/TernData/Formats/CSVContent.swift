import TernBackend

/// A table's bytes, found sound, and where its rows begin.
struct CSVContent: Sendable {
  let bytes: [UInt8]
  let file: String
  let marks: CSVMarks
  let columnCount: Int
  let rowCount: Int
  /// Where every `spacing`th row begins.
  let starts: [Int]

  /// So many that they take next to no memory, so few that none is far from one.
  static let spacing = 64

  struct Field {
    /// Of the contents, without the quotes around them.
    var start: Int
    var end: Int
    /// Whether quotes inside are doubled.
    var hasQuotes: Bool
  }

  /// Calls `body` with a cursor at the beginning of a row, or behind the last.
  func withCursor<Result>(atRow row: Int = 0, _ body: (inout CSVCursor) -> Result) -> Result {
    bytes.withUnsafeBufferPointer { bytes in
      marks.kinds.withUnsafeBufferPointer { kinds in
        // An empty array has no address.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1) { nothing in
          let base = bytes.baseAddress ?? UnsafePointer(nothing.baseAddress!)
          let near = row / Self.spacing
          let start = near < starts.count ? starts[near] : bytes.count
          var cursor = CSVCursor(
            base: base, end: bytes.count, kinds: kinds.baseAddress!, delimiter: marks.delimiter,
            columnCount: columnCount, countsBlankLines: columnCount == 1 && marks.countsBlankLines, position: start)
          for _ in 0..<(near < starts.count ? row % Self.spacing : 0) {
            cursor.skipBlankLines()
            cursor.skipFields(columnCount)
          }
          cursor.skipBlankLines()
          return body(&cursor)
        }
      }
    }
  }

  func field(_ row: Int, _ column: Int) -> Field {
    withCursor(atRow: row) { cursor in
      cursor.skipFields(column)
      return cursor.field()
    }
  }

  func text(_ field: Field) -> String {
    let part = bytes[field.start..<field.end]
    // The parser saw that it is UTF-8.
    return field.hasQuotes ? CSVContent.undoubled(part) : String(decoding: part, as: UTF8.self)
  }

  /// A text whose quotes are doubled.
  static func undoubled(_ text: some Sequence<UInt8>) -> String {
    var isDoubled = false
    return String(
      decoding: text.filter { byte in
        isDoubled = byte == CSVMarks.quote && !isDoubled
        return byte != CSVMarks.quote || isDoubled
      }, as: UTF8.self)
  }

  func error(_ row: Int, _ column: Int, name: String, _ what: String, expected: String) -> DataError {
    let line = withCursor(atRow: row) { CSVMarks.line(of: $0.position, in: bytes) }
    return DataError(
      .mismatch, file: file, "line \(line), column \(column + 1) (\"\(printable(name, limit: 100))\"): \(what)",
      at: field(row, column).start, expected: expected)
  }
}

/// The bytes that have a meaning in a table.
struct CSVMarks: Sendable {
  let delimiter: UInt8
  /// For each byte: 0 of a field, 1 what ends one, 2 a quote.
  let kinds: [UInt8]
  /// Whether numbers have a decimal comma.
  let hasDecimalComma: Bool
  /// Whether a line without anything is a row of a table of one column.
  let countsBlankLines: Bool

  static var quote: UInt8 { UInt8(ascii: "\"") }
  static var lf: UInt8 { 10 }
  static var cr: UInt8 { 13 }

  init(delimiter: UInt8, hasDecimalComma: Bool = false, countsBlankLines: Bool = true) {
    self.delimiter = delimiter
    self.hasDecimalComma = hasDecimalComma
    self.countsBlankLines = countsBlankLines
    var kinds = [UInt8](repeating: 0, count: 256)
    for mark in [delimiter, Self.lf, Self.cr] { kinds[Int(mark)] = 1 }
    kinds[Int(Self.quote)] = 2
    self.kinds = kinds
  }

  /// Whether a number may hold the delimiter.
  var isOfNumbers: Bool {
    let scalar = UnicodeScalar(delimiter)
    return scalar.properties.isAlphabetic || delimiter.digit != nil || "+-.".unicodeScalars.contains(scalar)
  }

  /// The line of a place, from 1: lines end in LF, CR LF or CR, in quoted fields too.
  static func line(of place: Int, in bytes: [UInt8]) -> Int {
    var line = 1
    for index in 0..<place where bytes[index] == lf || bytes[index] == cr {
      if bytes[index] == lf || index + 1 == bytes.count || bytes[index + 1] != lf { line += 1 }
    }
    return line
  }
}

/// Goes through the fields of a table that was found sound.
struct CSVCursor {
  let base: UnsafePointer<UInt8>
  let end: Int
  let kinds: UnsafePointer<UInt8>
  let delimiter: UInt8
  let columnCount: Int
  let countsBlankLines: Bool
  var position: Int

  /// Leaves out lines without anything, which count as rows in a table of one column only.
  @inline(__always)
  mutating func skipBlankLines() {
    if countsBlankLines { return }
    while position < end, base[position] == CSVMarks.lf || base[position] == CSVMarks.cr { position += 1 }
  }

  /// Takes the field that begins here, and leaves what ends it.
  @inline(__always)
  mutating func field() -> CSVContent.Field {
    if position < end, base[position] == CSVMarks.quote { return quotedField() }
    let start = position
    while position < end, kinds[Int(base[position])] == 0 { position += 1 }
    return CSVContent.Field(start: start, end: position, hasQuotes: false)
  }

  @inline(never)
  private mutating func quotedField() -> CSVContent.Field {
    position += 1
    let start = position
    var hasQuotes = false
    while true {
      if base[position] == CSVMarks.quote {
        if position + 1 == end || base[position + 1] != CSVMarks.quote { break }
        hasQuotes = true
        position += 1
      }
      position += 1
    }
    position += 1
    return CSVContent.Field(start: start, end: position - 1, hasQuotes: hasQuotes)
  }

  /// Takes the delimiter or the line's end that is here: CR, LF or both.
  @inline(__always)
  mutating func takeMark() {
    guard position < end else { return }
    if base[position] == CSVMarks.cr, position + 1 < end, base[position + 1] == CSVMarks.lf { position += 1 }
    position += 1
  }

  /// Takes fields with what ends each.
  @inline(__always)
  mutating func skipFields(_ count: Int) {
    for _ in 0..<count {
      _ = field()
      takeMark()
    }
  }

  /// A field without the spaces and tabs at its ends.
  @inline(__always)
  func trimmed(_ field: CSVContent.Field) -> UnsafeBufferPointer<UInt8> {
    var (start, end) = (base + field.start, base + field.end)
    while start < end, start.pointee.isSpace { start += 1 }
    while start < end, (end - 1).pointee.isSpace { end -= 1 }
    return UnsafeBufferPointer(start: start, count: end - start)
  }
}

extension UInt8 {
  /// Whether it is a space or a tab.
  var isSpace: Bool { self == 0x20 || self == 0x09 }
}
