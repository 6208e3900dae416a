import Foundation
import TernData
import Testing

@testable import TernVision

func fixturePath(_ name: String) -> String {
  URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/\(name)").path
}

/// Calls `body` with an empty folder that is gone afterwards.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tern-\(UUID().uuidString)").path
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try body(folder)
}

/// What Pillow or torchvision have, by name.
struct ReferencePictures {
  let file: NPZFile

  init(_ name: String) throws { file = try NPZFile(contentsOf: fixturePath(name)) }

  var names: [String] { file.names }

  /// The array [H, W, C] or [H, W], as numbers.
  func values(_ name: String) throws -> (shape: [Int], values: [Int]) {
    let array = try file.array(name)
    return (array.shape.count == 2 ? array.shape + [1] : array.shape, try array.ints())
  }

  func image(_ name: String) throws -> Image {
    let (shape, values) = try values(name)
    return Image(
      height: shape[0], width: shape[1], format: try #require(Image.Format(rawValue: shape[2])),
      bytes: values.map { UInt8($0) })
  }
}

extension Image {
  /// The values as numbers, pixel by pixel.
  var numbers: [Int] { bitDepth == 8 ? bytes.map { Int($0) } : words.map { Int($0) } }

  /// How far the values are from others at most; `nil` for another size.
  func distance(to other: (shape: [Int], values: [Int])) -> Int? {
    guard other.shape == [height, width, channels] else { return nil }
    return zip(numbers, other.values).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }

  /// How many values are another.
  func differences(from other: (shape: [Int], values: [Int])) -> Int {
    zip(numbers, other.values).count { $0 != $1 }
  }
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
    Issue.record("\(error) is no DataError", sourceLocation: sourceLocation)
  }
}
