import TernBackend
import TernNN
import TernTensor
import TernTraining

/// A training as an event file that TensorBoard shows: loss, figures, rates and samples a second of every step, the figures
/// of every epoch, histograms of weights and gradients now and then, and the settings as text and hyperparameters.
///
/// ```swift
/// trainer.sinks = [TensorBoardSink("runs/mine", settings: ["learning rate": 0.001])]
/// ```
///
/// Steps count from 1, as the steps that are done. A training that goes on starts a new file in the folder, which says at
/// which step it does: TensorBoard shows each step once. The tags are `train/loss`, `train/NAME`, `rate` (`rate/1` for a
/// second group), `samples_per_second`, `epoch/train_loss`, `epoch/test_loss`, `epoch/train_NAME`, `epoch/test_NAME`,
/// `weights/NAME` and `gradients/NAME`.
public final class TensorBoardSink: TrainingSink {
  /// The folder of the event file.
  public let folder: String
  /// What the training is called.
  public let title: String
  /// How many steps lie between two histograms of weights and gradients; none where 0.
  public let histogramInterval: Int
  private let settings: [(name: String, value: SettingValue)]
  private var writer: TensorBoardWriter?
  private var model: (any Module)?

  /// Events in `folder`, which is made when the training begins.
  ///
  /// - Parameters:
  ///   - folder: the folder.
  ///   - title: what the training is called.
  ///   - settings: its settings.
  ///   - histogramInterval: how many steps lie between two histograms of weights and gradients; none where 0.
  public convenience init(
    _ folder: String, title: String = "", settings: KeyValuePairs<String, SettingValue> = [:],
    histogramInterval: Int = 100
  ) {
    self.init(
      folder, title: title, settings: settings.map { (name: $0.key, value: $0.value) },
      histogramInterval: histogramInterval)
  }

  package init(
    _ folder: String, title: String, settings: [(name: String, value: SettingValue)], histogramInterval: Int
  ) {
    (self.folder, self.title, self.settings) = (folder, title, settings)
    self.histogramInterval = max(histogramInterval, 0)
  }

  /// Starts a new file.
  ///
  /// - Throws: `DataError` where none can be made.
  public func begin(_ start: TrainingStart) throws {
    let writer = try TensorBoardWriter(folder, from: start.step + 1)
    self.writer = writer
    model = start.model
    if start.step > 0 { return }
    if !title.isEmpty { writer.addText("title", title, step: 0) }
    if settings.isEmpty { return }
    let rows = settings.map { "| \($0.name) | \($0.value.words) |\n" }.joined()
    writer.addText("settings", "| setting | value |\n|---|---|\n" + rows, step: 0)
    writer.addHyperparameters(settings, metrics: ["epoch/test_loss", "epoch/test_accuracy"])
  }

  /// Adds a step's figures.
  public func record(_ step: StepRecord) {
    guard let writer else { return }
    writer.addScalar("train/loss", step.loss, step: step.step)
    for (name, value) in step.metrics.sorted(by: { $0.key < $1.key }) {
      writer.addScalar("train/\(name)", value, step: step.step)
    }
    for (group, rate) in step.learningRates.enumerated() {
      writer.addScalar(group == 0 ? "rate" : "rate/\(group)", rate, step: step.step)
    }
    if let rate = step.samplesPerSecond { writer.addScalar("samples_per_second", rate, step: step.step) }
    guard histogramInterval > 0, (step.step - 1).isMultiple(of: histogramInterval), let model else { return }
    for (name, parameter) in model.namedParameters { addHistograms(name, parameter, step.step) }
  }

  private func addHistograms(_ name: String, _ parameter: some AnyParameter, _ step: Int) {
    let typed = parameter.typed
    writer?.addHistogram("weights/\(name)", typed.value, step: step)
    if let gradient = typed.gradient { writer?.addHistogram("gradients/\(name)", gradient, step: step) }
  }

  /// Adds an epoch's figures.
  public func record(_ epoch: TrainingHistory.Epoch, afterSteps steps: Int) {
    var figures: [(String, Double?)] = [
      ("train_loss", epoch.trainLoss), ("train_accuracy", epoch.trainAccuracy), ("test_loss", epoch.testLoss),
      ("test_accuracy", epoch.testAccuracy), ("seconds", epoch.seconds),
    ]
    figures += epoch.trainFigures.sorted { $0.key < $1.key }.map { ("train_\($0.key)", $0.value) }
    figures += epoch.testFigures.sorted { $0.key < $1.key }.map { ("test_\($0.key)", $0.value) }
    for (name, value) in figures {
      if let value { writer?.addScalar("epoch/\(name)", value, step: steps) }
    }
    writer?.flush()
  }

  /// Ends the file.
  public func end(_ end: TrainingEnd) {
    // One that was asked to stop may go on.
    if !settings.isEmpty && end.reason != "asked" {
      writer?.endHyperparameters(isComplete: ["finished", "early stopping", "limit"].contains(end.reason))
    }
    writer?.flush()
    (writer, model) = (nil, nil)
  }
}

extension SettingValue {
  /// As people read it.
  fileprivate var words: String {
    switch self {
    case .number(let value): value == value.rounded() && value.magnitude < 1e15 ? "\(Int(value))" : "\(value)"
    case .text(let value): value
    case .flag(let value): value ? "true" : "false"
    }
  }
}
