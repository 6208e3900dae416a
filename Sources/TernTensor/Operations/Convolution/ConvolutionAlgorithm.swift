import TernBackend

/// The passes of a convolution.
package enum ConvolutionPass: CaseIterable, Sendable {
  case forward
  case inputGradient
  case weightGradient
}

/// The algorithm that computes one pass of a convolution.
package enum ConvolutionAlgorithm: Sendable {
  /// Winograd's algorithm for 3×3 kernels, see ``WinogradConvolution``.
  case winograd
  /// Register tiles, see ``DirectPass``.
  case direct
  /// Register tiles over whole rows of a kernel, whose results are added where they overlap.
  case directScatter
  /// Register tiles channel by channel.
  case directDepthwise
  /// Loops channel by channel.
  case depthwise
  /// One matrix product over all pixels.
  case pointwise
  /// Matrix products with tiles of patches, see ``Im2Row``.
  case im2Row

  /// Whether it consists of matrix products, which round their operands themselves where the processor multiplies bfloat16.
  var multipliesMatrices: Bool {
    switch self {
    case .pointwise, .im2Row: true
    case .winograd, .direct, .directScatter, .directDepthwise, .depthwise: false
    }
  }
}

extension ConvolutionGeometry {
  /// The algorithm of a pass in which no extent is zero. Depends on the geometry, the scalar type,
  /// ``ConvolutionPrecision/current`` and ``FloatPrecision/current`` alone.
  package func algorithm<Scalar: FloatingScalar>(
    for pass: ConvolutionPass, of _: Scalar.Type
  ) -> ConvolutionAlgorithm {
    let isFloat = Scalar.self == Float.self
    if FloatPrecision.multipliesBFloat16(Scalar.self), let algorithm = bfloat16Algorithm { return algorithm }
    if isFloat && allowsWinograd && isWorthwhile(pass == .inputGradient ? winogradInputGradient : winograd) {
      return .winograd
    }
    if isDepthwise { return isFloat && outputs == channels ? .directDepthwise : .depthwise }
    let isProduct = isPointwise && groups == 1
    if isFloat && isCompact && !(isProduct && batch * height * width < ConvolutionGeometry.enoughPixels) {
      return pass == .inputGradient && fillsVectorsByRows ? .directScatter : .direct
    }
    return isProduct ? .pointwise : .im2Row
  }

  /// The algorithm where the processor multiplies bfloat16; `nil` where Float's is used, whose operands are rounded first.
  ///
  /// Measured on one Zen 5 core, all three passes, Winograd's algorithm in Float over direct kernels: 1.2 with 16 channels, 1.0
  /// with 32, 0.8 with 64, 0.6 with 128, 0.9 with 256; with a stride of 2 1.4 to 1.5. On two, direct
  /// kernels take 0.83 and 0.92 of the time of products with patches for 16 million weights, with 7×7 and 14×14 pixels.
  private var bfloat16Algorithm: ConvolutionAlgorithm? {
    if isDepthwise { return outputs == channels ? .directDepthwise : nil }
    let isProduct = isPointwise && groups == 1
    if isProduct, Swift.min(channels, outputs) >= 128 { return .pointwise }
    let least = Swift.min(channels, outputs)
    if stride == 1, 64..<256 ~= least, allowsWinograd, isWorthwhile(winograd), isWorthwhile(winogradInputGradient) {
      return nil
    }
    // A group begins with a whole pair of channels.
    let isPaired = groups == 1 || (channels / groups) % 2 == 0 && (outputs / groups) % 2 == 0
    let isSmall = isProduct && batch * height * width < ConvolutionGeometry.enoughPixels
    if isPaired && isCompact && !isSmall { return .direct }
    return isProduct ? .pointwise : .im2Row
  }

  /// Pixels from which packing the weights of a 1×1 convolution pays.
  private static let enoughPixels = 512

  /// Whether the pixels under one kernel, with those between its taps, are few enough to be copied together.
  private var isCompact: Bool {
    let rows = Double(kernelHeight - 1) * Double(dilation.vertical) + 1
    let columns = Double(kernelWidth - 1) * Double(dilation.horizontal) + 1
    return rows * columns * Double(Swift.max(channels, outputs) / groups) <= 0x1p24
  }

