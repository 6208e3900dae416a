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
    let kinds = try answers.texts("kind")
    #expect(kinds.count == 30 && kinds.enumerated().count { $1 == ["a", "b", "c"][$0 % 3] } > 27)
  }

  @Test func mistakesAreOneLine() throws {
    let command = try Command()
    try Data(rows(0..<40).utf8).write(to: URL(fileURLWithPath: command.path("goods.csv")))
    for (options, words) in [
      ([], "--target COLUMN says which column"), (["--target", "weight"], "there is no column \"weight\""),
      (["--target", "size"], "line 2, column 1 (\"size\"): there is nothing"),
      (["--target", "noise"], "different values in 40 rows"),
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
