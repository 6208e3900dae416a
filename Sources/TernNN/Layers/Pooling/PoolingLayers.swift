import TernBackend
import TernTensor

// Pooling of sequences, and the rarer ones of images, as layers.

/// The maximum of every window of a sequence: [N, C, L] to [N, C, L′].
public final class MaxPool1D<Scalar: FloatingScalar>: Layer {
  /// The length of a window.
  public let kernelSize: Int
  /// From one window to the next; the window's length when `nil`.
  public let stride: Int?
  /// Places around the sequence, which win against nothing.
  public let padding: Int
  /// From one place of a window to the next.
  public let dilation: Int
  /// Whether a window may reach over the end.
  public let ceilMode: Bool

  /// Creates a maximum pooling of sequences.
  ///
  /// - Parameters:
  ///   - kernelSize: the length of a window in positions.
  ///   - stride: from one window to the next, in positions; the window's length when `nil`.
  ///   - padding: positions before and after the sequence, at most half a window; they count as −∞.
  ///   - dilation: from one position of a window to the next, at least 1.
  ///   - ceilMode: whether a window may reach over the end, so that the length of the result is rounded up.
  public init(_ kernelSize: Int, stride: Int? = nil, padding: Int = 0, dilation: Int = 1, ceilMode: Bool = false) {
    (self.kernelSize, self.stride, self.padding, self.dilation, self.ceilMode) = (
      kernelSize, stride, padding, dilation, ceilMode
    )
  }

  /// Creates a maximum pooling of sequences, with `Float` values.
  ///
  /// - Parameters:
  ///   - kernelSize: the length of a window in positions.
  ///   - stride: from one window to the next, in positions; the window's length when `nil`.
  ///   - padding: positions before and after the sequence, at most half a window; they count as −∞.
  ///   - dilation: from one position of a window to the next, at least 1.
  ///   - ceilMode: whether a window may reach over the end, so that the length of the result is rounded up.
  public init(
    _ kernelSize: Int, stride: Int? = nil, padding: Int = 0, dilation: Int = 1, ceilMode: Bool = false
  ) where Scalar == Float {
    (self.kernelSize, self.stride, self.padding, self.dilation, self.ceilMode) = (
      kernelSize, stride, padding, dilation, ceilMode
    )
  }

  /// The maxima.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    maxPool1D(
      input, kernelSize: kernelSize, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode)
  }
}

/// The mean of every window of a sequence: [N, C, L] to [N, C, L′].
public final class AvgPool1D<Scalar: FloatingScalar>: Layer {
  /// The length of a window.
  public let kernelSize: Int
  /// From one window to the next; the window's length when `nil`.
  public let stride: Int?
  /// Zeros around the sequence.
  public let padding: Int
  /// Whether a window may reach over the end.
  public let ceilMode: Bool
  /// Whether the zeros around the sequence count in the mean.
  public let countsPadding: Bool

  /// Creates an average pooling of sequences.
  ///
  /// - Parameters:
  ///   - kernelSize: the length of a window in positions.
  ///   - stride: from one window to the next, in positions; the window's length when `nil`.
  ///   - padding: zeros before and after the sequence, at most half a window.
  ///   - ceilMode: whether a window may reach over the end, so that the length of the result is rounded up.
  ///   - countsPadding: whether the zeros around the sequence count in the mean.
  public init(
    _ kernelSize: Int, stride: Int? = nil, padding: Int = 0, ceilMode: Bool = false, countsPadding: Bool = true
  ) {
    (self.kernelSize, self.stride, self.padding, self.ceilMode, self.countsPadding) = (
      kernelSize, stride, padding, ceilMode, countsPadding
    )
  }

  /// Creates an average pooling of sequences, with `Float` values.
  ///
  /// - Parameters:
  ///   - kernelSize: the length of a window in positions.
  ///   - stride: from one window to the next, in positions; the window's length when `nil`.
  ///   - padding: zeros before and after the sequence, at most half a window.
  ///   - ceilMode: whether a window may reach over the end, so that the length of the result is rounded up.
  ///   - countsPadding: whether the zeros around the sequence count in the mean.
  public init(
    _ kernelSize: Int, stride: Int? = nil, padding: Int = 0, ceilMode: Bool = false, countsPadding: Bool = true
  ) where Scalar == Float {
    (self.kernelSize, self.stride, self.padding, self.ceilMode, self.countsPadding) = (
      kernelSize, stride, padding, ceilMode, countsPadding
    )
  }

