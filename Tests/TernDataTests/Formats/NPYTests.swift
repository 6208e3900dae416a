import Testing

@testable import TernData

@Suite("NumPy's npy files")
struct NPYTests {
  @Test("Files that NumPy wrote")
  func numpy() throws {
    let double = try NPYFile.read(fixturePath("f8.npy"))
    #expect(double.shape == [2, 3, 4])
    #expect(try double.doubles() == (0..<24).map { Double($0) / 7 })
    let fortran = try NPYFile.read(fixturePath("f4_fortran.npy"))
    #expect(fortran.shape == [2, 3, 4])
    #expect(try fortran.floats() == (0..<24).map { Float($0) / 7 })
    let half = try NPYFile.read(fixturePath("f2.npy")).floats()
    #expect(half[..<7] == [1.5, -0.0, 65504, 0x1p-24, 0x1.554p-2, .infinity, -.infinity])
    #expect(half[7].isNaN)
    #expect(try NPYFile.read(fixturePath("b1.npy")).bools() == [true, false, false, true])
    let scalar = try NPYFile.read(fixturePath("u1_scalar.npy"))
    #expect(try scalar.shape == [] && scalar.uint8s() == [200])
    let empty = try NPYFile.read(fixturePath("i8_empty.npy"))
    #expect(try empty.shape == [0, 3] && empty.ints() == [])
    let one = try NPYFile.read(fixturePath("i2_one.npy"))
    #expect(try one.shape == [1] && one.ints() == [-5])
    #expect(try NPYFile.read(fixturePath("v2.npy")).ints() == [-1, 1 << 40])
    #expect(try NPYFile.read(fixturePath("v3.npy")).ints() == [3, 4])
  }

  @Test("Writing gives the bytes that NumPy wrote", arguments: ["f8", "f2", "b1", "u1_scalar", "i8_empty", "i2_one"])
  func sameBytes(name: String) throws {
    let original = try fixture(name + ".npy")
    let array = try NPYFile.array(from: original)
    #expect(try NPYFile.bytes(of: array) == original)
    try withTemporaryFolder { folder in
      try NPYFile.write(array, to: folder + "/copy.npy")
      #expect(try FileIO.read(folder + "/copy.npy") == original)
    }
  }

  @Test("Fortran order, too")
  func fortran() throws {
    let original = try fixture("f4_fortran.npy")
    #expect(try NPYFile.bytes(of: NPYFile.array(from: original), isFortranOrder: true) == original)
    for shape in [[0, 3], [1, 1], [5, 1], [1, 5], [2, 3, 4, 5]] {
      let count = shape.reduce(1, *)
      let array = StoredArray(Array(0..<count), shape: shape)
      let read = try NPYFile.array(from: NPYFile.bytes(of: array, isFortranOrder: true))
      #expect(try read.ints() == Array(0..<count) && read.shape == shape, "\(shape)")
    }
  }

  @Test("A header beyond 65,535 bytes is written as version 2")
  func longHeader() throws {
    let array = StoredArray([Float(3)], shape: [Int](repeating: 1, count: 30_000))
    let bytes = try NPYFile.bytes(of: array)
    #expect(bytes[6] == 2)
    let read = try NPYFile.array(from: bytes)
    #expect(try read.shape == array.shape && read.floats() == [3])
  }

  @Test("The most significant byte may come first")
  func bigEndian() throws {
    #expect(try NPYFile.read(fixturePath("big_endian.npy")).doubles() == [1])
    let numbers = try NPYFile.read(fixturePath("big_endian_fortran.npy"))
    #expect(try numbers.shape == [2, 3] && numbers.ints() == [0, 300, 600, 900, 1200, 1500])
  }

  @Test("A mapped file gives the same arrays, row by row")
  func mapped() throws {
    let names = ["f8", "f4_fortran", "f2", "b1", "u1_scalar", "i8_empty", "i2_one", "v2", "v3", "big_endian_fortran"]
    for name in names {
      let (read, mapped) = try (NPYFile.read(fixturePath(name + ".npy")), NPYFile.map(fixturePath(name + ".npy")))
      #expect(mapped.shape == read.shape && mapped.type == read.type && mapped.bytes == read.bytes, "\(name)")
    }
    try withTemporaryFolder { folder in
      let path = folder + "/numbers.npy"
      try NPYFile.write(StoredArray(Array(0..<30_000), shape: [100, 30, 10]), to: path)
      let array = try NPYFile.map(path)
      // Replaced by another, the file that is mapped stays what it was.
      try NPYFile.write(StoredArray([Float(1)], shape: [1]), to: path)
      #expect(try array[rows: 7..<9].ints() == Array(2100..<2700))
      #expect(array[rows: 7..<9].shape == [2, 30, 10])
      #expect(try array[rows: 7..<9][rows: 1..<2].tensor(as: Int.self).scalars == Array(2400..<2700))
      #expect(array[rows: 100..<100].shape == [0, 30, 10] && array[rows: 0..<0].bytes.isEmpty)
      try NPYFile.write(array[rows: 98..<100], to: folder + "/end.npy")
      #expect(try NPYFile.read(folder + "/end.npy").ints() == Array(29_400..<30_000))
      #expect(try NPYFile.map(path).floats() == [1])
      try FileIO.write([UInt8](), to: path)
      expectError(.truncated, "not an npy file") { _ = try NPYFile.map(path) }
      expectError(.notFound, "none.npy") { _ = try NPYFile.map(folder + "/none.npy") }
      expectError(.unreadable, "is a folder") { _ = try NPYFile.map(folder) }
    }
    expectError(.unreadable, "cannot be mapped") { _ = try NPYFile.map("/dev/null") }
  }

