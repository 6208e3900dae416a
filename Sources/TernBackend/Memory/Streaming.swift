import CTernKernels

/// Writing past the caches, for results that are larger than they are.
package enum Streaming {
  /// Results of this many bytes and more are written so: below, a cache still has them for whoever reads them.
  package static let threshold = 32 << 20

  /// Copies bytes past the caches; within ``run(_:)`` only.
  package static func copy(_ count: Int, to target: UnsafeMutableRawPointer, from source: UnsafeRawPointer) {
    tern_kernels().pointee.stream_bytes(count, target, source)
  }

  /// Calls `body` with a buffer that fits the first cache, and puts its copies in order with what follows.
  package static func run(_ body: (UnsafeMutableRawBufferPointer) -> Void) {
    withUnsafeTemporaryAllocation(byteCount: 8192, alignment: 64, body)
    tern_stream_end()
  }
}
