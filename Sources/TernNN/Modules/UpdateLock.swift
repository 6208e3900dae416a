import Foundation
import Synchronization

/// A lock for a few instructions, or for the step of an optimizer, that takes some nanoseconds where nobody waits.
///
/// Who waits looks again for about a microsecond and then sleeps between looks. Unlike a `Mutex` it can be held for many
/// parameters at once; who does that takes them in the order of their addresses.
struct UpdateLock: ~Copyable, Sendable {
  private let isHeld = Atomic<Bool>(false)

  func lock() {
    if isHeld.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged { return }
    wait()
  }

  func unlock() { isHeld.store(false, ordering: .releasing) }

  @inline(never) private func wait() {
    var looks = 0
    while true {
      if !isHeld.load(ordering: .relaxed),
        isHeld.weakCompareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
      {
        return
      }
      looks += 1
      if looks > 256 { usleep(20) }
    }
  }
}
