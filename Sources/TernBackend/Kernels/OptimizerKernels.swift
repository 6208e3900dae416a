import CTernKernels

/// One step of gradient descent with momentum.
public typealias SGDUpdate = CTernKernels.SGDUpdate
/// One step of Adam.
public typealias AdamUpdate = CTernKernels.AdamUpdate

/// One step of another method that scales by past gradients.
public typealias AdaptiveUpdate = CTernKernels.AdaptiveUpdate
/// Which method.
public typealias AdaptiveKind = CTernKernels.AdaptiveKind

/// Updates of parameters in one pass over parameter, gradient and moments, each of n values in a row.
public protocol OptimizerKernelScalar: Sendable {
  /// d = ±g + decay·p; m ← momentum·m + damping·d (d at the first step); p ← p − rate·(nesterov ? d + momentum·m : m).
  /// Without `m`, p ← p − rate·d.
  static func sgd(
    _ update: SGDUpdate, _ n: Int, _ p: UnsafeMutablePointer<Self>, _ g: UnsafePointer<Self>,
    _ m: UnsafeMutablePointer<Self>?)

  /// d = ±g + decay·p; m ← m + (d − m)(1 − β₁); v ← β₂v + (1 − β₂)d²; p ← p·shrink − stepSize·m/(√v/rootCorrection + ε).
  /// With `largest`, v is replaced by the largest v so far in the last formula.
  static func adam(
    _ update: AdamUpdate, _ n: Int, _ p: UnsafeMutablePointer<Self>, _ g: UnsafePointer<Self>,
    _ m: UnsafeMutablePointer<Self>, _ v: UnsafeMutablePointer<Self>, _ largest: UnsafeMutablePointer<Self>?)

  /// RMSprop, Adagrad, Adadelta, Adamax, NAdam or RAdam; a, b and c are what the method keeps.
  static func adaptive(
    _ update: AdaptiveUpdate, _ n: Int, _ p: UnsafeMutablePointer<Self>, _ g: UnsafePointer<Self>,
    _ a: UnsafeMutablePointer<Self>, _ b: UnsafeMutablePointer<Self>?, _ c: UnsafeMutablePointer<Self>?)
}

extension Float: OptimizerKernelScalar {
  /// One step of gradient descent, see the protocol.
  public static func sgd(
    _ update: SGDUpdate, _ n: Int, _ p: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>,
    _ m: UnsafeMutablePointer<Float>?
  ) {
    withUnsafePointer(to: update) { tern_kernels().pointee.sgd_f32($0, n, p, g, m) }
  }

  /// One step of Adam, see the protocol.
  public static func adam(
    _ update: AdamUpdate, _ n: Int, _ p: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>,
    _ m: UnsafeMutablePointer<Float>, _ v: UnsafeMutablePointer<Float>, _ largest: UnsafeMutablePointer<Float>?
  ) {
    withUnsafePointer(to: update) { tern_kernels().pointee.adam_f32($0, n, p, g, m, v, largest) }
  }

  /// One step of another method, see the protocol.
  public static func adaptive(
    _ update: AdaptiveUpdate, _ n: Int, _ p: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>,
    _ a: UnsafeMutablePointer<Float>, _ b: UnsafeMutablePointer<Float>?, _ c: UnsafeMutablePointer<Float>?
  ) {
    withUnsafePointer(to: update) { tern_kernels().pointee.adaptive_f32($0, n, p, g, a, b, c) }
  }
}

extension Double: OptimizerKernelScalar {
  /// One step of gradient descent, see the protocol.
  public static func sgd(
    _ update: SGDUpdate, _ n: Int, _ p: UnsafeMutablePointer<Double>, _ g: UnsafePointer<Double>,
    _ m: UnsafeMutablePointer<Double>?
  ) {
    withUnsafePointer(to: update) { tern_kernels().pointee.sgd_f64($0, n, p, g, m) }
  }

  /// One step of Adam, see the protocol.
  public static func adam(
    _ update: AdamUpdate, _ n: Int, _ p: UnsafeMutablePointer<Double>, _ g: UnsafePointer<Double>,
    _ m: UnsafeMutablePointer<Double>, _ v: UnsafeMutablePointer<Double>, _ largest: UnsafeMutablePointer<Double>?
  ) {
    withUnsafePointer(to: update) { tern_kernels().pointee.adam_f64($0, n, p, g, m, v, largest) }
  }

  /// One step of another method, see the protocol.
  public static func adaptive(
    _ update: AdaptiveUpdate, _ n: Int, _ p: UnsafeMutablePointer<Double>, _ g: UnsafePointer<Double>,
    _ a: UnsafeMutablePointer<Double>, _ b: UnsafeMutablePointer<Double>?, _ c: UnsafeMutablePointer<Double>?
  ) {
    withUnsafePointer(to: update) { tern_kernels().pointee.adaptive_f64($0, n, p, g, a, b, c) }
  }
}
