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

    /// The figures of an epoch.
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

  /// The epochs in order.
  public var epochs: [Epoch]

  /// A history of `epochs`.
  public init(_ epochs: [Epoch] = []) { self.epochs = epochs }

  /// The history as JSON: `{"epochs": [{"epoch": 1, "train_loss": …}, …]}`, an epoch a line.
  ///
  /// Numbers are read back to the same bits; what is not finite is written as `"NaN"`, `"Infinity"`, `"-Infinity"`.
  public var json: String {
    var text = ""
    let lines = epochs.map { epoch in
      var members = [
        JSON.Member("epoch", .integer(epoch.number)), JSON.Member("train_loss", JSON(epoch.trainLoss)),
      ]
      for (key, value) in [
        ("train_accuracy", epoch.trainAccuracy), ("test_loss", epoch.testLoss), ("test_accuracy", epoch.testAccuracy),
      ] {
        if let value { members.append(JSON.Member(key, JSON(value))) }
      }
      members.append(JSON.Member("learning_rate", JSON(epoch.learningRate)))
      members.append(JSON.Member("seconds", JSON(epoch.seconds)))
      return JSON.object(members)
    }
    JSON.object([JSON.Member("epochs", .array(lines))]).write(to: &text, lines: 2)
    return text + "\n"
  }

  /// The history in `json`; `file` names it in errors.
  ///
  /// - Throws: `DataError` where the text is not JSON, a figure is missing or no number, or epochs are out of order.
  public init(json: String, file: String = "history") throws(DataError) {
    try self.init(bytes: Array(json.utf8), file: file)
  }

  /// Reads the history in the file at `path`.
  ///
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
    }
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
