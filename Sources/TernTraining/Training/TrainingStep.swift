import TernNN

/// One step of a training, handed to a step closure: its batches, and the updates that it makes of them.
///
/// ```swift
/// step: { gan, step in
///   let critic = try step.update("critic") { StepLoss(mean: gan.criticLoss($0.inputs), count: $0.count) }
///   let maker = try step.update("generator") { StepLoss(mean: gan.makerLoss($0.inputs), count: $0.count) }
///   return LossTotal(loss: maker.loss, figures: ["critic loss": critic.loss])
/// }
/// ```
public struct TrainingStep<Batch> {
  /// The batches of the step: one, or as many as are accumulated, fewer at the end of an epoch.
  public let batches: [Batch]
  /// The number of the step, from 1.
  public let number: Int
  /// The number of the epoch, from 1.
  public let epoch: Int

  let makeUpdate: (_ optimizer: String?, _ loss: (Batch) throws -> StepLoss) throws -> LossTotal

  /// Forgets an optimizer's gradients, adds up those of all batches, clips them where that is asked for, and takes a step;
  /// returns the losses before it. Stops where there is no optimizer of this name.
  ///
  /// - Parameters:
  ///   - optimizer: its name; where there is only one it may be left out.
  ///   - loss: of a batch.
  /// - Throws: ``NonFiniteError`` where a loss is not finite, before any parameter changes, and what `loss` throws.
  @discardableResult
  public func update(_ optimizer: String? = nil, _ loss: (Batch) throws -> StepLoss) throws -> LossTotal {
    try makeUpdate(optimizer, loss)
  }
}
