import Foundation
import Testing

@testable import TernDistributed

/// An error of a test's own.
private struct Refused: Error, CustomStringConvertible { let description = "refused" }

@Suite("Ranks that are threads")
struct ThreadGroupTests {
  @Test("Sums, gatherings and broadcasts hold for any number of ranks", arguments: [1, 2, 3, 4, 5, 7, 8, 16])
  func collectives(count: Int) throws {
    let results = try ThreadGroup(count).run { communicator in
      let rank = communicator.rank
      var doubles = (0..<5000).map { Double($0 * (rank + 1)) }
      try communicator.sum(&doubles)
      let total = count * (count + 1) / 2
      let isRight = doubles.indices.allSatisfy { doubles[$0] == Double($0 * total) }
      let floats = try communicator.sum(Float(rank))
      let integers = try communicator.sum(rank + 1)
      let gathered = try communicator.allGather([Int](repeating: rank, count: rank))
      var word = Array("rank \(100 + rank)".utf8)
      try communicator.broadcast(&word, from: count - 1)
      let bytes = try communicator.broadcast(bytes: rank == 0 ? [7, 8, 9] : [1])
      let peer = rank ^ 1
      let given = peer < count ? try communicator.exchange([Double](repeating: 1, count: rank), with: peer).count : peer
      try communicator.barrier()
      return isRight && floats == Float(count * (count - 1) / 2) && integers == total
        && gathered == (0..<count).map { [Int](repeating: $0, count: $0) }
        && word == Array("rank \(99 + count)".utf8) && bytes == [7, 8, 9] && given == peer
    }
    #expect(results == [Bool](repeating: true, count: count))
  }

  @Test("Operations that were started run in order while the rank computes")
  func started() throws {
    let results = try ThreadGroup(4).run { communicator in
      let memory = UnsafeMutableBufferPointer<Float>.allocate(capacity: 30_000)
      defer { memory.deallocate() }
      memory.initialize(repeating: Float(communicator.rank))
      let halves = [memory.extracting(..<10_000), memory.extracting(10_000...)]
      let pending = halves.enumerated().map { communicator.startSum($1, name: "bucket \($0)") }
      let last = try communicator.sum(1)
      let areDone = pending.allSatisfy(\.isDone)
      for operation in pending { try operation.wait() }
      return areDone && last == 4 && memory.allSatisfy { $0 == 6 }
    }
    #expect(results == [true, true, true, true])
  }

  @Test("A rank that throws wakes the others, and its error is the group's")
  func throwing() {
    let others = Counter()
    #expect(throws: Refused.self) {
      try ThreadGroup(3).run { communicator in
        if communicator.rank == 1 { throw Refused() }
        do {
          _ = try communicator.sum(1)
        } catch {
          #expect(error as? CommunicationError == .failed(rank: 1, reason: "refused"))
          let again = Result { try communicator.barrier() }
          if case .failure = again { others.add() }
          throw error
        }
      }
    }
    #expect(others.value == 2)
  }

  @Test("A rank that ends while another waits for it is named")
  func ending() {
    #expect(throws: CommunicationError.ended(rank: 1, waiting: "rank 0 waits in step 7 for a sum from rank 1")) {
      try ThreadGroup(2).run { communicator in
        communicator.step = 7
        if communicator.rank == 0 { _ = try communicator.sum(1) }
      }
    }
  }

  @Test("Ranks that sum different counts are told so")
  func lengths() {
    #expect {
      try ThreadGroup(2).run { communicator in
        var values = [Double](repeating: 1, count: communicator.rank + 1)
        try communicator.sum(&values, name: "bucket 2")
      }
    } throws: { error in
      guard case .disagreement(let message)? = error as? CommunicationError else { return false }
      return message.contains("bytes of bucket 2 where rank")
    }
  }

  @Test("A long wait is reported once, then given up")
  func waiting() {
    let lines = Lines()
    let group = ThreadGroup(2, limits: WaitLimits(report: 0.05, abort: 0.3) { lines.add($0) })
    #expect(throws: CommunicationError.self) {
      try group.run { communicator in
        communicator.step = 120
        if communicator.rank == 0 { return try communicator.barrier(name: "bucket 3 (layer2.0.conv1)") }
        while lines.values.isEmpty { usleep(1000) }
        usleep(600_000)
      }
    }
    #expect(lines.values.count == 1)
    let line = "rank 0 waits in step 120 for bucket 3 (layer2.0.conv1) from rank 1, for "
    #expect(lines.values.first?.hasPrefix(line) == true, "\(lines.values)")
  }

  @Test("One process alone is a job of one rank")
  func alone() throws {
    let communicator = SoleProcess()
    var values = [1.5, 2.5]
    try communicator.sum(&values)
    #expect(values == [1.5, 2.5])
    let gathered = try communicator.allGather([3])
    #expect(gathered == [[3]])
    communicator.abort(Refused())
    #expect(throws: CommunicationError.failed(rank: 0, reason: "refused")) { try communicator.barrier() }
  }
}
