import Foundation
import Synchronization
import TernBackend
import Testing

private final class Counter: Sendable {
  private let value = Atomic<Int>(0)
  func add() { value.wrappingAdd(1, ordering: .relaxed) }
  var total: Int { value.load(ordering: .relaxed) }
}

@Suite(.serialized) struct WorkersTests {
  @Test func everyChunkRunsOnce() {
    let before = Workers.count
    defer { Workers.count = before }
    for threads in [1, 2, 3, 5] {
      Workers.count = threads
      for chunks in [0, 1, 2, 3, 7, 64, 1000] {
        let counts = UnsafeMutablePointer<Int>.allocate(capacity: chunks + 1)
        counts.initialize(repeating: 0, count: chunks + 1)
        defer { counts.deallocate() }
        for _ in 0..<20 { Workers.run(chunks: chunks) { counts[$0] += 1 } }
        #expect((0..<chunks).allSatisfy { counts[$0] == 20 }, "\(threads) threads, \(chunks) chunks")
      }
    }
  }

  @Test func rangesCoverTheWholeAndDependOnSizeAlone() {
    let before = Workers.count
    defer { Workers.count = before }
    var splits: [Set<Range<Int>>] = []
    for threads in [1, 4] {
      Workers.count = threads
      let found = Mutex<Set<Range<Int>>>([])
      Workers.run(count: 1003, grain: 100) { range in _ = found.withLock { $0.insert(range) } }
      splits.append(found.withLock { $0 })
    }
    #expect(splits[0] == splits[1])
    #expect(splits[0].map(\.count).reduce(0, +) == 1003)
    // Eleven ranges of a hundred would leave one thread more to do than the other.
    #expect(splits[0].count == 12)
    #expect(splits[0].allSatisfy { $0.count == 84 || $0 == 924..<1003 })
  }

  @Test func workInsideWorkRunsInline() {
    let counter = Counter()
    Workers.run(chunks: 16) { _ in
      Workers.run(chunks: 16) { _ in counter.add() }
    }
    #expect(counter.total == 256)
  }

  @Test func severalThreadsMayCallWhileTheCountChanges() async {
    let before = Workers.count
    let counter = Counter()
    await withTaskGroup { group in
      for caller in 0..<6 {
        group.addTask {
          for round in 0..<300 {
            if caller == 0 { Workers.count = 1 + round % 4 }
            Workers.run(chunks: 9) { _ in counter.add() }
          }
        }
      }
    }
    Workers.count = before
    #expect(counter.total == 6 * 300 * 9)
  }

  @Test func sleepingWorkersWakeUp() {
    for _ in 0..<20 {
      usleep(3000)
      let counter = Counter()
      Workers.run(chunks: 8) { _ in counter.add() }
      #expect(counter.total == 8)
    }
  }
}
