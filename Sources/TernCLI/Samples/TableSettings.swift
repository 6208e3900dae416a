import Tern
import TernBackend

/// What the network of a table answers.
enum TableTarget: Equatable {
  /// The classes' names, in the order of their numbers.
  case classes([String])
  /// A number, which is shifted and scaled by figures of the training rows.
  case number(mean: Double, deviation: Double)

  var task: TableTask { if case .classes = self { .classification } else { .regression } }
}

/// What a run does with a table, `table.json` in its folder.
struct TableSettings: Equatable {
  /// The column that is foretold.
  let column: String
  let target: TableTarget
  /// The fraction of rows that is held out.
  let validation: Double
  let features: TableFeatures
  /// How its files are written.
  let layout: TableLayout

  static func path(_ run: TrainingRun) -> String { run.folder + "/table.json" }

  init(column: String, target: TableTarget, validation: Double, features: TableFeatures, layout: TableLayout) {
    (self.column, self.target, self.validation, self.features) = (column, target, validation, features)
    self.layout = layout
  }

  /// The settings of a run, `nil` where it has none.
  init?(of run: TrainingRun) throws {
    let path = Self.path(run)
    guard FileIO.isFile(path) else { return nil }
    let json = try JSON(parsing: FileIO.read(path)[...], file: path)
    guard let column = json["target"]?.string, let validation = json["validation"]?.double, validation > 0,
      validation < 1, let target = Self.target(json), let features = json["features"],
      let layout = TableLayout(json: json)
    else {
      throw DataError(.malformed, file: path, "the settings of a table cannot be read", expected: "those of tern train")
    }
    try self.init(
      column: column, target: target, validation: validation, features: TableFeatures(json: features, file: path),
      layout: layout)
  }

  private static func target(_ json: JSON) -> TableTarget? {
    if let classes = json["classes"]?.array {
      let names = classes.compactMap(\.string)
      let isSound = names.count == classes.count && names.count > 1 && Set(names).count == names.count
      return isSound ? .classes(names) : nil
    }
    guard let mean = json["mean"]?.double, let deviation = json["deviation"]?.double, mean.isFinite,
      deviation.isFinite, deviation > 0
    else { return nil }
    return .number(mean: mean, deviation: deviation)
  }

  func write(to run: TrainingRun) throws {
    var members = [JSON.Member("target", .string(column))]
    switch target {
    case .classes(let names): members.append(JSON.Member("classes", .array(names.map { .string($0) })))
    case .number(let mean, let deviation):
      members += [JSON.Member("mean", .number(mean)), JSON.Member("deviation", .number(deviation))]
    }
    members +=
      layout.members + [JSON.Member("validation", .number(validation)), JSON.Member("features", features.json)]
    var text = ""
    JSON.object(members).write(to: &text, lines: 4)
    try FileIO.write(text + "\n", to: Self.path(run))
  }

  /// Stops where options ask for something else than a run was begun with.
  func check(_ choices: TableChoices) throws {
    if let target = choices.target, target != column {
      throw CommandError("--target \(target): the run was begun with --target \(column); begin a new one")
    }
    if let task = choices.task, task != target.task {
      throw CommandError(
        "--task \(task.rawValue): the run was begun with --task \(target.task.rawValue); begin a new one")
    }
    if choices.layout != TableLayout(), choices.layout != layout {
      let begun = layout.options.isEmpty ? "without" : "with \(layout.options.joined(separator: " "))"
      throw CommandError(
        "\(choices.layout.options.joined(separator: " ")): the run was begun \(begun); begin a new one")
    }
    if let asked = choices.validation, asked != validation {
      throw CommandError("--validation \(asked): the run was begun with --validation \(validation); begin a new one")
    }
  }

  /// What the network takes of a table's rows: [rows, 1, 1, numbers].
  func inputs(of table: CSVFile) throws(DataError) -> Tensor<Float> {
    let values: Tensor<Float> = try features.values(of: table)
    return values.reshaped([values.shape[0], 1, 1, values.shape[1]])
  }

  /// The rows of a table that has the target, chosen by number; all where none are.
  func samples(of table: CSVFile, rows: [Int]? = nil) throws -> TrainingSamples {
    let inputs = try inputs(of: table)
    let chosen = rows ?? Array(0..<table.rowCount)
    switch target {
    case .classes(let names):
      let labels = try labels(of: table, names)
      return TrainingSamples(TensorDataset(inputs[chosen], Tensor(chosen.map { labels[$0] })))
    case .number(let mean, let deviation):
      let values = try TableFile.numbers(of: table, column)
      let scaled = chosen.map { Float((values[$0] - mean) / deviation) }
      return TrainingSamples(TensorDataset(inputs[chosen], Tensor(scaled)), unit: deviation)
    }
  }

  /// The numbers of the classes of a table's rows.
  private func labels(of table: CSVFile, _ classes: [String]) throws(DataError) -> [Int] {
    let found = try table.classes(column)
    var numbers: [Int] = []
    for name in found.names {
      guard let number = classes.firstIndex(of: name) else {
        throw DataError(
          .mismatch, file: table.file,
          "the class \"\(printable(name, limit: 100))\" in column \"\(printable(column, limit: 100))\" is not one that was "
            + "trained",
          expected: "one of \(classes.prefix(20).map { "\"\(printable($0, limit: 40))\"" }.joined(separator: ", "))")
      }
      numbers.append(number)
    }
    return found.labels.scalars.map { numbers[$0] }
  }
}
