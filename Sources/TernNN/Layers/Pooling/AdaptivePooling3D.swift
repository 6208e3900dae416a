import TernBackend
import TernTensor

// Pooling of volumes to a given extent, see ``AdaptivePool2D``.

/// The base class of pooling of volumes to a given extent: [N, C, D, H, W] to [N, C, depth, height, width].
public class AdaptivePool3D<Scalar: FloatingScalar>: Layer, OperationCounting {
  /// The extents of the result.
  public let outputSize: Triple

  /// Creates a pooling to a given extent.
  ///
  /// - Parameter outputSize: the result's depth, height and width in voxels, each at least 1; one number is all three.
  public init(_ outputSize: some TripleConvertible) { self.outputSize = outputSize.triple }

  /// Creates a pooling to a given extent, with `Float` values.
  ///
  /// - Parameter outputSize: the result's depth, height and width in voxels, each at least 1; one number is all three.
  public init(_ outputSize: some TripleConvertible) where Scalar == Float { self.outputSize = outputSize.triple }

  /// The pooled volumes, [N, C, D, H, W] to [N, C, depth, height, width].
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { fail("\(Self.self)", "has no forward") }

  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    OperationCount(others: adaptiveWindows(input, output, axes: 3))
  }
}

/// The means of as many parts of a volume as the output has voxels: [N, C, D, H, W] to [N, C, depth, height, width].
///
/// The output size 1 is the global average.
public final class AdaptiveAvgPool3D<Scalar: FloatingScalar>: AdaptivePool3D<Scalar> {
  public override func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    adaptiveAvgPool3D(input, outputSize: outputSize)
  }
}

/// The maxima of as many parts of a volume as the output has voxels: [N, C, D, H, W] to [N, C, depth, height, width].
public final class AdaptiveMaxPool3D<Scalar: FloatingScalar>: AdaptivePool3D<Scalar> {
  public override func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    adaptiveMaxPool3D(input, outputSize: outputSize)
  }

  public override func operations(input: [Int], output: [Int]) -> OperationCount {
    OperationCount(others: adaptiveWindows(input, output, axes: 3) - elements(output))
  }
}
