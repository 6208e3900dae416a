import TernBackend

// The three passes of a convolution by Winograd's algorithm, where it is the faster one.

extension ConvolutionGeometry {
  /// The forward pass by Winograd's algorithm.
  var winograd: WinogradConvolution {
    WinogradConvolution(
      form: stride == 1 ? .plain : .strided, images: batch, height: height, width: width, channels: channels,
      outHeight: outHeight, outWidth: outWidth, outputs: outputs, top: top, left: left)
  }

  /// The gradient of the input by Winograd's algorithm: with a stride of 1 a convolution of the gradient with the
  /// kernels turned by 180°, with a stride of 2 the form that takes fewer tiles.
  var winogradInputGradient: WinogradConvolution {
    if stride == 1 { return winogradGradient(.mirrored, top: 2 - top, left: 2 - left, crop: (0, 0)) }
    let mirrored = winogradGradient(.stridedMirrored, top: 1, left: 1, crop: (top, left))
    if top < 1 || left < 1 { return mirrored }
    let flipped = winogradGradient(.stridedFlipped, top: 0, left: 0, crop: (top - 1, left - 1))
    return flipped.tiles < mirrored.tiles ? flipped : mirrored
  }

  private func winogradGradient(
    _ form: WinogradForm, top: Int, left: Int, crop: (top: Int, left: Int)
  ) -> WinogradConvolution {
    WinogradConvolution(
      form: form, images: batch, height: outHeight, width: outWidth, channels: outputs, outHeight: height,
      outWidth: width, outputs: channels, top: top, left: left, cropTop: crop.top, cropLeft: crop.left)
  }
}

extension WinogradConvolution {
  /// The convolution of channels-last images, of Float or bfloat16.
  ///
  /// - Parameter kernels: what ``kept(_:)`` has of the weights.
  func convolve<Pixel, Scalar: FloatingScalar>(
    _ x: Tensor<Pixel>, _ weight: Tensor<Scalar>, kernels: OwnedMemory? = nil, bias: Tensor<Scalar>?,
    appliesReLU: Bool = false, to result: Tensor<Scalar>
  ) {
    let weight = weight.detached().contiguous
    withExtendedLifetime((x, weight, bias)) {
      convolve(
        x.operandPointer, floats(weight.pointer), kernels: kernels, bias: bias.map { floats($0.pointer) },
        appliesReLU: appliesReLU, to: floats(result.mutablePointer))
    }
  }

  /// The transformed kernels of weights, rounded before in reduced precision, from the second call on that finds them
  /// unchanged; `nil` for more than 16 MB.
  func kept<Scalar: FloatingScalar>(_ weight: Tensor<Scalar>) -> OwnedMemory? {
    guard kernelCount <= 0x400000 else { return nil }
    let key = DerivedValues.Key.winogradKernels(
      isStrided: form == .strided, inBFloat16: FloatPrecision.roundsOperands(of: Scalar.self))
    return weight.body.memory.derived(key) {
      let memory = OwnedMemory(byteCount: kernelCount * MemoryLayout<Float>.stride)
      let weight = weight.operand(roundedByProduct: false)
      withExtendedLifetime(weight) {
        transformKernels(floats(weight.pointer), to: memory.pointer.bindMemory(to: Float.self, capacity: kernelCount))
      }
      return memory
    }
  }

  /// The gradient of the kernels, from channels-last images, both of Float or of bfloat16.
  func kernelGradient<Pixel, Scalar: FloatingScalar>(
    _ x: Tensor<Pixel>, _ gradient: Tensor<Pixel>, of _: Scalar.Type
  ) -> Tensor<Scalar> {
    let result = Tensor<Scalar>(uninitialized: [outputs, channels, 3, 3])
    withExtendedLifetime((x, gradient)) {
      kernelGradient(x.operandPointer, gradient.operandPointer, to: floats(result.mutablePointer))
    }
    return result
  }
}
