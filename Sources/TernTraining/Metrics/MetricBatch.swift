import TernBackend
import TernTensor

/// A batch of a classifier's answers and its labels, made once for any number of metrics.
public struct ClassificationBatch: Sendable {
  /// What the answers are.
  enum Answers: Sendable {
    /// Scores [n, C], or [n, 1] of class 1 alone.
    case scores(Tensor<Double>)
    /// Classes [n].
    case classes([Int])
  }

  let answers: Answers
  /// The labels [n].
  let labels: [Int]
  /// Which count; all where `nil`.
  let mask: [Bool]?
  /// From where on a score of class 1 alone stands for it.
  let threshold: Double
  /// The distance of the scores' own type from 1 to the next number.
  let epsilon: Double
  /// Who made it: named where a metric cannot count it.
  let (file, line): (StaticString, UInt)

  /// A batch of scores: logits or probabilities, as the metric says.
  ///
  /// - Parameters:
  ///   - outputs: [N, C, …] for labels [N, …], or of the labels' shape: the score of class 1 of two.
  ///   - labels: classes from 0; others stop, unless they are masked or a metric's ignored label.
  ///   - mask: of the labels' shape, true where an element counts; all where `nil`.
  ///   - classAxis: the outputs' axis of classes, −1 for the last, as of tokens [N, T, C].
  ///   - threshold: the class of a score without an axis of classes is 1 above it, 0 otherwise.
  public init<Scalar: FloatingScalar, Label: IntegerScalar>(
    _ outputs: Tensor<Scalar>, _ labels: Tensor<Label>, mask: Tensor<Bool>? = nil, classAxis: Int = 1,
    threshold: Double = 0.5, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let isBinary = outputs.shape == labels.shape
    var rows = outputs.shape
    let axis = classAxis < 0 && classAxis >= -rows.count ? classAxis + rows.count : classAxis
    let classes = isBinary ? 1 : rows.indices.contains(axis) ? rows.remove(at: axis) : 0
    check(
      isBinary || (rows == labels.shape && classes > 0), "ClassificationBatch",
      "outputs \(outputs.shape), labels \(labels.shape): without the axis \(classAxis) of classes, or as they are, the "
        + "outputs have the labels' shape")
    self.init(
      .scores(
        withoutGradients {
          let scores = outputs.detached().cast(to: Double.self)
          return (isBinary ? scores : scores.movingAxis(axis, to: -1)).reshaped([labels.count, classes])
        }), labels, mask, threshold, Double(Scalar.ulpOfOne), file, line)
  }

  /// A batch of classes that are already chosen: for metrics that need no scores.
  ///
  /// - Parameters:
  ///   - classes: The chosen classes.
  ///   - labels: The labels.
  ///   - mask: The samples that count; all where none is given.
  public init<Label: IntegerScalar>(
    classes: Tensor<Label>, _ labels: Tensor<Label>, mask: Tensor<Bool>? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      classes.shape == labels.shape, "ClassificationBatch", "classes \(classes.shape), labels \(labels.shape)")
    self.init(.classes(classes.scalars.map { Int($0) }), labels, mask, 0.5, Double.ulpOfOne, file, line)
  }

  private init<Label: IntegerScalar>(
    _ answers: Answers, _ labels: Tensor<Label>, _ mask: Tensor<Bool>?, _ threshold: Double, _ epsilon: Double,
    _ file: StaticString, _ line: UInt
  ) {
    if let mask {
      check(mask.shape == labels.shape, "ClassificationBatch", "mask \(mask.shape), labels \(labels.shape)")
    }
    self.answers = answers
    self.labels = labels.scalars.map { Int($0) }
    self.mask = mask?.scalars
    self.threshold = threshold
    self.epsilon = epsilon
    (self.file, self.line) = (file, line)
  }

  /// The class of every answer: the one with the largest score, the first of equals.
  var predictions: [Int] {
    switch answers {
    case .classes(let classes): return classes
    case .scores(let scores):
      if scores.shape[1] == 1 { return scores.scalars.map { $0 > threshold ? 1 : 0 } }
      return largestClasses(scores)
    }
  }

  /// Calls `body` with the places and labels that count; stops for a label that is no class.
  func forEach(_ classes: Int, ignoring: Int?, _ metric: String, _ body: (_ place: Int, _ label: Int) -> Void) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    for (place, label) in labels.enumerated() where label != ignoring && mask?[place] != false {
      check(
        label >= 0 && label < classes, metric,
        "label \(label) at element \(place) is no class: 0 ..< \(classes) are"
          + (label < 0 ? ", and one that does not count is given as ignoredLabel" : ""))
      body(place, label)
    }
  }

  /// Calls `body` with the rows of scores and labels that count; stops for a batch that has no scores, or others than
  /// those of `classes`, and where there are two, of one.
  func forEachRow(
    _ classes: Int, ignoring: Int?, _ metric: String, _ body: (_ row: UnsafeBufferPointer<Double>, _ label: Int) -> Void
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    guard case .scores(let scores) = answers else { fail(metric, "needs scores, not classes") }
    let width = scores.shape[1]
    check(
      width == classes || (classes == 2 && width == 1), metric, "scores of \(width) classes, \(classes) are wanted")
    scores.withUnsafeScalars { all in
      forEach(classes, ignoring: ignoring, metric) { place, label in
        body(UnsafeBufferPointer(rebasing: all[place * width..<(place + 1) * width]), label)
      }
    }
  }
}

