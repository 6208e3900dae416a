import Synchronization

/// Values that depend on arguments alone, kept from call to call for all threads; where there are too many all are forgotten.
final class RecentValues<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private let limit: Int
  private let values = Mutex<[Key: Value]>([:])

  /// - Parameter limit: the most that are kept.
  init(limit: Int) { self.limit = limit }

  /// The value of a key, which `make` computes where it is not known.
  func value(for key: Key, _ make: () -> Value) -> Value {
    if let known = values.withLock({ $0[key] }) { return known }
    let value = make()
    values.withLock {
      if $0.count >= limit { $0.removeAll() }
      $0[key] = value
    }
    return value
  }
}
