import TernTensor

/// Where a training is, between two steps.
public struct TrainingProgress: Sendable, Codable, Equatable {
  /// Epochs that are done.
  public var epoch = 0
  /// Batches of the next epoch that are done.
  public var batch = 0
  /// The sum of the losses of that epoch so far.
  public var lossSum = 0.0
  /// How many samples were classified rightly.
  public var correct = 0
  /// How many samples there were.
  public var seen = 0
  /// How long that epoch took so far, in seconds.
  public var seconds = 0.0
  /// The generator of the training's random numbers.
  public var generator = RandomGenerator.State(seed: 0)
  /// Where the learning rate's schedule is.
  public var schedule: [String: Double] = [:]
  /// What the losses were summed over, where that is not the samples.
  public var lossCount: Double?
  /// The other figures of that epoch so far; the accuracy is among them where it is not one of all samples.
  public var figures: [String: MeanTotal]?
  /// Whether steps of that epoch told an accuracy; `nil` in older files, whose steps all did.
  public var countsAccuracy: Bool?

  /// A training that has not begun.
  public init() {}

  /// The mean loss of the epoch so far.
  public var loss: Double { hasLoss ? lossSum / (lossCount ?? Double(seen)) : 0 }
  /// Whether there was anything with a loss.
  var hasLoss: Bool { lossCount ?? Double(seen) != 0 }
  /// The fraction classified rightly in the epoch so far.
  public var accuracy: Double { figures?["accuracy"]?.mean ?? (seen > 0 ? Double(correct) / Double(seen) : 0) }

  /// Adds a step that had so many samples.
  mutating func add(_ total: LossTotal, samples: Int) {
    let before = Double(seen)
    let counted = countsAccuracy ?? (seen > 0)
    countsAccuracy = counted || total.figures["accuracy"] != nil
    lossSum += total.loss.sum
    seen += samples
    if lossCount != nil || total.loss.count != Double(samples) { lossCount = (lossCount ?? before) + total.loss.count }
    var others = total.figures
    if figures?["accuracy"] == nil, let accuracy = others["accuracy"], accuracy.count == Double(samples),
      let right = Int(exactly: accuracy.sum), 0...samples ~= right
    {
      correct += right
      others["accuracy"] = nil
    } else if others["accuracy"] != nil, counted, figures?["accuracy"] == nil {
      figures = figures ?? [:]
      figures?["accuracy"] = MeanTotal(sum: Double(correct), count: before)
      correct = 0
    }
    for (name, figure) in others {
      figures = figures ?? [:]
      figures?[name, default: MeanTotal()].add(figure)
    }
  }
}

extension TrainingProgress {
  /// The beginning of the epoch after another.
  init(afterEpoch done: TrainingProgress, _ generator: RandomGenerator.State, _ schedule: [String: Double]) {
    epoch = done.epoch + 1
    self.generator = generator
    self.schedule = schedule
  }

  /// Forgets what was done of the epoch.
  mutating func beginEpochAgain() {
    (batch, lossSum, correct, seen, seconds, lossCount, figures) = (0, 0, 0, 0, 0, nil, nil)
    countsAccuracy = nil
  }
}

extension TrainingHistory.Epoch {
  /// The figures of an epoch that is done.
  init(_ progress: TrainingProgress, _ score: LossTotal?, hasAccuracy: Bool, learningRate: Double) {
    self.init(
      number: progress.epoch + 1, trainLoss: progress.hasLoss ? progress.loss : .nan,
      trainAccuracy: hasAccuracy ? progress.accuracy : nil,
      testLoss: score?.loss.mean, testAccuracy: score?.figures["accuracy"]?.mean, learningRate: learningRate,
      seconds: progress.seconds)
    func others(_ figures: [String: MeanTotal]) -> [String: Double] {
      figures.filter { $0.key != "accuracy" }.mapValues(\.mean)
    }
    trainFigures = others(progress.figures ?? [:])
    testFigures = others(score?.figures ?? [:])
  }
}
