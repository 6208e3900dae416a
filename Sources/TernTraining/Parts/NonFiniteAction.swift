import TernBackend
import TernNN
import TernTensor

/// What becomes of a step whose loss, gradients or parameters are not finite.
public enum NonFiniteAction: Sendable, Equatable {
  /// The training ends with ``NonFiniteError`` before the step is made.
  case stop
  /// The step is made all the same.
  case keepGoing
  /// A step with such a loss or gradient is not made, and the training goes on with the next batches; at most so often.
  case skip(atMost: Int)
  /// The training goes back to where it was at the last multiple of `every` steps, and on with the next batches; at most so
  /// often.
  case rewind(every: Int, atMost: Int)

  var isRewinding: Bool { if case .rewind = self { true } else { false } }

  /// Whether gradients are looked at before a step.
  var checksGradients: Bool {
    switch self {
    case .stop, .keepGoing: false
    case .skip, .rewind: true
    }
  }
}

extension Trainer {
  /// What a step that is skipped puts back; `nil` where none is.
  func saveForStep() throws -> PartState? {
    switch nonFinite {
    case .stop, .keepGoing: return nil
    // One optimizer has changed nothing yet, of several some may have. Statistics have moved.
    case .skip: return optimizers.count > 1 ? modelState : buffers
    case .rewind(let every, _):
      check(every >= 1, "Trainer", "rewinding by \(every) steps (at least 1)")
      if snapshot == nil || completedSteps.isMultiple(of: every) { snapshot = modelState }
      return snapshot
    }
  }

  /// Notes a step that was not finite, and puts back what was saved for it; false where the training is to end.
  func goOn(after error: NonFiniteError, _ saved: PartState?, _ batches: Int) throws -> Bool {
    let (most, kind): (Int, TrainingHistory.Event.Kind)
    switch nonFinite {
    case .stop, .keepGoing: return false
    case .skip(let count): (most, kind) = (count, .skipped)
    case .rewind(_, let count): (most, kind) = (count, .rewound)
    }
    guard history.events.count < most, let saved else { return false }
    try loadModelState(saved)
    history.events.append(
      TrainingHistory.Event(
        kind: kind, epoch: progress.epoch + 1, step: completedSteps + 1, finding: "\(error.what); \(error.cause)"))
    return true
  }

  /// The error of a gradient that is not finite.
  func brokenGradient(_ name: String) -> NonFiniteError {
    NonFiniteError(
      step: completedSteps + 1, epoch: progress.epoch + 1, batch: progress.batch + 1,
      what: "a gradient is not finite", layer: nil, cause: "the first is that of \(name)",
      learningRate: optimizer.learningRate)
  }

  /// All that steps change: model, optimizers, schedules and the average over the steps.
  var modelState: PartState {
    var state = PartState(tensors: model.state.map { $0.renamed("model/" + $0.name) }, scalars: [:])
    for (index, entry) in optimizers.enumerated() { state.add(entry.optimizer.state, "optimizer.\(index)/") }
    if let exponentialAverage { state.add(exponentialAverage.state, "average/") }
    for (name, value) in scheduleState { state.scalars["schedule/" + name] = value }
    return state
  }

  private var buffers: PartState {
    let names = Set(model.namedBuffers.map(\.name))
    return PartState(
      tensors: model.state.filter { names.contains($0.name) }.map { $0.renamed("buffers/" + $0.name) }, scalars: [:])
  }

  func loadModelState(_ state: PartState) throws {
    if case .skip = nonFinite, optimizers.count == 1 {
      try model.load(state.part("buffers/").tensors, strict: false)
      return
    }
    try model.load(state.part("model/").tensors)
    for (index, entry) in optimizers.enumerated() { try entry.optimizer.load(state.part("optimizer.\(index)/")) }
    if exponentialAverage != nil { try exponentialAverage?.load(state.part("average/")) }
    try loadSchedule(state.part("schedule/").scalars)
  }
}

extension PartState {
  /// Adds another state, with a prefix before its names.
  mutating func add(_ other: PartState, _ prefix: String) {
    tensors += other.tensors.map { $0.renamed(prefix + $0.name) }
    for (name, value) in other.scalars { scalars[prefix + name] = value }
  }

  /// What has a prefix, without it.
  func part(_ prefix: String) -> PartState {
    PartState(
      tensors: tensors.filter { $0.name.hasPrefix(prefix) }.map { $0.renamed(String($0.name.dropFirst(prefix.count))) },
      scalars: Dictionary(
        scalars.filter { $0.key.hasPrefix(prefix) }.map { (String($0.key.dropFirst(prefix.count)), $0.value) },
        uniquingKeysWith: { first, _ in first }))
  }
}

extension StateEntry {
  func renamed(_ name: String) -> StateEntry { StateEntry(name: name, body: body) }
}
