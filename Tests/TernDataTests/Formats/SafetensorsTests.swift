import Testing

@testable import TernData

@Suite("Safetensors")
struct SafetensorsTests {
  @Test("A file that PyTorch wrote: every type, to the bit")
  func torch() throws {
    let file = try SafetensorsFile(contentsOf: fixturePath("torch.safetensors"))
    #expect(file.metadata == ["format": "pt"])
    #expect(file.entries.count == 16)
    #expect(file["none"] == nil)
    func array(_ name: String) throws -> StoredArray { try #require(file[name], "\(name)") }

    #expect(try array("truth").bools() == [true, false, true, false, false, true])
    #expect(try array("truth").shape == [2, 3])
    #expect(try array("bytes").uint8s() == [0, 1, 128, 255])
    #expect(try array("small").ints() == [-128, 0, 127])
    #expect(try array("short").int32s() == [-32768, 32767])
    #expect(try array("ushort").ints() == [0, 65535])
    #expect(try array("int").int32s() == [.min, .max])
    #expect(try array("uint").ints() == [0, 4_294_967_295])
    #expect(try array("long").ints() == [.min, .max])
    let half = try array("half").floats()
    let third = Float(0x1.554p-2)
    #expect(
      half[..<7].map(\.bitPattern) == [1.5, -0.0, 65504, 0x1p-24, third, .infinity, -.infinity].map(\.bitPattern))
    #expect(half[7].isNaN)
    let brain = try array("brain").floats()
    let expected: [Float] = [1.5, -0.0, 0x1.FEp127, 0x1p-133, 0x1.56p-2, .infinity, -.infinity]
    #expect(brain[..<7].map(\.bitPattern) == expected.map(\.bitPattern))
    #expect(brain[7].isNaN)
    #expect(try array("float").floats() == (0..<6).map { Float($0) / 3 })
    #expect(try array("float").doubles() == (0..<6).map { Double(Float($0) / 3) })
    #expect(try array("double").doubles() == [.pi])
    #expect(try array("double").floats() == [0x1.921FB6p1])
    #expect(try array("double").shape == [])
    #expect(try array("empty").floats() == [])
    #expect(try array("empty").shape == [0, 3])
    #expect(try array("features.0.weight").shape == [2, 1, 2, 2])
    #expect(try array("Größe \"x\"").floats() == [7])
  }

