package import CTernKernels

/// What rows with elements before and after them are made of.
package typealias RowExtension = CTernKernels.RowExtension

/// Rows of planes copied with other elements of the same rows before and after them.
package enum RowExtensionKernels {
  /// Rows `first` ..< `first + count` of the result, counted over all planes.
  package static func extend<Scalar: KernelScalar>(
    _ rows: RowExtension, _ first: Int, _ count: Int, _ out: UnsafeMutablePointer<Scalar>,
    _ x: UnsafePointer<Scalar>
  ) {
    withUnsafePointer(to: rows) { tern_kernels().pointee.extend_rows($0, first, count, out, x) }
  }
}
