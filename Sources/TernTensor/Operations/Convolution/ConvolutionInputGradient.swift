import TernBackend

extension ConvolutionGeometry {
  /// The gradient of the input: what every output pixel received from an input pixel, weighed by the output's gradient;
  /// not recorded.
  ///
  /// Input pixels whose positions leave the same remainder by the stride receive through the same taps: each such phase
  /// is a convolution of the gradient, whose result is written once.
  ///
  /// - Parameters:
  ///   - bias: added to every pixel, for transposed convolutions.
  ///   - images: the gradient as images of bfloat16, where ``readsBFloat16Images(_:of:)`` holds and there are any already.
  func inputGradient<Scalar: FloatingScalar>(
    _ gradient: Tensor<Scalar>, _ weight: Tensor<Scalar>, bias: Tensor<Scalar>? = nil, images: Tensor<BFloat16>? = nil
  ) -> Tensor<Scalar> {
    let result = Tensor<Scalar>(channelsLast: inputShape)
    let bias = bias?.detached().contiguous
    if result.isEmpty { return result }
    if gradient.isEmpty { return result.filled(withChannels: bias) }
    let algorithm = algorithm(for: .inputGradient, of: Scalar.self)
    if readsBFloat16Images(.inputGradient, of: Scalar.self) {
      inputGradient(
        images ?? gradient.bfloat16Images, weight.detached().contiguous, bias: bias, by: algorithm, to: result)
      return result
    }
    let gradient = gradient.channelsLast.operand(roundedByProduct: algorithm.multipliesMatrices)
    let weight = weight.detached().contiguous.operand(roundedByProduct: algorithm.multipliesMatrices)
    let out = result.mutablePointer
    withExtendedLifetime((gradient, weight, bias)) {
      switch algorithm {
      case .winograd:
        winogradInputGradient.convolve(gradient, weight, bias: bias, to: result)
        return
      case .directScatter:
        scatterInputGradient(
          floats(gradient.pointer), Tensor<Float>(body: weight.body), bias: (bias?.pointer).map(floats), to: floats(out)
        )
        return
      case .direct:
        directInputGradient(
          gradient.operandPointer, floats(weight.pointer), bias: (bias?.pointer).map(floats),
          to: floats(out))
        return
      case .directDepthwise:
        directDepthwiseInputGradient(
          gradient.operandPointer, floats(weight.pointer), bias: (bias?.pointer).map(floats),
          to: floats(out))
        return
      case .depthwise: depthwiseInputGradient(gradient, weight, to: result)
      case .pointwise: pointwise(gradient, weight, n: channels, transposed: false, to: result)
      case .im2Row: im2RowInputGradient(rowPhases, columnPhases, gradient, weight, to: result)
      }
      if let bias { result.addChannels(bias) }
    }
    return result
  }

  /// The phases of the input's rows.
  var rowPhases: [StridePhase] { StridePhase.all(height, kernelHeight, stride.vertical, dilation.vertical, top) }
  /// The phases of the input's columns.
  var columnPhases: [StridePhase] {
    StridePhase.all(width, kernelWidth, stride.horizontal, dilation.horizontal, left)
  }

  /// The gradients of input and weights from one pass over the result's, not recorded; `nil` where they are made apart.
  func bothGradients<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ gradient: Tensor<Scalar>, _ weight: Tensor<Scalar>
  ) -> (input: Tensor<Scalar>, weight: Tensor<Scalar>)? {
    if x.isEmpty || gradient.isEmpty { return nil }
    guard case .directDepthwise = algorithm(for: .inputGradient, of: Scalar.self) else { return nil }
    let result = Tensor<Scalar>(channelsLast: inputShape)
    let x = x.channelsLast.operand(roundedByProduct: false)
    let gradient = gradient.channelsLast.operand(roundedByProduct: false)
    let weight = weight.detached().contiguous.operand(roundedByProduct: false)
    let weights = withExtendedLifetime((x, gradient, weight)) {
      directDepthwiseGradients(
        x.operandPointer, gradient.operandPointer, floats(weight.pointer),
        to: floats(result.mutablePointer))
    }
    return weights.map { (result, Tensor(body: $0.body)) }
  }

  private func im2RowInputGradient<Scalar: FloatingScalar>(
    _ rows: [StridePhase], _ columns: [StridePhase], _ gradient: Tensor<Scalar>, _ weight: Tensor<Scalar>,
    to result: Tensor<Scalar>
  ) {
    let weights = grouped(weight).permuted(0, 3, 4, 1, 2)
    for row in rows {
      for column in columns {
        let product = Im2Row(
          images: batch, height: outHeight, width: outWidth, channels: outputs / groups, groups: groups,
          rows: row.count, columns: column.count, step: 1, down: row.offsets, across: column.offsets)
        let out = Im2Row.Pixels(
          pointer: result.mutablePointer + (row.remainder * width + column.remainder) * channels,
          image: height * width * channels, row: stride.vertical * width * channels,
          column: stride.horizontal * channels)
        let matrix = weights[[.all, row.slice, column.slice]].contiguous
        withExtendedLifetime(matrix) {
          product.multiply(gradient.pointer, by: matrix.pointer, n: channels / groups, to: out)
        }
      }
    }
  }
}
