import TernBackend

// Features as a JSON file, beside the model that they belong to.

extension TableFeatures {
  private static let version = 1

  /// Writes the columns and their figures as JSON, whole or not at all; read back, they are the same to the last bit.
  ///
  /// - Throws: `DataError` where the file cannot be written.
  public func save(to path: String, file: StaticString = #fileID, line: UInt = #line) throws(DataError) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    var text = ""
    json.write(to: &text, lines: 3)
    try FileIO.write(text + "\n", to: path)
  }

  /// Reads what ``save(to:file:line:)`` wrote.
  ///
  /// - Parameter path: The path of the file.
  /// - Throws: `DataError` where the file cannot be read, or is not such a file.
  public init(contentsOf path: String) throws(DataError) {
    try self.init(json: JSON(parsing: FileIO.read(path)[...], file: path), file: path)
  }

  /// The columns and their figures.
  package var json: JSON {
    .object([
      JSON.Member("tern_table", .integer(Self.version)), JSON.Member("columns", .array(fitted.map(\.json))),
    ])
  }

  /// - Throws: `DataError` where a member is missing or wrong.
  package init(json: JSON, file: String) throws(DataError) {
    guard json["tern_table"]?.int == Self.version, let columns = json["columns"]?.array, !columns.isEmpty else {
      throw DataError(
        .malformed, file: file, "there are no columns of a table",
        expected: "\"tern_table\": \(Self.version) and \"columns\"")
    }
    var fitted: [FittedColumn] = []
    for column in columns {
      guard let next = FittedColumn(json: column) else {
        let name = column["name"]?.string ?? ""
        throw DataError(
          .malformed, file: file, "column \(fitted.count) (\"\(printable(name, limit: 100))\") cannot be read",
          expected: "what TableFeatures.save(to:) writes")
      }
      fitted.append(next)
    }
    guard Set(fitted.map { ExactName($0.column.name) }).count == fitted.count else {
      throw DataError(.malformed, file: file, "a column is there twice")
    }
    self.init(fitted)
  }
}

extension FittedColumn {
  /// The column and its figures.
  fileprivate var json: JSON {
    var members = [JSON.Member("name", .string(column.name))]
    func add(_ key: String, _ value: JSON) { members.append(JSON.Member(key, value)) }
    func add(_ missing: TableColumn.MissingNumber, _ indicator: Bool, _ scaling: TableColumn.Scaling) {
      switch missing {
      case .refused: add("missing", .string("refused"))
      case .dropped: add("missing", .string("dropped"))
      case .mean: add("missing", .string("mean"))
      case .median: add("missing", .string("median"))
      case .constant(let value): add("missing", .object([JSON.Member("constant", .number(value))]))
      }
      add("indicator", .bool(indicator))
      switch scaling {
      case .none: add("scaling", .string("none"))
      case .standard: add("scaling", .string("standard"))
      case .minMax(let low, let high): add("scaling", .array([.number(low), .number(high)]))
      }
      add("figures", .array(numbers.map(\.json)))
    }
    switch column.kind {
    case .number(let missing, let indicator, let scaling):
      add("kind", .string("number"))
      add(missing, indicator, scaling)
    case .date(let format, let parts, let missing, let indicator, let scaling):
      add("kind", .string("date"))
      add("format", .string(format.rawValue))
      add("parts", .array(parts.map { .string($0.rawValue) }))
      add(missing, indicator, scaling)
    case .category(let encoding, let missing):
      add("kind", .string("category"))
      add("encoding", .string(encoding.word))
      switch missing {
      case .refused: add("missing", .string("refused"))
      case .dropped: add("missing", .string("dropped"))
      case .own: add("missing", .string("own"))
      case .mostFrequent: add("missing", .string("mostFrequent"))
      case .constant(let text): add("missing", .object([JSON.Member("constant", .string(text))]))
      }
      guard let categories else { break }
      add("categories", .array(categories.names.map { .string($0) }))
      add("hasMissing", .bool(categories.hasMissing))
      add("fill", categories.fill.map { .string($0) } ?? .null)
    }
    return .object(members)
  }

