import Foundation
import TernBackend
import TernTensor

/// The mean of −log p of the labels, at least 0; not a number of none.
///
/// scikit-learn's `log_loss`: probabilities are kept off 0 and 1 by the ε of their type. Logits need no such care.
public struct LogLoss: Metric {
  private var mean = MeanOfElements()
  /// How many elements counted.
  public var count: Int { mean.count }
  /// What the outputs are.
  public let outputs: ClassOutputs
  /// The label of elements that do not count.
  public let ignoredLabel: Int?

  /// Sums of nothing yet.
  ///
  /// - Parameters:
  ///   - outputs: what the outputs are.
  ///   - ignoredLabel: the label of elements that do not count.
  public init(from outputs: ClassOutputs = .probabilities, ignoredLabel: Int? = nil) {
    self.outputs = outputs
    self.ignoredLabel = ignoredLabel
  }

  /// The mean of −log p of the labels.
  public var value: Double { mean.value }

  /// Counts a batch of scores.
  public mutating func update(_ batch: ClassificationBatch) {
    let classes = batch.scoredClasses("LogLoss")
    batch.forEachLoss(classes, from: outputs, ignoring: ignoredLabel, "LogLoss") { mean.add($0) }
  }

  /// Forgets what was counted.
  public mutating func reset() { mean = MeanOfElements() }

  /// Counts what `other` has counted.
  public mutating func merge(_ other: LogLoss) { mean.merge(other.mean) }

  /// The sum, and how many elements counted.
  public var state: [String: Tensor<Double>] { mean.state }

  /// Takes a saved state in place of what was counted.
  public mutating func restore(_ state: [String: Tensor<Double>]) throws(MetricStateError) {
    mean = try MeanOfElements(state: state)
  }
}

/// exp of the mean of −log p of the labels, at least 1; not a number of none: among how many equally likely tokens a model
/// of language seems to choose.
///
/// ```swift
/// var perplexity = Perplexity(ignoredLabel: padding)
/// perplexity.update(logits, tokens, classAxis: -1)  // [N, T, C] and [N, T]
/// ```
public struct Perplexity: Metric {
  private var mean = MeanOfElements()
  /// How many elements counted.
  public var count: Int { mean.count }
  /// What the outputs are.
  public let outputs: ClassOutputs
  /// The label of elements that do not count.
  public let ignoredLabel: Int?

  /// Sums of nothing yet.
  ///
  /// - Parameters:
  ///   - outputs: what the outputs are.
  ///   - ignoredLabel: the label of elements that do not count.
  public init(from outputs: ClassOutputs = .logits, ignoredLabel: Int? = nil) {
    self.outputs = outputs
    self.ignoredLabel = ignoredLabel
  }

  /// exp of the mean of −log p of the labels.
  public var value: Double { exp(mean.value) }

  /// Counts a batch of scores.
  public mutating func update(_ batch: ClassificationBatch) {
    let classes = batch.scoredClasses("Perplexity")
    batch.forEachLoss(classes, from: outputs, ignoring: ignoredLabel, "Perplexity") { mean.add($0) }
  }

  /// Forgets what was counted.
  public mutating func reset() { mean = MeanOfElements() }

  /// Counts what `other` has counted.
  public mutating func merge(_ other: Perplexity) { mean.merge(other.mean) }

  /// The sum, and how many elements counted.
  public var state: [String: Tensor<Double>] { mean.state }

  /// Takes a saved state in place of what was counted.
  public mutating func restore(_ state: [String: Tensor<Double>]) throws(MetricStateError) {
    mean = try MeanOfElements(state: state)
  }
}

/// The mean squared distance of probabilities from what happened; not a number of none.
///
/// Of two classes (p − y)² with p of class 1, 0 to 1; of more Σ (pₖ − yₖ)² over the classes, 0 to 2. scikit-learn's
/// `brier_score_loss`.
public struct BrierScore: Metric {
  private var mean = MeanOfElements()
  /// How many elements counted.
  public var count: Int { mean.count }
  /// Whether half the sum over the classes counts; where `nil`, for two classes it does.
  public let isHalved: Bool?
  /// What the outputs are.
  public let outputs: ClassOutputs
  /// The label of elements that do not count.
  public let ignoredLabel: Int?

  /// Sums of nothing yet.
  ///
  /// - Parameters:
  ///   - outputs: what the outputs are.
  ///   - isHalved: whether half the sum over the classes counts; where `nil`, for two classes it does.
  ///   - ignoredLabel: the label of elements that do not count.
  public init(from outputs: ClassOutputs = .probabilities, isHalved: Bool? = nil, ignoredLabel: Int? = nil) {
    self.outputs = outputs
    self.isHalved = isHalved
    self.ignoredLabel = ignoredLabel
  }

  /// The mean squared distance.
  public var value: Double { mean.value }

  /// Counts a batch of scores.
  public mutating func update(_ batch: ClassificationBatch) {
    let classes = batch.scoredClasses("BrierScore")
    let factor = isHalved ?? (classes == 2) ? 0.5 : 1
    batch.forEachProbabilities(classes, from: outputs, ignoring: ignoredLabel, "BrierScore") { probabilities, label in
      var squares = 0.0
      for (index, p) in probabilities.enumerated() {
        let distance = index == label ? p - 1 : p
        squares += distance * distance
      }
      mean.add(factor * squares)
    }
  }

  /// Forgets what was counted.
  public mutating func reset() { mean = MeanOfElements() }

  /// Counts what `other` has counted.
  public mutating func merge(_ other: BrierScore) { mean.merge(other.mean) }

  /// The sum, and how many elements counted.
  public var state: [String: Tensor<Double>] { mean.state }

  /// Takes a saved state in place of what was counted.
  public mutating func restore(_ state: [String: Tensor<Double>]) throws(MetricStateError) {
    mean = try MeanOfElements(state: state)
  }
}

/// A sum over elements and how many there were.
private struct MeanOfElements: Sendable {
  private var sum = CompensatedSum()
  private(set) var count = 0

  init() {}

  init(state: [String: Tensor<Double>]) throws(MetricStateError) {
    let parts = try state.numbers("sum", count: 2, "a number") { _ in true }
    count = try state.counts("count", count: 1)[0]
    sum = CompensatedSum(sum: parts[0], lost: parts[1])
  }

  /// Not a number of none.
  var value: Double { sum.value / Double(count) }
  var state: [String: Tensor<Double>] { ["sum": Tensor(sum.parts), "count": countTensor([count])] }

  mutating func add(_ x: Double) {
    sum.add(x)
    count += 1
  }

  mutating func merge(_ other: MeanOfElements) {
    sum.add(other.sum)
    count += other.count
  }
}
