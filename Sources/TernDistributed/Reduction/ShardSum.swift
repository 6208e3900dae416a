/// Adds values that come one after the other along one binary tree over their numbers, whoever has which: the sum of
/// n = 2ᶜ·m shards (m odd) is that of the two halves down to m, and m shards are added as a binary counter carries.
///
/// P ranks, P a power of two that divides n (or n itself), add their n/P shards so, and ``Communicator/sum(_:name:)`` goes on
/// along the same tree: the bits do not depend on P. At most log₂ n + 2 values are alive.
package struct ShardSum<Value> {
  private let merge: (inout Value, Value) -> Void
  /// m: how many shards a group has that is no more halved.
  private let groupCount: Int
  private var group: [(size: Int, value: Value)] = []
  private var groups: [(size: Int, value: Value)] = []
  private var received = 0
  private let count: Int

  /// A sum of `count` values; `merge` adds the second to the first.
  package init(count: Int, merge: @escaping (inout Value, Value) -> Void) {
    (self.count, self.merge) = (count, merge)
    groupCount = count > 0 ? count >> count.trailingZeroBitCount : 1
  }

  /// Adds the next value.
  package mutating func add(_ value: Value) {
    received += 1
    push(value, to: \.group)
    guard received % groupCount == 0 else { return }
    let sum = fold(&group)
    if let sum { push(sum, to: \.groups) }
  }

  /// The sum, nil of nothing; nothing is kept.
  package mutating func take() -> Value? {
    if let sum = fold(&group) { push(sum, to: \.groups) }
    received = 0
    return fold(&groups)
  }

  /// As a binary counter carries: two of one size become one of twice the size.
  private mutating func push(_ value: Value, to stack: WritableKeyPath<Self, [(size: Int, value: Value)]>) {
    var (size, value) = (1, value)
    while let last = self[keyPath: stack].last, last.size == size {
      self[keyPath: stack].removeLast()
      var sum = last.value
      merge(&sum, value)
      (size, value) = (2 * size, sum)
    }
    self[keyPath: stack].append((size, value))
  }

  /// What is left, the last ones first.
  private func fold(_ stack: inout [(size: Int, value: Value)]) -> Value? {
    guard var (_, sum) = stack.popLast() else { return nil }
    while var (_, value) = stack.popLast() {
      merge(&value, sum)
      sum = value
    }
    return sum
  }
}
