import TernBackend
import TernTensor

// Images as columns of patches, and back.

/// The patches of images as columns: [N, C, H, W] to [N, C·kH·kW, L], see ``Tensor/unfolded(_:file:line:)``.
public final class Unfold<Scalar: FloatingScalar>: Layer, CountedAsNothing {
  private let patches: PatchGeometry

  /// Creates a layer that takes images apart into patches.
  ///
  /// - Parameters:
  ///   - kernelSize: height and width of a patch in pixels; one number is both.
  ///   - dilation: from one pixel of a patch to the next, at least 1.
  ///   - padding: zeros around the image, in pixels.
  ///   - stride: from one patch to the next, in pixels.
  public init(
    _ kernelSize: some PairConvertible, dilation: some PairConvertible = 1, padding: some PairConvertible = 0,
    stride: some PairConvertible = 1
  ) { patches = PatchGeometry(kernelSize, dilation, padding, stride) }

  /// Creates a layer that takes images apart into patches, with `Float` values.
  ///
  /// - Parameters:
  ///   - kernelSize: height and width of a patch in pixels; one number is both.
  ///   - dilation: from one pixel of a patch to the next, at least 1.
  ///   - padding: zeros around the image, in pixels.
  ///   - stride: from one patch to the next, in pixels.
  public init(
    _ kernelSize: some PairConvertible, dilation: some PairConvertible = 1, padding: some PairConvertible = 0,
    stride: some PairConvertible = 1
  ) where Scalar == Float { patches = PatchGeometry(kernelSize, dilation, padding, stride) }

  /// The columns.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.unfolded(patches) }
}

/// Columns of patches added up to images: [N, C·kH·kW, L] to [N, C, H, W], see ``Tensor/folded(into:_:file:line:)``.
public final class Fold<Scalar: FloatingScalar>: Layer {
  /// The extents of the images.
  public let outputSize: Pair
  private let patches: PatchGeometry

  /// Creates a layer that adds patches up to images.
  ///
  /// - Parameters:
  ///   - outputSize: height and width of the images in pixels; one number is both.
  ///   - kernelSize: height and width of a patch in pixels; one number is both.
  ///   - dilation: from one pixel of a patch to the next, at least 1.
  ///   - padding: zeros around the image, in pixels.
  ///   - stride: from one patch to the next, in pixels.
  public init(
    _ outputSize: some PairConvertible, kernelSize: some PairConvertible, dilation: some PairConvertible = 1,
    padding: some PairConvertible = 0, stride: some PairConvertible = 1
  ) {
    self.outputSize = outputSize.pair
    patches = PatchGeometry(kernelSize, dilation, padding, stride)
  }

  /// Creates a layer that adds patches up to images, with `Float` values.
  ///
  /// - Parameters:
  ///   - outputSize: height and width of the images in pixels; one number is both.
  ///   - kernelSize: height and width of a patch in pixels; one number is both.
  ///   - dilation: from one pixel of a patch to the next, at least 1.
  ///   - padding: zeros around the image, in pixels.
  ///   - stride: from one patch to the next, in pixels.
  public init(
    _ outputSize: some PairConvertible, kernelSize: some PairConvertible, dilation: some PairConvertible = 1,
    padding: some PairConvertible = 0, stride: some PairConvertible = 1
  ) where Scalar == Float {
    self.outputSize = outputSize.pair
    patches = PatchGeometry(kernelSize, dilation, padding, stride)
  }

  /// The images.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    input.folded(into: (outputSize.vertical, outputSize.horizontal), patches)
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
