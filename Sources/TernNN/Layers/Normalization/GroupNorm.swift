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

  /// Creates a group normalization. Stops where the groups do not divide the channels.
  ///
  /// - Parameters:
  ///   - groups: how many groups the channels are in; a divisor of `features`.
  ///   - features: the number of channels C.
  ///   - epsilon: ε, added to the variance inside the root.
  ///   - affine: whether γ and β are learned.
  public init(
    groups: Int, _ features: Int, epsilon: Double = 1e-5, affine: Bool = true, fileID file: StaticString = #fileID,
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

  /// Creates a group normalization, with `Float` values. Stops where the groups do not divide the channels.
  ///
  /// - Parameters:
  ///   - groups: how many groups the channels are in; a divisor of `features`.
  ///   - features: the number of channels C.
  ///   - epsilon: ε, added to the variance inside the root.
  ///   - affine: whether γ and β are learned.
  public convenience init(
    groups: Int, _ features: Int, epsilon: Double = 1e-5, affine: Bool = true, file: StaticString = #fileID,
    line: UInt = #line
  ) where Scalar == Float {
    self.init(groups: groups, features, epsilon: epsilon, affine: affine, fileID: file, line: line)
  }

  /// The normalized input, [N, C, ..], of its shape.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    groupNorm(input, groups: groups, scale: weight?.value, shift: bias?.value, epsilon: Scalar(epsilon))
  }
}

extension GroupNorm: SelfCopying {
  func duplicate() -> any Module {
    GroupNorm(groups: groups, weight?.count ?? groups, epsilon: epsilon, affine: weight != nil)
  }
}

extension GroupNorm: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount { each(output, statistical(weight, bias)) }
}
