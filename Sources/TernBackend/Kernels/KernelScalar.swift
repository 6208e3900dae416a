/// A scalar type that kernels work on: Float, Double, Int32, Int, UInt8, Bool.
///
/// Kernels take counts, pointers and strides. Strides are in elements and may be 0 or negative. The result may be an
/// operand itself, but must not overlap one in part. Nothing is checked: that is the caller's business.
public protocol KernelScalar: Sendable {
  /// Which scalar type this is.
  static var scalarKind: ScalarKind { get }

  /// `out[i] = value`
  static func fill(_ n: Int, _ out: UnsafeMutablePointer<Self>, _ so: Int, _ value: Self)

  /// `out[i] = x[i]`
  static func copy(_ n: Int, _ out: UnsafeMutablePointer<Self>, _ so: Int, _ x: UnsafePointer<Self>, _ sx: Int)

  /// Copies a block of rows × columns with a stride per axis on both sides, in tiles that suit the cache.
  static func copy2D(
    _ rows: Int, _ columns: Int, _ out: UnsafeMutablePointer<Self>, _ outRow: Int, _ outColumn: Int,
    _ x: UnsafePointer<Self>, _ xRow: Int, _ xColumn: Int)

  /// `out[i] = a[i] ? b[i]` for a comparison, or for a logical operation of `a[i] ≠ 0` and `b[i] ≠ 0`.
  static func compare(
    _ kernel: ComparisonKernel, _ n: Int, _ out: UnsafeMutablePointer<Bool>, _ so: Int,
    _ a: UnsafePointer<Self>, _ sa: Int, _ b: UnsafePointer<Self>, _ sb: Int)

  /// `out[i] = kernel(x[i])`; nothing but a floating value is nan or infinite.
  static func predicate(
    _ kernel: PredicateKernel, _ n: Int, _ out: UnsafeMutablePointer<Bool>, _ so: Int,
    _ x: UnsafePointer<Self>, _ sx: Int)

  /// `out[i] = condition[i] ? a[i] : b[i]`
  static func select(
    _ n: Int, _ out: UnsafeMutablePointer<Self>, _ so: Int, _ condition: UnsafePointer<Bool>, _ sc: Int,
    _ a: UnsafePointer<Self>, _ sa: Int, _ b: UnsafePointer<Self>, _ sb: Int)

  /// `out[i] = Target(x[i])`: floating to integer truncates and saturates, nan gives 0; between integers the high bits
  /// are dropped; to Bool, whatever is not zero is true.
  static func convert<Target: KernelScalar>(
    _ n: Int, _ out: UnsafeMutablePointer<Target>, _ so: Int, _ x: UnsafePointer<Self>, _ sx: Int)

  /// `out[i] = x[index[i] · sx]`
  static func gather(
    _ n: Int, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>, _ sx: Int, _ index: UnsafePointer<Int>)

  /// `out[index[i] · so] = x[i]`, in order.
  static func scatter(
    _ n: Int, _ out: UnsafeMutablePointer<Self>, _ so: Int, _ index: UnsafePointer<Int>, _ x: UnsafePointer<Self>)

  /// Sorts `x` stably into `values`, and writes where each came from; nan counts as the greatest value. The results are
  /// contiguous and must not overlap `x`.
  /// - Complexity: O(*n* log *n*) for short rows, O(*n*) beyond a thousand.
  static func sort(
    _ n: Int, _ values: UnsafeMutablePointer<Self>, _ indices: UnsafeMutablePointer<Int>,
    _ x: UnsafePointer<Self>, _ sx: Int, descending: Bool)
}

/// A scalar type one can calculate with: Float, Double, Int32, Int, UInt8. Integer arithmetic wraps.
public protocol NumericKernelScalar: KernelScalar {
  /// `out[i] = kernel(x[i])` with the parameters the kernel takes: `p0` is the slope of `leakyReLU`, the α of `elu` and
  /// `celu`, the β of `softplus` (`p1` its threshold), the lower bound of `clamp` and `hardTanh` (`p1` the upper; a lower
  /// bound above it gives the upper), the threshold of `threshold` (`p1` the value), the scalar of `addScalar`,
  /// `mulScalar` and `powScalar`.
  ///
  /// Integers have neg, abs, sign, square, relu, clamp, floor, ceil, trunc, round, addScalar, mulScalar, powScalar; any
  /// other kernel stops.
  static func unary(
    _ kernel: UnaryKernel, _ n: Int, _ out: UnsafeMutablePointer<Self>, _ so: Int,
    _ x: UnsafePointer<Self>, _ sx: Int, _ p0: Self, _ p1: Self)

