import Testing

@testable import TernData

@Suite("Gzip")
struct GzipTests {
  @Test("Archives of several members are joined, as gzip does")
  func members() throws {
    let expected = "one " + String(repeating: "two ", count: 1000) + "three"
    #expect(try Gzip.contents(of: fixture("members.gz"), file: "members.gz") == Array(expected.utf8))
  }

  @Test("What was packed is unpacked", arguments: [0, 1, 65_535, 65_536, 65_537, 1_000_000])
  func roundTrip(count: Int) throws {
    let contents = (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* $0) >> 7) }
    let archive = Gzip.archive(contents)
    #expect(try Gzip.contents(of: archive, file: "x") == contents)
    #expect(try Gzip.contents(of: archive, file: "x", limit: count) == contents)
    for length in [0, 1, count / 2, count, count + 1] {
      #expect(try Gzip.prefix(length, of: archive, file: "x") == Array(contents.prefix(length)))
    }
  }

  @Test("An archive that is cut short anywhere is refused")
  func truncated() throws {
    let archive = Gzip.archive(Array("some text that is some text".utf8))
    for count in 2..<archive.count {
      expectError(.truncated, "cut short after \(count) bytes") {
        _ = try Gzip.contents(of: Array(archive[..<count]), file: "x")
      }
    }
    expectError(.malformed, "not a gzip archive") { _ = try Gzip.contents(of: [0x1F], file: "x") }
    expectError(.malformed, "not a gzip archive") { _ = try Gzip.contents(of: [], file: "x") }
  }

  @Test("A wrong checksum, a wrong length and damaged data are refused")
  func damaged() throws {
    let archive = Gzip.archive(Array("some text".utf8))
    for (place, words) in [(archive.count - 5, "data check"), (archive.count - 1, "length check"), (2, "method")] {
      var damaged = archive
      damaged[place] ^= 1
      expectError(.malformed, "x.gz", "damaged", words) { _ = try Gzip.contents(of: damaged, file: "x.gz") }
    }
  }

  @Test("What follows the archive is refused")
  func trailing() throws {
    let archive = Gzip.archive([1, 2, 3])
    #expect(try Gzip.contents(of: archive + [0, 0], file: "x") == [1, 2, 3])
    expectError(.trailingBytes, "2 bytes follow the archive, which ends at its byte \(archive.count)") {
      _ = try Gzip.contents(of: archive + [0, 1], file: "x")
    }
    expectError(.trailingBytes, "1 bytes follow") { _ = try Gzip.contents(of: archive + [0x1F], file: "x") }
    expectError(.truncated) { _ = try Gzip.contents(of: archive + [0x1F, 0x8B], file: "x") }
  }

  @Test("An archive that unpacks to more than allowed is stopped there")
  func bomb() throws {
    let archive = Gzip.archive([UInt8](repeating: 0, count: 10_000_000))
    #expect(archive.count < 20_000)
    expectError(.tooLarge, "more than 1000 bytes") { _ = try Gzip.contents(of: archive, file: "x", limit: 1000) }
    expectError(.tooLarge, "more than 9999999 bytes") {
      _ = try Gzip.contents(of: archive, file: "x", limit: 9_999_999)
    }
  }
}
