import TernBackend
import TernNN
import TernTensor

/// Values of a model's parameters and buffers that move toward those it has.
struct WeightAverage: Sendable {
  /// The averages by name, in the order of the model's state; empty before the first update.
  private(set) var entries: [StateEntry] = []
  /// How many updates there were.
  private(set) var updates = 0

  /// v ← decay·v + (1 − decay)·new for every parameter; buffers, and everything at first, become the new values.
  ///
  /// Stops where the model is not that of the updates before.
  mutating func update(with model: some Module, decay: Double, _ operation: String) {
    let parameters = Set(model.namedParameters.map(\.name))
    let now = model.state
    if updates == 0 {
      entries = now
    } else {
      check(
        now.map(\.name) == entries.map(\.name) && now.map(\.shape) == entries.map(\.shape), operation,
        "the model's parameters and buffers are not those of the first update")
      for (index, new) in now.enumerated() {
        if parameters.contains(new.name) {
          // Out of the array, so that its memory has one owner.
          let old = entries[index]
          entries[index] = new
          entries[index] = old.moved(toward: new, decay: decay)
        } else {
          entries[index] = new
        }
      }
    }
    updates += 1
  }

  /// Gives the model the averages. Stops where it is another, and before the first update.
  func copy(into model: some Module, _ operation: String) {
    check(updates > 0, operation, "there is no average before the first update")
    do {
      try model.load(entries)
    } catch {
      fail(operation, "\(error)")
    }
  }

  /// Runs `body` while the model has the averages; what it had is put back.
  func with<Result>(_ model: some Module, _ operation: String, _ body: () throws -> Result) rethrows -> Result {
    let before = model.state
    copy(into: model, operation)
    defer {
      // It is the model's own state, which fits.
      _ = try? model.load(before)
    }
    return try body()
  }

  var state: PartState { PartState(tensors: entries, scalars: ["updates": Double(updates)]) }

  mutating func load(_ state: PartState) throws(StateMismatch) {
    var reader = StateReader(PartState(tensors: [], scalars: state.scalars))
    let count = reader.count("updates")
    if count == 0 && !state.tensors.isEmpty { reader.refuse("updates 0, expected at least 1 for an average") }
    if count > 0 && state.tensors.isEmpty { reader.refuse("an average of \(count) updates without values") }
    try reader.finish()
    (entries, updates) = (state.tensors, count)
  }
}

extension StateEntry {
  /// decay·this + (1 − decay)·other, for values of a floating type.
  fileprivate consuming func moved(toward other: StateEntry, decay: Double) -> StateEntry {
    switch dtype {
    case .float32: blended(other, Float(decay), Float(1 - decay))
    case .float64: blended(other, decay, 1 - decay)
    default: other
    }
  }

  private func blended<Scalar: FloatingScalar>(_ other: StateEntry, _ kept: Scalar, _ added: Scalar) -> StateEntry {
    let (old, new) = (converted(to: Scalar.self), other.converted(to: Scalar.self))
    return StateEntry(name: name, withoutGradients { old * kept + new * added })
  }
}

/// An exponential moving average of a model's parameters over the steps: v ← decay·v + (1 − decay)·new.
///
/// ```swift
/// var average = ExponentialAverage(decay: 0.999)
/// for batch in loader {
///   …
///   optimizer.step()
///   average.update(with: model)
/// }
/// let score = average.with(model) { evaluate(model, on: test) }
/// ```
///
/// The first update copies. Buffers, as running statistics, are those of the last update. A ``Trainer`` updates it after every
/// step, and scores the validation data with it.
public struct ExponentialAverage: TrainingPart, Sendable {
  /// The fraction of the old value that stays, 0 to 1.
  public let decay: Double
  private var average = WeightAverage()

  /// An average of no updates. Stops for a decay outside 0 to 1.
  ///
  /// - Parameter decay: The decay, 0 to 1.
  public init(decay: Double, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(decay >= 0 && decay <= 1, "ExponentialAverage", "a decay of \(decay) (0 to 1)")
    self.decay = decay
  }

  /// How many updates there were.
  public var updates: Int { average.updates }
  /// Whether there was no update.
  public var isEmpty: Bool { updates == 0 }
  /// The averages under the model's names; empty before the first update.
  public var entries: [StateEntry] { average.entries }

  /// Takes the values of the model into the average. Stops where it has others than at the first update.
  public mutating func update(with model: some Module, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    average.update(with: model, decay: decay, "ExponentialAverage")
  }

  /// Gives the model the averages. Stops before the first update.
  public func copy(into model: some Module, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    average.copy(into: model, "ExponentialAverage")
  }

  /// Runs `body` while the model has the averages, and gives it back what it had. Stops before the first update.
  public func with<Result>(
    _ model: some Module, _ body: () throws -> Result, file: StaticString = #fileID, line: UInt = #line
  ) rethrows -> Result {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return try average.with(model, "ExponentialAverage", body)
  }

  /// The averages, and how many updates there were.
  public var state: PartState { average.state }

  /// Restores a state; on an error nothing has changed.
  ///
  /// - Throws: `StateMismatch` with all that does not fit.
  public mutating func load(_ state: PartState) throws(StateMismatch) { try average.load(state) }
}
