import TernTensor

/// A convolution over sequences: [N, inputs, L] to [N, outputs, L′], see ``conv1D(_:_:bias:stride:padding:dilation:groups:file:line:)``.
///
/// Weights [outputs, inputs / groups, kernel] and biases [outputs] start uniform in ±1/√fanIn with fanIn the product of
/// the weights' extents behind the first, as in PyTorch.
public final class Conv1D<Scalar: FloatingScalar>: Layer {
  /// The kernels, [outputs, inputs / groups, kernel].
  public let weight: Parameter<Scalar>
  /// The biases, [outputs]; `nil` without.
  public let bias: Parameter<Scalar>?
  /// From one position of the kernel to the next.
  public let stride: Int
  /// What is put around the input.
  public let padding: Padding1D
  /// From one tap of the kernel to the next.
  public let dilation: Int
  /// Groups of channels that are convolved apart.
  public let groups: Int

  /// A convolution from `inputs` to `outputs` channels; stops where groups do not divide both.
  public init(
    inputs: Int, outputs: Int, kernelSize: Int, stride: Int, padding: some Padding1DConvertible, dilation: Int,
    groups: Int, bias: Bool,
    of _: Scalar.Type
  ) {
    let parameters = ConvolutionParameters<Scalar>(
      "Conv1D", inputs: inputs, outputs: outputs, groups: groups, kernel: [kernelSize],
      bias: bias)
    (weight, self.bias) = (parameters.weight, parameters.bias)
    self.stride = stride
    self.padding = padding.padding1D
    self.dilation = dilation
    self.groups = groups
  }

  /// A convolution from `inputs` to `outputs` channels; stops where groups do not divide both.
  public convenience init(
    _ inputs: Int, _ outputs: Int, kernelSize: Int, stride: Int = 1, padding: some Padding1DConvertible = 0,
    dilation: Int = 1, groups: Int = 1, bias: Bool = true
  ) {
    self.init(
      inputs: inputs, outputs: outputs, kernelSize: kernelSize, stride: stride, padding: padding,
      dilation: dilation, groups: groups, bias: bias, of: Scalar.self)
  }

  /// The convolved sequences.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    conv1D(
      input, weight.value, bias: bias?.value, stride: stride, padding: padding, dilation: dilation, groups: groups)
  }
}

extension Conv1D where Scalar == Float {
  /// A convolution from `inputs` to `outputs` channels; stops where groups do not divide both.
  public convenience init(
    _ inputs: Int, _ outputs: Int, kernelSize: Int, stride: Int = 1, padding: some Padding1DConvertible = 0,
    dilation: Int = 1, groups: Int = 1, bias: Bool = true
  ) {
    self.init(
      inputs: inputs, outputs: outputs, kernelSize: kernelSize, stride: stride, padding: padding,
      dilation: dilation, groups: groups, bias: bias, of: Float.self)
  }
}

extension Conv1D: SelfCopying {
  func duplicate() -> any Module {
    Conv1D(
      inputs: weight.shape[1] * groups, outputs: weight.shape[0], kernelSize: weight.shape[2], stride: stride,
      padding: padding, dilation: dilation, groups: groups, bias: bias != nil, of: Scalar.self)
  }
}

extension Conv1D: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    convolution(output, weight.shape, bias: bias != nil)
  }
}
