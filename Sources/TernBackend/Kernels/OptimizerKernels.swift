public import CTernKernels

/// One step of gradient descent with momentum.
@usableFromInline package typealias SGDUpdate = CTernKernels.SGDUpdate
/// One step of Adam.
@usableFromInline package typealias AdamUpdate = CTernKernels.AdamUpdate

/// One step of another method.
@usableFromInline package typealias AdaptiveUpdate = CTernKernels.AdaptiveUpdate
/// Which method.
@usableFromInline package typealias AdaptiveKind = CTernKernels.AdaptiveKind

// Updates of parameters in one pass over parameter, gradient and moments, each of n values in a row.

extension FloatingKernelScalar {
  /// d = ±g + decay·p; m ← momentum·m + damping·d (d at the first step); p ← p − rate·(nesterov ? d + momentum·m : m).
  /// Without `m`, p ← p − rate·d.
  @inlinable @inline(__always) package static func sgd(
    _ update: SGDUpdate, _ n: Int, _ p: UnsafeMutablePointer<Self>, _ g: UnsafePointer<Self>,
    _ m: UnsafeMutablePointer<Self>?
  ) {
    withUnsafePointer(to: update) { floatingKernels.pointee.sgd($0, n, p, g, m) }
  }

  /// d = ±g + decay·p; m ← m + (d − m)(1 − β₁); v ← β₂v + (1 − β₂)d²; p ← p·shrink − stepSize·m/(√v/rootCorrection + ε).
  /// With `largest`, v is replaced by the largest v so far in the last formula.
  @inlinable @inline(__always) package static func adam(
    _ update: AdamUpdate, _ n: Int, _ p: UnsafeMutablePointer<Self>, _ g: UnsafePointer<Self>,
    _ m: UnsafeMutablePointer<Self>, _ v: UnsafeMutablePointer<Self>, _ largest: UnsafeMutablePointer<Self>?
  ) {
    withUnsafePointer(to: update) { floatingKernels.pointee.adam($0, n, p, g, m, v, largest) }
  }

  /// The step of a method that is none of the above; a, b and c are what it keeps.
  @inlinable @inline(__always) package static func adaptive(
    _ update: AdaptiveUpdate, _ n: Int, _ p: UnsafeMutablePointer<Self>, _ g: UnsafePointer<Self>,
    _ a: UnsafeMutablePointer<Self>, _ b: UnsafeMutablePointer<Self>?, _ c: UnsafeMutablePointer<Self>?
  ) {
    withUnsafePointer(to: update) { floatingKernels.pointee.adaptive($0, n, p, g, a, b, c) }
  }
}
