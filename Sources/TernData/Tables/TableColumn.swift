import TernBackend
import TernTensor

/// A column of a table, and what numbers become of it.
///
/// ```swift
/// let columns: [TableColumn] = [
///   .number("age", missing: .median, indicator: true, scaling: .standard),
///   .category("city"),
///   .date("opened", parts: [.days, .weekday]),
/// ]
/// ```
public struct TableColumn: Sendable, Hashable {
  /// What takes the place of a number that is missing.
  public enum MissingNumber: Sendable, Hashable {
    /// An error that names line and column.
    case refused
    /// The row is left out.
    case dropped
    /// The mean of the training rows.
    case mean
    /// The median of the training rows; of an even number of them, the mean of the two in the middle.
    case median
    /// This number.
    case constant(Double)
  }

  /// What takes the place of a category that is missing.
  public enum MissingCategory: Sendable, Hashable {
    /// An error that names line and column.
    case refused
    /// The row is left out.
    case dropped
    /// A place of its own, behind the categories, where a training row has none.
    case own
    /// The most frequent category of the training rows, the first of equals.
    case mostFrequent
    /// This category.
    case constant(String)
  }

  /// How numbers are scaled, by figures of the training rows.
  public enum Scaling: Sendable, Hashable {
    /// Not at all.
    case none
    /// (x − mean) / deviation; a column that is the same everywhere is only shifted.
    case standard
    /// low + (x − minimum)·(high − low) / (maximum − minimum); a column that is the same everywhere is only shifted.
    case minMax(low: Double, high: Double)

    /// Into 0…1.
    public static let minMax = Scaling.minMax(low: 0, high: 1)
  }

  /// How categories become numbers; they are in the order of their Unicode scalars.
  public enum Encoding: Sendable, Hashable {
    /// A column for each, 1 where it is that and 0 elsewhere; a category that no training row has is 0 in all of them.
    case oneHot
    /// As ``oneHot``, with one more column, the last, for categories that no training row has.
    case oneHotWithUnseen
    /// Its number from 0; −1 for a category that no training row has.
    case ordinal
    /// For an embedding: its number from 1, and 0 for a category that no training row has. Not among the values, but
    /// ``TableFeatures/indices(of:file:line:)``.
    case embedding
  }

  /// A number that a date becomes.
  public enum DatePart: String, Sendable, Hashable, CaseIterable {
    /// Days since 1970, with the time of day as a fraction.
    case days
    /// The year.
    case year
    /// The month, from 1.
    case month
    /// The day of the month, from 1.
    case day
    /// The day of the week, from 1 for Monday.
    case weekday
    /// The day of the year, from 1.
    case dayOfYear
    /// Hours since midnight, with a fraction.
    case hour
  }

  /// How dates are written; a time may follow behind a space or a T: `9:30`, `09:30:15`, `09:30:15.5`, with Z or without.
  public enum DateFormat: String, Sendable, Hashable, CaseIterable {
    /// `2024-03-01`, also with slashes or points.
    case yearFirst
    /// `1.3.2024`, also with slashes or hyphens.
    case dayFirst
    /// `3/1/2024`, also with points or hyphens.
    case monthFirst
  }

  enum Kind: Sendable, Hashable {
    case number(MissingNumber, indicator: Bool, Scaling)
    case category(Encoding, MissingCategory)
    case date(DateFormat, [DatePart], MissingNumber, indicator: Bool, Scaling)
  }

  /// The column's name.
  public let name: String
  let kind: Kind

  /// A column of numbers.
  ///
  /// - Parameters:
  ///   - missing: what takes the place of an empty field, of one of ``CSVFile/missingMarks``, and of NaN.
  ///   - indicator: whether one more column says by 1 where a number was missing.
  ///   - scaling: how what is then there is scaled.
  public static func number(
    _ name: String, missing: MissingNumber = .refused, indicator: Bool = false, scaling: Scaling = .none,
    file: StaticString = #fileID, line: UInt = #line
  ) -> TableColumn {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(missing, scaling)
    return TableColumn(name: name, kind: .number(missing, indicator: indicator, scaling))
  }

  /// A column of categories.
  public static func category(_ name: String, encoding: Encoding = .oneHot, missing: MissingCategory = .own)
    -> TableColumn
  { TableColumn(name: name, kind: .category(encoding, missing)) }

  /// A column of dates.
  ///
  /// - Parameters:
  ///   - format: the order of day, month and year.
  ///   - parts: the numbers that a date becomes, each scaled by itself.
  ///   - missing: what takes the place of each where there is no date.
  public static func date(
    _ name: String, format: DateFormat = .yearFirst, parts: [DatePart] = [.days], missing: MissingNumber = .refused,
    indicator: Bool = false, scaling: Scaling = .none, file: StaticString = #fileID, line: UInt = #line
  ) -> TableColumn {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(missing, scaling)
    TernBackend.check(
      !parts.isEmpty && Set(parts).count == parts.count, "TableColumn.date", "parts \(parts.map(\.rawValue))")
    return TableColumn(name: name, kind: .date(format, parts, missing, indicator: indicator, scaling))
  }

  private static func check(_ missing: MissingNumber, _ scaling: Scaling) {
    if case .constant(let value) = missing {
      TernBackend.check(value.isFinite, "TableColumn", "the constant \(value) (a finite number)")
    }
    if case .minMax(let low, let high) = scaling {
      TernBackend.check(
        low < high && low.isFinite && high.isFinite, "TableColumn", "the range \(low)…\(high) has no width")
    }
  }
}
