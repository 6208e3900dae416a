import Foundation
import TernBackend
import TernTensor

/// RMSprop, as `torch.optim.RMSprop`.
///
/// d = ∇L + λ·p; v ← α·v + (1 − α)·d²; p ← p − η·d/(√v + ε). Centred, v − (mean of d)² takes the place of v; with
/// momentum b ← μ·b + d/(√v + ε), p ← p − η·b.
///
/// Source: Hinton 2012, "Neural networks for machine learning", lecture 6e; Graves 2013 for the centred form.
public final class RMSprop: ParameterOptimizer {
  /// α, the share of the old square that is kept.
  public let smoothing: Double
  /// ε, beside the root.
  public let epsilon: Double
  /// λ.
  public let weightDecay: Double
  /// μ.
  public let momentum: Double
  /// Whether the square of the mean is taken off.
  public let isCentred: Bool
  /// Whether the steps go up.
  public let maximize: Bool

  /// An optimizer of all parameters of a model. Stops for numbers out of range.
  public init(
    _ model: some Module, learningRate: Double = 0.01, smoothing: Double = 0.99, epsilon: Double = 1e-8,
    weightDecay: Double = 0, momentum: Double = 0, isCentred: Bool = false, maximize: Bool = false
  ) {
    check(smoothing >= 0 && smoothing <= 1, "RMSprop", "a smoothing of \(smoothing)")
    check(
      epsilon >= 0 && weightDecay >= 0 && momentum >= 0, "RMSprop",
      "epsilon \(epsilon), weight decay \(weightDecay), momentum \(momentum)")
    self.smoothing = smoothing
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.momentum = momentum
    self.isCentred = isCentred
    self.maximize = maximize
    super.init(model.namedParameters, learningRate: learningRate)
  }

  override var momentNames: [String] {
    ["square"] + (momentum > 0 || isCentred ? ["momentum"] : []) + (isCentred ? ["mean"] : [])
  }

  override func rule(step: Int) -> UpdateRule {
    .adaptive(
      AdaptiveUpdate(
        kind: .rmsprop, rate: learningRate, keep1: smoothing, epsilon: epsilon, decay: weightDecay,
        momentum: momentum, maximize: maximize, isCentred: isCentred))
  }
}

/// Adagrad, as `torch.optim.Adagrad`.
///
/// d = ∇L + λ·p; s ← s + d²; p ← p − η/(1 + (t − 1)·decay)·d/(√s + ε).
///
/// Source: Duchi et al. 2011, "Adaptive subgradient methods for online learning and stochastic optimization".
public final class Adagrad: ParameterOptimizer {
  /// How fast the rate falls with the steps.
  public let rateDecay: Double
  /// λ.
  public let weightDecay: Double
  /// s before the first step.
  public let initialSum: Double
  /// ε, beside the root.
  public let epsilon: Double
  /// Whether the steps go up.
  public let maximize: Bool

  /// An optimizer of all parameters of a model. Stops for numbers out of range.
  public init(
    _ model: some Module, learningRate: Double = 0.01, rateDecay: Double = 0, weightDecay: Double = 0,
    initialSum: Double = 0, epsilon: Double = 1e-10, maximize: Bool = false
  ) {
    check(
      rateDecay >= 0 && weightDecay >= 0 && initialSum >= 0 && epsilon >= 0, "Adagrad",
      "rate decay \(rateDecay), weight decay \(weightDecay), initial sum \(initialSum), epsilon \(epsilon)")
    self.rateDecay = rateDecay
    self.weightDecay = weightDecay
    self.initialSum = initialSum
    self.epsilon = epsilon
    self.maximize = maximize
    super.init(model.namedParameters, learningRate: learningRate)
  }

  override var momentNames: [String] { ["sum"] }
  override var momentStart: Double { initialSum }

  override func rule(step: Int) -> UpdateRule {
    .adaptive(
      AdaptiveUpdate(
        kind: .adagrad, rate: learningRate / (1 + Double(step - 1) * rateDecay), epsilon: epsilon,
        decay: weightDecay, maximize: maximize))
  }
}

/// Adadelta, as `torch.optim.Adadelta`.
///
/// d = ∇L + λ·p; v ← ρ·v + (1 − ρ)·d²; e = d·√(u + ε)/√(v + ε); u ← ρ·u + (1 − ρ)·e²; p ← p − η·e.
///
/// Source: Zeiler 2012, "ADADELTA: an adaptive learning rate method".
public final class Adadelta: ParameterOptimizer {
  /// ρ, the share of the old squares that is kept.
  public let smoothing: Double
  /// ε, under the roots.
  public let epsilon: Double
  /// λ.
  public let weightDecay: Double
  /// Whether the steps go up.
  public let maximize: Bool

  /// An optimizer of all parameters of a model. Stops for numbers out of range.
  public init(
    _ model: some Module, learningRate: Double = 1, smoothing: Double = 0.9, epsilon: Double = 1e-6,
    weightDecay: Double = 0, maximize: Bool = false
  ) {
    check(smoothing >= 0 && smoothing <= 1, "Adadelta", "a smoothing of \(smoothing)")
    check(epsilon >= 0 && weightDecay >= 0, "Adadelta", "epsilon \(epsilon), weight decay \(weightDecay)")
    self.smoothing = smoothing
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.maximize = maximize
    super.init(model.namedParameters, learningRate: learningRate)
  }

  override var momentNames: [String] { ["square", "delta"] }

  override func rule(step: Int) -> UpdateRule {
    .adaptive(
      AdaptiveUpdate(
        kind: .adadelta, rate: learningRate, keep1: smoothing, epsilon: epsilon, decay: weightDecay,
        maximize: maximize))
  }
}

extension AdaptiveUpdate {
  /// An update whose numbers are neutral where they are left out.
  init(
    kind: AdaptiveKind, rate: Double, keep1: Double = 0, keep2: Double = 0, epsilon: Double = 0, decay: Double = 0,
    shrink: Double = 1, momentum: Double = 0, direct: Double = 0, root: Double = 1, maximize: Bool = false,
    isCentred: Bool = false, isRectified: Bool = false
  ) {
    self.init()
    self.kind = kind
    (self.rate, self.keep1, self.keep2, self.epsilon) = (rate, keep1, keep2, epsilon)
    (self.decay, self.shrink, self.momentum, self.direct, self.root) = (decay, shrink, momentum, direct, root)
    (self.maximize, self.isCentred, self.isRectified) = (maximize, isCentred, isRectified)
  }
}
