import Synchronization
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
  /// How many lines of values there are.
  public var rowCount: Int { content.rowCount }
  /// What the columns can be read as, found over all lines when it is asked for first.
  public var types: [ColumnType] { knownTypes.of(content) }

  private let content: CSVContent
  private let indices: [String: Int]
  private let knownTypes = KnownTypes()

  /// The columns' types once they are known.
  private final class KnownTypes: Sendable {
    private let types = Mutex<[ColumnType]?>(nil)

    func of(_ content: CSVContent) -> [ColumnType] {
      types.withLock { types in
        let known = types ?? content.types()
        types = known
        return known
      }
    }
  }

  /// Reads the file at `path`; a gzip archive is unpacked.
  ///
  /// - Parameters:
  ///   - delimiter: what is between fields: one ASCII character, as a comma, a semicolon or a tab.
  ///   - hasHeader: whether the first line gives the columns' names.
  ///
  /// - Throws: `DataError` where it cannot be read, a line has another number of fields than the first, a quote is not
  ///   closed or stands inside a field, a column's name is there twice, or the text is not UTF-8.
  public init(contentsOf path: String, delimiter: Character = ",", hasHeader: Bool = true) throws(DataError) {
    try self.init(contentsOf: path, format: CSVFormat(delimiter: delimiter, hasHeader: hasHeader))
  }

  /// Reads the file at `path`, which is not plain; a gzip archive is unpacked.
  ///
  /// - Throws: `DataError` as `init(contentsOf:delimiter:hasHeader:)` does.
  public init(contentsOf path: String, format: CSVFormat) throws(DataError) {
    var bytes = try FileIO.read(path)
    if Gzip.isArchive(bytes) { bytes = try Gzip.contents(of: bytes, file: path) }
    try self.init(bytes: bytes, file: path, format: format)
  }

  /// Reads the contents of a file; `file` names it in errors.
  ///
  /// - Throws: `DataError` as `init(contentsOf:delimiter:hasHeader:)` does.
  public init(
    bytes: [UInt8], file: String = "csv", delimiter: Character = ",", hasHeader: Bool = true
  ) throws(DataError) {
    try self.init(bytes: bytes, file: file, format: CSVFormat(delimiter: delimiter, hasHeader: hasHeader))
  }

  /// Reads the contents of a file that is not plain; `file` names it in errors.
  ///
  /// - Throws: `DataError` as `init(contentsOf:delimiter:hasHeader:)` does.
  public init(bytes: [UInt8], file: String = "csv", format: CSVFormat) throws(DataError) {
    let (marks, hasHeader) = (format.marks, format.hasHeader)
    let plain = format.isPlain ? bytes : try format.plain(bytes, file: file)
    let (content, header) = try CSVParser(bytes: plain, file: file, marks: marks).content(hasHeader: hasHeader)
    columnNames = hasHeader ? header : (0..<content.columnCount).map { "\($0)" }
    var indices: [String: Int] = [:]
    for (index, name) in columnNames.enumerated() {
      guard indices.updateValue(index, forKey: name) == nil else {
        let line = 1 + format.skippedLines
        throw DataError(
          .malformed, file: file,
          "line \(line), column \(index + 1): the name \"\(printable(name, limit: 100))\" is there twice")
      }
    }
    self.indices = indices
    self.content = content
  }

  /// The texts of a column as they are, also where they are missing.
  ///
  /// - Throws: `DataError` where there is no such column.
  public func texts(_ column: String) throws(DataError) -> [String] {
    let index = try found(column)
    return rows(index) { content.text($1.field()) }
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
    var failure: Int?
    let result = Tensor<Scalar>(shape: [rowCount, chosen.count]) { out in
      func read<Number: CSVScalar>(_: Number.Type) {
        var replacement: Number?
        if case .replaced(let number) = missing { replacement = Number(same: number) }
        failure = content.read(
          chosen, replacement, to: UnsafeMutableRawPointer(out).assumingMemoryBound(to: Number.self))
      }
      switch Scalar.dtype {
      case .float32: read(Float.self)
      case .float64: read(Double.self)
      case .int32: read(Int32.self)
      case .int64: read(Int.self)
      case .uint8: read(UInt8.self)
      case .bool: read(Bool.self)
      case .bfloat16: read(BFloat16.self)
      }
    }
    if let failure { throw error(failure, chosen, Scalar.dtype, missing) }
    return result
  }

  /// A column of classes: for each line the number of its class, and the classes' names in the order of the alphabet.
  ///
  /// - Throws: `DataError` where there is no such column, and with line and column where a field is missing.
  public func classes(_ column: String) throws(DataError) -> (labels: Tensor<Int>, names: [String]) {
    let index = try found(column)
    var numbers: [String: Int] = [:]
    var failure: Int?
    // At first in the order in which the classes come.
    var labels = Tensor<Int>(shape: [rowCount]) { out in
      _ =
        rows(index) { row, cursor in
          let text = content.text(cursor.field())
          if failure == nil, text.isEmpty || CSVFile.missingMarks.contains(text) { failure = row }
          out[row] = numbers[text, default: numbers.count]
          if out[row] == numbers.count { numbers[text] = out[row] }
        } as [Void]
    }
    if let failure {
      throw content.error(failure, index, name: column, "there is nothing", expected: "a class")
    }
    let names = numbers.keys.sorted()
    var places = [Int](repeating: 0, count: names.count)
    for (place, name) in names.enumerated() { places[numbers[name]!] = place }
    labels.withUnsafeMutableScalars { labels in
      for row in labels.indices { labels[row] = places[labels[row]] }
    }
    return (labels, names)
  }

  /// The longest of ``missingMarks``, in bytes.
  static let longestMark = missingMarks.map(\.utf8.count).max() ?? 0

  /// What `body` makes of a column's fields, one for each line; it takes the field.
  private func rows<Result>(_ column: Int, _ body: (_ row: Int, inout CSVCursor) -> Result) -> [Result] {
    content.withCursor { cursor in
      (0..<rowCount).map { row in
        cursor.skipBlankLines()
        cursor.skipFields(column)
        let result = body(row, &cursor)
        cursor.takeMark()
        cursor.skipFields(content.columnCount - column - 1)
        return result
      }
    }
  }

  /// Calls `body` with the fields of columns row by row, without quotes around them and spaces at their ends.
  ///
  /// - Parameter body: takes the row, the place among `columns`, and the bytes, in which quotes may be doubled as said.
  func scan(
    _ columns: [Int],
    _ body: (_ row: Int, _ place: Int, _ text: UnsafeBufferPointer<UInt8>, _ hasQuotes: Bool) -> Void
  ) {
    guard let last = columns.max() else { return }
    var places = [[Int]](repeating: [], count: last + 1)
    for (place, column) in columns.enumerated() { places[column].append(place) }
    content.withCursor { cursor in
      for row in 0..<rowCount {
        cursor.skipBlankLines()
        for places in places {
          let field = cursor.field()
          for place in places { body(row, place, cursor.trimmed(field), field.hasQuotes) }
          cursor.takeMark()
        }
        cursor.skipFields(content.columnCount - last - 1)
      }
    }
  }

  /// An error about a field: its line, its column and what was expected.
  package func error(row: Int, column: Int, _ what: String, expected: String) -> DataError {
    content.error(row, column, name: columnNames[column], what, expected: expected)
  }

  /// The file's name in errors.
  package var file: String { content.file }

  /// The number of a column.
  ///
  /// - Throws: `DataError` where there is no such column.
  package func found(_ column: String) throws(DataError) -> Int {
    if let index = indices[column] { return index }
    throw DataError(
      .notFound, file: content.file, "there is no column \"\(printable(column, limit: 100))\"",
      expected: "one of \(columnNames.prefix(20).map { "\"\(printable($0, limit: 40))\"" }.joined(separator: ", "))"
        + (columnNames.count > 20 ? " and \(columnNames.count - 20) more" : ""))
  }

  /// What is wrong with the first of the fields of `row` that cannot be read.
  private func error(_ row: Int, _ columns: [Int], _ dtype: DType, _ missing: Missing) -> DataError {
    for column in columns {
      let text = content.text(content.field(row, column)).trimmed
      let isRead = text.utf8.withContiguousStorageIfAvailable { text in
        let marks = content.marks
        return switch dtype {
        case .float32: marks.value(of: text, as: Float.self) != nil
        case .float64: marks.value(of: text, as: Double.self) != nil
        case .int32: marks.value(of: text, as: Int32.self) != nil
        case .int64: marks.value(of: text, as: Int.self) != nil
        case .uint8: marks.value(of: text, as: UInt8.self) != nil
        case .bool: marks.value(of: text, as: Bool.self) != nil
        case .bfloat16: marks.value(of: text, as: BFloat16.self) != nil
        }
      }
      if isRead == true { continue }
      let isMissing = text.isEmpty || CSVFile.missingMarks.contains(text)
      if isMissing, case .replaced(let number) = missing, dtype.has(number) { continue }
      return content.error(
        row, column, name: columnNames[column],
        isMissing ? "there is nothing" : "\"\(printable(text, limit: 100))\" cannot be read", expected: "\(dtype)")
    }
    fail("CSVFile", "row \(row) of \(content.file) can be read after all")
  }
}

extension DType {
  /// Whether the type has the number.
  fileprivate func has(_ number: Double) -> Bool {
    switch self {
    case .float32, .float64, .bfloat16: true
    case .int32: Int32(exactly: number) != nil
    case .int64: Int(exactly: number) != nil
    case .uint8: UInt8(exactly: number) != nil
    case .bool: number == 0 || number == 1
    }
  }
}

extension StringProtocol {
  /// Without spaces and tabs at the ends.
  var trimmed: String {
    func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" }
    let scalars = unicodeScalars
    guard let first = scalars.firstIndex(where: { !isSpace($0) }), let last = scalars.lastIndex(where: { !isSpace($0) })
    else { return "" }
    return String(self[first...last])
  }
}
