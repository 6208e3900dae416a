import TernTensor

/// A transposed convolution over images: [N, inputs, H, W] to [N, outputs, H′, W′], see
/// ``transposedConv2D(_:_:bias:stride:padding:outputPadding:dilation:groups:)``.
///
/// Weights [inputs, outputs / groups, kernel] and biases [outputs] start uniform in ±1/√fanIn with fanIn the product of
/// the weights' extents behind the first, as in PyTorch.
public final class ConvTranspose2D<Scalar: FloatingScalar>: Layer {
  /// The kernels, [inputs, outputs / groups, kernel].
  public let weight: Parameter<Scalar>
  /// The biases, [outputs]; `nil` without.
  public let bias: Parameter<Scalar>?
  /// From one position of the kernel to the next.
  public let stride: Pair
  /// What is put around the input of the convolution that this is the transpose of.
  public let padding: Padding2D
  /// What is added to the result's extents at their ends, below the stride.
  public let outputPadding: Pair
  /// From one tap of the kernel to the next.
  public let dilation: Pair
  /// Groups of channels that are convolved apart.
  public let groups: Int

  /// A convolution from `inputs` to `outputs` channels; stops where groups do not divide both.
  public init(
    inputs: Int, outputs: Int, kernelSize: Pair, stride: Pair, padding: Padding2D, outputPadding: Pair, dilation: Pair,
    groups: Int, bias: Bool,
    of _: Scalar.Type
  ) {
    let parameters = ConvolutionParameters<Scalar>(
      "ConvTranspose2D", inputs: inputs, outputs: outputs, groups: groups,
      kernel: [kernelSize.vertical, kernelSize.horizontal], isTransposed: true,
      bias: bias)
    (weight, self.bias) = (parameters.weight, parameters.bias)
    self.stride = stride
    self.padding = padding
    self.outputPadding = outputPadding
    self.dilation = dilation
    self.groups = groups
  }

  /// A convolution from `inputs` to `outputs` channels; stops where groups do not divide both.
  public convenience init(
    _ inputs: Int, _ outputs: Int, kernelSize: Pair, stride: Pair = 1, padding: Padding2D = 0, outputPadding: Pair = 0,
    dilation: Pair = 1, groups: Int = 1, bias: Bool = true
  ) {
    self.init(
      inputs: inputs, outputs: outputs, kernelSize: kernelSize, stride: stride, padding: padding,
      outputPadding: outputPadding, dilation: dilation, groups: groups, bias: bias, of: Scalar.self)
  }

  /// The convolved images.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    transposedConv2D(
      input, weight.value, bias: bias?.value, stride: stride, padding: padding, outputPadding: outputPadding,
      dilation: dilation, groups: groups)
  }
}

extension ConvTranspose2D where Scalar == Float {
  /// A convolution from `inputs` to `outputs` channels; stops where groups do not divide both.
  public convenience init(
    _ inputs: Int, _ outputs: Int, kernelSize: Pair, stride: Pair = 1, padding: Padding2D = 0, outputPadding: Pair = 0,
    dilation: Pair = 1, groups: Int = 1, bias: Bool = true
  ) {
    self.init(
      inputs: inputs, outputs: outputs, kernelSize: kernelSize, stride: stride, padding: padding,
      outputPadding: outputPadding, dilation: dilation, groups: groups, bias: bias, of: Float.self)
  }
}

/// A transposed convolution over sequences: [N, inputs, L] to [N, outputs, L′], see
/// ``transposedConv1D(_:_:bias:stride:padding:outputPadding:dilation:groups:)``.
///
/// Weights [inputs, outputs / groups, kernel] and biases [outputs] start uniform in ±1/√fanIn with fanIn the product of
/// the weights' extents behind the first, as in PyTorch.
public final class ConvTranspose1D<Scalar: FloatingScalar>: Layer {
  /// The kernels, [inputs, outputs / groups, kernel].
  public let weight: Parameter<Scalar>
  /// The biases, [outputs]; `nil` without.
  public let bias: Parameter<Scalar>?
  /// From one position of the kernel to the next.
  public let stride: Int
  /// What is put around the input of the convolution that this is the transpose of.
  public let padding: Padding1D
  /// What is added to the result's extents at their ends, below the stride.
  public let outputPadding: Int
  /// From one tap of the kernel to the next.
  public let dilation: Int
  /// Groups of channels that are convolved apart.
  public let groups: Int

  /// A convolution from `inputs` to `outputs` channels; stops where groups do not divide both.
  public init(
    inputs: Int, outputs: Int, kernelSize: Int, stride: Int, padding: Padding1D, outputPadding: Int, dilation: Int,
    groups: Int, bias: Bool,
    of _: Scalar.Type
  ) {
    let parameters = ConvolutionParameters<Scalar>(
      "ConvTranspose1D", inputs: inputs, outputs: outputs, groups: groups, kernel: [kernelSize], isTransposed: true,
      bias: bias)
    (weight, self.bias) = (parameters.weight, parameters.bias)
    self.stride = stride
    self.padding = padding
    self.outputPadding = outputPadding
    self.dilation = dilation
    self.groups = groups
  }

  /// A convolution from `inputs` to `outputs` channels; stops where groups do not divide both.
  public convenience init(
    _ inputs: Int, _ outputs: Int, kernelSize: Int, stride: Int = 1, padding: Padding1D = 0, outputPadding: Int = 0,
    dilation: Int = 1, groups: Int = 1, bias: Bool = true
  ) {
    self.init(
      inputs: inputs, outputs: outputs, kernelSize: kernelSize, stride: stride, padding: padding,
      outputPadding: outputPadding, dilation: dilation, groups: groups, bias: bias, of: Scalar.self)
  }

  /// The convolved sequences.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    transposedConv1D(
      input, weight.value, bias: bias?.value, stride: stride, padding: padding, outputPadding: outputPadding,
      dilation: dilation, groups: groups)
  }
}

extension ConvTranspose1D where Scalar == Float {
  /// A convolution from `inputs` to `outputs` channels; stops where groups do not divide both.
  public convenience init(
    _ inputs: Int, _ outputs: Int, kernelSize: Int, stride: Int = 1, padding: Padding1D = 0, outputPadding: Int = 0,
    dilation: Int = 1, groups: Int = 1, bias: Bool = true
  ) {
    self.init(
      inputs: inputs, outputs: outputs, kernelSize: kernelSize, stride: stride, padding: padding,
      outputPadding: outputPadding, dilation: dilation, groups: groups, bias: bias, of: Float.self)
  }
}
