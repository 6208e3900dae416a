public import CTernKernels

// Rows of floating values, and draws. Functions over [outer, n, inner] work along the middle axis; where the result has
// the same extents it may be `x`.

extension FloatingKernelScalar {
  /// The sum along the middle axis into [outer, inner], before it is rounded: what parts of a sum are added up from.
  @inlinable @inline(__always) package static func total(
    _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Double>, _ x: UnsafePointer<Self>
  ) {
    floatingKernels.pointee.total_reduce(outer, n, inner, out, x)
  }

  /// The same of the elements that are not NaN.
  @inlinable @inline(__always) package static func nanTotal(
    _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Double>, _ x: UnsafePointer<Self>
  ) {
    floatingKernels.pointee.nan_total_reduce(outer, n, inner, out, x)
  }

  /// Mean and Σ(x − mean)² along the middle axis, into [outer, inner]. Blocks are centered on their own mean and merged
  /// in Double, so nothing cancels. Of no values the mean is nan.
  @inlinable @inline(__always) package static func moments(
    _ outer: Int, _ n: Int, _ inner: Int, _ mean: UnsafeMutablePointer<Self>, _ m2: UnsafeMutablePointer<Self>,
    _ x: UnsafePointer<Self>
  ) {
    floatingKernels.pointee.moments(outer, n, inner, mean, m2, x)
  }

  /// The gradient at x of products along the middle axis, for the units `first` ..< `first + count`: rows where inner is 1,
  /// else panels of columns, of which there are `productPanels(inner)` for each outer extent. `g` is [outer, inner], `scratch`
  /// holds `productScratch(n)` values.
  @inlinable @inline(__always) package static func productGrad(
    _ first: Int, _ count: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Self>,
    gradient g: UnsafePointer<Self>,
    _ x: UnsafePointer<Self>, _ scratch: UnsafeMutablePointer<Double>
  ) {
    floatingKernels.pointee.product_grad(first, count, n, inner, out, g, x, scratch)
  }

  /// How many units each outer extent of `productGrad` has.
  package static func productPanels(_ inner: Int) -> Int { (inner + 31) / 32 }

  /// How many values the scratch of `productGrad` holds.
  package static func productScratch(_ n: Int) -> Int { 96 * ((n + 31) / 32) }

  /// `exp(x − max) / Σ exp(x − max)`; where all are −∞ the result is nan.
  @inlinable @inline(__always) package static func softmax(
    _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>
  ) {
    floatingKernels.pointee.softmax(outer, n, inner, out, x)
  }

  /// `x − max − ln Σ exp(x − max)`; where all are −∞ the result is nan.
  @inlinable @inline(__always) package static func logSoftmax(
    _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>
  ) {
    floatingKernels.pointee.log_softmax(outer, n, inner, out, x)
  }

  /// `ln Σ exp x` into [outer, inner]; −∞ of nothing and of nothing but −∞.
  @inlinable @inline(__always) package static func logSumExp(
    _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>
  ) {
    floatingKernels.pointee.log_sum_exp(outer, n, inner, out, x)
  }

  /// The running `ln Σ exp x`.
  @inlinable @inline(__always) package static func logCumulativeSumExp(
    _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>
  ) {
    floatingKernels.pointee.log_cumulative_sum_exp(outer, n, inner, out, x)
  }

  /// `out[r] = b[r] + a[r] · out[r − 1]` along the middle axis, from the end with `out[r + 1]` where `reversed`.
  @inlinable @inline(__always) package static func recurrence(
    _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Self>, _ a: UnsafePointer<Self>,
    _ b: UnsafePointer<Self>, reversed: Bool
  ) {
    floatingKernels.pointee.recurrence(outer, n, inner, out, a, b, reversed)
  }

  /// The derivative of softmax, `y · (g − Σ g·y)`, from its result y.
  @inlinable @inline(__always) package static func softmaxGrad(
    _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Self>, _ g: UnsafePointer<Self>,
    _ y: UnsafePointer<Self>
  ) {
    floatingKernels.pointee.softmax_grad(outer, n, inner, out, g, y)
  }

  /// The derivative of log-softmax, `g − exp(y) · Σ g`, from its result y.
  @inlinable @inline(__always) package static func logSoftmaxGrad(
    _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Self>, _ g: UnsafePointer<Self>,
    _ y: UnsafePointer<Self>
  ) {
    floatingKernels.pointee.log_softmax_grad(outer, n, inner, out, g, y)
  }

  /// Values `first ..< first + n` of a uniform draw in 0 ..< 1, on a grid of 2⁻²⁴ (Float) or 2⁻⁵³ (Double).
  ///
  /// Value i depends on seed, stream and i alone: the same values however a draw is split, on every level of the CPU.
  @inlinable @inline(__always) package static func uniform(
    _ n: Int, _ out: UnsafeMutablePointer<Self>, seed: UInt64, stream: UInt64, first: Int
  ) {
    floatingKernels.pointee.uniform(n, out, seed, stream, first)
  }

  /// Values `first ..< first + n` of a standard normal draw (Box and Muller), always finite, keyed as `uniform`.
  @inlinable @inline(__always) package static func normal(
    _ n: Int, _ out: UnsafeMutablePointer<Self>, seed: UInt64, stream: UInt64, first: Int
  ) {
    floatingKernels.pointee.normal(n, out, seed, stream, first)
  }
}
