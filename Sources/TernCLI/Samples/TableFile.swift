import Foundation
import Tern
import TernBackend

/// A CSV file to train with: a column that is foretold, and the others as numbers.
struct TableFile {
  /// What it is called.
  let name: String
  let settings: TableSettings
  let train: TrainingSamples
  let test: TrainingSamples
  /// What is said of it.
  let notes: [String]

  /// The most classes that are told apart.
  private static let mostClasses = 1000
  /// The most different whole numbers that are classes where nothing is said.
  private static let mostWholeNumbers = 20

  /// Whether a path is that of a table.
  static func isOne(_ path: String) -> Bool {
    let names = [".csv", ".tsv", ".csv.gz", ".tsv.gz"]
    return names.contains { path.lowercased().hasSuffix($0) } && !FileIO.isFolder(path)
  }

  /// Reads the table with the options of a new run, or the settings of one that is there.
  init(_ path: String, _ choices: TableChoices, _ stored: TableSettings?, seed: UInt64) throws {
    if let stored { try stored.check(choices) }
    guard let column = stored?.column ?? choices.target else {
      throw CommandError("\(path): --target COLUMN says which column is to be foretold")
    }
    let layout = stored?.layout ?? choices.layout
    let table = try layout.read(path)
    let task = try stored?.target.task ?? choices.task ?? Self.task(of: table, column)
    let values = task == .regression ? try Self.numbers(of: table, column) : []
    let found = task == .classification ? try table.classes(column) : nil
    let fraction = stored?.validation ?? choices.validation ?? 0.1
    let parts = Samples(count: table.rowCount) { $0 }.split(
      1 - fraction, fraction, seed: seed, stratifiedBy: found?.labels.scalars)
    let (trainRows, testRows) = (parts.0.indices.sorted(), parts.1.indices.sorted())
    guard !trainRows.isEmpty && !testRows.isEmpty else {
      throw CommandError(
        "\(path): \(table.rowCount) rows leave none to \(trainRows.isEmpty ? "train with" : "score") (--validation \(fraction))"
      )
    }
    let target: TableTarget
    if let stored {
      target = stored.target
    } else if let found {
      guard (2...Self.mostClasses).contains(found.names.count), found.names.count * 2 <= max(table.rowCount, 4) else {
        throw CommandError(
          "\(path): the column \"\(printable(column, limit: 100))\" has \(found.names.count) different values in "
            + "\(table.rowCount) rows (expected 2 to \(Self.mostClasses) classes, each of some rows)")
      }
      target = .classes(found.names)
    } else {
      target = try Self.figures(trainRows.map { values[$0] }, path, column)
    }
    let columns = TableFeatures.columns(of: table, except: [column])
    guard !columns.isEmpty else { throw CommandError("\(path): there is no column but the target") }
    let features = try stored?.features ?? TableFeatures(fittedTo: table, columns: columns, rows: trainRows)
    guard features.count * max(table.rowCount, 1) <= 1 << 30 else {
      throw CommandError(
        "\(path): \(features.count) numbers a row in \(table.rowCount) rows are too many; leave columns out whose texts "
          + "differ from row to row")
    }
    settings = TableSettings(column: column, target: target, validation: fraction, features: features, layout: layout)
    train = try settings.samples(of: table, rows: trainRows)
    test = try settings.samples(of: table, rows: testRows)
    name = URL(fileURLWithPath: path).lastPathComponent.split(separator: ".").first.map(String.init) ?? "table"
    let (held, portion) = ("Held out: \(testRows.count) rows", "\(decimals(100 * fraction, 1)) %")
    notes = [
      "\(features.count) numbers of \(features.columns.count) columns; target \(column): \(Self.words(target))",
      task == .classification ? "\(held), \(portion) of each class" : "\(held), \(portion)",
    ]
  }

  /// What the values of a column suggest, see ``TableOptions/task``.
  private static func task(of table: CSVFile, _ column: String) throws -> TableTask {
    guard let place = table.columnNames.firstIndex(of: column) else {
      // Which says that there is none.
      _ = try table.texts(column)
      return .classification
    }
    switch table.types[place] {
    case .truth, .text: return .classification
    case .number: return .regression
    case .integer:
      let count = try table.classes(column).names.count
      return count <= mostWholeNumbers && 2 * count <= max(table.rowCount, 4) ? .classification : .regression
    }
  }

  /// The numbers of a column, all of them there and finite.
  static func numbers(of table: CSVFile, _ column: String) throws(DataError) -> [Double] {
    let values = try table.tensor(column, as: Double.self).scalars
    if let row = values.firstIndex(where: { !$0.isFinite }) {
      throw table.error(
        row: row, column: try table.found(column), "\(values[row]) cannot be foretold", expected: "a finite number")
    }
    return values
  }

  /// What shifts and scales the numbers that are foretold.
  private static func figures(_ values: [Double], _ path: String, _ column: String) throws -> TableTarget {
    let scaling = try Standardization(of: Tensor(values).reshaped([-1, 1]))
    let (mean, deviation) = (scaling.mean.first ?? 0, scaling.deviation.first ?? 1)
    guard values.contains(where: { $0 != values[0] }), mean.isFinite, deviation > 0, deviation.isFinite else {
      throw CommandError(
        "\(path): the column \"\(printable(column, limit: 100))\" has no two training rows that differ, or numbers too large "
          + "to be scaled")
    }
    return .number(mean: mean, deviation: deviation)
  }

  private static func words(_ target: TableTarget) -> String {
    switch target {
    case .classes(let names):
      let shown = names.prefix(10).map { printable($0, limit: 40) }.joined(separator: ", ")
      return names.count > 10 ? shown + " and \(names.count - 10) more" : shown
    case .number(let mean, let deviation):
      return "numbers around \(significant(mean)), deviation \(significant(deviation))"
    }
  }
}
