import ArgumentParser
import Tern
import TernBackend

/// How a table's file is written, where it is not plain; the same for all tables that a run reads.
struct TableLayout: Equatable {
  /// Lines in front of the table.
  var skippedLines = 0
  /// What begins a line that is no part of the table.
  var comment: Character?
  /// Whether a comma is in front of a number's fraction.
  var hasDecimalComma = false
  /// Whether rows with too few fields are filled up.
  var fillsShortRows = false

  /// The options that ask for it.
  var options: [String] {
    (skippedLines > 0 ? ["--skip-lines \(skippedLines)"] : []) + (comment.map { ["--comment \($0)"] } ?? [])
      + (hasDecimalComma ? ["--decimal-comma"] : []) + (fillsShortRows ? ["--fill-short-rows"] : [])
  }

  /// The table at `path`; what is between its fields is what its first line has most of: commas, semicolons or tabs.
  ///
  /// - Throws: `DataError` where it cannot be read so.
  func read(_ path: String) throws(DataError) -> CSVFile {
    var bytes = try FileIO.read(path)
    if Gzip.isArchive(bytes) { bytes = try Gzip.contents(of: bytes, file: path) }
    let sign = comment?.asciiValue
    let isEnd = { (byte: UInt8) in byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }
    var lines = bytes[...]
    var skipped = skippedLines
    while skipped > 0 || sign != nil && lines.first == sign, let end = lines.firstIndex(where: isEnd) {
      let isPair = lines[end...].starts(with: [13, 10])
      lines = lines[(end + (isPair ? 2 : 1))...]
      skipped = max(skipped - 1, 0)
    }
    let line = lines.prefix { !isEnd($0) }
    let marks: [Character] = hasDecimalComma ? [";", "\t"] : [",", ";", "\t"]
    let counts = marks.map { mark in (mark, line.count { $0 == mark.asciiValue }) }
    let most = counts.reduce(counts[0]) { $1.1 > $0.1 ? $1 : $0 }.0
    return try CSVFile(
      bytes: bytes, file: path,
      format: CSVFormat(
        delimiter: most, skippedLines: skippedLines, comment: comment, decimalMark: hasDecimalComma ? "," : ".",
        shortRows: fillsShortRows ? .filled : .refused))
  }
}

extension TableLayout {
  /// As members of `table.json`; none for a plain one.
  var members: [JSON.Member] {
    if self == TableLayout() { return [] }
    var members = [JSON.Member("skipped_lines", .integer(skippedLines))]
    if let comment { members.append(JSON.Member("comment", .string(String(comment)))) }
    members.append(JSON.Member("decimal_comma", .bool(hasDecimalComma)))
    members.append(JSON.Member("fills_short_rows", .bool(fillsShortRows)))
    return [JSON.Member("layout", .object(members))]
  }

  /// What `table.json` has; `nil` where it has something else.
  init?(json: JSON) {
    guard let layout = json["layout"] else { return }
    guard let lines = layout["skipped_lines"]?.int, TableOptions.allowedLines.contains(lines),
      case .bool(let hasComma)? = layout["decimal_comma"], case .bool(let fills)? = layout["fills_short_rows"]
    else { return nil }
    (skippedLines, hasDecimalComma, fillsShortRows) = (lines, hasComma, fills)
    guard let text = layout["comment"] else { return }
    guard let sign = text.string, sign.count == 1, let mark = sign.first, TableOptions.isComment(mark) else {
      return nil
    }
    comment = mark
  }
}
