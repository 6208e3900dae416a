import Foundation
import Synchronization

/// A rank over a ``Transport``: operations run in the order of their calls, on the calling thread where that is allowed and
/// nothing is queued, else on one of their own.
package class TransportCommunicator: Communicator, @unchecked Sendable {
  private let transport: any Transport
  /// Whether all exchanges have to be made by the queue's thread.
  private let usesOneThread: Bool
  let queue: CommunicationQueue
  private let scratch = Scratch()
  private let currentStep = Mutex<Int?>(nil)
  private let failure = Mutex<CommunicationError?>(nil)

  init(_ transport: any Transport, queue: CommunicationQueue, usesOneThread: Bool) {
    (self.transport, self.queue, self.usesOneThread) = (transport, queue, usesOneThread)
  }

  package var rank: Int { transport.rank }
  package var count: Int { transport.count }
  package var step: Int? {
    get { currentStep.withLock { $0 } }
    set { currentStep.withLock { $0 = newValue } }
  }

  package func _run(_ operation: _Collective, _ name: String) throws(CommunicationError) {
    // One rank alone needs no other thread.
    if count == 1, queue.isIdle { return operation.copyOwn() }
    if usesOneThread || !queue.isIdle { return try _start(operation, name).wait() }
    try perform(operation, WaitPlace(rank: rank, step: step, name: name))
  }

  package func _start(_ operation: _Collective, _ name: String) -> PendingOperation {
    let place = WaitPlace(rank: rank, step: step, name: name)
    return queue.start { [self] () throws(CommunicationError) in try perform(operation, place) }
  }

  /// After the first error all calls throw it: who is where is not known any more.
  private func perform(_ operation: _Collective, _ place: WaitPlace) throws(CommunicationError) {
    if let error = failure.withLock({ $0 }) { throw error }
    do {
      try TreeReduction(transport: transport, place: place).run(operation, scratch)
    } catch {
      failure.withLock { $0 = error }
      noteFailure(error)
      throw error
    }
  }

  /// Tells the peers that this rank does not go on.
  func noteFailure(_: CommunicationError) {}

  package func abort(_: any Error) { fatalError("of the subclasses") }
}
