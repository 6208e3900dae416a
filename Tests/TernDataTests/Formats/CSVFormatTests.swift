import TernTensor
import Testing

@testable import TernData

@Suite("CSV files that are not plain")
struct CSVFormatTests {
  private func table(_ text: String, _ format: CSVFormat) throws -> CSVFile {
    try CSVFile(bytes: Array(text.utf8), file: "x.csv", format: format)
  }

  @Test("Lines in front and comments are no part of the table; errors name the lines of the file")
  func lines() throws {
    let format = CSVFormat(skippedLines: 2, comment: "#")
    let text = "A title, with \"quotes\nand a date\n# columns\na,b\n1,2\n#3,4\n\"# no\n#comment\",6\n"
    let csv = try table(text, format)
    #expect(csv.columnNames == ["a", "b"] && csv.rowCount == 2)
    #expect(try csv.texts("a") == ["1", "# no\n#comment"] && csv.texts("b") == ["2", "6"])
    expectError(.mismatch, "line 7, column 1 (\"a\")") { _ = try csv.tensor("a", as: Int.self) }
    expectError(.malformed, "line 6: 3 fields", "2 as before") { _ = try table("x\n\na,b\n1,2\n#\n3,4,5\n", format) }
    // A table of one column, in which a line without anything is a row where there are no comments.
    #expect(try table("a\n1\n# x\n2\n", CSVFormat(comment: "#")).tensor("a", as: Int.self) == Tensor([1, 2]))
    #expect(try table("t\na\n1\n\n", CSVFormat(skippedLines: 1)).texts("a") == ["1", ""])
    #expect(try table("a\r\nb\r\n1\r\n", CSVFormat(skippedLines: 1)).tensor("b", as: Int.self) == Tensor([1]))
    expectError(.truncated, "there is no line") { _ = try table("a\nb", CSVFormat(skippedLines: .max)) }
  }

  @Test("Short rows are refused by line, or filled up; long ones are refused")
  func short() throws {
    let text = "a,b,c\n1,2,3\n4\n\n\"5,5\",6\r\n7,8,9"
    expectError(.malformed, "line 3: 1 fields", "3 as before") { _ = try table(text, CSVFormat()) }
    let csv = try table(text, CSVFormat(shortRows: .filled))
    #expect(try csv.texts("a") == ["1", "4", "5,5", "7"] && csv.texts("c") == ["3", "", "", "9"])
    let filled: Tensor<Float> = try csv.tensor(columns: ["c", "b"], missing: .replaced(by: -1))
    #expect(filled == Tensor([3, 2, -1, -1, -1, 6, 9, 8], shape: [4, 2]))
    expectError(.malformed, "line 3: 4 fields") { _ = try table("a,b\n1\n1,2,3,4\n", CSVFormat(shortRows: .filled)) }
  }

  @Test("Decimal commas, with points between groups of digits")
  func decimals() throws {
    let format = CSVFormat(delimiter: ";", decimalMark: ",")
    let csv = try table("x;n;t\n1,5;1.000;1.5\n-1.234.567,25;12;a\n,5e-1;NA;b\n+3;-999.999;c\n", format)
    #expect(csv.types == [.number, .integer, .text])
    #expect(try csv.tensor("x", as: Double.self) == Tensor([1.5, -1234567.25, 0.05, 3]))
    #expect(try csv.tensor("n", as: Int.self, missing: .replaced(by: 0)) == Tensor([1000, 12, 0, -999999]))
    for wrong in ["1.5", "1.23,4", "1234.567", "1,2,3", "1,234.5", ".123", "1.234e5", "1..234", "1.234.56,7"] {
      let csv = try table("x\n0\n\(wrong)\n", format)
      expectError(.mismatch, "line 3, column 1 (\"x\")", wrong) { _ = try csv.tensor("x", as: Double.self) }
    }
  }

  @Test("Formats that cannot be stop the program with one line")
  func mistakes() async {
    let comma = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = CSVFormat(decimalMark: ",")
    }
    #expect(lastWords(comma).contains("CSVFormat: \",\" cannot be in front of a fraction"))
    let comment = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = CSVFormat(comment: "\n")
    }
    #expect(lastWords(comment).contains("cannot begin a comment"))
    let delimiter = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = try CSVFile(bytes: [], delimiter: "é")
    }
    #expect(lastWords(delimiter).contains("CSVFile: \"é\" cannot stand between fields"))
  }
}
