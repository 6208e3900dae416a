import TernBackend

/// What moves an optimizer's learning rate after every epoch, or every batch.
public protocol RateScheduler: AnyObject {
  /// Goes on by one step after which a metric was seen.
  func step(_ metric: Double)

  /// What a later scheduler of the same kind needs to go on as this one; the rates themselves are in the optimizer's.
  var state: [String: Double] { get }

  /// Restores a state; everything is checked first. The optimizer is left alone: it has a state of its own.
  ///
  /// - Throws: ``StateMismatch`` with all that does not fit.
  func load(_ state: [String: Double]) throws(StateMismatch)
}

/// Moves an optimizer's learning rates along a schedule, and its momentum where the schedule cycles it.
///
/// ```swift
/// let scheduler = Scheduler(optimizer, CosineSchedule(length: epochs))
/// for epoch in 0..<epochs { …; scheduler.step() }
/// ```
///
/// Every group of parameters goes on from the rate that it has at the start.
public final class Scheduler: RateScheduler {
  /// Whose rates they are.
  public let optimizer: any Optimizer
  /// How the rates go on: one schedule for each group of parameters.
  public let schedules: [any Schedule]
  /// The rates of the optimizer's groups at the start.
  public private(set) var bases: [Double]
  private var steps = 0

  /// How many steps were taken; set it to go on where another left off.
  public var position: Int {
    get { steps }
    set {
      steps = newValue
      apply()
    }
  }

  /// Puts the optimizer at the start of a schedule; its rates now are the bases.
  ///
  /// Stops where the schedule cycles momentum and the optimizer has none.
  ///
  /// - Parameters:
  ///   - optimizer: the optimizer whose groups follow the schedule.
  ///   - schedule: how the rate of every group goes on.
  public convenience init(
    _ optimizer: any Optimizer, _ schedule: any Schedule, file: StaticString = #fileID, line: UInt = #line
  ) {
    self.init(optimizer, optimizer.learningRates.map { _ in schedule }, file: file, line: line)
  }

  /// Puts the groups of an optimizer at the start of a schedule each; their rates now are the bases.
  ///
  /// Stops unless there is one for each group, and where one cycles momentum and the optimizer has none.
  ///
  /// - Parameters:
  ///   - optimizer: the optimizer whose groups follow the schedules.
  ///   - schedules: how the rate of each group goes on, in the groups' order.
  public init(_ optimizer: any Optimizer, _ schedules: [any Schedule], file: StaticString = #fileID, line: UInt = #line)
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self.optimizer = optimizer
    self.schedules = schedules
    bases = optimizer.learningRates
    check(schedules.count == bases.count, "Scheduler", "\(schedules.count) schedules for \(bases.count) groups")
    apply()
  }

  /// Goes to the next position.
  public func step(file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    position += 1
  }

  /// Goes to the next position, whatever the metric.
  public func step(_ metric: Double) { step() }

  private func apply() {
    check(
      optimizer.learningRates.count == bases.count, "Scheduler",
      "\(optimizer.learningRates.count) groups, of which \(bases.count) were there at the start")
    optimizer.learningRates = zip(schedules, bases).map { $0.learningRate(at: steps, base: $1) }
    let cycled = schedules.map { $0.momentum(at: steps) }
    guard cycled.contains(where: { $0 != nil }) else { return }
    guard let momenta = optimizer.momenta else {
      fail("Scheduler", "\(type(of: optimizer)) has no momentum that a schedule could cycle")
    }
    optimizer.momenta = zip(cycled, momenta).map { $0 ?? $1 }
  }

  /// The position, and the rate of every group at the start.
  public var state: [String: Double] {
    var state = ["position": Double(steps)]
    for (index, base) in bases.enumerated() { state["base.\(index)"] = base }
    return state
  }

  /// Restores the position and the rates at the start.
  ///
  /// - Throws: ``StateMismatch`` with all that does not fit.
  public func load(_ state: [String: Double]) throws(StateMismatch) {
    var reader = StateReader(OptimizerState(tensors: [], scalars: state))
    let position = reader.count("position")
    let rates = bases.indices.map { reader.number("base.\($0)", in: 0..<Double.infinity) }
    try reader.finish()
    (steps, bases) = (position, rates)
  }
}
