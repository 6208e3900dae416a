import TernBackend

// The three passes of a convolution by Winograd's algorithm, where it is the faster one.

extension ConvolutionGeometry {
  /// The forward pass by Winograd's algorithm.
  var winograd: WinogradConvolution {
    WinogradConvolution(
      images: batch, height: height, width: width, channels: channels, top: top, left: left, outHeight: outHeight,
      outWidth: outWidth, outputs: outputs)
  }

  /// The gradient of the input by Winograd's algorithm: a convolution of the gradient with the kernels turned.
  var winogradMirrored: WinogradConvolution {
    WinogradConvolution(
      images: batch, height: outHeight, width: outWidth, channels: outputs, top: 2 - top, left: 2 - left,
      outHeight: height, outWidth: width, outputs: channels)
  }

  /// Whether Winograd's algorithm is the best way to the forward pass and the weights' gradient.
  func usesWinograd<Scalar>(_: Scalar.Type) -> Bool { takesWinograd(Scalar.self) && winograd.isWorthwhile }

  /// Whether it is the best way to the gradient of the input.
  func usesWinogradMirrored<Scalar>(_: Scalar.Type) -> Bool {
    takesWinograd(Scalar.self) && winogradMirrored.isWorthwhile
  }

  private func takesWinograd<Scalar>(_: Scalar.Type) -> Bool {
    Scalar.self == Float.self && kernelHeight == 3 && kernelWidth == 3 && stride == 1 && dilation == 1 && groups == 1
      && channels >= WinogradKernels.leastChannels && outputs >= WinogradKernels.leastChannels
      && ConvolutionPrecision.current == .fast
  }
}

extension WinogradConvolution {
  /// Tiles that hang over the edges are reckoned whole, and kernels are transformed for many tiles or in vain.
  fileprivate var isWorthwhile: Bool { images * outHeight * outWidth >= 6 * tiles && tiles >= 32 }

  /// The convolution of channels-last images, which are of Float.
  func convolve<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ weight: Tensor<Scalar>, mirrors: Bool, bias: Tensor<Scalar>?, to result: Tensor<Scalar>
  ) {
    let weight = weight.detached().contiguous
    withExtendedLifetime((x, weight, bias)) {
      convolve(
        float(x.pointer), float(weight.pointer), mirrors: mirrors, bias: bias.map { float($0.pointer) },
        to: float(result.mutablePointer))
    }
  }

  /// The gradient of the kernels, from channels-last images of Float.
  func kernelGradient<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ gradient: Tensor<Scalar>
  ) -> Tensor<Scalar> {
    let result = Tensor<Scalar>(uninitialized: [outputs, channels, 3, 3])
    withExtendedLifetime((x, gradient)) {
      kernelGradient(float(x.pointer), float(gradient.pointer), to: float(result.mutablePointer))
    }
    return result
  }

  private func float<Scalar>(_ pointer: UnsafePointer<Scalar>) -> UnsafePointer<Float> {
    UnsafeRawPointer(pointer).assumingMemoryBound(to: Float.self)
  }

  private func float<Scalar>(_ pointer: UnsafeMutablePointer<Scalar>) -> UnsafeMutablePointer<Float> {
    UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: Float.self)
  }
}
