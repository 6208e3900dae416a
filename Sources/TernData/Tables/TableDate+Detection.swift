extension CSVFile {
  /// How the dates of columns of texts are written, by their positions; `nil` for a column that has another text, no date, or
  /// dates of which nothing tells whether the day or the month comes first.
  func dateFormats(of columns: [Int]) -> [TableColumn.DateFormat?] {
    let formats = TableColumn.DateFormat.allCases
    var isPossible = columns.map { _ in Set(formats) }
    var dates = [Int](repeating: 0, count: columns.count)
    var hasPoints = [Bool](repeating: true, count: columns.count)
    scan(columns) { _, index, bytes, _ in
      if isPossible[index].isEmpty || bytes.isMissing { return }
      dates[index] += 1
      isPossible[index] = isPossible[index].filter { TableDate(bytes, $0) != nil }
      // Points in a time are behind its colons.
      hasPoints[index] = hasPoints[index] && bytes.prefix { $0 != UInt8(ascii: ":") }.contains(UInt8(ascii: "."))
    }
    return columns.indices.map { index in
      if dates[index] == 0 { return nil }
      // 1.3.2024 has the day first wherever it is written.
      if isPossible[index].count > 1 { return hasPoints[index] ? .dayFirst : nil }
      return isPossible[index].first
    }
  }
}
