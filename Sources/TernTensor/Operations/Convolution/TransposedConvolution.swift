import TernBackend

/// The transposed convolution of images: every pixel of x spreads the kernels, weighed by it, over the result.
///
/// It is the gradient of ``conv2D(_:_:bias:stride:padding:dilation:groups:activation:file:line:)`` with respect to its input, and so the
/// derivatives are convolutions. A result's extent is
/// (extent − 1)·stride − 2·padding + dilation·(kernel − 1) + outputPadding + 1. Stops where channels, groups or bias do
/// not fit, and for an output padding that is not below stride or dilation.
///
/// - Parameters:
///   - x: [batch, channels, height, width], or one image [channels, height, width].
///   - weight: [channels, outputs / groups, kernel height, kernel width].
///   - bias: [outputs].
///   - padding: what the convolution that this one inverts would put around its images; it is cropped here.
///   - outputPadding: what is added at the bottom and the right.
public func transposedConv2D<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, _ weight: Tensor<Scalar>, bias: Tensor<Scalar>? = nil, stride: some PairConvertible = 1,
  padding: some Padding2DConvertible = 0, outputPadding: some PairConvertible = 0, dilation: some PairConvertible = 1,
  groups: Int = 1,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let geometry = ConvolutionArguments(
    operation: "transposedConv2D", input: x.shape, weight: weight.shape, bias: bias?.shape, stride: stride.pair.array,
    padding: padding.padding2D.axes, dilation: dilation.pair.array, groups: groups
  ).transposedGeometry(outputPadding: outputPadding.pair.array)
  if x.rank == 4 { return geometry.inputGradients(x, weight, bias: bias) }
  return geometry.inputGradients(x.expandedAxis(at: 0), weight, bias: bias).squeezed(0)
}

/// The transposed convolution of sequences, see
/// ``transposedConv2D(_:_:bias:stride:padding:outputPadding:dilation:groups:file:line:)``.
///
/// - Parameters:
///   - x: [batch, channels, length], or one sequence [channels, length].
///   - weight: [channels, outputs / groups, kernel length].
///   - bias: [outputs].
public func transposedConv1D<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, _ weight: Tensor<Scalar>, bias: Tensor<Scalar>? = nil, stride: Int = 1,
  padding: some Padding1DConvertible = 0, outputPadding: Int = 0, dilation: Int = 1, groups: Int = 1,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let geometry = ConvolutionArguments(
    operation: "transposedConv1D", input: x.shape, weight: weight.shape, bias: bias?.shape, stride: [stride],
    padding: padding.padding1D.axes, dilation: [dilation], groups: groups
  ).transposedGeometry(outputPadding: [outputPadding])
  let images = x.reshaped(geometry.outputShape)
  let result = geometry.inputGradients(images, weight.expandedAxis(at: 2), bias: bias)
  return x.rank == 3 ? result.squeezed(2) : result.squeezed(0, 2)
}
