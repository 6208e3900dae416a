/// What the ranks of a job say to each other. A rank is one of `count` copies of a program that train together.
///
/// Every function is collective: all ranks call it, in the same order and with the same lengths. The answers have the same
/// bits on every rank. What goes wrong on any rank throws a ``CommunicationError`` on those that wait for it, and on every
/// later call: the job is over then.
///
/// ``SoleProcess`` is a job of one, ``ThreadGroup`` has ranks that are threads of one process, ``withMPI(file:line:_:)`` gives the
/// ranks of `mpirun`. Programs do not conform types of their own.
public protocol Communicator: AnyObject, Sendable {
  /// The number of this rank, 0 ..< ``count``.
  var rank: Int { get }
  /// How many ranks there are.
  var count: Int { get }
  /// The step that messages about waiting name.
  var step: Int? { get set }
  /// Runs an operation and waits for it.
  func _run(_ operation: _Collective, _ name: String) throws(CommunicationError)
  /// Queues an operation: those of a rank run one after the other in the order of their calls.
  func _start(_ operation: _Collective, _ name: String) -> PendingOperation
  /// Ends the job for a reason: peers that wait for this rank get an error that has its number and the reason. Under MPI this
  /// process prints both and all processes end.
  func abort(_ reason: any Error)
}

extension Communicator {
  /// Whether this is rank 0, the one that prints and writes.
  public var isRoot: Bool { rank == 0 }

  /// Queues an operation and waits.
  public func _run(_ operation: _Collective, _ name: String) throws(CommunicationError) {
    try _start(operation, name).wait()
  }
}

/// What ranks do together, on memory that stays valid until it is done.
public enum _Collective: @unchecked Sendable {
  /// Element by element the sum over ranks, in place, along the binary tree over their numbers.
  case sum(UnsafeMutableRawBufferPointer, ElementKind)
  /// The bytes of the root, in place.
  case broadcast(UnsafeMutableRawBufferPointer, root: Int)
  /// The bytes of all ranks, equally many each, in the order of ranks.
  case allGather(UnsafeRawBufferPointer, into: UnsafeMutableRawBufferPointer)
  /// Bytes to a peer, and as many from it.
  case exchange(UnsafeRawBufferPointer, into: UnsafeMutableRawBufferPointer, peer: Int)
  /// Nothing is sent: all wait for all.
  case barrier
}
