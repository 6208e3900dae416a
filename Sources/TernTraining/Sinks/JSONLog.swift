import Foundation
import TernBackend
import TernData

/// A training as lines of JSON, an object a line, which is there as soon as it happened.
///
/// ```swift
/// trainer.sinks = [JSONLog("log.jsonl", settings: ["learning rate": 0.001])]
/// ```
///
/// | `event` | members |
/// |---|---|
/// | `begin` | `step`, `epochs_done`, `batch` (where it begins or goes on), `title`, `settings`, `epochs`, `steps_per_epoch`, `parameters`, `threads`, `time` |
/// | `step` | `step`, `epoch`, `batch`, `loss`, `metrics`, `learning_rate` (of the first group), `learning_rates` (where there are several), `samples`, `samples_per_second`, `seconds`, `memory` (bytes in the machine's memory) |
/// | `epoch` | `epoch`, `step`, and what `history.json` has of it: `train_loss`, `train_accuracy`, `test_loss`, … |
/// | `end` | `step`, `epochs_done`, `batch`, `reason` (`finished`, `asked`, `early stopping`, `limit`, or an error), `time` |
///
/// Steps and epochs count from 1. Numbers are read back to the same bits; what is not finite is `"NaN"`, `"Infinity"`,
/// `"-Infinity"`. Where a training goes on, the lines behind its position are cut first, and one that a killed process
/// left half written: nothing is there twice. A training that begins at its beginning writes the file anew; what is no
/// such log is not touched. A pipe, or a device such as `/dev/stdout`, is written to as it is.
public final class JSONLog: TrainingSink {
  /// The path of the file.
  public let path: String
  /// What the training is called.
  public let title: String
  private let settings: [(name: String, value: SettingValue)]
  private var file: AppendedFile?

  /// A log in the file at `path`; it is opened when the training begins.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - title: what the training is called.
  ///   - settings: what is to be kept of how it was begun.
  public init(_ path: String, title: String = "", settings: KeyValuePairs<String, SettingValue> = [:]) {
    (self.path, self.title, self.settings) = (path, title, settings.map { ($0.key, $0.value) })
  }

  package init(_ path: String, title: String, settings: [(name: String, value: SettingValue)]) {
    (self.path, self.title, self.settings) = (path, title, settings)
  }

  /// Cuts what comes behind the position, and writes the first line.
  ///
  /// - Throws: `DataError` where the file cannot be written, or is no log of a training.
  public func begin(_ start: TrainingStart) throws {
    let file = try AppendedFile(path)
    if file.isRegular { try file.cut(after: JSONLog.length(of: FileIO.read(path), until: start, path)) }
    self.file = file
    var line: [JSON.Member] = [.init("event", .string("begin")), .init("step", .integer(start.step))]
    line += position(start.epoch, start.batch)
    if !title.isEmpty { line.append(.init("title", .string(title))) }
    if !settings.isEmpty {
      line.append(.init("settings", .object(settings.map { JSON.Member($0.name, $0.value.json) })))
    }
    if let epochs = start.epochs { line.append(.init("epochs", .integer(epochs))) }
    if let steps = start.stepsPerEpoch { line.append(.init("steps_per_epoch", .integer(steps))) }
    if let model = start.model { line.append(.init("parameters", .integer(model.parameterCount))) }
    line += [.init("threads", .integer(Workers.count)), .init("time", .string(JSONLog.time))]
    write(line)
  }

  /// Writes a line.
  public func record(_ step: StepRecord) {
    var line: [JSON.Member] = [.init("event", .string("step")), .init("step", .integer(step.step))]
    if let epoch = step.epoch { line.append(.init("epoch", .integer(epoch))) }
    if let batch = step.batch { line.append(.init("batch", .integer(batch))) }
    line.append(.init("loss", JSON(step.loss)))
    if !step.metrics.isEmpty { line.append(.init("metrics", JSONLog.object(step.metrics))) }
    if let rate = step.learningRates.first { line.append(.init("learning_rate", JSON(rate))) }
    if step.learningRates.count > 1 {
      line.append(.init("learning_rates", .array(step.learningRates.map { JSON($0) })))
    }
    if let samples = step.samples { line.append(.init("samples", .integer(samples))) }
    if let rate = step.samplesPerSecond { line.append(.init("samples_per_second", JSON(rate))) }
    if let seconds = step.seconds { line.append(.init("seconds", JSON(seconds))) }
    line.append(.init("memory", .integer(ProcessMemory.resident)))
    write(line)
  }

