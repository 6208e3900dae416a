import Foundation

/// An operation of ranks that was started: it goes on while the program computes.
public final class PendingOperation: @unchecked Sendable {
  private let condition = NSCondition()
  private var outcome: Result<Void, CommunicationError>?

  init() {}

  /// One that is over.
  init(_ outcome: Result<Void, CommunicationError>) { self.outcome = outcome }

  /// Whether it is over, well or not.
  public var isDone: Bool { condition.withLock { outcome != nil } }

  /// Waits until it is over; throws what went wrong.
  public func wait() throws(CommunicationError) {
    let outcome = condition.withLock {
      while self.outcome == nil { condition.wait() }
      return self.outcome!
    }
    try outcome.get()
  }

  func finish(_ outcome: Result<Void, CommunicationError>) {
    condition.withLock {
      self.outcome = outcome
      condition.broadcast()
    }
  }
}
