import Foundation
import TernBackend
import TernTensor

// Methods with Adam's two moments that divide or correct in another way.

/// What ``Adam`` and its variants share: the numbers, and the two moments.
public class AdamVariant: ParameterOptimizer {
  /// β₁ and β₂, the shares of the old moments that are kept.
  public let betas: (Double, Double)
  /// ε, beside the root.
  public let epsilon: Double
  /// λ.
  public let weightDecay: Double
  /// Whether the decay shrinks the parameter apart from the gradient.
  public let isDecoupled: Bool
  /// Whether the steps go up.
  public let maximize: Bool

  init(
    _ entries: [(name: String, parameter: any AnyParameter)], learningRate: Double, betas: (Double, Double),
    epsilon: Double, weightDecay: Double, isDecoupled: Bool, maximize: Bool, _ name: String
  ) {
    check(
      betas.0 >= 0 && betas.0 < 1 && betas.1 >= 0 && betas.1 < 1, name, "betas \(betas.0) and \(betas.1) outside 0..<1")
    check(epsilon >= 0 && weightDecay >= 0, name, "epsilon \(epsilon), weight decay \(weightDecay)")
    self.betas = betas
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.isDecoupled = isDecoupled
    self.maximize = maximize
    super.init(entries, learningRate: learningRate)
  }

  override var momentNames: [String] { ["mean", "square"] }

  /// What the parameter is multiplied by before a step.
  var shrink: Double { isDecoupled ? 1 - learningRate * weightDecay : 1 }
  /// What is added to the gradient of the parameter.
  var decay: Double { isDecoupled ? 0 : weightDecay }
}

/// Adamax, as `torch.optim.Adamax`: the largest gradient takes the place of the root of the second moment.
///
/// d = ∇L + λ·p; m ← β₁m + (1 − β₁)d; u ← max(β₂u, |d| + ε); p ← p − η/(1 − β₁ᵗ)·m/u.
///
/// Source: Kingma & Ba 2015, "Adam: a method for stochastic optimization", section 7.
public final class Adamax: AdamVariant {
  /// An optimizer of all parameters of a model. Stops for numbers out of range.
  public init(
    _ model: some Module, learningRate: Double = 2e-3, betas: (Double, Double) = (0.9, 0.999), epsilon: Double = 1e-8,
    weightDecay: Double = 0, maximize: Bool = false
  ) {
    super.init(
      model.namedParameters, learningRate: learningRate, betas: betas, epsilon: epsilon, weightDecay: weightDecay,
      isDecoupled: false, maximize: maximize, "Adamax")
  }

  override var momentNames: [String] { ["mean", "largest"] }

  override func rule(step: Int) -> UpdateRule {
    .adaptive(
      AdaptiveUpdate(
        kind: .adamax, rate: learningRate / (1 - pow(betas.0, Double(step))), keep1: betas.0, keep2: betas.1,
        epsilon: epsilon, decay: decay, maximize: maximize))
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
  /// Πμ over the steps so far, of the step that it was worked out for; in Float, as PyTorch keeps it.
  private var product = (step: 0, value: Float(1))

  /// An optimizer of all parameters of a model. Stops for numbers out of range.
  public init(
    _ model: some Module, learningRate: Double = 2e-3, betas: (Double, Double) = (0.9, 0.999), epsilon: Double = 1e-8,
    weightDecay: Double = 0, momentumDecay: Double = 4e-3, isDecoupled: Bool = false, maximize: Bool = false
  ) {
    check(momentumDecay >= 0, "NAdam", "a momentum decay of \(momentumDecay)")
    self.momentumDecay = momentumDecay
    super.init(
      model.namedParameters, learningRate: learningRate, betas: betas, epsilon: epsilon, weightDecay: weightDecay,
      isDecoupled: isDecoupled, maximize: maximize, "NAdam")
  }

  private func share(_ step: Int) -> Double { betas.0 * (1 - 0.5 * pow(0.96, Double(step) * momentumDecay)) }

  override func rule(step: Int) -> UpdateRule {
    if product.step > step { product = (0, 1) }
    while product.step < step { product = (product.step + 1, product.value * Float(share(product.step + 1))) }
    let (now, next, all) = (share(step), share(step + 1), Double(product.value))
    return .adaptive(
      AdaptiveUpdate(
        kind: .nadam, rate: learningRate * next / (1 - all * next), keep1: betas.0, keep2: betas.1,
        epsilon: epsilon, decay: decay, shrink: shrink, direct: learningRate * (1 - now) / (1 - all),
        root: (1 - pow(betas.1, Double(step))).squareRoot(), maximize: maximize))
  }
}

/// RAdam, as `torch.optim.RAdam`: Adam whose adaptive rate is corrected for its variance, and left out at first.
///
/// With ρ∞ = 2/(1 − β₂) − 1 and ρₜ = ρ∞ − 2tβ₂ᵗ/(1 − β₂ᵗ): where ρₜ > 5 p ← p − η·m̂·r/(√v̂ + ε) with
/// r = √((ρₜ − 4)(ρₜ − 2)ρ∞/((ρ∞ − 4)(ρ∞ − 2)ρₜ)), else p ← p − η·m̂.
///
/// Source: Liu et al. 2020, "On the variance of the adaptive learning rate and beyond".
public final class RAdam: AdamVariant {
  /// An optimizer of all parameters of a model. Stops for numbers out of range.
  public init(
    _ model: some Module, learningRate: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999), epsilon: Double = 1e-8,
    weightDecay: Double = 0, isDecoupled: Bool = false, maximize: Bool = false
  ) {
    super.init(
      model.namedParameters, learningRate: learningRate, betas: betas, epsilon: epsilon, weightDecay: weightDecay,
      isDecoupled: isDecoupled, maximize: maximize, "RAdam")
  }

  override func rule(step: Int) -> UpdateRule {
    let (power1, power2) = (pow(betas.0, Double(step)), pow(betas.1, Double(step)))
    let limit = 2 / (1 - betas.1) - 1
    let length = limit - 2 * Double(step) * power2 / (1 - power2)
    var rate = learningRate / (1 - power1)
    if length > 5 {
      rate *= (1 - power2).squareRoot()
      rate *= ((length - 4) * (length - 2) * limit / ((limit - 4) * (limit - 2) * length)).squareRoot()
    }
    return .adaptive(
      AdaptiveUpdate(
        kind: .radam, rate: rate, keep1: betas.0, keep2: betas.1, epsilon: epsilon, decay: decay, shrink: shrink,
        maximize: maximize, isRectified: length > 5))
  }
}
