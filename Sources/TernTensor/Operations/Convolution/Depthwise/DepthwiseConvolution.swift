import TernBackend

// Convolutions in which every channel has kernels of its own: nothing to multiply as matrices, the loops are direct.

extension ConvolutionGeometry {
  private var grid: DepthwiseGrid {
    DepthwiseGrid(
      height: height, width: width, channels: channels, multiplier: outputs / channels, outHeight: outHeight,
      outWidth: outWidth, kernelHeight: kernelHeight, kernelWidth: kernelWidth, strideDown: stride.vertical,
      strideAcross: stride.horizontal, padTop: top, padLeft: left, dilationDown: dilation.vertical,
      dilationAcross: dilation.horizontal)
  }

  /// Rows of images per chunk.
  private func grain(_ width: Int, _ channels: Int) -> Int {
    Swift.max(1, StridedLoop.grain / Swift.max(1, width * channels))
  }

  /// The weights as [kernel height, kernel width, outputs].
  private func taps<Scalar: FloatingScalar>(_ weight: Tensor<Scalar>) -> Tensor<Scalar> {
    weight.detached().permuted(2, 3, 1, 0).contiguous
  }

  func depthwiseForward<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ weight: Tensor<Scalar>, to result: Tensor<Scalar>
  ) {
    let (grid, weight, out) = (grid, taps(weight), result.mutablePointer)
    withExtendedLifetime((x, weight)) {
      Workers.run(count: batch * outHeight, grain: grain(outWidth, outputs)) { range in
        Scalar.depthwise(grid, range.lowerBound, range.count, out, x.pointer, weight.pointer)
      }
    }
  }

  func depthwiseInputGradient<Scalar: FloatingScalar>(
    _ gradient: Tensor<Scalar>, _ weight: Tensor<Scalar>, to result: Tensor<Scalar>
  ) {
    let (grid, weight, out) = (grid, taps(weight), result.mutablePointer)
    withExtendedLifetime((gradient, weight)) {
      Workers.run(count: batch * height, grain: grain(width, channels)) { range in
        Scalar.depthwiseInput(grid, range.lowerBound, range.count, out, gradient.pointer, weight.pointer)
      }
    }
  }

  func depthwiseWeightGradient<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ gradient: Tensor<Scalar>
  ) -> Tensor<Scalar> {
    let (grid, rows) = (grid, batch * outHeight)
    let size = kernelHeight * kernelWidth * outputs
    let chunks = PartialSums<Scalar>.chunks(rows, grain: Swift.min(grain(outWidth, outputs), 64), size: size)
    let sums = PartialSums<Scalar>(chunks: chunks, size: size)
    withExtendedLifetime((x, gradient)) {
      Workers.run(chunks: chunks) { chunk in
        let range = PartialSums<Scalar>.range(chunk, of: chunks, rows)
        withScratch(outputs, of: Scalar.self) { scratch in
          Scalar.depthwiseWeight(
            grid, range.lowerBound, range.count, sums.pointer(chunk), x.pointer, gradient.pointer, scratch)
        }
      }
    }
    return sums.total(shape: [kernelHeight, kernelWidth, 1, outputs]).permuted(3, 2, 0, 1).copied()
  }
}
