import Foundation
import Tern
import TernBackend

/// A CSV file to train with: a column of classes, and the others as numbers.
struct TableFile {
  /// What it is called.
  let name: String
  let settings: TableSettings
  let train: TensorDataset<Float, Int>
  let test: TensorDataset<Float, Int>
  /// What is said of it.
  let notes: [String]

  /// The most classes that are told apart.
  private static let mostClasses = 1000

  /// Whether a path is that of a table.
  static func isOne(_ path: String) -> Bool {
    let names = [".csv", ".tsv", ".csv.gz", ".tsv.gz"]
    return names.contains { path.lowercased().hasSuffix($0) } && !FileIO.isFolder(path)
  }

  /// The table at `path`; what is between its fields is what its first line has most of: commas, semicolons or tabs.
  static func read(_ path: String) throws(DataError) -> CSVFile {
    var bytes = try FileIO.read(path)
    if Gzip.isArchive(bytes) { bytes = try Gzip.contents(of: bytes, file: path) }
    let line = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    let counts = [",", ";", "\t"].map { (mark: Character) in (mark, line.count { $0 == mark.asciiValue }) }
    let most = counts.reduce(counts[0]) { $1.1 > $0.1 ? $1 : $0 }.0
    return try CSVFile(bytes: bytes, file: path, delimiter: most)
  }

  /// Reads the table with the options of a new run, or the settings of one that is there.
  init(_ path: String, target: String?, validation: Double?, _ stored: TableSettings?, seed: UInt64) throws {
    if let stored { try stored.check(target: target, validation: validation) }
    guard let target = stored?.target ?? target else {
      throw CommandError("\(path): --target COLUMN says which column is to be foretold")
    }
    let table = try TableFile.read(path)
    let labels: [Int]
    let classes: [String]
    if let stored {
      classes = stored.classes
      labels = try stored.labels(of: table)
    } else {
      let found = try table.classes(target)
      (classes, labels) = (found.names, found.labels.scalars)
      guard (2...Self.mostClasses).contains(classes.count), classes.count * 2 <= max(labels.count, 4) else {
        throw CommandError(
          "\(path): the column \"\(printable(target, limit: 100))\" has \(classes.count) different values in "
            + "\(labels.count) rows (expected 2 to \(Self.mostClasses) classes, each of some rows)")
      }
    }
    let fraction = stored?.validation ?? validation ?? 0.1
    let rows = Samples(count: labels.count) { $0 }.split(1 - fraction, fraction, seed: seed, stratifiedBy: labels)
    let (trainRows, testRows) = (rows.0.indices.sorted(), rows.1.indices.sorted())
    guard !trainRows.isEmpty && !testRows.isEmpty else {
      throw CommandError(
        "\(path): \(labels.count) rows leave none to \(trainRows.isEmpty ? "train with" : "score") (--validation \(fraction))"
      )
    }
    let columns = TableFeatures.columns(of: table, except: [target])
    guard !columns.isEmpty else { throw CommandError("\(path): there is no column but the target") }
    let features = try stored?.features ?? TableFeatures(fittedTo: table, columns: columns, rows: trainRows)
    guard features.count * max(table.rowCount, 1) <= 1 << 30 else {
      throw CommandError(
        "\(path): \(features.count) numbers a row in \(table.rowCount) rows are too many; leave columns out whose texts "
          + "differ from row to row")
    }
    settings = TableSettings(target: target, classes: classes, validation: fraction, features: features)
    let inputs = try settings.inputs(of: table)
    func samples(_ rows: [Int]) -> TensorDataset<Float, Int> {
      TensorDataset(inputs[rows], Tensor(rows.map { labels[$0] }))
    }
    (train, test) = (samples(trainRows), samples(testRows))
    name = URL(fileURLWithPath: path).lastPathComponent.split(separator: ".").first.map(String.init) ?? "table"
    notes = [
      "\(features.count) numbers of \(features.columns.count) columns; target \(target): \(Self.words(classes))",
      "Held out: \(testRows.count) rows, \(decimals(100 * fraction, 1)) % of each class",
    ]
  }

  private static func words(_ classes: [String]) -> String {
    let shown = classes.prefix(10).map { printable($0, limit: 40) }.joined(separator: ", ")
    return classes.count > 10 ? shown + " and \(classes.count - 10) more" : shown
  }
}

/// What a run does with a table, `table.json` in its folder.
struct TableSettings: Equatable {
  let target: String
  /// The target's values, in the order of their numbers.
  let classes: [String]
  /// The fraction of rows that is held out.
  let validation: Double
  let features: TableFeatures

  static func path(_ run: TrainingRun) -> String { run.folder + "/table.json" }

  init(target: String, classes: [String], validation: Double, features: TableFeatures) {
    (self.target, self.classes, self.validation, self.features) = (target, classes, validation, features)
  }

  /// The settings of a run, `nil` where it has none.
  init?(of run: TrainingRun) throws {
    let path = Self.path(run)
    guard FileIO.isFile(path) else { return nil }
    let json = try JSON(parsing: FileIO.read(path)[...], file: path)
    guard let target = json["target"]?.string, let classes = json["classes"]?.array?.compactMap(\.string),
      let validation = json["validation"]?.double, validation > 0, validation < 1, classes.count > 1,
      Set(classes).count == classes.count, let features = json["features"]
    else {
      throw DataError(.malformed, file: path, "the settings of a table cannot be read", expected: "those of tern train")
    }
    try self.init(
      target: target, classes: classes, validation: validation, features: TableFeatures(json: features, file: path))
  }

  func write(to run: TrainingRun) throws {
    let json = JSON.object([
      JSON.Member("target", .string(target)), JSON.Member("classes", .array(classes.map { .string($0) })),
      JSON.Member("validation", .number(validation)), JSON.Member("features", features.json),
    ])
    var text = ""
    json.write(to: &text, lines: 4)
    try FileIO.write(text + "\n", to: Self.path(run))
  }

  /// Stops where options ask for something else than a run was begun with.
  func check(target: String?, validation: Double?) throws {
    if let target, target != self.target {
      throw CommandError("--target \(target): the run was begun with --target \(self.target); begin a new one")
    }
    if let validation, validation != self.validation {
      throw CommandError(
        "--validation \(validation): the run was begun with --validation \(self.validation); begin a new one")
    }
  }

  /// What the network takes of a table's rows: [rows, 1, 1, numbers].
  func inputs(of table: CSVFile) throws(DataError) -> Tensor<Float> {
    let values: Tensor<Float> = try features.values(of: table)
    return values.reshaped([values.shape[0], 1, 1, values.shape[1]])
  }

  /// The numbers of the classes of a table's rows.
  func labels(of table: CSVFile) throws(DataError) -> [Int] {
    let found = try table.classes(target)
    var numbers: [Int] = []
    for name in found.names {
      guard let number = classes.firstIndex(of: name) else {
        throw DataError(
          .mismatch, file: table.file,
          "the class \"\(printable(name, limit: 100))\" in column \"\(printable(target, limit: 100))\" is not one that was "
            + "trained",
          expected: "one of \(classes.prefix(20).map { "\"\(printable($0, limit: 40))\"" }.joined(separator: ", "))")
      }
      numbers.append(number)
    }
    return found.labels.scalars.map { numbers[$0] }
  }
}
