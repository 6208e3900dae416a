import Foundation
import Testing

@testable import TernData

/// Mutated and random bytes into every reader: a thrown error or an array that fits its shape, never a trap.
///
/// `TERN_FUZZ` multiplies the number of attempts.
@Suite("Hostile bytes")
struct FuzzTests {
  private static let factor = ProcessInfo.processInfo.environment["TERN_FUZZ"].flatMap { Int($0) } ?? 1

  /// SplitMix64: the same attempts every time.
  private struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }

  /// `seed` with some bytes changed, removed, repeated or inserted: half of the time where the header is.
  private func mutated(_ seed: [UInt8], with words: [String], _ generator: inout Generator) -> [UInt8] {
    var bytes = seed
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      guard !bytes.isEmpty else { break }
      let end = Bool.random(using: &generator) ? min(bytes.count, 256) : bytes.count
      let place = Int.random(in: 0..<end, using: &generator)
      switch Int.random(in: 0..<8, using: &generator) {
      case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 1: bytes[place] = UInt8.random(in: 0...255, using: &generator)
      case 2: bytes.removeLast(bytes.count - place)
      case 3: bytes.remove(at: place)
      case 4: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
      case 5: bytes.insert(contentsOf: bytes[place..<min(place + 9, bytes.count)], at: place)
      case 6: bytes[place] = [0, 1, 0x7F, 0x80, 0xFF, 0x30, 0x39, 0x2D].randomElement(using: &generator)!
      default:
        let word = Array((words.randomElement(using: &generator) ?? "").utf8)
        bytes.replaceSubrange(place..<min(place + word.count, bytes.count), with: word)
      }
    }
    return bytes
  }

  /// Reads mutations of `seeds` and random bytes; the reader's arrays are converted as far as they can be.
  private func attack(
    _ seeds: [[UInt8]], words: [String] = [], attempts: Int = 4000, _ read: ([UInt8]) throws -> [StoredArray]
  ) {
    var generator = Generator(state: 42)
    var (answers, errors) = (0, 0)
    for attempt in 0..<attempts * Self.factor {
      var bytes: [UInt8]
      if attempt % 10 == 9 {
        let count = Int.random(in: 0..<200, using: &generator)
        let prefix = seeds[attempt % seeds.count].prefix(Int.random(in: 0...12, using: &generator))
        bytes = prefix + (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
      } else {
        bytes = mutated(seeds[attempt % seeds.count], with: words, &generator)
      }
      do {
        for array in try read(bytes) {
          #expect(array.type.byteCount(of: array.shape) == array.bytes.count)
          switch array.type {
          case .float16, .bfloat16, .float32, .float64: _ = try array.doubles()
          case .bool: _ = try? array.bools()
          default: _ = try? array.ints()
          }
        }
        answers += 1
      } catch let error as DataError {
        #expect(!error.description.isEmpty)
        errors += 1
      } catch {
        Issue.record("\(error) is no DataError")
      }
    }
    // Both outcomes have to occur, or the mutations are too tame or too wild to test anything.
    #expect(errors > attempts / 10, "\(errors) errors, \(answers) answers")
  }

  @Test("Gzip")
  func gzip() throws {
    attack([try fixture("members.gz"), Gzip.archive(Array("some text, some more text".utf8))]) { bytes in
      _ = try Gzip.contents(of: bytes, file: "x", limit: 1 << 20)
      return []
    }
  }

  @Test("JSON")
  func json() {
    let text = #"{"a": [1, -2.5e3, true, null], "b": {"c": "d\u00e9\n", "e": []}, "f": "\ud83d\ude00"}"#
    attack([Array(text.utf8)], words: ["{", "[[", "\"", "\\u", "1e9", "\"a\":"]) { bytes in
      _ = try JSON(parsing: bytes, file: "x")
      return []
    }
  }

  @Test("Safetensors")
  func safetensors() throws {
    let words = [
      "[0,", "-1", "99999999999999999999", "9223372036854775807", "\"F64\"", "\"BOOL\"", "{}", "[[", "]", "00",
    ]
    attack([try fixture("torch.safetensors")], words: words) { bytes in
      let file = try SafetensorsFile(bytes: bytes)
      return file.entries.map { file[$0] }
    }
  }

  @Test("npy")
  func npy() throws {
    let names = ["f8", "f4_fortran", "v2", "v3", "b1", "i8_empty", "u1_scalar"]
    let words = ["True", "False", "(0,", "-1", "99999999999999999999", "4611686018427387904", "<f2", "|b1", "L", "'"]
    attack(try names.map { try fixture($0 + ".npy") }, words: words) { [try NPYFile.array(from: $0)] }
  }

  @Test("IDX, CIFAR-10")
  func datasets() {
    let image: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8]
    let double: [UInt8] = [0, 0, 0x0E, 1, 0, 0, 0, 1, 0x3F, 0xF0, 0, 0, 0, 0, 0, 0]
    attack([image, double]) { [try IDXFile.array(from: $0)] }
    attack([[UInt8](repeating: 3, count: 3073 * 2)], attempts: 300) { bytes in
      var (pixels, labels): ([UInt8], [UInt8]) = ([], [])
      try CIFAR10.append(bytes, file: "x", to: &pixels, &labels)
      #expect(pixels.count == labels.count * 3072)
      return []
    }
  }
}
