public import CTernKernels

// Searches in sorted rows, and sums of rows that indices name.

extension NumericKernelScalar {
  /// `out[i]` = how many of n sorted edges are before `values[i]`, or not behind it from the right; NaN is behind all others.
  @inlinable @inline(__always) package static func searchSorted(
    right: Bool, _ count: Int, _ out: UnsafeMutablePointer<Int>, _ values: UnsafePointer<Self>,
    among edges: UnsafePointer<Self>,
    _ n: Int
  ) {
    numericKernels.pointee.search_sorted(right, count, out, values, n, edges)
  }
}

extension FloatingKernelScalar {
  /// `out[b]` = the sum or the mean of the rows `entries[k]` of x, `k` in `starts[b] ..< starts[b + 1]`, times
  /// `factors[places[k]]` where there are factors.
  @inlinable @inline(__always) package static func bagSums(
    _ bags: Int, starts: UnsafePointer<Int>, entries: UnsafePointer<Int>, places: UnsafePointer<Int>,
    factors: UnsafePointer<Self>?, isMean: Bool, features: Int, _ out: UnsafeMutablePointer<Self>,
    _ x: UnsafePointer<Self>
  ) {
    floatingKernels.pointee.bag_sums(bags, starts, entries, places, factors, isMean, features, out, x)
  }
}
