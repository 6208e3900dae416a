import TernTensor
import Testing

@testable import TernData

@Suite("NumPy's npz archives")
struct NPZTests {
  @Test(
    "Archives that NumPy wrote: stored, deflated, and with the records of large ones",
    arguments: ["stored", "deflated", "zip64"])
  func numpy(name: String) throws {
    for file in [
      try NPZFile(contentsOf: fixturePath(name + ".npz")), try NPZFile(mapping: fixturePath(name + ".npz")),
    ] {
      #expect(file.names.prefix(4) == ["weight", "Größe", "truth", "one"])
      #expect(try file.array("weight").shape == [2, 3, 4])
      #expect(try file.array("weight").floats() == (0..<24).map { Float($0) / 7 })
      #expect(try file.array("Größe").ints() == [3, -4])
      #expect(try file.array("truth").bools() == [true, false])
      #expect(try file.tensor("one", as: Double.self).item == 0.1)
      if name == "deflated" {
        #expect(try file.tensor("ones", as: Float.self) == Tensor(ones: [40, 50]))
      }
      expectError(.notFound, ".npz: there is no \"two\"") { _ = try file.array("two") }
      expectError(.mismatch, "npz: \"weight\": holds F32") { _ = try file.array("weight").ints() }
    }
  }

  /// The same arrays again, and what NumPy's file has of them byte for byte.
  @Test("What is written reads the same, member by member", arguments: [false, true])
  func roundTrip(isCompressed: Bool) throws {
    let original = try NPZFile(contentsOf: fixturePath("deflated.npz"))
    let arrays = try original.names.map { (name: $0, array: try original.array($0)) }
    let bytes = try NPZFile.bytes(of: arrays, isCompressed: isCompressed)
    #expect(try NPZFile.bytes(of: arrays, isCompressed: isCompressed) == bytes)
    #expect(isCompressed == (bytes.count < 2000))
    try withTemporaryFolder { folder in
      let path = folder + "/copy.npz"
      try NPZFile.write(arrays, isCompressed: isCompressed, to: path)
      #expect(try FileIO.read(path) == bytes)
      let (found, expected) = try (
        ZipArchive(SharedBytes(bytes), file: "x"),
        ZipArchive(SharedBytes(fixture("deflated.npz")), file: "y")
      )
      #expect(found.members.map(\.name) == expected.members.map(\.name))
      for (member, numpys) in zip(found.members, expected.members) {
        #expect(try found.contents(of: member).array == expected.contents(of: numpys).array, "\(member.name)")
      }
    }
    #expect(try NPZFile(bytes: NPZFile.bytes(of: [])).names == [])
  }

