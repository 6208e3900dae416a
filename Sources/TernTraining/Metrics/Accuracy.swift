import TernBackend
import TernTensor

/// The fraction of elements whose class is predicted rightly, 0 to 1; not a number of none.
///
/// scikit-learn's `accuracy_score`. The mean of the classes' own fractions is a macro ``Recall``.
public struct Accuracy: Metric {
  /// How many were right.
  public private(set) var correct = 0
  /// How many counted.
  public private(set) var count = 0
  /// The label of elements that do not count.
  public let ignoredLabel: Int?

  /// Counts of nothing yet.
  ///
  /// - Parameter ignoredLabel: A label whose samples are not counted.
  public init(ignoredLabel: Int? = nil) { self.ignoredLabel = ignoredLabel }

  /// The fraction of elements whose class is predicted rightly.
  public var value: Double { Double(correct) / Double(count) }

  /// Counts a batch.
  public mutating func update(_ batch: ClassificationBatch) {
    let answers = batch.predictions
    batch.forEach(.max, ignoring: ignoredLabel, "Accuracy") { place, label in
      count += 1
      if answers[place] == label { correct += 1 }
    }
  }

  /// Forgets what was counted.
  public mutating func reset() { self = Accuracy(ignoredLabel: ignoredLabel) }

  /// Counts what `other` has counted.
  public mutating func merge(_ other: Accuracy) {
    correct += other.correct
    count += other.count
  }

  /// How many were right, and how many counted.
  public var state: [String: Tensor<Double>] { fractionState(correct, count) }

  /// Takes a saved state in place of what was counted.
  public mutating func restore(_ state: [String: Tensor<Double>]) throws(MetricStateError) {
    (correct, count) = try fraction(state)
  }
}

/// The fraction of elements whose label is among the `k` largest scores, 0 to 1; not a number of none.
///
/// Of equal scores the class with the larger number counts as larger, as in scikit-learn's `top_k_accuracy_score`;
/// ``Accuracy`` takes the smaller number. A score that is not a number counts as the largest.
public struct TopKAccuracy: Metric {
  /// How many of the largest scores count.
  public let k: Int
  /// How many were right.
  public private(set) var correct = 0
  /// How many counted.
  public private(set) var count = 0
  /// The label of elements that do not count.
  public let ignoredLabel: Int?

  /// Counts of nothing yet.
  ///
  /// - Parameters:
  ///   - k: How many of the best scores count.
  ///   - ignoredLabel: A label whose samples are not counted.
  public init(k: Int = 5, ignoredLabel: Int? = nil, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(k >= 1, "TopKAccuracy", "k is \(k), at least 1 is wanted")
    self.k = k
    self.ignoredLabel = ignoredLabel
  }

  /// The fraction of elements whose label is among the `k` largest scores.
  public var value: Double { Double(correct) / Double(count) }

  /// Counts a batch of scores [N, C, …].
  public mutating func update(_ batch: ClassificationBatch) {
    batch.forEachRow(batch.scoredClasses("TopKAccuracy"), ignoring: ignoredLabel, "TopKAccuracy") { row, label in
      count += 1
      if row.count == 1 {
        // Of class 1 alone: for k from 2 on every class is among the largest.
        if k > 1 || (row[0] > batch.threshold) == (label == 1) { correct += 1 }
        return
      }
      let own = row[label]
      let ahead = row.indices.count { index in
        if own.isNaN { return row[index].isNaN && index > label }
        return row[index] > own || row[index].isNaN || (row[index] == own && index > label)
      }
      if ahead < k { correct += 1 }
    }
  }

  /// Forgets what was counted.
  public mutating func reset() { (correct, count) = (0, 0) }

  /// Counts what `other` has counted.
  public mutating func merge(_ other: TopKAccuracy) {
    check(k == other.k, "TopKAccuracy", "the \(k) largest cannot be merged with the \(other.k) largest")
    correct += other.correct
    count += other.count
  }

  /// How many were right, and how many counted.
  public var state: [String: Tensor<Double>] { fractionState(correct, count) }

  /// Takes a saved state in place of what was counted.
  public mutating func restore(_ state: [String: Tensor<Double>]) throws(MetricStateError) {
    (correct, count) = try fraction(state)
  }
}

private func fractionState(_ correct: Int, _ count: Int) -> [String: Tensor<Double>] {
  ["correct": countTensor([correct]), "count": countTensor([count])]
}

private func fraction(_ state: [String: Tensor<Double>]) throws(MetricStateError) -> (correct: Int, count: Int) {
  let (correct, count) = (try state.counts("correct", count: 1)[0], try state.counts("count", count: 1)[0])
  if correct > count { throw MetricStateError(name: "correct", reason: "has \(correct) of \(count)") }
  return (correct, count)
}
