import TernBackend
import TernTensor

/// Local response normalization: y = x/(k + α/size·Σ x²)^β, the sum over `size` neighboring channels.
///
/// Source: Krizhevsky, Sutskever & Hinton 2012, "ImageNet classification with deep convolutional neural networks".
public final class LocalResponseNorm<Scalar: FloatingScalar>: Layer {
  /// Channels in a window.
  public let size: Int
  /// α.
  public let alpha: Double
  /// β.
  public let beta: Double
  /// What is added to the sum.
  public let k: Double

  /// Creates a local response normalization. Stops for an empty window.
  ///
  /// - Parameters:
  ///   - size: channels in a window, at least 1.
  ///   - alpha: α, the factor of the mean of squares.
  ///   - beta: β, the exponent.
  ///   - k: the constant that the sum is added to.
  public init(
    _ size: Int, alpha: Double = 1e-4, beta: Double = 0.75, k: Double = 1, fileID file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(size >= 1, "LocalResponseNorm", "a window of \(size) channels")
    (self.size, self.alpha, self.beta, self.k) = (size, alpha, beta, k)
  }

  /// Creates a local response normalization, with `Float` values. Stops for an empty window.
  ///
  /// - Parameters:
  ///   - size: channels in a window, at least 1.
  ///   - alpha: α, the factor of the mean of squares.
  ///   - beta: β, the exponent.
  ///   - k: the constant that the sum is added to.
  public convenience init(
    _ size: Int, alpha: Double = 1e-4, beta: Double = 0.75, k: Double = 1, file: StaticString = #fileID,
    line: UInt = #line
  ) where Scalar == Float { self.init(size, alpha: alpha, beta: beta, k: k, fileID: file, line: line) }

  /// The normalized input, [N, C, ..], of its shape.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    localResponseNorm(input, size: size, alpha: Scalar(alpha), beta: Scalar(beta), k: Scalar(k))
  }
}

extension LocalResponseNorm: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    each(output, Sizes.saturated(size, times: 1) + 4)
  }
}