  @Test("Rows that are not there stop the program")
  func rows() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = StoredArray([1, 2], shape: [2])[rows: 1..<3]
    }
    #expect(lastWords(result).contains("StoredArray: rows 1..<3 of shape [2]\n"))
  }

  @Test("Kinds of numbers that are not read say so")
  func unsupported() {
    for (name, words) in [
      ("complex", "'<c16' is not read"), ("text", "'<U1' is not read"), ("records", "holds records"),
    ] {
      expectError(.unsupported, name + ".npy", words) { _ = try NPYFile.read(fixturePath(name + ".npy")) }
    }
    let brain = StoredArray(type: .bfloat16, shape: [1], bytes: [0, 0], source: "weight")
    expectError(.unsupported, "weight: NumPy has no BF16") { _ = try NPYFile.bytes(of: brain) }
    expectError(.unsupported, "weight, \"b\": NumPy has no BF16") { _ = try NPZFile.bytes(of: [("b", brain)]) }
  }

  private func file(_ header: String, data: Int, version: UInt8 = 1, length: UInt64? = nil) -> [UInt8] {
    [0x93] + Array("NUMPY".utf8) + [version, 0]
      + bytes(length ?? UInt64(header.utf8.count), version == 1 ? 2 : 4)
      + Array(header.utf8) + [UInt8](repeating: 0, count: data)
  }

  @Test("Headers in other spellings are read")
  func spellings() throws {
    for header in [
      "{'shape': (2, 1), 'fortran_order': False, 'descr': '<f4'}",
      "{\"descr\":\"<f4\",\"fortran_order\":True,\"shape\":(2,1)}  \n",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2L, 1L,), }",
    ] {
      #expect(try NPYFile.array(from: file(header, data: 8)).shape == [2, 1], "\(header)")
    }
    #expect(try NPYFile.array(from: file("{'descr':'<b1','fortran_order':False,'shape':()}", data: 1)).type == .bool)
  }

  @Test(
    "A header that lies is refused, and says what and where",
    arguments: [
      ("", 0, "header: it ends (expected '{')"), ("{}", 0, "a key is missing"),
      ("{'descr': '<f4'}", 4, "a key is missing"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 7, "7 bytes of data (expected 8"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 9, "9 bytes of data (expected 8"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (2), }", 8, "found ')' (expected ',')"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }", 8, "found '-'"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (2.0,), }", 8, "found '.'"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", 8, "exceeds"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 4611686018427387904, 4), }", 0, "exceeds"),
      ("{'descr': '<f4', 'fortran_order': 0, 'shape': (2,), }", 8, "expected True or False"),
      ("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 8, "'descr' is there twice"),
      ("{'descr': '<f4', 'order': False, 'shape': (2,), }", 8, "unknown key 'order'"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), } x", 8, "found 'x'"),
      ("{'descr': '<f4", 8, "the quote that ends the text of byte 21"),
      ("{'descr': '<f3', 'fortran_order': False, 'shape': (2,), }", 8, "type '<f3' is not read"),
      ("{'descr': 4, 'fortran_order': False, 'shape': (2,), }", 8, "expected a type"),
    ])
  func header(header: String, data: Int, words: String) {
    #expect {
      try NPYFile.array(from: file(header, data: data), file: "x.npy")
    } throws: { error in
      let said = "\(error)".hasPrefix("x.npy: ") && "\(error)".contains(words)
      if !said { print(error) }
      return said
    }
  }

  @Test("Files cut short anywhere, wrong magic numbers, versions and lengths are refused")
  func damaged() throws {
    let original = try fixture("v2.npy")
    for count in original.indices {
      expectError(.truncated) { _ = try NPYFile.array(from: Array(original[..<count])) }
    }
    expectError(.trailingBytes, "17 bytes of data", "16") { _ = try NPYFile.array(from: original + [0]) }
    expectError(.malformed, "byte 0", "not an npy file") { _ = try NPYFile.array(from: Array("PK\u{3}\u{4}....".utf8)) }
    expectError(.unsupported, "byte 6", "version 4.0") { _ = try NPYFile.array(from: file("{}", data: 0, version: 4)) }
    expectError(.truncated, "byte 8", "would have 4294967295 bytes", "at most the 2") {
      _ = try NPYFile.array(from: file("{}", data: 0, version: 2, length: 4_294_967_295))
    }
  }
}
