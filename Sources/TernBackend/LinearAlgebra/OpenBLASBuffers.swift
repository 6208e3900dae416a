import Foundation

/// The memory that OpenBLAS wants for every thread that calls it, and would ask for without end where it gets none.
enum OpenBLASBuffers {
  /// Bytes of a buffer.
  static let bytes = 128 << 20

  /// Has OpenBLAS take a buffer for each of `count` threads, or ends the process with one line.
  ///
  /// Only addresses are taken: a page has memory once it is written to. A buffer that was taken is kept for the calls that
  /// come, so that none of them meets a system without room.
  static func reserve(_ count: Int) {
    let wanted = max(1, min(count, 64))
    // OpenBLAS has these functions in all its builds, but declares them nowhere.
    guard let allocate = symbol("blas_memory_alloc"), let release = symbol("blas_memory_free") else {
      if !isRoom(for: wanted * bytes) { stop(wanted) }
      return
    }
    typealias Allocate = @convention(c) (CInt) -> UnsafeMutableRawPointer?
    typealias Release = @convention(c) (UnsafeMutableRawPointer?) -> Void
    var buffers: [UnsafeMutableRawPointer?] = []
    for _ in 0..<wanted {
      guard isRoom(for: bytes) else { stop(wanted) }
      buffers.append(unsafeBitCast(allocate, to: Allocate.self)(0))
    }
    for buffer in buffers { unsafeBitCast(release, to: Release.self)(buffer) }
  }

  private static func symbol(_ name: String) -> UnsafeMutableRawPointer? {
    #if canImport(Glibc)
      dlsym(nil, name)
    #else
      nil
    #endif
  }

  /// Whether the system gives so many bytes in one block.
  static func isRoom(for bytes: Int) -> Bool {
    let block = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)
    guard let block, block != UnsafeMutableRawPointer(bitPattern: -1) else { return false }
    munmap(block, bytes)
    return true
  }

  private static func stop(_ count: Int) -> Never {
    var limit = rlimit()
    let isLimited = getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 && limit.rlim_cur < UInt(Int.max)
    ProcessSettings.stop(
      "OpenBLAS: no memory for its buffers of \(bytes >> 20) MB, one for each of \(count) threads"
        + (isLimited ? "; this process may have \(limit.rlim_cur >> 10) KB of addresses (ulimit -v)" : "")
        + ": give it more, or set TERN_NUM_THREADS=1 and OPENBLAS_NUM_THREADS=1")
  }
}
