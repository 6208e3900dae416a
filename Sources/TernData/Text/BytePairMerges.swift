/// Pairs of tokens that become one, by their rank: a hash table that is read from any thread.
final class BytePairMerges: @unchecked Sendable {
  // Written by `init` and `insert` only, which is over before the table is shared.
  private var keys: UnsafeMutablePointer<UInt64>
  private var values: UnsafeMutablePointer<UInt64>
  private let capacity: Int
  private let shift: UInt64

  /// What a pair has that is not merged.
  static let none = UInt64.max

  /// A table with room for `count` pairs.
  init(count: Int) {
    var bits: UInt64 = 4
    while 1 << bits < count * 2 { bits += 1 }
    capacity = 1 << bits
    shift = 64 - bits
    keys = .allocate(capacity: capacity)
    values = .allocate(capacity: capacity)
    keys.initialize(repeating: .max, count: capacity)
    values.initialize(repeating: BytePairMerges.none, count: capacity)
  }

  deinit {
    keys.deallocate()
    values.deallocate()
  }

  @inline(__always)
  private func slot(_ key: UInt64) -> Int {
    var slot = Int((key &* 0x9E37_79B9_7F4A_7C15) >> shift)
    while keys[slot] != key, keys[slot] != .max { slot = (slot + 1) & (capacity - 1) }
    return slot
  }

  func insert(_ left: Int32, _ right: Int32, rank: Int, id: Int32) {
    let key = UInt64(UInt32(left)) << 32 | UInt64(UInt32(right))
    let slot = slot(key)
    keys[slot] = key
    values[slot] = UInt64(rank) << 32 | UInt64(UInt32(id))
  }

  /// The rank of a pair in the upper half, the token it becomes in the lower; `none` where it is not merged.
  @inline(__always)
  func value(_ left: Int32, _ right: Int32) -> UInt64 {
    values[slot(UInt64(UInt32(left)) << 32 | UInt64(UInt32(right)))]
  }

  /// Merges `symbols`, the pair of the lowest rank first, of equal ones the leftmost.
  func merge(_ symbols: inout [Int32]) {
    if symbols.count > 48 { return mergeLong(&symbols) }
    guard symbols.count > 1 else { return }
    var pairs = [UInt64](repeating: BytePairMerges.none, count: symbols.count)
    let count = symbols.withUnsafeMutableBufferPointer { symbols in
      pairs.withUnsafeMutableBufferPointer { pairs in
        merge(symbols.baseAddress!, pairs.baseAddress!, symbols.count)
      }
    }
    symbols.removeLast(symbols.count - count)
  }

  /// Merges `count` symbols, at least two, in their place; `pairs` has room for as many. The result is how many remain.
  private func merge(
    _ symbols: UnsafeMutablePointer<Int32>, _ pairs: UnsafeMutablePointer<UInt64>, _ all: Int
  ) -> Int {
    var count = all
    for place in 0..<count - 1 { pairs[place] = value(symbols[place], symbols[place + 1]) }
    while count > 1 {
      var (best, place) = (BytePairMerges.none, 0)
      for index in 0..<count - 1 where pairs[index] < best { (best, place) = (pairs[index], index) }
      if best == BytePairMerges.none { break }
      symbols[place] = Int32(truncatingIfNeeded: best)
      count -= 1
      var index = place + 1
      while index < count {
        symbols[index] = symbols[index + 1]
        pairs[index - 1] = pairs[index]
        index += 1
      }
      if place + 1 < count { pairs[place] = value(symbols[place], symbols[place + 1]) }
      if place > 0 { pairs[place - 1] = value(symbols[place - 1], symbols[place]) }
    }
    return count
  }

  /// The same for many symbols in O(n log n): a list with links and a heap of pairs.
  private func mergeLong(_ symbols: inout [Int32]) {
    let end = symbols.count
    var next = Array(1...end)
    var previous = Array(-1..<end - 1)
    var heap = MinimumHeap<UInt64>()
    func push(_ left: Int) {
      guard left >= 0, next[left] < end else { return }
      let value = value(symbols[left], symbols[next[left]])
      if value != BytePairMerges.none { heap.push((value & 0xFFFF_FFFF_0000_0000) | UInt64(left)) }
    }
    for place in 0..<end - 1 { push(place) }
    while let best = heap.pop() {
      let left = Int(best & 0xFFFF_FFFF)
      guard symbols[left] >= 0, next[left] < end else { continue }
      let right = next[left]
      let value = value(symbols[left], symbols[right])
      // The pair that was pushed may be another by now.
      guard value != BytePairMerges.none, value >> 32 == best >> 32 else { continue }
      symbols[left] = Int32(truncatingIfNeeded: value)
      symbols[right] = -1
      next[left] = next[right]
      if next[left] < end { previous[next[left]] = left }
      push(previous[left])
      push(left)
    }
    symbols.removeAll { $0 < 0 }
  }
}

/// Values of which the least is taken first.
struct MinimumHeap<Item: Comparable> {
  private var items: [Item] = []

  mutating func push(_ item: Item) {
    items.append(item)
    var child = items.count - 1
    while child > 0, items[(child - 1) / 2] > items[child] {
      items.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func pop() -> Item? {
    guard let first = items.first else { return nil }
    let last = items.removeLast()
    guard !items.isEmpty else { return first }
    items[0] = last
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < items.count && items[child] < items[least] {
        least = child
      }
      if least == parent { return first }
      items.swapAt(parent, least)
      parent = least
    }
  }
}
