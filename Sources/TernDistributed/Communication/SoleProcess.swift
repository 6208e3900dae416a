import Synchronization

/// A job of one rank: nothing is sent. A program that is written for ranks runs alone with it.
public final class SoleProcess: Communicator {
  private let reason = Mutex<CommunicationError?>(nil)
  private let currentStep = Mutex<Int?>(nil)

  /// The one rank.
  public init() {}

  /// 0.
  public var rank: Int { 0 }
  /// 1.
  public var count: Int { 1 }
  /// The step that messages name.
  public var step: Int? {
    get { currentStep.withLock { $0 } }
    set { currentStep.withLock { $0 = newValue } }
  }

  /// Copies what is gathered or exchanged.
  public func _run(_ operation: _Collective, _: String) throws(CommunicationError) {
    if let error = reason.withLock({ $0 }) { throw error }
    operation.copyOwn()
  }

  /// The same, at once.
  public func _start(_ operation: _Collective, _ name: String) -> PendingOperation {
    PendingOperation(Result { () throws(CommunicationError) in try _run(operation, name) })
  }

  /// Later calls throw the reason.
  public func abort(_ reason: any Error) {
    self.reason.withLock { $0 = $0 ?? .failed(rank: 0, reason: "\(reason)") }
  }
}

extension _Collective {
  /// What it does on one rank.
  func copyOwn() {
    switch self {
    case .sum, .broadcast, .barrier: break
    case .allGather(let own, let result), .exchange(let own, let result, _): result.copyMemory(from: own)
    }
  }
}