/// A batch of predicted and true numbers, made once for any number of metrics.
public struct RegressionBatch: Sendable {
  /// The predictions that count, row by row.
  let predictions: [Double]
  /// What they ought to be.
  let targets: [Double]
  /// The extent of the last axis, 1 for a single number, 0 where the mask takes single elements out of rows.
  let width: Int
  /// Who made it: named where a metric cannot count it.
  let (file, line): (StaticString, UInt)

  /// A batch of numbers.
  ///
  /// - Parameters:
  ///   - predictions: of any shape.
  ///   - targets: of the same shape.
  ///   - mask: true where an element counts, all where `nil`: of the same shape, or without the last axis.
  public init<Scalar: FloatingScalar>(
    _ predictions: Tensor<Scalar>, _ targets: Tensor<Scalar>, mask: Tensor<Bool>? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      predictions.shape == targets.shape, "RegressionBatch",
      "predictions \(predictions.shape), targets \(targets.shape)")
    let last = predictions.shape.last ?? 1
    var (a, b) = (predictions.scalars.map { Double($0) }, targets.scalars.map { Double($0) })
    width = mask?.shape == predictions.shape && last != 1 ? 0 : last
    if let mask {
      let isWhole = mask.shape == predictions.shape
      check(
        isWhole || mask.shape == Array(predictions.shape.dropLast()), "RegressionBatch",
        "mask \(mask.shape), predictions \(predictions.shape)")
      let (kept, step) = (mask.scalars, isWhole ? 1 : last)
      a = a.enumerated().filter { kept[$0.offset / step] }.map(\.element)
      b = b.enumerated().filter { kept[$0.offset / step] }.map(\.element)
    }
    self.predictions = a
    self.targets = b
    (self.file, self.line) = (file, line)
  }
}

extension Metric where Batch == ClassificationBatch {
  /// Counts a batch of scores [N, C, …], or of class 1 of two in the labels' shape, with labels [N, …].
  ///
  /// - Parameters:
  ///   - outputs: logits or probabilities, as the metric says.
  ///   - labels: classes from 0.
  ///   - mask: of the labels' shape, true where an element counts; all where `nil`.
  ///   - classAxis: the outputs' axis of classes, −1 for the last, as of tokens [N, T, C].
  ///   - threshold: the class of a score without an axis of classes is 1 above it, 0 otherwise.
  public mutating func update<Scalar: FloatingScalar, Label: IntegerScalar>(
    _ outputs: Tensor<Scalar>, _ labels: Tensor<Label>, mask: Tensor<Bool>? = nil, classAxis: Int = 1,
    threshold: Double = 0.5, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    update(
      ClassificationBatch(
        outputs, labels, mask: mask, classAxis: classAxis, threshold: threshold, file: file, line: line))
  }

  /// Counts a batch of classes that are already chosen.
  public mutating func update<Label: IntegerScalar>(
    classes: Tensor<Label>, _ labels: Tensor<Label>, mask: Tensor<Bool>? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    update(ClassificationBatch(classes: classes, labels, mask: mask, file: file, line: line))
  }
}

extension Metric where Batch == RegressionBatch {
  /// Counts predictions and targets of one shape; those where `mask` is true, all where it is `nil`.
  public mutating func update<Scalar: FloatingScalar>(
    _ predictions: Tensor<Scalar>, _ targets: Tensor<Scalar>, mask: Tensor<Bool>? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    update(RegressionBatch(predictions, targets, mask: mask, file: file, line: line))
  }
}
