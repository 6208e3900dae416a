import Foundation
import TernBackend
import TernTensor

// Methods with Adam's two moments that divide or correct in another way.

/// The hyperparameters of ``Adam`` and its variants.
public struct AdamOptions: OptimizerOptions {
  /// η, the length of a step.
  public var learningRate: Double
  /// β₁, the decay of the first moment.
  public var beta1: Double
  /// β₂, the decay of the second moment.
  public var beta2: Double
  /// ε, beside the root.
  public var epsilon: Double
  /// λ.
  public var weightDecay: Double
  /// Whether the decay shrinks the parameter apart from the gradient.
  public var isDecoupled: Bool
  /// Whether the steps go up.
  public var maximize: Bool

  init(
    _ learningRate: Double, _ betas: (Double, Double), _ epsilon: Double, _ weightDecay: Double, isDecoupled: Bool,
    _ maximize: Bool
  ) {
    self.learningRate = learningRate
    (beta1, beta2) = betas
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.isDecoupled = isDecoupled
    self.maximize = maximize
  }

  /// What the parameter is multiplied by before a step.
  var shrink: Double { isDecoupled ? 1 - learningRate * weightDecay : 1 }
  /// What is added to the gradient of the parameter.
  var decay: Double { isDecoupled ? 0 : weightDecay }
}

/// What ``Adam`` and its variants share: the hyperparameters and the two moments.
public class AdamVariant: ParameterOptimizer<AdamOptions> {
  override func check(_ options: AdamOptions) {
    super.check(options)
    let (beta1, beta2) = (options.beta1, options.beta2)
    require(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1, "betas \(beta1) and \(beta2) outside 0..<1")
    require(
      options.epsilon >= 0 && options.weightDecay >= 0,
      "epsilon \(options.epsilon), weight decay \(options.weightDecay)")
  }

  override var momentum: WritableKeyPath<AdamOptions, Double>? { \.beta1 }

  override func momentNames(_ options: AdamOptions) -> [String] { ["mean", "square"] }
}

/// Adamax, as `torch.optim.Adamax`: the largest gradient takes the place of the root of the second moment.
///
/// d = ∇L + λ·p; m ← β₁m + (1 − β₁)d; u ← max(β₂u, |d| + ε); p ← p − η/(1 − β₁ᵗ)·m/u.
///
/// Source: Kingma & Ba 2015, "Adam: a method for stochastic optimization", section 7.
public final class Adamax: AdamVariant {
  /// Creates the optimizer. Stops for values out of range.
  ///
  /// - Parameters:
  ///   - model: a model, or a list of parameters; they are looked up once.
  ///   - learningRate: η, the length of a step, at least 0.
  ///   - betas: β₁ and β₂, the decays of the two moments, at least 0 and below 1.
  ///   - epsilon: ε, added to the denominator, at least 0.
  ///   - weightDecay: λ, at least 0.
  ///   - maximize: whether steps go up the gradient.
  public init(
    _ model: some ParameterSource, learningRate: Double = 2e-3, betas: (Double, Double) = (0.9, 0.999),
    epsilon: Double = 1e-8, weightDecay: Double = 0, maximize: Bool = false, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    super.init(
      model, AdamOptions(learningRate, betas, epsilon, weightDecay, isDecoupled: false, maximize),
      .elementwise(Adamax.rule))
  }

  override func momentNames(_ options: AdamOptions) -> [String] { ["mean", "largest"] }

  static func rule(_ options: AdamOptions, _ stage: UpdateStage) -> UpdateRule {
    return .adaptive(
      AdaptiveUpdate(
        kind: .adamax, rate: options.learningRate / (1 - pow(options.beta1, Double(stage.step))),
        keep1: options.beta1, keep2: options.beta2, epsilon: options.epsilon, decay: options.decay,
        maximize: options.maximize))
  }
}

/// NAdam, as `torch.optim.NAdam`: Adam that looks ahead along its mean, as Nesterov's momentum does.
///
/// μₜ = β₁(1 − ½·0.96^(tψ)); p ← p − η((1 − μₜ)/(1 − Πμ)·d + μₜ₊₁/(1 − Πμ·μₜ₊₁)·m)/(√v̂ + ε).
///
/// Source: Dozat 2016, "Incorporating Nesterov momentum into Adam".
public final class NAdam: AdamVariant {
  /// ψ.
  public let momentumDecay: Double

