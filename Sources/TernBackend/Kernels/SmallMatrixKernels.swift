public import CTernKernels

// Batches of small matrices, several at once; infos and pivots are those of LAPACK. What becomes of a matrix does not depend
// on the others.

extension FloatingKernelScalar {
  /// PA = LU of `count` column-major matrices [n, n] in their place, n ≤ 16.
  @inlinable @inline(__always) package static func smallLU(
    _ count: Int, _ n: Int, _ a: UnsafeMutablePointer<Self>, pivots: UnsafeMutablePointer<Int32>,
    infos: UnsafeMutablePointer<Int32>
  ) {
    floatingKernels.pointee.small_lu(count, n, a, pivots, infos)
  }

  /// X of A·X = B, or of Aᵀ·X = B, in the place of B [n, k], row-major, n ≤ 16; matrix i has the factors number
  /// `places[i]`.
  @inlinable @inline(__always) package static func smallLUSolve(
    _ count: Int, _ n: Int, _ k: Int, _ lu: UnsafePointer<Self>, pivots: UnsafePointer<Int32>,
    places: UnsafePointer<Int>, _ x: UnsafeMutablePointer<Self>, transposed: Bool
  ) {
    floatingKernels.pointee.small_lu_solve(count, n, k, lu, pivots, places, x, transposed)
  }

  /// A⁻¹ of `count` column-major matrices [n, n] in their place, n ≤ 16; all NaN of a singular one.
  @inlinable @inline(__always) package static func smallInverse(
    _ count: Int, _ n: Int, _ a: UnsafeMutablePointer<Self>, infos: UnsafeMutablePointer<Int32>
  ) {
    floatingKernels.pointee.small_inverse(count, n, a, infos)
  }

  /// L of A = L·Lᵀ, or U of A = Uᵀ·U, of `count` row-major matrices [n, n] in their place, n ≤ 16, with 0 in the other
  /// triangle.
  @inlinable @inline(__always) package static func smallCholesky(
    _ count: Int, _ n: Int, _ a: UnsafeMutablePointer<Self>, isLower: Bool, infos: UnsafeMutablePointer<Int32>
  ) {
    floatingKernels.pointee.small_cholesky(count, n, a, isLower, infos)
  }

  /// X of A·X = B for triangles A, n ≤ 16, in the place of B [n, k], row-major; element (i, j) of a matrix is at
  /// `starts[m] + i·steps.row + j·steps.column`.
  @inlinable @inline(__always) package static func smallTriangular(
    _ count: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Self>, starts: UnsafePointer<Int>,
    steps: (row: Int, column: Int), isLower: Bool, isUnit: Bool, _ x: UnsafeMutablePointer<Self>
  ) {
    floatingKernels.pointee.small_triangular(count, n, k, a, starts, steps.row, steps.column, isLower, isUnit, x)
  }

  /// A·B of `count` matrices [m, k] and [k, n] into row-major ones, one after the other; m, n and k are at most 8.
  @inlinable @inline(__always) package static func smallMatmul(
    _ count: Int, _ m: Int, _ n: Int, _ k: Int, _ out: UnsafeMutablePointer<Self>,
    _ a: UnsafePointer<Self>, starts aStarts: UnsafePointer<Int>, steps aSteps: (row: Int, column: Int),
    _ b: UnsafePointer<Self>, starts bStarts: UnsafePointer<Int>, steps bSteps: (row: Int, column: Int)
  ) {
    floatingKernels.pointee.small_matmul(
      count, m, n, k, out, a, aStarts, aSteps.row, aSteps.column, b, bStarts, bSteps.row, bSteps.column)
  }
}
