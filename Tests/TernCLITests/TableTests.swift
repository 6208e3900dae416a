import Foundation
import Tern
import Testing

/// Tables that are trained with, scored and predicted.
@Suite struct TableTests {
  /// Rows whose class is told by a number and a category; some of both are missing.
  private func rows(_ range: Range<Int>) -> String {
    "size,color,noise,kind\n"
      + range.map { row -> String in
        let kind = row % 3
        let size = row % 11 == 0 ? "" : "\(10000 + 3000 * kind + row * 37 % 900)"
        let color = row % 7 == 0 ? "NA" : ["red", "green", "\"light, blue\""][kind]
        return "\(size),\(color),\(Double(row * 53 % 100) / 50),\(["a", "b", "c"][kind])\n"
      }.joined()
  }

  private func run(_ command: Command, _ arguments: [String]) throws -> Command.End {
    let (process, pipe) = try command.start(arguments)
    return command.end(process, pipe)
  }

  @Test func aTableIsTrainedWithScoredAndPredicted() throws {
    let command = try Command()
    try Data(rows(0..<300).utf8).write(to: URL(fileURLWithPath: command.path("goods.csv")))
    let options = ["--data", "goods.csv", "--target", "kind", "--epochs", "6", "--batch-size", "30"]
    let first = try run(command, ["train"] + options + ["--output", "first"])
    #expect(first.status == 0, "\(first.output)")
    #expect(first.output.contains("goods: 270 rows of 6 numbers to train, 30 to test, 3 classes"), "\(first.output)")
    #expect(first.output.contains("target kind: a, b, c"), "\(first.output)")
    let expected = try command.data("first/goods-mlp-1/model.safetensors")
    let second = try run(command, ["train"] + options + ["--output", "second", "--workers", "2", "--threads", "1"])
    #expect(second.status == 0)
    #expect(try command.data("second/goods-mlp-1/model.safetensors") == expected)
    #expect(try command.data("second/goods-mlp-1/table.json") == command.data("first/goods-mlp-1/table.json"))

    try Data(rows(300..<330).utf8).write(to: URL(fileURLWithPath: command.path("new.csv")))
    let scored = try run(command, ["evaluate", "first/goods-mlp-1", "--data", "new.csv"])
    #expect(scored.status == 0 && scored.output.contains("30 rows"), "\(scored.output)")
    let accuracy = scored.output.split(separator: " ").last.flatMap {
      Double($0.trimmingCharacters(in: .whitespacesAndNewlines))
    }
    #expect((accuracy ?? 0) > 0.9, "\(scored.output)")
    // Without the target.
    let bare = rows(300..<330).split(separator: "\n").map { $0.prefix(upTo: $0.lastIndex(of: ",") ?? $0.endIndex) }
    try Data(bare.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: command.path("bare.csv")))
    let predicted = try run(command, ["predict", "first/goods-mlp-1", "bare.csv"])
    #expect(predicted.status == 0, "\(predicted.output)")
    let answers = try CSVFile(contentsOf: command.path("bare.classes.csv"))
    #expect(answers.columnNames == ["kind", "probability of a", "probability of b", "probability of c"])
    let (process, pipe) = try command.start(
      ["predict", "first/goods-mlp-1", "bare.csv", "--output", "-"], shell: "\"$0\" \"$@\" 2> errors")
    #expect(command.end(process, pipe).output == (try command.text("bare.classes.csv")) && !command.has("-"))
    let kinds = try answers.texts("kind")
    #expect(kinds.count == 30 && kinds.enumerated().count { $1 == ["a", "b", "c"][$0 % 3] } > 27)
  }

  /// A file as European programs write it, and its dates.
  @Test func aFileThatIsNotPlainIsReadAsTheOptionsSay() throws {
    let command = try Command()
    func rows(_ range: Range<Int>) -> String {
      "# a comment; with marks\nStation 7; Bonn\n\nsize;opened;price\n"
        + range.map { row -> String in
          let size = "\(1 + row % 9).\(100 + row * 37 % 900),\(row % 10)"
          return "\(size);\(1 + row % 28).\(1 + row % 12).2024" + (row % 50 == 7 ? "\n" : ";\(row % 17),5\n")
        }.joined() + "# the end\n"
    }
    try Data(rows(0..<200).utf8).write(to: URL(fileURLWithPath: command.path("preise.csv")))
    let options = ["--skip-lines", "3", "--comment", "#", "--decimal-comma"]
    let arguments = ["train", "--data", "preise.csv", "--target", "size", "--epochs", "2", "--output", "runs"]
    let refused = try run(command, arguments + options)
    #expect(
      refused.status == 1 && refused.output.contains("line 12: 2 fields (expected 3 as before)"), "\(refused.output)")
    let trained = try run(command, arguments + options + ["--fill-short-rows"])
    #expect(trained.status == 0, "\(trained.output)")
    #expect(trained.output.contains("180 rows of 4 numbers to train, 20 to test, a number"), "\(trained.output)")
    let features = String(decoding: try command.data("runs/preise-mlp-1/table.json"), as: UTF8.self)
    #expect(features.contains("\"dayFirst\"") && features.contains("\"skipped_lines\": 3"), "\(features)")
    // What a run is given is read as what it was trained with.
    try Data(rows(200..<230).utf8).write(to: URL(fileURLWithPath: command.path("neu.csv")))
    let scored = try run(command, ["evaluate", "runs/preise-mlp-1", "--data", "neu.csv"])
    #expect(scored.status == 0 && scored.output.contains("30 rows"), "\(scored.output)")
    let predicted = try run(command, ["predict", "runs/preise-mlp-1", "neu.csv"])
    #expect(predicted.status == 0, "\(predicted.output)")
    let values: Tensor<Double> = try CSVFile(contentsOf: command.path("neu.values.csv")).tensor("size")
    #expect(values.count == 30 && values.scalars.allSatisfy { $0 > 500 && $0 < 11_000 }, "\(values)")
    let other = try run(command, ["train", "--resume", "runs/preise-mlp-1", "--skip-lines", "2"])
    #expect(
      other.status == 1 && other.output.contains("the run was begun with --skip-lines 3 --comment #"), "\(other.output)"
    )
    let again = try run(command, ["train", "--resume", "runs/preise-mlp-1"])
    #expect(again.status == 0, "\(again.output)")
    let pictures = try run(command, ["train", "--decimal-comma"])
    #expect(pictures.status == 1 && pictures.output.contains("--decimal-comma goes with a table"), "\(pictures.output)")
    let wrong = try run(command, ["train", "--data", "preise.csv", "--comment", "//"])
    #expect(wrong.status == 64 && wrong.output.contains("--comment //: one character is needed"), "\(wrong.output)")
  }

  /// Rows with a price of 2 · size + 100 · the place of the color.
  private func goods(_ range: Range<Int>, hasPrice: Bool = true) -> String {
    (hasPrice ? "size,color,price\n" : "size,color\n")
      + range.map { row -> String in
        let (size, color) = (Double(row * 37 % 101), row % 3)
        let price = hasPrice ? ",\(2 * size + 100 * Double(color) + 0.5)" : ""
        return "\(size),\(["red", "green", "blue"][color])\(price)\n"
      }.joined()
  }

  @Test func numbersAreForetoldInTheirOwnUnits() throws {
    let command = try Command()
    try command.write(goods(0..<300), "goods.csv")
    let options = ["--data", "goods.csv", "--target", "price", "--epochs", "12", "--batch-size", "30"]
    let first = try run(command, ["train"] + options)
    #expect(first.status == 0, "\(first.output)")
    #expect(
      first.output.contains("270 rows of 4 numbers to train, 30 to test, a number to foretell"), "\(first.output)")
    #expect(first.output.contains("target price: numbers around "), "\(first.output)")
    #expect(first.output.contains("test mean absolute error "), "\(first.output)")
    let runFolder = "runs/goods-mlp-1"
    let own = try run(command, ["evaluate", runFolder])
    // Neither scoring other rows nor foretelling needs the table that was trained with.
    try command.remove("goods.csv")
    try command.write(goods(300..<330), "new.csv")
    try command.write(goods(300..<330, hasPrice: false), "bare.csv")
    let scored = try run(command, ["evaluate", runFolder, "--data", "new.csv"])
    for end in [own, scored] {
      #expect(end.status == 0 && end.output.contains("30 rows"), "\(end.output)")
      let spread = end.lines.first { $0.hasPrefix("R² ") }.flatMap { Double($0.dropFirst(3)) }
      #expect((spread ?? 0) > 0.8, "\(end.output)")
    }
    let predicted = try run(command, ["predict", runFolder, "bare.csv"])
    #expect(predicted.status == 0, "\(predicted.output)")
    let found = try CSVFile(contentsOf: command.path("bare.values.csv")).tensor("price", as: Double.self).scalars
    let known = try CSVFile(contentsOf: command.path("new.csv")).tensor("price", as: Double.self).scalars
    try #require(found.count == known.count)
    let error = zip(found, known).reduce(0.0) { $0 + abs($1.0 - $1.1) } / 30
    let said = scored.lines.first { $0.hasPrefix("mean absolute error ") }.flatMap { Double($0.dropFirst(20)) } ?? .nan
    #expect(abs(error - said) < 1e-3 * error, "\(error), \(scored.output)")
    let missing = try run(command, ["evaluate", runFolder])
    #expect(missing.status == 1 && missing.lines.count == 1, "\(missing.output)")
  }

  @Test func wholeNumbersOfFewValuesAreClasses() throws {
    let command = try Command()
    let rows = (0..<60).map { "\($0 % 7),\($0 % 5),\($0)\n" }.joined()
    try command.write("a,few,many\n" + rows, "numbers.csv")
    for (target, task, words) in [
      ("few", nil, "5 classes"), ("many", nil, "a number to foretell"), ("few", "regression", "a number to foretell"),
    ] {
      let options = task.map { ["--task", $0] } ?? []
      let end = try run(command, ["train", "--data", "numbers.csv", "--epochs", "1", "--target", target] + options)
      #expect(end.status == 0 && end.output.contains(words), "\(end.output)")
    }
    let resumed = try run(command, ["train", "--resume", "runs/numbers-mlp-1", "--task", "regression"])
    #expect(resumed.status == 1 && resumed.output.contains("begun with --task classification"), "\(resumed.output)")
  }

  @Test func mistakesAreOneLine() throws {
    let command = try Command()
    try Data(rows(0..<40).utf8).write(to: URL(fileURLWithPath: command.path("goods.csv")))
    for (options, words) in [
      ([], "--target COLUMN says which column"), (["--target", "weight"], "there is no column \"weight\""),
      (["--target", "size"], "line 2, column 1 (\"size\"): there is nothing"),
      (["--target", "size", "--task", "regression"], "line 2, column 1 (\"size\"): there is nothing"),
      (["--target", "noise", "--task", "classification"], "different values in 40 rows"),
      (["--target", "kind", "--task", "regression"], "(\"kind\"): \"a\" cannot be read"),
      (["--target", "kind", "--model", "cnn"], "the network mlp takes"),
      (["--target", "kind", "--augment"], "--augment goes with a folder of pictures"),
    ] {
      let end = try run(command, ["train", "--data", "goods.csv"] + options)
      #expect(end.status != 0 && end.output.contains(words), "\(options): \(end.output)")
    }
    let digits = try run(command, ["train", "--target", "kind"])
    #expect(digits.status != 0 && digits.output.contains("--target goes with a table"), "\(digits.output)")
  }
}
