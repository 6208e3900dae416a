import ArgumentParser

/// The options for tables.
struct TableOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The column that is foretold, of a table: --data FILE.csv. Numbers are made of its other columns: missing ones by the "
        + "median, categories one-hot, dates as days, months and days of the week."))
  var target: String?

  @Option(
    help: ArgumentHelp(
      "What the target is: classification or regression. Where not given, texts, true and false, and whole numbers of at most "
        + "20 different values are classes; other numbers are foretold as numbers."))
  var task: TableTask?

  @Option(parsing: .unconditional, help: "Lines in front of the table, which are not read.")
  var skipLines: Int?

  @Option(help: "A character, such as #: lines that begin with it are not read.")
  var comment: String?

  @Flag(help: "Numbers are written 1,5 and 1.234,5; fields are separated by semicolons or tabs.")
  var decimalComma = false

  @Flag(help: "Rows with fewer fields than the first are filled up with missing ones.")
  var fillShortRows = false

  static let allowedLines = 0...1_000_000

  /// Whether a character may begin a comment.
  static func isComment(_ mark: Character) -> Bool {
    guard mark.utf8.count == 1, let byte = mark.asciiValue else { return false }
    return byte > 32 && byte < 127 && !",;\"".contains(mark)
  }

  func validate() throws {
    try require("--skip-lines", skipLines, in: Self.allowedLines)
    if let comment, comment.count != 1 || !Self.isComment(comment.first!) {
      throw ValidationError("--comment \(comment): one character is needed that is no quote, comma or semicolon")
    }
  }

  /// What was asked for.
  var choices: TableChoices {
    var layout = TableLayout()
    layout.skippedLines = skipLines ?? 0
    (layout.comment, layout.hasDecimalComma, layout.fillsShortRows) = (comment?.first, decimalComma, fillShortRows)
    return TableChoices(target: target, task: task, layout: layout)
  }
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
  /// How the file is written.
  var layout = TableLayout()

  /// The first option that was given and goes with tables only.
  var firstGiven: String? {
    let option = layout.options.first.map { String($0.prefix { $0 != " " }) }
    return target != nil ? "--target" : task != nil ? "--task" : option
  }
}
