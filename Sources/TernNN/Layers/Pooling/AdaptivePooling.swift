import TernBackend
import TernTensor

// Pooling to a given extent: row i of h takes the input's rows ⌊i·H/h⌋ up to ⌈(i + 1)·H/h⌉.

/// The base class of pooling of images to a given extent: [N, C, H, W] to [N, C, height, width].
public class AdaptivePool2D<Scalar: FloatingScalar>: Layer, OperationCounting {
  /// The extents of the result.
  public let outputSize: Pair

  /// Creates a pooling to a given extent.
  ///
  /// - Parameter outputSize: the result's height and width in pixels, each at least 1; one number is both.
  public init(_ outputSize: some PairConvertible) { self.outputSize = outputSize.pair }

  /// Creates a pooling to a given extent, with `Float` values.
  ///
  /// - Parameter outputSize: the result's height and width in pixels, each at least 1; one number is both.
  public init(_ outputSize: some PairConvertible) where Scalar == Float { self.outputSize = outputSize.pair }

  /// The pooled images, [N, C, H, W] to [N, C, height, width].
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { fail("\(Self.self)", "has no forward") }

  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    OperationCount(others: adaptiveWindows(input, output, axes: 2))
  }
}

/// The means of as many parts of an image as the output has pixels: [N, C, H, W] to [N, C, height, width].
///
/// The output size 1 is the global average.
public final class AdaptiveAvgPool2D<Scalar: FloatingScalar>: AdaptivePool2D<Scalar> {
  public override func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    adaptiveAvgPool2D(input, outputSize: outputSize)
  }
}

/// The maxima of as many parts of an image as the output has pixels: [N, C, H, W] to [N, C, height, width].
public final class AdaptiveMaxPool2D<Scalar: FloatingScalar>: AdaptivePool2D<Scalar> {
  public override func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    adaptiveMaxPool2D(input, height: outputSize.vertical, width: outputSize.horizontal)
  }

  public override func operations(input: [Int], output: [Int]) -> OperationCount {
    OperationCount(others: adaptiveWindows(input, output, axes: 2) - elements(output))
  }
}

/// The base class of pooling of sequences to a given extent: [N, C, L] to [N, C, length].
public class AdaptivePool1D<Scalar: FloatingScalar>: Layer, OperationCounting {
  /// The extent of the result.
  public let outputSize: Int

  /// Creates a pooling to a given extent.
  ///
  /// - Parameter outputSize: the result's length in positions, at least 1.
  public init(_ outputSize: Int) { self.outputSize = outputSize }

  /// Creates a pooling to a given extent, with `Float` values.
  ///
  /// - Parameter outputSize: the result's length in positions, at least 1.
  public init(_ outputSize: Int) where Scalar == Float { self.outputSize = outputSize }

  /// The pooled sequences, [N, C, L] to [N, C, length].
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { fail("\(Self.self)", "has no forward") }

  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    OperationCount(others: adaptiveWindows(input, output, axes: 1))
  }
}

/// The means of as many parts of a sequence as the output has positions: [N, C, L] to [N, C, length].
public final class AdaptiveAvgPool1D<Scalar: FloatingScalar>: AdaptivePool1D<Scalar> {
  public override func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    adaptiveAvgPool2D(input.expandedAxis(at: -2), height: 1, width: outputSize).squeezed(-2)
  }
}

/// The maxima of as many parts of a sequence as the output has positions: [N, C, L] to [N, C, length].
public final class AdaptiveMaxPool1D<Scalar: FloatingScalar>: AdaptivePool1D<Scalar> {
  public override func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    adaptiveMaxPool2D(input.expandedAxis(at: -2), height: 1, width: outputSize).squeezed(-2)
  }

  public override func operations(input: [Int], output: [Int]) -> OperationCount {
    OperationCount(others: adaptiveWindows(input, output, axes: 1) - elements(output))
  }
}
