internal import CTernKernels

/// Non-temporal stores, for results larger than the caches.
package enum NonTemporalStores {
  /// Results of this many bytes and more are written so: below, a cache still has them for whoever reads them.
  package static let threshold = 32 << 20

  /// Orders this thread's non-temporal stores before what follows.
  package static func fence() { tern_nontemporal_fence() }
}
