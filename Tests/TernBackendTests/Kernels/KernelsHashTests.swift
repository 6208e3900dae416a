import TernBackend
import Testing

@Suite("Hashes of memory") struct KernelsHashTests {
  private static func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13) }
  }

  private static func hash(_ bytes: [UInt8], seed: UInt64 = 1) -> UInt64 {
    bytes.withUnsafeBytes { MemoryHash.value($0, seed: seed) }
  }

  private static func sample(_ values: [Float], key: UInt64) -> UInt64 {
    values.withUnsafeBytes {
      MemoryHash.sample($0.baseAddress!, count: values.count, size: 4, blocks: 8, length: 16, key: key, seed: 3)
    }
  }

  // Of the bits themselves: ledgers are compared that other processors wrote.
  @Test("are the same bits on every level")
  func levels() async {
    await #expect(processExitsWith: .success) {
      let values = (0..<5000).map { Float($0) * 0.37 - 900 }
      for level in CPULevel.allCases {
        CPULevel.select(level)
        let found = [0, 1, 63, 64, 65, 1000].map { Self.hash(Self.bytes($0)) } + [Self.sample(values, key: 9)]
        let sum = found.reduce(0) { $0 &* 31 &+ $1 }
        #expect(sum == 0xffb0_92ed_a7da_fc3b, "\(level): \(String(sum, radix: 16))")
      }
    }
  }

  @Test("change with every bit, the length and the seed")
  func bits() {
    for count in [1, 8, 63, 64, 129, 300] {
      var values = Self.bytes(count)
      var seen: Set<UInt64> = [Self.hash(values), Self.hash(values + [0]), Self.hash(values, seed: 2)]
      for bit in 0..<8 * count {
        values[bit / 8] ^= 1 << UInt8(bit % 8)
        seen.insert(Self.hash(values))
        values[bit / 8] ^= 1 << UInt8(bit % 8)
      }
      #expect(seen.count == 8 * count + 3)
    }
  }

  @Test("change with the order of stripes and of words")
  func order() {
    let values = Self.bytes(512)
    var seen: Set<UInt64> = [Self.hash(values)]
    for (size, count) in [(64, 8), (8, 64)] {
      for place in 1..<count {
        var other = values
        for byte in 0..<size { other.swapAt(byte, size * place + byte) }
        seen.insert(Self.hash(other))
      }
    }
    #expect(seen.count == 1 + 7 + 63)
  }

  @Test("of samples see each element for some key, and the same places for one")
  func samples() {
    let values = (0..<300).map { Float($0) }
    for place in [0, 1, 37, 38, 149, 298, 299] {
      var other = values
      other[place] = -1
      let seen = (0..<200).filter { Self.sample(values, key: $0) != Self.sample(other, key: $0) }
      // Of 300 elements 128 are looked at; those at an end of an eighth by few keys.
      #expect(seen.count >= 1 && seen.count < 200, "\(place): \(seen.count)")
    }
    // With as many elements as are looked at each of them counts.
    let all = Array(values.prefix(128))
    for place in all.indices {
      var other = all
      other[place] += 0.5
      #expect(Self.sample(all, key: 5) != Self.sample(other, key: 5))
    }
  }
}