  /// The same with contiguous results, which may be written with non-temporal stores; ``NonTemporalStores/fence()`` follows.
  static func unaryNonTemporal(
    _ kernel: UnaryKernel, _ n: Int, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>, _ sx: Int,
    _ p0: Self, _ p1: Self)

  /// `out[i] = kernel(a[i], b[i])`. `p0` scales `b` in `add` and `sub`, and is the parameter of `leakyReLUGrad`,
  /// `eluGrad` and `celuGrad`. The
  /// derivatives take the gradient as `a`; `b` is the input of the ReLUs and the output of sigmoid and tanh.
  ///
  /// Integers have add to remainder, maximum, minimum, floorDivide, truncDivide; dividing by zero gives 0.
  static func binary(
    _ kernel: BinaryKernel, _ n: Int, _ out: UnsafeMutablePointer<Self>, _ so: Int,
    _ a: UnsafePointer<Self>, _ sa: Int, _ b: UnsafePointer<Self>, _ sb: Int, _ p0: Self)

  /// The same for `rows` rows of n, `steps` apart.
  static func binaryRows(
    _ kernel: BinaryKernel, _ rows: Int, _ n: Int, _ steps: RowSteps, _ out: UnsafeMutablePointer<Self>, _ so: Int,
    _ a: UnsafePointer<Self>, _ sa: Int, _ b: UnsafePointer<Self>, _ sb: Int, _ p0: Self)

  /// The same with contiguous results, which may be written with non-temporal stores; ``NonTemporalStores/fence()`` follows.
  static func binaryNonTemporal(
    _ kernel: BinaryKernel, _ n: Int, _ out: UnsafeMutablePointer<Self>, _ a: UnsafePointer<Self>, _ sa: Int,
    _ b: UnsafePointer<Self>, _ sb: Int, _ p0: Self)

  /// Reduces `x`, read as [outer, n, inner] row-major, along the middle axis into `out` [outer, inner].
  ///
  /// Sums are pairwise, and their order depends on the extents alone. The maximum and the minimum need n ≥ 1 and
  /// answer nan where there is one. Integers have no `sumOfSquares` and `sumOfAbsolutes`.
  static func reduce(
    _ kernel: ReductionKernel, _ outer: Int, _ n: Int, _ inner: Int,
    _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>)

  /// The position along the middle axis of the first maximum or minimum; nan counts as the extreme. n ≥ 1.
  static func argReduce(
    _ kernel: ReductionKernel, _ outer: Int, _ n: Int, _ inner: Int,
    _ out: UnsafeMutablePointer<Int>, _ x: UnsafePointer<Self>)

  /// The running sum, product, maximum or minimum along the middle axis, and for the last two the position it comes
  /// from: the last of equals, the last nan once there is one. Float accumulates in Double. `out` may be `x`.
  static func scan(
    _ kernel: ReductionKernel, _ outer: Int, _ n: Int, _ inner: Int,
    _ out: UnsafeMutablePointer<Self>, _ indices: UnsafeMutablePointer<Int>?, _ x: UnsafePointer<Self>)

  /// `out[index[i] · so] += x[i]`, in order.
  static func scatterAdd(
    _ n: Int, _ out: UnsafeMutablePointer<Self>, _ so: Int, _ index: UnsafePointer<Int>, _ x: UnsafePointer<Self>)
}

