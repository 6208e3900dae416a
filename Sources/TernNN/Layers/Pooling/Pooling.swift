import TernTensor

/// The maximum of every window of an image: [N, C, H, W] to [N, C, H′, W′], see
/// ``maxPool2D(_:kernelSize:stride:padding:dilation:ceilMode:file:line:)``.
///
/// ```swift
/// let halved = MaxPool2D(2)(Tensor(randomNormal: [8, 16, 32, 32]))  // [8, 16, 16, 16]
/// let overlapping = MaxPool2D(3, stride: 2, padding: 1)(halved)  // [8, 16, 8, 8]
/// ```
public final class MaxPool2D<Scalar: FloatingScalar>: Layer {
  /// The extents of a window.
  public let kernelSize: Pair
  /// From one window to the next; the kernel's extents when `nil`.
  public let stride: Pair?
  /// Pixels around the image, which win against nothing.
  public let padding: Pair
  /// From one pixel of a window to the next.
  public let dilation: Pair
  /// Whether a window may reach over the end.
  public let ceilMode: Bool

  /// Creates a maximum pooling of images.
  ///
  /// - Parameters:
  ///   - kernelSize: height and width of a window in pixels; one number is both.
  ///   - stride: from one window to the next, in pixels; the window's extents when `nil`.
  ///   - padding: pixels around the image, at most half a window; they count as −∞.
  ///   - dilation: from one pixel of a window to the next, at least 1.
  ///   - ceilMode: whether a window may reach over the end, so that the extent of the result is rounded up.
  public init(
    _ kernelSize: some PairConvertible, stride: (some PairConvertible)? = nil as Pair?,
    padding: some PairConvertible = 0, dilation: some PairConvertible = 1, ceilMode: Bool = false
  ) {
    (self.kernelSize, self.stride, self.padding, self.dilation, self.ceilMode) = (
      kernelSize.pair, stride?.pair, padding.pair, dilation.pair, ceilMode
    )
  }

  /// Creates a maximum pooling of images, with `Float` values.
  ///
  /// - Parameters:
  ///   - kernelSize: height and width of a window in pixels; one number is both.
  ///   - stride: from one window to the next, in pixels; the window's extents when `nil`.
  ///   - padding: pixels around the image, at most half a window; they count as −∞.
  ///   - dilation: from one pixel of a window to the next, at least 1.
  ///   - ceilMode: whether a window may reach over the end, so that the extent of the result is rounded up.
  public init(
    _ kernelSize: some PairConvertible, stride: (some PairConvertible)? = nil as Pair?,
    padding: some PairConvertible = 0, dilation: some PairConvertible = 1, ceilMode: Bool = false
  ) where Scalar == Float {
    (self.kernelSize, self.stride, self.padding, self.dilation, self.ceilMode) = (
      kernelSize.pair, stride?.pair, padding.pair, dilation.pair, ceilMode
    )
  }

  /// The maxima.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    maxPool2D(
      input, kernelSize: kernelSize, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode)
  }
}

/// The mean of every window of an image: [N, C, H, W] to [N, C, H′, W′], see
/// ``avgPool2D(_:kernelSize:stride:padding:ceilMode:countsPadding:divisor:file:line:)``.
public final class AvgPool2D<Scalar: FloatingScalar>: Layer {
  /// The extents of a window.
  public let kernelSize: Pair
  /// From one window to the next; the kernel's extents when `nil`.
  public let stride: Pair?
  /// Zeros around the image.
  public let padding: Pair
  /// Whether a window may reach over the end.
  public let ceilMode: Bool
  /// Whether the zeros around the image count in the mean.
  public let countsPadding: Bool

  /// Creates an average pooling of images.
  ///
  /// - Parameters:
  ///   - kernelSize: height and width of a window in pixels; one number is both.
  ///   - stride: from one window to the next, in pixels; the window's extents when `nil`.
  ///   - padding: zeros around the image in pixels, at most half a window.
  ///   - ceilMode: whether a window may reach over the end, so that the extent of the result is rounded up.
  ///   - countsPadding: whether the zeros around the image count in the mean.
  public init(
    _ kernelSize: some PairConvertible, stride: (some PairConvertible)? = nil as Pair?,
    padding: some PairConvertible = 0, ceilMode: Bool = false, countsPadding: Bool = true
  ) {
    (self.kernelSize, self.stride, self.padding, self.ceilMode, self.countsPadding) = (
      kernelSize.pair, stride?.pair, padding.pair, ceilMode, countsPadding
    )
  }

  /// Creates an average pooling of images, with `Float` values.
  ///
  /// - Parameters:
  ///   - kernelSize: height and width of a window in pixels; one number is both.
  ///   - stride: from one window to the next, in pixels; the window's extents when `nil`.
  ///   - padding: zeros around the image in pixels, at most half a window.
  ///   - ceilMode: whether a window may reach over the end, so that the extent of the result is rounded up.
  ///   - countsPadding: whether the zeros around the image count in the mean.
  public init(
    _ kernelSize: some PairConvertible, stride: (some PairConvertible)? = nil as Pair?,
    padding: some PairConvertible = 0, ceilMode: Bool = false, countsPadding: Bool = true
  ) where Scalar == Float {
    (self.kernelSize, self.stride, self.padding, self.ceilMode, self.countsPadding) = (
      kernelSize.pair, stride?.pair, padding.pair, ceilMode, countsPadding
    )
  }

  /// The means.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    avgPool2D(
      input, kernelSize: kernelSize, stride: stride, padding: padding, ceilMode: ceilMode,
      countsPadding: countsPadding)
  }
}

extension MaxPool2D: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    each(output, kernelSize.vertical * kernelSize.horizontal - 1)
  }
}

extension AvgPool2D: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    each(output, kernelSize.vertical * kernelSize.horizontal)
  }
}
