import Foundation
import TernBackend

/// How long ranks wait for each other before they say so, and before they give up.
struct WaitLimits: Sendable {
  /// Seconds until a line tells who waits for whom.
  var report: Double
  /// Seconds until the job ends.
  var abort: Double
  /// Writes the line.
  var say: @Sendable (String) -> Void = { FileHandle.standardError.write(Data(($0 + "\n").utf8)) }

  /// `TERN_DISTRIBUTED_REPORT` and `TERN_DISTRIBUTED_TIMEOUT`, else 60 and 600 seconds; 0 is never.
  static var environment: WaitLimits {
    WaitLimits(
      report: ProcessSettings.seconds("TERN_DISTRIBUTED_REPORT") ?? 60,
      abort: ProcessSettings.seconds("TERN_DISTRIBUTED_TIMEOUT") ?? 600)
  }
}

/// One wait of a rank: looks at the clock, reports once, and throws in the end.
struct Wait {
  let limits: WaitLimits
  let place: WaitPlace
  let peer: Int
  let isSending: Bool
  private let start = DispatchTime.now().uptimeNanoseconds
  private var isReported = false
  private var endNoted: Double?

  init(_ limits: WaitLimits, _ place: WaitPlace, peer: Int, isSending: Bool = false) {
    (self.limits, self.place, self.peer, self.isSending) = (limits, place, peer, isSending)
  }

  /// Seconds since the wait began.
  var elapsed: Double { Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9 }

  /// Seconds from now until the clock is to be looked at again.
  var next: Double {
    let due = [isReported ? 0 : limits.report, limits.abort].filter { $0 > 0 }.min() ?? 3600
    return max(0.001, due - elapsed)
  }

  /// What is waited for.
  var description: String { place.waiting(for: peer, isSending: isSending) }

  /// Says, once, what was waited for when the process was asked to end and nothing came for half a second.
  mutating func noteEnd() {
    guard endNoted != .infinity else { return }
    endNoted = endNoted ?? elapsed
    guard elapsed - endNoted! > 0.5 else { return }
    endNoted = .infinity
    limits.say("\(description), and is asked to end")
  }

  /// Reports a long wait; throws where it is too long.
  mutating func check() throws(CommunicationError) {
    let elapsed = elapsed
    if limits.abort > 0, elapsed >= limits.abort {
      throw .timedOut("\(description), for \(Int(elapsed.rounded())) seconds: given up")
    }
    if !isReported, limits.report > 0, elapsed >= limits.report {
      isReported = true
      limits.say("\(description), for \(Int(elapsed.rounded())) seconds")
    }
  }
}