  /// From the limit on, sizes, places and the count go to the records of large archives.
  @Test("Large archives have zip64 records", arguments: [1, 100, 140, 300, 500])
  func zip64(limit: Int) throws {
    let original = try NPZFile(contentsOf: fixturePath("stored.npz"))
    let arrays = try original.names.map { (name: $0, array: try original.array($0)) }
    for isCompressed in [false, true] {
      var writer = ZipWriter(isCompressed: isCompressed, limit: limit)
      var bytes: [UInt8] = []
      try NPZFile.write(arrays, &writer) { bytes += $0.array }
      #expect(bytes.suffix(42).starts(with: [0x50, 0x4B, 6, 7]))
      let file = try NPZFile(bytes: bytes)
      #expect(file.names == original.names)
      for (name, array) in arrays { #expect(try file.array(name).bytes == array.bytes) }
    }
  }

  @Test("Archives cut short anywhere are refused")
  func truncated() throws {
    let original = try fixture("zip64.npz")
    for count in original.indices {
      #expect(throws: DataError.self) { try NPZFile(bytes: Array(original[..<count])) }
    }
    expectError(.truncated, "the archive has no end") { _ = try NPZFile(bytes: Array(original[..<400])) }
    expectError(.truncated, "the file has 3 bytes") { _ = try NPZFile(bytes: [1, 2, 3]) }
    expectError(.malformed, "x: byte 0: is not a zip archive") {
      _ = try NPZFile(bytes: [UInt8](repeating: 7, count: 100), file: "x")
    }
  }

  /// One byte changed, or a few, at a place counted from the end of the directory's first record or of the file.
  @Test("Damage is named")
  func damage() throws {
    let array = StoredArray([UInt8(1), 2, 3], shape: [3])
    let original = try NPZFile.bytes(of: [("a", array), ("b", array)])
    let record = original.count - 22 - 2 * 51
    func changed(_ place: Int, _ bytes: [UInt8]) -> [UInt8] {
      var copy = original
      copy.replaceSubrange(place..<place + bytes.count, with: bytes)
      return copy
    }
    expectError(.malformed, "npz: \"a.npy\": the contents are damaged: checksum 0x", "expected 0x") {
      _ = try NPZFile(bytes: changed(35 + 128, [9])).array("a")
    }
    expectError(.unsupported, "\"a.npy\" is encrypted") { _ = try NPZFile(bytes: changed(record + 8, [1])) }
    expectError(.unsupported, "compressed by method 12") { _ = try NPZFile(bytes: changed(record + 10, [12])) }
    expectError(.malformed, "has 131 bytes stored as 130") { _ = try NPZFile(bytes: changed(record + 20, [130])) }
    expectError(.truncated, "\"a.npy\" has 65535 bytes") {
      _ = try NPZFile(bytes: changed(record + 20, [255, 255, 0, 0, 255, 255]))
    }
    expectError(.malformed, "\"b.npy\" is called otherwise here") {
      _ = try NPZFile(bytes: changed(record + 51 + 42, [0, 0]))
    }
    expectError(.malformed, "the name \"a.npy\" is there twice") {
      _ = try NPZFile(bytes: changed(record + 51 + 46, [UInt8(ascii: "a")]).replacing(at: 166 + 30, UInt8(ascii: "a")))
    }
    expectError(.unsupported, "\"a.txt\" is no array") {
      _ = try NPZFile(bytes: changed(record + 47, Array(".txt".utf8)).replacing(at: 31, Array(".txt".utf8)))
    }
    expectError(.unsupported, "a part of several") { _ = try NPZFile(bytes: changed(original.count - 18, [1])) }
    expectError(.malformed, "a directory of") { _ = try NPZFile(bytes: changed(original.count - 10, [1])) }
    expectError(.malformed, "1 members end here") { _ = try NPZFile(bytes: changed(original.count - 12, [1])) }
    expectError(.malformed, "9 members in a directory") { _ = try NPZFile(bytes: changed(original.count - 12, [9])) }
    // A comment behind the archive is no matter.
    let commented = changed(original.count - 2, [2]) + Array("hi".utf8)
    #expect(try NPZFile(bytes: commented).array("b").uint8s() == [1, 2, 3])
  }

  @Test("A member that unpacks to more or less than it says is refused")
  func sizes() throws {
    let zeros = StoredArray([UInt8](repeating: 0, count: 100_000), shape: [100_000])
    let original = try NPZFile.bytes(of: [("a", zeros)], isCompressed: true)
    let record = original.count - 22 - 51
    #expect(original.count < 1000)
    expectError(.tooLarge, "\"a.npy\"", "unpacks to more than 128 bytes") {
      _ = try NPZFile(bytes: original.replacing(at: record + 24, [128, 0, 0])).array("a")
    }
    expectError(.truncated, "\"a.npy\"", "unpacks to 100128 bytes", "expected 16877344") {
      _ = try NPZFile(bytes: original.replacing(at: record + 27, 1)).array("a")
    }
  }

  @Test("A name that is there twice stops the program")
  func twice() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let array = StoredArray([1], shape: [1])
      _ = try NPZFile.bytes(of: [("a", array), ("a", array)])
    }
    #expect(lastWords(result).contains("npz: the name \"a\" is there twice\n"))
  }
}

extension [UInt8] {
  fileprivate func replacing(at place: Int, _ bytes: UInt8...) -> [UInt8] { replacing(at: place, bytes) }

  fileprivate func replacing(at place: Int, _ bytes: [UInt8]) -> [UInt8] {
    var copy = self
    copy.replaceSubrange(place..<place + bytes.count, with: bytes)
    return copy
  }
}
