import Foundation
import Synchronization

/// The last signal that came; the handler may touch nothing but atomics.
private let last = Atomic<Int32>(0)

/// A scheduler's request to save and to end: SIGUSR1, SIGUSR2 and SIGTERM as a wish that a training grants after a batch.
///
/// mpirun forwards the first two to all ranks; of SIGTERM it makes a quick end. Each rank may see the signal after another
/// batch: what they do about it is for all of them to agree on, with a sum.
package enum SaveSignal {
  /// The status with which a job asks to be queued again.
  package static let exitStatus: Int32 = 75
  private static let signals = [SIGUSR1, SIGUSR2, SIGTERM]

  /// The signal that came since ``watch()``.
  package static var received: Int32? {
    let number = last.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  /// Notes these signals instead of ending.
  package static func watch() {
    last.store(0, ordering: .relaxed)
    for number in signals { signal(number) { last.store($0, ordering: .relaxed) } }
    // A program that was started from a thread which blocks signals has inherited that.
    var all = sigset_t()
    sigemptyset(&all)
    for number in signals { sigaddset(&all, number) }
    pthread_sigmask(SIG_UNBLOCK, &all, nil)
  }

  /// Lets the signals end the program again.
  package static func unwatch() {
    for number in signals { signal(number, SIG_DFL) }
  }
}
