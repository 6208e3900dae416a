import ArgumentParser
import Foundation
import Tern
import TernBackend

extension NetworkKind: ExpressibleByArgument {}
extension RunConfiguration.OptimizerKind: ExpressibleByArgument {}

/// `tern train`: trains a classifier of images and keeps what comes out.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains a network to classify images; without a data set the digits inside the package.",
    discussion: """
      Every run has a folder of its own below runs/ with its settings, a checkpoint after every epoch, the model \
      (safetensors, PyTorch's names), the history (JSON) and a learning curve (SVG). Ctrl-C finishes the batch and \
      saves; --resume goes on from there to the same bits. --report adds a page of what happens inside the network.
      """)

  @Option(help: "A folder with Fashion-MNIST, MNIST or CIFAR-10 in their official files, plain or gzip.")
  var data: String?

  @Option(help: "The network: \(NetworkKind.allCases.map(\.rawValue).joined(separator: " or ")).")
  var model = NetworkKind.cnn

  @Option(help: "Epochs to train; 20 for the digits, 5 for other data where not given.")
  var epochs: Int?

  @Option(help: "Images a step.")
  var batchSize = 64

  @Option(help: "What changes the weights: sgd (momentum 0.9), adam or adamw.")
  var optimizer = RunConfiguration.OptimizerKind.adam

  @Option(help: "The learning rate at the start, which falls along half a cosine; 0.001, for sgd 0.05 where not given.")
  var learningRate: Double?

  @Option(help: "The seed of weights, batches and dropout: the same seed gives the same bits.")
  var seed: UInt64 = 1

  @Option(help: "Threads that work together; the processors this process may use where not given.")
  var threads: Int?

  @Option(help: "Where the runs' folders are made.")
  var output = "runs"

  @Option(
    help: "The folder of a run to go on with; its settings count, and only --threads and --report go with it.")
  var resume: String?

  @Flag(help: "Writes a report of activations, gradients and updates, report/report.html in the run's folder.")
  var report = false

  func validate() throws {
    if let epochs, epochs < 1 { throw ValidationError("--epochs \(epochs): at least 1 is needed") }
    if batchSize < 1 { throw ValidationError("--batch-size \(batchSize): at least 1 is needed") }
    if let threads, threads < 1 { throw ValidationError("--threads \(threads): at least 1 is needed") }
    if let learningRate, !(learningRate >= 0 && learningRate.isFinite) {
      throw ValidationError("--learning-rate \(learningRate): a number from 0 is needed")
    }
  }

  func run() throws {
    if let threads { Workers.count = threads }
    if let warning = SystemInfo.current.warning { print("Note: \(warning)") }
    let (run, settings, checkpoint) = try prepare()
    let task = try ImageTask(settings)
    let trainer = try task.makeTrainer()
    let folder = try run ?? TrainingRun(creatingIn: output, name: task.name)
    if let checkpoint {
      try trainer.restore(checkpoint)
    } else {
      try folder.write(settings)
    }
    describe(task, trainer, folder)
    Interrupt.watch()
    trainer.shouldStop = { Interrupt.isRequested }
    let title = "\(task.split.name), \(settings.model.rawValue)"
    let reportFolder = folder.reportFolder(fromStep: trainer.completedSteps)
    if report {
      let interval = trainer.loader.batchCount * settings.epochs / 150
      trainer.report = TrainingReport(trainer.model, optimizer: trainer.optimizer, title: title, every: interval)
    }
    var bar = progressBar(trainer, settings)
    trainer.afterBatch = { trainer in
      let progress = trainer.progress
      bar.update(
        progress.batch, detail: "loss \(decimals(progress.loss, 4))  accuracy \(decimals(progress.accuracy, 4))")
    }
    trainer.afterEpoch = { trainer, figures in
      bar.finish(line(figures, settings.epochs))
      try folder.write(trainer.checkpoint, title: title)
      try trainer.report?.write(to: reportFolder)
      bar = progressBar(trainer, settings)
    }
    let finished = try trainer.run(epochs: settings.epochs)
    if !finished {
      try folder.write(trainer.checkpoint, title: title)
      try trainer.report?.write(to: reportFolder)
      print(
        "\nStopped after batch \(trainer.progress.batch) of epoch \(trainer.progress.epoch + 1); everything is saved.")
      print("Go on with: scripts/train --resume \(folder.folder)")
      throw ExitCode(130)
    }
    summarize(trainer.history, folder, report: report ? reportFolder : nil)
  }

  /// The run to go on with and its checkpoint, or the settings of a new one.
  private func prepare() throws -> (TrainingRun?, RunConfiguration, Checkpoint?) {
    guard let resume else {
      let path = data.map { URL(fileURLWithPath: $0).standardizedFileURL.path }
      return (
        nil,
        RunConfiguration(
          data: path, model: model, epochs: epochs ?? (data == nil ? 20 : 5), batchSize: batchSize,
          optimizer: optimizer, learningRate: learningRate ?? optimizer.defaultLearningRate, seed: seed),
        nil
      )
    }
    let run = TrainingRun(folder: resume)
    let settings = try run.configuration()
    // A run that was stopped in its first epoch may have no checkpoint yet: it begins again.
    let hasCheckpoint = FileManager.default.fileExists(atPath: run.checkpointPath)
    return (run, settings, hasCheckpoint ? try Checkpoint(contentsOf: run.checkpointPath) : nil)
  }

  private func describe(
    _ task: ImageTask, _ trainer: Trainer<Sequential<Float>, ImageDataset>, _ folder: TrainingRun
  ) {
    let images = task.split.train
    print(
      "\(task.split.name): \(images.count) images of \(images.channels)×\(images.height)×\(images.width) to train, "
        + "\(task.split.test.count) to test, \(images.classCount) classes")
    print(
      "\(task.configuration.model.rawValue) with \(trainer.model.parameterCount) parameters, "
        + "\(task.configuration.optimizer.rawValue), learning rate \(task.configuration.learningRate), "
        + "batches of \(task.configuration.batchSize), \(Workers.count) threads")
    let progress = trainer.progress
    if progress.epoch > 0 || progress.batch > 0 {
      print("Going on in \(folder.folder) after epoch \(progress.epoch), batch \(progress.batch)")
    }
  }

  private func progressBar(
    _ trainer: Trainer<Sequential<Float>, ImageDataset>, _ settings: RunConfiguration
  ) -> ProgressBar {
    ProgressBar("Epoch \(trainer.progress.epoch + 1)/\(settings.epochs)", total: trainer.loader.batchCount)
  }

  private func line(_ figures: History.Epoch, _ epochs: Int) -> String {
    let test = figures.testLoss.map {
      "  test loss \(decimals($0, 4)) accuracy \(decimals(figures.testAccuracy ?? 0, 4))"
    }
    return "Epoch \(figures.number)/\(epochs)  train loss \(decimals(figures.trainLoss, 4)) "
      + "accuracy \(decimals(figures.trainAccuracy ?? 0, 4))\(test ?? "")  \(decimals(figures.seconds, 1)) s"
  }

  private func summarize(_ history: History, _ folder: TrainingRun, report: String?) {
    let seconds = history.epochs.reduce(0) { $0 + $1.seconds }
    print("Trained in \(decimals(seconds, 1)) s")
    print("Model          \(folder.modelPath)")
    print("History        \(folder.historyPath)")
    print("Learning curve \(folder.curvePath)")
    if let report { print("Report         \(report)/report.html") }
    print("test accuracy \(decimals(history.epochs.last?.testAccuracy ?? 0, 4))")
  }
}

/// A number with a fixed count of decimals.
func decimals(_ value: Double, _ count: Int) -> String { String(format: "%.\(count)f", value) }
