/// The fixed binary tree along which what the shards of a step gave is added, and which rank computes which of them.
///
/// A subtree of an even number of shards is the sum of its two halves, one of an odd number that of the largest power of two
/// below it and the others: with S = 2ʲ·m shards, P = 1, 2, 4, … 2ʲ ranks add the same pairs, and so have the same bits.
struct ShardTree: Sendable, Equatable {
  /// How many shards a step has.
  let shards: Int
  /// How many ranks compute them.
  let ranks: Int

  /// The shards that a rank computes: contiguous, and as many as others have, or one more or less.
  func shards(of rank: Int) -> Range<Int> { split(shards, into: ranks, rank) }

  /// The samples of a shard, of `count` in order.
  func samples(of shard: Int, count: Int) -> Range<Int> { split(count, into: shards, shard) }

  private func split(_ count: Int, into parts: Int, _ part: Int) -> Range<Int> {
    // The product may leave the range of Int.
    func start(_ part: Int) -> Int {
      let (quotient, remainder) = count.quotientAndRemainder(dividingBy: parts)
      return quotient * part + remainder * part / parts
    }
    return start(part)..<start(part + 1)
  }

  /// Whether every rank computes one subtree, and the ranks are its leaves in a perfect tree.
  var isAligned: Bool { ranks & (ranks - 1) == 0 && shards % ranks == 0 }

  /// The two subtrees of one of more than one shard.
  static func halves(_ subtree: Range<Int>) -> (Range<Int>, Range<Int>) {
    var left = 1
    if subtree.count % 2 == 0 { left = subtree.count / 2 } else { while left * 2 < subtree.count { left *= 2 } }
    let middle = subtree.lowerBound + left
    return (subtree.lowerBound..<middle, middle..<subtree.upperBound)
  }

  /// The largest subtrees whose shards are all among `owned`, from left to right.
  func subtrees(within owned: Range<Int>) -> [Range<Int>] {
    func largest(_ subtree: Range<Int>) -> [Range<Int>] {
      if !subtree.overlaps(owned) { return [] }
      if owned.contains(subtree.lowerBound) && subtree.upperBound <= owned.upperBound { return [subtree] }
      let (left, right) = Self.halves(subtree)
      return largest(left) + largest(right)
    }
    return largest(0..<shards)
  }

  /// The sum over a subtree; shards are computed in their order, and at most as many sums wait as the tree is deep.
  static func sum<Value>(
    _ subtree: Range<Int>, _ shard: (Int) throws -> Value, _ add: (inout Value, consuming Value) throws -> Void
  ) rethrows -> Value {
    var waiting: [Value] = []
    return try sum(subtree, &waiting, { index, _ in try shard(index) }, add)
  }

  /// The sum over a subtree, where a shard sees the sums of the subtrees on its left that wait for it, the largest first.
  static func sum<Value>(
    _ subtree: Range<Int>, _ waiting: inout [Value], _ shard: (Int, inout [Value]) throws -> Value,
    _ add: (inout Value, consuming Value) throws -> Void
  ) rethrows -> Value {
    if subtree.count == 1 { return try shard(subtree.lowerBound, &waiting) }
    let (left, right) = halves(subtree)
    try waiting.append(sum(left, &waiting, shard, add))
    let added = try sum(right, &waiting, shard, add)
    var result = waiting.removeLast()
    try add(&result, added)
    return result
  }
}
