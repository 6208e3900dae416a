import Foundation
import TernTensor
import TernTestSupport
import Testing

@testable import TernData

@Suite("PyTorch's files of gigabytes")
struct LargePyTorchTests {
  /// Five gigabytes of zeros with a number at the end lie in a file without taking room on the disk, and an array behind them.
  /// Run with TERN_LARGE_FILES=1; `TERN_LARGE_FILES=keep` leaves the file for other readers and prints its path.
  @Test(
    "Arrays at places beyond 32 bits are read",
    .enabled(if: ProcessInfo.processInfo.environment["TERN_LARGE_FILES"] != nil))
  func fiveGigabytes() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("large-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let keeps = ProcessInfo.processInfo.environment["TERN_LARGE_FILES"] == "keep"
    defer { if !keeps { try? FileManager.default.removeItem(at: folder) } }
    let (numbers, path) = (
      folder.appendingPathComponent("numbers").path, folder.appendingPathComponent("large.pt").path
    )
    let count = 5 << 28
    func write(_ path: String, _ body: (FileHandle) throws -> Void) throws {
      #expect(FileManager.default.createFile(atPath: path, contents: nil))
      let file = try #require(FileHandle(forWritingAtPath: path))
      try body(file)
      try file.close()
    }
    func last(_ value: Float) -> [UInt8] { withUnsafeBytes(of: value.bitPattern.littleEndian) { [UInt8]($0) } }
    try write(numbers) { file in
      try file.seek(toOffset: UInt64(4 * count - 4))
      try file.write(contentsOf: last(7))
    }
    let large = StoredArray(
      type: .float32, shape: [5, 1 << 28], stored: SharedBytes(try MappedFile(numbers)), source: "numbers")
    let parts = PyTorchFile.parts([("large", large), ("behind", StoredArray([1, 2, 3] as [Float], shape: [3]))])
    try write(path) { file in
      for part in parts {
        if part.count > 1 << 30 {
          let end = try file.offset() + UInt64(part.count)
          try file.seek(toOffset: end - 4)
          try file.write(contentsOf: last(7))
        } else {
          try file.write(contentsOf: part.array)
        }
      }
    }
    let file = try PyTorchFile(mapping: path)
    #expect(try file.tensor("behind", as: Float.self).scalars == [1, 2, 3])
    let read = try file.array("large")
    #expect(read.shape == [5, 1 << 28] && read.stored.count == 4 * count)
    #expect(read.stored.integer(at: 4 * count - 4, as: UInt32.self) == Float(7).bitPattern)
    #expect(read.stored.integer(at: 4 * (count - 2), as: UInt32.self) == 0)
    if keeps { print(path) }
  }
}
