import Foundation
import TernBackend
import TernTensor

// Methods that average the parameters over the steps.

/// The hyperparameters of ``ASGD``.
public struct ASGDOptions: OptimizerOptions {
  /// η, the length of a step.
  public var learningRate: Double
  /// λ₀, which decays parameter and rate.
  public var decay: Double
  /// α, the power by which the rate falls.
  public var power: Double
  /// The steps before averaging begins.
  public var start: Double
  /// λ, added to the gradient as λ·p.
  public var weightDecay: Double
  /// Whether the steps go up.
  public var maximize: Bool
}

/// Averaged stochastic gradient descent, as `torch.optim.ASGD`.
///
/// ηₜ = η/(1 + λ₀·η·(t − 1))^α; p ← p·(1 − λ₀ηₜ) − ηₜ·(∇L + λ·p); the average a ← a + μ(p − a) with
/// μ = 1/max(1, t − 1 − start) is kept beside the parameters, see ``averages``.
///
/// Source: Polyak & Juditsky 1992, "Acceleration of stochastic approximation by averaging".
public final class ASGD: ParameterOptimizer<ASGDOptions> {
  /// Creates the optimizer. Stops for values out of range.
  ///
  /// - Parameters:
  ///   - model: a model, or a list of parameters; they are looked up once.
  ///   - learningRate: η, the length of a step, at least 0.
  ///   - decay: λ₀, which decays parameters and rate, at least 0.
  ///   - power: α, the power by which the rate falls.
  ///   - start: the steps before averaging begins.
  ///   - weightDecay: λ, added to the gradient as λ·p, at least 0.
  ///   - maximize: whether steps go up the gradient.
  public init(
    _ model: some ParameterSource, learningRate: Double = 0.01, decay: Double = 1e-4, power: Double = 0.75,
    start: Double = 1e6, weightDecay: Double = 0, maximize: Bool = false, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    super.init(
      model,
      ASGDOptions(
        learningRate: learningRate, decay: decay, power: power, start: start, weightDecay: weightDecay,
        maximize: maximize),
      .elementwise(ASGD.rule))
  }

  override func check(_ options: ASGDOptions) {
    super.check(options)
    require(
      options.decay >= 0 && options.weightDecay >= 0, "decay \(options.decay), weight decay \(options.weightDecay)")
    require(!options.power.isNaN && !options.start.isNaN, "power \(options.power), start \(options.start)")
  }

  override func momentNames(_ options: ASGDOptions) -> [String] { ["average"] }
  override var keepsParameters: Bool { true }

  private static func rule(_ options: ASGDOptions, _ stage: UpdateStage) -> UpdateRule {
    let passed = Double(stage.step - 1)
    // PyTorch keeps both in Float, whatever the parameter's type.
    let rate = Double(
      Float(options.learningRate / pow(1 + options.decay * options.learningRate * passed, options.power)))
    let weight = Double(Float(1 / max(1, passed - options.start)))
    return .adaptive(
      AdaptiveUpdate(
        kind: .asgd, rate: rate, decay: options.weightDecay, shrink: 1 - options.decay * rate, weight: weight,
        maximize: options.maximize))
  }

  /// The averages so far under the parameters' names, to be loaded into a model; none before the first step.
  public var averages: [StateEntry] {
    slots.flatMap { slot in slot.bodies.map { StateEntry(name: slot.name, body: $0) } }
  }
}

/// The hyperparameters of ``ScheduleFreeAdamW``.
public struct ScheduleFreeOptions: OptimizerOptions {
  /// η, the length of a step.
  public var learningRate: Double
  /// β₁, where between average and fast iterate the gradient is taken.
  public var beta1: Double
  /// β₂, the decay of the second moment.
  public var beta2: Double
  /// ε, beside the root.
  public var epsilon: Double
  /// λ, the decay at the point of the gradient.
  public var weightDecay: Double
  /// Steps over which the rate rises from 0.
  public var warmUpSteps: Int
  /// r: steps weigh tʳ in the average.
  public var stepPower: Double
  /// Steps weigh the power of the greatest rate so far in the average.
  public var ratePower: Double
  /// Whether the steps go up.
  public var maximize: Bool

  /// The steps of the group, its greatest rate, the sum of the weights, and what the running step uses.
  var steps = 0
  var largestRate = 0.0
  var weightSum = 0.0
  var rate = 0.0
  var weight = 0.0
  /// The mode of a state that is being loaded.
  var restoresTraining = true
}