// Integers take row by row, and write through the caches.
extension NumericKernelScalar {
  /// See the requirement.
  public static func binaryRows(
    _ kernel: BinaryKernel, _ rows: Int, _ n: Int, _ steps: RowSteps, _ out: UnsafeMutablePointer<Self>, _ so: Int,
    _ a: UnsafePointer<Self>, _ sa: Int, _ b: UnsafePointer<Self>, _ sb: Int, _ p0: Self
  ) {
    for row in 0..<rows {
      binary(kernel, n, out + row * steps.out, so, a + row * steps.a, sa, b + row * steps.b, sb, p0)
    }
  }

  /// See the requirement.
  public static func unaryNonTemporal(
    _ kernel: UnaryKernel, _ n: Int, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>, _ sx: Int,
    _ p0: Self, _ p1: Self
  ) {
    unary(kernel, n, out, 1, x, sx, p0, p1)
  }

  /// See the requirement.
  public static func binaryNonTemporal(
    _ kernel: BinaryKernel, _ n: Int, _ out: UnsafeMutablePointer<Self>, _ a: UnsafePointer<Self>, _ sa: Int,
    _ b: UnsafePointer<Self>, _ sb: Int, _ p0: Self
  ) {
    binary(kernel, n, out, 1, a, sa, b, sb, p0)
  }
}

/// A type whose sums and products are Int: Int32, Int, UInt8, Bool.
public protocol CountingKernelScalar: KernelScalar {
  /// The sum of `x`, read as [outer, n, inner] row-major, along the middle axis, or the product; wraps beyond Int.
  static func total(
    multiplies: Bool, _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Int>, _ x: UnsafePointer<Self>)
}

/// A floating scalar type: Float, Double.
///
/// The functions over [outer, n, inner] work along the middle axis; where the result has the same extents it may be `x`.
public protocol FloatingKernelScalar: NumericKernelScalar {
  /// The sum along the middle axis into [outer, inner], before it is rounded: what parts of a sum are added up from.
  static func total(
    _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Double>, _ x: UnsafePointer<Self>)

  /// Mean and Σ(x − mean)² along the middle axis, into [outer, inner]. Blocks are centered on their own mean and merged
  /// in Double, so nothing cancels. Of no values the mean is nan.
  static func moments(
    _ outer: Int, _ n: Int, _ inner: Int, _ mean: UnsafeMutablePointer<Self>, _ m2: UnsafeMutablePointer<Self>,
    _ x: UnsafePointer<Self>)

  /// `exp(x − max) / Σ exp(x − max)`; where all are −∞ the result is nan.
  static func softmax(
    _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>)

  /// `x − max − ln Σ exp(x − max)`; where all are −∞ the result is nan.
  static func logSoftmax(
    _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>)

  /// `ln Σ exp x` into [outer, inner]; −∞ of nothing and of nothing but −∞.
  static func logSumExp(
    _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>)

  /// The running `ln Σ exp x`.
  static func logCumulativeSumExp(
    _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>)

  /// `out[r] = b[r] + a[r] · out[r − 1]` along the middle axis, from the end with `out[r + 1]` where `reversed`.
  static func recurrence(
    _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Self>, _ a: UnsafePointer<Self>,
    _ b: UnsafePointer<Self>, reversed: Bool)

  /// The derivative of softmax, `y · (g − Σ g·y)`, from its result y.
  static func softmaxGrad(
    _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Self>, _ g: UnsafePointer<Self>,
    _ y: UnsafePointer<Self>)

  /// The derivative of log-softmax, `g − exp(y) · Σ g`, from its result y.
  static func logSoftmaxGrad(
    _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Self>, _ g: UnsafePointer<Self>,
    _ y: UnsafePointer<Self>)

  /// Values `first ..< first + n` of a uniform draw in 0 ..< 1, on a grid of 2⁻²⁴ (Float) or 2⁻⁵³ (Double).
  ///
  /// Value i depends on seed, stream and i alone: the same values however a draw is split, on every level of the CPU.
  static func uniform(
    _ n: Int, _ out: UnsafeMutablePointer<Self>, seed: UInt64, stream: UInt64, first: Int)

  /// Values `first ..< first + n` of a standard normal draw (Box and Muller), always finite, keyed as `uniform`.
  static func normal(
    _ n: Int, _ out: UnsafeMutablePointer<Self>, seed: UInt64, stream: UInt64, first: Int)
}