  @Test("A mapped file gives the same arrays")
  func mapped() throws {
    let file = try SafetensorsFile(contentsOf: fixturePath("torch.safetensors"))
    let mapped = try SafetensorsFile(mapping: fixturePath("torch.safetensors"))
    #expect(mapped.entries == file.entries && mapped.metadata == file.metadata)
    for entry in file.entries { #expect(mapped[entry].bytes == file[entry].bytes, "\(entry.name)") }
    #expect(try mapped.tensor("float", as: Float.self).scalars == (0..<6).map { Float($0) / 3 })
    #expect(try mapped["float"]?[rows: 1..<2].floats() == (3..<6).map { Float($0) / 3 })
    expectError(.notFound, "none") { _ = try SafetensorsFile(mapping: fixturePath("none")) }
  }

  @Test("A conversion that would change a number is refused")
  func conversions() throws {
    let file = try SafetensorsFile(contentsOf: fixturePath("torch.safetensors"))
    expectError(.mismatch, "torch.safetensors: \"ulong\"", "value 1 is 18446744073709551615") {
      _ = try file["ulong"]?.ints()
    }
    expectError(.mismatch, "\"long\"", "value 0 is -9223372036854775808") { _ = try file["long"]?.int32s() }
    expectError(.mismatch, "\"small\"", "value 0 is -128", "0...255") { _ = try file["small"]?.uint8s() }
    expectError(.mismatch, "\"long\": holds I64", "a floating-point type") { _ = try file["long"]?.floats() }
    expectError(.mismatch, "\"long\": holds I64", "a floating-point type") { _ = try file["long"]?.doubles() }
    expectError(.mismatch, "\"half\": holds F16", "an integer type") { _ = try file["half"]?.ints() }
    expectError(.mismatch, "\"bytes\": holds U8", "BOOL") { _ = try file["bytes"]?.bools() }
    let wrong = StoredArray(type: .bool, shape: [2], bytes: [1, 2], source: "x")
    expectError(.mismatch, "holds BOOL") { _ = try wrong.ints() }
    expectError(.malformed, "value 1 is 2", "0 or 1") { _ = try wrong.bools() }
  }

  @Test("Writing gives the bytes that PyTorch wrote")
  func sameBytes() throws {
    let original = try fixture("torch.safetensors")
    let file = try SafetensorsFile(bytes: original)
    let arrays = file.entries.map { (name: $0.name, array: file[$0]) }
    #expect(SafetensorsFile.bytes(of: arrays, metadata: file.metadata) == original)
    try withTemporaryFolder { folder in
      try SafetensorsFile.write(arrays, metadata: file.metadata, to: folder + "/copy.safetensors")
      #expect(try FileIO.read(folder + "/copy.safetensors") == original)
    }
  }

  @Test("The header keeps the given order; the data are aligned to their size")
  func order() throws {
    let contents = SafetensorsFile.bytes(
      of: [
        ("flags", StoredArray([true, false, true], shape: [3])), ("weight", StoredArray([1.5, 2.5], shape: [2])),
        ("image", StoredArray([1, 2, 3, 4, 5] as [UInt8], shape: [5])), ("bias", StoredArray([Float(7)], shape: [])),
        ("index", StoredArray([-1, 1], shape: [2, 1])), ("code", StoredArray([Int32(9)], shape: [1])),
        ("nothing", StoredArray([] as [Float], shape: [2, 0])),
      ], metadata: ["b": "2", "a": "1"])
    let file = try SafetensorsFile(bytes: contents)
    #expect(file.entries.map(\.name) == ["flags", "weight", "image", "bias", "index", "code", "nothing"])
    #expect(file.metadata == ["a": "1", "b": "2"])
    let headerSize = contents[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    #expect(headerSize.isMultiple(of: 8))
    for entry in file.entries { #expect(entry.byteRange.lowerBound.isMultiple(of: entry.type.size)) }
    #expect(try file["flags"]?.bools() == [true, false, true])
    #expect(try file["weight"]?.doubles() == [1.5, 2.5])
    #expect(try file["image"]?.uint8s() == [1, 2, 3, 4, 5])
    #expect(try file["bias"]?.floats() == [7])
    #expect(try file["index"]?.ints() == [-1, 1])
    #expect(try file["code"]?.int32s() == [9])
    let empty = try SafetensorsFile(bytes: SafetensorsFile.bytes(of: []))
    #expect(empty.entries.isEmpty && empty.metadata.isEmpty)
  }

  /// A file with this header and so many bytes of data.
  private func file(_ header: String, data: Int = 0, length: UInt64? = nil) -> [UInt8] {
    bytes(length ?? UInt64(header.utf8.count)) + Array(header.utf8) + [UInt8](repeating: 0, count: data)
  }

  @Test("A length of the header that lies is refused")
  func headerLength() {
    expectError(.truncated, "w: ", "8 bytes") { _ = try SafetensorsFile(bytes: [1, 2, 3], file: "w") }
    expectError(.truncated, "8 bytes") { _ = try SafetensorsFile(bytes: []) }
    expectError(.truncated, "would have 3 bytes", "at most the 2 that follow") {
      _ = try SafetensorsFile(bytes: file("{}", length: 3))
    }
    expectError(.malformed, "18446744073709551615 bytes", "at most 100000000") {
      _ = try SafetensorsFile(bytes: file("{}", length: .max))
    }
    expectError(.malformed, "100000001") { _ = try SafetensorsFile(bytes: file("{}", length: 100_000_001)) }
    expectError(.truncated, "byte 8: JSON") { _ = try SafetensorsFile(bytes: file("{}", length: 0)) }
    expectError(.truncated, "byte 9: JSON") { _ = try SafetensorsFile(bytes: file("{}", length: 1)) }
  }

  @Test(
    "A header that lies is refused, and says what and where",
    arguments: [
      ("[]", 0, "the header is an array"),
      ("{\"a\":1}", 0, "\"a\": is a number"),
      ("{\"a\":{}}", 0, "\"a\": has no dtype"),
      (#"{"a":{"dtype":"F32","shape":[1]}}"#, 4, "data_offsets is missing"),
      (#"{"a":{"dtype":"F32","data_offsets":[0,4]}}"#, 4, "shape is missing"),
      (#"{"a":{"dtype":"F99","shape":[1],"data_offsets":[0,4]}}"#, 4, "unknown dtype \"F99\""),
      (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, 4, "expected 8 for shape [2] of F32"),
      (#"{"a":{"dtype":"F32","shape":[],"data_offsets":[0,8]}}"#, 8, "expected 4 for shape [] of F32"),
      (#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, 4, "shape contains -1"),
      (#"{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}"#, 4, "shape contains 1.0"),
      (#"{"a":{"dtype":"F32","shape":[true],"data_offsets":[0,4]}}"#, 4, "shape contains true"),
      (#"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#, 0, "exceeds"),
      (#"{"a":{"dtype":"F32","shape":[0,4611686018427387904,4],"data_offsets":[0,0]}}"#, 0, "exceeds"),
      (#"{"a":{"dtype":"U8","shape":[18446744073709551616],"data_offsets":[0,0]}}"#, 0, "shape contains"),
      (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 4, "begins at 4 and ends at 0"),
      (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}"#, 4, "data_offsets contains -4"),
      (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}"#, 8, "3 data_offsets"),
      (
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 3, "ends at byte 4 of the data (expected at most 3)"
      ),
      (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 5, "1 bytes of the data belong to no array"),
      (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8, "leaves a gap to the header"),
      (#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[9223372036854775806,9223372036854775807]}}"#, 8, "at most 8"),
      (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}"#, 4, "has a field \"x\""),
      (#"{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 4, "\"dtype\" is there twice"),
      ("{\"__metadata__\":[]}", 0, "__metadata__ is an array"),
      (#"{"__metadata__":{"a":1}}"#, 0, "\"a\" of __metadata__ is a number"),
      (#"{"__metadata__":{},"__metadata__":{}}"#, 0, "is there twice"),
      ("{} x", 0, "byte 11: JSON: found 'x'"),
      ("\u{0}{}", 0, "byte 8"),
    ])
  func header(header: String, data: Int, words: String) {
    #expect {
      try SafetensorsFile(bytes: file(header, data: data), file: "w.safetensors")
    } throws: { error in
      guard error is DataError else { return false }
      let said = "\(error)".hasPrefix("w.safetensors: ") && "\(error)".contains(words)
      if !said { print(error) }
      return said
    }
  }

  @Test("Arrays that overlap, leave a gap or share a name are refused")
  func layout() {
    func two(_ first: String, _ second: String, _ range: String, _ next: String, data: Int = 8) throws {
      let header =
        #"{"\#(first)":{"dtype":"U8","shape":[4],"data_offsets":\#(range)},"#
        + #""\#(second)":{"dtype":"U8","shape":[4],"data_offsets":\#(next)}}"#
      _ = try SafetensorsFile(bytes: file(header, data: data))
    }
    #expect(throws: Never.self) { try two("b", "a", "[4,8]", "[0,4]") }
    expectError(.malformed, "\"b\": begins at byte 3 of the data and overlaps \"a\"") {
      try two("a", "b", "[0,4]", "[3,7]")
    }
    expectError(.malformed, "overlaps \"a\"") { try two("a", "b", "[0,4]", "[0,4]", data: 4) }
    expectError(.malformed, "\"b\": begins at byte 5 of the data and leaves a gap to \"a\"", "byte 4") {
      try two("a", "b", "[0,4]", "[5,9]", data: 9)
    }
    expectError(.malformed, "\"a\" is there twice") { try two("a", "a", "[0,4]", "[4,8]") }
  }

  @Test("A header that nests deep is refused")
  func depth() {
    expectError(.malformed, "deep") {
      _ = try SafetensorsFile(bytes: file("{\"a\":" + String(repeating: "[", count: 500_000)))
    }
  }

  @Test("A name that is given twice, or taken by the format, stops the program")
  func names() async {
    let twice = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let array = StoredArray([Float(1)], shape: [1])
      _ = SafetensorsFile.bytes(of: [("a", array), ("a", array)])
    }
    #expect(
      lastWords(twice).contains("the name \"a\" cannot be used"))
    let taken = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = SafetensorsFile.bytes(of: [("__metadata__", StoredArray([Float(1)], shape: [1]))])
    }
    #expect(lastWords(taken).contains("safetensors: the name"))
  }

  @Test("Numbers that do not fill their shape stop the program")
  func shape() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = StoredArray([1.0, 2.0], shape: [3])
    }
    #expect(
      lastWords(result).contains("StoredArray: shape [3] of F64 does not take 16 bytes"))
  }
}
