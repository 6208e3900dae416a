import TernBackend
import TernTensor

/// Group normalization: the channels of each example in groups, every group with mean 0 and variance 1, then a scale and
/// a shift a channel, see ``groupNorm(_:groups:scale:shift:epsilon:file:line:)``.
///
/// Training and evaluation are the same. Source: Wu & He 2018, "Group normalization".
public final class GroupNorm<Scalar: FloatingScalar>: Layer {
  /// How many groups there are.
  public let groups: Int
  /// ε, inside the root.
  public let epsilon: Double
  /// γ, [C], starts at 1; `nil` where not affine.
  public let weight: Parameter<Scalar>?
  /// β, [C], starts at 0; `nil` where not affine.
  public let bias: Parameter<Scalar>?

  /// A layer for `features` channels; stops where the groups do not divide them.
  public init(
    groups: Int, features: Int, epsilon: Double, affine: Bool, of _: Scalar.Type, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      groups >= 1 && features >= 1 && features % groups == 0, "GroupNorm",
      "\(features) channels do not divide into \(groups) groups")
    self.groups = groups
    self.epsilon = epsilon
    weight = affine ? Parameter(Tensor(ones: [features])) : nil
    bias = affine ? Parameter(Tensor(zeros: [features])) : nil
  }

  /// A layer for `features` channels; stops where the groups do not divide them.
  public convenience init(groups: Int, _ features: Int, epsilon: Double = 1e-5, affine: Bool = true) {
    self.init(groups: groups, features: features, epsilon: epsilon, affine: affine, of: Scalar.self)
  }

  /// The normalized input, [N, C, ..], of its shape.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    groupNorm(input, groups: groups, scale: weight?.value, shift: bias?.value, epsilon: Scalar(epsilon))
  }
}

extension GroupNorm where Scalar == Float {
  /// A layer for `features` channels; stops where the groups do not divide them.
  public convenience init(groups: Int, _ features: Int, epsilon: Double = 1e-5, affine: Bool = true) {
    self.init(groups: groups, features: features, epsilon: epsilon, affine: affine, of: Float.self)
  }
}

extension GroupNorm: SelfCopying {
  func duplicate() -> any Module {
    GroupNorm(
      groups: groups, features: weight?.count ?? groups, epsilon: epsilon, affine: weight != nil, of: Scalar.self)
  }
}

extension GroupNorm: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount { each(output, statistical(weight, bias)) }
}