  /// The means.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    avgPool1D(
      input, kernelSize: kernelSize, stride: stride, padding: padding, ceilMode: ceilMode, countsPadding: countsPadding)
  }
}

/// The p-norm of every window of an image, see ``lpPool2D(_:p:kernelSize:stride:ceilMode:file:line:)``.
public final class LPPool2D<Scalar: FloatingScalar>: Layer {
  /// The order of the norm.
  public let p: Double
  /// The extents of a window.
  public let kernelSize: Pair
  /// From one window to the next; the kernel's extents when `nil`.
  public let stride: Pair?
  /// Whether a window may reach over the end.
  public let ceilMode: Bool

  /// Creates a pooling of images by the p-norm of each window.
  ///
  /// - Parameters:
  ///   - p: the order of the norm.
  ///   - kernelSize: height and width of a window in pixels; one number is both.
  ///   - stride: from one window to the next, in pixels; the window's extents when `nil`.
  ///   - ceilMode: whether a window may reach over the end, so that the extent of the result is rounded up.
  public init(
    p: Double, kernelSize: some PairConvertible, stride: (some PairConvertible)? = nil as Pair?, ceilMode: Bool = false
  ) {
    (self.p, self.kernelSize, self.stride, self.ceilMode) = (p, kernelSize.pair, stride?.pair, ceilMode)
  }

  /// Creates a pooling of images by the p-norm of each window, with `Float` values.
  ///
  /// - Parameters:
  ///   - p: the order of the norm.
  ///   - kernelSize: height and width of a window in pixels; one number is both.
  ///   - stride: from one window to the next, in pixels; the window's extents when `nil`.
  ///   - ceilMode: whether a window may reach over the end, so that the extent of the result is rounded up.
  public init(
    p: Double, kernelSize: some PairConvertible, stride: (some PairConvertible)? = nil as Pair?, ceilMode: Bool = false
  ) where Scalar == Float {
    (self.p, self.kernelSize, self.stride, self.ceilMode) = (p, kernelSize.pair, stride?.pair, ceilMode)
  }

  /// The norms.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    lpPool2D(input, p: Scalar(p), kernelSize: kernelSize, stride: stride, ceilMode: ceilMode)
  }
}

/// The p-norm of every window of a sequence, see ``lpPool1D(_:p:kernelSize:stride:ceilMode:file:line:)``.
public final class LPPool1D<Scalar: FloatingScalar>: Layer {
  /// The order of the norm.
  public let p: Double
  /// The length of a window.
  public let kernelSize: Int
  /// From one window to the next; the window's length when `nil`.
  public let stride: Int?
  /// Whether a window may reach over the end.
  public let ceilMode: Bool

  /// Creates a pooling of sequences by the p-norm of each window.
  ///
  /// - Parameters:
  ///   - p: the order of the norm.
  ///   - kernelSize: the length of a window in positions.
  ///   - stride: from one window to the next, in positions; the window's length when `nil`.
  ///   - ceilMode: whether a window may reach over the end, so that the length of the result is rounded up.
  public init(p: Double, kernelSize: Int, stride: Int? = nil, ceilMode: Bool = false) {
    (self.p, self.kernelSize, self.stride, self.ceilMode) = (p, kernelSize, stride, ceilMode)
  }

  /// Creates a pooling of sequences by the p-norm of each window, with `Float` values.
  ///
  /// - Parameters:
  ///   - p: the order of the norm.
  ///   - kernelSize: the length of a window in positions.
  ///   - stride: from one window to the next, in positions; the window's length when `nil`.
  ///   - ceilMode: whether a window may reach over the end, so that the length of the result is rounded up.
  public init(p: Double, kernelSize: Int, stride: Int? = nil, ceilMode: Bool = false)
  where Scalar == Float {
    (self.p, self.kernelSize, self.stride, self.ceilMode) = (p, kernelSize, stride, ceilMode)
  }

  /// The norms.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    lpPool1D(input, p: Scalar(p), kernelSize: kernelSize, stride: stride, ceilMode: ceilMode)
  }
}

extension MaxPool1D: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount { each(output, kernelSize - 1) }
}

extension AvgPool1D: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount { each(output, kernelSize) }
}
