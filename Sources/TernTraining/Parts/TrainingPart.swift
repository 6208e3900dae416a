import TernNN

/// What a part of a training needs to go on as before: tensors and numbers by name.
public typealias PartState = OptimizerState

/// A part of a training that changes while it goes on: a value, which serves in a loop of one's own as well.
///
/// ```swift
/// var stopping = EarlyStopping(patience: 3)
/// var checkpoint = Checkpoint(model: model, optimizer: optimizer, progress: progress, history: history)
/// checkpoint.parts["stopping"] = stopping.state
/// …
/// if let state = checkpoint.parts["stopping"] { try stopping.load(state) }
/// ```
public protocol TrainingPart {
  /// What a later part of the same settings needs to go on as this one.
  var state: PartState { get }

  /// Restores a state; on an error nothing has changed.
  ///
  /// - Throws: `StateMismatch` with all that does not fit.
  mutating func load(_ state: PartState) throws(StateMismatch)
}
