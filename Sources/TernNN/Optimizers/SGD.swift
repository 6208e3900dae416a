import TernBackend
import TernTensor

/// Stochastic gradient descent, as `torch.optim.SGD`.
///
/// d = ∇L + λ·p; m ← μ·m + (1 − τ)·d (m ← d at the first step); p ← p − η·m, or p − η·(d + μ·m) after Nesterov; without
/// momentum p ← p − η·d.
public final class SGD: ParameterOptimizer {
  /// μ, the share of the old movement that is kept.
  public let momentum: Double
  /// τ, the share of the gradient that the movement leaves out.
  public let dampening: Double
  /// λ, added to the gradient as λ·p.
  public let weightDecay: Double
  /// Whether the step looks ahead along the movement.
  public let nesterov: Bool
  /// Whether the steps go up.
  public let maximize: Bool

  /// An optimizer of all parameters of a model.
  ///
  /// Stops for negative numbers, and for Nesterov without momentum or with dampening.
  public init(
    _ model: some Module, learningRate: Double = 1e-3, momentum: Double = 0, dampening: Double = 0,
    weightDecay: Double = 0, nesterov: Bool = false, maximize: Bool = false
  ) {
    check(momentum >= 0 && weightDecay >= 0, "SGD", "momentum \(momentum), weight decay \(weightDecay)")
    check(
      !nesterov || (momentum > 0 && dampening == 0), "SGD",
      "Nesterov's step needs momentum and no dampening: momentum \(momentum), dampening \(dampening)")
    self.momentum = momentum
    self.dampening = dampening
    self.weightDecay = weightDecay
    self.nesterov = nesterov
    self.maximize = maximize
    super.init(model.namedParameters, learningRate: learningRate)
  }

  override var momentNames: [String] { momentum == 0 ? [] : ["momentum"] }

  override func rule(step: Int) -> UpdateRule {
    .sgd(
      SGDUpdate(
        rate: learningRate, momentum: momentum, damping: 1 - dampening, decay: weightDecay, nesterov: nesterov,
        maximize: maximize, isFirst: step == 1))
  }
}
