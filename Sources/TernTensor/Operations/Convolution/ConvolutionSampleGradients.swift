import TernBackend

/// The gradients of a convolution's weights for each image by itself, not recorded: [batch, outputs, channels / groups, kernel
/// height, kernel width].
///
/// Images are spread over the workers, each with the patches of one image at a time.
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
    let (x, gradient) = (x.detached().channelsLast.operand, gradient.detached().channelsLast.operand)
    let (outputs, channels) = (geometry.outputs / groups, geometry.channels / groups)
    let products = withExtendedLifetime((x, gradient)) {
      geometry.im2Row.multiplyEachTransposed(x.pointer, by: gradient.pointer, n: outputs)
    }
    return products.reshaped([geometry.batch, groups * outputs, kernel.0, kernel.1, channels]).permuted(0, 1, 4, 2, 3)
  }
}
