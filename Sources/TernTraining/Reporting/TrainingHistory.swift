import TernBackend
import TernData

/// How a training went, epoch by epoch: what a learning curve is drawn from, and what a resumed run goes on with.
public struct TrainingHistory: Sendable, Equatable {
  /// The figures of one epoch.
  public struct Epoch: Sendable, Equatable {
    /// Its number, from 1.
    public var number: Int
    /// The mean loss over the training data.
    public var trainLoss: Double
    /// The fraction of the training data that was classified rightly, 0…1.
    public var trainAccuracy: Double?
    /// The mean loss over the test data.
    public var testLoss: Double?
    /// The fraction of the test data that was classified rightly, 0…1.
    public var testAccuracy: Double?
    /// The learning rate at the end of the epoch.
    public var learningRate: Double
    /// How long the epoch took, in seconds.
    public var seconds: Double
    /// Other means over the training data, by name.
    public var trainFigures: [String: Double] = [:]
    /// Other means over the test data, by name.
    public var testFigures: [String: Double] = [:]

    /// The figures of an epoch.
    ///
    /// - Parameters:
    ///   - number: The number of the epoch, counted from 1.
    ///   - trainLoss: The mean loss over the epoch.
    ///   - trainAccuracy: The accuracy over the epoch.
    ///   - testLoss: The loss on the test samples.
    ///   - testAccuracy: The accuracy on the test samples.
    ///   - learningRate: The learning rate.
    ///   - seconds: The time, in seconds.
    public init(
      number: Int, trainLoss: Double, trainAccuracy: Double? = nil, testLoss: Double? = nil,
      testAccuracy: Double? = nil, learningRate: Double, seconds: Double
    ) {
      self.number = number
      self.trainLoss = trainLoss
      self.trainAccuracy = trainAccuracy
      self.testLoss = testLoss
      self.testAccuracy = testAccuracy
      self.learningRate = learningRate
      self.seconds = seconds
    }
  }

  /// A step that was not finite and did not end the training.
  public struct Event: Sendable, Equatable {
    /// What became of a step.
    public enum Kind: String, Sendable, CaseIterable {
      /// It was not made.
      case skipped
      /// The training went back to where it was some steps before, and on with the next batches.
      case rewound
    }

    /// What became of the step.
    public var kind: Kind
    /// The number of its epoch, from 1.
    public var epoch: Int
    /// The number of the step, from 1.
    public var step: Int
    /// What was not finite.
    public var finding: String

    /// A step that was not finite.
    ///
    /// - Parameters:
    ///   - kind: What happened.
    ///   - epoch: The epoch.
    ///   - step: The step.
    ///   - finding: What was found, as one line.
    public init(kind: Kind, epoch: Int, step: Int, finding: String) {
      (self.kind, self.epoch, self.step, self.finding) = (kind, epoch, step, finding)
    }
  }

  /// The epochs in order.
  public var epochs: [Epoch]
  /// The steps that were not finite, in order.
  public var events: [Event] = []

  /// A history of `epochs`.
  ///
  /// - Parameter epochs: The epochs.
  public init(_ epochs: [Epoch] = []) { self.epochs = epochs }

  /// The history as JSON: `{"epochs": [{"epoch": 1, "train_loss": …}, …]}`, an epoch a line, and `events` where there are.
  ///
  /// Numbers are read back to the same bits; what is not finite is written as `"NaN"`, `"Infinity"`, `"-Infinity"`.
  public var json: String {
    var text = ""
    let lines = epochs.map { JSON.object($0.members) }
    var members = [JSON.Member("epochs", .array(lines))]
    if !events.isEmpty {
      let lines = events.map { event in
        JSON.object([
          JSON.Member("event", .string(event.kind.rawValue)), JSON.Member("epoch", .integer(event.epoch)),
          JSON.Member("step", .integer(event.step)), JSON.Member("finding", .string(event.finding)),
        ])
      }
      members.append(JSON.Member("events", .array(lines)))
    }
    JSON.object(members).write(to: &text, lines: 2)
    return text + "\n"
  }

  /// The history in `json`; `file` names it in errors.
  ///
  /// - Parameters:
  ///   - json: The text.
  ///   - file: The name of the file in errors.
  /// - Throws: `DataError` where the text is not JSON, a figure is missing or no number, or epochs are out of order.
  public init(json: String, file: String = "history") throws(DataError) {
    try self.init(bytes: Array(json.utf8), file: file)
  }

