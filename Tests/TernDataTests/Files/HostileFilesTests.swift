import Foundation
import Testing

@testable import TernData

@Suite("Devices, links, long names, limits and names in files")
struct HostileFilesTests {
  private func kind(_ path: String) -> mode_t {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & S_IFMT : 0
  }

  @Test("A device and a pipe are written to and stay what they are")
  func devices() async throws {
    try FileIO.write([1, 2, 3], to: "/dev/null")
    #expect(kind("/dev/null") == S_IFCHR)
    try withTemporaryFolder { folder in
      let pipe = folder + "/pipe"
      #expect(mkfifo(pipe, 0o600) == 0)
      let reader = open(pipe, O_RDONLY | O_NONBLOCK)
      defer { close(reader) }
      try FileIO.write([1, 2, 3], to: pipe)
      var bytes = [UInt8](repeating: 0, count: 9)
      #expect(read(reader, &bytes, 9) == 3 && bytes.starts(with: [1, 2, 3]))
      #expect(kind(pipe) == S_IFIFO)
    }
  }

  @Test("A link that leads to nothing yet stays, and its target is made")
  func links() throws {
    try withTemporaryFolder { folder in
      let files = FileManager.default
      try files.createSymbolicLink(atPath: folder + "/link", withDestinationPath: "target")
      try FileIO.write("new", to: folder + "/link")
      #expect(kind(folder + "/link") == S_IFLNK)
      #expect(try FileIO.read(folder + "/target") == Array("new".utf8))
      try files.createSymbolicLink(atPath: folder + "/circle", withDestinationPath: "circle")
      expectError(.unwritable, "leads nowhere") { try FileIO.write("x", to: folder + "/circle") }
    }
  }

  @Test("The longest names are written, a zero byte in one is refused, and what killed processes left is removed")
  func names() throws {
    try withTemporaryFolder { folder in
      for count in [210, 211, 255] {
        let path = folder + "/" + String(repeating: "n", count: count)
        try FileIO.write([7], to: path)
        #expect(try FileIO.read(path) == [7])
      }
      expectError(.unwritable, "zero byte", "\\u{0}") { try FileIO.write([1], to: folder + "/a\0b") }
      expectError(.unreadable, "zero byte") { _ = try FileIO.read(folder + "/a\0b") }
      let stale = folder + "/.tern.1.abc.tmp"
      #expect(FileManager.default.createFile(atPath: stale, contents: Data([1])))
      try FileIO.write(folder + "/outer") { (sink) throws(DataError) in
        try sink.write([1])
        // What is being written is not taken for stale.
        try FileIO.write([2], to: folder + "/inner")
        try sink.write([2])
      }
      #expect(!FileManager.default.fileExists(atPath: stale))
      #expect(try FileIO.read(folder + "/outer") == [1, 2])
    }
  }

  @Test("An endless file is an error at the limit")
  func endless() {
    expectError(.tooLarge, "/dev/zero", "more than 1000000 bytes") {
      _ = try FileIO.read("/dev/zero", limit: 1_000_000)
    }
    expectError(.tooLarge, "/dev/zero", "more than \(FileLimits.maximumDeviceBytes) bytes") {
      _ = try CSVFile(contentsOf: "/dev/zero")
    }
    #expect(FileLimits.maximumBytes > 0)
    #expect(FileLimits.words(FileLimits.maximumBytes).contains("TERN_MAX_FILE_BYTES"))
  }

  @Test("Strings of a file are escaped and cut in messages")
  func messages() {
    let error = DataError(.malformed, file: "x\u{1B}[2J", "a\u{202E}b\n\u{7}" + String(repeating: "9", count: 1 << 20))
    #expect(error.description.hasPrefix("x\\u{1B}[2J: a\\u{202E}b\\u{A}\\u{7}99"))
    #expect(error.description.utf8.count < 1000)
    expectError(.malformed, "(1048576 bytes) is too large a number") {
      _ = try JSON(parsing: [UInt8](repeating: 0x39, count: 1 << 20), file: "x")
    }
  }

  @Test("Names that differ in their bytes are two")
  func exactNames() throws {
    let arrays = [
      ("\u{E9}", StoredArray([Float(1)], shape: [])), ("e\u{301}", StoredArray([Float(2)], shape: [])),
    ]
    let file = try SafetensorsFile(bytes: SafetensorsFile.bytes(of: arrays))
    #expect(try file["\u{E9}"]?.floats() == [1])
    #expect(try file["e\u{301}"]?.floats() == [2])
  }

  @Test("PyTorch's own files are called by their name")
  func torch() {
    expectError(.unsupported, "zip archive", ".pt") {
      _ = try SafetensorsFile(bytes: [0x50, 0x4B, 3, 4, 0, 0, 8, 8, 0, 0])
    }
    expectError(.unsupported, "pickle") { _ = try SafetensorsFile(bytes: [0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46]) }
  }

  @Test("Hexadecimal is text, and a column that is not there is an error that lists those that are")
  func columns() throws {
    let table = try CSVFile(bytes: Array("h,p,n\n0xbf800000,0x1p3,-INF\n0x1,0x2,1e3\n".utf8), file: "t.csv")
    #expect(table.types == [.text, .text, .number])
    expectError(.mismatch, "\"0xbf800000\" cannot be read") { _ = try table.tensor("h", as: Float.self) }
    expectError(.mismatch, "\"0x1p3\" cannot be read") { _ = try table.tensor("p", as: Double.self) }
    #expect(try table.tensor("n", as: Double.self).scalars == [-.infinity, 1000])
    expectError(.notFound, "there is no column \"x\"", "one of \"h\", \"p\", \"n\"") { _ = try table.classes("x") }
    expectError(.notFound, "there is no column \"x\"") { _ = try table.tensor(columns: ["n", "x"], as: Float.self) }
  }
}
