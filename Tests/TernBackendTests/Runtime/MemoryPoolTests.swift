import Foundation
import TernBackend
import Testing

@Suite(.serialized) struct MemoryPoolTests {
  static let sizes =
    [0, 1, 63, 64, 65, 511, 512, 513, 640, 641, 1000, 4096, 4097, 100_000, 2 << 20, (2 << 20) + 1, 20_000_000]

  @Test func blocksAreAlignedApartAndWritable() {
    var blocks: [(UnsafeMutableRawPointer, Int)] = []
    for round in 0..<3 {
      for size in Self.sizes {
        let block = MemoryPool.allocate(byteCount: size)
        #expect(Int(bitPattern: block) % 64 == 0, "\(size)")
        memset(block, Int32(round + 1), size)
        blocks.append((block, size))
      }
    }
    let sorted = blocks.sorted { $0.0 < $1.0 }
    for (a, b) in zip(sorted, sorted.dropFirst()) { #expect(a.0 + a.1 <= b.0) }
    for (index, (block, size)) in blocks.enumerated() where size > 0 {
      let expected = UInt8(index / Self.sizes.count + 1)
      #expect(block.load(as: UInt8.self) == expected)
      #expect((block + size - 1).load(as: UInt8.self) == expected)
      MemoryPool.release(block, byteCount: size)
    }
    for (block, size) in blocks where size == 0 { MemoryPool.release(block, byteCount: 0) }
  }

  @Test(.disabled(if: isAddressSanitizerActive)) func releasedBlocksAreUsedAgain() {
    for size in [100, 5000, 3_000_000] {
      let first = MemoryPool.allocate(byteCount: size)
      MemoryPool.release(first, byteCount: size)
      let second = MemoryPool.allocate(byteCount: size - 1)
      #expect(first == second, "\(size)")
      MemoryPool.release(second, byteCount: size - 1)
    }
  }

  // What counts or bounds the whole pool runs in a process of its own: other tests allocate meanwhile.

  @Test(.disabled(if: isAddressSanitizerActive)) func theStatisticsCount() async {
    await #expect(processExitsWith: .success) {
      let before = MemoryPool.statistics
      let block = MemoryPool.allocate(byteCount: 10_000_000)
      let added = MemoryPool.statistics.bytesInUse - before.bytesInUse
      expectAlone(added >= 10_000_000 && added < 12_600_000, added)
      MemoryPool.release(block, byteCount: 10_000_000)
      let kept = MemoryPool.statistics.bytesCached
      MemoryPool.trim()
      let left = MemoryPool.statistics.bytesCached
      expectAlone(kept >= 10_000_000 && left < 10_000_000, kept, left)
    }
  }

  @Test(.disabled(if: isAddressSanitizerActive)) func theCacheIsBounded() async {
    await #expect(processExitsWith: .success) {
      MemoryPool.limit = 1 << 20
      let blocks = (0..<8).map { _ in MemoryPool.allocate(byteCount: 600_000) }
      for block in blocks { MemoryPool.release(block, byteCount: 600_000) }
      expectAlone(MemoryPool.statistics.bytesCached <= (1 << 20) + (1 << 19), MemoryPool.statistics.bytesCached)
    }
  }

  @Test(.disabled(if: isAddressSanitizerActive)) func sizesNoLongerAskedForMakeRoom() async {
    await #expect(processExitsWith: .success) {
      MemoryPool.trim()
      MemoryPool.limit = 64 << 20
      func round(_ size: Int) {
        let blocks = (0..<10).map { _ in MemoryPool.allocate(byteCount: size) }
        for block in blocks { MemoryPool.release(block, byteCount: size) }
      }
      round(6_000_000)
      round(5_000_000)
      let before = MemoryPool.statistics.misses
      round(5_000_000)
      expectAlone(MemoryPool.statistics.misses - before < 5, MemoryPool.statistics.misses - before)
    }
  }

  @Test func blocksMayBeReleasedOnOtherThreads() {
    for _ in 0..<20 {
      nonisolated(unsafe) let blocks = (0..<500).map { MemoryPool.allocate(byteCount: 64 * ($0 % 50)) }
      let thread = Thread {
        for (i, block) in blocks.enumerated() { MemoryPool.release(block, byteCount: 64 * (i % 50)) }
      }
      thread.start()
      while !thread.isFinished { usleep(200) }
    }
  }

  @Test func moreThanTheMachineHasStopsWithItsSize() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = MemoryPool.allocate(byteCount: 1 << 60)
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("memory: a tensor of 1152921504606846976 bytes"))
  }

  @Test func moreThanIsAllowedStopsWithItsSize() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      MemoryPool.maximumBytes = 100 << 20
      let first = MemoryPool.allocate(byteCount: 60 << 20)
      _ = MemoryPool.allocate(byteCount: 60 << 20, for: "a tensor [60, 1048576] of uint8")
      MemoryPool.release(first, byteCount: 60 << 20)
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("memory: a tensor [60, 1048576] of uint8 of 62914560 bytes (60 MB) is more than"))
    #expect(message.contains("of 100 MB are in use"))
  }
}

/// Ends a test's own process with what was seen, unless it is right.
private func expectAlone(_ isRight: Bool, _ seen: Int...) {
  if !isRight { fail("MemoryPool.statistics", "\(seen)") }
}