/// Schedule-free AdamW: no schedule and no end of the training, for the parameters are averaged as they go.
///
/// Gradients are taken at y = (1 − β₁)z + β₁x; z ← z − η·d with d = g/(√v̂ + ε) + λ·y, and x ← (1 − c)x + c·z with c the
/// step's weight over the sum of all. The model holds y while it trains and x in evaluation: call ``eval()`` before it
/// is measured or saved and ``train()`` before the next step.
///
/// Source: Defazio et al. 2024, "The road less scheduled", arXiv 2405.15682.
public final class ScheduleFreeAdamW: ParameterOptimizer<ScheduleFreeOptions> {
  /// Whether the model holds the points of the gradients, and steps may be taken.
  public private(set) var isTraining = true

  /// Creates the optimizer. Stops for values out of range.
  ///
  /// - Parameters:
  ///   - model: a model, or a list of parameters; they are looked up once.
  ///   - learningRate: η, the length of a step, at least 0.
  ///   - betas: β₁, above 0 and below 1, and β₂, at least 0 and below 1.
  ///   - epsilon: ε, added to the denominator, at least 0.
  ///   - weightDecay: λ, at least 0.
  ///   - warmUpSteps: steps over which the rate rises from 0, at least 0.
  ///   - stepPower: r: steps weigh tʳ in the average.
  ///   - ratePower: steps weigh this power of the greatest rate so far in the average.
  ///   - maximize: whether steps go up the gradient.
  public init(
    _ model: some ParameterSource, learningRate: Double = 0.0025, betas: (Double, Double) = (0.9, 0.999),
    epsilon: Double = 1e-8, weightDecay: Double = 0, warmUpSteps: Int = 0, stepPower: Double = 0,
    ratePower: Double = 2, maximize: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    super.init(
      model,
      ScheduleFreeOptions(
        learningRate: learningRate, beta1: betas.0, beta2: betas.1, epsilon: epsilon, weightDecay: weightDecay,
        warmUpSteps: warmUpSteps, stepPower: stepPower, ratePower: ratePower, maximize: maximize),
      .elementwise { options, _ in
        .adaptive(
          AdaptiveUpdate(
            kind: .scheduleFree, rate: options.rate, keep2: options.beta2, epsilon: options.epsilon,
            decay: options.weightDecay, direct: options.rate * (options.beta1 * (1 - options.weight) - 1),
            root: (1 - pow(options.beta2, Double(options.steps))).squareRoot(), weight: options.weight,
            maximize: options.maximize))
      })
  }

  override func check(_ options: ScheduleFreeOptions) {
    super.check(options)
    let (beta1, beta2) = (options.beta1, options.beta2)
    require(
      beta1 > 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1, "betas \(beta1) and \(beta2), expected above 0 and below 1")
    require(
      options.epsilon >= 0 && options.weightDecay >= 0,
      "epsilon \(options.epsilon), weight decay \(options.weightDecay)")
    require(options.warmUpSteps >= 0, "\(options.warmUpSteps) warm-up steps")
  }

  override var momentum: WritableKeyPath<ScheduleFreeOptions, Double>? { \.beta1 }

  override func momentNames(_ options: ScheduleFreeOptions) -> [String] { ["z", "square"] }
  override func momentStart(_ options: ScheduleFreeOptions) -> MomentStart { .parameter(others: 0) }
  override var keepsParameters: Bool { true }

  override func willStep() {
    require(isTraining, "a step in evaluation: call train() first")
    for index in groups.indices {
      var options = groups[index].options
      options.steps += 1
      let step = Double(options.steps)
      options.rate = options.learningRate * min(1, step / Double(max(options.warmUpSteps, 1)))
      options.largestRate = max(options.rate, options.largestRate)
      let weight = pow(step, options.stepPower) * pow(options.largestRate, options.ratePower)
      options.weightSum += weight
      options.weight = options.weightSum == 0 ? 0 : weight / options.weightSum
      set(options, index)
    }
  }

  /// Puts the averages x into the model, to be measured or saved.
  public func eval() {
    if !isTraining { return }
    isTraining = false
    for slot in slots { slot.moveToFirstMoment(weight: 1 - 1 / groups[slot.group].options.beta1) }
  }

  /// Puts the points y back into the model, where the next gradient is taken.
  public func train() {
    if isTraining { return }
    isTraining = true
    for slot in slots { slot.moveToFirstMoment(weight: 1 - groups[slot.group].options.beta1) }
  }

  override func progress(_ options: ScheduleFreeOptions) -> [(name: String, number: Double)] {
    [
      ("steps", Double(options.steps)), ("largest_rate", options.largestRate), ("weight_sum", options.weightSum),
      ("is_training", isTraining ? 1 : 0),
    ]
  }

  override func restore(_ name: String, _ number: Double, _ options: inout ScheduleFreeOptions) {
    switch name {
    case "steps": options.steps = Int(min(number, 0x1p52))
    case "largest_rate": options.largestRate = number
    case "weight_sum": options.weightSum = number
    default: options.restoresTraining = number != 0
    }
  }

  override func didLoad() { isTraining = options.restoresTraining }
}
