import Foundation
import Testing

@testable import TernData

/// The contents of a file of `Fixtures`.
func fixture(_ name: String) throws -> [UInt8] { try FileIO.read(fixturePath(name)) }

func fixturePath(_ name: String) -> String {
  URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/\(name)").path
}

/// A folder of data sets: below `TERN_SHARED`, else below `shared` beside the package; `nil` where it is not there.
func sharedFolder(_ name: String) -> String? {
  let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..")
  let shared = ProcessInfo.processInfo.environment["TERN_SHARED"].map { URL(fileURLWithPath: $0) }
  let folder = (shared ?? package.appendingPathComponent("../shared")).standardizedFileURL.appendingPathComponent(name)
  return FileIO.isFolder(folder.path) ? folder.path : nil
}

/// Calls `body` with an empty folder that is gone afterwards.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tern-\(UUID().uuidString)").path
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try body(folder)
}

/// Expects `body` to throw a `DataError` of `kind` whose line contains each of `words`.
func expectError(
  _ kind: DataError.Kind, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Void
) {
  do {
    try body()
    Issue.record("nothing was thrown; expected \(kind): \(words)", sourceLocation: sourceLocation)
  } catch let error as DataError {
    #expect(error.kind == kind, "\(error)", sourceLocation: sourceLocation)
    for word in words where !error.description.contains(word) {
      Issue.record("\"\(error)\" does not say \"\(word)\"", sourceLocation: sourceLocation)
    }
  } catch {
    Issue.record("\(error) was thrown", sourceLocation: sourceLocation)
  }
}

/// `value` in bytes, least significant first.
func bytes(_ value: UInt64, _ count: Int = 8) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
}

/// What a process that was stopped wrote to standard error.
func lastWords(_ result: ExitTest.Result?) -> String {
  String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
}
