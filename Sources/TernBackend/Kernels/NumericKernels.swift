public import CTernKernels

// What the types have that one can calculate with, and the exact sums of those that are counted.

extension NumericKernelScalar {
  /// `out[i] = kernel(x[i])` with the parameters the kernel takes: `p0` is the slope of `leakyReLU`, the α of `elu` and
  /// `celu`, the β of `softplus` (`p1` its threshold), the lower bound of `clamp` and `hardTanh` (`p1` the upper; a lower
  /// bound above it gives the upper), the threshold of `threshold` (`p1` the value), the scalar of `addScalar`,
  /// `mulScalar` and `powScalar`.
  ///
  /// Integers have neg, abs, sign, square, relu, clamp, floor, ceil, trunc, round, addScalar, mulScalar, powScalar; any
  /// other kernel stops.
  @inlinable @inline(__always) package static func unary(
    _ kernel: UnaryKernel, _ n: Int, _ out: UnsafeMutablePointer<Self>, _ so: Int,
    _ x: UnsafePointer<Self>, _ sx: Int, _ p0: Self, _ p1: Self
  ) {
    if !numericKernels.pointee.unary(kernel, n, out, so, x, sx, p0._bits, p1._bits) {
      kernel.refuse(Self.self)
    }
  }

  /// The same with contiguous results, which may be written with non-temporal stores; ``NonTemporalStores/fence()`` follows.
  @inlinable @inline(__always) package static func unaryNonTemporal(
    _ kernel: UnaryKernel, _ n: Int, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>, _ sx: Int,
    _ p0: Self, _ p1: Self
  ) {
    if !numericKernels.pointee.unary_nontemporal(kernel, n, out, x, sx, p0._bits, p1._bits) { kernel.refuse(Self.self) }
  }

  /// `out[i] = kernel(a[i], b[i])`. `p0` scales `b` in `add` and `sub`, and is the parameter of `leakyReLUGrad`,
  /// `eluGrad` and `celuGrad`. The derivatives take the gradient as `a`; `b` is the input of the ReLUs and the output of
  /// sigmoid and tanh.
  ///
  /// Integers have add to remainder, maximum, minimum, floorDivide, truncDivide; dividing by zero gives 0.
  @inlinable @inline(__always) package static func binary(
    _ kernel: BinaryKernel, _ n: Int, _ out: UnsafeMutablePointer<Self>, _ so: Int,
    _ a: UnsafePointer<Self>, _ sa: Int, _ b: UnsafePointer<Self>, _ sb: Int, _ p0: Self
  ) {
    if !numericKernels.pointee.binary(kernel, n, out, so, a, sa, b, sb, p0._bits) {
      kernel.refuse(Self.self)
    }
  }

  /// The same for `rows` rows of n, `steps` apart.
  @inlinable @inline(__always) package static func binaryRows(
    _ kernel: BinaryKernel, _ rows: Int, _ n: Int, _ steps: RowSteps, _ out: UnsafeMutablePointer<Self>, _ so: Int,
    _ a: UnsafePointer<Self>, _ sa: Int, _ b: UnsafePointer<Self>, _ sb: Int, _ p0: Self
  ) {
    if !numericKernels.pointee.binary_rows(kernel, rows, n, steps, out, so, a, sa, b, sb, p0._bits) {
      kernel.refuse(Self.self)
    }
  }

  /// The same with contiguous results, which may be written with non-temporal stores; ``NonTemporalStores/fence()`` follows.
  @inlinable @inline(__always) package static func binaryNonTemporal(
    _ kernel: BinaryKernel, _ n: Int, _ out: UnsafeMutablePointer<Self>, _ a: UnsafePointer<Self>, _ sa: Int,
    _ b: UnsafePointer<Self>, _ sb: Int, _ p0: Self
  ) {
    if !numericKernels.pointee.binary_nontemporal(kernel, n, out, a, sa, b, sb, p0._bits) { kernel.refuse(Self.self) }
  }

  /// Reduces `x`, read as [outer, n, inner] row-major, along the middle axis into `out` [outer, inner].
  ///
  /// Sums are pairwise, and their order depends on the extents alone. The maximum and the minimum need n ≥ 1 and
  /// answer nan where there is one. Integers have no `sumOfSquares` and `sumOfAbsolutes`.
  @inlinable @inline(__always) package static func reduce(
    _ kernel: ReductionKernel, _ outer: Int, _ n: Int, _ inner: Int,
    _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>
  ) {
    if !numericKernels.pointee.reduce(kernel, outer, n, inner, out, x) {
      kernel.refuse(Self.self)
    }
  }

  /// The reduction of columns of n rows that are `step` elements apart, with the bits of
  /// ``reduce(_:_:_:_:_:_:)``: a sum, a product or an extreme.
  @inlinable @inline(__always) package static func reduceColumns(
    _ kernel: ReductionKernel, _ n: Int, _ columns: Int, step: Int, _ out: UnsafeMutablePointer<Self>,
    _ x: UnsafePointer<Self>
  ) {
    if !numericKernels.pointee.reduce_columns(kernel, n, columns, step, out, x) {
      kernel.refuse("has no columns of their own")
    }
  }

  /// The position along the middle axis of the first maximum or minimum; nan counts as the extreme. n ≥ 1.
  @inlinable @inline(__always) package static func argReduce(
    _ kernel: ReductionKernel, _ outer: Int, _ n: Int, _ inner: Int,
    _ out: UnsafeMutablePointer<Int>, _ x: UnsafePointer<Self>
  ) {
    if !numericKernels.pointee.arg_reduce(kernel, outer, n, inner, out, x) {
      kernel.refuse("has no position")
    }
  }

  /// The running sum, product, maximum or minimum along the middle axis, and for the last two the position it comes
  /// from: the last of equals, the last nan once there is one. Float accumulates in Double. `out` may be `x`.
  @inlinable @inline(__always) package static func scan(
    _ kernel: ReductionKernel, _ outer: Int, _ n: Int, _ inner: Int,
    _ out: UnsafeMutablePointer<Self>, _ indices: UnsafeMutablePointer<Int>?, _ x: UnsafePointer<Self>
  ) {
    if !numericKernels.pointee.scan(kernel, outer, n, inner, out, indices, x) {
      kernel.refuse("has no cumulative form")
    }
  }
}

extension CountingKernelScalar {
  /// The sum of `x`, read as [outer, n, inner] row-major, along the middle axis, or the product; wraps beyond Int.
  @inlinable @inline(__always) package static func total(
    multiplies: Bool, _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Int>, _ x: UnsafePointer<Self>
  ) {
    countingKernels.pointee.total(multiplies, outer, n, inner, out, x)
  }
}
