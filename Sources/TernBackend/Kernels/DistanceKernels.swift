public import CTernKernels

// All distances between two sets of vectors [n, features] and [m, features], row-major. The order of the norm is 1, 2, or 0
// for infinity.

extension FloatingKernelScalar {
  /// `out[i][j] = ‖a[i] − b[j]‖`
  @inlinable @inline(__always) package static func distances(
    order: Int32, _ n: Int, _ m: Int, features: Int, _ out: UnsafeMutablePointer<Self>, _ a: UnsafePointer<Self>,
    _ b: UnsafePointer<Self>
  ) {
    floatingKernels.pointee.distances(order, n, m, features, out, a, b)
  }

  /// `out[i] = Σ w[i][j]·(a[i] − b[j])`, for order 1 of the signs of the differences; the weights have steps for i and j.
  @inlinable @inline(__always) package static func distancesGrad(
    order: Int32, _ n: Int, _ m: Int, features: Int, _ out: UnsafeMutablePointer<Self>, _ a: UnsafePointer<Self>,
    _ b: UnsafePointer<Self>, weights w: UnsafePointer<Self>, steps: (row: Int, column: Int)
  ) {
    floatingKernels.pointee.distances_grad(order, n, m, features, out, a, b, w, steps.row, steps.column)
  }

  /// `out[i] = Σ w[i][j]·sign(a[i] − b[j])`, divided among the features whose difference is the distance `y[i][j]` of order
  /// ∞; weights and distances have steps for i and j.
  @inlinable @inline(__always) package static func distancesGradMost(
    _ n: Int, _ m: Int, features: Int, _ out: UnsafeMutablePointer<Self>, _ a: UnsafePointer<Self>,
    _ b: UnsafePointer<Self>, weights w: UnsafePointer<Self>, steps: (row: Int, column: Int),
    distances y: UnsafePointer<Self>, distanceSteps: (row: Int, column: Int)
  ) {
    floatingKernels.pointee.distances_grad_most(
      n, m, features, out, a, b, w, steps.row, steps.column, y, distanceSteps.row, distanceSteps.column)
  }
}
