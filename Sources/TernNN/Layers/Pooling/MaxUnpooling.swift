import TernBackend
import TernTensor

// Modules of two inputs: what a max pooling gave, and where it was. See ``maxUnpool2D(_:indices:kernelSize:stride:padding:outputSize:file:line:)``.

/// The values of a max pooling of images put back where they were, zero elsewhere.
public final class MaxUnpool2D<Scalar: FloatingScalar>: Module, CountedAsNothing {
  /// The extents of a window of the pooling.
  public let kernelSize: Pair
  /// From one window to the next; the kernel's extents when `nil`.
  public let stride: Pair?
  /// Pixels around the image.
  public let padding: Pair

  /// Creates the inverse of a maximum pooling of images.
  ///
  /// - Parameters:
  ///   - kernelSize: height and width of a window in pixels; one number is both.
  ///   - stride: from one window to the next, in pixels; the window's extents when `nil`.
  ///   - padding: pixels around the image.
  public init(
    _ kernelSize: some PairConvertible, stride: (some PairConvertible)? = nil as Pair?,
    padding: some PairConvertible = 0
  ) { (self.kernelSize, self.stride, self.padding) = (kernelSize.pair, stride?.pair, padding.pair) }

  /// Creates the inverse of a maximum pooling of images, with `Float` values.
  ///
  /// - Parameters:
  ///   - kernelSize: height and width of a window in pixels; one number is both.
  ///   - stride: from one window to the next, in pixels; the window's extents when `nil`.
  ///   - padding: pixels around the image.
  public init(
    _ kernelSize: some PairConvertible, stride: (some PairConvertible)? = nil as Pair?,
    padding: some PairConvertible = 0
  ) where Scalar == Float {
    (self.kernelSize, self.stride, self.padding) = (kernelSize.pair, stride?.pair, padding.pair)
  }

  /// [N, C, H, W] and the positions row · width + column to images of the pooling's input, or of `outputSize`.
  public func callAsFunction(
    _ input: Tensor<Scalar>, indices: Tensor<Int>, outputSize: (some PairConvertible)? = nil as Pair?,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    maxUnpool2D(
      input, indices: indices, kernelSize: kernelSize, stride: stride, padding: padding, outputSize: outputSize,
      file: file, line: line)
  }
}

/// The values of a max pooling of volumes put back where they were, zero elsewhere.
public final class MaxUnpool3D<Scalar: FloatingScalar>: Module, CountedAsNothing {
  /// The extents of a window of the pooling.
  public let kernelSize: Triple
  /// From one window to the next; the kernel's extents when `nil`.
  public let stride: Triple?
  /// Voxels around the volume.
  public let padding: Triple

  /// Creates the inverse of a maximum pooling of volumes.
  ///
  /// - Parameters:
  ///   - kernelSize: depth, height and width of a window in voxels; one number is all three.
  ///   - stride: from one window to the next, in voxels; the window's extents when `nil`.
  ///   - padding: voxels around the volume.
  public init(
    _ kernelSize: some TripleConvertible, stride: (some TripleConvertible)? = nil as Triple?,
    padding: some TripleConvertible = 0
  ) { (self.kernelSize, self.stride, self.padding) = (kernelSize.triple, stride?.triple, padding.triple) }

  /// Creates the inverse of a maximum pooling of volumes, with `Float` values.
  ///
  /// - Parameters:
  ///   - kernelSize: depth, height and width of a window in voxels; one number is all three.
  ///   - stride: from one window to the next, in voxels; the window's extents when `nil`.
  ///   - padding: voxels around the volume.
  public init(
    _ kernelSize: some TripleConvertible, stride: (some TripleConvertible)? = nil as Triple?,
    padding: some TripleConvertible = 0
  ) where Scalar == Float {
    (self.kernelSize, self.stride, self.padding) = (kernelSize.triple, stride?.triple, padding.triple)
  }

  /// [N, C, D, H, W] and the positions (slice · height + row) · width + column to volumes of the pooling's input, or of `outputSize`.
  public func callAsFunction(
    _ input: Tensor<Scalar>, indices: Tensor<Int>, outputSize: (some TripleConvertible)? = nil as Triple?,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    maxUnpool3D(
      input, indices: indices, kernelSize: kernelSize, stride: stride, padding: padding, outputSize: outputSize,
      file: file, line: line)
  }
}

/// The values of a max pooling of sequences put back where they were, zero elsewhere.
public final class MaxUnpool1D<Scalar: FloatingScalar>: Module, CountedAsNothing {
  /// The length of a window of the pooling.
  public let kernelSize: Int
  /// From one window to the next; the kernel's length when `nil`.
  public let stride: Int?
  /// Positions around the sequence.
  public let padding: Int

  /// Creates the inverse of a maximum pooling of sequences.
  ///
  /// - Parameters:
  ///   - kernelSize: the length of a window in positions.
  ///   - stride: from one window to the next, in positions; the window's length when `nil`.
  ///   - padding: positions around the sequence.
  public init(
    _ kernelSize: Int, stride: Int? = nil, padding: Int = 0
  ) { (self.kernelSize, self.stride, self.padding) = (kernelSize, stride, padding) }

  /// Creates the inverse of a maximum pooling of sequences, with `Float` values.
  ///
  /// - Parameters:
  ///   - kernelSize: the length of a window in positions.
  ///   - stride: from one window to the next, in positions; the window's length when `nil`.
  ///   - padding: positions around the sequence.
  public init(
    _ kernelSize: Int, stride: Int? = nil, padding: Int = 0
  ) where Scalar == Float {
    (self.kernelSize, self.stride, self.padding) = (kernelSize, stride, padding)
  }

  /// [N, C, L] and the positions to sequences of the pooling's input, or of `outputSize`.
  public func callAsFunction(
    _ input: Tensor<Scalar>, indices: Tensor<Int>, outputSize: Int? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    maxUnpool1D(
      input, indices: indices, kernelSize: kernelSize, stride: stride, padding: padding, outputSize: outputSize,
      file: file, line: line)
  }
}
