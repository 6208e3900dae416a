import ArgumentParser
import Foundation
import Tern
import TernBackend

extension NetworkKind: ExpressibleByArgument {}
extension RunConfiguration.OptimizerKind: ExpressibleByArgument {}

/// `tern train`: trains a network on images or a table and keeps what comes out.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains a network on images or a table; without a data set the digits inside the package.",
    discussion: """
      Every run has a folder of its own below runs/ with its settings, a checkpoint after every epoch, the model \
      (safetensors, PyTorch's names), the history (JSON) and a learning curve (SVG). Ctrl-C, a request to end and a \
      terminal that closes finish the batch and save; --resume goes on from there to the same bits, and of a run that \
      is finished it writes the files again. --report adds a page of what happens inside the network.

      Started by mpirun or srun, all copies train one model: --batch-size is that of a whole step, which is split into \
      --shards, and the number of ranks changes no bit where it is a power of two that divides them. SIGUSR1, SIGUSR2 and, \
      with several ranks, SIGTERM finish the batch, save and end with status 75.

      A loss that is not finite ends the training with status 1 and a line that names the step and the layer; the last \
      checkpoint stays.
      """)

  @Option(
    help: ArgumentHelp(
      "A folder with Fashion-MNIST, MNIST or CIFAR-10 in their official files, plain or gzip, or with JPEG and PNG files in a "
        + "folder for each class; these may lie in its folders train and test. Or a table, FILE.csv, see --target."))
  var data: String?

  @Option(
    help:
      "The network: \(NetworkKind.allCases.map(\.rawValue).joined(separator: " or ")); cnn, of a table mlp where not given."
  )
  var model: NetworkKind?

  @Option(
    parsing: .unconditional,
    help: "Epochs to train; 20 for the digits, 5 for other data where not given.")
  var epochs: Int?

  @Option(
    parsing: .unconditional,
    help: "Images a step; 64 where not given.")
  var batchSize: Int?

  @Option(help: "What changes the weights: sgd (momentum 0.9), adam or adamw; adam where not given.")
  var optimizer: RunConfiguration.OptimizerKind?

  @Option(
    parsing: .unconditional,
    help: "The learning rate at the start, which falls along half a cosine; 0.001, for sgd 0.05 where not given.")
  var learningRate: Double?

  @Flag(
    help: ArgumentHelp(
      "Tries growing rates in a hundred steps first, which the training does not keep, and takes a tenth of the one with the "
        + "least loss; the losses are in rates.svg.")
  )
  var findLearningRate = false

  @Option(
    parsing: .unconditional,
    help: "The seed of weights, batches and dropout, 1 where not given: the same seed gives the same bits.")
  var seed: UInt64?

  @Option(
    parsing: .unconditional,
    help: "Threads that work together; the processors this process may use where not given.")
  var threads: Int?

  @OptionGroup(title: "Tables")
  var table: TableOptions

  @OptionGroup(title: "Pictures")
  var pictures: PictureOptions

  @Option(
    parsing: .unconditional,
    help: "Threads that prepare batches beside those that work; 0 for none, 1 where not given. The bits are the same.")
  var workers: Int?

  @Option(help: "Where the runs' folders are made.")
  var output = "runs"

  @Option(
    help: "The folder of a run to go on with; its settings count, and others given here have to be the same.")
  var resume: String?

  @Flag(help: "Goes on with a run though the data, or settings given here, are not those that it was begun with.")
  var allowChanges = false

  @Flag(help: "Goes on where the loss is not finite.")
  var keepGoing = false

  @OptionGroup(title: "Parts of the training")
  var parts: TrainingPartOptions

  @OptionGroup(title: "Several ranks")
  var ranks: RankOptions

  @OptionGroup(title: "Watching")
  var watching: WatchingOptions

  @Flag(help: "Writes a report of activations, gradients and updates, report/report.html in the run's folder.")
  var report = false

  @Flag(
    help: ArgumentHelp(
      "Writes hashes of every layer's output and gradient and of every update, ledger.bin in the run's folder, with which "
        + "tern compare finds where two runs part, and keeps at most nine checkpoints for it. A run that is gone on with goes "
        + "on with them."))
  var ledger = false

  @Option(
    help: ArgumentHelp(
      "Profiles the steps FIRST to LAST of the run, such as 10:20, counted from 1: profile/report.html, profile.txt and "
        + "trace.json in the run's folder.", valueName: "first:last"))
  var profile: String?

  func validate() throws {
    _ = try profiledSteps
    try require("--epochs", epochs, in: RunConfiguration.allowedEpochs)
    try require("--batch-size", batchSize, in: RunConfiguration.allowedBatchSizes)
    try requireThreads(threads)
    try require("--workers", workers, in: 0...256)
    if let learningRate, !(learningRate > 0 && learningRate.isFinite) {
      throw ValidationError("--learning-rate \(learningRate): a finite number above 0 is needed")
    }
    if allowChanges && resume == nil { throw ValidationError("--allow-changes goes with --resume") }
    if watching.reportEvery != nil && !report { throw ValidationError("--report-every goes with --report") }
    if findLearningRate && (resume != nil || learningRate != nil) {
      throw ValidationError("--find-learning-rate goes with a new run, without --learning-rate")
    }
  }

  func run() throws {
    // A status is no failure of a rank: it is thrown when all are done.
    let status = try withMPI { try train($0) }
    if status != 0 { throw ExitCode(status) }
  }

  /// Trains on all ranks; returns the status to end with.
  private func train(_ communicator: any Communicator) throws -> Int32 {
    let isRoot = communicator.isRoot
    if let threads { Workers.count = threads }
    var plan = try makePlan()
    try requireAgreement(on: plan, communicator)
    try requireMemory(for: plan.task, communicator)
    let curve = try findRate(&plan.task, communicator)
    let (task, settings) = (plan.task, plan.settings)
    let trainer = try task.makeTrainer(workers: workers ?? 1, communicator)
    let title = "\(task.title), \(settings.model.rawValue)"
    // What cannot be trained is refused before there is a folder.
    try settings.training?.apply(to: trainer, folder: plan.run?.folder ?? output)
    if let checkpoint = plan.checkpoint { try restore(trainer, checkpoint, plan) }
    try trainer.checkRun(epochs: settings.epochs)
    let folder = try plan.run ?? sharedFolder(communicator) { try TrainingRun(creatingIn: output, name: task.name) }
    if plan.run == nil { try settings.training?.apply(to: trainer, folder: folder.folder) }
    if plan.run == nil && isRoot {
      try task.interface.pictures?.write(to: folder)
      try task.interface.table?.write(to: folder)
    }
    if let curve, isRoot {
      try curve.write(to: folder.ratesPath)
      print("Learning rate \(settings.learningRate): a tenth of that with the least loss, see \(folder.ratesPath)")
    }
    let reportFolder = folder.reportFolder(fromStep: trainer.completedSteps)
    // Changed settings count from the first checkpoint on that was made with them.
    var isToWrite = plan.isChanged
    func save() throws {
      // All ranks take part in the checkpoint, whatever becomes of the files.
      var checkpoint = trainer.checkpoint
      if isToWrite && isRoot { try folder.write(settings) }
      isToWrite = false
      if !isRoot { return }
      checkpoint.configuration = settings
      try trainer.ledger?.flush()
      try folder.write(checkpoint, title: title)
      if trainer.ledger != nil {
        try LedgerCheckpoints(folder.ledgerCheckpointFolder).keep(
          folder.checkpointPath, afterStep: trainer.completedSteps, checkpoint.progress)
      }
      // A page that is live is written by its sink, until it stays as it is.
      if !watching.live || trainer.report?.isRunning != true { try trainer.report?.write(to: reportFolder) }
      try writeSamples(trainer, folder, task)
    }
    if plan.isToWrite && !plan.isChanged && isRoot { try folder.write(settings) }
    if plan.isChanged && trainer.progress.epoch >= settings.epochs {
      try save()
    } else if plan.checkpoint != nil {
      // A run may have been stopped between its checkpoint and what follows from it.
      let checkpoint = trainer.checkpoint
      if isRoot { try folder.writeResults(of: checkpoint, title: title) }
    }
    if isRoot { describe(task, trainer, folder) }
    try makeLedger(trainer, folder, settings)
    InterruptSignal.watch()
    trainer.shouldStop = { InterruptSignal.isRequested }
    if keepGoing { trainer.keepsGoing = true }
    if isRoot, let steps = try profiledSteps {
      trainer.profiling = ProfiledSteps(steps) { try $0.write(to: folder.profileFolder) }
    }
    if report && isRoot {
      let interval = reportInterval(trainer, epochs: settings.epochs)
      trainer.report = TrainingReport(trainer.model, optimizer: trainer.optimizer, title: title, every: interval)
    }
    if isRoot { trainer.sinks = makeSinks(trainer, settings, title: title, reportFolder: reportFolder) }
    let view = makeView(trainer, folder, title: title, save: save)
    if let view {
      trainer.sinks.append(view)
      trainer.afterEpoch = { trainer, figures in
        print(line(figures, settings.epochs))
        try save()
      }
    } else if isRoot {
      var bar = progressBar(trainer, settings)
      trainer.afterBatch = { trainer in
        let progress = trainer.progress
        let error = progress.figures?[TrainingBatch.error].map { "error \(significant($0.mean))" }
        bar.update(
          progress.batch,
          detail: "loss \(decimals(progress.loss, 4))  \(error ?? "accuracy \(decimals(progress.accuracy, 4))")")
      }
      trainer.afterEpoch = { trainer, figures in
        bar.finish(line(figures, settings.epochs))
        try save()
        bar = progressBar(trainer, settings)
      }
    } else {
      trainer.afterEpoch = { _, _ in try save() }
    }
    let finished: Bool
    do {
      finished = try trainer.run(epochs: settings.epochs)
    } catch let error as NonFiniteError {
      if isRoot && view == nil && ReportOutput.standardOutput.isTerminal { print() }
      throw CommandError(advice(error, folder))
    }
    if !finished && trainer.stopReason != .asked {
      if trainer.progress.batch > 0 { try save() }
      if isRoot {
        print("\n" + (trainer.stopReason == .limit ? "The limit is reached" : "The test loss gets no better") + ".")
      }
    } else if !finished {
      try save()
      if isRoot {
        print(
          "\nStopped after batch \(trainer.progress.batch) of epoch \(trainer.progress.epoch + 1); everything is saved."
        )
        print("Go on with: scripts/train --resume \(folder.folder)")
      }
      return try stopStatus(communicator)
    }
    try writeAverage(trainer, folder, task)
    if isRoot, let profile {
      let path = "\(folder.profileFolder)/report.html"
      print("Profile        " + (FileIO.isFile(path) ? path : "none: the run took no step of \(profile)"))
    }
    if isRoot { summarize(trainer.history, folder, report: report ? reportFolder : nil) }
    return 0
  }

  private func describe(
    _ task: TrainingTask, _ trainer: Trainer<Sequential<Float>, TrainingSamples>, _ folder: TrainingRun
  ) {
    print(
      "\(task.title): \(task.train.count) \(task.interface.samples.name) of \(task.interface.samples.size) to train, "
        + "\(task.test.count) to test, "
        + (task.interface.answersNumbers ? "a number to foretell" : "\(task.interface.outputCount) classes"))
    for note in task.notes { print(note) }
    if let warning = SystemInfo.current.warning { print("Note: \(warning)") }
    print(
      "\(task.configuration.model.rawValue) with \(trainer.model.parameterCount) parameters, "
        + "\(task.configuration.optimizer.rawValue), learning rate \(task.configuration.learningRate), "
        + "batches of \(task.configuration.batchSize), \(Workers.count) threads")
    let (shards, ranks) = (trainer.shards, trainer.communicator.count)
    if shards != nil || ranks > 1 {
      print("\(shards ?? ranks) shards a step on \(ranks) rank\(ranks == 1 ? "" : "s")")
    }
    let progress = trainer.progress
    if progress.epoch >= task.configuration.epochs {
      print("\(folder.folder) is finished after epoch \(progress.epoch); its files are written again")
    } else if progress.epoch > 0 || progress.batch > 0 {
      print("Going on in \(folder.folder) after epoch \(progress.epoch), batch \(progress.batch)")
    }
  }

  private func progressBar(
    _ trainer: Trainer<Sequential<Float>, TrainingSamples>, _ settings: RunConfiguration
  ) -> ProgressBar {
    ProgressBar("Epoch \(trainer.progress.epoch + 1)/\(settings.epochs)", total: trainer.loader.batchCount)
  }

  private func line(_ figures: TrainingHistory.Epoch, _ epochs: Int) -> String {
    func words(_ loss: Double, _ accuracy: Double?, _ others: [String: Double]) -> String {
      let error = others[TrainingBatch.error].map { "error \(significant($0))" }
      return "loss \(decimals(loss, 4)) \(error ?? "accuracy \(decimals(accuracy ?? 0, 4))")"
    }
    let train = words(figures.trainLoss, figures.trainAccuracy, figures.trainFigures)
    let test = figures.testLoss.map { "  test \(words($0, figures.testAccuracy, figures.testFigures))" }
    return "Epoch \(figures.number)/\(epochs)  train \(train)\(test ?? "")  \(decimals(figures.seconds, 1)) s"
  }

  /// What is not finite, where it began, what to try, and what is left of the run.
  private func advice(_ error: NonFiniteError, _ folder: TrainingRun) -> String {
    let rate = "try a --learning-rate below \(error.learningRate)"
    guard FileManager.default.fileExists(atPath: folder.checkpointPath) else {
      return "\(error.finding); \(rate), look at the data, or go on all the same with --keep-going; there is no "
        + "checkpoint yet"
    }
    return "\(error.finding); \(rate) (with --resume \(folder.folder) --allow-changes, or in a new run), look at the "
      + "data, or go on all the same with --keep-going; the last checkpoint is still there"
  }

  private func summarize(_ history: TrainingHistory, _ folder: TrainingRun, report: String?) {
    let seconds = history.epochs.reduce(0) { $0 + $1.seconds }
    print("Trained in \(decimals(seconds, 1)) s")
    print("Model          \(folder.modelPath)")
    print("History        \(folder.historyPath)")
    print("Learning curve \(folder.curvePath)")
    if let report { print("Report         \(report)/report.html") }
    if FileIO.isFile(folder.samplesPath) { print("Samples        \(folder.folder)/samples.html") }
    guard let last = history.epochs.last else { return print("No epoch was finished, and nothing scored") }
    if let error = last.testFigures[TrainingBatch.error] {
      print("test mean absolute error \(significant(error))")
    } else {
      print("test accuracy \(decimals(last.testAccuracy ?? 0, 4))")
    }
  }
}
