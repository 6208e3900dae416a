import TernBackend

extension ConvolutionGeometry {
  /// y[n, o, i, j] = b[o] + Σ w[o, c, u, v] · x[n, c, i·stride + u·dilation − padding, …]; not recorded.
  ///
  /// - Parameters:
  ///   - appliesReLU: whether a ReLU is applied in this pass.
  ///   - images: x as images of bfloat16, where ``readsBFloat16Images(_:of:)`` holds and there are any already.
  func forward<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ weight: Tensor<Scalar>, bias: Tensor<Scalar>?, appliesReLU: Bool = false,
    images: Tensor<BFloat16>? = nil
  ) -> Tensor<Scalar> {
    let result = Tensor<Scalar>(channelsLast: outputShape)
    let bias = bias?.detached().contiguous
    if result.isEmpty { return result }
    if channels == 0 {
      let filled = result.filled(withChannels: bias)
      return appliesReLU ? filled.relu() : filled
    }
    let algorithm = algorithm(for: .forward, of: Scalar.self)
    if readsBFloat16Images(.forward, of: Scalar.self) {
      forward(
        images ?? x.bfloat16Images, weight.detached().contiguous, bias: bias, by: algorithm, appliesReLU: appliesReLU,
        to: result)
      return result
    }
    let x = x.channelsLast.operand(roundedByProduct: algorithm.multipliesMatrices)
    let source = weight.detached().contiguous
    let out = result.mutablePointer
    if algorithm == .winograd, let kernels = winograd.kept(source) {
      winograd.convolve(x, source, kernels: kernels, bias: bias, appliesReLU: appliesReLU, to: result)
      return result
    }
    let weight = source.operand(roundedByProduct: algorithm.multipliesMatrices)
    withExtendedLifetime((x, weight, bias)) {
      switch algorithm {
      case .winograd:
        winograd.convolve(x, weight, bias: bias, appliesReLU: appliesReLU, to: result)
        return
      case .direct, .directScatter:
        directForward(
          x.operandPointer, floats(weight.pointer), source: weight.body.memory,
          bias: (bias?.pointer).map(floats), appliesReLU: appliesReLU, to: floats(out))
        return
      case .directDepthwise:
        directDepthwise(
          x.operandPointer, floats(weight.pointer), bias: (bias?.pointer).map(floats),
          appliesReLU: appliesReLU,
          to: floats(out))
        return
      case .depthwise: depthwiseForward(x, weight, to: result)
      case .pointwise: pointwise(x, weight, n: outputs, transposed: true, to: result)
      case .im2Row: im2RowForward(x, weight, to: result)
      }
      if let bias {
        result.addChannels(bias, appliesReLU: appliesReLU)
      } else if appliesReLU {
        Scalar.unary(.relu, result.count, out, 1, out, 1, 0, 0)
      }
    }
    return result
  }

  private func im2RowForward<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ weight: Tensor<Scalar>, to result: Tensor<Scalar>
  ) {
    let out = Im2Row.Pixels(
      pointer: result.mutablePointer, image: outHeight * outWidth * outputs, row: outWidth * outputs,
      column: outputs)
    if FloatPrecision.multipliesBFloat16(Scalar.self), let packed = packedPatches(weight) {
      return im2Row.multiplyBFloat16(x.pointer, by: packed, to: out)
    }
    let matrix = weightMatrices(weight)
    withExtendedLifetime(matrix) {
      im2Row.multiply(x.pointer, by: matrix.pointer, n: outputs / groups, to: out)
    }
  }

  /// The weights as matrices [groups, values of a patch, outputs of a group].
  private func weightMatrices<Scalar: FloatingScalar>(_ weight: Tensor<Scalar>) -> Tensor<Scalar> {
    grouped(weight).permuted(0, 3, 4, 2, 1).contiguous
  }

  /// The same, packed in bfloat16, from the second call on that finds them unchanged.
  private func packedPatches<Scalar: FloatingScalar>(_ weight: Tensor<Scalar>) -> PackedMatrices? {
    weight.body.memory.derived(.packedPatches(groups: groups)) {
      let matrix = weightMatrices(weight)
      return withExtendedLifetime(matrix) {
        PackedMatrices(floats(matrix.pointer), groups: groups, im2Row.length, outputs / groups)
      }
    }
  }

  /// The patches of the input that the kernels cover, one for each pixel of the output.
  var im2Row: Im2Row {
    Im2Row(
      images: batch, height: height, width: width, channels: channels / groups, groups: groups, rows: outHeight,
      columns: outWidth, step: stride, down: (0..<kernelHeight).map { $0 * dilation.vertical - top },
      across: (0..<kernelWidth).map { $0 * dilation.horizontal - left })
  }

  /// Every output pixel comes from the input's pixel in its place.
  var isPointwise: Bool { im2Row.isImage }

  /// The weights as [groups, outputs of a group, channels of a group, kernel height, kernel width].
  func grouped<Scalar: FloatingScalar>(_ weight: Tensor<Scalar>) -> Tensor<Scalar> {
    weight.detached().reshaped([groups, outputs / groups, channels / groups, kernelHeight, kernelWidth])
  }

  /// Pixels times a matrix of weights: one product for all images.
  ///
  /// - Parameter transposed: the weights are read as [n, k], not [k, n].
  func pointwise<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ weight: Tensor<Scalar>, n: Int, transposed: Bool, to result: Tensor<Scalar>
  ) {
    let weight = weight.detached().contiguous
    let k = x.shape[1]
    if transposed, FloatPrecision.multipliesBFloat16(Scalar.self), let right = weight.packedRight {
      return withExtendedLifetime(x) {
        BFloat16Products.gemm(
          .none, m: batch * height * width, alpha: 1, x.operandPointer, lda: k, right, beta: 0,
          floats(result.mutablePointer), ldc: n)
      }
    }
    withExtendedLifetime((x, weight)) {
      BLAS.gemm(
        .none, transposed ? .transposed : .none, m: batch * height * width, n: n, k: k, alpha: 1, x.pointer, lda: k,
        weight.pointer, ldb: transposed ? k : n, beta: 0, result.mutablePointer, ldc: n,
        inBFloat16: FloatPrecision.multipliesBFloat16(Scalar.self))
    }
  }
}

