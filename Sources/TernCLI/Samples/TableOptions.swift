import ArgumentParser

/// The options for tables.
struct TableOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The column that is foretold, of a table: --data FILE.csv. Numbers are made of its other columns: missing ones by the "
        + "median, categories one-hot."))
  var target: String?

  @Option(
    help: ArgumentHelp(
      "What the target is: classification or regression. Where not given, texts, true and false, and whole numbers of at most "
        + "20 different values are classes; other numbers are foretold as numbers."))
  var task: TableTask?

  /// What was asked for.
  var choices: TableChoices { TableChoices(target: target, task: task) }
}

/// What a table's target is.
enum TableTask: String, ExpressibleByArgument, CaseIterable {
  /// One of some classes.
  case classification
  /// A number.
  case regression
}

/// What is asked for of a table.
struct TableChoices {
  var target: String?
  var task: TableTask?
  var validation: Double?

  /// The first option that was given and goes with tables only.
  var firstGiven: String? { target != nil ? "--target" : task != nil ? "--task" : nil }
}
