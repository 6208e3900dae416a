import TernBackend
import TernTensor

/// A convolution over images: [N, inputs, H, W] to [N, outputs, H′, W′], see ``conv2D(_:_:bias:stride:padding:dilation:groups:activation:file:line:)``.
///
/// Weights [outputs, inputs / groups, kernel height, kernel width] and biases [outputs] start uniform in ±1/√fanIn with
/// fanIn = inputs / groups · kernel height · kernel width, as PyTorch's Conv2d does.
///
/// ```swift
/// let layer = Conv2D(3, 16, kernelSize: 3, stride: 2, padding: 1)
/// let maps = layer(Tensor(randomNormal: [8, 3, 32, 32]))  // [8, 16, 16, 16]
/// let wide = Conv2D(16, 16, kernelSize: [1, 7], padding: [0, 3], groups: 4)(maps)  // [8, 16, 16, 16]
/// ```
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

  /// Creates a convolution over images. Stops where the groups do not divide both numbers of channels.
  ///
  /// - Parameters:
  ///   - inputs: channels of the input, a multiple of `groups`.
  ///   - outputs: channels of the result, a multiple of `groups`.
  ///   - kernelSize: height and width of the kernel in pixels; one number is both.
  ///   - stride: from one position of the kernel to the next, in pixels.
  ///   - padding: zeros around the image in pixels, or `.same`.
  ///   - dilation: from one tap of the kernel to the next, in pixels.
  ///   - groups: groups of channels that are convolved separately.
  ///   - bias: whether the channels have biases.
  public init(
    _ inputs: Int, _ outputs: Int, kernelSize: some PairConvertible, stride: some PairConvertible = 1,
    padding: some Padding2DConvertible = 0, dilation: some PairConvertible = 1, groups: Int = 1, bias: Bool = true,
    fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let parameters = ConvolutionParameters<Scalar>(
      "Conv2D", inputs: inputs, outputs: outputs, groups: groups, kernel: kernelSize.pair.array,
      bias: bias)
    (weight, self.bias) = (parameters.weight, parameters.bias)
    self.stride = stride.pair
    self.padding = padding.padding2D
    self.dilation = dilation.pair
    self.groups = groups
  }

  /// Creates a convolution over images, with `Float` values.
  ///
  /// Stops where the groups do not divide both numbers of channels.
  ///
  /// - Parameters:
  ///   - inputs: channels of the input, a multiple of `groups`.
  ///   - outputs: channels of the result, a multiple of `groups`.
  ///   - kernelSize: height and width of the kernel in pixels; one number is both.
  ///   - stride: from one position of the kernel to the next, in pixels.
  ///   - padding: zeros around the image in pixels, or `.same`.
  ///   - dilation: from one tap of the kernel to the next, in pixels.
  ///   - groups: groups of channels that are convolved separately.
  ///   - bias: whether the channels have biases.
  public convenience init(
    _ inputs: Int, _ outputs: Int, kernelSize: some PairConvertible, stride: some PairConvertible = 1,
    padding: some Padding2DConvertible = 0, dilation: some PairConvertible = 1, groups: Int = 1, bias: Bool = true,
    file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(
      inputs, outputs, kernelSize: kernelSize, stride: stride, padding: padding, dilation: dilation, groups: groups,
      bias: bias, fileID: file, line: line)
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

extension Conv2D: SelfCopying {
  func duplicate() -> any Module {
    Conv2D(
      weight.shape[1] * groups, weight.shape[0], kernelSize: Pair(weight.shape[2], weight.shape[3]), stride: stride,
      padding: padding, dilation: dilation, groups: groups, bias: bias != nil)
  }
}

extension Conv2D: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    convolution(output, weight.shape, bias: bias != nil)
  }
}