  /// Creates the optimizer. Stops for values out of range.
  ///
  /// - Parameters:
  ///   - model: a model, or a list of parameters; they are looked up once.
  ///   - learningRate: η, the length of a step, at least 0.
  ///   - betas: β₁ and β₂, the decays of the two moments, at least 0 and below 1.
  ///   - epsilon: ε, added to the denominator, at least 0.
  ///   - weightDecay: λ, at least 0.
  ///   - momentumDecay: how fast the momentum rises to β₁, at least 0.
  ///   - isDecoupled: whether the weights decay apart from the gradient, as in ``AdamW``.
  ///   - maximize: whether steps go up the gradient.
  public init(
    _ model: some ParameterSource, learningRate: Double = 2e-3, betas: (Double, Double) = (0.9, 0.999),
    epsilon: Double = 1e-8, weightDecay: Double = 0, momentumDecay: Double = 4e-3, isDecoupled: Bool = false,
    maximize: Bool = false,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self.momentumDecay = momentumDecay
    super.init(
      model, AdamOptions(learningRate, betas, epsilon, weightDecay, isDecoupled: isDecoupled, maximize),
      .elementwise { NAdam.rule($0, $1, momentumDecay) })
    require(momentumDecay >= 0, "a momentum decay of \(momentumDecay)")
  }

  /// μₜ; their product is the parameter's.
  override func momentumFactor(_ options: AdamOptions, step: Int) -> Double? {
    NAdam.momentumFactor(options, step, momentumDecay)
  }

  private static func momentumFactor(_ options: AdamOptions, _ step: Int, _ momentumDecay: Double) -> Double {
    options.beta1 * (1 - 0.5 * pow(0.96, Double(step) * momentumDecay))
  }

  private static func rule(_ options: AdamOptions, _ stage: UpdateStage, _ momentumDecay: Double) -> UpdateRule {
    let (now, next, all) = (
      momentumFactor(options, stage.step, momentumDecay), momentumFactor(options, stage.step + 1, momentumDecay),
      Double(stage.product)
    )
    return .adaptive(
      AdaptiveUpdate(
        kind: .nadam, rate: options.learningRate * next / (1 - all * next), keep1: options.beta1, keep2: options.beta2,
        epsilon: options.epsilon, decay: options.decay, shrink: options.shrink,
        direct: options.learningRate * (1 - now) / (1 - all),
        root: (1 - pow(options.beta2, Double(stage.step))).squareRoot(), maximize: options.maximize))
  }
}

/// RAdam, as `torch.optim.RAdam`: Adam whose adaptive rate is corrected for its variance, and left out at first.
///
/// With ρ∞ = 2/(1 − β₂) − 1 and ρₜ = ρ∞ − 2tβ₂ᵗ/(1 − β₂ᵗ): where ρₜ > 5 p ← p − η·m̂·r/(√v̂ + ε) with
/// r = √((ρₜ − 4)(ρₜ − 2)ρ∞/((ρ∞ − 4)(ρ∞ − 2)ρₜ)), else p ← p − η·m̂.
///
/// Source: Liu et al. 2020, "On the variance of the adaptive learning rate and beyond".
public final class RAdam: AdamVariant {
  /// Creates the optimizer. Stops for values out of range.
  ///
  /// - Parameters:
  ///   - model: a model, or a list of parameters; they are looked up once.
  ///   - learningRate: η, the length of a step, at least 0.
  ///   - betas: β₁ and β₂, the decays of the two moments, at least 0 and below 1.
  ///   - epsilon: ε, added to the denominator, at least 0.
  ///   - weightDecay: λ, at least 0.
  ///   - isDecoupled: whether the weights decay apart from the gradient, as in ``AdamW``.
  ///   - maximize: whether steps go up the gradient.
  public init(
    _ model: some ParameterSource, learningRate: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999),
    epsilon: Double = 1e-8, weightDecay: Double = 0, isDecoupled: Bool = false, maximize: Bool = false,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    super.init(
      model, AdamOptions(learningRate, betas, epsilon, weightDecay, isDecoupled: isDecoupled, maximize),
      .elementwise(RAdam.rule))
  }

  static func rule(_ options: AdamOptions, _ stage: UpdateStage) -> UpdateRule {
    let step = Double(stage.step)
    let (power1, power2) = (pow(options.beta1, step), pow(options.beta2, step))
    let limit = 2 / (1 - options.beta2) - 1
    let length = limit - 2 * step * power2 / (1 - power2)
    var rate = options.learningRate / (1 - power1)
    if length > 5 {
      rate *= (1 - power2).squareRoot()
      rate *= ((length - 4) * (length - 2) * limit / ((limit - 4) * (limit - 2) * length)).squareRoot()
    }
    return .adaptive(
      AdaptiveUpdate(
        kind: .radam, rate: rate, keep1: options.beta1, keep2: options.beta2, epsilon: options.epsilon,
        decay: options.decay, shrink: options.shrink, maximize: options.maximize, isRectified: length > 5))
  }
}
