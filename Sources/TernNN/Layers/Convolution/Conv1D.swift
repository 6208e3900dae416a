import TernBackend
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

  /// Creates a convolution over sequences. Stops where the groups do not divide both numbers of channels.
  ///
  /// - Parameters:
  ///   - inputs: channels of the input, a multiple of `groups`.
  ///   - outputs: channels of the result, a multiple of `groups`.
  ///   - kernelSize: the length of the kernel in positions.
  ///   - stride: from one position of the kernel to the next.
  ///   - padding: zeros before and after the sequence, or `.same`.
  ///   - dilation: from one tap of the kernel to the next.
  ///   - groups: groups of channels that are convolved separately.
  ///   - bias: whether the channels have biases.
  public init(
    _ inputs: Int, _ outputs: Int, kernelSize: Int, stride: Int = 1, padding: some Padding1DConvertible = 0,
    dilation: Int = 1, groups: Int = 1, bias: Bool = true, fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let parameters = ConvolutionParameters<Scalar>(
      "Conv1D", inputs: inputs, outputs: outputs, groups: groups, kernel: [kernelSize],
      bias: bias)
    (weight, self.bias) = (parameters.weight, parameters.bias)
    self.stride = stride
    self.padding = padding.padding1D
    self.dilation = dilation
    self.groups = groups
  }

  /// Creates a convolution over sequences, with `Float` values.
  ///
  /// Stops where the groups do not divide both numbers of channels.
  ///
  /// - Parameters:
  ///   - inputs: channels of the input, a multiple of `groups`.
  ///   - outputs: channels of the result, a multiple of `groups`.
  ///   - kernelSize: the length of the kernel in positions.
  ///   - stride: from one position of the kernel to the next.
  ///   - padding: zeros before and after the sequence, or `.same`.
  ///   - dilation: from one tap of the kernel to the next.
  ///   - groups: groups of channels that are convolved separately.
  ///   - bias: whether the channels have biases.
  public convenience init(
    _ inputs: Int, _ outputs: Int, kernelSize: Int, stride: Int = 1, padding: some Padding1DConvertible = 0,
    dilation: Int = 1, groups: Int = 1, bias: Bool = true, file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(
      inputs, outputs, kernelSize: kernelSize, stride: stride, padding: padding, dilation: dilation, groups: groups,
      bias: bias, fileID: file, line: line)
  }

  /// The convolved sequences.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    conv1D(
      input, weight.value, bias: bias?.value, stride: stride, padding: padding, dilation: dilation, groups: groups)
  }
}

extension Conv1D: SelfCopying {
  func duplicate() -> any Module {
    Conv1D(
      weight.shape[1] * groups, weight.shape[0], kernelSize: weight.shape[2], stride: stride, padding: padding,
      dilation: dilation, groups: groups, bias: bias != nil)
  }
}

extension Conv1D: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    convolution(output, weight.shape, bias: bias != nil)
  }
}
