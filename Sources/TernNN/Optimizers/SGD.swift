import TernBackend
import TernTensor

/// The hyperparameters of ``SGD``.
public struct SGDOptions: OptimizerOptions {
  /// η, the length of a step.
  public var learningRate: Double
  /// μ, the momentum.
  public var momentum: Double
  /// τ, the dampening of the gradient in the momentum.
  public var dampening: Double
  /// λ, added to the gradient as λ·p.
  public var weightDecay: Double
  /// Whether the step looks ahead along the movement.
  public var nesterov: Bool
  /// Whether the steps go up.
  public var maximize: Bool
}

/// Stochastic gradient descent, as `torch.optim.SGD`.
///
/// d = ∇L + λ·p; m ← μ·m + (1 − τ)·d (m ← d at the first step); p ← p − η·m, or p − η·(d + μ·m) after Nesterov; without
/// momentum p ← p − η·d.
public final class SGD: ParameterOptimizer<SGDOptions> {
  /// Creates the optimizer. Stops for values out of range.
  ///
  /// - Parameters:
  ///   - model: a model, or a list of parameters; they are looked up once.
  ///   - learningRate: η, the length of a step, at least 0.
  ///   - momentum: μ, the fraction of the last direction that is kept, at least 0.
  ///   - dampening: τ, the fraction of the gradient that is left out of the direction.
  ///   - weightDecay: λ, added to the gradient as λ·p, at least 0.
  ///   - nesterov: whether the step looks ahead along the direction; needs momentum and no dampening.
  ///   - maximize: whether steps go up the gradient.
  public init(
    _ model: some ParameterSource, learningRate: Double = 1e-3, momentum: Double = 0, dampening: Double = 0,
    weightDecay: Double = 0, nesterov: Bool = false, maximize: Bool = false, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    super.init(
      model,
      SGDOptions(
        learningRate: learningRate, momentum: momentum, dampening: dampening, weightDecay: weightDecay,
        nesterov: nesterov, maximize: maximize), .elementwise(SGD.rule))
  }

  override func check(_ options: SGDOptions) {
    super.check(options)
    require(
      options.momentum >= 0 && options.weightDecay >= 0,
      "momentum \(options.momentum), weight decay \(options.weightDecay)")
    require(
      !options.nesterov || (options.momentum > 0 && options.dampening == 0),
      "Nesterov's step needs momentum and no dampening: momentum \(options.momentum), dampening \(options.dampening)")
  }

  override var momentum: WritableKeyPath<SGDOptions, Double>? { \.momentum }

  override func momentNames(_ options: SGDOptions) -> [String] { options.momentum == 0 ? [] : ["momentum"] }

  static func rule(_ options: SGDOptions, _ stage: UpdateStage) -> UpdateRule {
    return .sgd(
      SGDUpdate(
        rate: options.learningRate, momentum: options.momentum, damping: 1 - options.dampening,
        decay: options.weightDecay, nesterov: options.nesterov, maximize: options.maximize, isFirst: stage.isFirst))
  }
}
