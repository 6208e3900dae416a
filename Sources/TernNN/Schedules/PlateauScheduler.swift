import TernBackend

/// Lowers an optimizer's rates when a metric no longer improves, as `ReduceLROnPlateau`.
///
/// ```swift
/// let scheduler = PlateauScheduler(optimizer, patience: 5)
/// for epoch in 0..<epochs { …; scheduler.step(validationLoss) }
/// ```
public final class PlateauScheduler: RateScheduler {
  /// Which way a metric is good.
  public enum Goal: Sendable {
    /// Lower is better.
    case minimum
    /// Higher is better.
    case maximum
  }

  /// How much better counts as an improvement.
  public enum Threshold: Sendable {
    /// By this fraction of the best metric's magnitude: lower than best − |best|·ε, or higher than best + |best|·ε.
    case relative(Double)
    /// By this much.
    case absolute(Double)
  }

  /// Whose rates they are.
  public let optimizer: any Optimizer
  private let goal: Goal
  private let factor: Double, patience: Int, threshold: Threshold, cooldown: Int
  private let minimum: Double, epsilon: Double
  /// The best metric so far; `nil` before the first.
  public private(set) var best: Double?
  private var badSteps = 0
  private var resting = 0

  /// A scheduler that lowers the rates of every group of an optimizer.
  ///
  /// - Parameters:
  ///   - goal: which way the metric is good.
  ///   - factor: what the rate is multiplied by, below 1.
  ///   - patience: how many steps without improvement are borne.
  ///   - threshold: how much better counts.
  ///   - cooldown: steps after a reduction that do not count.
  ///   - minimum: the least rate of every group.
  ///   - epsilon: smaller reductions than this are not made.
  ///
  /// Stops unless the factor is below 1.
  public init(
    _ optimizer: any Optimizer, goal: Goal = .minimum, factor: Double = 0.1, patience: Int = 10,
    threshold: Threshold = .relative(1e-4), cooldown: Int = 0, minimum: Double = 0, epsilon: Double = 1e-8,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(factor < 1, "PlateauScheduler", "a factor of \(factor)")
    self.optimizer = optimizer
    self.goal = goal
    self.factor = factor
    self.patience = patience
    self.threshold = threshold
    self.cooldown = cooldown
    self.minimum = minimum
    self.epsilon = epsilon
  }

  /// Reports the metric of a step; the rate falls when it has not improved for longer than the patience.
  public func step(_ metric: Double) {
    if isBetter(metric) {
      best = metric
      badSteps = 0
    } else {
      badSteps += 1
    }
    if resting > 0 {
      resting -= 1
      badSteps = 0
    }
    guard badSteps > patience else { return }
    optimizer.learningRates = optimizer.learningRates.map { old in
      let new = max(old * factor, minimum)
      return old - new > epsilon ? new : old
    }
    resting = cooldown
    badSteps = 0
  }

  /// The best metric and the counts of steps.
  public var state: [String: Double] {
    var state = ["bad_steps": Double(badSteps), "resting": Double(resting)]
    state["best"] = best
    return state
  }

  /// Restores the best metric and the counts of steps.
  ///
  /// - Throws: ``StateMismatch`` with all that does not fit.
  public func load(_ state: [String: Double]) throws(StateMismatch) {
    var reader = StateReader(OptimizerState(tensors: [], scalars: state))
    let counts = (reader.count("bad_steps"), reader.count("resting"))
    let metric = reader.number("best", default: .nan)
    try reader.finish()
    (badSteps, resting) = counts
    best = metric.isNaN ? nil : metric
  }

  private func isBetter(_ metric: Double) -> Bool {
    guard let best else { return !metric.isNaN }
    // An infinite metric has no margin: whatever lies on its better side is better.
    if best.isInfinite { return goal == .minimum ? metric < best : metric > best }
    switch (goal, threshold) {
    case (.minimum, .relative(let fraction)): return metric < best - abs(best) * fraction
    case (.minimum, .absolute(let amount)): return metric < best - amount
    case (.maximum, .relative(let fraction)): return metric > best + abs(best) * fraction
    case (.maximum, .absolute(let amount)): return metric > best + amount
    }
  }
}
