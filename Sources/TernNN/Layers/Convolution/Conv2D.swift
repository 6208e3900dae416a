import TernTensor

/// A convolution over images: [N, inputs, H, W] to [N, outputs, H′, W′], see ``conv2D(_:_:bias:stride:padding:dilation:groups:activation:file:line:)``.
///
/// Weights [outputs, inputs / groups, kernel height, kernel width] and biases [outputs] start uniform in ±1/√fanIn with
/// fanIn = inputs / groups · kernel height · kernel width, as PyTorch's Conv2d does.
public final class Conv2D<Scalar: FloatingScalar>: Layer {
  /// The kernels, [outputs, inputs / groups, height, width].
  public let weight: Parameter<Scalar>
  /// The biases, [outputs]; `nil` without.
  public let bias: Parameter<Scalar>?
  /// Pixels from one position of the kernel to the next.
  public let stride: Pair
  /// What is put around the image.
  public let padding: Padding2D
  /// Pixels from one tap of the kernel to the next.
  public let dilation: Pair
  /// Groups of channels that are convolved apart.
  public let groups: Int

  /// A convolution from `inputs` to `outputs` channels; stops where groups do not divide both.
  public init(
    inputs: Int, outputs: Int, kernelSize: some PairConvertible, stride: some PairConvertible,
    padding: some Padding2DConvertible, dilation: some PairConvertible, groups: Int,
    bias: Bool,
    of _: Scalar.Type
  ) {
    let parameters = ConvolutionParameters<Scalar>(
      "Conv2D", inputs: inputs, outputs: outputs, groups: groups, kernel: kernelSize.pair.array,
      bias: bias)
    (weight, self.bias) = (parameters.weight, parameters.bias)
    self.stride = stride.pair
    self.padding = padding.padding2D
    self.dilation = dilation.pair
    self.groups = groups
  }

  /// A convolution from `inputs` to `outputs` channels; stops where groups do not divide both.
  public convenience init(
    _ inputs: Int, _ outputs: Int, kernelSize: some PairConvertible, stride: some PairConvertible = 1,
    padding: some Padding2DConvertible = 0, dilation: some PairConvertible = 1,
    groups: Int = 1, bias: Bool = true
  ) {
    self.init(
      inputs: inputs, outputs: outputs, kernelSize: kernelSize, stride: stride, padding: padding, dilation: dilation,
      groups: groups, bias: bias, of: Scalar.self)
  }

  /// The convolved images.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { forward(input, activation: .identity) }

  /// The convolved images, activated.
  func forward(_ input: Tensor<Scalar>, activation: FusedActivation) -> Tensor<Scalar> {
    conv2D(
      input, weight.value, bias: bias?.value, stride: stride, padding: padding, dilation: dilation, groups: groups,
      activation: activation)
  }
}

extension Conv2D where Scalar == Float {
  /// A convolution from `inputs` to `outputs` channels; stops where groups do not divide both.
  public convenience init(
    _ inputs: Int, _ outputs: Int, kernelSize: some PairConvertible, stride: some PairConvertible = 1,
    padding: some Padding2DConvertible = 0, dilation: some PairConvertible = 1,
    groups: Int = 1, bias: Bool = true
  ) {
    self.init(
      inputs: inputs, outputs: outputs, kernelSize: kernelSize, stride: stride, padding: padding, dilation: dilation,
      groups: groups, bias: bias, of: Float.self)
  }
}

extension Conv2D: SelfCopying {
  func duplicate() -> any Module {
    Conv2D(
      inputs: weight.shape[1] * groups, outputs: weight.shape[0], kernelSize: Pair(weight.shape[2], weight.shape[3]),
      stride: stride, padding: padding, dilation: dilation, groups: groups, bias: bias != nil, of: Scalar.self)
  }
}

extension Conv2D: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    convolution(output, weight.shape, bias: bias != nil)
  }
}
