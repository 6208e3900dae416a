import TernTensor
import TernTestSupport
import Testing

@testable import TernData

/// Pickles made by hand: what cannot be, what would be executed, what would be too large.
@Suite("PyTorch's pickles")
struct PyTorchPickleTests {
  /// A file with this pickle, after PROTO, and one storage of 24 bytes.
  private func file(_ pickle: String..., storage: [UInt8] = Array(0..<24), name: String = "data/0") throws
    -> PyTorchFile
  {
    // Latin-1: each scalar is a byte.
    let code = pickle.joined().unicodeScalars.map { UInt8($0.value) }
    var writer = ZipWriter(isCompressed: false)
    var bytes: [UInt8] = []
    for (name, contents) in [("x/data.pkl", [0x80, 2] + code), ("x/\(name)", storage)] {
      let (header, data) = writer.member(name, [SharedBytes(contents)])
      bytes += header + data.flatMap { Array($0.array) }
    }
    return try PyTorchFile(bytes: bytes + writer.end())
  }

  private func text(_ text: String) -> String { "U" + String(UnicodeScalar(UInt8(text.utf8.count))) + text }

  /// Pushes a whole number of eight bytes.
  private func integer(_ value: Int) -> String {
    "\u{8A}\u{8}"
      + String(String.UnicodeScalarView((0..<8).map { UnicodeScalar(UInt8(truncatingIfNeeded: value >> ($0 * 8))) }))
  }

  private func tensor(
    _ shape: [Int], _ strides: [Int], offset: Int = 0, count: Int = 6, key: String = "0",
    type: String = "torch\nFloatStorage"
  ) -> String {
    "ctorch._utils\n_rebuild_tensor_v2\n((" + text("storage") + "c\(type)\n" + text(key) + text("cpu") + integer(count)
      + "tQ" + integer(offset) + "(" + shape.map(integer).joined() + "t(" + strides.map(integer).joined() + "t"
      + "\u{89}NtR"
  }

  @Test("A tensor by hand")
  func sound() throws {
    let file = try file("}", text("a"), tensor([2, 2], [3, 1], offset: 1), "s.")
    #expect(try file.array("a").stored.array.elementsEqual([4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 22, 23]))
    // Strides of single elements do not count, however large they are.
    let wide = try self.file(tensor([1, 2, 1], [.max, 1, .max], offset: 2), ".")
    #expect(try wide.array("tensor").stored.array.elementsEqual(8..<16))
  }

  @Test("Views outside of their storage")
  func outside() {
    let cases: [(shape: [Int], strides: [Int], offset: Int, words: String)] = [
      ([7], [1], 0, "within the 6"), ([2], [6], 0, "within the 6"), ([1], [1], 6, "within the 6"),
      ([2, 2], [.max, .max], 0, "within the 6"), ([1 << 40], [1 << 40], 0, "within the 6"),
      ([2], [1], .max, "within the 6"),
      ([-1], [1], 0, "none that a tensor can have"), ([2], [-1], 1, "none below 0"), ([2], [1], -1, "none below 0"),
      ([1 << 62, 8], [0, 0], 0, "none that a tensor can have"), ([2], [], 0, "1 sizes and 0 strides"),
      (Array(repeating: 1, count: 65), Array(repeating: 1, count: 65), 0, "at most 64"),
      ([0, .max, .max], [1, 1, 1], 0, "none that a tensor can have"),
    ]
    for (shape, strides, offset, words) in cases {
      expectError(.malformed, words) { _ = try file(tensor(shape, strides, offset: offset), ".") }
    }
    expectError(.truncated, "has 24 bytes") { _ = try file(tensor([1], [1], count: 7), ".") }
    expectError(.malformed, "elements") { _ = try file(tensor([1], [1], count: .max), ".") }
    expectError(.malformed, "elements") { _ = try file(tensor([1], [1], count: -1), ".") }
    expectError(.malformed, "no storage \"../data.pkl\"") { _ = try file(tensor([1], [1], key: "../data.pkl"), ".") }
    expectError(.malformed, "a member is called \"x/../a\"") { _ = try file("N.", name: "../a") }
    expectError(.unsupported, "torch.QInt8Storage") { _ = try file(tensor([1], [1], type: "torch\nQInt8Storage"), ".") }
  }

  @Test("A view that is larger than the limit for files is refused where it is asked for")
  func large() throws {
    let file = try file(tensor([1 << 47], [0]), ".")
    #expect(file.entries[0].tensor.count == 1 << 47)
    expectError(.tooLarge, "takes 562949953421312 bytes") { _ = try file.array("tensor") }
  }

