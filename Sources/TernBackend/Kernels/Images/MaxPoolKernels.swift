package import CTernKernels

/// Where windows that do not overlap lie in planes of [height][width][inner].
package typealias MaxPoolGrid = CTernKernels.MaxPoolGrid

/// Maxima of windows that do not overlap, each remembered by one byte; in Float.
///
/// `first` and `count` name some rows of the output, counted over all planes.
package enum MaxPoolKernels {
  /// The maximum of every window and its position in the window, row · width + column: the first among equals, the last
  /// NaN where there is one.
  package static func pool(
    _ grid: MaxPoolGrid, _ first: Int, _ count: Int, _ out: UnsafeMutablePointer<Float>,
    _ index: UnsafeMutablePointer<UInt8>, _ x: UnsafePointer<Float>
  ) {
    withUnsafePointer(to: grid) { tern_kernels().pointee.max_pool($0, first, count, out, index, x) }
  }

  /// The gradient of x, all of it between the windows of these rows and the next ones.
  package static func unpool(
    _ grid: MaxPoolGrid, _ first: Int, _ count: Int, _ out: UnsafeMutablePointer<Float>,
    _ index: UnsafePointer<UInt8>, _ gradient: UnsafePointer<Float>
  ) {
    withUnsafePointer(to: grid) { tern_kernels().pointee.max_unpool($0, first, count, out, index, gradient) }
  }
}
