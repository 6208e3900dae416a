import TernNN

/// What is told of a training while it runs: a log, event files, a view.
///
/// ```swift
/// trainer.sinks = [JSONLog("log.jsonl"), MyDashboard()]
/// ```
///
/// Everything is told on the thread that trains, and changes no bit of what is trained. A sink of one's own has the
/// functions that it needs; the others do nothing.
public protocol TrainingSink: AnyObject {
  /// A training begins, or goes on: what was told before of later steps than its position is void.
  ///
  /// - Throws: where nothing can be kept; the training does not begin.
  func begin(_ start: TrainingStart) throws

  /// A step was made.
  func record(_ step: StepRecord)

  /// An epoch is done, and scored, after so many steps from the beginning of the training.
  func record(_ epoch: TrainingHistory.Epoch, afterSteps steps: Int)

  /// Asked between two steps: a sink holds the training up as long as it does not return. True where it did.
  func holdsUp() -> Bool

  /// Asked after every step: true stops the training there, as the trainer's `shouldStop` does.
  var asksToStop: Bool { get }

  /// Asked after every step: true where ``holdsUp()`` is to take a checkpoint, in which all ranks take part where they share out
  /// an optimizer's moments. They do so after the step that agrees on it.
  var asksForCheckpoint: Bool { get }

  /// The training ends, or breaks off, after so many steps from its beginning.
  func end(_ end: TrainingEnd)
}

extension TrainingSink {
  /// Does nothing.
  public func begin(_ start: TrainingStart) throws {}
  /// Does nothing.
  public func record(_ step: StepRecord) {}
  /// Does nothing.
  public func record(_ epoch: TrainingHistory.Epoch, afterSteps steps: Int) {}
  /// Does nothing.
  public func holdsUp() -> Bool { false }
  /// Never.
  public var asksToStop: Bool { false }
  /// Never.
  public var asksForCheckpoint: Bool { false }
  /// Does nothing.
  public func end(_ end: TrainingEnd) {}
}

/// Where a training begins or goes on, and how long it is.
public struct TrainingStart {
  /// The steps that are done.
  public var step: Int
  /// The epochs that are done; `nil` where it has none.
  public var epoch: Int?
  /// The batches of the next epoch that are done.
  public var batch = 0
  /// How many epochs it is to have.
  public var epochs: Int?
  /// How many steps an epoch has.
  public var stepsPerEpoch: Int?
  /// How many batches an epoch has.
  public var batchesPerEpoch: Int?
  /// The epochs that are done already.
  public var history = TrainingHistory()
  /// What is trained.
  public var model: (any Module)?

  /// A training that has made so many steps.
  ///
  /// - Parameters:
  ///   - step: the steps that are done.
  ///   - model: what is trained.
  public init(step: Int = 0, model: (any Module)? = nil) {
    (self.step, self.model) = (step, model)
  }
}

/// A step of a training that was made.
public struct StepRecord: Sendable {
  /// Its number, from 1.
  public var step: Int
  /// The number of its epoch, from 1.
  public var epoch: Int?
  /// How many batches of the epoch are done.
  public var batch: Int?
  /// The mean loss that it was made for.
  public var loss: Double
  /// The other figures, such as the accuracy of its samples.
  public var metrics: [String: Double] = [:]
  /// The rate of every group of parameters.
  public var learningRates: [Double] = []
  /// How many samples it had.
  public var samples: Int?
  /// How long it took, with its data, in seconds.
  public var seconds: Double?

  /// A step of this loss.
  ///
  /// - Parameters:
  ///   - step: its number, from 1.
  ///   - loss: the mean loss.
  ///   - metrics: the other figures.
  ///   - learningRates: the rates.
  public init(_ step: Int, loss: Double, metrics: [String: Double] = [:], learningRates: [Double] = []) {
    (self.step, self.loss, self.metrics, self.learningRates) = (step, loss, metrics, learningRates)
  }

  /// How many samples a second; `nil` where that is not known.
  public var samplesPerSecond: Double? {
    guard let samples, let seconds, seconds > 0 else { return nil }
    return Double(samples) / seconds
  }
}

/// How a training ended.
public struct TrainingEnd: Sendable, Equatable {
  /// The steps that are done.
  public var step: Int
  /// The epochs that are done.
  public var epoch: Int?
  /// The batches of the next epoch that are done.
  public var batch = 0
  /// `finished`, `asked`, `early stopping`, `limit`, or what was thrown.
  public var reason: String

  /// An end after so many steps.
  ///
  /// - Parameters:
  ///   - step: the steps that are done.
  ///   - reason: why.
  public init(step: Int, reason: String = "finished") { (self.step, self.reason) = (step, reason) }
}

/// A setting of a training, for logs.
public enum SettingValue: Sendable, Equatable {
  /// A number.
  case number(Double)
  /// Words.
  case text(String)
  /// Yes or no.
  case flag(Bool)
}

extension SettingValue: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral,
  ExpressibleByBooleanLiteral
{
  /// A number.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// A number.
  public init(integerLiteral value: Int) { self = .number(Double(value)) }
  /// Words.
  public init(stringLiteral value: String) { self = .text(value) }
  /// Yes or no.
  public init(booleanLiteral value: Bool) { self = .flag(value) }
}
