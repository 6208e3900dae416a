import TernBackend
import TernTensor

// Methods that take only the signs of gradients.

/// The hyperparameters of ``Rprop``.
public struct RpropOptions: OptimizerOptions {
  /// η, the length of the first step of every element.
  public var learningRate: Double
  /// What a step is multiplied by where the gradient changed its sign, and where it kept it.
  public var factors: (shrink: Double, growth: Double)
  /// The least and the greatest step.
  public var stepSizes: (smallest: Double, largest: Double)
  /// Whether the steps go up.
  public var maximize: Bool
}

/// Resilient backpropagation, as `torch.optim.Rprop`: every element has a step of its own, and only signs count.
///
/// s ← s·η⁺ where g·g' > 0, s·η⁻ where g·g' < 0 (then g ← 0), within the step sizes; p ← p − s·sign(g), with g' the last
/// gradient. For gradients of all the data: noise between batches changes signs.
///
/// Source: Riedmiller & Braun 1993, "A direct adaptive method for faster backpropagation learning: the RPROP algorithm".
public final class Rprop: ParameterOptimizer<RpropOptions> {
  /// Creates the optimizer. Stops for values out of range.
  ///
  /// - Parameters:
  ///   - model: a model, or a list of parameters; they are looked up once.
  ///   - learningRate: η, the length of the first step, at least 0.
  ///   - factors: η⁻, above 0 and below 1, and η⁺, above 1.
  ///   - stepSizes: the least and the greatest step of an element, at least 0.
  ///   - maximize: whether steps go up the gradient.
  public init(
    _ model: some ParameterSource, learningRate: Double = 0.01, factors: (shrink: Double, growth: Double) = (0.5, 1.2),
    stepSizes: (smallest: Double, largest: Double) = (1e-6, 50), maximize: Bool = false,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    super.init(
      model,
      RpropOptions(learningRate: learningRate, factors: factors, stepSizes: stepSizes, maximize: maximize),
      .elementwise { options, _ in
        .adaptive(
          AdaptiveUpdate(
            kind: .rprop, keep1: options.factors.shrink, keep2: options.factors.growth,
            smallest: options.stepSizes.smallest, largest: options.stepSizes.largest, maximize: options.maximize))
      })
  }

  override func check(_ options: RpropOptions) {
    super.check(options)
    let (shrink, growth) = options.factors
    require(
      shrink > 0 && shrink < 1 && growth > 1, "factors \(shrink) and \(growth), expected 0 < shrink < 1 < growth")
    let (smallest, largest) = options.stepSizes
    require(smallest >= 0 && largest >= smallest, "step sizes from \(smallest) to \(largest)")
  }

  override func momentNames(_ options: RpropOptions) -> [String] { ["previous", "step_size"] }
  override func momentStart(_ options: RpropOptions) -> MomentStart { .values(first: 0, others: options.learningRate) }
}

/// The hyperparameters of ``Lion``.
public struct LionOptions: OptimizerOptions {
  /// η, the length of a step.
  public var learningRate: Double
  /// β₁, the weight of the mean in the direction.
  public var beta1: Double
  /// β₂, the decay of the mean.
  public var beta2: Double
  /// λ, the decay apart from the gradient.
  public var weightDecay: Double
  /// Whether the steps go up.
  public var maximize: Bool
}

/// Lion, evolved sign momentum: every element moves by the same length.
///
/// p ← p·(1 − ηλ) − η·sign(β₁m + (1 − β₁)∇L); m ← β₂m + (1 − β₂)∇L. Its rate is three to ten times smaller than that of
/// ``AdamW``, its weight decay as much larger.
///
/// Source: Chen et al. 2023, "Symbolic discovery of optimization algorithms".
public final class Lion: ParameterOptimizer<LionOptions> {
  /// Creates the optimizer. Stops for values out of range.
  ///
  /// - Parameters:
  ///   - model: a model, or a list of parameters; they are looked up once.
  ///   - learningRate: η, the length of a step, at least 0.
  ///   - betas: β₁, the weight of the mean in the direction, and β₂, its decay, at least 0 and below 1.
  ///   - weightDecay: λ: each step first multiplies the weights by 1 − η·λ; at least 0.
  ///   - maximize: whether steps go up the gradient.
  public init(
    _ model: some ParameterSource, learningRate: Double = 1e-4, betas: (Double, Double) = (0.9, 0.99),
    weightDecay: Double = 0, maximize: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    super.init(
      model,
      LionOptions(
        learningRate: learningRate, beta1: betas.0, beta2: betas.1, weightDecay: weightDecay, maximize: maximize),
      .elementwise { options, _ in
        .adaptive(
          AdaptiveUpdate(
            kind: .lion, rate: options.learningRate, keep1: options.beta1, keep2: options.beta2,
            shrink: 1 - options.learningRate * options.weightDecay, maximize: options.maximize))
      })
  }

  override func check(_ options: LionOptions) {
    super.check(options)
    let (beta1, beta2) = (options.beta1, options.beta2)
    require(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1, "betas \(beta1) and \(beta2) outside 0..<1")
    require(options.weightDecay >= 0, "a weight decay of \(options.weightDecay)")
  }

  override var momentum: WritableKeyPath<LionOptions, Double>? { \.beta1 }

  override func momentNames(_ options: LionOptions) -> [String] { ["mean"] }
}
