import Synchronization
import TernBackend

/// Values computed from the elements of one block of memory, kept with it while they do not change: a weight that is read
/// again and again is converted and packed once.
///
/// Who writes memory in place asks first whether it is the only owner, see ``TensorBody/isUnique()``: there the values are
/// dropped. A value is kept when it is asked for a second time, so that training steps, which read a weight once between two
/// changes, keep nothing.
package struct DerivedValues: Sendable {
  /// What a value is.
  package enum Key: Hashable, Sendable {
    /// The matrix as the right operand [k, n] of a product in bfloat16, see ``PackedRight``: [n, k], or as it is.
    case packedRight(isTurned: Bool)
    /// The weights of a convolution as matrices [k, n] of each group, likewise.
    case packedPatches(groups: Int)
    /// The weights of a convolution in panels of the direct kernels.
    case directPanels(groups: Int, inBFloat16: Bool)
    /// The kernels of a convolution as Winograd's algorithm multiplies them.
    case winogradKernels(isStrided: Bool, inBFloat16: Bool)
    /// The weights of a convolution with the batch normalization after it.
    case folded
    /// The elements in bfloat16.
    case rounded

    fileprivate var bit: UInt8 {
      switch self {
      case .packedRight: 1
      case .packedPatches: 2
      case .directPanels: 4
      case .winogradKernels: 8
      case .folded: 16
      case .rounded: 32
      }
    }
  }

  /// What is known under a key.
  enum Entry {
    /// It is asked for for the first time.
    case new
    case known((AnyObject & Sendable)?)
  }

  /// The kinds of keys that were asked for.
  private var asked: UInt8 = 0
  private var values: [(key: Key, value: AnyObject & Sendable)] = []

  private static let lock = Mutex(())

  /// Reads or changes the values of some memory, one thread at a time.
  static func access<Result>(_ body: () -> Result) -> Result {
    lock.withLock { _ in body() }
  }

  /// What is known; the first call with a kind of keys leaves a note.
  mutating func find(_ key: Key) -> Entry {
    if asked & key.bit == 0 {
      asked |= key.bit
      return .new
    }
    return .known(values.first { $0.key == key }?.value)
  }

  /// Keeps a value, in place of the one under this key.
  mutating func keep(_ key: Key, _ value: AnyObject & Sendable) {
    values.removeAll { $0.key == key }
    values.append((key, value))
  }

  /// Forgets all; for the only owner of the memory.
  @inline(__always)
  mutating func removeAll() {
    if asked == 0 { return }
    asked = 0
    values = []
  }
}

/// Memory of the pool that is released with its owner.
final class OwnedMemory: Sendable {
  nonisolated(unsafe) let pointer: UnsafeMutableRawPointer
  private let byteCount: Int

  /// - Parameter byteCount: more than 0.
  init(byteCount: Int) {
    self.byteCount = byteCount
    pointer = MemoryPool.allocate(byteCount: byteCount, for: "packed weights")
  }

  deinit { MemoryPool.release(pointer, byteCount: byteCount) }
}
