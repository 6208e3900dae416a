package import CTernKernels

/// Where the tiles of Winograd's convolution lie in images: tile (r, c) begins at (r · step − top, c · step − left).
package typealias TileGrid = CTernKernels.TileGrid

/// How values lie: matrices `stride` apart, their rows `row` apart; a row has one or several parts, each of all channels.
package typealias PointLayout = CTernKernels.PointLayout

/// A form of Winograd's convolution with 3×3 kernels: how tiles of pixels and kernels become matrices, whose products
/// become pixels again.
///
/// Images lie as [height][width][channels], with at least 16 channels, on both sides.
package enum WinogradForm: Sendable {
  /// Stride 1: 4×4 pixels from 6×6 by 36 products.
  case plain
  /// The gradient of the input with stride 1: the same with the kernels turned by 180°.
  case mirrored
  /// Stride 2: 2×2 pixels from 5×5 by 25 products, in 9 matrices of one to four parts, which are added up.
  case strided
  /// The gradient of the input with stride 2: 4×4 pixels from 3×3 by 25 products, in 9 matrices of one to four parts.
  case stridedMirrored
  /// The same, whose tiles begin a pixel later and take what they read from the other end.
  case stridedFlipped

  /// The fewest channels that the transforms take.
  package static let leastChannels = 16

  /// Whether it is the gradient of an input, with the kernels' channels and outputs exchanged.
  package var isGradient: Bool { self != .plain && self != .strided }
  private var hasStride: Bool { self != .plain && self != .mirrored }
  private var spreads: Bool { isGradient && hasStride }

  /// How many matrices there are.
  package var matrices: Int { hasStride ? 9 : 36 }
  /// Pixels between tiles, and between the patches they are made from.
  package var resultStep: Int { self == .strided ? 2 : 4 }
  package var patchStep: Int { spreads ? 2 : 4 }
  /// The most parts that the rows of patches, and of products, have.
  package var patchParts: Int { self == .strided ? 4 : 1 }
  package var productParts: Int { spreads ? 4 : 1 }
  /// The values of a tile for each channel.
  package var patchValues: Int { self == .strided ? 25 : matrices }
  package var productValues: Int { spreads ? 25 : matrices }

  /// The parts of a matrix, of three by three whose first row and column have one each and the others two.
  private func parts(_ matrix: Int) -> Int { (matrix < 3 ? 1 : 2) * (matrix % 3 == 0 ? 1 : 2) }
  package func patchParts(_ matrix: Int) -> Int { self == .strided ? parts(matrix) : 1 }
  package func productParts(_ matrix: Int) -> Int { spreads ? parts(matrix) : 1 }

  /// Whether the tiles may be read from images of bfloat16, of an even number of channels.
  package var readsBFloat16: Bool { !hasStride }

  /// Patches of pixels, one for each tile `first` ..< `first + count`, as rows of the matrices.
  package func patches(
    _ grid: TileGrid, _ first: Int, _ count: Int, _ layout: PointLayout, _ out: UnsafeMutablePointer<Float>,
    _ x: OperandPointer
  ) {
    if x.inBFloat16 {
      precondition(!hasStride, "tiles of bfloat16 have a stride of 1")
      return withUnsafePointer(to: grid) {
        tern_bfloat16_convolution_kernels()!.pointee.winograd_patches($0, first, count, layout, out, x.halves)
      }
    }
    let table = tern_kernels()
    let kernel =
      switch self {
      case .plain, .mirrored: table.pointee.winograd_patches
      case .strided: table.pointee.strided_patches
      case .stridedMirrored: table.pointee.strided_mirrored_patches
      case .stridedFlipped: table.pointee.strided_flipped_patches
      }
    withUnsafePointer(to: grid) { kernel($0, first, count, layout, out, x.floats) }
  }

  /// The gradients of tiles, one for each, as rows of the matrices.
  package func gradients(
    _ grid: TileGrid, _ first: Int, _ count: Int, _ layout: PointLayout, _ out: UnsafeMutablePointer<Float>,
    _ gradient: OperandPointer
  ) {
    if gradient.inBFloat16 {
      precondition(!hasStride, "tiles of bfloat16 have a stride of 1")
      return withUnsafePointer(to: grid) {
        tern_bfloat16_convolution_kernels()!.pointee.winograd_gradients($0, first, count, layout, out, gradient.halves)
      }
    }
    let table = tern_kernels()
    let kernel = self == .plain ? table.pointee.winograd_gradients : table.pointee.strided_gradients
    withUnsafePointer(to: grid) { kernel($0, first, count, layout, out, gradient.floats) }
  }

  /// The tiles' pixels from the matrices' products, plus a bias; then ReLU for `appliesReLU`.
  package func pixels(
    _ grid: TileGrid, _ first: Int, _ count: Int, _ layout: PointLayout, _ out: UnsafeMutablePointer<Float>,
    _ products: UnsafePointer<Float>, bias: UnsafePointer<Float>?, appliesReLU: Bool
  ) {
    let table = tern_kernels()
    let kernel =
      switch self {
      case .plain, .mirrored: table.pointee.winograd_pixels
      case .strided: table.pointee.strided_pixels
      case .stridedMirrored: table.pointee.strided_mirrored_pixels
      case .stridedFlipped: table.pointee.strided_flipped_pixels
      }
    withUnsafePointer(to: grid) { kernel($0, first, count, layout, out, products, bias, appliesReLU) }
  }

  /// Kernels [outputs, channels, 3, 3] as matrices with rows of outputs; for a gradient of the input, with rows of
  /// channels. Of the outputs in `range`, at least 16.
  package func kernels(
    channels: Int, _ range: Range<Int>, _ layout: PointLayout, _ out: UnsafeMutablePointer<Float>,
    _ weights: UnsafePointer<Float>
  ) {
    let table = tern_kernels()
    let kernel =
      switch self {
      case .plain: table.pointee.winograd_kernels
      case .mirrored: table.pointee.winograd_mirrored_kernels
      case .strided: table.pointee.strided_kernels
      case .stridedMirrored: table.pointee.strided_mirrored_kernels
      case .stridedFlipped: table.pointee.strided_flipped_kernels
      }
    kernel(channels, range.lowerBound, range.upperBound, layout, out, weights)
  }

  /// The gradient of kernels [outputs, channels, 3, 3] from the sum of `chunks` parts, `chunk` values apart, of matrices
  /// with rows of outputs. Of the outputs in `range`, at least 16.
  package func kernelGradients(
    channels: Int, _ range: Range<Int>, chunks: Int, chunk: Int, _ layout: PointLayout,
    _ out: UnsafeMutablePointer<Float>, _ products: UnsafePointer<Float>
  ) {
    let table = tern_kernels()
    let kernel = self == .plain ? table.pointee.winograd_kernel_gradients : table.pointee.strided_kernel_gradients
    kernel(channels, range.lowerBound, range.upperBound, chunks, chunk, layout, out, products)
  }
}
