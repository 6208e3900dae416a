/// The fields of a table where they lie in the file.
struct CSVContent: Sendable {
  let bytes: [UInt8]
  let file: String
  let columnCount: Int
  /// Row by row.
  var fields: [Field]
  /// The line on which each row begins, from 1.
  var lines: [Int]

  struct Field: Sendable {
    /// Of the contents, without the quotes around them.
    var start: Int
    var end: Int
    /// Whether quotes inside are doubled.
    var hasQuotes: Bool
  }

  var rowCount: Int { lines.count }

  func text(_ row: Int, _ column: Int) -> String {
    let field = fields[row * columnCount + column]
    let part = bytes[field.start..<field.end]
    // The parser saw that it is UTF-8.
    guard field.hasQuotes else { return String(decoding: part, as: UTF8.self) }
    var isDoubled = false
    return String(
      decoding: part.filter { byte in
        isDoubled = byte == UInt8(ascii: "\"") && !isDoubled
        return byte != UInt8(ascii: "\"") || isDoubled
      }, as: UTF8.self)
  }

  /// Removes the first row, and gives its fields.
  mutating func takeHeader() throws(DataError) -> [String] {
    guard rowCount > 0 else {
      throw DataError(.truncated, file: file, "there is no line", at: 0, expected: "a line with the columns' names")
    }
    let names = (0..<columnCount).map { text(0, $0) }
    fields.removeFirst(columnCount)
    lines.removeFirst()
    return names
  }

  func error(_ row: Int, _ column: Int, name: String, _ what: String, expected: String) -> DataError {
    DataError(
      .mismatch, file: file, "line \(lines[row]), column \(column + 1) (\"\(name)\"): \(what)",
      at: fields[row * columnCount + column].start, expected: expected)
  }

  /// The narrowest type of all fields of a column that are not missing.
  func type(of column: Int) -> CSVFile.ColumnType {
    var (isInteger, isNumber, isTruth, isSeen) = (true, true, true, false)
    for row in 0..<rowCount where isInteger || isNumber || isTruth {
      let text = text(row, column).trimmed
      if CSVFile.isMissing(text) { continue }
      isSeen = true
      isInteger = isInteger && Int(text) != nil
      isNumber = isNumber && isDecimal(text) && Double(text) != nil
      isTruth = isTruth && truth(of: text) != nil
    }
    guard isSeen else { return .text }
    return isInteger ? .integer : isNumber ? .number : isTruth ? .truth : .text
  }
}

/// Finds the fields of a table.
struct CSVParser {
  let bytes: [UInt8]
  let file: String
  let delimiter: UInt8
  private var position = 0
  private var line = 1

  private static let (quote, lf, cr) = (UInt8(ascii: "\""), UInt8(10), UInt8(13))

  init(bytes: [UInt8], file: String, delimiter: UInt8) {
    self.bytes = bytes
    self.file = file
    self.delimiter = delimiter
  }

  mutating func content() throws(DataError) -> CSVContent {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    var fields: [CSVContent.Field] = []
    var lines: [Int] = []
    var columnCount = 0
    while position < bytes.count {
      let (first, firstLine) = (fields.count, line)
      repeat { fields.append(try field(fields.count - first + 1)) } while takeDelimiter()
      let count = fields.count - first
      let isEmpty = count == 1 && isBlank(fields[first])
      takeLineEnd()
      if isEmpty && columnCount != 1 {
        fields.removeLast()
        continue
      }
      if columnCount == 0 { columnCount = count }
      guard count == columnCount else {
        throw DataError(
          .malformed, file: file, "line \(firstLine): \(count) fields", at: fields[first].start,
          expected: "\(columnCount) as before")
      }
      lines.append(firstLine)
    }
    return CSVContent(bytes: bytes, file: file, columnCount: columnCount, fields: fields, lines: lines)
  }

  /// Whether a field has nothing, not even quotes.
  private func isBlank(_ field: CSVContent.Field) -> Bool {
    field.start == field.end && (field.start == 0 || bytes[field.start - 1] != Self.quote)
  }

  private mutating func takeDelimiter() -> Bool {
    guard position < bytes.count, bytes[position] == delimiter else { return false }
    position += 1
    return true
  }

  /// CR, LF or both.
  private mutating func takeLineEnd() {
    guard position < bytes.count else { return }
    if bytes[position] == Self.cr, position + 1 < bytes.count, bytes[position + 1] == Self.lf { position += 1 }
    position += 1
    line += 1
  }

  private func error(_ column: Int, _ what: String, at place: Int, expected: String) -> DataError {
    DataError(.malformed, file: file, "line \(line), column \(column): \(what)", at: place, expected: expected)
  }

  private mutating func field(_ column: Int) throws(DataError) -> CSVContent.Field {
    let isQuoted = position < bytes.count && bytes[position] == Self.quote
    let field = try isQuoted ? quoted(column) : plain(column)
    guard String(validating: bytes[field.start..<field.end], as: UTF8.self) != nil else {
      throw error(column, "the text is not UTF-8", at: field.start, expected: "UTF-8")
    }
    return field
  }

  private mutating func plain(_ column: Int) throws(DataError) -> CSVContent.Field {
    let start = position
    while position < bytes.count {
      let byte = bytes[position]
      if byte == delimiter || byte == Self.lf || byte == Self.cr { break }
      guard byte != Self.quote else {
        throw error(column, "a quote inside a field", at: position, expected: "quotes around the whole field")
      }
      position += 1
    }
    return CSVContent.Field(start: start, end: position, hasQuotes: false)
  }

  private mutating func quoted(_ column: Int) throws(DataError) -> CSVContent.Field {
    let (opening, openingLine) = (position, line)
    var hasQuotes = false
    position += 1
    while position < bytes.count {
      let byte = bytes[position]
      let next = position + 1 < bytes.count ? bytes[position + 1] : nil
      if byte == Self.quote {
        if next == Self.quote {
          hasQuotes = true
          position += 2
          continue
        }
        position += 1
        guard next == nil || next == delimiter || next == Self.lf || next == Self.cr else {
          throw error(column, "something follows the closing quote", at: position, expected: "the end of the field")
        }
        return CSVContent.Field(start: opening + 1, end: position - 1, hasQuotes: hasQuotes)
      }
      if byte == Self.lf || byte == Self.cr && next != Self.lf { line += 1 }
      position += 1
    }
    line = openingLine
    throw DataError(
      .truncated, file: file, "line \(line), column \(column): the quote is not closed", at: opening,
      expected: "a quote")
  }
}
