import Foundation
import TernBackend
import TernTensor

/// The hyperparameters of ``RMSprop``.
public struct RMSpropOptions: OptimizerOptions {
  /// η, the length of a step.
  public var learningRate: Double
  /// α, the decay of the running square.
  public var smoothing: Double
  /// ε, beside the root.
  public var epsilon: Double
  /// λ.
  public var weightDecay: Double
  /// μ.
  public var momentum: Double
  /// Whether the square of the mean is taken off.
  public var isCentered: Bool
  /// Whether the steps go up.
  public var maximize: Bool

  /// The older name of ``isCentered``.
  @available(*, deprecated, renamed: "isCentered")
  public var isCentred: Bool {
    get { isCentered }
    set { isCentered = newValue }
  }
}

/// RMSprop, as `torch.optim.RMSprop`.
///
/// d = ∇L + λ·p; v ← α·v + (1 − α)·d²; p ← p − η·d/(√v + ε). Centered, v − (mean of d)² takes the place of v; with
/// momentum b ← μ·b + d/(√v + ε), p ← p − η·b.
///
/// Source: Hinton 2012, "Neural networks for machine learning", lecture 6e; Graves 2013 for the centered form.
public final class RMSprop: ParameterOptimizer<RMSpropOptions> {
  /// Creates the optimizer. Stops for values out of range.
  ///
  /// - Parameters:
  ///   - model: a model, or a list of parameters; they are looked up once.
  ///   - learningRate: η, the length of a step, at least 0.
  ///   - smoothing: the decay of the mean of squares, 0 to 1.
  ///   - epsilon: ε, added to the denominator, at least 0.
  ///   - weightDecay: λ, at least 0.
  ///   - momentum: μ, the fraction of the last direction that is kept, at least 0.
  ///   - isCentered: whether the squared mean of the gradients is subtracted from the mean of squares.
  ///   - maximize: whether steps go up the gradient.
  public init(
    _ model: some ParameterSource, learningRate: Double = 0.01, smoothing: Double = 0.99, epsilon: Double = 1e-8,
    weightDecay: Double = 0, momentum: Double = 0, isCentered: Bool = false, maximize: Bool = false,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    super.init(
      model,
      RMSpropOptions(
        learningRate: learningRate, smoothing: smoothing, epsilon: epsilon, weightDecay: weightDecay,
        momentum: momentum, isCentered: isCentered, maximize: maximize),
      .elementwise(RMSprop.rule))
  }

  /// The older name of the initializer with `isCentered`.
  @available(
    *, deprecated,
    renamed: "init(_:learningRate:smoothing:epsilon:weightDecay:momentum:isCentered:maximize:file:line:)"
  )
  public convenience init(
    _ model: some ParameterSource, learningRate: Double = 0.01, smoothing: Double = 0.99, epsilon: Double = 1e-8,
    weightDecay: Double = 0, momentum: Double = 0, isCentred: Bool, maximize: Bool = false,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    self.init(
      model, learningRate: learningRate, smoothing: smoothing, epsilon: epsilon, weightDecay: weightDecay,
      momentum: momentum, isCentered: isCentred, maximize: maximize, file: file, line: line)
  }

  override func check(_ options: RMSpropOptions) {
    super.check(options)
    require(options.smoothing >= 0 && options.smoothing <= 1, "a smoothing of \(options.smoothing)")
    require(
      options.epsilon >= 0 && options.weightDecay >= 0 && options.momentum >= 0,
      "epsilon \(options.epsilon), weight decay \(options.weightDecay), momentum \(options.momentum)")
  }

  override var momentum: WritableKeyPath<RMSpropOptions, Double>? { \.momentum }

  override func momentNames(_ options: RMSpropOptions) -> [String] {
    ["square"] + (options.momentum > 0 || options.isCentered ? ["momentum"] : []) + (options.isCentered ? ["mean"] : [])
  }

  static func rule(_ options: RMSpropOptions, _ stage: UpdateStage) -> UpdateRule {
    return .adaptive(
      AdaptiveUpdate(
        kind: .rmsprop, rate: options.learningRate, keep1: options.smoothing, epsilon: options.epsilon,
        decay: options.weightDecay, momentum: options.momentum, maximize: options.maximize,
        isCentered: options.isCentered))
  }
}

/// The hyperparameters of ``Adagrad``.
public struct AdagradOptions: OptimizerOptions {
  /// η, the length of a step.
  public var learningRate: Double
  /// How fast the rate falls with the steps.
  public var rateDecay: Double
  /// λ.
  public var weightDecay: Double
  /// s before the first step.
  public var initialSum: Double
  /// ε, beside the root.
  public var epsilon: Double
  /// Whether the steps go up.
  public var maximize: Bool
}

