import TernBackend
import TernTensor

/// A transposed convolution over volumes: [N, inputs, D, H, W] to [N, outputs, D′, H′, W′], see
/// ``transposedConv3D(_:_:bias:stride:padding:outputPadding:dilation:groups:file:line:)``.
///
/// Weights [inputs, outputs / groups, kernel] and biases [outputs] start uniform in ±1/√fanIn with fanIn the product of
/// the weights' extents behind the first, as in PyTorch.
public final class ConvTranspose3D<Scalar: FloatingScalar>: Layer {
  /// The kernels, [inputs, outputs / groups, kernel].
  public let weight: Parameter<Scalar>
  /// The biases, [outputs]; `nil` without.
  public let bias: Parameter<Scalar>?
  /// From one position of the kernel to the next.
  public let stride: Triple
  /// What is put around the input of the convolution that this is the transpose of.
  public let padding: Padding3D
  /// What is added to the result's extents at their ends, below the stride.
  public let outputPadding: Triple
  /// From one tap of the kernel to the next.
  public let dilation: Triple
  /// Groups of channels that are convolved apart.
  public let groups: Int

  /// Creates a transposed convolution over volumes. Stops where the groups do not divide both numbers of channels.
  ///
  /// - Parameters:
  ///   - inputs: channels of the input, a multiple of `groups`.
  ///   - outputs: channels of the result, a multiple of `groups`.
  ///   - kernelSize: depth, height and width of the kernel in voxels; one number is all three.
  ///   - stride: from one position of the kernel to the next, in voxels.
  ///   - padding: padding of the convolution that this is the transpose of, in voxels.
  ///   - outputPadding: voxels added at the end of the result, below the stride.
  ///   - dilation: from one tap of the kernel to the next, in voxels.
  ///   - groups: groups of channels that are convolved separately.
  ///   - bias: whether the channels have biases.
  public init(
    _ inputs: Int, _ outputs: Int, kernelSize: some TripleConvertible, stride: some TripleConvertible = 1,
    padding: some Padding3DConvertible = 0, outputPadding: some TripleConvertible = 0,
    dilation: some TripleConvertible = 1,
    groups: Int = 1, bias: Bool = true, fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let parameters = ConvolutionParameters<Scalar>(
      "ConvTranspose3D", inputs: inputs, outputs: outputs, groups: groups,
      kernel: kernelSize.triple.array, isTransposed: true,
      bias: bias)
    (weight, self.bias) = (parameters.weight, parameters.bias)
    self.stride = stride.triple
    self.padding = padding.padding3D
    self.outputPadding = outputPadding.triple
    self.dilation = dilation.triple
    self.groups = groups
  }

  /// Creates a transposed convolution over volumes, with `Float` values.
  ///
  /// Stops where the groups do not divide both numbers of channels.
  ///
  /// - Parameters:
  ///   - inputs: channels of the input, a multiple of `groups`.
  ///   - outputs: channels of the result, a multiple of `groups`.
  ///   - kernelSize: depth, height and width of the kernel in voxels; one number is all three.
  ///   - stride: from one position of the kernel to the next, in voxels.
  ///   - padding: padding of the convolution that this is the transpose of, in voxels.
  ///   - outputPadding: voxels added at the end of the result, below the stride.
  ///   - dilation: from one tap of the kernel to the next, in voxels.
  ///   - groups: groups of channels that are convolved separately.
  ///   - bias: whether the channels have biases.
  public convenience init(
    _ inputs: Int, _ outputs: Int, kernelSize: some TripleConvertible, stride: some TripleConvertible = 1,
    padding: some Padding3DConvertible = 0, outputPadding: some TripleConvertible = 0,
    dilation: some TripleConvertible = 1,
    groups: Int = 1, bias: Bool = true, file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(
      inputs, outputs, kernelSize: kernelSize, stride: stride, padding: padding, outputPadding: outputPadding,
      dilation: dilation, groups: groups, bias: bias, fileID: file, line: line)
  }

  /// The convolved volumes.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    transposedConv3D(
      input, weight.value, bias: bias?.value, stride: stride, padding: padding, outputPadding: outputPadding,
      dilation: dilation, groups: groups)
  }
}

extension ConvTranspose3D: SelfCopying {
  func duplicate() -> any Module {
    ConvTranspose3D(
      weight.shape[0], weight.shape[1] * groups, kernelSize: Triple(weight.shape[2], weight.shape[3], weight.shape[4]),
      stride: stride,
      padding: padding, outputPadding: outputPadding, dilation: dilation, groups: groups, bias: bias != nil)
  }
}

extension ConvTranspose3D: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    transposed(input, output, weight.shape, bias: bias != nil)
  }
}
