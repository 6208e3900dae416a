import TernBackend
import TernTensor

/// The area under the ROC curve, 0 to 1: how often an element of the class has a larger score than another, ties counting
/// half.
///
/// It is exact: no thresholds are chosen. Of two classes it is that of class 1, scikit-learn's `roc_auc_score`; of more, of
/// each class against the others (`multi_class="ovr"`). Where all labels are the class, or none is, it is 0/0: `absent`.
/// A score that is not a number makes it so.
///
/// All scores are kept until the value is asked for: 4 bytes each where they are exact in Float, 8 otherwise, and 2 a
/// label; of two classes one score is kept for an element, of C classes C.
public struct AUROC: Metric {
  private var record: ScoreRecord
  /// How the classes' numbers become one.
  public let average: ClassAverage
  /// What stands for a class that all elements are of, or none.
  public let absent: AbsentValue

  /// Records of nothing yet.
  ///
  /// - Parameters:
  ///   - classes: how many there are, 2 to 65,536.
  ///   - outputs: any scores that can be compared between elements count as probabilities; logits become some first.
  ///   - average: how the classes' numbers become one; where `nil`, of two classes it is that of class 1, of more the mean.
  ///   - absent: what stands for a class that all elements are of, or none.
  ///   - ignoredLabel: the label of elements that do not count.
  public init(
    classes: Int = 2, from outputs: ClassOutputs = .probabilities, average: ClassAverage? = nil,
    absent: AbsentValue = .nan, ignoredLabel: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    record = ScoreRecord(classes, outputs, ignoredLabel, "AUROC")
    self.average = average ?? (classes == 2 ? .only(1) : .macro)
    self.absent = absent
    checkAverage(self.average, classes, "AUROC")
  }

  /// How many elements counted.
  public var count: Int { record.count }
  /// The area of each class against the others.
  public var perClass: [Double] { (0..<record.classes).map { number(record.ranking($0)) } }
  /// The average.
  public var value: Double { record.average(average, absent, number) }

  /// Records a batch of scores.
  public mutating func update(_ batch: ClassificationBatch) { record.update(batch, "AUROC") }
  /// Forgets what was recorded.
  public mutating func reset() { record.reset() }
  /// Records what `other` has recorded.
  public mutating func merge(_ other: AUROC) { record.merge(other.record, "AUROC") }
  /// The scores and labels.
  public var state: [String: Tensor<Double>] { record.state }
  /// Takes a saved state in place of what was recorded.
  public mutating func restore(_ state: [String: Tensor<Double>]) throws(MetricStateError) { try record.restore(state) }

  private func number(_ ranking: [(score: Double, isPositive: Bool)]) -> Double {
    let positives = ranking.count { $0.isPositive }
    let negatives = ranking.count - positives
    if ranking.contains(where: { $0.score.isNaN }) { return .nan }
    if positives == 0 || negatives == 0 { return absent.number }
    var (halves, below, start) = (0.0, 0, 0)
    while start < ranking.count {
      var (end, right) = (start, 0)
      while end < ranking.count, ranking[end].score == ranking[start].score {
        right += ranking[end].isPositive ? 1 : 0
        end += 1
      }
      let wrong = end - start - right
      halves += Double(right) * Double(2 * below + wrong)
      below += wrong
      start = end
    }
    return halves / (2 * Double(positives) * Double(negatives))
  }
}

/// Σ (Rₙ − Rₙ₋₁) Pₙ over the thresholds from the highest down, with precision P and recall R: the area under the
/// precision-recall curve without interpolation, 0 to 1.
///
/// scikit-learn's `average_precision_score`; equal scores share a threshold. Of two classes it is that of class 1, of more
/// of each class against the others. Where no label is the class it is 0/0: `absent`. A score that is not a number makes
/// it so.
///
/// All scores are kept until the value is asked for: 4 bytes each where they are exact in Float, 8 otherwise, and 2 a
/// label; of two classes one score is kept for an element, of C classes C.
public struct AveragePrecision: Metric {
  private var record: ScoreRecord
  /// How the classes' numbers become one.
  public let average: ClassAverage
  /// What stands for a class that no element is of.
  public let absent: AbsentValue

  /// Records of nothing yet.
  ///
  /// - Parameters:
  ///   - classes: how many there are, 2 to 65,536.
  ///   - outputs: any scores that can be compared between elements count as probabilities; logits become some first.
  ///   - average: how the classes' numbers become one; where `nil`, of two classes it is that of class 1, of more the mean.
  ///   - absent: what stands for a class that no element is of.
  ///   - ignoredLabel: the label of elements that do not count.
  public init(
    classes: Int = 2, from outputs: ClassOutputs = .probabilities, average: ClassAverage? = nil,
    absent: AbsentValue = .zero, ignoredLabel: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    record = ScoreRecord(classes, outputs, ignoredLabel, "AveragePrecision")
    self.average = average ?? (classes == 2 ? .only(1) : .macro)
    self.absent = absent
    checkAverage(self.average, classes, "AveragePrecision")
  }

  /// How many elements counted.
  public var count: Int { record.count }
  /// The average precision of each class against the others.
  public var perClass: [Double] { (0..<record.classes).map { number(record.ranking($0)) } }
  /// The average.
  public var value: Double { record.average(average, absent, number) }

  /// Records a batch of scores.
  public mutating func update(_ batch: ClassificationBatch) { record.update(batch, "AveragePrecision") }
  /// Forgets what was recorded.
  public mutating func reset() { record.reset() }
  /// Records what `other` has recorded.
  public mutating func merge(_ other: AveragePrecision) { record.merge(other.record, "AveragePrecision") }
  /// The scores and labels.
  public var state: [String: Tensor<Double>] { record.state }
  /// Takes a saved state in place of what was recorded.
  public mutating func restore(_ state: [String: Tensor<Double>]) throws(MetricStateError) { try record.restore(state) }

  private func number(_ ranking: [(score: Double, isPositive: Bool)]) -> Double {
    let positives = ranking.count { $0.isPositive }
    if ranking.contains(where: { $0.score.isNaN }) { return .nan }
    if positives == 0 { return absent.number }
    var (area, right, end) = (CompensatedSum(), 0, ranking.count)
    while end > 0 {
      var (start, found) = (end, 0)
      while start > 0, ranking[start - 1].score == ranking[end - 1].score {
        start -= 1
        found += ranking[start].isPositive ? 1 : 0
      }
      right += found
      area.add(Double(found) / Double(positives) * (Double(right) / Double(ranking.count - start)))
      end = start
    }
    return area.value
  }
}
