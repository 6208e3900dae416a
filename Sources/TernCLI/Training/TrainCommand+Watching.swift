import ArgumentParser
import Foundation
import Tern
import TernData
import TernTensorBoard

/// The options of `tern train` for what is told of it while it runs.
struct WatchingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A file that gets a line of JSON for every step and epoch; where a run goes on, the lines behind its checkpoint are cut "
        + "first.",
      valueName: "file"))
  var logJSON: String?

  @Option(
    help: ArgumentHelp(
      "A folder that gets an event file for TensorBoard: figures of every step and epoch, and about thirty times in the run "
        + "histograms of weights and gradients. Where a run goes on, TensorBoard shows each step once.",
      valueName: "folder"))
  var tensorboard: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How many steps lie between two at which --report looks inside; where not given about 150 looks a run, and at least 30 "
        + "steps between two.",
      valueName: "steps"))
  var reportEvery: Int?

  @Flag(
    help: ArgumentHelp(
      "Shows the run on the terminal: charts of loss and figures, rate, samples a second, time left, memory; p holds it up, c "
        + "writes a checkpoint, q saves and ends. Elsewhere lines are printed as ever. With --report the page is written every "
        + "five seconds too; a browser that shows it loads it again by itself."
    )
  )
  var live = false

  func validate() throws {
    try require("--report-every", reportEvery, in: 1...1_000_000_000)
    if logJSON?.isEmpty == true { throw ValidationError("--log-json: the name of a file is needed") }
    if tensorboard?.isEmpty == true { throw ValidationError("--tensorboard: the name of a folder is needed") }
  }
}

extension TrainCommand {
  /// How many steps lie between two looks of a report: a look costs several steps.
  func reportInterval(_ trainer: Trainer<Sequential<Float>, TrainingSamples>, epochs: Int) -> Int {
    watching.reportEvery ?? max(Int(min(Double(trainer.stepsPerEpoch) * Double(epochs) / 150, 0x1p48)), 30)
  }

  /// The view of `--live`, where there is a terminal; `save` writes a checkpoint.
  func makeView(
    _ trainer: Trainer<Sequential<Float>, TrainingSamples>, _ folder: TrainingRun, title: String,
    save: @escaping () throws -> Void
  ) -> LiveView? {
    guard watching.live && trainer.communicator.isRoot && LiveView.isAvailable else { return nil }
    let view = LiveView(title)
    view.printsEpochs = false
    view.takesCheckpoints(of: trainer)
    view.checkpoint = {
      try save()
      return folder.checkpointPath
    }
    return view
  }

  /// What is told of a run.
  func makeSinks(
    _ trainer: Trainer<Sequential<Float>, TrainingSamples>, _ settings: RunConfiguration, title: String,
    reportFolder: String
  ) -> [any TrainingSink] {
    var sinks: [any TrainingSink] = []
    if let path = watching.logJSON { sinks.append(JSONLog(path, title: title, settings: settings.values)) }
    if let folder = watching.tensorboard {
      let steps = Double(trainer.stepsPerEpoch) * Double(settings.epochs)
      sinks.append(
        TensorBoardSink(
          folder, title: title, settings: settings.values, histogramInterval: max(Int(min(steps / 30, 0x1p48)), 1)))
    }
    if watching.live, let report = trainer.report { sinks.append(LiveReport(report, in: reportFolder)) }
    return sinks
  }
}

extension RunConfiguration {
  /// The settings as `run.json` names them, those of the training's parts too.
  var values: [(name: String, value: SettingValue)] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    guard let bytes = try? encoder.encode(self), let json = try? JSON(parsing: Array(bytes), file: "settings") else {
      return []
    }
    return RunConfiguration.values(json, "")
  }

  private static func values(_ json: JSON, _ name: String) -> [(name: String, value: SettingValue)] {
    func nested(_ part: String) -> String { name.isEmpty ? part : "\(name).\(part)" }
    switch json {
    case .null: return []
    case .bool(let value): return [(name, .flag(value))]
    case .string(let value): return [(name, .text(value))]
    case .integer(let value): return [(name, .number(Double(value)))]
    case .number(let value): return [(name, .number(value))]
    case .object(let members): return members.flatMap { values($0.value, nested($0.key)) }
    case .array(let values):
      return values.enumerated().flatMap { RunConfiguration.values($1, nested("\($0)")) }
    }
  }
}
