public import CTernKernels

// Kernels that only training asks for: losses, over rows [rows, n] or over single elements, and dropout.

extension FloatingKernelScalar {
  /// ln Σ eˣ − x[label] of every row, 0 where the label is `ignored`; keeps each row's maximum and 1/Σ e^(x − maximum).
  /// Every other label is inside 0 ..< n.
  @inlinable @inline(__always) package static func crossEntropy(
    _ rows: Int, _ n: Int, losses: UnsafeMutablePointer<Self>, largest: UnsafeMutablePointer<Self>,
    inverses: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>, labels: UnsafePointer<Int>, ignored: Int
  ) {
    floatingKernels.pointee.cross_entropy(rows, n, losses, largest, inverses, x, labels, ignored)
  }

  /// `out = (softmax(x) − 1 at the label)·scale·factor` of every row, 0 where the label is `ignored` or the scale 0; the rows'
  /// scales lie `step` apart.
  @inlinable @inline(__always) package static func crossEntropyGrad(
    _ rows: Int, _ n: Int, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>,
    largest: UnsafePointer<Self>, inverses: UnsafePointer<Self>, labels: UnsafePointer<Int>, ignored: Int,
    scale: UnsafePointer<Self>, step: Int, factor: Self
  ) {
    floatingKernels.pointee.cross_entropy_grad(
      rows, n, out, x, largest, inverses, labels, ignored, scale, step, factor._bits)
  }

  /// Σ (1 − y)·x + ln(1 + e⁻ˣ)
  @inlinable @inline(__always) package static func binaryCrossEntropy(
    _ n: Int, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>
  ) -> Double {
    floatingKernels.pointee.binary_cross_entropy(n, x, y)
  }

  /// `out = (σ(x) − y)·scale`
  @inlinable @inline(__always) package static func binaryCrossEntropyGrad(
    _ n: Int, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>, scale: Self
  ) {
    floatingKernels.pointee.binary_cross_entropy_grad(n, out, x, y, scale._bits)
  }

  /// The sum of a loss of single elements, with its parameters.
  @inlinable @inline(__always) package static func pointwiseLoss(
    _ loss: PointwiseLoss, _ n: Int, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>, _ p0: Self, _ p1: Self
  ) -> Double {
    floatingKernels.pointee.pointwise_loss(loss, n, x, y, p0._bits, p1._bits)
  }

  /// `out` = the derivative of that loss at x, times the scale.
  @inlinable @inline(__always) package static func pointwiseLossGrad(
    _ loss: PointwiseLoss, _ n: Int, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>,
    _ y: UnsafePointer<Self>, _ p0: Self, _ p1: Self, scale: Self
  ) {
    floatingKernels.pointee.pointwise_loss_grad(loss, n, out, x, y, p0._bits, p1._bits, scale._bits)
  }

  /// Σ (x − y)²
  @inlinable @inline(__always) package static func squaredError(
    _ n: Int, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>
  ) -> Double {
    floatingKernels.pointee.squared_error(n, x, y)
  }

  /// `out = (x − y)·scale`
  @inlinable @inline(__always) package static func scaledDifference(
    _ n: Int, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>, scale: Self
  ) {
    floatingKernels.pointee.scaled_difference(n, out, x, y, scale._bits)
  }

  /// `out = x·scale` where `mask` becomes 1, `x·0` where it becomes 0: with word i of the stream below `bound`.
  @inlinable @inline(__always) package static func dropout(
    _ n: Int, _ out: UnsafeMutablePointer<Self>, mask: UnsafeMutablePointer<UInt8>, _ x: UnsafePointer<Self>,
    scale: Self, bound: UInt32, seed: UInt64, stream: UInt64, first: Int
  ) {
    floatingKernels.pointee.dropout(n, out, mask, x, scale._bits, bound, seed, stream, first)
  }

  /// `out = g·scale` where the mask is 1, `g·0` where it is 0.
  @inlinable @inline(__always) package static func dropoutGrad(
    _ n: Int, _ out: UnsafeMutablePointer<Self>, mask: UnsafePointer<UInt8>, _ g: UnsafePointer<Self>, scale: Self
  ) {
    floatingKernels.pointee.dropout_grad(n, out, mask, g, scale._bits)
  }
}

/// Steps of the recursions over the alignments of a target, in logarithms.
package enum AlignmentKernels {
  /// `sums[s] = ln(e^before[s] + e^before[s − 1] + e^before[s − 2])`, the last where `skips[s]` is not 0, and
  /// `out[s] = sums[s] + logs[states[s]]`. Two values of −∞ are in front of `before`.
  package static func step(
    _ n: Int, _ out: UnsafeMutablePointer<Double>, sums: UnsafeMutablePointer<Double>, before: UnsafePointer<Double>,
    skips: UnsafePointer<Double>, logs: UnsafePointer<Double>, states: UnsafePointer<Int>
  ) {
    tern_kernels().pointee.alignment_step(n, out, sums, before, skips, logs, states)
  }

  /// `out[states[s]] += e^(a[s] + b[n − 1 − s] − total)`
  package static func posteriors(
    _ n: Int, _ out: UnsafeMutablePointer<Double>, _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>,
    total: Double, states: UnsafePointer<Int>
  ) {
    tern_kernels().pointee.alignment_posteriors(n, out, a, b, total, states)
  }
}
