import TernBackend
import TernTensor

/// A table of comma-separated values (RFC 4180): lines of fields, quoted where need be.
///
/// ```swift
/// let table = try CSVFile(contentsOf: "iris.csv")
/// let inputs: Tensor<Float> = try table.tensor(columns: ["petal length", "petal width"])
/// let (labels, names) = try table.classes("species")
/// ```
///
/// Fields are kept as they lie in the file and converted when they are asked for; an error then names line and column.
/// Lines end in LF, CR LF or CR; a mark of UTF-8 at the beginning is left out. A quoted field may hold delimiters, line
/// ends and, doubled, quotes. Lines without anything are left out, except in a table of one column.
public struct CSVFile: Sendable {
  /// What the fields of a column can be read as.
  public enum ColumnType: Sendable {
    /// Whole numbers that fit `Int`.
    case integer
    /// Numbers.
    case number
    /// `true` and `false`, in capitals or not.
    case truth
    /// Anything else; also where every field is missing.
    case text
  }

  /// What becomes of fields that are missing: empty, or one of ``missingMarks``.
  public enum Missing: Sendable {
    /// An error that names line and column.
    case refused
    /// This number in their place; NaN where it is to be seen later.
    case replaced(by: Double)
  }

  /// The texts that stand for a missing field, besides an empty one.
  public static let missingMarks: Set<String> = ["NA", "N/A", "null", "NULL", "?"]

  /// The columns' names, from the first line; their numbers from 0 where there is none.
  public let columnNames: [String]
  /// What the columns can be read as, found over all lines.
  public let types: [ColumnType]
  /// How many lines of values there are.
  public let rowCount: Int

  private let content: CSVContent
  private let indices: [String: Int]

  /// Reads the file at `path`; a gzip archive is unpacked.
  ///
  /// - Parameters:
  ///   - delimiter: what is between fields: one ASCII character, as a comma, a semicolon or a tab.
  ///   - hasHeader: whether the first line gives the columns' names.
  ///
  /// - Throws: `DataError` where it cannot be read, a line has another number of fields than the first, a quote is not
  ///   closed or stands inside a field, a column's name is there twice, or the text is not UTF-8.
  public init(contentsOf path: String, delimiter: Character = ",", hasHeader: Bool = true) throws(DataError) {
    var bytes = try FileIO.read(path)
    if Gzip.isArchive(bytes) { bytes = try Gzip.contents(of: bytes, file: path) }
    try self.init(bytes: bytes, file: path, delimiter: delimiter, hasHeader: hasHeader)
  }

  /// Reads the contents of a file; `file` names it in errors.
  ///
  /// - Throws: `DataError` as `init(contentsOf:delimiter:hasHeader:)` does.
  public init(
    bytes: [UInt8], file: String = "csv", delimiter: Character = ",", hasHeader: Bool = true
  ) throws(DataError) {
    guard let mark = delimiter.asciiValue, delimiter != "\"", delimiter != "\r\n", mark != 10, mark != 13 else {
      fail("CSVFile", "\"\(delimiter)\" cannot stand between fields")
    }
    var parser = CSVParser(bytes: bytes, file: file, delimiter: mark)
    var content = try parser.content()
    columnNames =
      try hasHeader ? content.takeHeader() : (0..<content.columnCount).map { "\($0)" }
    var indices: [String: Int] = [:]
    for (index, name) in columnNames.enumerated() {
      guard indices.updateValue(index, forKey: name) == nil else {
        throw DataError(.malformed, file: file, "line 1, column \(index + 1): the name \"\(name)\" is there twice")
      }
    }
    self.indices = indices
    rowCount = content.rowCount
    types = (0..<columnNames.count).map { [content] in content.type(of: $0) }
    self.content = content
  }

  /// The texts of a column as they are, also where they are missing. Stops where there is no such column.
  public func texts(_ column: String) -> [String] {
    let index = index(of: column)
    return (0..<rowCount).map { content.text($0, index) }
  }

  /// The numbers of a column as a vector.
  ///
  /// - Throws: `DataError` where there is no such column, and with line and column where a field is no number of this type, or missing and refused.
  public func tensor<Scalar: TensorScalar>(
    _ column: String, as _: Scalar.Type = Scalar.self, missing: Missing = .refused
  ) throws(DataError) -> Tensor<Scalar> {
    try tensor(columns: [column], missing: missing).reshaped([rowCount])
  }

