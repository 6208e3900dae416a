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

  /// A layer over the last axes, of the given extents.
  public init(
    normalizedShape: [Int], epsilon: Double?, affine: Bool, of _: Scalar.Type, file: StaticString = #fileID,
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

  /// A layer over the last axes, of the given extents.
  public convenience init(_ normalizedShape: Int..., epsilon: Double? = nil, affine: Bool = true) {
    self.init(normalizedShape: normalizedShape, epsilon: epsilon, affine: affine, of: Scalar.self)
  }

  /// The normalized input, of its shape; stops unless that ends in the normalized one.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    rmsNorm(input, normalizedShape: normalizedShape, scale: weight?.value, epsilon: epsilon.map { Scalar($0) })
  }
}

extension RMSNorm where Scalar == Float {
  /// A layer over the last axes, of the given extents.
  public convenience init(_ normalizedShape: Int..., epsilon: Double? = nil, affine: Bool = true) {
    self.init(normalizedShape: normalizedShape, epsilon: epsilon, affine: affine, of: Float.self)
  }
}

extension RMSNorm: SelfCopying {
  func duplicate() -> any Module {
    RMSNorm(normalizedShape: normalizedShape, epsilon: epsilon, affine: weight != nil, of: Scalar.self)
  }
}

extension RMSNorm: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount { each(output, weight == nil ? 3 : 4) }
}
