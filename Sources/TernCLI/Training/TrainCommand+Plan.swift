import Foundation
import Tern

/// What `tern train` is to do: a new run, or one to go on with.
struct TrainingPlan {
  /// The run to go on with; `nil` for a new one.
  var run: TrainingRun?
  var task: TrainingTask
  /// Where the run's training is, where it has a checkpoint.
  var checkpoint: Checkpoint?
  /// Whether the settings differ from those in the run's folder.
  var isToWrite: Bool
  /// Whether the run goes on with other data or settings than it was begun with.
  var isChanged: Bool

  var settings: RunConfiguration { task.configuration }
}

extension TrainCommand {
  /// The run that the options ask for, with its data.
  func makePlan() throws -> TrainingPlan {
    let path = data.map { URL(fileURLWithPath: $0).standardizedFileURL.path }
    guard let resume else {
      let optimizer = optimizer ?? .adam
      var settings = RunConfiguration(
        data: path, model: model ?? (path.map { TableFile.isOne($0) } == true ? .mlp : .cnn),
        epochs: epochs ?? (path == nil ? 20 : 5), batchSize: batchSize ?? 64,
        optimizer: optimizer, learningRate: learningRate ?? optimizer.defaultLearningRate, seed: seed ?? 1)
      settings.training = ranks.changed(parts.changed(nil))
      return TrainingPlan(
        run: nil, task: try TrainingTask(settings, pictures.choices, table: table.choices).withFingerprint,
        checkpoint: nil,
        isToWrite: true,
        isChanged: false)
    }
    let run = TrainingRun(folder: resume)
    let stored = try run.configuration()
    // A run that was stopped in its first epoch may have no checkpoint yet: it begins again.
    let hasCheckpoint = FileManager.default.fileExists(atPath: run.checkpointPath)
    let checkpoint = hasCheckpoint ? try Checkpoint(contentsOf: run.checkpointPath) : nil
    // What the weights came from counts, where run.json says something else by now.
    var begun = checkpoint?.configuration ?? stored
    if let rate = checkpoint?.progress.schedule["base.0"] { begun.learningRate = rate }
    var settings = stored
    if let path { settings.data = path }
    if let model { settings.model = model }
    if let epochs { settings.epochs = epochs }
    if let batchSize { settings.batchSize = batchSize }
    if let optimizer { settings.optimizer = optimizer }
    if let learningRate { settings.learningRate = learningRate }
    if let seed { settings.seed = seed }
    settings.training = ranks.changed(parts.changed(settings.training))
    let task = try TrainingTask(settings, pictures.choices, table: table.choices, run: run).withFingerprint
    let differences = task.configuration.differences(from: begun)
    let isOther =
      settings.model != begun.model || settings.optimizer != begun.optimizer
      || settings.training?.layerDecay != begun.training?.layerDecay
    if !differences.isEmpty && (!allowChanges || isOther) {
      throw CommandError(
        "\(run.folder): what it was begun with is not what it is to go on with: \(differences.joined(separator: "; ")); "
          + (isOther && checkpoint != nil
            ? "a run keeps its network, its optimizer and its --layer-decay: begin a new one"
            : "--allow-changes goes on all the same"))
    }
    if let done = checkpoint?.progress.epoch, done > settings.epochs {
      throw CommandError(
        "\(run.checkpointPath): \(done) epochs are done (expected at most the \(settings.epochs) of the run)")
    }
    return TrainingPlan(
      run: run, task: task, checkpoint: checkpoint, isToWrite: !differences.isEmpty || settings != stored,
      isChanged: !differences.isEmpty)
  }

  /// Puts a trainer to where a checkpoint was taken, and its schedule to the rate of the settings where that is another.
  func restore(
    _ trainer: Trainer<Sequential<Float>, TrainingSamples>, _ checkpoint: Checkpoint, _ plan: TrainingPlan
  ) throws {
    let scheduler = trainer.scheduler as? Scheduler
    let begun = scheduler?.state ?? [:]
    try trainer.restore(checkpoint, allowingChanges: plan.isChanged)
    guard plan.isChanged, let scheduler else { return }
    try scheduler.load(begun)
    // Setting the position works the rate out.
    scheduler.position = trainer.progress.epoch
  }
}
