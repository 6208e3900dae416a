import Testing

@testable import TernData

@Suite("JSON is read strictly")
struct JSONTests {
  private func parse(_ text: String) throws -> JSON { try JSON(parsing: Array(text.utf8), file: "x.json") }

  @Test("Values of every kind")
  func values() throws {
    #expect(try parse(" null ") == .null)
    #expect(try parse("[true,false]") == .array([.bool(true), .bool(false)]))
    #expect(try parse("-0") == .number(-0.0))
    #expect(try parse("[0, -12, 9223372036854775807]") == .array([.integer(0), .integer(-12), .integer(.max)]))
    #expect(try parse("9223372036854775808") == .number(0x1p63))
    #expect(try parse("[0.1, 1e3, 1E-2, 2.5e+1]") == .array([.number(0.1), .number(1000), .number(0.01), .number(25)]))
    #expect(try parse(#""a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00""#) == .string("a\"\\/\u{8}\u{C}\n\r\té😀"))
    #expect(try parse("{}") == .object([]))
    let object = try parse(#"{"b": [1, {}], "a": null}"#)
    #expect(object.members?.map(\.key) == ["b", "a"])
    #expect(object["b"]?.array?.first?.int == 1)
    #expect(object["c"] == nil)
  }

  @Test(
    "What is not JSON is refused, with its place",
    arguments: [
      ("", "byte 0"), ("{", "byte 1"), ("[1,]", "byte 3"), ("[1 2]", "byte 3"), ("{\"a\" 1}", "byte 5"),
      ("{a:1}", "byte 1"), ("{\"a\":1,}", "byte 7"), ("01", "byte 0"), ("1.", "byte 2"), ("-", "byte 1"),
      (".5", "byte 0"), ("1e", "byte 2"), ("+1", "byte 0"), ("nul", "byte 0"), ("NaN", "byte 0"), ("1 1", "byte 2"),
      ("\"a", "byte 2"), ("\"\\x\"", "byte 2"), ("\"\\u12\"", "byte 5"), ("\"\\ud800\"", "byte 1"),
      ("\"\\udc00\"", "byte 1"), ("\"a\nb\"", "byte 2"), ("1e999", "too large"), ("'a'", "byte 0"),
      ("{\"a\":1,\"b\":2,\"a\":3}", "the key \"a\" is there twice"),
    ])
  func refused(text: String, words: String) {
    #expect {
      try parse(text)
    } throws: { error in
      "\(error)".contains(words) && "\(error)".hasPrefix("x.json: ")
    }
  }

  @Test("Text that is not UTF-8 is refused")
  func encoding() {
    expectError(.malformed, "not UTF-8") { _ = try JSON(parsing: [0x22, 0xFF, 0x22] as [UInt8], file: "x") }
  }

  @Test("Values that lie deep in each other are refused instead of exhausting the stack")
  func depth() throws {
    let limit = JSON.depthLimit
    _ = try parse(String(repeating: "[", count: limit) + String(repeating: "]", count: limit))
    expectError(.malformed, "more than \(limit) deep", "byte \(limit)") {
      _ = try parse(String(repeating: "[", count: 1_000_000))
    }
    expectError(.malformed, "deep") { _ = try parse(String(repeating: "{\"a\":", count: 1_000_000)) }
  }

  @Test("What is written is read again, to the same bits")
  func roundTrip() throws {
    let numbers = [0.1, 1e300, 0x1p-1074, -0.0, 3]
    let value = JSON.object([
      JSON.Member("numbers", .array(numbers.map { .number($0) })),
      JSON.Member("none", JSON(Double.nan)), JSON.Member("more", JSON(-Double.infinity)),
      JSON.Member("text \"\\\n\u{1}é😀", .string("\t\r")), JSON.Member("empty", .array([])),
      JSON.Member("flag", .bool(true)), JSON.Member("nothing", .null), JSON.Member("count", .integer(.min)),
    ])
    for lines in 0...3 {
      var text = ""
      value.write(to: &text, lines: lines)
      let read = try parse(text)
      #expect(read["numbers"]?.array?.map { $0.double?.bitPattern } == numbers.map(\.bitPattern))
      #expect(read.members?.dropFirst() == value.members?.dropFirst(), "\(lines) levels with lines")
      #expect(text.filter { $0 == "\n" }.isEmpty == (lines == 0))
    }
    #expect(try parse("[\"NaN\"]").array?.first?.double?.isNaN == true)
    #expect(JSON(Double.infinity).double == .infinity)
  }
}
