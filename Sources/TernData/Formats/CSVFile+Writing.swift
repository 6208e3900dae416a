import TernBackend
import TernTensor

/// A column to write: a name and a text for every line.
public struct CSVColumn: Sendable, Equatable {
  /// The name, for the first line.
  public let name: String
  /// The fields; empty where a value is missing.
  public let texts: [String]

  /// Values by their shortest description that reads back the same; `nil` becomes an empty field.
  ///
  /// - Parameters:
  ///   - name: The name of the column.
  ///   - values: The values.
  public init<Value: LosslessStringConvertible>(_ name: String, _ values: [Value?]) {
    self.name = name
    texts = values.map { $0?.description ?? "" }
  }

  /// The elements of a vector. Stops for another rank.
  ///
  /// - Parameters:
  ///   - name: The name of the column.
  ///   - values: The values.
  public init<Scalar: TensorScalar & LosslessStringConvertible>(_ name: String, _ values: Tensor<Scalar>) {
    check(values.rank == 1, "CSVColumn", "\"\(name)\" of shape \(values.shape) is no vector")
    self.init(name, values.scalars)
  }
}

extension CSVFile {
  /// Writes columns with their names in the first line, whole or not at all.
  ///
  /// Fields are quoted where they hold delimiters, quotes, line ends, or spaces at their ends; lines end in LF. Stops
  /// for columns of different lengths, for none, and for a name that is there twice.
  ///
  /// - Throws: `DataError` where the file cannot be written; one that was there stays as it was.
  public static func write(_ columns: [CSVColumn], to path: String, delimiter: Character = ",") throws(DataError) {
    try FileIO.write(text(of: columns, delimiter: delimiter), to: path)
  }

  /// The contents of the file that `write(_:to:delimiter:)` writes.
  public static func text(of columns: [CSVColumn], delimiter: Character = ",") -> String {
    check(!columns.isEmpty, "CSVFile", "no columns")
    check(Set(columns.map(\.name)).count == columns.count, "CSVFile", "a name is there twice: \(columns.map(\.name))")
    check(
      columns.allSatisfy { $0.texts.count == columns[0].texts.count }, "CSVFile",
      "columns of different lengths: \(columns.map { "\"\($0.name)\" \($0.texts.count)" }.joined(separator: ", "))")
    var text = ""
    func line(_ fields: [String]) {
      // A single field of nothing would be no line.
      text += fields == [""] ? "\"\"" : fields.map { quoted($0, delimiter) }.joined(separator: String(delimiter))
      text += "\n"
    }
    line(columns.map(\.name))
    for row in columns[0].texts.indices { line(columns.map { $0.texts[row] }) }
    return text
  }

  private static func quoted(_ field: String, _ delimiter: Character) -> String {
    let quote = UInt8(ascii: "\"")
    let needsQuotes =
      field.utf8.contains { $0 == 10 || $0 == 13 || $0 == quote || $0 == delimiter.asciiValue }
      || field.utf8.starts(with: [0xEF, 0xBB, 0xBF]) || field.trimmed.utf8.count != field.utf8.count
    guard needsQuotes else { return field }
    // Byte by byte: a quote may be part of a longer character.
    let doubled = field.utf8.flatMap { $0 == quote ? [quote, quote] : [$0] }
    return "\"" + String(decoding: doubled, as: UTF8.self) + "\""
  }
}

extension Tensor where Scalar: LosslessStringConvertible {
  /// Writes a matrix as comma-separated values, its columns under `names`, whole or not at all.
  ///
  /// Stops unless this is a matrix and there is a name for each column.
  ///
  /// - Throws: `DataError` where the file cannot be written.
  public func write(
    csv path: String, names: [String], file: StaticString = #fileID, line: UInt = #line
  ) throws(DataError) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(rank == 2 && names.count == shape[1], "write(csv:)", "\(names.count) names for shape \(shape)")
    let columns = names.indices.map { CSVColumn(names[$0], self[.all, .index($0)]) }
    try CSVFile.write(columns, to: path)
  }
}