  /// Reads the history in the file at `path`.
  ///
  /// - Parameter path: The path of the file.
  /// - Throws: `DataError` where it cannot be read, or as `init(json:file:)` does.
  public init(contentsOf path: String, file: StaticString = #fileID, line: UInt = #line) throws(DataError) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    try self.init(bytes: FileIO.read(path), file: path)
  }

  private init(bytes: [UInt8], file: String) throws(DataError) {
    let value = try JSON(parsing: bytes, file: file)
    guard let lines = value["epochs"]?.array else {
      throw DataError(.malformed, file: file, "there is no list of epochs", expected: "{\"epochs\": […]}")
    }
    epochs = []
    for line in lines {
      func figure(_ key: String) throws(DataError) -> Double? {
        guard let value = line[key], value != .null else { return nil }
        guard let figure = value.double else {
          throw DataError(
            .malformed, file: file, "\(key) of epoch \(epochs.count + 1) is \(value.kind)", expected: "a number")
        }
        return figure
      }
      func required(_ key: String) throws(DataError) -> Double {
        if let figure = try figure(key) { return figure }
        throw DataError(.malformed, file: file, "epoch \(epochs.count + 1) has no \(key)", expected: "a number")
      }
      guard let number = line["epoch"]?.int, number > epochs.last?.number ?? 0 else {
        throw DataError(
          .malformed, file: file, "epoch \(epochs.count + 1) has the number \(line["epoch"] ?? .null)",
          expected: "more than \(epochs.last?.number ?? 0)")
      }
      try epochs.append(
        Epoch(
          number: number, trainLoss: required("train_loss"), trainAccuracy: figure("train_accuracy"),
          testLoss: figure("test_loss"), testAccuracy: figure("test_accuracy"),
          learningRate: required("learning_rate"), seconds: required("seconds")))
      let last = epochs.count - 1
      epochs[last].trainFigures = try Self.figures(line["train_figures"], last + 1, file)
      epochs[last].testFigures = try Self.figures(line["test_figures"], last + 1, file)
    }
    for (index, line) in (value["events"]?.array ?? []).enumerated() {
      guard let kind = line["event"]?.string.flatMap(Event.Kind.init), let epoch = line["epoch"]?.int, epoch > 0,
        let step = line["step"]?.int, step > 0, let finding = line["finding"]?.string
      else {
        throw DataError(
          .malformed, file: file, "event \(index + 1) is \(printable("\(line)", limit: 100))",
          expected: "event (skipped or rewound), epoch, step and finding")
      }
      events.append(Event(kind: kind, epoch: epoch, step: step, finding: finding))
    }
  }

  /// Figures by name.
  private static func figures(_ value: JSON?, _ epoch: Int, _ file: String) throws(DataError) -> [String: Double] {
    guard let value, value != .null else { return [:] }
    guard let members = value.members else {
      throw DataError(
        .malformed, file: file, "the figures of epoch \(epoch) are \(value.kind)", expected: "an object of numbers")
    }
    var result: [String: Double] = [:]
    for member in members {
      guard let figure = member.value.double else {
        throw DataError(
          .malformed, file: file, "\(printable(member.key, limit: 60)) of epoch \(epoch) is \(member.value.kind)",
          expected: "a number")
      }
      result[member.key] = figure
    }
    return result
  }

  /// Writes the history as JSON to the file at `path`, whole or not at all.
  ///
  /// - Throws: `DataError` where the file cannot be written.
  public func write(to path: String, file: StaticString = #fileID, line: UInt = #line) throws(DataError) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    try FileIO.write(json, to: path)
  }
}

extension TrainingHistory.Epoch {
  /// The epoch as members of an object.
  var members: [JSON.Member] {
    var members = [JSON.Member("epoch", .integer(number)), JSON.Member("train_loss", JSON(trainLoss))]
    for (key, value) in [
      ("train_accuracy", trainAccuracy), ("test_loss", testLoss), ("test_accuracy", testAccuracy),
    ] {
      if let value { members.append(JSON.Member(key, JSON(value))) }
    }
    members.append(JSON.Member("learning_rate", JSON(learningRate)))
    members.append(JSON.Member("seconds", JSON(seconds)))
    for (key, figures) in [("train_figures", trainFigures), ("test_figures", testFigures)] where !figures.isEmpty {
      let sorted = figures.sorted { $0.key < $1.key }
      members.append(JSON.Member(key, .object(sorted.map { JSON.Member($0.key, JSON($0.value)) })))
    }
    return members
  }
}
