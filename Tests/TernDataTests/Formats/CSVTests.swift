import TernTensor
import Testing

@testable import TernData

@Suite("Comma-separated values")
struct CSVTests {
  private func table(_ text: String, delimiter: Character = ",", hasHeader: Bool = true) throws -> CSVFile {
    try CSVFile(bytes: Array(text.utf8), file: "t.csv", delimiter: delimiter, hasHeader: hasHeader)
  }

  @Test("A file that Python's csv wrote")
  func python() throws {
    let table = try CSVFile(contentsOf: fixturePath("table.csv"))
    #expect(table.columnNames == ["name", "count", "share, of all", "is \"new\"", "kind"])
    #expect(table.rowCount == 4)
    #expect(table.types == [.text, .integer, .number, .truth, .text])
    let names = try table.texts("name")
    #expect(names == ["Ångström", "two\nlines", "comma, \"quotes\"", ""])
    #expect(try table.tensor("count", as: Int.self, missing: .replaced(by: -1)).scalars == [1, -20, 1 << 62, -1])
    let shares: Tensor<Double> = try table.tensor("share, of all", missing: .replaced(by: .nan))
    #expect(shares.scalars[..<3] == [0.1, 1e-300, .infinity] && shares.scalars[3].isNaN)
    #expect(try table.tensor("is \"new\"", missing: .replaced(by: 0)).scalars == [true, false, true, false])
    expectError(.mismatch, "line 6, column 2 (\"count\"): there is nothing", "int64") {
      _ = try table.tensor("count", as: Int.self)
    }
    expectError(.mismatch, "line 6, column 5 (\"kind\"): there is nothing", "a class") { _ = try table.classes("kind") }
  }

  @Test("Line ends, blank lines, marks, delimiters and lines without names")
  func forms() throws {
    for end in ["\n", "\r\n", "\r"] {
      for last in ["", end, end + end] {
        let text = "\u{FEFF}a;b" + end + "1;\"2\"" + end + end + " 3 ;4" + last
        let table = try table(text, delimiter: ";")
        #expect(table.columnNames == ["a", "b"])
        #expect(try table.tensor(as: Float.self) == Tensor([[1, 2], [3, 4]]))
      }
    }
    let bare = try table("1,x\n2,y\n", hasHeader: false)
    #expect(bare.columnNames == ["0", "1"])
    let second = try bare.texts("1")
    #expect(second == ["x", "y"])
    let (labels, names) = try table("k\nb\na\nb\n").classes("k")
    #expect(labels.scalars == [1, 0, 1] && names == ["a", "b"])
    // In a table of one column a line without anything is a value that is missing.
    #expect(try table("k\n1\n\n3\n").tensor("k", missing: .replaced(by: 2)).scalars == [1, 2, 3.0])
    let quoted = try table("k\n\"\"\n").texts("k")
    #expect(quoted == [""])
    let empty = try table("a,b\n")
    #expect(empty.rowCount == 0 && empty.types == [.text, .text])
    #expect(try empty.tensor(as: Float.self).shape == [0, 2])
    #expect(try table("", hasHeader: false).columnNames == [])
  }

  @Test("Numbers are read exactly or not at all")
  func numbers() throws {
    let table = try table("f,i,u\n0.1,-7,255\n1e39,+8,0\nnan,NA,N/A\n")
    #expect(try table.tensor("f", as: Float.self).scalars[..<2] == [0.1, .infinity])
    #expect(try table.tensor("f", as: Double.self).scalars[..<2] == [0.1, 1e39])
    #expect(try table.tensor("f", as: Double.self).scalars[2].isNaN)
    #expect(try table.tensor("i", as: Int32.self, missing: .replaced(by: 5)).scalars == [-7, 8, 5])
    #expect(try table.tensor("u", as: UInt8.self, missing: .replaced(by: 5)).scalars == [255, 0, 5])
    expectError(.mismatch, "t.csv: byte 6: line 2, column 1 (\"f\"): \"0.1\" cannot be read (expected int64)") {
      _ = try table.tensor("f", as: Int.self)
    }
    expectError(.mismatch, "line 2, column 2 (\"i\"): \"-7\" cannot be read (expected uint8)") {
      _ = try table.tensor("i", as: UInt8.self)
    }
    // There is no such number to put in the place.
    expectError(.mismatch, "line 4, column 3 (\"u\"): there is nothing") {
      _ = try table.tensor("u", as: UInt8.self, missing: .replaced(by: .nan))
    }
    #expect(try self.table("b\n1\nFALSE\nTrue\n0\n").tensor("b").scalars == [true, false, true, false])
  }

