import TernBackend

/// How a CSV file is written, where it is not plain.
///
/// ```swift
/// let format = CSVFormat(delimiter: ";", skippedLines: 3, comment: "#", decimalMark: ",", shortRows: .filled)
/// let table = try CSVFile(contentsOf: "Messwerte.csv", format: format)
/// ```
public struct CSVFormat: Sendable, Hashable {
  /// What becomes of rows with fewer fields than the first.
  public enum ShortRows: Sendable, Hashable {
    /// An error that names the line.
    case refused
    /// The fields that are not there are empty.
    case filled
  }

  /// What is between fields: one ASCII character.
  public let delimiter: Character
  /// Whether the first line gives the columns' names.
  public let hasHeader: Bool
  /// How many lines at the beginning are no part of the table.
  public let skippedLines: Int
  /// What a line begins with that is no part of the table: one ASCII character; `nil` for none.
  public let comment: Character?
  /// What is in front of a number's fraction: a point or a comma; with a comma, points may be between groups of three digits.
  public let decimalMark: Character
  /// What becomes of rows with fewer fields than the first; such with more are errors.
  public let shortRows: ShortRows

  /// A format; stops for characters that cannot have the meaning, and a negative number of lines.
  ///
  /// - Parameters:
  ///   - delimiter: The character between fields.
  ///   - hasHeader: Whether the first line names the columns.
  ///   - skippedLines: How many lines come before the table.
  ///   - comment: The character that begins a comment.
  ///   - decimalMark: The character before the decimals.
  ///   - shortRows: What is done with rows that lack fields.
  public init(
    delimiter: Character = ",", hasHeader: Bool = true, skippedLines: Int = 0, comment: Character? = nil,
    decimalMark: Character = ".", shortRows: ShortRows = .refused, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    func isMark(_ character: Character) -> Bool {
      guard let byte = character.asciiValue else { return false }
      return character != "\"" && character != "\r\n" && byte != 10 && byte != 13
    }
    check(isMark(delimiter), "CSVFile", "\"\(delimiter)\" cannot stand between fields")
    check(skippedLines >= 0, "CSVFormat", "\(skippedLines) lines to skip (at least 0)")
    if let comment {
      check(isMark(comment) && comment != delimiter, "CSVFormat", "\"\(comment)\" cannot begin a comment")
    }
    check(
      decimalMark == "." || decimalMark == "," && delimiter != ",", "CSVFormat",
      "\"\(decimalMark)\" cannot be in front of a fraction between fields separated by \"\(delimiter)\"")
    (self.delimiter, self.hasHeader, self.skippedLines) = (delimiter, hasHeader, skippedLines)
    (self.comment, self.decimalMark, self.shortRows) = (comment, decimalMark, shortRows)
  }

  var marks: CSVMarks {
    CSVMarks(
      delimiter: delimiter.asciiValue ?? 0, hasDecimalComma: decimalMark == ",", countsBlankLines: comment == nil)
  }

  /// Whether a file is read as it is.
  var isPlain: Bool { skippedLines == 0 && comment == nil && shortRows == .refused }

  /// The contents without what is no part of the table, line for line; short rows are filled up.
  ///
  /// - Throws: `DataError` where that is more than ``FileLimits/maximumBytes``.
  func plain(_ bytes: [UInt8], file: String) throws(DataError) -> [UInt8] {
    let limit = max(FileLimits.maximumBytes, bytes.count)
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    let (mark, sign) = (delimiter.asciiValue ?? 0, comment?.asciiValue)
    let isEnd = { (byte: UInt8) in byte == CSVMarks.lf || byte == CSVMarks.cr }
    var place = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    func takeEnd() {
      guard place < bytes.count else { return }
      if bytes[place] == CSVMarks.cr, place + 1 < bytes.count, bytes[place + 1] == CSVMarks.lf {
        result.append(CSVMarks.cr)
        place += 1
      }
      result.append(bytes[place])
      place += 1
    }
    func skipLine() {
      while place < bytes.count, !isEnd(bytes[place]) { place += 1 }
      takeEnd()
    }
    var skipped = 0
    while skipped < skippedLines, place < bytes.count {
      skipLine()
      skipped += 1
    }
    var width = 0
    while place < bytes.count {
      if bytes[place] == sign {
        skipLine()
        continue
      }
      let start = result.count
      var (count, isFirst) = (1, true)
      while place < bytes.count, !isEnd(bytes[place]) {
        let byte = bytes[place]
        if isFirst, byte == CSVMarks.quote {
          // With what follows a doubled quote as a field that begins anew: what is between quotes is found the same.
          repeat {
            result.append(bytes[place])
            place += 1
          } while place < bytes.count && bytes[place] != CSVMarks.quote
          if place < bytes.count {
            result.append(bytes[place])
            place += 1
          }
          continue
        }
        isFirst = byte == mark
        count += byte == mark ? 1 : 0
        result.append(byte)
        place += 1
      }
      if result.count > start {
        if width == 0 { width = count }
        if shortRows == .filled, count < width {
          // Many short rows behind a long one.
          guard result.count + width - count <= limit else {
            throw DataError(
              .tooLarge, file: file, "rows filled up to \(width) fields take more than \(limit) bytes", at: place,
              expected: FileLimits.words(limit))
          }
          result.append(contentsOf: repeatElement(mark, count: width - count))
        }
      }
      takeEnd()
    }
    return result
  }
}
