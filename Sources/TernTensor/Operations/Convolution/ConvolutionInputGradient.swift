import TernBackend

extension ConvolutionGeometry {
  /// The gradient of the input: what every output pixel received from an input pixel, weighed by the output's gradient;
  /// not recorded.
  ///
  /// Input pixels whose positions leave the same remainder by the stride receive through the same taps: each such class
  /// is a convolution of the gradient, whose result is written once.
  ///
  /// - Parameter bias: added to every pixel, for transposed convolutions.
  func inputGradient<Scalar: FloatingScalar>(
    _ gradient: Tensor<Scalar>, _ weight: Tensor<Scalar>, bias: Tensor<Scalar>? = nil
  ) -> Tensor<Scalar> {
    let result = Tensor<Scalar>(channelsLast: inputShape)
    let bias = bias?.detached().contiguous
    if result.isEmpty { return result }
    if gradient.isEmpty { return result.filled(withChannels: bias) }
    let gradient = gradient.channelsLast
    if usesWinogradMirrored(Scalar.self) {
      winogradMirrored.convolve(gradient, weight, mirrors: true, bias: bias, to: result)
      return result
    }
    if isDepthwise {
      depthwiseInputGradient(gradient, weight, to: result)
      if let bias { result.addChannels(bias) }
      return result
    }
    if isPointwise && groups == 1 {
      pointwise(gradient, weight, n: channels, transposed: false, to: result)
      if let bias { result.addChannels(bias) }
      return result
    }
    let weights = grouped(weight).permuted(0, 3, 4, 1, 2)
    let rowClasses = TapClass.all(height, kernelHeight, stride.vertical, dilation.vertical, top)
    let columnClasses = TapClass.all(width, kernelWidth, stride.horizontal, dilation.horizontal, left)
    for rows in rowClasses {
      for columns in columnClasses {
        let product = PatchProduct(
          images: batch, height: outHeight, width: outWidth, channels: outputs / groups, groups: groups,
          rows: rows.count, columns: columns.count, step: 1, down: rows.offsets, across: columns.offsets)
        let out = PatchProduct.Pixels(
          pointer: result.mutablePointer + (rows.remainder * width + columns.remainder) * channels,
          image: height * width * channels, row: stride.vertical * width * channels,
          column: stride.horizontal * channels)
        let matrix = weights[[.all, rows.taps, columns.taps]].contiguous
        withExtendedLifetime((gradient, bias, matrix)) {
          product.multiply(
            gradient.pointer, by: matrix.pointer, n: channels / groups, bias: bias?.pointer, to: out)
        }
      }
    }
    return result
  }
}

/// The positions along an axis of the input that leave one remainder by the stride, and the taps that lead to them.
private struct TapClass {
  let remainder: Int
  /// How many positions there are.
  let count: Int
  /// Where the outputs lie that a position went into: output = position / stride + offset, ascending.
  let offsets: [Int]
  /// The taps in the order of the offsets: a tap further on leads to an output further back.
  let taps: AxisIndex

  static func all(_ extent: Int, _ kernel: Int, _ stride: Int, _ dilation: Int, _ padding: Int) -> [TapClass] {
    (0..<Swift.min(stride, extent)).map { remainder in
      let taps = (0..<kernel).reversed().filter { (remainder + padding - $0 * dilation) % stride == 0 }
      let slice: AxisIndex
      if let last = taps.first {
        slice = .slice(last, nil, step: taps.count > 1 ? taps[1] - last : -kernel)
      } else {
        slice = .slice(0, 0)
      }
      return TapClass(
        remainder: remainder, count: (extent - remainder + stride - 1) / stride,
        offsets: taps.map { (remainder + padding - $0 * dilation) / stride }, taps: slice)
    }
  }
}