  /// The numbers of columns, all where none are named, as a tensor of shape [rows, columns].
  ///
  /// - Throws: `DataError` where there is no such column, and with line and column where a field is no number of this type, or missing and refused.
  public func tensor<Scalar: TensorScalar>(
    columns: [String]? = nil, as _: Scalar.Type = Scalar.self, missing: Missing = .refused
  ) throws(DataError) -> Tensor<Scalar> {
    var chosen = Array(columnNames.indices)
    if let columns {
      chosen = []
      for column in columns { chosen.append(try found(column)) }
    }
    var values: [Scalar] = []
    values.reserveCapacity(rowCount * chosen.count)
    for row in 0..<rowCount {
      for column in chosen { values.append(try value(row, column, missing)) }
    }
    return Tensor(values, shape: [rowCount, chosen.count])
  }

  /// A column of classes: for each line the number of its class, and the classes' names in the order of the alphabet.
  ///
  /// - Throws: `DataError` where there is no such column, and with line and column where a field is missing.
  public func classes(_ column: String) throws(DataError) -> (labels: Tensor<Int>, names: [String]) {
    let index = try found(column)
    let texts = texts(column)
    if let row = texts.firstIndex(where: CSVFile.isMissing) {
      throw content.error(row, index, name: column, "there is nothing", expected: "a class")
    }
    let names = Set(texts).sorted()
    let numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    return (Tensor(texts.map { numbers[$0]! }), names)
  }

  static func isMissing(_ text: String) -> Bool { text.isEmpty || missingMarks.contains(text) }

  private func index(of column: String) -> Int {
    do { return try found(column) } catch { fail("CSVFile", error.description) }
  }

  private func found(_ column: String) throws(DataError) -> Int {
    if let index = indices[column] { return index }
    throw DataError(
      .notFound, file: content.file, "there is no column \"\(printable(column, limit: 100))\"",
      expected: "one of \(columnNames.prefix(20).map { "\"\(printable($0, limit: 40))\"" }.joined(separator: ", "))"
        + (columnNames.count > 20 ? " and \(columnNames.count - 20) more" : ""))
  }

  private func value<Scalar: TensorScalar>(
    _ row: Int, _ column: Int, _ missing: Missing
  ) throws(DataError) -> Scalar {
    let text = content.text(row, column).trimmed
    if CSVFile.isMissing(text) {
      if case .replaced(let value) = missing, let scalar = Scalar(exactly: value) { return scalar }
      throw content.error(row, column, name: columnNames[column], "there is nothing", expected: "\(Scalar.dtype)")
    }
    if let scalar = Scalar(field: text) { return scalar }
    throw content.error(
      row, column, name: columnNames[column], "\"\(text)\" cannot be read", expected: "\(Scalar.dtype)")
  }
}

extension StringProtocol {
  /// Without spaces and tabs at the ends.
  var trimmed: String {
    var part = self[...]
    while let first = part.first, first == " " || first == "\t" { part.removeFirst() }
    while let last = part.last, last == " " || last == "\t" { part.removeLast() }
    return String(part)
  }
}

/// Whether a field that Swift reads as a number is one in a table too: hexadecimal digits and marked NaNs are text.
func isDecimal(_ field: String) -> Bool { field.utf8.allSatisfy { $0 | 0x20 != 0x78 && $0 != 0x28 && $0 != 0x70 } }

/// The truth value that a field spells.
func truth(of field: String) -> Bool? {
  switch field.lowercased() {
  case "true": true
  case "false": false
  default: nil
  }
}

extension TensorScalar {
  /// The value that a field spells; `nil` where it spells none of this type.
  fileprivate init?(field: String) {
    let value: (any TensorScalar)? =
      switch Self.dtype {
      case .float32: isDecimal(field) ? Float(field) : nil
      case .float64: isDecimal(field) ? Double(field) : nil
      case .int32: Int32(field)
      case .int64: Int(field)
      case .uint8: UInt8(field)
      case .bool: field == "1" ? true : field == "0" ? false : truth(of: field)
      }
    guard let value = value as? Self else { return nil }
    self = value
  }

  /// The same number; `nil` where this type does not have it.
  fileprivate init?(exactly number: Double) {
    let value: (any TensorScalar)? =
      switch Self.dtype {
      case .float32: Float(number)
      case .float64: number
      case .int32: Int32(exactly: number)
      case .int64: Int(exactly: number)
      case .uint8: UInt8(exactly: number)
      case .bool: number == 1 ? true : number == 0 ? false : nil
      }
    guard let value = value as? Self else { return nil }
    self = value
  }
}
