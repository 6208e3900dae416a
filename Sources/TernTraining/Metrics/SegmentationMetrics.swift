import TernBackend
import TernTensor

/// TP / (TP + FP + FN): where a class is predicted and the label, over where it is either, 0 to 1; the Jaccard index.
///
/// scikit-learn's `jaccard_score` with `labels=range(classes)`; the mean IoU of segmentation is the macro average, where
/// classes that no image has are left out with `absent: .skip`. Outputs are [N, C, H, W] for labels [N, H, W].
public struct IntersectionOverUnion: ClassRatioMetric {
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
    counts = ClassCounts(classes: classes, average: average, ignoredLabel: ignoredLabel, "IntersectionOverUnion")
    self.average = average
    self.absent = absent
  }

  /// The intersection over union of a class, or of the sums over all.
  public func ratio(truePositives right: Double, predicted: Double, actual: Double) -> Double {
    absent.ratio(right, predicted + actual - right)
  }
}

/// 2 TP / (2 TP + FP + FN): the overlap of where a class is predicted and where it is the label, 0 to 1.
///
/// It is 2 IoU / (1 + IoU), and a class's F1. Outputs are [N, C, H, W] for labels [N, H, W].
public struct DiceCoefficient: ClassRatioMetric {
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
    counts = ClassCounts(classes: classes, average: average, ignoredLabel: ignoredLabel, "DiceCoefficient")
    self.average = average
    self.absent = absent
  }

  /// The coefficient of a class, or of the sums over all.
  public func ratio(truePositives right: Double, predicted: Double, actual: Double) -> Double {
    absent.ratio(2 * right, predicted + actual)
  }
}

/// The Jaccard index.
public typealias JaccardIndex = IntersectionOverUnion
