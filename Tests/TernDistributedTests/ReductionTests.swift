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

  private static func localSum(_ shards: Range<Int>, _ count: Int) -> [Float] {
    var sum = ShardSum<[Float]>(count: shards.count) { a, b in for i in a.indices { a[i] += b[i] } }
    for shard in shards { sum.add(values(shard: shard, count)) }
    return sum.take() ?? []
  }

  @Test("Shards on one process are added along the tree", arguments: [1, 2, 3, 4, 5, 6, 7, 8, 12, 13, 24])
  func local(shards: Int) {
    let expected = Self.sum(0..<shards, 100)
    #expect(Self.localSum(0..<shards, 100) == expected)
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
      var sum = Self.localSum(communicator.rank * share..<(communicator.rank + 1) * share, count)
      try communicator.sum(&sum)
      return sum.map(\.bitPattern)
    }
    #expect(results.allSatisfy { $0 == expected })
  }

  @Test("Shards that are threads of several processes give the same bits", arguments: [(2, 2), (4, 2), (1, 4), (2, 3)])
  func shardGroups(ranks: Int, shards: Int) throws {
    let expected = Self.sum(0..<ranks * shards, 500).map(\.bitPattern)
    let results = try ThreadGroup(ranks).run { outer in
      try ShardGroup(outer, shards: shards).run { shard in
        var sum = Self.values(shard: shard.rank, 500)
        try shard.sum(&sum)
        let numbers = try shard.allGather([shard.rank])
        var word = [shard.rank]
        try shard.broadcast(&word, from: shard.count - 1)
        try shard.barrier()
        return sum.map(\.bitPattern) == expected && numbers == (0..<shard.count).map { [$0] }
          && word == [shard.count - 1] && shard.count == ranks * shards
      }
    }
    let areRight = results.flatMap { $0 }
    #expect(areRight == [Bool](repeating: true, count: ranks * shards))
  }

  @Test("A shard that throws ends the shards of all processes")
  func throwingShard() {
    struct Refused: Error {}
    #expect(throws: Refused.self) {
      try ThreadGroup(2).run { outer in
        try ShardGroup(outer, shards: 2).run { shard in
          if shard.rank == 3 { throw Refused() }
          _ = try shard.sum(1)
        }
      }
    }
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

  @Test("Buckets hold as much as fits, the first one less")
  func buckets() {
    let plan = BucketPlan(byteCounts: [400, 700, 900, 100, 5000, 1], limit: 2000, first: 1000)
    #expect(plan.buckets == [0..<1, 1..<4, 4..<5, 5..<6])
    #expect(BucketPlan(byteCounts: []).buckets.isEmpty)
    let whole = BucketPlan(byteCounts: [Int](repeating: 1 << 20, count: 60))
    #expect(whole.buckets == [0..<1, 1..<26, 26..<51, 51..<60])
  }
}
