internal import CTernTerminal
import Foundation
import Synchronization

/// Set by the signal handler, which may touch nothing but atomics.
private let asked = Atomic<Bool>(false)

private func noteSignal(_ number: Int32) {
  asked.store(true, ordering: .relaxed)
  signal(number, endAtOnce)
}

/// The second of a kind ends the program; a view leaves the terminal as it was.
private func endAtOnce(_ number: Int32) {
  tern_terminal_restore()
  signal(number, SIG_DFL)
  raise(number)
}

/// Set where the program is to be started again later.
private let askedToComeAgain = Atomic<Bool>(false)

private func noteRequeue(_ number: Int32) {
  askedToComeAgain.store(true, ordering: .relaxed)
  asked.store(true, ordering: .relaxed)
}

/// A terminal that closes tells so more than once, and everything that is written to it: none of these may end the program.
private func noteHangup(_ number: Int32) {
  asked.store(true, ordering: .relaxed)
}

/// Ctrl-C, a request to end and the end of the terminal as a wish that a training can grant at a good moment.
public enum InterruptSignal {
  private static let requests = [SIGINT, SIGTERM]
  private static let hangups = [SIGHUP, SIGPIPE]
  private static let requeues = [SIGUSR1, SIGUSR2]

  /// Whether it was asked by SIGUSR1 or SIGUSR2, as queues of clusters do before they end a program that goes on later: its
  /// status is to be 75.
  public static var asksToComeAgain: Bool { askedToComeAgain.load(ordering: .relaxed) }

  /// Whether the program was asked to stop since ``watch()``.
  public static var isRequested: Bool { asked.load(ordering: .relaxed) }

  /// Turns the first SIGINT or SIGTERM into a wish, the second one ends the program at once; and every SIGHUP and SIGPIPE,
  /// which come when the terminal, or who reads the output, is gone, and every SIGUSR1 and SIGUSR2, see ``asksToComeAgain``.
  ///
  /// What the program was started to ignore, as `nohup` does SIGHUP, stays ignored.
  public static func watch() {
    asked.store(false, ordering: .relaxed)
    askedToComeAgain.store(false, ordering: .relaxed)
    for number in requests { signal(number, noteSignal) }
    for number in requeues { signal(number, noteRequeue) }
    for number in hangups {
      var before = sigaction()
      _ = sigaction(number, nil, &before)
      if !isIgnored(before) { signal(number, noteHangup) }
    }
    // A program that was started from a thread which blocks signals has inherited that.
    var all = sigset_t()
    sigemptyset(&all)
    for number in requests + hangups + requeues { sigaddset(&all, number) }
    pthread_sigmask(SIG_UNBLOCK, &all, nil)
  }

  /// Lets the signals end the program again.
  public static func unwatch() {
    for number in requests + requeues { signal(number, SIG_DFL) }
    for number in hangups {
      var before = sigaction()
      _ = sigaction(number, nil, &before)
      if !isIgnored(before) { signal(number, SIG_DFL) }
    }
    // A view handles what nobody else does.
    tern_terminal_watch_signals()
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
