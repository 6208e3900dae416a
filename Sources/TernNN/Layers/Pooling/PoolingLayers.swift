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

  /// The layer over a scalar type.
  public init(kernelSize: Int, stride: Int?, padding: Int, dilation: Int, ceilMode: Bool, of _: Scalar.Type) {
    self.kernelSize = kernelSize
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.ceilMode = ceilMode
  }
  /// The layer.
  public convenience init(
    _ kernelSize: Int, stride: Int? = nil, padding: Int = 0, dilation: Int = 1, ceilMode: Bool = false
  ) {
    self.init(
      kernelSize: kernelSize, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode, of: Scalar.self)
  }
  /// The maxima.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    maxPool1D(
      input, kernelSize: kernelSize, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode)
  }
}

extension MaxPool1D where Scalar == Float {
  /// The layer.
  public convenience init(
    _ kernelSize: Int, stride: Int? = nil, padding: Int = 0, dilation: Int = 1, ceilMode: Bool = false
  ) {
    self.init(
      kernelSize: kernelSize, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode, of: Float.self)
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

  /// The layer over a scalar type.
  public init(kernelSize: Int, stride: Int?, padding: Int, ceilMode: Bool, countsPadding: Bool, of _: Scalar.Type) {
    self.kernelSize = kernelSize
    self.stride = stride
    self.padding = padding
    self.ceilMode = ceilMode
    self.countsPadding = countsPadding
  }
  /// The layer.
  public convenience init(
    _ kernelSize: Int, stride: Int? = nil, padding: Int = 0, ceilMode: Bool = false, countsPadding: Bool = true
  ) {
    self.init(
      kernelSize: kernelSize, stride: stride, padding: padding, ceilMode: ceilMode, countsPadding: countsPadding,
      of: Scalar.self)
  }
  /// The means.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    avgPool1D(
      input, kernelSize: kernelSize, stride: stride, padding: padding, ceilMode: ceilMode, countsPadding: countsPadding)
  }
}

extension AvgPool1D where Scalar == Float {
  /// The layer.
  public convenience init(
    _ kernelSize: Int, stride: Int? = nil, padding: Int = 0, ceilMode: Bool = false, countsPadding: Bool = true
  ) {
    self.init(
      kernelSize: kernelSize, stride: stride, padding: padding, ceilMode: ceilMode, countsPadding: countsPadding,
      of: Float.self)
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

  /// The layer over a scalar type.
  public init(
    p: Double, kernelSize: some PairConvertible, stride: (some PairConvertible)?, ceilMode: Bool, of _: Scalar.Type
  ) {
    self.p = p
    self.kernelSize = kernelSize.pair
    self.stride = stride?.pair
    self.ceilMode = ceilMode
  }
  /// The layer.
  public convenience init(
    p: Double, kernelSize: some PairConvertible, stride: (some PairConvertible)? = nil as Pair?, ceilMode: Bool = false
  ) {
    self.init(p: p, kernelSize: kernelSize, stride: stride, ceilMode: ceilMode, of: Scalar.self)
  }
  /// The norms.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    lpPool2D(input, p: Scalar(p), kernelSize: kernelSize, stride: stride, ceilMode: ceilMode)
  }
}

extension LPPool2D where Scalar == Float {
  /// The layer.
  public convenience init(
    p: Double, kernelSize: some PairConvertible, stride: (some PairConvertible)? = nil as Pair?, ceilMode: Bool = false
  ) {
    self.init(p: p, kernelSize: kernelSize, stride: stride, ceilMode: ceilMode, of: Float.self)
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

  /// The layer over a scalar type.
  public init(p: Double, kernelSize: Int, stride: Int?, ceilMode: Bool, of _: Scalar.Type) {
    self.p = p
    self.kernelSize = kernelSize
    self.stride = stride
    self.ceilMode = ceilMode
  }
  /// The layer.
  public convenience init(p: Double, kernelSize: Int, stride: Int? = nil, ceilMode: Bool = false) {
    self.init(p: p, kernelSize: kernelSize, stride: stride, ceilMode: ceilMode, of: Scalar.self)
  }
  /// The norms.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    lpPool1D(input, p: Scalar(p), kernelSize: kernelSize, stride: stride, ceilMode: ceilMode)
  }
}

extension LPPool1D where Scalar == Float {
  /// The layer.
  public convenience init(p: Double, kernelSize: Int, stride: Int? = nil, ceilMode: Bool = false) {
    self.init(p: p, kernelSize: kernelSize, stride: stride, ceilMode: ceilMode, of: Float.self)
  }
}

/// The maxima of as many parts of an image as the output has pixels: [N, C, H, W] to [N, C, height, width].
public final class AdaptiveMaxPool2D<Scalar: FloatingScalar>: Layer {
  /// The extents of the result.
  public let outputSize: Pair

  /// The layer over a scalar type.
  public init(outputSize: some PairConvertible, of _: Scalar.Type) {
    self.outputSize = outputSize.pair
  }
  /// The layer.
  public convenience init(_ outputSize: some PairConvertible) { self.init(outputSize: outputSize, of: Scalar.self) }
  /// The maxima.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    adaptiveMaxPool2D(input, height: outputSize.vertical, width: outputSize.horizontal)
  }
}

extension AdaptiveMaxPool2D where Scalar == Float {
  /// The layer.
  public convenience init(_ outputSize: some PairConvertible) { self.init(outputSize: outputSize, of: Float.self) }
}

/// The means of as many parts of a sequence as the output has places: [N, C, L] to [N, C, length].
public final class AdaptiveAvgPool1D<Scalar: FloatingScalar>: Layer {
  /// The length of the result.
  public let outputSize: Int

  /// The layer over a scalar type.
  public init(outputSize: Int, of _: Scalar.Type) {
    self.outputSize = outputSize
  }
  /// The layer.
  public convenience init(_ outputSize: Int) { self.init(outputSize: outputSize, of: Scalar.self) }
  /// The means.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    adaptiveAvgPool2D(input.expandedAxis(at: -2), height: 1, width: outputSize).squeezed(-2)
  }
}

extension AdaptiveAvgPool1D where Scalar == Float {
  /// The layer.
  public convenience init(_ outputSize: Int) { self.init(outputSize: outputSize, of: Float.self) }
}

/// The maxima of as many parts of a sequence as the output has places: [N, C, L] to [N, C, length].
public final class AdaptiveMaxPool1D<Scalar: FloatingScalar>: Layer {
  /// The length of the result.
  public let outputSize: Int

  /// The layer over a scalar type.
  public init(outputSize: Int, of _: Scalar.Type) {
    self.outputSize = outputSize
  }
  /// The layer.
  public convenience init(_ outputSize: Int) { self.init(outputSize: outputSize, of: Scalar.self) }
  /// The maxima.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    adaptiveMaxPool2D(input.expandedAxis(at: -2), height: 1, width: outputSize).squeezed(-2)
  }
}

extension AdaptiveMaxPool1D where Scalar == Float {
  /// The layer.
  public convenience init(_ outputSize: Int) { self.init(outputSize: outputSize, of: Float.self) }
}

extension MaxPool1D: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount { each(output, kernelSize - 1) }
}

extension AvgPool1D: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount { each(output, kernelSize) }
}

extension AdaptiveAvgPool1D: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    OperationCount(others: adaptiveWindows(input, output, axes: 1))
  }
}

extension AdaptiveMaxPool2D: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    OperationCount(others: adaptiveWindows(input, output, axes: 2) - elements(output))
  }
}

extension AdaptiveMaxPool1D: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    OperationCount(others: adaptiveWindows(input, output, axes: 1) - elements(output))
  }
}
