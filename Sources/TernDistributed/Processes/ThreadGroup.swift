import Foundation
import Synchronization
import TernBackend

/// Ranks that are threads of this process: what `mpirun` would start, for tests and for shards that meet in a layer.
///
/// ```swift
/// let sums = try ThreadGroup(4).run { communicator in
///   try communicator.sum(Double(communicator.rank))
/// }
/// // [6, 6, 6, 6]
/// ```
///
/// The answers have the bits of as many processes. Tensors, models and generators of one rank are its own.
public struct ThreadGroup: Sendable {
  /// How many ranks there are.
  public let count: Int
  let limits: WaitLimits

  /// A group of `count` ranks. Stops below 1 and above 1024.
  public init(_ count: Int, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(1...1024 ~= count, "ThreadGroup", "\(count) ranks; 1 to 1024 can be", file: file, line: line)
    self.init(count, limits: .environment)
  }

  init(_ count: Int, limits: WaitLimits) { (self.count, self.limits) = (count, limits) }

  /// Calls `body` on each rank, on a thread of its own, and returns what it returned, in the order of ranks.
  ///
  /// Throws what a rank threw: those that wait for it get a ``CommunicationError`` and end, too.
  public func run<R: Sendable>(
    _ body: @escaping @Sendable (any Communicator) throws -> R
  ) throws -> [R] {
    let mailbox = ThreadMailbox(count, limits)
    let outcomes = Mutex<[Result<R, any Error>?]>(Array(repeating: nil, count: count))
    let group = DispatchGroup()
    for rank in 0..<count {
      group.enter()
      let thread = Thread {
        let member = ThreadMember(rank, mailbox)
        let outcome = Result { try body(member) }
        if case .failure(let error) = outcome { member.abort(error) }
        member.end()
        outcomes.withLock { $0[rank] = outcome }
        group.leave()
      }
      thread.name = "rank \(rank)"
      thread.stackSize = 16 << 20
      thread.start()
    }
    group.wait()
    let results = outcomes.withLock { $0.map { $0! } }
    // The cause comes before what it did to others.
    let errors = results.compactMap { if case .failure(let error) = $0 { error } else { nil } }
    if let cause = errors.first(where: { !($0 is CommunicationError) }) ?? errors.first { throw cause }
    return try results.map { try $0.get() }
  }
}

/// A rank of a ``ThreadGroup``.
final class ThreadMember: TransportCommunicator, @unchecked Sendable {
  private let mailbox: ThreadMailbox

  init(_ rank: Int, _ mailbox: ThreadMailbox) {
    self.mailbox = mailbox
    super.init(
      ThreadTransport(rank, mailbox), queue: CommunicationQueue(name: "rank \(rank) communicates"), usesOneThread: false
    )
  }

  override func noteFailure(_ error: CommunicationError) { mailbox.fail(error) }

  package override func abort(_ reason: any Error) {
    mailbox.fail(reason as? CommunicationError ?? .failed(rank: rank, reason: "\(reason)"))
  }

  /// Says that this rank is done.
  func end() {
    mailbox.end(rank)
    queue.close()
  }
}
