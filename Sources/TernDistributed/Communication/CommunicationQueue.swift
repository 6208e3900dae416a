import Foundation

/// Runs a rank's operations one after the other, on a thread of its own.
final class CommunicationQueue: @unchecked Sendable {
  private let condition = NSCondition()
  private var jobs: [(PendingOperation, () throws(CommunicationError) -> Void)] = []
  private var isBusy = false
  private var isClosed = false
  private var hasThread = false
  private let name: String

  init(name: String) { self.name = name }

  /// Queues a job; the thread starts with the first.
  func start(_ job: @escaping @Sendable () throws(CommunicationError) -> Void) -> PendingOperation {
    let pending = PendingOperation()
    condition.withLock {
      jobs.append((pending, job))
      if !hasThread {
        hasThread = true
        let thread = Thread { [self] in work() }
        thread.name = name
        thread.start()
      }
      condition.signal()
    }
    return pending
  }

  /// Whether nothing is queued and nothing runs.
  var isIdle: Bool { condition.withLock { jobs.isEmpty && !isBusy } }

  /// Lets the thread end once the jobs are done.
  func close() {
    condition.withLock {
      isClosed = true
      condition.signal()
    }
  }

  private func work() {
    while true {
      condition.lock()
      isBusy = false
      while jobs.isEmpty, !isClosed { condition.wait() }
      if jobs.isEmpty { return condition.unlock() }
      let (pending, job) = jobs.removeFirst()
      isBusy = true
      condition.unlock()
      pending.finish(Result { () throws(CommunicationError) in try job() })
    }
  }
}
