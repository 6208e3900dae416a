import TernTensor

/// The maximum of every window of a volume: [N, C, D, H, W] to [N, C, D′, H′, W′], see
/// ``maxPool3D(_:kernelSize:stride:padding:dilation:ceilMode:file:line:)``.
///
/// ```swift
/// let halved = MaxPool3D(2)(Tensor(randomNormal: [8, 16, 32, 32]))  // [8, 16, 16, 16]
/// let overlapping = MaxPool3D(3, stride: 2, padding: 1)(halved)  // [8, 16, 8, 8]
/// ```
public final class MaxPool3D<Scalar: FloatingScalar>: Layer {
  /// The extents of a window.
  public let kernelSize: Triple
  /// From one window to the next; the kernel's extents when `nil`.
  public let stride: Triple?
  /// Voxels around the volume, which win against nothing.
  public let padding: Triple
  /// From one voxel of a window to the next.
  public let dilation: Triple
  /// Whether a window may reach over the end.
  public let ceilMode: Bool

  /// Creates a maximum pooling of volumes.
  ///
  /// - Parameters:
  ///   - kernelSize: depth, height and width of a window in voxels; one number is all three.
  ///   - stride: from one window to the next, in voxels; the window's extents when `nil`.
  ///   - padding: voxels around the volume, at most half a window; they count as −∞.
  ///   - dilation: from one voxel of a window to the next, at least 1.
  ///   - ceilMode: whether a window may reach over the end, so that the extent of the result is rounded up.
  public init(
    _ kernelSize: some TripleConvertible, stride: (some TripleConvertible)? = nil as Triple?,
    padding: some TripleConvertible = 0, dilation: some TripleConvertible = 1, ceilMode: Bool = false
  ) {
    (self.kernelSize, self.stride, self.padding, self.dilation, self.ceilMode) = (
      kernelSize.triple, stride?.triple, padding.triple, dilation.triple, ceilMode
    )
  }

  /// Creates a maximum pooling of volumes, with `Float` values.
  ///
  /// - Parameters:
  ///   - kernelSize: depth, height and width of a window in voxels; one number is all three.
  ///   - stride: from one window to the next, in voxels; the window's extents when `nil`.
  ///   - padding: voxels around the volume, at most half a window; they count as −∞.
  ///   - dilation: from one voxel of a window to the next, at least 1.
  ///   - ceilMode: whether a window may reach over the end, so that the extent of the result is rounded up.
  public init(
    _ kernelSize: some TripleConvertible, stride: (some TripleConvertible)? = nil as Triple?,
    padding: some TripleConvertible = 0, dilation: some TripleConvertible = 1, ceilMode: Bool = false
  ) where Scalar == Float {
    (self.kernelSize, self.stride, self.padding, self.dilation, self.ceilMode) = (
      kernelSize.triple, stride?.triple, padding.triple, dilation.triple, ceilMode
    )
  }

  /// The maxima.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    maxPool3D(
      input, kernelSize: kernelSize, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode)
  }
}

/// The mean of every window of a volume: [N, C, D, H, W] to [N, C, D′, H′, W′], see
/// ``avgPool3D(_:kernelSize:stride:padding:ceilMode:countsPadding:divisor:file:line:)``.
public final class AvgPool3D<Scalar: FloatingScalar>: Layer {
  /// The extents of a window.
  public let kernelSize: Triple
  /// From one window to the next; the kernel's extents when `nil`.
  public let stride: Triple?
  /// Zeros around the volume.
  public let padding: Triple
  /// Whether a window may reach over the end.
  public let ceilMode: Bool
  /// Whether the zeros around the volume count in the mean.
  public let countsPadding: Bool

