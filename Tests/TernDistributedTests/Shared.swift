import Synchronization

@testable import TernDistributed

/// Counts across threads.
final class Counter: Sendable {
  private let count = Mutex(0)
  var value: Int { count.withLock { $0 } }
  func add() { count.withLock { $0 += 1 } }
}

/// Lines that were written, across threads.
final class Lines: Sendable {
  private let lines = Mutex<[String]>([])
  var values: [String] { lines.withLock { $0 } }
  func add(_ line: String) { lines.withLock { $0.append(line) } }
}
