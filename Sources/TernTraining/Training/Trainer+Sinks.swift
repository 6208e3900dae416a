import TernTensor

extension Trainer {
  /// Those that are told: the trainer's own sinks and the report's.
  var allSinks: [any TrainingSink] { communicator.isRoot ? sinks + (report?.sinks ?? []) : [] }

  /// Whether the program or a sink asks for the end.
  var isAskedToStop: Bool {
    if shouldStop() { return true }
    if sinks.isEmpty && report == nil || !communicator.isRoot { return false }
    return allSinks.contains { $0.asksToStop }
  }

  /// Whether a sink asks for a checkpoint.
  var isAskedForCheckpoint: Bool {
    if sinks.isEmpty && report == nil { return false }
    return allSinks.contains { $0.asksForCheckpoint }
  }

  /// Whether the step that was made last agreed on a checkpoint which nobody has taken yet: it is taken with this.
  func takesAgreedCheckpoint() -> Bool {
    defer { isCheckpointDue = false }
    return isCheckpointDue
  }

  /// Lets sinks hold the training up; returns whether one did. What all ranks agreed to gather all take part in.
  func holdUp(_ sinks: [any TrainingSink]) -> Bool {
    isCheckpointDue = engine.map { $0.joinedFlags & Self.wantsCheckpoint != 0 } ?? false
    if makesCheckpointsAlone { isCheckpointDue = false }
    var isHeld = false
    for sink in sinks where sink.holdsUp() { isHeld = true }
    if takesAgreedCheckpoint() { _ = checkpoint }
    return isHeld
  }

  /// Tells that the training begins or goes on.
  func beginSinks(_ sinks: [any TrainingSink], epochs: Int) throws {
    if sinks.isEmpty { return }
    var start = TrainingStart(step: completedSteps, model: model)
    (start.epoch, start.batch, start.epochs) = (progress.epoch, progress.batch, epochs)
    (start.stepsPerEpoch, start.batchesPerEpoch, start.history) = (stepsPerEpoch, loader.batchCount, history)
    for (index, sink) in sinks.enumerated() {
      do { try sink.begin(start) } catch {
        endSinks(Array(sinks[..<index]), reason: "\(error)")
        throw error
      }
    }
  }

  /// Tells of the end.
  func endSinks(_ sinks: [any TrainingSink], reason: String) {
    if sinks.isEmpty { return }
    var end = TrainingEnd(step: completedSteps, reason: reason)
    (end.epoch, end.batch) = (progress.epoch, progress.batch)
    for sink in sinks { sink.end(end) }
  }

  /// Tells the report and the sinks of a step.
  func record(_ total: LossTotal, samples: Int, seconds: Double, _ sinks: [any TrainingSink]) {
    if let report {
      for (name, figure) in total.figures.sorted(by: { $0.key < $1.key }) {
        report.record(["train \(name)": figure.mean])
      }
      report.record(loss: total.loss.mean, tellsSinks: false)
    }
    if sinks.isEmpty { return }
    var step = StepRecord(
      completedSteps, loss: total.loss.mean, metrics: total.figures.mapValues { $0.mean },
      learningRates: optimizers.flatMap { $0.optimizer.learningRates })
    (step.epoch, step.batch) = (progress.epoch + 1, progress.batch)
    (step.samples, step.seconds) = (samples, seconds)
    for sink in sinks { sink.record(step) }
  }
}

extension StopReason {
  /// In words, for logs.
  var words: String {
    switch self {
    case .asked: "asked"
    case .earlyStopping: "early stopping"
    case .limit: "limit"
    }
  }
}
