/// Carries bytes between pairs of ranks, on the thread that calls; operations are built of this.
package protocol Transport: AnyObject, Sendable {
  var rank: Int { get }
  var count: Int { get }

  /// Sends bytes to one rank while receiving from another, and waits for both; no bytes are no message.
  ///
  /// Messages between two ranks arrive in order. One that has another length than is received throws.
  func exchange(
    _ own: UnsafeRawBufferPointer, to: Int, _ others: UnsafeMutableRawBufferPointer, from: Int, _ place: WaitPlace
  ) throws(CommunicationError)
}

/// Where a rank waits, for messages.
package struct WaitPlace: Sendable {
  var rank: Int
  var step: Int?
  var name: String

  /// `rank 0 waits in step 120 for bucket 3 (layer2.0.conv1) from rank 2`, or for rank 2 to take it.
  func waiting(for peer: Int, isSending: Bool = false) -> String {
    "rank \(rank) waits\(step.map { " in step \($0)" } ?? "") "
      + (isSending ? "for rank \(peer) to take \(name)" : "for \(name) from rank \(peer)")
  }
}
