import TernBackend
import TernTensor

/// What the training rows say about numbers: what takes the place of missing ones, and how they are scaled.
struct FittedNumbers: Sendable, Hashable {
  /// What takes the place of a missing number; `nil` where none may be missing.
  var fill: Double?
  /// y = (x − `center`) / `width` · `span` + `low`.
  var (center, width, span, low) = (0.0, 1.0, 1.0, 0.0)

  init() {}

  /// The figures of `values`, of which NaN are missing.
  ///
  /// - Throws: what `failure` makes of what is wrong.
  init(
    _ values: [Double], _ missing: TableColumn.MissingNumber, _ scaling: TableColumn.Scaling,
    _ failure: (String, String) -> DataError
  ) throws(DataError) {
    var present = values.filter { !$0.isNaN }
    if present.contains(where: \.isInfinite) { throw failure("there is an infinity", "finite numbers") }
    switch missing {
    case .refused, .dropped: break
    case .constant(let value): fill = value
    case .mean, .median:
      guard !present.isEmpty else { throw failure("every training row is missing", "a number in one of them") }
      fill = missing == .mean ? FittedNumbers.mean(present) : FittedNumbers.median(present)
    }
    // What was filled in counts, as it does for what is trained.
    if let fill { present += [Double](repeating: fill, count: values.count - present.count) }
    if scaling == .none { return }
    guard !present.isEmpty else { throw failure("there are no training rows", "at least one") }
    switch scaling {
    case .none: break
    case .standard:
      let count = Double(present.count)
      center = FittedNumbers.mean(present)
      let variance = present.reduce(0.0) { $0 + ($1 - center) * ($1 - center) } / count
      // What rounding makes of values that are all the same.
      let rounding = count * center * .ulpOfOne
      let isConstant = variance <= count * .ulpOfOne * variance + rounding * rounding
      width = isConstant ? 1 : variance.squareRoot()
    case .minMax(let low, let high):
      let (least, greatest) = (present.min() ?? 0, present.max() ?? 0)
      (center, width) = (least, greatest > least ? greatest - least : 1)
      (self.low, span) = (low, high - low)
    }
    guard center.isFinite && width.isFinite && span.isFinite else {
      throw failure("the numbers are too large to be scaled", "a finite mean, deviation and range")
    }
  }

  /// A number scaled.
  @inline(__always)
  func callAsFunction(_ x: Double) -> Double { (x - center) / width * span + low }

  static func mean(_ values: [Double]) -> Double {
    let count = Double(values.count)
    let first = values.reduce(0, +) / count
    guard first.isFinite else { return values.reduce(0) { $0 + $1 / count } }
    // The first is off by what sums lose.
    return first + values.reduce(0) { $0 + ($1 - first) } / count
  }

  static func median(_ values: [Double]) -> Double {
    let (sorted, middle) = (values.sorted(), values.count / 2)
    return values.count % 2 == 1 ? sorted[middle] : sorted[middle - 1] / 2 + sorted[middle] / 2
  }
}

/// What the training rows say about categories.
struct FittedCategories: Sendable, Hashable {
  /// In the order of their Unicode scalars.
  let names: [String]
  /// What takes the place of a missing one; `nil` where it has a place of its own, or none may be missing.
  var fill: String?
  /// Whether the missing ones have a place, behind the categories.
  var hasMissing = false

  /// How many there are, with that for missing ones.
  var count: Int { names.count + (hasMissing ? 1 : 0) }

  init(names: [String], fill: String?, hasMissing: Bool) {
    (self.names, self.fill, self.hasMissing) = (names, fill, hasMissing)
  }

  /// The categories of `texts`, of which `nil` are missing.
  init(
    _ texts: [String?], _ missing: TableColumn.MissingCategory, _ failure: (String, String) -> DataError
  ) throws(DataError) {
    var counts: [ExactName: Int] = [:]
    for case let text? in texts { counts[ExactName(text), default: 0] += 1 }
    let isMissing = texts.contains { $0 == nil }
    switch missing {
    case .refused, .dropped: break
    case .own: hasMissing = isMissing
    case .constant(let text):
      fill = text
      if isMissing { counts[ExactName(text), default: 0] += 1 }
    case .mostFrequent:
      guard let most = counts.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) else {
        throw failure("every training row is missing", "a category in one of them")
      }
      fill = most.key.text
    }
    names = counts.keys.sorted().map(\.text)
  }

  /// The places of the categories by their names.
  var places: [ExactName: Int] {
    Dictionary(uniqueKeysWithValues: names.enumerated().map { (ExactName($1), $0) })
  }
}

/// A column with what the training rows say about it.
struct FittedColumn: Sendable, Hashable {
  let column: TableColumn
  /// Of a column of numbers one, of dates one for each part.
  var numbers: [FittedNumbers] = []
  var categories: FittedCategories?

  /// The names of what becomes of it among the values.
  var valueNames: [String] {
    let name = column.name
    switch column.kind {
    case .number(_, let indicator, _): return [name] + (indicator ? ["\(name) missing"] : [])
    case .date(_, let parts, _, let indicator, _):
      return parts.map { "\(name) \($0.rawValue)" } + (indicator ? ["\(name) missing"] : [])
    case .category(let encoding, _):
      guard let categories else { return [] }
      switch encoding {
      case .embedding: return []
      case .ordinal: return [name]
      case .oneHot, .oneHotWithUnseen:
        return categories.names.map { "\(name)=\($0)" } + (categories.hasMissing ? ["\(name) missing"] : [])
          + (encoding == .oneHotWithUnseen ? ["\(name) unseen"] : [])
      }
    }
  }

  /// How many indices its embedding needs; `nil` for what needs none.
  var embeddingSize: Int? {
    if case .category(.embedding, _) = column.kind { categories.map { $0.count + 1 } } else { nil }
  }

  /// Whether rows without a value are left out.
  var dropsMissing: Bool {
    switch column.kind {
    case .number(let missing, _, _), .date(_, _, let missing, _, _): missing == .dropped
    case .category(_, let missing): missing == .dropped
    }
  }
}

extension FittedColumn: CustomStringConvertible {
  /// Its name, what becomes of it, and the figures of the training rows.
  var description: String {
    let name = printable(column.name, limit: 100)
    switch column.kind {
    case .number(let missing, _, let scaling):
      return "\(name): a number" + numbersDescription(missing, scaling)
    case .date(_, let parts, let missing, _, let scaling):
      return "\(name): a date as \(parts.map(\.rawValue).joined(separator: ", "))"
        + numbersDescription(missing, scaling)
    case .category(let encoding, let missing):
      let names = categories?.names ?? []
      let shown = names.prefix(8).map { printable($0, limit: 40) }.joined(separator: ", ")
      let more = names.count > 8 ? ", …" : ""
      return "\(name): \(names.count) categories (\(shown)\(more)), encoding: \(encoding), missing: \(missing)"
    }
  }

  private func numbersDescription(_ missing: TableColumn.MissingNumber, _ scaling: TableColumn.Scaling) -> String {
    var parts = ["", "missing: \(missing)"]
    let fills = numbers.compactMap(\.fill)
    if !fills.isEmpty, missing == .mean || missing == .median {
      parts[1] += " (\(fills.map { "\($0)" }.joined(separator: ", ")))"
    }
    if scaling != .none {
      parts.append("scaling: \(scaling) of \(numbers.map { "(x − \($0.center))/\($0.width)" }.joined(separator: ", "))")
    }
    return parts.joined(separator: ", ")
  }
}
