import Foundation
import TernTensor
import TernTestSupport
import Testing

@testable import TernData

@Suite("Numbers of tables")
struct CSVNumberTests {
  private func table(_ text: String, delimiter: Character = ",") throws -> CSVFile {
    try CSVFile(bytes: Array(text.utf8), file: "t.csv", delimiter: delimiter)
  }

  /// Texts that are numbers, nearly numbers, and none.
  private func texts(_ count: Int) -> [String] {
    var generator = SplitMix(state: 11)
    let characters = Array("0123456789.eE+-")
    return (0..<count).map { index in
      let bits = generator.next()
      switch index % 8 {
      case 0: return "\(Double(bitPattern: bits))"
      case 1: return "\(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))"
      // Just between two numbers of single, then of double precision.
      case 2:
        let x = Float(bitPattern: UInt32(truncatingIfNeeded: bits) % 0x7F00_0000)
        return "\((Double(x) + Double(x.nextUp)) / 2)"
      case 3: return "\((bits >> 10 | 1 << 53) | 1)" + ["", "000e-3", ".0", ".00000000000000000001"][index / 8 % 4]
      case 4: return "\(bits >> (bits % 64))e\(Int(generator.next() % 60) - 30)"
      case 5: return "\(bits % 10_000_000_000_000_000_000)e\(Int(generator.next() % 700) - 360)"
      case 6: return String(repeating: "0", count: Int(bits % 40)) + ".\(bits)\(generator.next())\(bits)"
      default: return String((0..<bits % 9).map { _ in characters[Int(generator.next() % 15)] })
      }
    }
  }

  @Test("Short numbers with a sign, and a point at every place, beside and behind others")
  func shortNumbers() throws {
    var generator = SplitMix(state: 17)
    var (all, whole): ([String], [String]) = ([], [])
    for index in 0..<6000 {
      let count = index % 9 + 1
      var text = (0..<count).map { _ in "\(generator.next() % 10)" }.joined()
      let sign = ["", "-", "+"][index % 3]
      whole.append(sign + text)
      let point = Int(generator.next() % UInt64(count + 2))
      if point <= count { text.insert(".", at: text.index(text.startIndex, offsetBy: point)) }
      all.append(sign + text)
    }
    for mark in [",", "\r\n", "\n"] {
      // In rows of three where the mark is between fields.
      let names = mark == "," ? ["a", "b", "c"] : ["a"]
      func text(_ numbers: [String]) -> String {
        names.joined(separator: ",") + "\n"
          + (mark == ","
            ? stride(from: 0, to: numbers.count, by: 3).map { numbers[$0..<$0 + 3].joined(separator: ",") + "\n" }
              .joined()
            : numbers.joined(separator: mark))
      }
      let (table, integers) = (try table(text(all)), try self.table(text(whole)))
      let doubles = try table.tensor(as: Double.self).scalars.map(\.bitPattern)
      let floats = try table.tensor(as: Float.self).scalars.map(\.bitPattern)
      let ints = try integers.tensor(as: Int.self).scalars
      let expected = (all.map { Double($0)!.bitPattern }, all.map { Float($0)!.bitPattern }, whole.map { Int($0)! })
      #expect(doubles == expected.0 && floats == expected.1 && ints == expected.2)
    }
    for (text, isRead) in [("255", true), ("256", false), ("-1", false), ("-0", true), ("5.", false), ("5.0", false)] {
      let table = try table("x,y\n\(text),1234567890\n")
      let found = try? table.tensor("x", as: UInt8.self).scalars
      #expect((found != nil) == isRead, "\(text)")
    }
    let truths = try table("x,y\n1,1234567890\n0,1234567890\n").tensor("x", as: Bool.self).scalars
    #expect(truths == [true, false])
    #expect(throws: DataError.self) { try self.table("x,y\n2,1234567890\n").tensor("x", as: Bool.self) }
  }

