/// One of several ranks whose peers are not there: it takes its own values for theirs, so that memory can be planned.
package final class RankStandIn: Communicator {
  package let rank: Int
  package let count: Int
  private let own = SoleProcess()

  /// A rank of so many.
  package init(rank: Int = 0, of count: Int) {
    (self.rank, self.count) = (rank, count)
  }

  package var step: Int? {
    get { own.step }
    set { own.step = newValue }
  }

  package func _run(_ operation: _Collective, _ name: String) throws(CommunicationError) {
    guard case .allGather(let values, let result) = operation else { return try own._run(operation, name) }
    guard !values.isEmpty else { return }
    for place in 0..<count {
      UnsafeMutableRawBufferPointer(rebasing: result[place * values.count..<(place + 1) * values.count])
        .copyMemory(from: values)
    }
  }

  package func _start(_ operation: _Collective, _ name: String) -> PendingOperation {
    PendingOperation(Result { () throws(CommunicationError) in try _run(operation, name) })
  }

  package func abort(_ reason: any Error) { own.abort(reason) }
}
