internal import CTernKernels

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

  /// Bytes that tensors above 4 KB have, for who looks often.
  package static var bytesInUse: Int { Int(tern_pool_in_use()) }

  /// The most that ``bytesInUse`` was since ``resetPeakInUse()``.
  package static var peakBytesInUse: Int { Int(tern_pool_peak_in_use()) }

  /// Looks for the most of ``bytesInUse`` anew, from what it is now; returns what it was.
  @discardableResult
  package static func resetPeakInUse() -> Int { Int(tern_pool_reset_peak_in_use()) }

  /// The most bytes kept for later; a quarter of the machine's memory at first.
  public static var limit: Int {
    get { Int(tern_pool_limit()) }
    set { tern_pool_set_limit(Int64(newValue)) }
  }

  /// Gives what is kept back to the system.
  public static func trim() { tern_pool_trim() }

  /// Bytes of memory: the machine's, or those of the control groups that the process is in where they are fewer.
  package static var machineBytes: Int { Int(tern_machine_memory()) }

  /// `most`, or the least limit of a control group that the process is in; `/proc` and `/sys` lie below `root`.
  package static func groupBytes(most: Int, root: String) -> Int { Int(tern_group_memory(Int64(most), root)) }

  /// The most bytes that all tensors together may take: at first the memory of the machine, or of its container or the
  /// process where that is less. What would need more stops the program with one line, before the system ends it.
  public static var maximumBytes: Int {
    get { Int(tern_memory_limit()) }
    set { tern_memory_set_limit(Int64(newValue)) }
  }

  /// A block of at least `byteCount` bytes; stops with its size, and with what it is for, where there is no more.
  package static func allocate(
    byteCount: Int, for what: @autoclosure () -> String = "a tensor"
  ) -> UnsafeMutableRawPointer {
    guard byteCount >= 0, let block = tern_pool_allocate(byteCount) else { refuse(byteCount, what()) }
    return block
  }

  @inline(never)
  private static func refuse(_ byteCount: Int, _ what: String) -> Never {
    fail(
      "memory",
      "\(what) of \(byteCount) bytes (\(byteCount >> 20) MB) is more than this machine can give: "
        + "\(statistics.bytesInUse >> 20) of \(maximumBytes >> 20) MB are in use")
  }

  /// Stops unless `count` elements of `size` bytes could be had; for what is not taken from the pool, and before work
  /// that would end at the pool.
  package static func require(
    count: Int, of size: Int, _ operation: @autoclosure () -> String, _ message: @autoclosure () -> String
  ) {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
    if count >= 0 && !overflow && bytes <= 1 << 20 { return }
    check(
      count >= 0 && !overflow && tern_pool_has(bytes), operation(),
      message()
        + (overflow ? ", more than any machine can give" : ", at least \(bytes >> 20) MB of \(maximumBytes >> 20) MB"))
  }

  /// Gives a block back; `byteCount` is what was asked for.
  package static func release(_ block: UnsafeMutableRawPointer, byteCount: Int) {
    tern_pool_release(block, byteCount)
  }
}
