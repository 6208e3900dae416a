import TernBackend
import TernTensor

/// Tables as tensors: columns of numbers, categories and dates, by figures of the training rows.
///
/// ```swift
/// let train = try CSVFile(contentsOf: "train.csv")
/// let features = try TableFeatures(
///   fittedTo: train,
///   columns: [.number("age", missing: .median, scaling: .standard), .category("city"), .date("opened")])
/// let inputs: Tensor<Float> = try features.values(of: train)
/// try features.save(to: "features.json")
///
/// let other = try TableFeatures(contentsOf: "features.json").values(of: CSVFile(contentsOf: "new.csv"), as: Float.self)
/// ```
///
/// Figures are computed and kept in double precision, and read back the same to the last bit. They are those of
/// scikit-learn's SimpleImputer, StandardScaler, MinMaxScaler, OneHotEncoder and OrdinalEncoder.
public struct TableFeatures: Sendable, Hashable {
  /// The columns, with what the training rows say about each.
  let fitted: [FittedColumn]

  init(_ fitted: [FittedColumn]) { self.fitted = fitted }

  /// The columns of the table that these are made of.
  public var columns: [TableColumn] { fitted.map(\.column) }
  /// The names of the values' columns.
  public var names: [String] { fitted.flatMap(\.valueNames) }
  /// How many columns the values have.
  public var count: Int { fitted.reduce(0) { $0 + $1.valueNames.count } }
  /// For each column with an embedding, how many indices there are: 0 for what no training row has, then the categories.
  public var embeddingSizes: [Int] { fitted.compactMap(\.embeddingSize) }

