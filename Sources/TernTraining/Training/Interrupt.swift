import Foundation
import Synchronization

/// Set by the signal handler, which may touch nothing but atomics.
private let asked = Atomic<Bool>(false)

private func noteSignal(_ number: Int32) {
  asked.store(true, ordering: .relaxed)
  signal(number, SIG_DFL)
}

/// Ctrl-C and a request to end as a wish that a training can grant at a good moment.
public enum Interrupt {
  /// Whether the program was asked to stop since ``watch()``.
  public static var isRequested: Bool { asked.load(ordering: .relaxed) }

  /// Turns the first SIGINT or SIGTERM into a wish; the second one ends the program at once.
  public static func watch() {
    asked.store(false, ordering: .relaxed)
    for number in [SIGINT, SIGTERM] { signal(number, noteSignal) }
    // A program that was started from a thread which blocks signals has inherited that.
    var both = sigset_t()
    sigemptyset(&both)
    for number in [SIGINT, SIGTERM] { sigaddset(&both, number) }
    pthread_sigmask(SIG_UNBLOCK, &both, nil)
  }

  /// Lets the signals end the program again.
  public static func unwatch() {
    for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
  }
}
