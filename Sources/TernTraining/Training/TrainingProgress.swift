import TernTensor

/// Where a training is, between two batches.
public struct TrainingProgress: Sendable, Codable, Equatable {
  /// Epochs that are done.
  public var epoch = 0
  /// Batches of the next epoch that are done.
  public var batch = 0
  /// The sum of the losses of that epoch's samples so far.
  public var lossSum = 0.0
  /// How many of them were classified rightly.
  public var correct = 0
  /// How many there were.
  public var seen = 0
  /// How long that epoch took so far, in seconds.
  public var seconds = 0.0
  /// The generator of the training's random numbers.
  public var generator = RandomGenerator.State(seed: 0)
  /// Where the learning rate's schedule is.
  public var schedule: [String: Double] = [:]

  /// A training that has not begun.
  public init() {}

  /// The mean loss of the epoch so far.
  public var loss: Double { seen > 0 ? lossSum / Double(seen) : 0 }
  /// The fraction classified rightly in the epoch so far.
  public var accuracy: Double { seen > 0 ? Double(correct) / Double(seen) : 0 }
}
