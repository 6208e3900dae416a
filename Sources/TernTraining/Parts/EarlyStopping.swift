import TernBackend
import TernNN

/// Ends a training that has got no better for some epochs.
///
/// ```swift
/// var stopping = EarlyStopping(patience: 3)
/// for epoch in 1...100 {
///   …
///   stopping.update(validationLoss)
///   if stopping.isOver { break }
/// }
/// ```
public struct EarlyStopping: TrainingPart, Sendable, Equatable {
  /// How many epochs in a row may be no better.
  public let patience: Int
  /// By more than how much one has to be better than the best before it.
  public let minimumChange: Double
  /// What is compared.
  public let figure: MonitoredFigure
  /// The best value so far; `nil` before the first.
  public private(set) var best: Double?
  /// How many epochs there were.
  public private(set) var epochs = 0
  /// The number of the best epoch, from 1; 0 before the first.
  public private(set) var bestEpoch = 0

  /// Ends a training after `patience` epochs that are no better than the best, at least 1.
  ///
  /// - Parameters:
  ///   - patience: how many epochs in a row may be no better.
  ///   - minimumChange: by more than how much one has to be better, at least 0.
  ///   - figure: what is compared.
  public init(
    patience: Int, minimumChange: Double = 0, by figure: MonitoredFigure = .validationLoss,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      patience >= 1 && minimumChange >= 0, "EarlyStopping",
      "a patience of \(patience) epochs (at least 1), a change of \(minimumChange) (at least 0)")
    (self.patience, self.minimumChange, self.figure) = (patience, minimumChange, figure)
  }

  /// Whether the last `patience` epochs were no better.
  public var isOver: Bool { epochs - bestEpoch >= patience }

  /// Takes the value of an epoch; returns whether it is the best so far. What is no number is not.
  @discardableResult
  public mutating func update(_ value: Double) -> Bool {
    epochs += 1
    guard figure.isBetter(value, than: best, byMoreThan: best == nil ? 0 : minimumChange) else { return false }
    (best, bestEpoch) = (value, epochs)
    return true
  }

  /// The best value and epoch, and how many there were.
  public var state: PartState {
    var scalars = ["epochs": Double(epochs), "best_epoch": Double(bestEpoch)]
    if let best { scalars["best"] = best }
    return PartState(tensors: [], scalars: scalars)
  }

  /// Restores a state; on an error nothing has changed.
  ///
  /// - Throws: `StateMismatch` with all that does not fit.
  public mutating func load(_ state: PartState) throws(StateMismatch) {
    var reader = StateReader(state)
    let (all, first) = (reader.count("epochs"), reader.count("best_epoch"))
    let value = first > 0 ? reader.number("best") : nil
    if first > all { reader.refuse("best_epoch \(first), expected at most the \(all) of epochs") }
    try reader.finish()
    (epochs, bestEpoch, best) = (all, first, value)
  }
}