  /// Creates an average pooling of volumes.
  ///
  /// - Parameters:
  ///   - kernelSize: depth, height and width of a window in voxels; one number is all three.
  ///   - stride: from one window to the next, in voxels; the window's extents when `nil`.
  ///   - padding: zeros around the volume in voxels, at most half a window.
  ///   - ceilMode: whether a window may reach over the end, so that the extent of the result is rounded up.
  ///   - countsPadding: whether the zeros around the volume count in the mean.
  public init(
    _ kernelSize: some TripleConvertible, stride: (some TripleConvertible)? = nil as Triple?,
    padding: some TripleConvertible = 0, ceilMode: Bool = false, countsPadding: Bool = true
  ) {
    (self.kernelSize, self.stride, self.padding, self.ceilMode, self.countsPadding) = (
      kernelSize.triple, stride?.triple, padding.triple, ceilMode, countsPadding
    )
  }

  /// Creates an average pooling of volumes, with `Float` values.
  ///
  /// - Parameters:
  ///   - kernelSize: depth, height and width of a window in voxels; one number is all three.
  ///   - stride: from one window to the next, in voxels; the window's extents when `nil`.
  ///   - padding: zeros around the volume in voxels, at most half a window.
  ///   - ceilMode: whether a window may reach over the end, so that the extent of the result is rounded up.
  ///   - countsPadding: whether the zeros around the volume count in the mean.
  public init(
    _ kernelSize: some TripleConvertible, stride: (some TripleConvertible)? = nil as Triple?,
    padding: some TripleConvertible = 0, ceilMode: Bool = false, countsPadding: Bool = true
  ) where Scalar == Float {
    (self.kernelSize, self.stride, self.padding, self.ceilMode, self.countsPadding) = (
      kernelSize.triple, stride?.triple, padding.triple, ceilMode, countsPadding
    )
  }

  /// The means.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    avgPool3D(
      input, kernelSize: kernelSize, stride: stride, padding: padding, ceilMode: ceilMode,
      countsPadding: countsPadding)
  }
}

/// The p-norm of every window of a volume, see ``lpPool3D(_:p:kernelSize:stride:ceilMode:file:line:)``.
public final class LPPool3D<Scalar: FloatingScalar>: Layer {
  /// The order of the norm.
  public let p: Double
  /// The extents of a window.
  public let kernelSize: Triple
  /// From one window to the next; the kernel's extents when `nil`.
  public let stride: Triple?
  /// Whether a window may reach over the end.
  public let ceilMode: Bool

  /// Creates a pooling of volumes by the p-norm of each window.
  ///
  /// - Parameters:
  ///   - p: the order of the norm.
  ///   - kernelSize: depth, height and width of a window in voxels; one number is all three.
  ///   - stride: from one window to the next, in voxels; the window's extents when `nil`.
  ///   - ceilMode: whether a window may reach over the end, so that the extent of the result is rounded up.
  public init(
    p: Double, kernelSize: some TripleConvertible, stride: (some TripleConvertible)? = nil as Triple?,
    ceilMode: Bool = false
  ) {
    (self.p, self.kernelSize, self.stride, self.ceilMode) = (p, kernelSize.triple, stride?.triple, ceilMode)
  }

  /// Creates a pooling of volumes by the p-norm of each window, with `Float` values.
  ///
  /// - Parameters:
  ///   - p: the order of the norm.
  ///   - kernelSize: depth, height and width of a window in voxels; one number is all three.
  ///   - stride: from one window to the next, in voxels; the window's extents when `nil`.
  ///   - ceilMode: whether a window may reach over the end, so that the extent of the result is rounded up.
  public init(
    p: Double, kernelSize: some TripleConvertible, stride: (some TripleConvertible)? = nil as Triple?,
    ceilMode: Bool = false
  ) where Scalar == Float {
    (self.p, self.kernelSize, self.stride, self.ceilMode) = (p, kernelSize.triple, stride?.triple, ceilMode)
  }

  /// The norms.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    lpPool3D(input, p: Scalar(p), kernelSize: kernelSize, stride: stride, ceilMode: ceilMode)
  }
}

extension MaxPool3D: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    each(output, kernelSize.depth * kernelSize.vertical * kernelSize.horizontal - 1)
  }
}

extension AvgPool3D: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    each(output, kernelSize.depth * kernelSize.vertical * kernelSize.horizontal)
  }
}
