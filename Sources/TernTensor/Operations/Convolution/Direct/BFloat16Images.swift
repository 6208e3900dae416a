import TernBackend

// Convolutions of images of bfloat16 by the direct kernels, where the processor multiplies bfloat16, and by Winograd's
// algorithm in Float. Images and gradients are rounded once, for all passes that read them, and wait for the backward pass
// as they were read.

extension Tensor where Scalar: FloatingScalar {
  /// Images [batch, channels, height, width] rounded to bfloat16, channels-last, where an odd number of channels is followed
  /// by a channel of zeros in memory. What is subnormal becomes 0.
  var bfloat16Images: Tensor<BFloat16> {
    let images = Tensor<Float>(body: channelsLast.body)
    let (batch, channels, height, width) = (shape[0], shape[1], shape[2], shape[3])
    let pixel = (channels + 1) / 2 * 2
    let result = Tensor<BFloat16>(
      uninitialized: Layout([batch, pixel, height, width], order: [0, 2, 3, 1]))
    let (out, x) = (result.mutablePointer, images.pointer)
    let grain = Swift.max(1, StridedLoop.grain / Swift.max(pixel, 1) / 16 * 16)
    Workers.run(count: batch * height * width, grain: grain) { range in
      DirectKernels.images(
        range.count, channels, out + range.lowerBound * pixel, x + range.lowerBound * channels)
    }
    withExtendedLifetime(images) {}
    return pixel == channels ? result : result.narrowed(axis: 1, start: 0, length: channels)
  }
}

extension Tensor where Scalar == BFloat16 {
  /// Whether the values are in memory as ``bfloat16Images`` has them.
  var areImages: Bool {
    guard rank == 4, !isEmpty else { return false }
    let pixel = (shape[1] + 1) / 2 * 2
    return layout.strides == [shape[2] * shape[3] * pixel, 1, shape[3] * pixel, pixel]
  }
}

extension ConvolutionGeometry {
  /// Whether a pass reads images of bfloat16.
  func readsBFloat16Images<Scalar: FloatingScalar>(_ pass: ConvolutionPass, of _: Scalar.Type) -> Bool {
    guard FloatPrecision.multipliesBFloat16(Scalar.self) else { return false }
    switch algorithm(for: pass, of: Scalar.self) {
    case .direct, .directDepthwise: return true
    case .winograd: return winograd.form.readsBFloat16 && channels % 2 == 0 && outputs % 2 == 0
    case .directScatter, .depthwise, .pointwise, .im2Row: return false
    }
  }

  /// The forward pass.
  func forward<Scalar: FloatingScalar>(
    _ images: Tensor<BFloat16>, _ weight: Tensor<Scalar>, bias: Tensor<Scalar>?, by algorithm: ConvolutionAlgorithm,
    appliesReLU: Bool, to result: Tensor<Scalar>
  ) {
    if algorithm == .winograd {
      let kernels = winograd.kept(weight)
      return winograd.convolve(
        images, kernels == nil ? weight.operand(roundedByProduct: false) : weight, kernels: kernels, bias: bias,
        appliesReLU: appliesReLU, to: result)
    }
    withExtendedLifetime((images, weight, bias)) {
      let (x, bias, out) = (images.operandPointer, (bias?.pointer).map(floats), floats(result.mutablePointer))
      if algorithm == .directDepthwise {
        directDepthwise(x, floats(weight.pointer), bias: bias, appliesReLU: appliesReLU, to: out)
      } else {
        directForward(
          x, floats(weight.pointer), source: weight.body.memory, bias: bias, appliesReLU: appliesReLU, to: out)
      }
    }
  }

  /// The gradient of the input.
  func inputGradient<Scalar: FloatingScalar>(
    _ gradient: Tensor<BFloat16>, _ weight: Tensor<Scalar>, bias: Tensor<Scalar>?, by algorithm: ConvolutionAlgorithm,
    to result: Tensor<Scalar>
  ) {
    if algorithm == .winograd {
      return winogradInputGradient.convolve(
        gradient, weight.operand(roundedByProduct: false), bias: bias, to: result)
    }
    withExtendedLifetime((gradient, weight, bias)) {
      let (g, bias, out) = (gradient.operandPointer, (bias?.pointer).map(floats), floats(result.mutablePointer))
      if algorithm == .directDepthwise {
        directDepthwiseInputGradient(g, floats(weight.pointer), bias: bias, to: out)
      } else {
        directInputGradient(g, floats(weight.pointer), bias: bias, to: out)
      }
    }
  }

  /// The gradient of the weights.
  func weightGradient(
    _ images: Tensor<BFloat16>, _ gradient: Tensor<BFloat16>, by algorithm: ConvolutionAlgorithm
  ) -> Tensor<Float> {
    withExtendedLifetime((images, gradient)) {
      switch algorithm {
      case .winograd: winograd.kernelGradient(images, gradient, of: Float.self)
      case .directDepthwise: directDepthwiseWeightGradient(images.operandPointer, gradient.operandPointer)
      default: directWeightGradient(images.operandPointer, gradient.operandPointer)
      }
    }
  }

  /// Sends the gradients of x and the weights from images of bfloat16, the result's gradient rounded once for both; false
  /// where a pass reads others, or the gradients are recorded.
  func sendBFloat16Gradients<Scalar: FloatingScalar>(_ d: Derivation<Scalar>, _ gradient: Tensor<Scalar>) -> Bool {
    if d.createGraph || gradient.isEmpty { return false }
    guard !d.wants(0) || readsBFloat16Images(.inputGradient, of: Scalar.self) else { return false }
    guard !d.wants(1) || readsBFloat16Images(.weightGradient, of: Scalar.self) else { return false }
    guard d.wants(0) || d.wants(1) else { return true }
    let rounded = gradient.bfloat16Images
    let algorithm = algorithm(for: .inputGradient, of: Scalar.self)
    if algorithm == .directDepthwise, d.wants(0), d.wants(1), let both = depthwiseGradients(d, rounded) {
      d.send(0) { both.input }
      d.send(1) { both.weight }
      return true
    }
    d.send(0) { inputGradient(gradient, d.input(1), images: rounded) }
    d.send(1) {
      Tensor(body: weightGradient(images(d), rounded, by: self.algorithm(for: .weightGradient, of: Scalar.self)).body)
    }
    return true
  }

  /// The input of the forward pass as it waited, or rounded.
  private func images<Scalar: FloatingScalar>(_ d: Derivation<Scalar>) -> Tensor<BFloat16> {
    if let operand = d.firstOperand, operand.areImages { return operand }
    return d.input(0).bfloat16Images
  }

  private func depthwiseGradients<Scalar: FloatingScalar>(
    _ d: Derivation<Scalar>, _ gradient: Tensor<BFloat16>
  ) -> (input: Tensor<Scalar>, weight: Tensor<Scalar>)? {
    let (images, weight) = (images(d), d.input(1).detached().contiguous)
    let result = Tensor<Scalar>(channelsLast: inputShape)
    let weights = withExtendedLifetime((images, gradient, weight)) {
      directDepthwiseGradients(
        images.operandPointer, gradient.operandPointer, floats(weight.pointer),
        to: floats(result.mutablePointer))
    }
    return weights.map { (result, Tensor(body: $0.body)) }
  }
}
