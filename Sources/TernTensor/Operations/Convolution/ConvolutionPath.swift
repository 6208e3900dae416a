import TernBackend

/// How a pass of a convolution is computed.
enum ConvolutionPath {
  /// Register tiles, see ``DirectPass``.
  case direct
  /// Register tiles channel by channel.
  case directDepthwise
  /// Loops channel by channel.
  case depthwise
  /// One matrix product over all pixels.
  case pointwise
  /// Matrix products with tiles of patches.
  case patches
}

extension ConvolutionGeometry {
  /// Pixels from which packing the weights of a 1×1 convolution pays.
  private static let enoughPixels = 512

  /// Whether the pixels under one kernel, with those between its taps, are few enough to be copied together.
  private var isCompact: Bool {
    let rows = Double(kernelHeight - 1) * Double(dilation.vertical) + 1
    let columns = Double(kernelWidth - 1) * Double(dilation.horizontal) + 1
    return rows * columns * Double(Swift.max(channels, outputs) / groups) <= 0x1p24
  }

  /// The path of a pass in which no extent is zero.
  func path<Scalar: FloatingScalar>(_: Scalar.Type) -> ConvolutionPath {
    let isFloat = Scalar.self == Float.self
    if isDepthwise { return isFloat && outputs == channels ? .directDepthwise : .depthwise }
    let isProduct = isPointwise && groups == 1
    if isFloat && isCompact && !(isProduct && batch * height * width < ConvolutionGeometry.enoughPixels) {
      return .direct
    }
    return isProduct ? .pointwise : .patches
  }
}

/// The same memory, known to hold Float.
func floats<Scalar>(_ pointer: UnsafePointer<Scalar>) -> UnsafePointer<Float> {
  UnsafeRawPointer(pointer).assumingMemoryBound(to: Float.self)
}

func floats<Scalar>(_ pointer: UnsafeMutablePointer<Scalar>) -> UnsafeMutablePointer<Float> {
  UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: Float.self)
}