  @Test("Nothing is called but what is known")
  func calls() {
    let words = ["posix.system", "torch.save(model.state_dict(), path)"]
    expectError(.unsupported, words[0], words[1]) { _ = try file("cposix\nsystem\n(", text("ls"), "tR.") }
    expectError(.unsupported, "builtins.eval") { _ = try file("c__builtin__\neval\n", text("1"), "\u{85}R.") }
    expectError(.unsupported, "builtins.getattr") { _ = try file("\u{8C}\u{8}builtins\u{8C}\u{7}getattr\u{93})R.") }
    expectError(.unsupported, "whole object of class my.Model") { _ = try file("cmy\nModel\n)\u{81}}b.") }
    expectError(.unsupported, "whole object of class my.Model") { _ = try file("cmy\nModel\n)}\u{92}.") }
    expectError(.unsupported, "the name my.Model") { _ = try file("}", text("a"), "cmy\nModel\ns.") }
    expectError(.unsupported, "opcode INST") { _ = try file("(imy\nModel\n.") }
    expectError(.unsupported, "opcode OBJ") { _ = try file("(cmy\nModel\no.") }
    expectError(.unsupported, "PERSID") { _ = try file("P0\n.") }
    expectError(.unsupported, "EXT1") { _ = try file("\u{82}\u{1}.") }
    expectError(.unsupported, "NEXT_BUFFER") { _ = try file("\u{97}.") }
    expectError(.unsupported, "opcode 0xFF") { _ = try file("\u{FF}.") }
    expectError(.malformed, "calls a dictionary") { _ = try file("})R.") }
    expectError(.unsupported, "gives a list attributes") { _ = try file("]}b.") }
    expectError(.malformed, "calls a call") {
      let name = "ctorch._tensor\n_rebuild_from_type_v2\n"
      _ = try file(name, "(", name, "ctorch\nTensor\n)}tR.")
    }
    // What steers a terminal is escaped.
    expectError(.unsupported, "a\\u{1B}[2J.b") { _ = try file("ca\u{1B}[2J\nb\n)R.") }
  }

  @Test("Stacks, marks and memos that are not there")
  func machine() {
    expectError(.truncated, "the pickle ends") { _ = try file("") }
    expectError(.malformed, "stack is empty") { _ = try file(".") }
    expectError(.malformed, "stack is empty") { _ = try file("N(0.") }
    expectError(.malformed, "no mark") { _ = try file("t.") }
    expectError(.malformed, "are left") { _ = try file("NN.") }
    expectError(.malformed, "nothing is kept as 3") { _ = try file("h\u{3}.") }
    expectError(.malformed, "appends to what is no list") { _ = try file("NNa.") }
    expectError(.malformed, "no dictionary") { _ = try file("]NNs.") }
    expectError(.malformed, "key without value") { _ = try file("}(Nu.") }
    expectError(.malformed, "not UTF-8") { _ = try file("X\u{1}\0\0\0\u{FF}.") }
    expectError(.truncated, "the pickle ends") { _ = try file("X\u{FF}\u{FF}\u{FF}\u{FF}a.") }
    expectError(.malformed, "is no size") { _ = try file("\u{8D}\u{FF}\u{FF}\u{FF}\u{FF}\u{FF}\u{FF}\u{FF}\u{FF}a.") }
    expectError(.malformed, "129 bytes", "at most 128") { _ = try file("\u{8A}\u{81}.") }
    expectError(.unsupported, "protocol 6") { _ = try file("\u{80}\u{6}N.") }
    expectError(.unsupported, "a key of a dictionary is a tuple") { _ = try file("})Ns.") }
    expectError(.malformed, "the keys \"1\" and 1") { _ = try file("}(K\u{1}N", text("1"), "Nu.") }
    expectError(.trailingBytes, "1 bytes follow") { _ = try file("N.N") }
  }

  @Test("Values that hold themselves, nest deep, or multiply")
  func structure() throws {
    expectError(.malformed, "or hold themselves") { _ = try file("]q\0h\0a.") }
    expectError(.malformed, "128 deep") {
      _ = try file(String(repeating: ")", count: 1) + String(repeating: "\u{85}", count: 200_000) + ".")
    }
    // Each list holds the one before it ten times: 10¹² values.
    let tenfold = "]q\0" + String(repeating: "0](" + String(repeating: "h\0", count: 10) + "eq\0", count: 12)
    expectError(.tooLarge, "values") { _ = try file(tenfold, ".") }
    // Of a key that is set twice, the last value counts.
    #expect(try file("}(", text("a"), "K\u{1}", text("b"), "K\u{2}", text("a"), "K\u{3}u.")["a"]?.integer == 3)
    #expect(try file("\u{8A}\0.").value.integer == 0 && file("\u{8A}\u{1}\u{FF}.").value.integer == -1)
    #expect(try file("G\u{BF}\u{F8}\0\0\0\0\0\0.").value.number == -1.5)
    #expect(try file(integer(.min), ".").value.integer == .min)
  }
}
