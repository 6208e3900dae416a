import CTernKernels

/// Writing past the caches, for results that are larger than they are.
package enum Streaming {
  /// Results of this many bytes and more are written so: with what they are computed from, no cache holds them.
  package static let threshold = 16 << 20

  /// Puts what this thread wrote past the caches in order with what follows.
  package static func end() { tern_stream_end() }
}
