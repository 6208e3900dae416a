import TernBackend
import TernTensor

/// How far predictions and labels agree beyond chance: Cohen's κ = 1 − Σ w O / Σ w E, −1 to 1.
///
/// O are the counts of the confusion matrix, E those that chance would give with the same sums, w how much a mistake
/// counts. scikit-learn's `cohen_kappa_score`. Without elements, or where one class is all labels and all predictions,
/// it is 0/0: `absent`.
public struct CohenKappa: Metric {
  /// How much a mistake counts.
  public enum Weighting: Sendable, Hashable {
    /// Every mistake counts the same.
    case none
    /// A mistake counts as the distance of the classes' numbers.
    case linear
    /// A mistake counts as the square of that distance.
    case quadratic
  }

  /// What was counted.
  public private(set) var confusion: ConfusionMatrix
  /// How much a mistake counts.
  public let weighting: Weighting
  /// What stands for 0/0.
  public let absent: AbsentValue

  /// Counts of nothing yet.
  ///
  /// - Parameters:
  ///   - classes: The number of classes.
  ///   - weighting: How much confusing two classes weighs.
  ///   - absent: The value where it is not defined.
  ///   - ignoredLabel: A label whose samples are not counted.
  public init(
    classes: Int, weighting: Weighting = .none, absent: AbsentValue = .nan, ignoredLabel: Int? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    checkClasses(classes, "CohenKappa", most: 1 << 14)
    confusion = ConfusionMatrix(classes: classes, ignoredLabel: ignoredLabel)
    self.weighting = weighting
    self.absent = absent
  }

  /// The agreement beyond chance.
  public var value: Double {
    let (actual, predicted) = confusion.sums
    let (classes, count) = (confusion.classes, Double(confusion.count))
    var (observed, expected) = (0.0, 0.0)
    for label in 0..<classes {
      for answer in 0..<classes where answer != label {
        let distance = Double(abs(label - answer))
        let weight: Double
        switch weighting {
        case .none: weight = 1
        case .linear: weight = distance
        case .quadratic: weight = distance * distance
        }
        observed += weight * Double(confusion.cells[label * classes + answer])
        expected += weight * Double(actual[label]) * Double(predicted[answer])
      }
    }
    return expected == 0 ? absent.number : 1 - observed * count / expected
  }

  /// Counts a batch.
  public mutating func update(_ batch: ClassificationBatch) { confusion.update(batch, "CohenKappa") }
  /// Forgets what was counted.
  public mutating func reset() { confusion.reset() }
  /// Counts what `other` has counted.
  public mutating func merge(_ other: CohenKappa) { confusion.merge(other.confusion) }
  /// The confusion matrix.
  public var state: [String: Tensor<Double>] { confusion.state }
  /// Takes a saved state in place of what was counted.
  public mutating func restore(_ state: [String: Tensor<Double>]) throws(MetricStateError) {
    try confusion.restore(state)
  }
}

/// The correlation of predictions and labels, −1 to 1: Matthews' for two classes, Gorodkin's R for more.
///
/// (n c − Σ pₖ tₖ) / √((n² − Σ pₖ²)(n² − Σ tₖ²)) with n elements, c right ones, and pₖ predictions and tₖ labels of class
/// k. scikit-learn's `matthews_corrcoef`: where labels or predictions are all of one class it is 0/0, `absent`.
public struct MatthewsCorrelation: ClassCountMetric {
  /// What was counted.
  public var counts: ClassCounts
  /// What stands for 0/0.
  public let absent: AbsentValue

  /// Counts of nothing yet.
  ///
  /// - Parameters:
  ///   - classes: The number of classes.
  ///   - absent: The value where it is not defined.
  ///   - ignoredLabel: A label whose samples are not counted.
  public init(
    classes: Int, absent: AbsentValue = .zero, ignoredLabel: Int? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    checkClasses(classes, "MatthewsCorrelation")
    counts = ClassCounts(classes: classes, ignoredLabel: ignoredLabel)
    self.absent = absent
  }

  /// The correlation.
  public var value: Double {
    let (n, right) = (Double(counts.count), Double(counts.truePositives.reduce(0, +)))
    var (both, predicted, actual) = (n * right, n * n, n * n)
    for (p, t) in zip(counts.predicted, counts.actual) {
      both -= Double(p) * Double(t)
      predicted -= Double(p) * Double(p)
      actual -= Double(t) * Double(t)
    }
    return absent.ratio(both, (predicted * actual).squareRoot())
  }
}
