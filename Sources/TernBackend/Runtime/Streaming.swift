import CTernKernels

/// Writing past the caches, for results that are larger than they are.
package enum Streaming {
  /// Results of this many bytes and more are written so: below, a cache still has them for whoever reads them.
  package static let threshold = 32 << 20

  /// Puts what this thread wrote past the caches in order with what follows.
  package static func end() { tern_stream_end() }
}
