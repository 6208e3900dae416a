import TernBackend
import TernData
import TernNN

/// The mean of a model's parameters at the ends of the last epochs: stochastic weight averaging.
///
/// ```swift
/// var average = StochasticAverage(fromEpoch: 75)
/// for epoch in 1...100 {
///   …
///   average.update(with: model, afterEpoch: epoch)
/// }
/// average.copy(into: model)
/// recalibrate(model, over: loader)
/// ```
///
/// Running statistics are not those that the mean of the weights would give: after ``copy(into:file:line:)`` they have to be
/// measured anew, or with ``copy(into:recalibratingOver:inOnePass:run:file:line:)`` at once. Source: Izmailov et al. 2018,
/// "Averaging weights leads to wider optima and better generalization".
public struct StochasticAverage: TrainingPart, Sendable {
  /// The first epoch whose end counts, from 1.
  public let firstEpoch: Int
  private var average = WeightAverage()

  /// An average over the epochs from `firstEpoch` on, at least 1.
  ///
  /// - Parameter firstEpoch: The first epoch, counted from 1.
  public init(fromEpoch firstEpoch: Int, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(firstEpoch >= 1, "StochasticAverage", "from epoch \(firstEpoch) on (at least 1)")
    self.firstEpoch = firstEpoch
  }

  /// How many epochs are in the mean.
  public var updates: Int { average.updates }
  /// Whether none is.
  public var isEmpty: Bool { updates == 0 }
  /// The means under the model's names; empty before the first.
  public var entries: [StateEntry] { average.entries }

  /// Takes the values of the model into the mean, where the epoch counts.
  public mutating func update(
    with model: some Module, afterEpoch epoch: Int, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    if epoch < firstEpoch { return }
    let count = Double(updates)
    average.update(with: model, decay: count / (count + 1), "StochasticAverage")
  }

  /// Gives the model the means. Stops before the first update.
  public func copy(into model: some Module, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    average.copy(into: model, "StochasticAverage")
  }

  /// Gives the model the means, and its batch normalizations the statistics that go with them, see
  /// `recalibrate(_:over:inOnePass:run:file:line:)`. Stops before the first update.
  ///
  /// - Parameters:
  ///   - loader: the samples to measure.
  ///   - inOnePass: whether all layers are measured together.
  ///   - run: sends a batch through the model.
  /// - Throws: what `run` throws, and the `SampleError` of a batch that cannot be read.
  public func copy<Source: Dataset>(
    into model: some Module, recalibratingOver loader: DataLoader<Source>, inOnePass: Bool = false,
    run: (Source.Batch) throws -> Void, file: StaticString = #fileID, line: UInt = #line
  ) throws {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    average.copy(into: model, "StochasticAverage")
    try recalibrate(model, over: loader, inOnePass: inOnePass, run: run)
  }

  /// Runs `body` while the model has the means, and gives it back what it had. Stops before the first update.
  public func with<Result>(
    _ model: some Module, _ body: () throws -> Result, file: StaticString = #fileID, line: UInt = #line
  ) rethrows -> Result {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return try average.with(model, "StochasticAverage", body)
  }

  /// The means, and of how many epochs.
  public var state: PartState { average.state }

  /// Restores a state; on an error nothing has changed.
  ///
  /// - Throws: `StateMismatch` with all that does not fit.
  public mutating func load(_ state: PartState) throws(StateMismatch) { try average.load(state) }
}
