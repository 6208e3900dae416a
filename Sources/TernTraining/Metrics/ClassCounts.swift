import TernBackend
import TernTensor

/// How often each class was predicted, was the label, and both.
///
/// Of these are precision, recall, F, intersection over union and the like: numbers of one class against the others.
public struct ClassCounts: Sendable, Hashable {
  /// For each class how often it was predicted rightly.
  public private(set) var truePositives: [Int]
  /// For each class how often it was predicted.
  public private(set) var predicted: [Int]
  /// For each class how often it was the label.
  public private(set) var actual: [Int]
  /// The label of elements that do not count.
  public let ignoredLabel: Int?

  /// Counts of so many classes, all 0.
  ///
  /// - Parameters:
  ///   - classes: The number of classes.
  ///   - ignoredLabel: A label whose samples are not counted.
  public init(classes: Int, ignoredLabel: Int? = nil, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    checkClasses(classes, "ClassCounts")
    truePositives = [Int](repeating: 0, count: classes)
    predicted = truePositives
    actual = truePositives
    self.ignoredLabel = ignoredLabel
  }

  /// Counts of a metric whose average has to be of a class that there is.
  init(classes: Int, average: ClassAverage, ignoredLabel: Int?, _ metric: String) {
    checkClasses(classes, metric)
    checkAverage(average, classes, metric)
    self.init(classes: classes, ignoredLabel: ignoredLabel)
  }

  /// How many elements counted.
  public var count: Int { actual.reduce(0, +) }
  /// For each class how often it was predicted wrongly.
  public var falsePositives: [Int] { zip(predicted, truePositives).map { $0 - $1 } }
  /// For each class how often it was the label and something else was predicted.
  public var falseNegatives: [Int] { zip(actual, truePositives).map { $0 - $1 } }

  mutating func update(_ batch: ClassificationBatch, _ metric: String) {
    let (answers, classes) = (batch.predictions, actual.count)
    batch.forEach(classes, ignoring: ignoredLabel, metric) { place, label in
      let answer = answers[place]
      checkPrediction(answer, classes, metric)
      predicted[answer] += 1
      actual[label] += 1
      if answer == label { truePositives[label] += 1 }
    }
  }

  mutating func reset() { self = ClassCounts(classes: actual.count, ignoredLabel: ignoredLabel) }

  mutating func merge(_ other: ClassCounts, _ metric: String) {
    checkSame(actual.count, other.actual.count, metric)
    for index in actual.indices {
      truePositives[index] += other.truePositives[index]
      predicted[index] += other.predicted[index]
      actual[index] += other.actual[index]
    }
  }

  var state: [String: Tensor<Double>] {
    ["true_positives": countTensor(truePositives), "predicted": countTensor(predicted), "actual": countTensor(actual)]
  }

  mutating func restore(_ state: [String: Tensor<Double>]) throws(MetricStateError) {
    let right = try state.counts("true_positives", count: actual.count)
    let predicted = try state.counts("predicted", count: actual.count)
    let actual = try state.counts("actual", count: actual.count)
    for index in actual.indices where right[index] > min(predicted[index], actual[index]) {
      throw MetricStateError(name: "true_positives", reason: "has more than were predicted or labels")
    }
    if actual.reduce(0.0, { $0 + Double($1) }) != predicted.reduce(0.0, { $0 + Double($1) }) {
      throw MetricStateError(name: "predicted", reason: "has another sum than \"actual\"")
    }
    (self.truePositives, self.predicted, self.actual) = (right, predicted, actual)
  }
}

/// A metric of ``ClassCounts``: one of your own needs a `value` and nothing else.
///
/// ```swift
/// struct Specificity: ClassCountMetric {
///   var counts = ClassCounts(classes: 2)
///   var value: Double {
///     let negatives = counts.count - counts.actual[1]
///     return 1 - Double(counts.falsePositives[1]) / Double(negatives)
///   }
/// }
/// ```
public protocol ClassCountMetric: Metric where Batch == ClassificationBatch {
  /// What was counted.
  var counts: ClassCounts { get set }
}

extension ClassCountMetric {
  /// Counts a batch.
  public mutating func update(_ batch: ClassificationBatch) { counts.update(batch, "\(Self.self)") }
  /// Forgets what was counted.
  public mutating func reset() { counts.reset() }
  /// Counts what `other` has counted.
  public mutating func merge(_ other: Self) { counts.merge(other.counts, "\(Self.self)") }
  /// For each class how often it was predicted rightly, predicted, and the label.
  public var state: [String: Tensor<Double>] { counts.state }
  /// Takes a saved state in place of what was counted.
  public mutating func restore(_ state: [String: Tensor<Double>]) throws(MetricStateError) { try counts.restore(state) }
}

/// A metric that is a ratio of counts of a class, and a mean of the classes' ratios.
public protocol ClassRatioMetric: ClassCountMetric where Value == Double {
  /// How the classes' numbers become one.
  var average: ClassAverage { get }
  /// What stands for 0/0.
  var absent: AbsentValue { get }
  /// The ratio of a class that was predicted rightly, predicted, and the label so many times; for the average `micro` of
  /// the sums over all classes.
  func ratio(truePositives: Double, predicted: Double, actual: Double) -> Double
}

extension ClassRatioMetric {
  /// The ratio of each class.
  public var perClass: [Double] {
    counts.actual.indices.map {
      ratio(
        truePositives: Double(counts.truePositives[$0]), predicted: Double(counts.predicted[$0]),
        actual: Double(counts.actual[$0]))
    }
  }

  /// The average.
  public var value: Double {
    if average == .micro {
      let (right, all) = (counts.truePositives.reduce(0, +), Double(counts.count))
      return ratio(truePositives: Double(right), predicted: all, actual: all)
    }
    return average.mean(perClass, weights: counts.actual.map { Double($0) }, absent: absent)
  }
}

/// Stops unless a metric can count so many classes.
func checkClasses(_ classes: Int, _ metric: String, most: Int = 1 << 28) {
  check(classes >= 1 && classes <= most, metric, "\(classes) classes, 1 to \(most) are possible")
}

func checkPrediction(_ answer: Int, _ classes: Int, _ metric: String) {
  check(answer >= 0 && answer < classes, metric, "prediction \(answer) is no class: 0 ..< \(classes) are")
}

/// Stops unless two metrics that are merged count the same classes.
func checkSame(_ mine: Int, _ others: Int, _ metric: String) {
  check(mine == others, metric, "\(mine) classes cannot be merged with \(others)")
}

/// Stops unless an average is of a class that there is.
func checkAverage(_ average: ClassAverage, _ classes: Int, _ metric: String) {
  if case .only(let index) = average {
    check(index >= 0 && index < classes, metric, "class \(index) is none of 0 ..< \(classes)")
  }
}