  @Test("What Swift reads as a number is read as the same one, to the bit; what it does not is text")
  func sameAsSwift() throws {
    let texts = texts(40_000)
    // A NaN with a payload in parentheses is text here, as hexadecimal is.
    let isNumber = { (text: String) in Double(text) != nil && !text.contains("(") }
    let numbers = texts.filter(isNumber)
    #expect(numbers.count > 30_000)
    let table = try table("x\n" + numbers.joined(separator: "\n"))
    let doubles = try table.tensor("x", as: Double.self).scalars
    let floats = try table.tensor("x", as: Float.self).scalars
    for (index, text) in numbers.enumerated() {
      let (double, float) = (Double(text)!, Float(text)!)
      let isSame =
        doubles[index].bitPattern == double.bitPattern && floats[index].bitPattern == float.bitPattern
        || double.isNaN && doubles[index].isNaN && floats[index].isNaN
      if !isSame { Issue.record("\(text): \(doubles[index]) and \(floats[index]) for \(double) and \(float)") }
    }
    let others = texts.filter { !isNumber($0) && !$0.isEmpty }.prefix(500)
    #expect(others.count > 100)
    for text in others {
      #expect(throws: DataError.self, "\(text)") { try self.table("x\n\(text)\n").tensor("x", as: Double.self) }
    }
  }

  @Test(
    "Each type is rounded once, to the nearest, ties to even",
    arguments: [
      // Just above the middle of 1 and the next Float: by way of Double, which is the middle, it would be 1.
      ("1.00000005960464477539062500000001", 1 + 0x1p-24, 0x1.000002p0),
      ("1.000000059604644775390625", 1 + 0x1p-24, 1),
      ("16777217", 16_777_217, 16_777_216), ("16777219", 16_777_219, 16_777_220),
      ("9007199254740993", 0x1p53, 0x1p53), ("9007199254740993.00000000000000000001", 0x1p53 + 2, 0x1p53),
      ("2.2250738585072011e-308", Double.leastNormalMagnitude.nextDown, 0), ("2.4703282292062328e-324", 0x1p-1074, 0),
      ("2.4703282292062327e-324", 0, 0), ("1.7976931348623157e308", .greatestFiniteMagnitude, .infinity),
      ("1.797693134862315809e308", .infinity, .infinity), ("7.0064923216240854e-46", 0x1p-150, 0x1p-149),
      ("3.4028235677973366e38", 0x1.FFFFFFp127, .greatestFiniteMagnitude), ("-0", -0.0, -0.0),
      ("1e999999999999999999999", .infinity, .infinity),
      ("0e999999999999999999999", 0, 0), (".5", 0.5, 0.5), ("5.", 5, 5), ("-.5E+1", -5, -5), ("00012.50", 12.5, 12.5),
      ("+inf", .infinity, .infinity), ("-Infinity", -.infinity, -.infinity),
    ] as [(String, Double, Float)])
  func rounding(text: String, double: Double, float: Float) throws {
    let table = try table("x\n\(text)\n")
    #expect(try table.tensor("x", as: Double.self).item.bitPattern == double.bitPattern)
    #expect(try table.tensor("x", as: Float.self).item.bitPattern == float.bitPattern)
    #expect(table.types == [text.hasPrefix("167") || text == "9007199254740993" || text == "-0" ? .integer : .number])
  }

  @Test("Whole numbers to the ends of their types, and not beyond")
  func integers() throws {
    for text in ["9223372036854775807", "-9223372036854775808", "+00000000000000000000000000000000007", "-0"] {
      #expect(try table("x\n\(text)\n").tensor("x", as: Int.self).item == Int(text))
      #expect(try table("x\n\(text)\n").types == [.integer])
    }
    for text in [
      "9223372036854775808", "-9223372036854775809", "18446744073709551616", "99999999999999999999", "1.0", "1e3", "+",
      "-", "--1", "1 2", "0x10",
    ] {
      expectError(.mismatch, "line 2, column 1 (\"x\"): \"\(text)\" cannot be read", "int64") {
        _ = try table("x\n\(text)\n").tensor("x", as: Int.self)
      }
    }
    #expect(try table("x\n-2147483648\n2147483647\n").tensor("x", as: Int32.self).scalars == [.min, .max])
    #expect(throws: DataError.self) { try table("x\n2147483648\n").tensor("x", as: Int32.self) }
    #expect(throws: DataError.self) { try table("x\n256\n").tensor("x", as: UInt8.self) }
    #expect(throws: DataError.self) { try table("x\n-1\n").tensor("x", as: UInt8.self) }
  }

