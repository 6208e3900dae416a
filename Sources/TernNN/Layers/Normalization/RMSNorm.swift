import TernBackend
import TernTensor

/// Root-mean-square normalization: y = γ·x/√(mean(x²) + ε) over the last axes of every sample.
///
/// Training and evaluation are the same. Source: Zhang & Sennrich 2019, "Root mean square layer normalization".
public final class RMSNorm<Scalar: FloatingScalar>: Layer {
  /// The last extents of the inputs, over which is normalized.
  public let normalizedShape: [Int]
  /// ε, inside the root; the distance from 1 to the next number when `nil`.
  public let epsilon: Double?
  /// γ, of the normalized shape, starts at 1; `nil` where not affine.
  public let weight: Parameter<Scalar>?

  /// Creates a root mean square normalization over axes listed in an array. Stops for extents below 1.
  ///
  /// - Parameters:
  ///   - normalizedShape: the last extents of the inputs, over which is normalized.
  ///   - epsilon: ε, inside the root; the distance from 1 to the next number when `nil`.
  ///   - affine: whether γ is learned.
  public init(
    normalizedShape: [Int], epsilon: Double? = nil, affine: Bool = true, fileID file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      !normalizedShape.isEmpty && normalizedShape.allSatisfy { $0 >= 1 }, "RMSNorm",
      "a normalized shape of \(normalizedShape)")
    self.normalizedShape = normalizedShape
    self.epsilon = epsilon
    weight = affine ? Parameter(Tensor(ones: normalizedShape)) : nil
  }

  /// Creates a root mean square normalization. Stops for extents below 1.
  ///
  /// - Parameters:
  ///   - normalizedShape: the last extents of the inputs, over which is normalized.
  ///   - epsilon: ε, inside the root; the distance from 1 to the next number when `nil`.
  ///   - affine: whether γ is learned.
  public convenience init(
    _ normalizedShape: Int..., epsilon: Double? = nil, affine: Bool = true, fileID file: StaticString = #fileID,
    line: UInt = #line
  ) {
    self.init(normalizedShape: normalizedShape, epsilon: epsilon, affine: affine, fileID: file, line: line)
  }

  /// Creates a root mean square normalization, with `Float` values. Stops for extents below 1.
  ///
  /// - Parameters:
  ///   - normalizedShape: the last extents of the inputs, over which is normalized.
  ///   - epsilon: ε, inside the root; the distance from 1 to the next number when `nil`.
  ///   - affine: whether γ is learned.
  public convenience init(
    _ normalizedShape: Int..., epsilon: Double? = nil, affine: Bool = true, file: StaticString = #fileID,
    line: UInt = #line
  ) where Scalar == Float {
    self.init(normalizedShape: normalizedShape, epsilon: epsilon, affine: affine, fileID: file, line: line)
  }

  /// The normalized input, of its shape; stops unless that ends in the normalized one.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    rmsNorm(input, normalizedShape: normalizedShape, scale: weight?.value, epsilon: epsilon.map { Scalar($0) })
  }
}

extension RMSNorm: SelfCopying {
  func duplicate() -> any Module {
    RMSNorm(normalizedShape: normalizedShape, epsilon: epsilon, affine: weight != nil)
  }
}

extension RMSNorm: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount { each(output, weight == nil ? 3 : 4) }
}