  /// Writes a line.
  public func record(_ epoch: TrainingHistory.Epoch, afterSteps steps: Int) {
    var line: [JSON.Member] = [.init("event", .string("epoch"))]
    line += epoch.members
    line.insert(.init("step", .integer(steps)), at: 2)
    write(line)
  }

  /// Writes the last line.
  public func end(_ end: TrainingEnd) {
    var line: [JSON.Member] = [.init("event", .string("end")), .init("step", .integer(end.step))]
    line += position(end.epoch, end.batch)
    line += [.init("reason", .string(end.reason)), .init("time", .string(JSONLog.time))]
    write(line)
    file?.synchronize()
    file = nil
  }

  private func position(_ epoch: Int?, _ batch: Int) -> [JSON.Member] {
    epoch.map { [.init("epochs_done", .integer($0)), .init("batch", .integer(batch))] } ?? []
  }

  private func write(_ members: [JSON.Member]) {
    file?.append("\(JSON.object(members))\n".utf8)
  }

  private static func object(_ figures: [String: Double]) -> JSON {
    .object(figures.sorted { $0.key < $1.key }.map { JSON.Member($0.key, JSON($0.value)) })
  }

  /// The time now, in UTC: `2027-01-31T12:00:00.250Z`.
  private static var time: String {
    Date.now.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
  }

  // MARK: Going on

  /// How many bytes of a log are kept where a training goes on at `start`: the whole lines up to there.
  static func length(of bytes: [UInt8], until start: TrainingStart, _ path: String) throws(DataError) -> Int {
    if bytes.isEmpty { return 0 }
    var kept = 0
    var isFirst = true
    while let end = bytes[kept...].firstIndex(of: UInt8(ascii: "\n")) {
      let line = try? JSON(parsing: Array(bytes[kept..<end]), file: path)
      let event = line?["event"]?.string
      if isFirst && event != "begin" { break }
      guard let line, let event, isKept(line, event, start) else { return kept }
      kept = end + 1
      isFirst = false
    }
    // Half of the first line, as a killed process leaves it, is one of ours too.
    if isFirst && !bytes.starts(with: "{\"event\":\"begin\"".utf8.prefix(bytes.count)) {
      throw DataError(
        .mismatch, file: path, "is no log of a training, and stays as it is",
        expected: "lines of JSON that begin with {\"event\":\"begin\"")
    }
    return kept
  }

  /// Whether a line tells of something up to `start`. The beginning there is told anew.
  private static func isKept(_ line: JSON, _ event: String, _ start: TrainingStart) -> Bool {
    guard let step = line["step"]?.int else { return false }
    let place: (Int, Int)
    let limit: (Int, Int)
    if let done = start.epoch {
      limit = (done, start.batch)
      switch (event, line["epoch"]?.int, line["epochs_done"]?.int, line["batch"]?.int) {
      case ("step", let epoch?, _, let batch?): place = (epoch - 1, batch)
      case ("epoch", let epoch?, _, _): place = (epoch, 0)
      case (_, _, let epoch?, let batch?): place = (epoch, batch)
      default: return false
      }
    } else {
      (place, limit) = ((step, 0), (start.step, 0))
    }
    return event == "begin" ? place < limit : place <= limit
  }
}

extension SettingValue {
  fileprivate var json: JSON {
    switch self {
    case .number(let value):
      Int(exactly: value).flatMap { abs($0) < 1 << 53 ? JSON.integer($0) : nil } ?? JSON(value)
    case .text(let value): .string(value)
    case .flag(let value): .bool(value)
    }
  }
}
