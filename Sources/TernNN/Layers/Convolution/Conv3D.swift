import TernBackend
import TernTensor

/// A convolution over volumes: [N, inputs, D, H, W] to [N, outputs, D′, H′, W′], see ``conv3D(_:_:bias:stride:padding:dilation:groups:file:line:)``.
///
/// Weights [outputs, inputs / groups, kernel] and biases [outputs] start uniform in ±1/√fanIn with fanIn the product of
/// the weights' extents behind the first, as in PyTorch.
public final class Conv3D<Scalar: FloatingScalar>: Layer {
  /// The kernels, [outputs, inputs / groups, depth, height, width].
  public let weight: Parameter<Scalar>
  /// The biases, [outputs]; `nil` without.
  public let bias: Parameter<Scalar>?
  /// Voxels from one position of the kernel to the next.
  public let stride: Triple
  /// What is put around the volume.
  public let padding: Padding3D
  /// Voxels from one tap of the kernel to the next.
  public let dilation: Triple
  /// Groups of channels that are convolved apart.
  public let groups: Int

  /// Creates a convolution over volumes. Stops where the groups do not divide both numbers of channels.
  ///
  /// - Parameters:
  ///   - inputs: channels of the input, a multiple of `groups`.
  ///   - outputs: channels of the result, a multiple of `groups`.
  ///   - kernelSize: depth, height and width of the kernel in voxels; one number is all three.
  ///   - stride: from one position of the kernel to the next, in voxels.
  ///   - padding: zeros around the volume in voxels, or `.same`.
  ///   - dilation: from one tap of the kernel to the next, in voxels.
  ///   - groups: groups of channels that are convolved separately.
  ///   - bias: whether the channels have biases.
  public init(
    _ inputs: Int, _ outputs: Int, kernelSize: some TripleConvertible, stride: some TripleConvertible = 1,
    padding: some Padding3DConvertible = 0, dilation: some TripleConvertible = 1, groups: Int = 1, bias: Bool = true,
    fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let parameters = ConvolutionParameters<Scalar>(
      "Conv3D", inputs: inputs, outputs: outputs, groups: groups, kernel: kernelSize.triple.array,
      bias: bias)
    (weight, self.bias) = (parameters.weight, parameters.bias)
    self.stride = stride.triple
    self.padding = padding.padding3D
    self.dilation = dilation.triple
    self.groups = groups
  }

  /// Creates a convolution over volumes, with `Float` values.
  ///
  /// Stops where the groups do not divide both numbers of channels.
  ///
  /// - Parameters:
  ///   - inputs: channels of the input, a multiple of `groups`.
  ///   - outputs: channels of the result, a multiple of `groups`.
  ///   - kernelSize: depth, height and width of the kernel in voxels; one number is all three.
  ///   - stride: from one position of the kernel to the next, in voxels.
  ///   - padding: zeros around the volume in voxels, or `.same`.
  ///   - dilation: from one tap of the kernel to the next, in voxels.
  ///   - groups: groups of channels that are convolved separately.
  ///   - bias: whether the channels have biases.
  public convenience init(
    _ inputs: Int, _ outputs: Int, kernelSize: some TripleConvertible, stride: some TripleConvertible = 1,
    padding: some Padding3DConvertible = 0, dilation: some TripleConvertible = 1, groups: Int = 1, bias: Bool = true,
    file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(
      inputs, outputs, kernelSize: kernelSize, stride: stride, padding: padding, dilation: dilation, groups: groups,
      bias: bias, fileID: file, line: line)
  }

  /// The convolved volumes.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    conv3D(
      input, weight.value, bias: bias?.value, stride: stride, padding: padding, dilation: dilation, groups: groups)
  }
}

extension Conv3D: SelfCopying {
  func duplicate() -> any Module {
    Conv3D(
      weight.shape[1] * groups, weight.shape[0], kernelSize: Triple(weight.shape[2], weight.shape[3], weight.shape[4]),
      stride: stride,
      padding: padding, dilation: dilation, groups: groups, bias: bias != nil)
  }
}

extension Conv3D: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    convolution(output, weight.shape, bias: bias != nil)
  }
}
