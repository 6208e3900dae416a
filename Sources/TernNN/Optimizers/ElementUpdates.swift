import TernBackend
import TernTensor

// Updates of methods that have no kernel of their own: one pass over parameter, gradient and moments, n values in a row.

/// One step of ``Rprop``.
struct RpropUpdate: BitwiseCopyable {
  var shrink, growth, smallest, largest: Double
  var maximize: Bool

  /// The step s grows where g keeps its sign and shrinks where it changed; p ← p − s·sign(g), not where it changed.
  @inline(__always) func apply<Scalar: FloatingScalar>(
    _ n: Int, _ p: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>, _ before: UnsafeMutablePointer<Scalar>,
    _ steps: UnsafeMutablePointer<Scalar>
  ) {
    let (shrink, growth) = (Scalar(self.shrink), Scalar(self.growth))
    let (smallest, largest) = (Scalar(self.smallest), Scalar(self.largest))
    let sign: Scalar = maximize ? -1 : 1
    for i in 0..<n {
      let gradient = sign * g[i]
      let product = gradient * before[i]
      var step = steps[i] * (product > 0 ? growth : product < 0 ? shrink : 1)
      step = step < smallest ? smallest : step > largest ? largest : step
      let used = product < 0 ? 0 : gradient
      p[i] -= used > 0 ? step : used < 0 ? -step : used * step
      steps[i] = step
      before[i] = used
    }
  }
}

/// One step of ``ASGD``.
struct ASGDUpdate: BitwiseCopyable {
  var rate, shrink, decay, weight: Double
  var maximize: Bool

  /// p ← p·shrink − rate·(±g + decay·p); a ← a + weight·(p − a).
  @inline(__always) func apply<Scalar: FloatingScalar>(
    _ n: Int, _ p: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>, _ average: UnsafeMutablePointer<Scalar>
  ) {
    let (rate, shrink, decay) = (Scalar(self.rate), Scalar(self.shrink), Scalar(self.decay))
    let weight = Scalar(self.weight)
    let sign: Scalar = maximize ? -1 : 1
    let (decays, replaces) = (decay != 0, weight == 1)
    for i in 0..<n {
      let before = p[i]
      let gradient = decays ? sign * g[i] + decay * before : sign * g[i]
      let after = before * shrink - rate * gradient
      p[i] = after
      average[i] = replaces ? after : average[i] + weight * (after - average[i])
    }
  }
}

/// One step of ``Lion``.
struct LionUpdate: BitwiseCopyable {
  var rate, beta1, beta2, shrink: Double
  var maximize: Bool

  /// p ← p·shrink − rate·sign(β₁m ± (1 − β₁)g); m ← β₂m ± (1 − β₂)g.
  @inline(__always) func apply<Scalar: FloatingScalar>(
    _ n: Int, _ p: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>, _ mean: UnsafeMutablePointer<Scalar>
  ) {
    let (rate, shrink) = (Scalar(self.rate), Scalar(self.shrink))
    let (beta1, new1) = (Scalar(self.beta1), Scalar(1 - self.beta1))
    let (beta2, new2) = (Scalar(self.beta2), Scalar(1 - self.beta2))
    let sign: Scalar = maximize ? -1 : 1
    for i in 0..<n {
      let gradient = sign * g[i]
      let direction = beta1 * mean[i] + new1 * gradient
      p[i] = p[i] * shrink - (direction > 0 ? rate : direction < 0 ? -rate : direction * rate)
      mean[i] = beta2 * mean[i] + new2 * gradient
    }
  }
}

/// One step of ``ScheduleFreeAdamW``.
struct ScheduleFreeUpdate: BitwiseCopyable {
  var rate, beta1, beta2, epsilon, decay, rootCorrection, weight: Double
  var maximize: Bool

  /// v ← β₂v + (1 − β₂)g²; d = ±g/(√v/root + ε) + decay·y; y ← y + c(z − y) + rate·(β₁(1 − c) − 1)·d; z ← z − rate·d.
  @inline(__always) func apply<Scalar: FloatingScalar>(
    _ n: Int, _ y: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>, _ z: UnsafeMutablePointer<Scalar>,
    _ square: UnsafeMutablePointer<Scalar>
  ) {
    let (rate, epsilon, decay, weight) = (
      Scalar(self.rate), Scalar(self.epsilon), Scalar(self.decay), Scalar(self.weight)
    )
    let (beta2, new2, root) = (Scalar(self.beta2), Scalar(1 - self.beta2), Scalar(1 / rootCorrection))
    let forward = Scalar(self.rate * (self.beta1 * (1 - self.weight) - 1))
    let sign: Scalar = maximize ? -1 : 1
    let decays = decay != 0
    for i in 0..<n {
      let gradient = sign * g[i]
      let next = beta2 * square[i] + new2 * gradient * gradient
      square[i] = next
      let divisor = next.squareRoot() * root + epsilon
      // 0/0 is no step.
      var direction = gradient == 0 ? 0 : gradient / divisor
      if decays { direction += decay * y[i] }
      y[i] += weight * (z[i] - y[i]) + forward * direction
      z[i] -= rate * direction
    }
  }
}
