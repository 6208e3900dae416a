/// Checks the form of a table in one pass.
struct CSVParser {
  let bytes: [UInt8]
  let file: String
  let marks: CSVMarks
  /// Whether all of it is UTF-8; where it is not, the field at fault is looked for.
  private let isUTF8: Bool

  init(bytes: [UInt8], file: String, marks: CSVMarks) {
    self.bytes = bytes
    self.file = file
    self.marks = marks
    isUTF8 = bytes.isUTF8
  }

  /// The rows, and the first of them apart where it is a header.
  func content(hasHeader: Bool) throws(DataError) -> (content: CSVContent, header: [String]) {
    let mark = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    let table = try bytes.withUnsafeBufferPointer { (bytes) throws(DataError) in
      try marks.kinds.withUnsafeBufferPointer { (kinds) throws(DataError) in
        try rows(of: bytes, from: mark, kinds.baseAddress!, hasHeader: hasHeader)
      }
    }
    let content = CSVContent(
      bytes: bytes, file: file, marks: marks, columnCount: table.columnCount, rowCount: table.rowCount,
      starts: table.starts)
    guard hasHeader else { return (content, []) }
    guard let header = table.header else {
      throw DataError(.truncated, file: file, "there is no line", at: 0, expected: "a line with the columns' names")
    }
    let first = CSVContent(
      bytes: bytes, file: file, marks: marks, columnCount: table.columnCount, rowCount: 1, starts: [header])
    let names = first.withCursor { cursor in
      (0..<table.columnCount).map { _ in
        let field = cursor.field()
        cursor.takeMark()
        return first.text(field)
      }
    }
    return (content, names)
  }

  private struct Rows {
    var columnCount = 0
    var rowCount = 0
    var header: Int?
    var starts: [Int] = []
  }

  private func rows(
    of bytes: UnsafeBufferPointer<UInt8>, from first: Int, _ kinds: UnsafePointer<UInt8>, hasHeader: Bool
  ) throws(DataError) -> Rows {
    var rows = Rows()
    guard let base = bytes.baseAddress else { return rows }
    let (end, delimiter, isUTF8) = (bytes.count, marks.delimiter, isUTF8)
    var columnCount = 0
    var rowCount = hasHeader ? -1 : 0
    var position = first
    while position < end {
      let start = position
      var count = 1
      while true {
        // Where no line and no quoted field is near, delimiters are counted eight bytes at a time.
        while isUTF8, position + 8 <= end {
          let word = UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self)
          if (word.upperBits(of: CSVMarks.lf) | word.upperBits(of: CSVMarks.cr) | word.upperBits(of: CSVMarks.quote))
            != 0
          {
            break
          }
          count += word.upperBits(of: delimiter).nonzeroBitCount
          position += 8
        }
        let field = position
        let isFirst = position == start || base[position - 1] == delimiter
        if isFirst, position < end, base[position] == CSVMarks.quote {
          position = try quoted(bytes, position, count)
        } else {
          while position < end, kinds[Int(base[position])] == 0 { position += 1 }
          if position < end, kinds[Int(base[position])] == 2 {
            throw error(count, "a quote inside a field", at: position, expected: "quotes around the whole field")
          }
        }
        if !isUTF8 { try checkText(field, position, count) }
        guard position < end, base[position] == delimiter else { break }
        position += 1
        count += 1
      }
      let isBlank = position == start
      if position < end {
        if base[position] == CSVMarks.cr, position + 1 < end, base[position + 1] == CSVMarks.lf { position += 1 }
        position += 1
      }
      if isBlank && !(columnCount == 1 && marks.countsBlankLines) { continue }
      if columnCount == 0 { columnCount = count }
      guard count == columnCount else {
        throw DataError(
          .malformed, file: file, "line \(CSVMarks.line(of: start, in: self.bytes)): \(count) fields",
          at: base[start] == CSVMarks.quote ? start + 1 : start, expected: "\(columnCount) as before")
      }
      if rowCount < 0 {
        rows.header = start
      } else if rowCount % CSVContent.spacing == 0 {
        rows.starts.append(start)
      }
      rowCount += 1
    }
    rows.columnCount = columnCount
    rows.rowCount = max(rowCount, 0)
    return rows
  }

  /// The place behind the quoted field that begins at `opening`.
  private func quoted(_ bytes: UnsafeBufferPointer<UInt8>, _ opening: Int, _ column: Int) throws(DataError) -> Int {
    var position = opening + 1
    while position < bytes.count {
      guard bytes[position] == CSVMarks.quote else {
        position += 1
        continue
      }
      position += 1
      if position == bytes.count { return position }
      if bytes[position] == CSVMarks.quote {
        position += 1
        continue
      }
      guard marks.kinds[Int(bytes[position])] == 1 else {
        throw error(column, "something follows the closing quote", at: position, expected: "the end of the field")
      }
      return position
    }
    throw DataError(
      .truncated, file: file,
      "line \(CSVMarks.line(of: opening, in: self.bytes)), column \(column): the quote is not closed", at: opening,
      expected: "a quote")
  }

  private func checkText(_ start: Int, _ end: Int, _ column: Int) throws(DataError) {
    let isQuoted = start < end && bytes[start] == CSVMarks.quote
    let field = isQuoted ? bytes[start + 1..<end - 1] : bytes[start..<end]
    guard String(validating: field, as: UTF8.self) != nil else {
      let line = CSVMarks.line(of: end, in: bytes)
      throw DataError(
        .malformed, file: file, "line \(line), column \(column): the text is not UTF-8", at: field.startIndex,
        expected: "UTF-8")
    }
  }

  private func error(_ column: Int, _ what: String, at place: Int, expected: String) -> DataError {
    let line = CSVMarks.line(of: place, in: bytes)
    return DataError(.malformed, file: file, "line \(line), column \(column): \(what)", at: place, expected: expected)
  }
}

extension UInt64 {
  /// The upper bit of each byte that is `byte`.
  @inline(__always)
  fileprivate func upperBits(of byte: UInt8) -> UInt64 {
    let x = self ^ UInt64(byte) &* 0x0101_0101_0101_0101
    return ~((x & 0x7F7F_7F7F_7F7F_7F7F &+ 0x7F7F_7F7F_7F7F_7F7F) | x | 0x7F7F_7F7F_7F7F_7F7F)
  }
}

extension [UInt8] {
  /// Whether the bytes are a text in UTF-8.
  fileprivate var isUTF8: Bool {
    let isASCII = withUnsafeBytes { bytes in
      var place = 0
      var found: UInt64 = 0
      while place + 32 <= bytes.count {
        for offset in stride(from: 0, to: 32, by: 8) {
          found |= bytes.loadUnaligned(fromByteOffset: place + offset, as: UInt64.self)
        }
        place += 32
      }
      return found & 0x8080_8080_8080_8080 == 0 && bytes[place...].allSatisfy { $0 < 0x80 }
    }
    if isASCII { return true }
    do {
      _ = try UTF8Span(validating: span)
      return true
    } catch { return false }
  }
}
