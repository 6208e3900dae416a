import TernBackend

/// The gradients of a convolution's weights for each image by itself, not recorded: [batch, outputs, channels / groups, kernel
/// height, kernel width].
///
/// Images are spread over the workers, each by the algorithm that the gradient of one image by itself has, or with the patches
/// of one image at a time.
///
/// - Parameters:
///   - x: the images, [batch, channels, height, width].
///   - gradient: of the results, [batch, outputs, height, width].
///   - padding: above and on the left; what is below and on the right shows in the results' extents.
package func convolutionSampleGradients<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, _ gradient: Tensor<Scalar>, kernel: (Int, Int), stride: Pair, dilation: Pair,
  padding: (top: Int, left: Int), groups: Int
) -> Tensor<Scalar> {
  let geometry = ConvolutionGeometry(
    batch: x.shape[0], channels: x.shape[1], height: x.shape[2], width: x.shape[3], outputs: gradient.shape[1],
    outHeight: gradient.shape[2], outWidth: gradient.shape[3], kernelHeight: kernel.0, kernelWidth: kernel.1,
    stride: stride, dilation: dilation, top: padding.top, left: padding.left, groups: groups)
  if x.isEmpty || gradient.isEmpty { return Tensor(zeros: [geometry.batch] + geometry.weightShape) }
  return withoutGradients {
    if let each = geometry.weightGradientsOfImages(x.detached(), gradient.detached()) { return each }
    let (x, gradient) = (x.detached().channelsLast.operand, gradient.detached().channelsLast.operand)
    let (outputs, channels) = (geometry.outputs / groups, geometry.channels / groups)
    let products = withExtendedLifetime((x, gradient)) {
      geometry.im2Row.multiplyEachTransposed(x.pointer, by: gradient.pointer, n: outputs)
    }
    return products.reshaped([geometry.batch, groups * outputs, kernel.0, kernel.1, channels]).permuted(0, 1, 4, 2, 3)
  }
}

extension ConvolutionGeometry {
  /// The gradients of the weights for one image after the other, where an algorithm of its own computes that of one; `nil`
  /// where it is a matrix product, or operands are rounded.
  fileprivate func weightGradientsOfImages<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ gradient: Tensor<Scalar>
  ) -> Tensor<Scalar>? {
    var single = self
    single.batch = 1
    // Workers do not know the task's precision.
    let algorithm = single.algorithm(for: .weightGradient, of: Scalar.self)
    guard FloatPrecision.current == .float32, ConvolutionPrecision.current == .fast, !algorithm.multipliesMatrices
    else { return nil }
    let (x, gradient) = (x.channelsLast, gradient.channelsLast)
    if algorithm == .direct || algorithm == .directScatter {
      return withExtendedLifetime((x, gradient)) {
        let sums = directWeightGradientsOfImages(
          x.operandPointer, gradient.operandPointer)
        return Tensor(body: sums.body)
      }
    }
    let result = Tensor<Scalar>(uninitialized: [batch] + weightShape)
    let (out, size) = (result.mutablePointer, result.count / batch)
    Workers.run(chunks: batch) { [single] image in
      let part = single.weightGradient(
        x.narrowed(axis: 0, start: image, length: 1), gradient.narrowed(axis: 0, start: image, length: 1)
      ).contiguous
      withExtendedLifetime(part) { (out + image * size).update(from: part.pointer, count: size) }
    }
    return result
  }
}
