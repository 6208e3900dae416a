import CTernKernels

/// Where tensors' memory comes from: blocks of size classes, 64-byte aligned, kept for the next tensor that asks.
///
/// Fresh memory costs about 0.4 ms a megabyte, so what is released is kept up to ``limit``.
public enum MemoryPool {
  /// What the pool holds and how it did.
  public struct Statistics: Sendable {
    /// Bytes that tensors have.
    public var bytesInUse: Int
    /// Bytes kept for later.
    public var bytesCached: Int
    /// The most bytes ever taken from the system at once.
    public var peakBytes: Int
    /// Requests met from what was kept.
    public var hits: Int
    /// Requests that went to the system.
    public var misses: Int
  }

  /// The state of the pool.
  public static var statistics: Statistics {
    let read = tern_pool_read_statistics()
    return Statistics(
      bytesInUse: Int(read.in_use), bytesCached: Int(read.cached), peakBytes: Int(read.peak), hits: Int(read.hits),
      misses: Int(read.misses))
  }

  /// The most bytes kept for later; a quarter of the machine's memory at first.
  public static var limit: Int {
    get { Int(tern_pool_limit()) }
    set { tern_pool_set_limit(Int64(newValue)) }
  }

  /// Gives what is kept back to the system.
  public static func trim() { tern_pool_trim() }

  /// A block of at least `byteCount` bytes; stops with its size where the machine has no more.
  package static func allocate(byteCount: Int) -> UnsafeMutableRawPointer {
    guard let block = tern_pool_allocate(byteCount) else {
      fail("memory", "a tensor of \(byteCount) bytes (\(byteCount >> 20) MB) is more than this machine can give")
    }
    return block
  }

  /// Gives a block back; `byteCount` is what was asked for.
  package static func release(_ block: UnsafeMutableRawPointer, byteCount: Int) {
    tern_pool_release(block, byteCount)
  }
}
