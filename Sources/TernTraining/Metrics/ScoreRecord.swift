import Foundation
import TernBackend
import TernTensor

/// What a classifier's outputs are.
public enum ClassOutputs: Sendable, Hashable {
  /// Fractions that add up to 1 over the classes.
  case probabilities
  /// Any numbers, of which the softmax, for a number of class 1 alone the sigmoid, is the probability.
  case logits
}

extension ClassificationBatch {
  /// Calls `body` with the probabilities of all classes, and the label, of the elements that count; stops for a
  /// probability outside 0…1 by more than rounding.
  func forEachProbabilities(
    _ classes: Int, from outputs: ClassOutputs, ignoring: Int?, _ metric: String,
    _ body: (_ probabilities: [Double], _ label: Int) -> Void
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    forEachRow(classes, ignoring: ignoring, metric) { row, label in
      switch outputs {
      case .probabilities:
        for p in row where p < -1e-6 || p > 1 + 1e-6 { fail(metric, "\(p) is no probability; are these logits?") }
        body(row.count == 1 ? [1 - row[0], row[0]] : Array(row), label)
      case .logits:
        let logits = row.count == 1 ? [0, row[0]] : Array(row)
        let logSum = logSumExp(logits)
        body(logits.map { exp($0 - logSum) }, label)
      }
    }
  }

  /// Calls `body` with −log p of the label of the elements that count; probabilities are kept off 0 and 1 by ε.
  func forEachLoss(
    _ classes: Int, from outputs: ClassOutputs, ignoring: Int?, _ metric: String, _ body: (Double) -> Void
  ) {
    switch outputs {
    case .probabilities:
      forEachProbabilities(classes, from: outputs, ignoring: ignoring, metric) { probabilities, label in
        let p = probabilities[label]
        body(p.isNaN ? p : -log(min(max(p, epsilon), 1 - epsilon)))
      }
    case .logits:
      forEachRow(classes, ignoring: ignoring, metric) { row, label in
        let logits = row.count == 1 ? [0, row[0]] : Array(row)
        body(logSumExp(logits) - logits[label])
      }
    }
  }

  /// How many classes the scores have; two where they are of class 1 alone.
  func scoredClasses(_ metric: String) -> Int {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    guard case .scores(let scores) = answers else { fail(metric, "needs scores, not classes") }
    return max(scores.shape[1], 2)
  }
}

/// log Σ exp xᵢ, without overflow.
private func logSumExp(_ x: [Double]) -> Double {
  let largest = x.reduce(-Double.infinity) { $0.isNaN || $1.isNaN ? .nan : max($0, $1) }
  if !largest.isFinite { return largest }
  return largest + log(x.reduce(0) { $0 + exp($1 - largest) })
}

/// The scores and labels of all elements, for metrics that rank them.
///
/// A score takes 4 bytes where all of them are exact in Float, 8 otherwise, a label 2. Of two classes the score of class 1
/// alone is kept; class 0 has its negative.
struct ScoreRecord: Sendable {
  let classes: Int
  let outputs: ClassOutputs
  let ignoredLabel: Int?
  private var single: [Float] = []
  private var double: [Double] = []
  private var isDouble = false
  private var labels: [UInt16] = []

  init(_ classes: Int, _ outputs: ClassOutputs, _ ignoredLabel: Int?, _ metric: String) {
    check(classes >= 2 && classes <= 1 << 16, metric, "\(classes) classes, 2 to 65536 are possible")
    self.classes = classes
    self.outputs = outputs
    self.ignoredLabel = ignoredLabel
  }

  /// How many elements counted.
  var count: Int { labels.count }
  private var width: Int { classes == 2 ? 1 : classes }

  private mutating func append(_ score: Double) {
    if !isDouble {
      let short = Float(score)
      if Double(short) == score || score.isNaN { return single.append(short) }
      isDouble = true
      double = single.map { Double($0) }
      single = []
    }
    double.append(score)
  }

  private func score(_ index: Int) -> Double { isDouble ? double[index] : Double(single[index]) }

  mutating func update(_ batch: ClassificationBatch, _ metric: String) {
    if outputs == .logits, classes > 2 {
      batch.forEachProbabilities(classes, from: .logits, ignoring: ignoredLabel, metric) { probabilities, label in
        for score in probabilities { append(score) }
        labels.append(UInt16(label))
      }
      return
    }
    batch.forEachRow(classes, ignoring: ignoredLabel, metric) { row, label in
      if classes > 2 {
        for score in row { append(score) }
      } else {
        // Of two logits the difference has the order of the probabilities, without their rounding.
        append(row.count == 1 ? row[0] : outputs == .logits ? row[1] - row[0] : row[1])
      }
      labels.append(UInt16(label))
    }
  }

  mutating func reset() {
    (single, double, isDouble, labels) = ([], [], false, [])
  }

  mutating func merge(_ other: ScoreRecord, _ metric: String) {
    checkSame(classes, other.classes, metric)
    for index in 0..<other.count * width { append(other.score(index)) }
    labels += other.labels
  }

  var state: [String: Tensor<Double>] {
    [
      "scores": Tensor((0..<count * width).map(score), shape: [count, width]),
      "labels": Tensor(labels.map { Double($0) }),
    ]
  }

  mutating func restore(_ state: [String: Tensor<Double>]) throws(MetricStateError) {
    let labels = try state.numbers("labels", "a class of 0 ..< \(classes)") {
      $0 >= 0 && $0 < Double(classes) && $0 == $0.rounded()
    }
    let scores = try state.numbers("scores", count: labels.count * width, "a number") { _ in true }
    reset()
    for score in scores { append(score) }
    self.labels = labels.map { UInt16($0) }
  }

  /// How often each class is the label.
  var support: [Double] {
    var counts = [Double](repeating: 0, count: classes)
    for label in labels { counts[Int(label)] += 1 }
    return counts
  }

  /// Scores of `index` against the others from the lowest up, and which are of it; of all classes together where `nil`.
  func ranking(_ index: Int?) -> [(score: Double, isPositive: Bool)] {
    var result: [(score: Double, isPositive: Bool)] = []
    result.reserveCapacity(index == nil ? count * classes : count)
    for own in index.map({ $0...$0 }) ?? 0...classes - 1 {
      for (place, label) in labels.enumerated() {
        let score: Double
        if classes > 2 {
          score = self.score(place * classes + own)
        } else {
          // By itself class 0 needs only the order; beside class 1 its probability.
          let other = self.score(place)
          score = own == 1 ? other : index == nil && outputs == .probabilities ? 1 - other : -other
        }
        result.append((score, label == own))
      }
    }
    // What is not a number makes the result so: no order is needed.
    return result.contains { $0.score.isNaN } ? result : result.sorted { $0.score < $1.score }
  }

  /// The average of a number of rankings.
  func average(
    _ average: ClassAverage, _ absent: AbsentValue, _ number: ([(score: Double, isPositive: Bool)]) -> Double
  ) -> Double {
    switch average {
    case .only(let index): number(ranking(index))
    case .micro: number(ranking(nil))
    case .macro, .weighted:
      average.mean((0..<classes).map { number(ranking($0)) }, weights: support, absent: absent)
    }
  }
}