  /// The figures of the training rows of a table.
  ///
  /// - Parameters:
  ///   - table: the training rows, among others where `rows` says so.
  ///   - columns: what becomes of which columns, in this order.
  ///   - rows: which rows are those to train with; all where it is `nil`.
  ///
  /// Stops for a column that is named twice, and for a row that is not there.
  ///
  /// - Throws: `DataError` for a column that is not there, and with line and column for a field that is not what it is to
  ///   be, or missing and refused.
  public init(
    fittedTo table: CSVFile, columns: [TableColumn], rows: [Int]? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) throws(DataError) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(!columns.isEmpty, "TableFeatures", "no columns")
    check(
      Set(columns.map(\.name)).count == columns.count, "TableFeatures",
      "a column is there twice: \(columns.map(\.name))")
    if let row = rows?.first(where: { $0 < 0 || $0 >= table.rowCount }) {
      fail("TableFeatures", "row \(row) is not in 0 ..< \(table.rowCount)")
    }
    let cells = try TableCells(table, columns)
    let chosen = (rows ?? Array(0..<table.rowCount)).filter { !cells.isDropped[$0] }
    if chosen.isEmpty {
      let all = (rows?.count ?? table.rowCount) == 0
      throw DataError(
        .mismatch, file: table.file,
        all ? "there are no training rows" : "every training row lacks a value and is dropped",
        expected: "at least one")
    }
    var fitted: [FittedColumn] = []
    for (place, column) in columns.enumerated() {
      let index = try table.found(column.name)
      func failure(_ what: String, _ expected: String) -> DataError {
        DataError(
          .mismatch, file: table.file, "column \(index + 1) (\"\(printable(column.name, limit: 100))\"): \(what)",
          expected: expected)
      }
      var result = FittedColumn(column: column)
      switch column.kind {
      case .number(let missing, _, let scaling), .date(_, _, let missing, _, let scaling):
        for values in cells.numbers[place] {
          result.numbers.append(try FittedNumbers(chosen.map { values[$0] }, missing, scaling, failure))
        }
      case .category(_, let missing):
        let (codes, names) = (cells.codes[place], cells.names[place])
        result.categories = try FittedCategories(
          chosen.map { codes[$0] < 0 ? nil : names[codes[$0]] }, missing, failure)
      }
      fitted.append(result)
    }
    self.init(fitted)
  }

  /// The columns that a table suggests, without those called `names`: whole numbers and numbers with the median in place
  /// of missing ones, of mean 0 and deviation 1; dates likewise, as days, months and days of the week; `true` and `false`, and
  /// other texts, as categories.
  ///
  /// A column has dates where each of its texts is one, in one way of writing: such as `2024-03-01`, `1.3.2024`, or with
  /// slashes where a day above 12 tells it from the month.
  public static func columns(of table: CSVFile, except names: [String] = []) -> [TableColumn] {
    let types = table.types
    let texts = table.columnNames.indices.filter { types[$0] == .text && !names.contains(table.columnNames[$0]) }
    let formats = Dictionary(uniqueKeysWithValues: zip(texts, table.dateFormats(of: texts)))
    return table.columnNames.enumerated().filter { !names.contains($0.element) }.map { place, name in
      switch types[place] {
      case .integer, .number: .number(name, missing: .median, scaling: .standard)
      case .truth: .category(name)
      case .text:
        if let format = formats[place] ?? nil {
          .date(name, format: format, parts: [.days, .month, .weekday], missing: .median, scaling: .standard)
        } else {
          .category(name)
        }
      }
    }
  }

  /// The rows of a table that stay, in their order: all but those without a value where a column drops such.
  ///
  /// - Throws: `DataError` as ``values(of:as:file:line:)`` does.
  public func rows(of table: CSVFile) throws(DataError) -> [Int] {
    let cells = try TableCells(table, fitted.filter(\.dropsMissing).map(\.column))
    return (0..<table.rowCount).filter { !cells.isDropped[$0] }
  }

  /// The numbers of a table's rows that stay: [rows, count], see ``names``.
  ///
  /// - Throws: `DataError` for a column that is not there, and with line and column for a field that is not what it is to
  ///   be, or missing and refused.
  public func values<Scalar: FloatingScalar>(
    of table: CSVFile, as _: Scalar.Type = Scalar.self, file: StaticString = #fileID, line: UInt = #line
  ) throws(DataError) -> Tensor<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return try tensors(of: table, embeddings: false).values
  }

  /// The embeddings' indices of a table's rows that stay: [rows, columns], see ``embeddingSizes``.
  ///
  /// - Throws: `DataError` as ``values(of:as:file:line:)`` does.
  public func indices(of table: CSVFile, file: StaticString = #fileID, line: UInt = #line) throws(DataError)
    -> Tensor<Int>
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let tensors: (values: Tensor<Double>, indices: Tensor<Int>) = try tensors(of: table, embeddings: true)
    return tensors.indices
  }

  private func tensors<Scalar: FloatingScalar>(of table: CSVFile, embeddings: Bool) throws(DataError) -> (
    values: Tensor<Scalar>, indices: Tensor<Int>
  ) {
    let cells = try TableCells(table, columns)
    let rows = (0..<table.rowCount).filter { !cells.isDropped[$0] }
    let (width, indexWidth) = (count, embeddingSizes.count)
    let values = Tensor<Scalar>(zeros: embeddings ? [0] : [rows.count, width])
    let indices = Tensor<Int>(zeros: embeddings ? [rows.count, indexWidth] : [0])
    let (out, places) = (values.mutablePointer, indices.mutablePointer)
    var (start, indexStart) = (0, 0)
    for (place, column) in fitted.enumerated() {
      defer {
        start += column.valueNames.count
        indexStart += column.embeddingSize == nil ? 0 : 1
      }
      guard (column.embeddingSize != nil) == embeddings else { continue }
      switch column.column.kind {
      case .number(_, let indicator, _), .date(_, _, _, let indicator, _):
        for (part, figures) in column.numbers.enumerated() {
          let found = cells.numbers[place][part]
          for (row, source) in rows.enumerated() {
            let value = found[source].isNaN ? figures.fill ?? .nan : found[source]
            out[row * width + start + part] = Scalar(number: figures(value))
          }
        }
        if indicator {
          let (found, behind) = (cells.numbers[place][0], start + column.numbers.count)
          for (row, source) in rows.enumerated() { out[row * width + behind] = found[source].isNaN ? 1 : 0 }
        }
      case .category(let encoding, _):
        guard let categories = column.categories else { continue }
        let codes = categories.codes(of: cells, place)
        for (row, source) in rows.enumerated() {
          let code = codes(cells.codes[place][source])
          switch encoding {
          case .ordinal: out[row * width + start] = Scalar(number: Double(code ?? -1))
          case .embedding: places[row * indexWidth + indexStart] = (code ?? -1) + 1
          case .oneHot: if let code { out[row * width + start + code] = 1 }
          case .oneHotWithUnseen: out[row * width + start + (code ?? categories.count)] = 1
          }
        }
      }
    }
    return (values, indices)
  }
}

extension FittedCategories {
  /// From the code of a table's cell, −1 for a missing one, to the place of its category; `nil` for one that is not known.
  fileprivate func codes(of cells: TableCells, _ place: Int) -> (Int) -> Int? {
    let places = places
    let known = cells.names[place].map { places[ExactName($0)] }
    let missing = hasMissing ? names.count : fill.flatMap { places[ExactName($0)] }
    return { $0 < 0 ? missing : known[$0] }
  }
}

extension TableFeatures: CustomStringConvertible {
  /// A line for each column: its name, what becomes of it, and its figures.
  public var description: String { fitted.map(\.description).joined(separator: "\n") }
}