/// Adagrad, as `torch.optim.Adagrad`.
///
/// d = ∇L + λ·p; s ← s + d²; p ← p − η/(1 + (t − 1)·decay)·d/(√s + ε).
///
/// Source: Duchi et al. 2011, "Adaptive subgradient methods for online learning and stochastic optimization".
public final class Adagrad: ParameterOptimizer<AdagradOptions> {
  /// Creates the optimizer. Stops for values out of range.
  ///
  /// - Parameters:
  ///   - model: a model, or a list of parameters; they are looked up once.
  ///   - learningRate: η, the length of a step, at least 0.
  ///   - rateDecay: how fast the learning rate falls with the steps, at least 0.
  ///   - weightDecay: λ, at least 0.
  ///   - initialSum: where the sum of squares starts, at least 0.
  ///   - epsilon: ε, added to the denominator, at least 0.
  ///   - maximize: whether steps go up the gradient.
  public init(
    _ model: some ParameterSource, learningRate: Double = 0.01, rateDecay: Double = 0, weightDecay: Double = 0,
    initialSum: Double = 0, epsilon: Double = 1e-10, maximize: Bool = false, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    super.init(
      model,
      AdagradOptions(
        learningRate: learningRate, rateDecay: rateDecay, weightDecay: weightDecay, initialSum: initialSum,
        epsilon: epsilon, maximize: maximize),
      .elementwise(Adagrad.rule))
  }

  override func check(_ options: AdagradOptions) {
    super.check(options)
    require(
      options.rateDecay >= 0 && options.weightDecay >= 0 && options.initialSum >= 0 && options.epsilon >= 0,
      "rate decay \(options.rateDecay), weight decay \(options.weightDecay), initial sum \(options.initialSum), "
        + "epsilon \(options.epsilon)")
  }

  override func momentNames(_ options: AdagradOptions) -> [String] { ["sum"] }
  override func momentStart(_ options: AdagradOptions) -> MomentStart { .value(options.initialSum) }

  static func rule(_ options: AdagradOptions, _ stage: UpdateStage) -> UpdateRule {
    return .adaptive(
      AdaptiveUpdate(
        kind: .adagrad, rate: options.learningRate / (1 + Double(stage.step - 1) * options.rateDecay),
        epsilon: options.epsilon, decay: options.weightDecay, maximize: options.maximize))
  }
}

/// The hyperparameters of ``Adadelta``.
public struct AdadeltaOptions: OptimizerOptions {
  /// η, the length of a step.
  public var learningRate: Double
  /// ρ, the decay of the running squares.
  public var smoothing: Double
  /// ε, under the roots.
  public var epsilon: Double
  /// λ.
  public var weightDecay: Double
  /// Whether the steps go up.
  public var maximize: Bool
}

/// Adadelta, as `torch.optim.Adadelta`.
///
/// d = ∇L + λ·p; v ← ρ·v + (1 − ρ)·d²; e = d·√(u + ε)/√(v + ε); u ← ρ·u + (1 − ρ)·e²; p ← p − η·e.
///
/// Source: Zeiler 2012, "ADADELTA: an adaptive learning rate method".
public final class Adadelta: ParameterOptimizer<AdadeltaOptions> {
  /// Creates the optimizer. Stops for values out of range.
  ///
  /// - Parameters:
  ///   - model: a model, or a list of parameters; they are looked up once.
  ///   - learningRate: η, the length of a step, at least 0.
  ///   - smoothing: the decay of the mean of squares, 0 to 1.
  ///   - epsilon: ε, added to the denominator, at least 0.
  ///   - weightDecay: λ, at least 0.
  ///   - maximize: whether steps go up the gradient.
  public init(
    _ model: some ParameterSource, learningRate: Double = 1, smoothing: Double = 0.9, epsilon: Double = 1e-6,
    weightDecay: Double = 0, maximize: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    super.init(
      model,
      AdadeltaOptions(
        learningRate: learningRate, smoothing: smoothing, epsilon: epsilon, weightDecay: weightDecay,
        maximize: maximize),
      .elementwise(Adadelta.rule))
  }

  override func check(_ options: AdadeltaOptions) {
    super.check(options)
    require(options.smoothing >= 0 && options.smoothing <= 1, "a smoothing of \(options.smoothing)")
    require(
      options.epsilon >= 0 && options.weightDecay >= 0,
      "epsilon \(options.epsilon), weight decay \(options.weightDecay)")
  }

  override func momentNames(_ options: AdadeltaOptions) -> [String] { ["square", "delta"] }

  static func rule(_ options: AdadeltaOptions, _ stage: UpdateStage) -> UpdateRule {
    return .adaptive(
      AdaptiveUpdate(
        kind: .adadelta, rate: options.learningRate, keep1: options.smoothing, epsilon: options.epsilon,
        decay: options.weightDecay, maximize: options.maximize))
  }
}

extension AdaptiveUpdate {
  /// An update whose hyperparameters are neutral where they are left out.
  init(
    kind: AdaptiveKind, rate: Double = 0, keep1: Double = 0, keep2: Double = 0, epsilon: Double = 0, decay: Double = 0,
    shrink: Double = 1, momentum: Double = 0, direct: Double = 0, root: Double = 1, weight: Double = 0,
    smallest: Double = 0, largest: Double = 0, maximize: Bool = false, isCentered: Bool = false,
    isRectified: Bool = false
  ) {
    self.init()
    self.kind = kind
    (self.rate, self.keep1, self.keep2, self.epsilon) = (rate, keep1, keep2, epsilon)
    (self.decay, self.shrink, self.momentum, self.direct, self.root) = (decay, shrink, momentum, direct, root)
    (self.weight, self.smallest, self.largest) = (weight, smallest, largest)
    (self.maximize, self.isCentered, self.isRectified) = (maximize, isCentered, isRectified)
  }
}
