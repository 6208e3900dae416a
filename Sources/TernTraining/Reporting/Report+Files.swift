import TernBackend
import Foundation
import TernCharts
import TernData

extension Report {
  /// Writes the report into `folder`, made where need be: `report.html`, a `.svg` for every figure, a `.csv` for every
  /// table, and all tables together as `numbers.json`. Each file is written whole or not at all, the page last.
  ///
  /// Numbers are read back to the same bits; JSON has what is not finite as `"NaN"`, `"Infinity"`, `"-Infinity"`.
  ///
  /// - Throws: `DataError` where the folder or a file cannot be written.
  public func write(to folder: String, file: StaticString = #fileID, line: UInt = #line) throws(DataError) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    try write(to: folder, page: html)
  }

  /// Writes all files, with another page in place of its own.
  func write(to folder: String, page: String) throws(DataError) {
    try Report.makeFolder(folder)
    for table in tables { try FileIO.write(table.csv, to: "\(folder)/\(table.name).csv") }
    var numbers = ""
    let members = tables.map { JSON.Member($0.name, $0.json) }
    JSON.object([JSON.Member("title", .string(title))] + members).write(to: &numbers, lines: 3)
    try FileIO.write(numbers + "\n", to: "\(folder)/numbers.json")
    for figure in figures { try FileIO.write(figure.chart.svg, to: "\(folder)/\(figure.name).svg") }
    try FileIO.write(page, to: "\(folder)/report.html")
  }

  /// Makes the folder that a report is to be written to, so that one finds out before the work whether it can be.
  ///
  /// - Throws: `DataError` where there is none and none can be made, or nothing may be written into it.
  package static func makeFolder(_ folder: String) throws(DataError) {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw DataError(
        .unwritable, file: folder, "no folder can be made there", expected: "a folder that may be written")
    }
    guard FileManager.default.isWritableFile(atPath: folder) else {
      throw DataError(.unwritable, file: folder, "may not be written", expected: "a folder that may be written")
    }
  }
}

extension ReportTable {
  /// The table as comma-separated values under the columns' names.
  package var csv: String {
    CSVFile.text(of: columns.indices.map { column in CSVColumn(columns[column], rows.map { $0[column].exact }) })
  }

  /// The rows as objects.
  package var json: JSON {
    .array(rows.map { row in .object(zip(columns, row).map { JSON.Member($0, $1.json) }) })
  }
}

extension ReportTable.Cell {
  /// The number with every digit, or the words.
  fileprivate var exact: String? {
    switch self {
    case .text(let text): text
    case .integer(let value): "\(value)"
    case .number(let value, _): "\(value)"
    }
  }

  fileprivate var json: JSON {
    switch self {
    case .text(let text): .string(text)
    case .integer(let value): .integer(value)
    case .number(let value, _): JSON(value)
    }
  }
}
