import TernTensor

/// The maximum of every window of an image: [N, C, H, W] to [N, C, H′, W′], see
/// ``maxPool2D(_:kernelSize:stride:padding:dilation:ceilMode:file:line:)``.
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

  /// Windows over a scalar type.
  public init(
    kernelSize: some PairConvertible, stride: (some PairConvertible)?, padding: some PairConvertible,
    dilation: some PairConvertible, ceilMode: Bool, of _: Scalar.Type
  ) {
    self.kernelSize = kernelSize.pair
    self.stride = stride?.pair
    self.padding = padding.pair
    self.dilation = dilation.pair
    self.ceilMode = ceilMode
  }

  /// Windows of `kernelSize`, side by side unless a stride is given.
  public convenience init(
    _ kernelSize: some PairConvertible, stride: (some PairConvertible)? = nil as Pair?,
    padding: some PairConvertible = 0, dilation: some PairConvertible = 1, ceilMode: Bool = false
  ) {
    self.init(
      kernelSize: kernelSize, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode,
      of: Scalar.self)
  }

  /// The maxima.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    maxPool2D(
      input, kernelSize: kernelSize, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode)
  }
}

extension MaxPool2D where Scalar == Float {
  /// Windows of `kernelSize`, side by side unless a stride is given.
  public convenience init(
    _ kernelSize: some PairConvertible, stride: (some PairConvertible)? = nil as Pair?,
    padding: some PairConvertible = 0, dilation: some PairConvertible = 1, ceilMode: Bool = false
  ) {
    self.init(
      kernelSize: kernelSize, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode,
      of: Float.self)
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

  /// Windows over a scalar type.
  public init(
    kernelSize: some PairConvertible, stride: (some PairConvertible)?, padding: some PairConvertible, ceilMode: Bool,
    countsPadding: Bool, of _: Scalar.Type
  ) {
    self.kernelSize = kernelSize.pair
    self.stride = stride?.pair
    self.padding = padding.pair
    self.ceilMode = ceilMode
    self.countsPadding = countsPadding
  }

  /// Windows of `kernelSize`, side by side unless a stride is given.
  public convenience init(
    _ kernelSize: some PairConvertible, stride: (some PairConvertible)? = nil as Pair?,
    padding: some PairConvertible = 0, ceilMode: Bool = false, countsPadding: Bool = true
  ) {
    self.init(
      kernelSize: kernelSize, stride: stride, padding: padding, ceilMode: ceilMode, countsPadding: countsPadding,
      of: Scalar.self)
  }

  /// The means.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    avgPool2D(
      input, kernelSize: kernelSize, stride: stride, padding: padding, ceilMode: ceilMode,
      countsPadding: countsPadding)
  }
}

extension AvgPool2D where Scalar == Float {
  /// Windows of `kernelSize`, side by side unless a stride is given.
  public convenience init(
    _ kernelSize: some PairConvertible, stride: (some PairConvertible)? = nil as Pair?,
    padding: some PairConvertible = 0, ceilMode: Bool = false, countsPadding: Bool = true
  ) {
    self.init(
      kernelSize: kernelSize, stride: stride, padding: padding, ceilMode: ceilMode, countsPadding: countsPadding,
      of: Float.self)
  }
}

/// The means of as many parts of an image as the output has pixels: [N, C, H, W] to [N, C, height, width]; 1 is the
/// global average.
public final class AdaptiveAvgPool2D<Scalar: FloatingScalar>: Layer {
  /// The extents of the result.
  public let outputSize: Pair

  /// Means over a scalar type.
  public init(outputSize: some PairConvertible, of _: Scalar.Type) { self.outputSize = outputSize.pair }

  /// Means of `outputSize` parts.
  public convenience init(_ outputSize: some PairConvertible) { self.init(outputSize: outputSize, of: Scalar.self) }

  /// The means.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { adaptiveAvgPool2D(input, outputSize: outputSize) }
}

extension AdaptiveAvgPool2D where Scalar == Float {
  /// Means of `outputSize` parts.
  public convenience init(_ outputSize: some PairConvertible) { self.init(outputSize: outputSize, of: Float.self) }
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

extension AdaptiveAvgPool2D: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    OperationCount(others: adaptiveWindows(input, output, axes: 2))
  }
}
