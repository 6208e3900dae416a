import Foundation
import TernBackend
import TernTensor

/// Adam, as `torch.optim.Adam`.
///
/// d = ∇L + λ·p; m ← β₁m + (1 − β₁)d; v ← β₂v + (1 − β₂)d²; p ← p − η·m̂/(√v̂ + ε) with m̂ = m/(1 − β₁ᵗ),
/// v̂ = v/(1 − β₂ᵗ). With AMSGrad the largest v so far takes its place.
///
/// Source: Kingma & Ba 2015, "Adam: a method for stochastic optimization"; Reddi et al. 2018 for AMSGrad.
public class Adam: AdamVariant {
  /// Whether the largest second moment so far is used.
  public let amsgrad: Bool

  init(
    entries: [(name: String, parameter: any AnyParameter)], learningRate: Double, betas: (Double, Double),
    epsilon: Double, weightDecay: Double, amsgrad: Bool, maximize: Bool, isDecoupled: Bool
  ) {
    self.amsgrad = amsgrad
    super.init(
      entries, learningRate: learningRate, betas: betas, epsilon: epsilon, weightDecay: weightDecay,
      isDecoupled: isDecoupled, maximize: maximize, "Adam")
  }

  /// An optimizer of all parameters of a model. Stops for numbers out of range.
  public convenience init(
    _ model: some Module, learningRate: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999), epsilon: Double = 1e-8,
    weightDecay: Double = 0, amsgrad: Bool = false, maximize: Bool = false
  ) {
    self.init(
      entries: model.namedParameters, learningRate: learningRate, betas: betas, epsilon: epsilon,
      weightDecay: weightDecay, amsgrad: amsgrad, maximize: maximize, isDecoupled: false)
  }

  override var momentNames: [String] { super.momentNames + (amsgrad ? ["largest"] : []) }

  override func rule(step: Int) -> UpdateRule {
    let correction = (1 - pow(betas.0, Double(step)), 1 - pow(betas.1, Double(step)))
    return .adam(
      AdamUpdate(
        beta1: betas.0, beta2: betas.1, epsilon: epsilon, decay: decay,
        shrink: shrink, stepSize: learningRate / correction.0,
        rootCorrection: correction.1.squareRoot(), maximize: maximize))
  }
}

/// Adam with decoupled weight decay, as `torch.optim.AdamW`: p ← p·(1 − η·λ) before the step of ``Adam``.
///
/// Source: Loshchilov & Hutter 2019, "Decoupled weight decay regularization".
public final class AdamW: Adam {
  /// An optimizer of all parameters of a model. Stops for numbers out of range.
  public convenience init(
    _ model: some Module, learningRate: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999), epsilon: Double = 1e-8,
    weightDecay: Double = 0.01, amsgrad: Bool = false, maximize: Bool = false
  ) {
    self.init(
      entries: model.namedParameters, learningRate: learningRate, betas: betas, epsilon: epsilon,
      weightDecay: weightDecay, amsgrad: amsgrad, maximize: maximize, isDecoupled: true)
  }
}
