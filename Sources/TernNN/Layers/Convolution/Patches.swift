import TernBackend
import TernTensor

// Images as columns of patches, and back.

/// The patches of images as columns: [N, C, H, W] to [N, C·kH·kW, L], see ``Tensor/unfolded(_:file:line:)``.
public final class Unfold<Scalar: FloatingScalar>: Layer {
  private let patches: PatchGeometry

  /// The layer over a scalar type.
  public init(
    kernelSize: some PairConvertible, dilation: some PairConvertible, padding: some PairConvertible,
    stride: some PairConvertible, of _: Scalar.Type
  ) {
    patches = PatchGeometry(kernelSize, dilation, padding, stride)
  }
  /// The layer.
  public convenience init(
    _ kernelSize: some PairConvertible, dilation: some PairConvertible = 1, padding: some PairConvertible = 0,
    stride: some PairConvertible = 1
  ) {
    self.init(kernelSize: kernelSize, dilation: dilation, padding: padding, stride: stride, of: Scalar.self)
  }
  /// The columns.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.unfolded(patches) }
}

extension Unfold where Scalar == Float {
  /// The layer.
  public convenience init(
    _ kernelSize: some PairConvertible, dilation: some PairConvertible = 1, padding: some PairConvertible = 0,
    stride: some PairConvertible = 1
  ) {
    self.init(kernelSize: kernelSize, dilation: dilation, padding: padding, stride: stride, of: Float.self)
  }
}

/// Columns of patches added up to images: [N, C·kH·kW, L] to [N, C, H, W], see ``Tensor/folded(into:_:file:line:)``.
public final class Fold<Scalar: FloatingScalar>: Layer {
  /// The extents of the images.
  public let outputSize: Pair
  private let patches: PatchGeometry

  /// The layer over a scalar type.
  public init(
    outputSize: some PairConvertible, kernelSize: some PairConvertible, dilation: some PairConvertible,
    padding: some PairConvertible, stride: some PairConvertible, of _: Scalar.Type
  ) {
    self.outputSize = outputSize.pair
    patches = PatchGeometry(kernelSize, dilation, padding, stride)
  }
  /// The layer.
  public convenience init(
    _ outputSize: some PairConvertible, kernelSize: some PairConvertible, dilation: some PairConvertible = 1,
    padding: some PairConvertible = 0, stride: some PairConvertible = 1
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
    _ outputSize: some PairConvertible, kernelSize: some PairConvertible, dilation: some PairConvertible = 1,
    padding: some PairConvertible = 0, stride: some PairConvertible = 1
  ) {
    self.init(
      outputSize: outputSize, kernelSize: kernelSize, dilation: dilation, padding: padding, stride: stride,
      of: Float.self)
  }
}

extension PatchGeometry {
  fileprivate init(
    _ kernel: some PairConvertible, _ dilation: some PairConvertible, _ padding: some PairConvertible,
    _ stride: some PairConvertible
  ) {
    func tuple(_ numbers: some PairConvertible) -> (Int, Int) { (numbers.pair.vertical, numbers.pair.horizontal) }
    self.init(kernel: tuple(kernel), dilation: tuple(dilation), padding: tuple(padding), stride: tuple(stride))
  }
}

extension Unfold: CountedAsNothing {}
