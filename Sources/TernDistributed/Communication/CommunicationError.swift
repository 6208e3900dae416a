/// Why ranks cannot go on together.
public enum CommunicationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A rank threw or called ``Communicator/abort(_:)``, for a reason.
  case failed(rank: Int, reason: String)
  /// A rank ended while this one waits for it.
  case ended(rank: Int, waiting: String)
  /// Nothing came for as long as `TERN_DISTRIBUTED_TIMEOUT` allows.
  case timedOut(String)
  /// A rank sends another number of bytes than this one expects: they do not do the same.
  case disagreement(String)
  /// What MPI says.
  case transport(String)

  /// One line.
  public var description: String {
    switch self {
    case .failed(let rank, let reason): "rank \(rank) failed: \(reason)"
    case .ended(let rank, let waiting): "rank \(rank) has ended, and \(waiting)"
    case .timedOut(let waiting): waiting
    case .disagreement(let message), .transport(let message): message
    }
  }
}
