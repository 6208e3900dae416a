import Testing

@testable import TernDistributed

@Suite("Sums with the same bits")
struct ReductionTests {
  /// Values whose sum depends on the order.
  private static func values(shard: Int, _ count: Int) -> [Float] {
    var state = UInt32(truncatingIfNeeded: shard &* 2_654_435_761 &+ 12345)
    return (0..<count).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      let magnitude = Float(1 << (state >> 28))
      return (Float(state >> 8) / Float(1 << 24) - 0.5) * magnitude
    }
  }

  /// What one process makes of the shards: the sum of the halves, down to an odd number, which a binary counter adds.
  private static func sum(_ shards: Range<Int>, _ count: Int) -> [Float] {
    func plus(_ a: [Float], _ b: [Float]) -> [Float] { zip(a, b).map { $0 + $1 } }
    if shards.count == 1 { return values(shard: shards.lowerBound, count) }
    // The largest power of two below an odd number, else half.
    let odd = shards.count % 2 == 1
    let left = odd ? 1 << (Int.bitWidth - 1 - shards.count.leadingZeroBitCount) : shards.count / 2
    let middle = shards.lowerBound + left
    return plus(
      odd ? counter(shards.lowerBound..<middle, count) : sum(shards.lowerBound..<middle, count),
      odd ? counter(middle..<shards.upperBound, count) : sum(middle..<shards.upperBound, count))
  }

  private static func counter(_ shards: Range<Int>, _ count: Int) -> [Float] {
    if shards.count == 1 { return values(shard: shards.lowerBound, count) }
    var left = 1 << (Int.bitWidth - 1 - shards.count.leadingZeroBitCount)
    if left == shards.count { left /= 2 }
    let middle = shards.lowerBound + left
    return zip(counter(shards.lowerBound..<middle, count), counter(middle..<shards.upperBound, count)).map { $0 + $1 }
  }

  @Test(
    "Any number of ranks gives the bits of one process",
    arguments: [
      (8, 1), (8, 2), (8, 4), (8, 8), (4, 2), (6, 2), (12, 4), (24, 8), (16, 16), (3, 3), (6, 6), (7, 7), (12, 12),
    ], [1, 3, 100, 40_001])
  func ranks(_ job: (shards: Int, ranks: Int), count: Int) throws {
    let expected = Self.sum(0..<job.shards, count).map(\.bitPattern)
    let share = job.shards / job.ranks
    let results = try ThreadGroup(job.ranks).run { communicator in
      var sum = Self.sum(communicator.rank * share..<(communicator.rank + 1) * share, count)
      try communicator.sum(&sum)
      return sum.map(\.bitPattern)
    }
    #expect(results.allSatisfy { $0 == expected })
  }

  @Test("A sum of NaNs has the same bits on all ranks")
  func payloads() throws {
    let results = try ThreadGroup(4).run { communicator in
      var values = [Float](repeating: Float(nan: UInt32(communicator.rank + 1), signaling: false), count: 9000)
      try communicator.sum(&values)
      return values.map(\.bitPattern)
    }
    #expect(results.allSatisfy { $0 == results[0] })
  }
}
