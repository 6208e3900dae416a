public import CTernKernels

// What every scalar type has: see ``KernelScalar`` for what pointers and strides mean.

extension KernelScalar {
  /// `out[i] = value`
  @inlinable @inline(__always) package static func fill(
    _ n: Int, _ out: UnsafeMutablePointer<Self>, _ so: Int, _ value: Self
  ) {
    elementKernels.pointee.fill(n, out, so, value._bits)
  }

  /// `out[i] = x[i]`
  @inlinable @inline(__always) package static func copy(
    _ n: Int, _ out: UnsafeMutablePointer<Self>, _ so: Int, _ x: UnsafePointer<Self>, _ sx: Int
  ) {
    elementKernels.pointee.copy(n, out, so, x, sx)
  }

  /// Copies a block of rows × columns with a stride per axis on both sides, in tiles that suit the cache.
  @inlinable @inline(__always) package static func copy2D(
    _ rows: Int, _ columns: Int, _ out: UnsafeMutablePointer<Self>, _ outRow: Int, _ outColumn: Int,
    _ x: UnsafePointer<Self>, _ xRow: Int, _ xColumn: Int
  ) {
    elementKernels.pointee.copy_2d(rows, columns, out, outRow, outColumn, x, xRow, xColumn)
  }

  /// `out[i] = a[i] ? b[i]` for a comparison, or for a logical operation of `a[i] ≠ 0` and `b[i] ≠ 0`.
  @inlinable @inline(__always) package static func compare(
    _ kernel: ComparisonKernel, _ n: Int, _ out: UnsafeMutablePointer<Bool>, _ so: Int,
    _ a: UnsafePointer<Self>, _ sa: Int, _ b: UnsafePointer<Self>, _ sb: Int
  ) {
    elementKernels.pointee.compare(kernel, n, out, so, a, sa, b, sb)
  }

  /// `out[i] = kernel(x[i])`; nothing but a floating value is nan or infinite.
  @inlinable @inline(__always) package static func predicate(
    _ kernel: PredicateKernel, _ n: Int, _ out: UnsafeMutablePointer<Bool>, _ so: Int,
    _ x: UnsafePointer<Self>, _ sx: Int
  ) {
    elementKernels.pointee.predicate(kernel, n, out, so, x, sx)
  }

  /// `out[i] = condition[i] ? a[i] : b[i]`
  @inlinable @inline(__always) package static func select(
    _ n: Int, _ out: UnsafeMutablePointer<Self>, _ so: Int, _ condition: UnsafePointer<Bool>, _ sc: Int,
    _ a: UnsafePointer<Self>, _ sa: Int, _ b: UnsafePointer<Self>, _ sb: Int
  ) {
    elementKernels.pointee.select(n, out, so, condition, sc, a, sa, b, sb)
  }

  /// `out[i] = Target(x[i])`: floating to integer truncates and saturates, nan gives 0; between integers the high bits
  /// are dropped; to Bool, whatever is not zero is true.
  @inlinable @inline(__always) package static func convert<Target: KernelScalar>(
    _ n: Int, _ out: UnsafeMutablePointer<Target>, _ so: Int, _ x: UnsafePointer<Self>, _ sx: Int
  ) {
    elementKernels.pointee.convert(Target.scalarKind, n, out, so, x, sx)
  }

  /// `out[i] = x[index[i] · sx + i · inner]`
  @inlinable @inline(__always) package static func gather(
    _ n: Int, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>, _ sx: Int, inner: Int = 0,
    _ index: UnsafePointer<Int>
  ) {
    elementKernels.pointee.gather(n, out, x, sx, inner, index)
  }

  /// `out[index[i] · so] = x[i]`, in order.
  @inlinable @inline(__always) package static func scatter(
    _ n: Int, _ out: UnsafeMutablePointer<Self>, _ so: Int, _ index: UnsafePointer<Int>, _ x: UnsafePointer<Self>
  ) {
    elementKernels.pointee.scatter(n, out, so, index, x)
  }

  /// Sorts `x` stably into `values`, and writes where each came from; nan counts as the greatest value. The results are
  /// contiguous and must not overlap `x`.
  /// - Complexity: O(*n* log *n*) for short rows, O(*n*) beyond a thousand.
  @inlinable @inline(__always) package static func sort(
    _ n: Int, _ values: UnsafeMutablePointer<Self>, _ indices: UnsafeMutablePointer<Int>,
    _ x: UnsafePointer<Self>, _ sx: Int, descending: Bool
  ) {
    elementKernels.pointee.sort(n, values, indices, x, sx, descending)
  }
}
