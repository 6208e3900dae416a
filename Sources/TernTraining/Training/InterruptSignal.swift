import Foundation
import Synchronization

/// Set by the signal handler, which may touch nothing but atomics.
private let asked = Atomic<Bool>(false)

private func noteSignal(_ number: Int32) {
  asked.store(true, ordering: .relaxed)
  signal(number, SIG_DFL)
}

/// A terminal that closes tells so more than once, and everything that is written to it: none of these may end the program.
private func noteHangup(_ number: Int32) {
  asked.store(true, ordering: .relaxed)
}

/// Ctrl-C, a request to end and the end of the terminal as a wish that a training can grant at a good moment.
public enum InterruptSignal {
  private static let requests = [SIGINT, SIGTERM]
  private static let hangups = [SIGHUP, SIGPIPE]

  /// Whether the program was asked to stop since ``watch()``.
  public static var isRequested: Bool { asked.load(ordering: .relaxed) }

  /// Turns the first SIGINT or SIGTERM into a wish, the second one ends the program at once; and every SIGHUP and SIGPIPE,
  /// which come when the terminal, or who reads the output, is gone.
  ///
  /// What the program was started to ignore, as `nohup` does SIGHUP, stays ignored.
  public static func watch() {
    asked.store(false, ordering: .relaxed)
    for number in requests { signal(number, noteSignal) }
    for number in hangups {
      var before = sigaction()
      _ = sigaction(number, nil, &before)
      if !isIgnored(before) { signal(number, noteHangup) }
    }
    // A program that was started from a thread which blocks signals has inherited that.
    var all = sigset_t()
    sigemptyset(&all)
    for number in requests + hangups { sigaddset(&all, number) }
    pthread_sigmask(SIG_UNBLOCK, &all, nil)
  }

  /// Lets the signals end the program again.
  public static func unwatch() {
    for number in requests { signal(number, SIG_DFL) }
    for number in hangups {
      var before = sigaction()
      _ = sigaction(number, nil, &before)
      if !isIgnored(before) { signal(number, SIG_DFL) }
    }
  }

  private static func isIgnored(_ action: sigaction) -> Bool {
    #if canImport(Glibc)
      let handler = unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
    #else
      let handler = unsafeBitCast(action.__sa_handler.sa_handler, to: Int.self)
    #endif
    return handler == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
