internal import CTernKernels

/// Hashes of memory, 64 bits: the same at every level of the CPU, some bytes a cycle.
package enum MemoryHash {
  /// The hash of bytes, going on from `seed`.
  package static func value(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
    tern_hash(seed, bytes.baseAddress, Int64(bytes.count))
  }

  /// The hash of a sample of elements, going on from `seed`: runs of `length` of them, one in each of `blocks` equal parts,
  /// at places that depend on `key`.
  ///
  /// - Parameters:
  ///   - count: how many elements there are, at least `blocks * length`.
  ///   - size: bytes of an element.
  package static func sample(
    _ elements: UnsafeRawPointer, count: Int, size: Int, blocks: Int, length: Int, key: UInt64, seed: UInt64
  ) -> UInt64 {
    tern_hash_sample(seed, elements, Int64(count), Int64(size), key, Int64(blocks), Int64(length))
  }
}
