import ArgumentParser
import Foundation
import Tern

/// The options of `tern train` for parts of the training.
struct TrainingPartOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How products read their operands: float32, or bf16, rounded to bfloat16; see `tern info` on whether that is faster here."
    ))
  var precision: FloatPrecision?

  @Option(
    parsing: .unconditional, help: "Batches that make one step; 1 where not given.")
  var accumulate: Int?

  @Option(parsing: .unconditional, help: "Shortens gradients whose norm over all parameters is larger.")
  var clipNorm: Double?

  @Option(parsing: .unconditional, help: "Ends the run after so many epochs without a better test loss.")
  var patience: Int?

  @Option(parsing: .unconditional, help: "Keeps the checkpoints of so many epochs with the best test losses.")
  var keepBest: Int?

  @Option(
    parsing: .unconditional,
    help:
      "The decay of an average of the weights over the steps, such as 0.999, which is scored and saved as the model.")
  var averageDecay: Double?

  @Option(
    parsing: .unconditional,
    help:
      "Averages the weights over the epochs from this one on, with statistics of their own, in averaged.safetensors.")
  var averageFromEpoch: Int?

  @Option(parsing: .unconditional, help: "The most steps.")
  var maxSteps: Int?

  @Option(parsing: .unconditional, help: "The most seconds of training and scoring.")
  var maxSeconds: Double?

  @Option(
    parsing: .unconditional,
    help: "Skips steps whose loss or gradients are not finite, at most so many; the history names them.")
  var skipNonFinite: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Goes back, where a step is not finite, to where the training was at the last multiple of --rewind-every steps, at most "
        + "so often; the history names them.")
  )
  var rewindNonFinite: Int?

  @Option(parsing: .unconditional, help: "See --rewind-non-finite; 100 where not given.")
  var rewindEvery: Int?

  @Option(help: "A path in the network that is not trained, such as 0 or 0.weight; may be given several times.")
  var freeze: [String] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Learning rates that fall toward the input: that of each layer with weights is so many times the next one's, such as "
        + "0.8; the last one has --learning-rate.")
  )
  var layerDecay: Double?

  @Flag(
    help: ArgumentHelp(
      "Keeps the losses of every sample: samples.html in the run's folder shows those that are likely to be labeled wrongly, "
        + "the forgotten and the never learned, samples.csv has all by rank."))
  var sampleLosses = false

  func validate() throws {
    let options = [
      "accumulation": "--accumulate", "clipNorm": "--clip-norm", "patience": "--patience", "keepBest": "--keep-best",
      "averageDecay": "--average-decay", "averageFromEpoch": "--average-from-epoch", "maxSteps": "--max-steps",
      "maxSeconds": "--max-seconds", "skipNonFinite": "--skip-non-finite", "rewindNonFinite": "--rewind-non-finite",
      "rewindEvery": "--rewind-every", "layerDecay": "--layer-decay",
    ]
    if skipNonFinite != nil && rewindNonFinite != nil {
      throw ValidationError("--skip-non-finite and --rewind-non-finite do not go together")
    }
    if let problem = changed(nil)?.problem {
      throw ValidationError(
        "\(options[problem.setting] ?? problem.setting) \(problem.value): \(problem.allowed) is needed")
    }
  }

  /// Settings with what was asked for in place of what they have; `nil` for none.
  func changed(_ settings: TrainingSettings?) -> TrainingSettings? {
    var settings = settings ?? TrainingSettings()
    if let precision { settings.precision = precision == .float32 ? nil : precision }
    if let accumulate { settings.accumulation = accumulate }
    if let clipNorm { settings.clipNorm = clipNorm }
    if let patience { settings.patience = patience }
    if let keepBest { settings.keepBest = keepBest }
    if let averageDecay { settings.averageDecay = averageDecay }
    if let averageFromEpoch { settings.averageFromEpoch = averageFromEpoch }
    if let maxSteps { settings.maxSteps = maxSteps }
    if let maxSeconds { settings.maxSeconds = maxSeconds }
    if let skipNonFinite { (settings.skipNonFinite, settings.rewindNonFinite) = (skipNonFinite, nil) }
    if let rewindNonFinite { (settings.rewindNonFinite, settings.skipNonFinite) = (rewindNonFinite, nil) }
    if let rewindEvery { settings.rewindEvery = rewindEvery }
    if let layerDecay { settings.layerDecay = layerDecay }
    if !freeze.isEmpty { settings.frozen = freeze }
    if sampleLosses { settings.recordsSamples = true }
    return settings.isEmpty ? nil : settings
  }
}

extension TrainCommand {
  /// Where that is asked for, tries learning rates with the training of a task and gives it the suggested one.
  func findRate(_ task: inout TrainingTask, _ communicator: any Communicator) throws -> LearningRateCurve? {
    guard findLearningRate else { return nil }
    let trainer = try task.makeTrainer(workers: workers ?? 1, communicator)
    var parts = task.configuration.training ?? TrainingSettings()
    (parts.keepBest, parts.patience, parts.recordsSamples) = (nil, nil, nil)
    try parts.apply(to: trainer, folder: output)
    let curve = try LearningRateFinder().run(trainer)
    guard let rate = curve.suggestion.flatMap({ Double(String(format: "%.1e", $0)) }) else {
      throw CommandError("the loss falls at none of the rates that were tried: give a --learning-rate")
    }
    task.configuration.learningRate = rate
    return curve
  }

  /// Writes the average over the epochs with statistics of its own, where there is one, and says how it does.
  func writeAverage(_ trainer: Trainer<Sequential<Float>, TrainingSamples>, _ folder: TrainingRun, _ task: TrainingTask)
    throws
  {
    guard let average = trainer.stochasticAverage, !average.isEmpty else { return }
    let (before, communicator) = (trainer.model.state, trainer.communicator)
    average.copy(into: trainer.model)
    try recalibrate(trainer.model, over: trainer.loader, communicator: communicator) { _ = trainer.model($0.inputs) }
    let score = try evaluate(trainer.model, on: task.test, communicator: communicator) { $1.loss(of: $0) }
    if communicator.isRoot { try trainer.model.save(to: folder.averagePath) }
    try trainer.model.load(before)
    if !communicator.isRoot { return }
    let other = score.figures[TrainingBatch.error].map { "error \(significant($0.mean))" }
    print(
      "Average of \(average.updates) epochs in \(folder.averagePath): test loss \(decimals(score.loss.mean, 4)), "
        + (other ?? "accuracy \(decimals(score.figures["accuracy"]?.mean ?? 0, 4))"))
  }
}
