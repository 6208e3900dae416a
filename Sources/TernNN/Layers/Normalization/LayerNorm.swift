import TernBackend
import TernTensor

/// Layer normalization: y = γ·(x − μ)/√(σ² + ε) + β with mean and biased variance over the last axes of every sample.
///
/// Training and evaluation are the same. Source: Ba, Kiros & Hinton 2016, "Layer normalization".
///
/// ```swift
/// let layer = LayerNorm(64)
/// let y = layer(Tensor(randomNormal: [8, 20, 64]))  // mean 0 and variance 1 over the last axis
/// let images = LayerNorm(3, 32, 32)(Tensor(randomNormal: [8, 3, 32, 32]))  // over the last three
/// ```
public final class LayerNorm<Scalar: FloatingScalar>: Layer {
  /// The last extents of the inputs, over which is normalized.
  public let normalizedShape: [Int]
  /// ε, inside the root.
  public let epsilon: Double
  /// γ, of the normalized shape, starts at 1; `nil` where not affine.
  public let weight: Parameter<Scalar>?
  /// β, of the normalized shape, starts at 0; `nil` where not affine or without bias.
  public let bias: Parameter<Scalar>?

  /// Creates a layer normalization over axes listed in an array. Stops for extents below 1.
  ///
  /// - Parameters:
  ///   - normalizedShape: the last extents of the inputs, over which is normalized.
  ///   - epsilon: ε, added to the variance inside the root.
  ///   - affine: whether γ and β are learned.
  ///   - bias: whether β is, where γ is.
  public init(
    normalizedShape: [Int], epsilon: Double = 1e-5, affine: Bool = true, bias: Bool = true,
    fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      !normalizedShape.isEmpty && normalizedShape.allSatisfy { $0 >= 1 }, "LayerNorm",
      "a normalized shape of \(normalizedShape)")
    self.normalizedShape = normalizedShape
    self.epsilon = epsilon
    weight = affine ? Parameter(Tensor(ones: normalizedShape)) : nil
    self.bias = affine && bias ? Parameter(Tensor(zeros: normalizedShape)) : nil
  }

  /// Creates a layer normalization. Stops for extents below 1.
  ///
  /// - Parameters:
  ///   - normalizedShape: the last extents of the inputs, over which is normalized.
  ///   - epsilon: ε, added to the variance inside the root.
  ///   - affine: whether γ and β are learned.
  ///   - bias: whether β is, where γ is.
  public convenience init(
    _ normalizedShape: Int..., epsilon: Double = 1e-5, affine: Bool = true, bias: Bool = true,
    fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    self.init(normalizedShape: normalizedShape, epsilon: epsilon, affine: affine, bias: bias, fileID: file, line: line)
  }

  /// Creates a layer normalization, with `Float` values. Stops for extents below 1.
  ///
  /// - Parameters:
  ///   - normalizedShape: the last extents of the inputs, over which is normalized.
  ///   - epsilon: ε, added to the variance inside the root.
  ///   - affine: whether γ and β are learned.
  ///   - bias: whether β is, where γ is.
  public convenience init(
    _ normalizedShape: Int..., epsilon: Double = 1e-5, affine: Bool = true, bias: Bool = true,
    file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(normalizedShape: normalizedShape, epsilon: epsilon, affine: affine, bias: bias, fileID: file, line: line)
  }

  /// The normalized input, of its shape; stops unless that ends in the normalized one.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    layerNorm(
      input, normalizedShape: normalizedShape, scale: weight?.value, shift: bias?.value, epsilon: Scalar(epsilon))
  }
}

extension LayerNorm: SelfCopying {
  func duplicate() -> any Module {
    LayerNorm(normalizedShape: normalizedShape, epsilon: epsilon, affine: weight != nil, bias: bias != nil)
  }
}

extension LayerNorm: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount { each(output, statistical(weight, bias)) }
}
