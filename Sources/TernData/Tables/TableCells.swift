import TernBackend
import TernTensor

/// What stands in the columns of a table, read and checked.
struct TableCells {
  /// For each column that has numbers, these, NaN where one is missing; of a date for each of its parts.
  private(set) var numbers: [[[Double]]]
  /// For each column of categories, the number of each row's among `names`, −1 where it is missing.
  private(set) var codes: [[Int]]
  /// For each column of categories, their names in the order in which they come.
  private(set) var names: [[String]]
  /// For each row, whether a column drops it.
  private(set) var isDropped: [Bool]

  /// - Throws: `DataError` for a column that is not there, and with line and column for a field that is not what it is to
  ///   be, or missing and refused.
  init(_ table: CSVFile, _ columns: [TableColumn]) throws(DataError) {
    var indices: [Int] = []
    for column in columns { indices.append(try table.found(column.name)) }
    numbers = columns.map { _ in [] }
    codes = columns.map { _ in [] }
    names = columns.map { _ in [] }
    isDropped = [Bool](repeating: false, count: table.rowCount)
    try readNumbers(table, columns)
    try readTexts(table, columns, indices)
    for (place, column) in columns.enumerated() {
      let isMissing: (Int) -> Bool
      let isRefused: Bool
      switch column.kind {
      case .number(let missing, _, _), .date(_, _, let missing, _, _):
        let values = numbers[place][0]
        isMissing = { values[$0].isNaN }
        isRefused = missing == .refused
        if missing != .refused && missing != .dropped { continue }
      case .category(_, let missing):
        let codes = codes[place]
        isMissing = { codes[$0] < 0 }
        isRefused = missing == .refused
        if missing != .refused && missing != .dropped { continue }
      }
      for row in 0..<table.rowCount where isMissing(row) {
        if isRefused {
          throw table.error(row: row, column: indices[place], "there is nothing", expected: column.expected)
        }
        isDropped[row] = true
      }
    }
  }

  private mutating func readNumbers(_ table: CSVFile, _ columns: [TableColumn]) throws(DataError) {
    let places = columns.indices.filter { if case .number = columns[$0].kind { true } else { false } }
    if places.isEmpty { return }
    // All in one pass.
    let matrix: Tensor<Double> = try table.tensor(
      columns: places.map { columns[$0].name }, missing: .replaced(by: .nan))
    matrix.withUnsafeScalars { values in
      for (column, place) in places.enumerated() {
        numbers[place] = [(0..<table.rowCount).map { values[$0 * places.count + column] }]
      }
    }
  }

  private mutating func readTexts(_ table: CSVFile, _ columns: [TableColumn], _ indices: [Int]) throws(DataError) {
    let places = columns.indices.filter { if case .number = columns[$0].kind { false } else { true } }
    var known = [[ExactName: Int]](repeating: [:], count: columns.count)
    var formats = [TableColumn.DateFormat?](repeating: nil, count: columns.count)
    var parts = [[TableColumn.DatePart]](repeating: [], count: columns.count)
    for place in places {
      if case .date(let format, let wanted, _, _, _) = columns[place].kind {
        (formats[place], parts[place]) = (format, wanted)
        numbers[place] = wanted.map { _ in [Double](repeating: .nan, count: table.rowCount) }
      } else {
        codes[place] = [Int](repeating: -1, count: table.rowCount)
      }
    }
    var failure: (row: Int, place: Int, text: String)?
    table.scan(places.map { indices[$0] }) { row, index, bytes, hasQuotes in
      let place = places[index]
      if bytes.isMissing { return }
      if let format = formats[place] {
        guard let date = TableDate(bytes, format) else {
          if failure == nil { failure = (row, place, String(decoding: bytes, as: UTF8.self)) }
          return
        }
        for (part, wanted) in parts[place].enumerated() { numbers[place][part][row] = date.part(wanted) }
      } else {
        let text = hasQuotes ? CSVContent.undoubled(bytes) : String(decoding: bytes, as: UTF8.self)
        let name = ExactName(text)
        let code = known[place][name] ?? known[place].count
        if code == known[place].count {
          known[place][name] = code
          names[place].append(text)
        }
        codes[place][row] = code
      }
    }
    if let failure {
      throw table.error(
        row: failure.row, column: indices[failure.place],
        "\"\(printable(failure.text, limit: 100))\" cannot be read", expected: columns[failure.place].expected)
    }
  }
}

extension TableColumn {
  /// What a field of it is.
  var expected: String {
    switch kind {
    case .number: "a number"
    case .category: "a category"
    case .date(.yearFirst, _, _, _, _): "a date such as 2024-03-01"
    case .date(.dayFirst, _, _, _, _): "a date such as 1.3.2024"
    case .date(.monthFirst, _, _, _, _): "a date such as 3/1/2024"
    }
  }
}
