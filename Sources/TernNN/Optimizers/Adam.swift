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

  init(_ source: some ParameterSource, _ options: AdamOptions, amsgrad: Bool) {
    self.amsgrad = amsgrad
    super.init(source, options, .elementwise(Adam.rule))
  }

  /// Creates the optimizer. Stops for values out of range.
  ///
  /// - Parameters:
  ///   - model: a model, or a list of parameters; they are looked up once.
  ///   - learningRate: η, the length of a step, at least 0.
  ///   - betas: β₁ and β₂, the decays of the two moments, at least 0 and below 1.
  ///   - epsilon: ε, added to the denominator, at least 0.
  ///   - weightDecay: λ, added to the gradient as λ·p, at least 0.
  ///   - amsgrad: whether the largest second moment so far takes the place of the current one.
  ///   - maximize: whether steps go up the gradient.
  public convenience init(
    _ model: some ParameterSource, learningRate: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999),
    epsilon: Double = 1e-8, weightDecay: Double = 0, amsgrad: Bool = false, maximize: Bool = false,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self.init(
      model, AdamOptions(learningRate, betas, epsilon, weightDecay, isDecoupled: false, maximize), amsgrad: amsgrad)
  }

  override func momentNames(_ options: AdamOptions) -> [String] {
    super.momentNames(options) + (amsgrad ? ["largest"] : [])
  }

  static func rule(_ options: AdamOptions, _ stage: UpdateStage) -> UpdateRule {
    let correction = (1 - pow(options.beta1, Double(stage.step)), 1 - pow(options.beta2, Double(stage.step)))
    return .adam(
      AdamUpdate(
        beta1: options.beta1, beta2: options.beta2, epsilon: options.epsilon, decay: options.decay,
        shrink: options.shrink, stepSize: options.learningRate / correction.0,
        rootCorrection: correction.1.squareRoot(), maximize: options.maximize))
  }
}

/// Adam with decoupled weight decay, as `torch.optim.AdamW`: p ← p·(1 − η·λ) before the step of ``Adam``.
///
/// Source: Loshchilov & Hutter 2019, "Decoupled weight decay regularization".
public final class AdamW: Adam {
  /// Creates the optimizer. Stops for values out of range.
  ///
  /// - Parameters:
  ///   - model: a model, or a list of parameters; they are looked up once.
  ///   - learningRate: η, the length of a step, at least 0.
  ///   - betas: β₁ and β₂, the decays of the two moments, at least 0 and below 1.
  ///   - epsilon: ε, added to the denominator, at least 0.
  ///   - weightDecay: λ: each step first multiplies the weights by 1 − η·λ; at least 0.
  ///   - amsgrad: whether the largest second moment so far takes the place of the current one.
  ///   - maximize: whether steps go up the gradient.
  public convenience init(
    _ model: some ParameterSource, learningRate: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999),
    epsilon: Double = 1e-8, weightDecay: Double = 0.01, amsgrad: Bool = false, maximize: Bool = false,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self.init(
      model, AdamOptions(learningRate, betas, epsilon, weightDecay, isDecoupled: true, maximize), amsgrad: amsgrad)
  }
}
