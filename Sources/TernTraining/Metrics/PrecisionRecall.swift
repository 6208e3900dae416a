import TernBackend
import TernTensor

/// TP / (TP + FP): of the elements that are said to be of a class, the fraction that is, 0 to 1.
///
/// scikit-learn's `precision_score` with `labels=range(classes)`. A class that was never predicted has none: `absent`.
public struct Precision: ClassRatioMetric {
  /// What was counted.
  public var counts: ClassCounts
  /// How the classes' numbers become one.
  public let average: ClassAverage
  /// What stands for 0/0.
  public let absent: AbsentValue

  /// Counts of nothing yet.
  ///
  /// - Parameters:
  ///   - classes: how many there are; all of them are in means.
  ///   - average: how the classes' numbers become one.
  ///   - absent: what stands for 0/0.
  ///   - ignoredLabel: the label of elements that do not count.
  public init(
    classes: Int, average: ClassAverage = .macro, absent: AbsentValue = .zero, ignoredLabel: Int? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    counts = ClassCounts(classes: classes, average: average, ignoredLabel: ignoredLabel, "Precision")
    self.average = average
    self.absent = absent
  }

  /// The precision of a class, or of the sums over all.
  public func ratio(truePositives right: Double, predicted: Double, actual: Double) -> Double {
    absent.ratio(right, predicted)
  }
}

/// TP / (TP + FN): of the elements of a class, the fraction that is found, 0 to 1.
///
/// scikit-learn's `recall_score` with `labels=range(classes)`; the macro average is `balanced_accuracy_score` where every
/// class is seen. A class that is never the label has none: `absent`.
public struct Recall: ClassRatioMetric {
  /// What was counted.
  public var counts: ClassCounts
  /// How the classes' numbers become one.
  public let average: ClassAverage
  /// What stands for 0/0.
  public let absent: AbsentValue

  /// Counts of nothing yet.
  ///
  /// - Parameters:
  ///   - classes: how many there are; all of them are in means.
  ///   - average: how the classes' numbers become one.
  ///   - absent: what stands for 0/0.
  ///   - ignoredLabel: the label of elements that do not count.
  public init(
    classes: Int, average: ClassAverage = .macro, absent: AbsentValue = .zero, ignoredLabel: Int? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    counts = ClassCounts(classes: classes, average: average, ignoredLabel: ignoredLabel, "Recall")
    self.average = average
    self.absent = absent
  }

  /// The recall of a class, or of the sums over all.
  public func ratio(truePositives right: Double, predicted: Double, actual: Double) -> Double {
    absent.ratio(right, actual)
  }
}

/// (1 + β²) TP / ((1 + β²) TP + β² FN + FP): the harmonic mean of precision and recall, of which recall counts β times as
/// much, 0 to 1.
///
/// scikit-learn's `fbeta_score`, for β = 1 `f1_score`, with `labels=range(classes)`. A class that is neither predicted nor
/// a label has none: `absent`.
public struct FBetaScore: ClassRatioMetric {
  /// What was counted.
  public var counts: ClassCounts
  /// How the classes' numbers become one.
  public let average: ClassAverage
  /// What stands for 0/0.
  public let absent: AbsentValue
  /// How much more recall counts than precision.
  public let beta: Double

  /// Counts of nothing yet.
  ///
  /// - Parameters:
  ///   - classes: how many there are; all of them are in means.
  ///   - beta: how much more recall counts than precision, at least 0.
  ///   - average: how the classes' numbers become one.
  ///   - absent: what stands for 0/0.
  ///   - ignoredLabel: the label of elements that do not count.
  public init(
    classes: Int, beta: Double = 1, average: ClassAverage = .macro, absent: AbsentValue = .zero,
    ignoredLabel: Int? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(beta >= 0 && beta * beta < .infinity, "FBetaScore", "β is \(beta), at least 0 is wanted")
    counts = ClassCounts(classes: classes, average: average, ignoredLabel: ignoredLabel, "FBetaScore")
    self.average = average
    self.absent = absent
    self.beta = beta
  }

  /// The score of a class, or of the sums over all.
  public func ratio(truePositives right: Double, predicted: Double, actual: Double) -> Double {
    let square = beta * beta
    return absent.ratio((1 + square) * right, square * actual + predicted)
  }
}

/// The harmonic mean of precision and recall.
public typealias F1Score = FBetaScore
