internal import CTernKernels

/// The random number generator Philox 4x32-10: a function from a counter to four words, no state.
///
/// J. K. Salmon, M. A. Moraes, R. O. Dror and D. E. Shaw, "Parallel random numbers: as easy as 1, 2, 3" (2011).
package enum Philox {
  /// The four words at a place of a stream: the seed is the key, `counter` the low and `stream` the high half of the
  /// 128-bit counter.
  package static func block(seed: UInt64, stream: UInt64, counter: UInt64) -> (UInt32, UInt32, UInt32, UInt32) {
    var words: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
    withUnsafeMutableBytes(of: &words) {
      tern_kernels().pointee.philox_block(seed, stream, counter, $0.baseAddress!.assumingMemoryBound(to: UInt32.self))
    }
    return words
  }

  /// The words of the blocks counter ..< counter + count, four each, one after the other.
  package static func blocks(
    _ count: Int, _ words: UnsafeMutablePointer<UInt32>, seed: UInt64, stream: UInt64, counter: UInt64
  ) {
    tern_kernels().pointee.philox_blocks(count, seed, stream, counter, words)
  }
}
