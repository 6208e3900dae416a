public import CTernKernels

// Searches in sorted rows, reductions with what indices name, and sums of rows that they name.

/// Kernels that read nothing but indices.
package enum IndexKernels {
  /// Whether n indices are all in `0 ..< extent`.
  package static func areInside(_ n: Int, _ index: UnsafePointer<Int>, _ extent: Int) -> Bool {
    tern_kernels().pointee.indices_inside(n, index, extent)
  }
}

extension NumericKernelScalar {
  /// `out[i]` = how many of n sorted edges are before `values[i]`, or not behind it from the right; NaN is behind all others.
  @inlinable @inline(__always) package static func searchSorted(
    right: Bool, _ count: Int, _ out: UnsafeMutablePointer<Int>, _ values: UnsafePointer<Self>,
    among edges: UnsafePointer<Self>,
    _ n: Int
  ) {
    numericKernels.pointee.search_sorted(right, count, out, values, n, edges)
  }

  /// `out[index[i] · so + i · inner] = kernel(out[…], x[i])`, in order: a sum, product, maximum or minimum; extremes keep the
  /// first nan.
  @inlinable @inline(__always) package static func scatterReduce(
    _ kernel: ReductionKernel, _ n: Int, _ out: UnsafeMutablePointer<Self>, _ so: Int, inner: Int = 0,
    _ index: UnsafePointer<Int>, _ x: UnsafePointer<Self>
  ) {
    if !numericKernels.pointee.scatter_reduce(kernel, n, out, so, inner, index, x) {
      kernel.refuse("has no scattered form")
    }
  }
}

extension FloatingKernelScalar {
  /// `out[b]` = the sum or the mean of the rows `entries[k]` of x, `k` in `starts[b] ..< starts[b + 1]`, times
  /// `factors[places[k]]` where there are factors, or `factors[k]` without places.
  @inlinable @inline(__always) package static func bagSums(
    _ bags: Int, starts: UnsafePointer<Int>, entries: UnsafePointer<Int>, places: UnsafePointer<Int>?,
    factors: UnsafePointer<Self>?, isMean: Bool, features: Int, _ out: UnsafeMutablePointer<Self>,
    _ x: UnsafePointer<Self>
  ) {
    floatingKernels.pointee.bag_sums(bags, starts, entries, places, factors, isMean, features, out, x)
  }
}
