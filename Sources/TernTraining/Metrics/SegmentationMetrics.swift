import TernBackend
import TernTensor

/// TP / (TP + FP + FN): where a class is predicted and the label, over where it is either, 0 to 1; the Jaccard index.
///
/// scikit-learn's `jaccard_score` with `labels=range(classes)`; the mean IoU of segmentation is the macro average, where
/// classes that no image has are left out with `absent: .skip`. Outputs are [N, C, H, W] for labels [N, H, W].
public struct IntersectionOverUnion: ClassCountMetric {
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
    checkClasses(classes, "IntersectionOverUnion")
    checkAverage(average, classes, "IntersectionOverUnion")
    counts = ClassCounts(classes: classes, ignoredLabel: ignoredLabel)
    self.average = average
    self.absent = absent
  }

  /// The intersection over union of each class.
  public var perClass: [Double] {
    counts.actual.indices.map {
      ratio(Double(counts.truePositives[$0]), Double(counts.predicted[$0]), Double(counts.actual[$0]))
    }
  }

  /// The average.
  public var value: Double {
    if average == .micro {
      let (right, all) = (counts.truePositives.reduce(0, +), Double(counts.count))
      return ratio(Double(right), all, all)
    }
    return average.mean(perClass, weights: counts.actual.map { Double($0) }, absent: absent)
  }

  private func ratio(_ right: Double, _ predicted: Double, _ actual: Double) -> Double {
    absent.ratio(right, predicted + actual - right)
  }
}

/// 2 TP / (2 TP + FP + FN): the overlap of where a class is predicted and where it is the label, 0 to 1.
///
/// It is 2 IoU / (1 + IoU), and a class's F1. Outputs are [N, C, H, W] for labels [N, H, W].
public struct DiceCoefficient: ClassCountMetric {
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
    checkClasses(classes, "DiceCoefficient")
    checkAverage(average, classes, "DiceCoefficient")
    counts = ClassCounts(classes: classes, ignoredLabel: ignoredLabel)
    self.average = average
    self.absent = absent
  }

  /// The coefficient of each class.
  public var perClass: [Double] {
    counts.actual.indices.map {
      ratio(Double(counts.truePositives[$0]), Double(counts.predicted[$0]), Double(counts.actual[$0]))
    }
  }

  /// The average.
  public var value: Double {
    if average == .micro {
      let (right, all) = (counts.truePositives.reduce(0, +), Double(counts.count))
      return ratio(Double(right), all, all)
    }
    return average.mean(perClass, weights: counts.actual.map { Double($0) }, absent: absent)
  }

  private func ratio(_ right: Double, _ predicted: Double, _ actual: Double) -> Double {
    absent.ratio(2 * right, predicted + actual)
  }
}

/// The Jaccard index.
public typealias JaccardIndex = IntersectionOverUnion
