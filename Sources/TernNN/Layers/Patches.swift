import TernBackend
import TernTensor

// Images as columns of patches, and back.

/// The patches of images as columns: [N, C, H, W] to [N, C·kH·kW, L], see ``Tensor/unfolded(_:)``.
public final class Unfold<Scalar: FloatingScalar>: Layer {
  private let patches: PatchGeometry

  /// The layer over a scalar type.
  public init(kernelSize: Pair, dilation: Pair, padding: Pair, stride: Pair, of _: Scalar.Type) {
    patches = PatchGeometry(kernelSize, dilation, padding, stride)
  }
  /// The layer.
  public convenience init(_ kernelSize: Pair, dilation: Pair = 1, padding: Pair = 0, stride: Pair = 1) {
    self.init(kernelSize: kernelSize, dilation: dilation, padding: padding, stride: stride, of: Scalar.self)
  }
  /// The columns.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.unfolded(patches) }
}

extension Unfold where Scalar == Float {
  /// The layer.
  public convenience init(_ kernelSize: Pair, dilation: Pair = 1, padding: Pair = 0, stride: Pair = 1) {
    self.init(kernelSize: kernelSize, dilation: dilation, padding: padding, stride: stride, of: Float.self)
  }
}

/// Columns of patches added up to images: [N, C·kH·kW, L] to [N, C, H, W], see ``Tensor/folded(into:_:)``.
public final class Fold<Scalar: FloatingScalar>: Layer {
  /// The extents of the images.
  public let outputSize: Pair
  private let patches: PatchGeometry

  /// The layer over a scalar type.
  public init(outputSize: Pair, kernelSize: Pair, dilation: Pair, padding: Pair, stride: Pair, of _: Scalar.Type) {
    self.outputSize = outputSize
    patches = PatchGeometry(kernelSize, dilation, padding, stride)
  }
  /// The layer.
  public convenience init(
    _ outputSize: Pair, kernelSize: Pair, dilation: Pair = 1, padding: Pair = 0, stride: Pair = 1
  ) {
    self.init(
      outputSize: outputSize, kernelSize: kernelSize, dilation: dilation, padding: padding, stride: stride,
      of: Scalar.self)
  }
  /// The images.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    input.folded(into: (outputSize.vertical, outputSize.horizontal), patches)
  }
}

extension Fold where Scalar == Float {
  /// The layer.
  public convenience init(
    _ outputSize: Pair, kernelSize: Pair, dilation: Pair = 1, padding: Pair = 0, stride: Pair = 1
  ) {
    self.init(
      outputSize: outputSize, kernelSize: kernelSize, dilation: dilation, padding: padding, stride: stride,
      of: Float.self)
  }
}

extension PatchGeometry {
  fileprivate init(_ kernel: Pair, _ dilation: Pair, _ padding: Pair, _ stride: Pair) {
    self.init(
      kernel: (kernel.vertical, kernel.horizontal), dilation: (dilation.vertical, dilation.horizontal),
      padding: (padding.vertical, padding.horizontal), stride: (stride.vertical, stride.horizontal))
  }
}
