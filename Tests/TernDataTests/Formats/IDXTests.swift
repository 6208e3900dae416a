import Testing

@testable import TernData

@Suite("IDX files")
struct IDXTests {
  private func file(_ type: UInt8, _ shape: [UInt32], _ data: [UInt8]) -> [UInt8] {
    [0, 0, type, UInt8(shape.count)] + shape.flatMap { bytes(UInt64($0), 4).reversed() } + data
  }

  @Test("Every type of number, most significant byte first")
  func types() throws {
    let images = try IDXFile.array(from: file(0x08, [2, 1, 2], [0, 128, 255, 7]))
    #expect(try images.shape == [2, 1, 2] && images.uint8s() == [0, 128, 255, 7])
    #expect(try IDXFile.array(from: file(0x09, [2], [0x80, 0x7F])).ints() == [-128, 127])
    #expect(try IDXFile.array(from: file(0x0B, [2], [0x80, 0, 0x01, 0x02])).ints() == [-32768, 258])
    #expect(try IDXFile.array(from: file(0x0C, [1], [0xFF, 0xFF, 0xFF, 0xFE])).int32s() == [-2])
    #expect(try IDXFile.array(from: file(0x0D, [1, 1], [0x3F, 0xC0, 0, 0])).floats() == [1.5])
    #expect(try IDXFile.array(from: file(0x0E, [1], [0xC0, 0x04, 0, 0, 0, 0, 0, 0])).doubles() == [-2.5])
    #expect(try IDXFile.array(from: file(0x08, [], [9])).uint8s() == [9])
    #expect(try IDXFile.array(from: file(0x08, [0, 28, 28], [])).shape == [0, 28, 28])
  }

  @Test("Wrong magic numbers, extents that lie and wrong lengths are refused")
  func refused() {
    expectError(.truncated, "i: byte 3", "magic") { _ = try IDXFile.array(from: [0, 0, 8], file: "i") }
    for magic: [UInt8] in [[1, 0, 8, 1], [0, 1, 8, 1], [0, 0, 0x0A, 1], [0x1F, 0x8B, 8, 0]] {
      expectError(.malformed, "byte 0: the magic number is 0x\(hexadecimal(magic))") {
        _ = try IDXFile.array(from: magic + [0, 0, 0, 1, 5])
      }
    }
    expectError(.truncated, "within the extents of 3 axes", "16 bytes") {
      _ = try IDXFile.array(from: [0, 0, 8, 3, 0, 0, 0, 1])
    }
    expectError(.truncated, "byte 11: the contents have 11 bytes", "12 for shape [4]") {
      _ = try IDXFile.array(from: file(0x08, [4], [1, 2, 3]))
    }
    expectError(.trailingBytes, "byte 12: the contents have 13 bytes", "12 for shape [4]") {
      _ = try IDXFile.array(from: file(0x08, [4], [1, 2, 3, 4, 5]))
    }
    expectError(.malformed, "exceeds what can be addressed") {
      _ = try IDXFile.array(from: file(0x0E, [.max, .max, .max], [1]))
    }
    expectError(.malformed, "exceeds") { _ = try IDXFile.array(from: file(0x08, [0, .max, .max, .max], [])) }
    // Within Int, but far beyond the file.
    expectError(.truncated, "4294967303 for shape [4294967295]") {
      _ = try IDXFile.array(from: file(0x08, [.max], [1]))
    }
  }

  @Test("Archives: the length is that of the contents, and no more is unpacked than the header says")
  func archives() throws {
    try withTemporaryFolder { folder in
      let contents = file(0x08, [300, 300], [UInt8](repeating: 3, count: 90_000))
      try FileIO.write(Gzip.archive(contents), to: folder + "/a.gz")
      #expect(try IDXFile.read(folder + "/a.gz").shape == [300, 300])
      try FileIO.write(contents, to: folder + "/a")
      #expect(try IDXFile.read(folder + "/a").bytes == IDXFile.read(folder + "/a.gz").bytes)
      try FileIO.write(Gzip.archive(contents + [0]), to: folder + "/long.gz")
      expectError(.tooLarge, "long.gz: byte 90012: unpacks to more than 90012") {
        _ = try IDXFile.read(folder + "/long.gz")
      }
      try FileIO.write(Gzip.archive(Array(contents.dropLast())), to: folder + "/short.gz")
      expectError(.truncated, "short.gz: byte 90011", "90012") { _ = try IDXFile.read(folder + "/short.gz") }
      try FileIO.write(Array(Gzip.archive(contents).dropLast(20)), to: folder + "/cut.gz")
      expectError(.truncated, "cut.gz", "cut short") { _ = try IDXFile.read(folder + "/cut.gz") }
      try FileIO.write(Gzip.archive([]), to: folder + "/empty.gz")
      expectError(.truncated, "empty.gz", "0 bytes") { _ = try IDXFile.read(folder + "/empty.gz") }
    }
  }
}
