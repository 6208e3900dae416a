public import CTernKernels

// Steps of Fourier transforms. Complex numbers are two arrays, of real and of imaginary parts.

extension FloatingKernelScalar {
  /// One stage of the self-sorting algorithm: x [radix, m, s] becomes y [m, radix, s], multiplied by the factors `w`.
  @inlinable @inline(__always) package static func fourierStage(
    radix: Int, _ m: Int, _ s: Int, _ yr: UnsafeMutablePointer<Self>, _ yi: UnsafeMutablePointer<Self>,
    _ xr: UnsafePointer<Self>, _ xi: UnsafePointer<Self>, _ w: UnsafePointer<Self>
  ) {
    floatingKernels.pointee.fourier_stage(radix, m, s, yr, yi, xr, xi, w)
  }

  /// `y = x · w` of [rows, columns]; w steps by `row` and by `column`, 0 or 1.
  @inlinable @inline(__always) package static func fourierMultiply(
    _ rows: Int, _ columns: Int, _ yr: UnsafeMutablePointer<Self>, _ yi: UnsafeMutablePointer<Self>,
    _ xr: UnsafePointer<Self>, _ xi: UnsafePointer<Self>, _ wr: UnsafePointer<Self>, _ wi: UnsafePointer<Self>,
    row: Int, column: Int
  ) {
    floatingKernels.pointee.fourier_multiply(rows, columns, yr, yi, xr, xi, wr, wi, row, column)
  }

  /// The half spectrum [h + 1, lanes] of 2h real numbers from the transform [h, lanes] of their pairs.
  @inlinable @inline(__always) package static func fourierSplit(
    _ h: Int, _ lanes: Int, _ yr: UnsafeMutablePointer<Self>, _ yi: UnsafeMutablePointer<Self>,
    _ zr: UnsafePointer<Self>, _ zi: UnsafePointer<Self>, _ wr: UnsafePointer<Self>, _ wi: UnsafePointer<Self>
  ) {
    floatingKernels.pointee.fourier_split(h, lanes, yr, yi, zr, zi, wr, wi)
  }

  /// Twice what `fourierSplit` undoes: [h, lanes] from a half spectrum [h + 1, lanes].
  @inlinable @inline(__always) package static func fourierMerge(
    _ h: Int, _ lanes: Int, _ zr: UnsafeMutablePointer<Self>, _ zi: UnsafeMutablePointer<Self>,
    _ xr: UnsafePointer<Self>, _ xi: UnsafePointer<Self>, _ wr: UnsafePointer<Self>, _ wi: UnsafePointer<Self>
  ) {
    floatingKernels.pointee.fourier_merge(h, lanes, zr, zi, xr, xi, wr, wi)
  }
}
