import Foundation
import Testing

@testable import TernData

@Suite("Files are read whole and written whole or not at all")
struct FileIOTests {
  @Test("What was written is read, of any size")
  func roundTrip() throws {
    try withTemporaryFolder { folder in
      for count in [0, 1, 65_535, 65_536, 3_000_000] {
        let contents = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try FileIO.write(contents, to: folder + "/file")
        #expect(try FileIO.read(folder + "/file") == contents, "\(count) bytes")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["file"])
      }
    }
  }

  @Test("A file without a size, such as a pipe, is read to its end")
  func unsized() throws {
    #expect(try FileIO.read("/proc/self/status").starts(with: Array("Name:".utf8)))
  }

  @Test("Missing files, folders and too large files are refused")
  func refused() throws {
    try withTemporaryFolder { folder in
      expectError(.notFound, folder + "/none", "cannot open", "No such file") { _ = try FileIO.read(folder + "/none") }
      expectError(.unreadable, "is a folder") { _ = try FileIO.read(folder) }
      try FileIO.write([1, 2, 3], to: folder + "/three")
      #expect(try FileIO.read(folder + "/three", limit: 3) == [1, 2, 3])
      expectError(.tooLarge, "3 bytes", "at most 2") { _ = try FileIO.read(folder + "/three", limit: 2) }
      expectError(.tooLarge, "more than 9") { _ = try FileIO.read("/proc/self/status", limit: 9) }
    }
  }

  @Test("A failed write leaves the old file, and nothing beside it")
  func failedWrite() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/file"
      try FileIO.write("old", to: path)
      expectError(.mismatch, "enough") {
        try FileIO.write(path) { (sink) throws(DataError) in
          try sink.write([1, 2, 3])
          throw DataError(.mismatch, file: path, "enough")
        }
      }
      #expect(try FileIO.read(path) == Array("old".utf8))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["file"])
      expectError(.unwritable, "cannot create") { try FileIO.write("new", to: folder + "/none/file") }
      expectError(.unwritable, "is a folder") { try FileIO.write("new", to: folder) }
      expectError(.unwritable, "is a folder") { try FileIO.write("new", to: folder + "/") }
    }
  }

  @Test("A full disk is an error that says so", .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func fullDisk() throws {
    // The device that is always full, written to as to a file.
    expectError(.unwritable, "cannot write", "No space left") {
      var sink = FileIO.Sink(descriptor: open("/dev/full", O_WRONLY), file: "/dev/full")
      try sink.write([1, 2, 3])
    }
  }

  @Test("Writing keeps the permissions, and goes through a symbolic link")
  func replacing() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/file"
      try FileIO.write("old", to: path)
      try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
      try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: "file")
      try FileIO.write("new", to: folder + "/link")
      #expect(try FileIO.read(path) == Array("new".utf8))
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      #expect(attributes[.posixPermissions] as? Int == 0o640)
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder + "/link") == "file")
    }
  }
}
