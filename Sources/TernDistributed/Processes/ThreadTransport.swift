import Foundation

/// Carries bytes between ranks that are threads of one process: who sends shows its memory and waits until the receiver has
/// copied it.
final class ThreadMailbox: @unchecked Sendable {
  private struct Letter {
    var bytes: UnsafeRawBufferPointer
    var name: String
    /// The receiver copies it now.
    var isOpen = false
  }

  let count: Int
  private let limits: WaitLimits
  private let condition = NSCondition()
  /// What lies ready, from rank s to rank r at s · count + r.
  private var letters: [Letter?]
  private var hasEnded: [Bool]
  private var failure: CommunicationError?

  init(_ count: Int, _ limits: WaitLimits) {
    (self.count, self.limits) = (count, limits)
    letters = Array(repeating: nil, count: count * count)
    hasEnded = Array(repeating: false, count: count)
  }

  /// All that wait, and all later calls, throw; the first failure counts.
  func fail(_ error: CommunicationError) {
    condition.withLock {
      failure = failure ?? error
      condition.broadcast()
    }
  }

  /// Who waits for a rank that has ended is told so.
  func end(_ rank: Int) {
    condition.withLock {
      hasEnded[rank] = true
      condition.broadcast()
    }
  }

  func exchange(
    _ own: UnsafeRawBufferPointer, from rank: Int, to receiver: Int, _ others: UnsafeMutableRawBufferPointer,
    from sender: Int, _ place: WaitPlace
  ) throws(CommunicationError) {
    let (sent, received) = (rank * count + receiver, sender * count + rank)
    condition.lock()
    defer { condition.unlock() }
    if let failure { throw failure }
    if !own.isEmpty {
      letters[sent] = Letter(bytes: own, name: place.name)
      condition.broadcast()
    }
    do {
      if !others.isEmpty { try receive(others, received, sender, place) }
      if !own.isEmpty { try wait(for: receiver, place) { letters[sent] == nil } }
    } catch {
      // The memory is the caller's again: a copy under way is waited for.
      while letters[sent]?.isOpen == true { condition.wait() }
      letters[sent] = nil
      throw error
    }
  }

  /// Copies the letter at `received`, without the lock.
  private func receive(
    _ others: UnsafeMutableRawBufferPointer, _ received: Int, _ sender: Int, _ place: WaitPlace
  ) throws(CommunicationError) {
    try wait(for: sender, place) { letters[received] != nil }
    let letter = letters[received]!
    guard letter.bytes.count == others.count else {
      throw .disagreement(
        "rank \(sender) sends \(letter.bytes.count) bytes of \(letter.name) where \(place.waiting(for: sender)), "
          + "\(others.count) bytes")
    }
    letters[received]!.isOpen = true
    condition.unlock()
    others.copyMemory(from: letter.bytes)
    condition.lock()
    letters[received] = nil
    condition.broadcast()
  }

  private func wait(for peer: Int, _ place: WaitPlace, _ isReady: () -> Bool) throws(CommunicationError) {
    if isReady() { return }
    var wait = Wait(limits, place, peer: peer)
    while !isReady() {
      if let failure { throw failure }
      if hasEnded[peer] { throw .ended(rank: peer, waiting: place.waiting(for: peer)) }
      try wait.check()
      _ = condition.wait(until: Date(timeIntervalSinceNow: wait.next))
    }
  }
}

/// The mailbox as one rank sees it.
final class ThreadTransport: Transport {
  let rank: Int
  let mailbox: ThreadMailbox

  init(_ rank: Int, _ mailbox: ThreadMailbox) { (self.rank, self.mailbox) = (rank, mailbox) }

  var count: Int { mailbox.count }

  func exchange(
    _ own: UnsafeRawBufferPointer, to receiver: Int, _ others: UnsafeMutableRawBufferPointer, from sender: Int,
    _ place: WaitPlace
  ) throws(CommunicationError) {
    try mailbox.exchange(own, from: rank, to: receiver, others, from: sender, place)
  }
}