  fileprivate init?(json: JSON) {
    guard let name = json["name"]?.string, let kind = json["kind"]?.string else { return nil }
    func numbers(_ count: Int) -> (
      missing: TableColumn.MissingNumber, indicator: Bool, scaling: TableColumn.Scaling, figures: [FittedNumbers]
    )? {
      guard let indicator = json["indicator"]?.bool, let list = json["figures"]?.array, list.count == count else {
        return nil
      }
      let figures = list.compactMap { FittedNumbers(json: $0) }
      let missing: TableColumn.MissingNumber
      switch json["missing"]?.string {
      case "refused": missing = .refused
      case "dropped": missing = .dropped
      case "mean": missing = .mean
      case "median": missing = .median
      default:
        guard let constant = json["missing"]?["constant"]?.double, constant.isFinite else { return nil }
        missing = .constant(constant)
      }
      let isFilled = missing != .refused && missing != .dropped
      let scaling: TableColumn.Scaling
      switch (json["scaling"]?.string, json["scaling"]?.array?.map(\.double)) {
      case ("none", _): scaling = .none
      case ("standard", _): scaling = .standard
      case (_, let ends?):
        guard ends.count == 2, let low = ends[0], let high = ends[1], low < high, low.isFinite, high.isFinite else {
          return nil
        }
        scaling = .minMax(low: low, high: high)
      default: return nil
      }
      guard figures.count == count, figures.allSatisfy({ ($0.fill != nil) == isFilled }) else { return nil }
      return (missing, indicator, scaling, figures)
    }
    switch kind {
    case "number":
      guard let found = numbers(1) else { return nil }
      column = TableColumn(name: name, kind: .number(found.missing, indicator: found.indicator, found.scaling))
      self.numbers = found.figures
    case "date":
      let words = json["parts"]?.array ?? []
      let parts = words.compactMap { $0.string.flatMap { TableColumn.DatePart(rawValue: $0) } }
      guard !parts.isEmpty, parts.count == words.count, Set(parts).count == parts.count,
        let format = json["format"]?.string.flatMap({ TableColumn.DateFormat(rawValue: $0) }),
        let found = numbers(parts.count)
      else { return nil }
      column = TableColumn(
        name: name, kind: .date(format, parts, found.missing, indicator: found.indicator, found.scaling))
      self.numbers = found.figures
    case "category":
      guard let encoding = json["encoding"]?.string.flatMap({ TableColumn.Encoding(word: $0) }),
        let names = json["categories"]?.array?.map(\.string), !names.contains(nil),
        let hasMissing = json["hasMissing"]?.bool
      else { return nil }
      let missing: TableColumn.MissingCategory
      switch json["missing"]?.string {
      case "refused": missing = .refused
      case "dropped": missing = .dropped
      case "own": missing = .own
      case "mostFrequent": missing = .mostFrequent
      default:
        guard let constant = json["missing"]?["constant"]?.string else { return nil }
        missing = .constant(constant)
      }
      column = TableColumn(name: name, kind: .category(encoding, missing))
      let known = names.compactMap { $0 }
      guard Set(known.map { ExactName($0) }).count == known.count else { return nil }
      categories = FittedCategories(names: known, fill: json["fill"]?.string, hasMissing: hasMissing)
    default: return nil
    }
  }
}

extension FittedNumbers {
  fileprivate var json: JSON {
    .object([
      JSON.Member("fill", fill.map { .number($0) } ?? .null), JSON.Member("center", .number(center)),
      JSON.Member("width", .number(width)), JSON.Member("span", .number(span)), JSON.Member("low", .number(low)),
    ])
  }

  fileprivate init?(json: JSON) {
    guard let center = json["center"]?.double, let width = json["width"]?.double, let span = json["span"]?.double,
      let low = json["low"]?.double, [center, width, span, low].allSatisfy({ $0.isFinite }), width > 0, span > 0
    else { return nil }
    self.init()
    (self.center, self.width, self.span, self.low) = (center, width, span, low)
    if let fill = json["fill"], fill != .null {
      guard let number = fill.double, number.isFinite else { return nil }
      self.fill = number
    }
  }
}

extension TableColumn.Encoding {
  fileprivate var word: String {
    switch self {
    case .oneHot: "oneHot"
    case .oneHotWithUnseen: "oneHotWithUnseen"
    case .ordinal: "ordinal"
    case .embedding: "embedding"
    }
  }

  fileprivate init?(word: String) {
    guard let found = [Self.oneHot, .oneHotWithUnseen, .ordinal, .embedding].first(where: { $0.word == word }) else {
      return nil
    }
    self = found
  }
}

extension JSON {
  /// The value as a truth value.
  fileprivate var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }
}