  @Test(
    "What is wrong is named by line and column",
    arguments: [
      ("a,b\n1\n", "t.csv: byte 4: line 2: 1 fields (expected 2 as before)"),
      ("a,b\n\"x\ny\",1\n1,2,3\n", "line 4: 3 fields (expected 2 as before)"),
      ("a,b\n1,x\"y\n", "line 2, column 2: a quote inside a field"),
      ("a,b\n\"x\"y,1\n", "line 2, column 1: something follows the closing quote"),
      ("a,b\n1,\"x\n\n", "line 2, column 2: the quote is not closed"),
      ("a,b,a\n", "line 1, column 3: the name \"a\" is there twice"), ("", "there is no line"),
    ])
  func mistakes(text: String, words: String) {
    do {
      _ = try table(text)
      Issue.record("nothing was thrown")
    } catch { #expect("\(error)".contains(words)) }
  }

  @Test("Text that is not UTF-8 is refused")
  func encoding() {
    expectError(.malformed, "line 2, column 2: the text is not UTF-8") {
      _ = try CSVFile(bytes: Array("a,b\n1,".utf8) + [0xE4, 0x0A])
    }
  }

  @Test("What is written reads the same, and is what Python writes but for the line ends")
  func writing() throws {
    let original = try CSVFile(contentsOf: fixturePath("table.csv"))
    let columns = try original.columnNames.map { CSVColumn($0, try original.texts($0)) }
    let text = CSVFile.text(of: columns)
    let python = String(decoding: try fixture("table.csv"), as: UTF8.self)
    #expect(text == python.replacing("\r\n", with: "\n"))
    try withTemporaryFolder { folder in
      let path = folder + "/t.csv"
      let numbers = Tensor<Double>([[0.1, -1e300], [.nan, 1 / 3]])
      try numbers.write(csv: path, names: ["a", "b c"])
      #expect(String(decoding: try FileIO.read(path), as: UTF8.self) == "a,b c\n0.1,-1e+300\nnan,0.3333333333333333\n")
      let read: Tensor<Double> = try CSVFile(contentsOf: path).tensor()
      #expect(read.scalars.map(\.bitPattern) == numbers.scalars.map(\.bitPattern))
      try FileIO.write(Gzip.archive(FileIO.read(path)), to: path + ".gz")
      #expect(try CSVFile(contentsOf: path + ".gz").tensor("a", as: Float.self).scalars[0] == 0.1)
    }
    let gaps = [CSVColumn("x", [1, nil, 3] as [Int?])]
    #expect(CSVFile.text(of: gaps) == "x\n1\n\"\"\n3\n")
    #expect(
      CSVFile.text(of: [CSVColumn("a;", ["  x"]), CSVColumn("b", ["y,"])], delimiter: ";") == "\"a;\";b\n\"  x\";y,\n")
  }

  @Test("A column that is not there is an error")
  func columns() throws {
    let table = try CSVFile(bytes: Array("a\n".utf8), file: "t.csv")
    expectError(.notFound, "there is no column \"b\"") { _ = try table.texts("b") }
  }

  @Test("Mistakes of the program stop it")
  func stops() async {
    let lengths = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = CSVFile.text(of: [CSVColumn("a", [1]), CSVColumn("b", [1, 2])])
    }
    #expect(lastWords(lengths).contains("CSVFile: columns of different lengths: \"a\" 1, \"b\" 2\n"))
    let delimiter = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = try CSVFile(bytes: [], delimiter: "\"")
    }
    #expect(lastWords(delimiter).contains("cannot stand between fields"))
  }
}