// MARK: Channels-last images

extension Tensor where Scalar: FloatingScalar {
  /// New memory for images [batch, channels, height, width] in the channels-last layout.
  package init(channelsLast shape: [Int]) {
    self.init(uninitialized: Layout(shape, order: [0, 2, 3, 1]))
  }

  /// The images in the channels-last layout, without a copy where they have it.
  package var channelsLast: Tensor {
    let wanted = Layout(shape, order: [0, 2, 3, 1])
    return layout.hasLayout(of: wanted) ? detached() : detached().copied(wanted)
  }

  /// Adds bias[c] to every pixel of channels-last images, in place; then ReLU for `appliesReLU`.
  func addChannels(_ bias: Tensor, appliesReLU: Bool = false) {
    let channels = shape[1]
    let (out, bias, pixels) = (mutablePointer, bias.contiguous, count / Swift.max(channels, 1))
    withExtendedLifetime(bias) {
      Workers.run(count: pixels, grain: Swift.max(1, StridedLoop.grain / Swift.max(channels, 1))) { range in
        Scalar.addChannels(
          range.count, channels, out + range.lowerBound * channels, bias.pointer, appliesReLU: appliesReLU)
      }
    }
  }

  /// Sets every pixel of channels-last images to `bias`, or to zero, in place.
  func filled(withChannels bias: Tensor?) -> Tensor {
    Scalar.fill(count, mutablePointer, 1, 0)
    if let bias { addChannels(bias) }
    return self
  }
}
