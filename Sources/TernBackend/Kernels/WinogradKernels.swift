import CTernKernels

/// Where the tiles of Winograd's convolution lie in images; see ``WinogradKernels``.
package typealias TileGrid = CTernKernels.TileGrid

/// How the values of tiles lie: value `point` of tile t at point · stride + t · row + channel.
package typealias PointLayout = CTernKernels.PointLayout

/// The transforms of Winograd's convolution F(4×4, 3×3): of 6×6 pixels, 4×4 pixels and 3×3 taps to and from 36 points.
///
/// Images lie as [height][width][channels], with at least 16 channels.
package enum WinogradKernels {
  /// The fewest channels that the transforms take.
  package static let leastChannels = 16
  /// The values that a tile is turned into.
  package static let points = 36
  /// Pixels of a tile's side.
  package static let side = 4

  /// Patches of 6×6 pixels, one for each tile `first` ..< `first + count`, at the points.
  package static func patches(
    _ grid: TileGrid, _ first: Int, _ count: Int, _ layout: PointLayout, _ out: UnsafeMutablePointer<Float>,
    _ x: UnsafePointer<Float>
  ) {
    withUnsafePointer(to: grid) { tern_kernels().pointee.winograd_patches($0, first, count, layout, out, x) }
  }

  /// The gradients of 4×4 pixels, one for each tile, at the points.
  package static func gradients(
    _ grid: TileGrid, _ first: Int, _ count: Int, _ layout: PointLayout, _ out: UnsafeMutablePointer<Float>,
    _ gradient: UnsafePointer<Float>
  ) {
    withUnsafePointer(to: grid) { tern_kernels().pointee.winograd_gradients($0, first, count, layout, out, gradient) }
  }

  /// The tiles' 4×4 pixels from products at the points, plus a bias; negative ones become zero where `rectifies`.
  package static func pixels(
    _ grid: TileGrid, _ first: Int, _ count: Int, _ layout: PointLayout, _ out: UnsafeMutablePointer<Float>,
    _ products: UnsafePointer<Float>, bias: UnsafePointer<Float>?, rectifies: Bool
  ) {
    withUnsafePointer(to: grid) {
      tern_kernels().pointee.winograd_pixels($0, first, count, layout, out, products, bias, rectifies)
    }
  }

  /// Kernels [outputs, channels, 3, 3] at the points, as matrices [channels, outputs]; where `mirrors`, turned by 180°
  /// as [outputs, channels]. Of the outputs in `range`, at least 16.
  package static func kernels(
    channels: Int, _ range: Range<Int>, mirrors: Bool, _ layout: PointLayout, _ out: UnsafeMutablePointer<Float>,
    _ weights: UnsafePointer<Float>
  ) {
    tern_kernels().pointee.winograd_kernels(
      channels, range.lowerBound, range.upperBound, mirrors, layout, out, weights)
  }

  /// The gradient of kernels [outputs, channels, 3, 3] from the sum of `pieces` parts, `piece` values apart, of matrices
  /// [channels, outputs] at the points. Of the outputs in `range`, at least 16.
  package static func kernelGradients(
    channels: Int, _ range: Range<Int>, pieces: Int, piece: Int, _ layout: PointLayout,
    _ out: UnsafeMutablePointer<Float>, _ products: UnsafePointer<Float>
  ) {
    tern_kernels().pointee.winograd_kernel_gradients(
      channels, range.lowerBound, range.upperBound, pieces, piece, layout, out, products)
  }
}