  /// Whether Winograd's algorithm computes this convolution, and its rounding errors are allowed.
  private var allowsWinograd: Bool {
    kernelHeight == 3 && kernelWidth == 3 && (stride == 1 || stride == 2) && dilation == 1 && groups == 1
      && channels >= WinogradForm.leastChannels && outputs >= WinogradForm.leastChannels
      && ConvolutionPrecision.current == .fast
  }

  /// Whether Winograd's algorithm is the fastest: tiles that overlap the edges are computed whole, and kernels are
  /// transformed for many tiles or in vain.
  private func isWorthwhile(_ winograd: WinogradConvolution) -> Bool {
    let pixels = winograd.images * winograd.outHeight * winograd.outWidth
    let tiles = winograd.tiles
    switch winograd.form {
    case .plain, .mirrored: return 9 * pixels >= 54 * tiles && tiles >= 32
    case .strided: return 9 * pixels >= 30 * tiles && tiles >= 64
    case .stridedMirrored, .stridedFlipped: return 9 * pixels >= 4 * 30 * tiles && tiles >= 64
    }
  }

  /// Whether the taps of a kernel's row with their channels fill vectors so much better than the channels alone that it
  /// is worth adding them where they overlap.
  private var fillsVectorsByRows: Bool {
    guard groups == 1, dilation.horizontal == 1, top >= 0, left >= 0 else { return false }
    func vectors(_ values: Int) -> Int { (values + DirectKernels.lanes - 1) / DirectKernels.lanes }
    return 3 * vectors(kernelWidth * channels) <= 2 * kernelWidth * vectors(channels)
  }
}

extension ConvolutionGeometry {
  /// The geometry of shapes [batch, channels, height, width] and [outputs, channels / groups, height, width]; `nil` where
  /// they do not fit, or are out of range.
  package init?(input: [Int], weight: [Int], stride: Int, padding: Int, dilation: Int, groups: Int) {
    let extents = input + weight + [stride, dilation, groups]
    guard input.count == 4, weight.count == 4, extents.allSatisfy({ 1...65_536 ~= $0 }), 0...65_536 ~= padding,
      input[1] == weight[1] * groups, weight[0] % groups == 0
    else { return nil }
    let fits = (2...3).allSatisfy { (weight[$0] - 1) * dilation + 1 <= input[$0] + 2 * padding }
    guard fits, Layout.holds(input), Layout.holds(weight) else { return nil }
    let out = (2...3).map { (input[$0] + 2 * padding - (weight[$0] - 1) * dilation - 1) / stride + 1 }
    guard Layout.holds([input[0], weight[0]] + out) else { return nil }
    self.init(
      batch: input[0], channels: input[1], height: input[2], width: input[3], outputs: weight[0], outHeight: out[0],
      outWidth: out[1], kernelHeight: weight[2], kernelWidth: weight[3], stride: Pair(stride), dilation: Pair(dilation),
      top: padding, left: padding, groups: groups)
  }
}

extension ConvolutionAlgorithm {
  /// What the algorithm is and when it is chosen, for `tern info`.
  package var explanation: String {
    switch self {
    case .winograd:
      "Winograd's algorithm: 3×3 kernels with a stride of 1 or 2, at least \(WinogradForm.leastChannels) channels and outputs, "
        + "and enough whole tiles"
    case .direct: "direct, register tiles: Float, and the pixels under one kernel fit the cache"
    case .directScatter: "direct, whole rows of a kernel at once: so few channels that they do not fill a vector"
    case .directDepthwise: "direct, channel by channel: Float, each channel has one kernel of its own"
    case .depthwise: "loops channel by channel: each channel has kernels of its own"
    case .pointwise: "one matrix product over all pixels: 1×1 kernels"
    case .im2Row: "im2row: matrix products with tiles of patches"
    }
  }
}

/// The same memory, known to hold Float.
func floats<Scalar>(_ pointer: UnsafePointer<Scalar>) -> UnsafePointer<Float> {
  UnsafeRawPointer(pointer).assumingMemoryBound(to: Float.self)
}

func floats<Scalar>(_ pointer: UnsafeMutablePointer<Scalar>) -> UnsafeMutablePointer<Float> {
  UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: Float.self)
}
