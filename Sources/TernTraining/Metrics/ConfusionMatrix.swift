import TernBackend
import TernCharts
import TernTensor

/// How often each class was predicted for each label: [C, C], rows are labels, columns predictions.
///
/// scikit-learn's `confusion_matrix` with `labels=range(classes)`. It takes 8 C² bytes.
public struct ConfusionMatrix: Metric {
  /// How many classes there are.
  public let classes: Int
  /// The label of elements that do not count.
  public let ignoredLabel: Int?
  /// The counts, row by row.
  private(set) var cells: [Int]

  /// Counts of nothing yet; at most 16,384 classes.
  ///
  /// - Parameters:
  ///   - classes: The number of classes.
  ///   - ignoredLabel: A label whose samples are not counted.
  public init(classes: Int, ignoredLabel: Int? = nil, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    checkClasses(classes, "ConfusionMatrix", most: 1 << 14)
    self.classes = classes
    self.ignoredLabel = ignoredLabel
    cells = [Int](repeating: 0, count: classes * classes)
  }

  /// How the counts are divided.
  public enum Normalization: Sendable, Hashable {
    /// By how often the label was; the diagonal is the recall.
    case labels
    /// By how often the class was predicted; the diagonal is the precision.
    case predictions
    /// By how many elements there were.
    case all
  }

  /// The counts [C, C].
  public var value: Tensor<Int> { Tensor(cells, shape: [classes, classes]) }
  /// How many elements counted.
  public var count: Int { cells.reduce(0, +) }

  /// How often `prediction` was predicted where the label is `label`.
  public subscript(_ label: Int, _ prediction: Int) -> Int {
    check(
      label >= 0 && label < classes && prediction >= 0 && prediction < classes, "ConfusionMatrix",
      "[\(label), \(prediction)] is outside 0 ..< \(classes)")
    return cells[label * classes + prediction]
  }

  /// The counts as fractions [C, C]; 0 where there is nothing to divide by, as scikit-learn's `normalize`.
  public func normalized(by normalization: Normalization) -> Tensor<Double> {
    let (rows, columns, all) = (sums.actual, sums.predicted, count)
    return Tensor(
      cells.indices.map { index in
        let whole: Int
        switch normalization {
        case .labels: whole = rows[index / classes]
        case .predictions: whole = columns[index % classes]
        case .all: whole = all
        }
        return whole == 0 ? 0 : Double(cells[index]) / Double(whole)
      }, shape: [classes, classes])
  }

  /// How often each class was the label, and was predicted.
  var sums: (actual: [Int], predicted: [Int]) {
    var (actual, predicted) = ([Int](repeating: 0, count: classes), [Int](repeating: 0, count: classes))
    for (index, count) in cells.enumerated() {
      actual[index / classes] += count
      predicted[index % classes] += count
    }
    return (actual, predicted)
  }

  /// Counts a batch.
  public mutating func update(_ batch: ClassificationBatch) { update(batch, "ConfusionMatrix") }

  mutating func update(_ batch: ClassificationBatch, _ metric: String) {
    let answers = batch.predictions
    batch.forEach(classes, ignoring: ignoredLabel, metric) { place, label in
      checkPrediction(answers[place], classes, metric)
      cells[label * classes + answers[place]] += 1
    }
  }

  /// Forgets what was counted.
  public mutating func reset() { cells = [Int](repeating: 0, count: classes * classes) }

  /// Counts what `other` has counted.
  public mutating func merge(_ other: ConfusionMatrix) {
    checkSame(classes, other.classes, "ConfusionMatrix")
    for index in cells.indices { cells[index] += other.cells[index] }
  }

  /// The counts [C, C].
  public var state: [String: Tensor<Double>] {
    ["confusion": Tensor(cells.map { Double($0) }, shape: [classes, classes])]
  }

  /// Takes a saved state in place of what was counted.
  public mutating func restore(_ state: [String: Tensor<Double>]) throws(MetricStateError) {
    cells = try state.counts("confusion", count: classes * classes)
  }
}

extension ConfusionMatrix {
  /// A heat map: labels from the bottom up, predictions from left to right; colors are the fractions of each label.
  ///
  /// Stops for a single class, which has nothing to be mistaken for.
  public func chart(
    _ title: String = "Confusion matrix", normalizedBy normalization: Normalization? = .labels,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Chart {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(classes >= 2, "ConfusionMatrix", "a chart needs at least 2 classes")
    let values = normalization.map { normalized(by: $0).scalars } ?? cells.map { Double($0) }
    let range = 0...Double(classes - 1)
    return Chart(
      title, x: ChartAxis("predicted class", isWhole: true), y: ChartAxis("label", isWhole: true),
      .field(FieldSeries(x: range, y: range, columns: classes, values: values)))
  }

  /// A table of the counts, a row a label, a column a prediction.
  ///
  /// - Parameters:
  ///   - name: the name of the table's file.
  ///   - classNames: what the classes are called; their numbers where `nil`.
  ///   - caption: what it shows.
  public func table(
    _ name: String = "confusion", classNames: [String]? = nil,
    caption: String = "Counts: rows are labels, columns predictions.",
    file: StaticString = #fileID, line: UInt = #line
  ) -> ReportTable {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let names = classNames ?? (0..<classes).map { "\($0)" }
    check(names.count == classes, "ConfusionMatrix", "\(names.count) names for \(classes) classes")
    return ReportTable(
      name, caption: caption, columns: ["label"] + names,
      rows: names.enumerated().map { row, name in
        [.text(name)] + cells[row * classes..<(row + 1) * classes].map { .integer($0) }
      })
  }
}
