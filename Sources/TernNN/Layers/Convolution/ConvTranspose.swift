import TernBackend
import TernTensor

/// A transposed convolution over images: [N, inputs, H, W] to [N, outputs, H′, W′], see
/// ``transposedConv2D(_:_:bias:stride:padding:outputPadding:dilation:groups:file:line:)``.
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

  /// Creates a transposed convolution over images. Stops where the groups do not divide both numbers of channels.
  ///
  /// - Parameters:
  ///   - inputs: channels of the input, a multiple of `groups`.
  ///   - outputs: channels of the result, a multiple of `groups`.
  ///   - kernelSize: height and width of the kernel in pixels; one number is both.
  ///   - stride: from one position of the kernel to the next, in pixels.
  ///   - padding: padding of the convolution that this is the transpose of, in pixels.
  ///   - outputPadding: pixels added at the end of the result, below the stride.
  ///   - dilation: from one tap of the kernel to the next, in pixels.
  ///   - groups: groups of channels that are convolved separately.
  ///   - bias: whether the channels have biases.
  public init(
    _ inputs: Int, _ outputs: Int, kernelSize: some PairConvertible, stride: some PairConvertible = 1,
    padding: some Padding2DConvertible = 0, outputPadding: some PairConvertible = 0, dilation: some PairConvertible = 1,
    groups: Int = 1, bias: Bool = true, fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let parameters = ConvolutionParameters<Scalar>(
      "ConvTranspose2D", inputs: inputs, outputs: outputs, groups: groups,
      kernel: kernelSize.pair.array, isTransposed: true,
      bias: bias)
    (weight, self.bias) = (parameters.weight, parameters.bias)
    self.stride = stride.pair
    self.padding = padding.padding2D
    self.outputPadding = outputPadding.pair
    self.dilation = dilation.pair
    self.groups = groups
  }

  /// Creates a transposed convolution over images, with `Float` values.
  ///
  /// Stops where the groups do not divide both numbers of channels.
  ///
  /// - Parameters:
  ///   - inputs: channels of the input, a multiple of `groups`.
  ///   - outputs: channels of the result, a multiple of `groups`.
  ///   - kernelSize: height and width of the kernel in pixels; one number is both.
  ///   - stride: from one position of the kernel to the next, in pixels.
  ///   - padding: padding of the convolution that this is the transpose of, in pixels.
  ///   - outputPadding: pixels added at the end of the result, below the stride.
  ///   - dilation: from one tap of the kernel to the next, in pixels.
  ///   - groups: groups of channels that are convolved separately.
  ///   - bias: whether the channels have biases.
  public convenience init(
    _ inputs: Int, _ outputs: Int, kernelSize: some PairConvertible, stride: some PairConvertible = 1,
    padding: some Padding2DConvertible = 0, outputPadding: some PairConvertible = 0, dilation: some PairConvertible = 1,
    groups: Int = 1, bias: Bool = true, file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(
      inputs, outputs, kernelSize: kernelSize, stride: stride, padding: padding, outputPadding: outputPadding,
      dilation: dilation, groups: groups, bias: bias, fileID: file, line: line)
  }

  /// The convolved images.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    transposedConv2D(
      input, weight.value, bias: bias?.value, stride: stride, padding: padding, outputPadding: outputPadding,
      dilation: dilation, groups: groups)
  }
}

/// A transposed convolution over sequences: [N, inputs, L] to [N, outputs, L′], see
/// ``transposedConv1D(_:_:bias:stride:padding:outputPadding:dilation:groups:file:line:)``.
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

  /// Creates a transposed convolution over sequences. Stops where the groups do not divide both numbers of channels.
  ///
  /// - Parameters:
  ///   - inputs: channels of the input, a multiple of `groups`.
  ///   - outputs: channels of the result, a multiple of `groups`.
  ///   - kernelSize: the length of the kernel in positions.
  ///   - stride: from one position of the kernel to the next.
  ///   - padding: padding of the convolution that this is the transpose of, in positions.
  ///   - outputPadding: positions added at the end of the result, below the stride.
  ///   - dilation: from one tap of the kernel to the next.
  ///   - groups: groups of channels that are convolved separately.
  ///   - bias: whether the channels have biases.
  public init(
    _ inputs: Int, _ outputs: Int, kernelSize: Int, stride: Int = 1, padding: some Padding1DConvertible = 0,
    outputPadding: Int = 0, dilation: Int = 1, groups: Int = 1, bias: Bool = true, fileID file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let parameters = ConvolutionParameters<Scalar>(
      "ConvTranspose1D", inputs: inputs, outputs: outputs, groups: groups, kernel: [kernelSize], isTransposed: true,
      bias: bias)
    (weight, self.bias) = (parameters.weight, parameters.bias)
    self.stride = stride
    self.padding = padding.padding1D
    self.outputPadding = outputPadding
    self.dilation = dilation
    self.groups = groups
  }

  /// Creates a transposed convolution over sequences, with `Float` values.
  ///
  /// Stops where the groups do not divide both numbers of channels.
  ///
  /// - Parameters:
  ///   - inputs: channels of the input, a multiple of `groups`.
  ///   - outputs: channels of the result, a multiple of `groups`.
  ///   - kernelSize: the length of the kernel in positions.
  ///   - stride: from one position of the kernel to the next.
  ///   - padding: padding of the convolution that this is the transpose of, in positions.
  ///   - outputPadding: positions added at the end of the result, below the stride.
  ///   - dilation: from one tap of the kernel to the next.
  ///   - groups: groups of channels that are convolved separately.
  ///   - bias: whether the channels have biases.
  public convenience init(
    _ inputs: Int, _ outputs: Int, kernelSize: Int, stride: Int = 1, padding: some Padding1DConvertible = 0,
    outputPadding: Int = 0, dilation: Int = 1, groups: Int = 1, bias: Bool = true, file: StaticString = #fileID,
    line: UInt = #line
  ) where Scalar == Float {
    self.init(
      inputs, outputs, kernelSize: kernelSize, stride: stride, padding: padding, outputPadding: outputPadding,
      dilation: dilation, groups: groups, bias: bias, fileID: file, line: line)
  }

  /// The convolved sequences.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    transposedConv1D(
      input, weight.value, bias: bias?.value, stride: stride, padding: padding, outputPadding: outputPadding,
      dilation: dilation, groups: groups)
  }
}

extension ConvTranspose2D: SelfCopying {
  func duplicate() -> any Module {
    ConvTranspose2D(
      weight.shape[0], weight.shape[1] * groups, kernelSize: Pair(weight.shape[2], weight.shape[3]), stride: stride,
      padding: padding, outputPadding: outputPadding, dilation: dilation, groups: groups, bias: bias != nil)
  }
}

extension ConvTranspose1D: SelfCopying {
  func duplicate() -> any Module {
    ConvTranspose1D(
      weight.shape[0], weight.shape[1] * groups, kernelSize: weight.shape[2], stride: stride, padding: padding,
      outputPadding: outputPadding, dilation: dilation, groups: groups, bias: bias != nil)
  }
}

extension ConvTranspose2D: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    transposed(input, output, weight.shape, bias: bias != nil)
  }
}

extension ConvTranspose1D: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    transposed(input, output, weight.shape, bias: bias != nil)
  }
}