  @Test("Columns in any order and again, quoted numbers, spaces, and delimiters that numbers hold")
  func layouts() throws {
    let table = try table("a,b,c,d\n1,\" 2 \",\t3 ,x\r\n\"4\",5, 6,\"y \"\"z\"\"\"\r\n")
    #expect(try table.tensor(columns: ["c", "a", "c"], as: Float.self) == Tensor([[3, 1, 3], [6, 4, 6]]))
    #expect(try table.tensor(columns: ["b"], as: Int.self) == Tensor([[2], [5]]))
    #expect(try table.tensor(columns: [], as: Int.self).shape == [2, 0])
    let texts = try table.texts("d")
    #expect(texts == ["x", "y \"z\""])
    #expect(table.types == [.integer, .integer, .integer, .text])
    // The first in the order that was asked for is named.
    expectError(.mismatch, "line 2, column 4 (\"d\"): \"x\"") {
      _ = try table.tensor(columns: ["d", "a"], as: Float.self)
    }
    #expect(try self.table("a.b\n1.2\n", delimiter: ".").tensor(as: Double.self) == Tensor([[1, 2]]))
    #expect(try self.table("a1b\n213\n", delimiter: "1").tensor(as: Double.self) == Tensor([[2, 3]]))
    #expect(try self.table("aeb\n2e3\n", delimiter: "e").tensor(as: Double.self) == Tensor([[2, 3]]))
    #expect(try self.table("a b\n-2 3\n", delimiter: " ").tensor(as: Double.self) == Tensor([[-2, 3]]))
    #expect(try self.table("a\tb\n-2\t3\n", delimiter: "\t").tensor(as: Double.self) == Tensor([[-2, 3]]))
    #expect(try self.table("a\tb\n\t3\n", delimiter: "\t").tensor(missing: .replaced(by: 9)) == Tensor([[9.0, 3]]))
  }

  @Test("Errors far down name the line, line ends in quotes counted")
  func lines() throws {
    var text = "a,\"b\nb\"\r\n"
    for row in 0..<1000 { text += row % 3 == 0 ? "\(row),\"x\ny\"\r\n\r\n" : "\(row),z\r\n" }
    let last = text.replacing("900,", with: "9?0,")
    #expect(try table(text).tensor("a", as: Int.self).scalars == Array(0..<1000))
    let columnTexts = try table(text).texts("b\nb")
    #expect(columnTexts[999] == "x\ny")
    // Two lines of names; of the 900 rows before, a third has two line ends more.
    expectError(.mismatch, "line \(3 + 900 + 2 * 300), column 1 (\"a\"): \"9?0\" cannot be read") {
      _ = try table(last).tensor("a", as: Int.self)
    }
    expectError(.malformed, "line \(3 + 1000 + 2 * 334): 3 fields", "2 as before") { _ = try table(text + "1,2,3\n") }
    expectError(.malformed, "line \(3 + 1000 + 2 * 334), column 2: a quote inside a field") {
      _ = try table(text + "1,the\"end\n")
    }
    expectError(.malformed, "line \(3 + 1000 + 2 * 334), column 2: the text is not UTF-8") {
      _ = try CSVFile(bytes: Array(text.utf8) + [0x31, 0x2C, 0xFF])
    }
  }

  @Test("Classes keep their numbers whatever their order")
  func classes() throws {
    let (labels, names) = try table("k\nb\nc\na\nb\n\"c\"\n").classes("k")
    #expect(labels.scalars == [1, 2, 0, 1, 2] && names == ["a", "b", "c"])
    expectError(.mismatch, "line 3, column 1 (\"k\"): there is nothing", "a class") {
      _ = try table("k\nb\nNA\nb\n\n").classes("k")
    }
  }
}
