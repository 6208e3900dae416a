import Foundation

/// SplitMix64: the same numbers every time.
package struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  package init(state: UInt64) { self.state = state }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// Whether many more attempts are asked for, by `TERN_FULL=1`.
package let isFullRun = ProcessInfo.processInfo.environment["TERN_FULL"] == "1"

/// Hostile bytes for a reader: sound files with some bytes changed, and random ones; the same every time.
package struct Mutations {
  /// How many each reader is given: 2,000, and 100,000 where the environment has `TERN_FULL=1`.
  package static let count = isFullRun ? 100_000 : 2000

  private let seeds: [[UInt8]]
  private let words: [[UInt8]]
  private var generator = SplitMix(state: 42)
  private var attempt = 0

  /// Mutations of `seeds`, into which `words` are put, too.
  package init(of seeds: [[UInt8]], with words: [String] = []) {
    self.seeds = seeds
    self.words = words.map { Array($0.utf8) }
  }

  /// Every tenth time random bytes behind the beginning of a seed, else a mutation of one.
  package mutating func next() -> [UInt8] {
    defer { attempt += 1 }
    let seed = seeds[attempt % seeds.count]
    guard attempt % 10 == 9 else { return mutated(seed) }
    let count = Int.random(in: 0..<200, using: &generator)
    let prefix = seed.prefix(Int.random(in: 0...12, using: &generator))
    return prefix + (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
  }

  /// `seed` with some bytes changed, removed, repeated or inserted: half of the time where the header is.
  private mutating func mutated(_ seed: [UInt8]) -> [UInt8] {
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
        let word = words.randomElement(using: &generator) ?? []
        bytes.replaceSubrange(place..<min(place + word.count, bytes.count), with: word)
      }
    }
    return bytes
  }
}
