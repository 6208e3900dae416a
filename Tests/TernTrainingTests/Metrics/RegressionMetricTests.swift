import Tern
import TernTestSupport
import Testing

/// Metrics of numbers beside scikit-learn's.
@Suite struct RegressionMetricTests {
  @Test func errorsAreThoseOfScikitLearn() throws {
    for entry in try MetricFixture.section("regression") {
      let outputs = try entry.whole("outputs")
      let targets = try entry.numbers("targets")
      let rows = targets.count / outputs
      let shape = outputs == 1 ? [rows] : [rows, outputs]
      let y = Tensor<Double>(targets, shape: shape)
      let x = Tensor<Double>(try entry.numbers("predictions"), shape: shape)
      let middle = rows / 3
      let parts = [RegressionBatch(x[..<middle], y[..<middle]), RegressionBatch(x[middle...], y[middle...])]
      func expect<M: RegressionSumMetric>(_ key: String, _ metric: M) throws {
        let (value, each) = (try entry.numbers("expected", key), try entry.numbers("expected", "\(key)_each"))
        let whole = RegressionBatch(x, y)
        try expectMetric(metric, whole, parts, is: value, "\(entry.name): \(key)") { [$0.value] }
        try expectMetric(metric, whole, parts, is: each, "\(entry.name): \(key)") { $0.perOutput }
      }
      try expect("mae", MeanAbsoluteError(outputs: outputs))
      try expect("mse", MeanSquaredError(outputs: outputs))
      try expect("rmse", RootMeanSquaredError(outputs: outputs))
      try expect("r2", R2Score(outputs: outputs))
      try expect("explained_variance", ExplainedVariance(outputs: outputs))
    }
  }

  @Test func nothingIsNotANumber() {
    #expect(MeanAbsoluteError().value.isNaN)
    #expect(MeanSquaredError(outputs: 3).value.isNaN)
    #expect(RootMeanSquaredError().value.isNaN)
    #expect(R2Score().value.isNaN)
    #expect(ExplainedVariance().value.isNaN)
    var error = R2Score()
    error.update(Tensor<Float>([1, .nan, 2]), Tensor<Float>([1, 2, 2]))
    #expect(error.value.isNaN)
    var equal = ExplainedVariance()
    equal.update(Tensor<Float>([1, .nan]), Tensor<Float>([2, 2]))
    #expect(equal.value.isNaN)
  }

  @Test func masks() {
    let (x, y) = (Tensor<Float>([[1, 2], [3, 4], [5, 7]]), Tensor<Float>([[1, 1], [5, 4], [5, 5]]))
    var error = MeanAbsoluteError(outputs: 2)
    error.update(x, y, mask: Tensor<Bool>([true, false, true]))
    #expect(error.perOutput == [0, 1.5])
    var single = MeanAbsoluteError()
    single.update(x, y, mask: Tensor<Bool>([[true, false], [true, false], [false, true]]))
    #expect(abs(single.value - 4 / 3.0) < 1e-15)
    single.reset()
    single.update(x.transposed(), y.transposed())
    #expect(abs(single.value - 5 / 6.0) < 1e-15)
  }

  @Test func sumsKeepWhatRoundingLoses() {
    var error = MeanAbsoluteError()
    error.update(Tensor<Double>([1e16, 1, 1, 1, 1]), Tensor<Double>(zeros: [5]))
    #expect(error.sums.absoluteErrors == [1e16 + 4])
  }

  @Test func damagedStatesThrow() throws {
    var sums = MeanSquaredError()
    sums.update(Tensor<Float>([1, 2]), Tensor<Float>([2, 4]))
    let value = sums.value
    var recall = Recall(classes: 2)
    recall.update(classes: Tensor<Int>([0, 1, 1]), Tensor<Int>([0, 1, 0]))
    let counts = recall.counts
    func reason<M: Metric>(_ metric: inout M, _ state: [String: Tensor<Double>]) -> String {
      do {
        try metric.restore(state)
        return ""
      } catch { return error.description }
    }
    #expect(reason(&sums, [:]) == "metric state: \"count\" is missing")
    var state = sums.state
    state["count"] = Tensor<Double>([1.5])
    #expect(reason(&sums, state) == "metric state: \"count\" has 1.5, which is not a count")
    state["count"] = Tensor<Double>([1, 2])
    #expect(reason(&sums, state) == "metric state: \"count\" has 2 numbers, not 1")
    #expect(sums.value == value)
    var other = recall.state
    other["true_positives"] = Tensor<Double>([2, 2])
    #expect(reason(&recall, other) == "metric state: \"true_positives\" has more than were predicted or labels")
    other = recall.state
    other["predicted"] = Tensor<Double>([1, .nan])
    #expect(reason(&recall, other).contains("which is not a count"))
    other["predicted"] = Tensor<Double>([1, 3])
    #expect(reason(&recall, other) == "metric state: \"predicted\" has another sum than \"actual\"")
    #expect(recall.counts == counts)
    var accuracy = Accuracy()
    let impossible = ["correct": Tensor<Double>([3]), "count": Tensor<Double>([2])]
    #expect(reason(&accuracy, impossible) == "metric state: \"correct\" has 3 of 2")
    var area = AUROC()
    let labels = ["labels": Tensor<Double>([0, 2]), "scores": Tensor<Double>([0, 2])]
    #expect(reason(&area, labels) == "metric state: \"labels\" has 2.0, which is not a class of 0 ..< 2")
    var calibration = CalibrationError(bins: 1)
    var bins = calibration.state
    bins["correct"] = Tensor<Double>([1])
    #expect(reason(&calibration, bins) == "metric state: \"correct\" has more than \"counts\"")
  }

  @Test func mistakesStop() async {
    let label = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var recall = Recall(classes: 3)
      recall.update(Tensor<Float>(zeros: [2, 3]), Tensor<Int>([0, 3]))
    }
    let labelText = text(label?.standardErrorContent)
    #expect(labelText.contains("RegressionMetricTests.swift"), "\(labelText)")
    #expect(labelText.contains("Recall: label 3 at element 1 is no class: 0 ..< 3 are"), "\(labelText)")
    let shape = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var accuracy = Accuracy()
      accuracy.update(Tensor<Float>(zeros: [2, 3]), Tensor<Int>([0, 1, 2]))
    }
    let shapeText = text(shape?.standardErrorContent)
    #expect(shapeText.contains("ClassificationBatch: outputs [2, 3], labels [3]"))
    let logits = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var loss = LogLoss()
      loss.update(Tensor<Float>([[2, -3]]), Tensor<Int>([0]))
    }
    let logitsText = text(logits?.standardErrorContent)
    #expect(logitsText.contains("LogLoss: 2.0 is no probability; are these logits?"))
    let classes = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = AUROC(classes: .max)
    }
    let classesText = text(classes?.standardErrorContent)
    #expect(classesText.contains("AUROC: \(Int.max) classes, 2 to 65536 are possible"))
    let scores = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var area = AUROC()
      area.update(classes: Tensor<Int>([0, 1]), Tensor<Int>([0, 1]))
    }
    let scoresText = text(scores?.standardErrorContent)
    #expect(scoresText.contains("AUROC: needs scores, not classes"))
    let merged = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var precision = Precision(classes: 3)
      precision.merge(Precision(classes: 2))
    }
    let mergedText = text(merged?.standardErrorContent)
    #expect(mergedText.contains("Precision: 3 classes cannot be merged with 2"))
    let targets = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var error = R2Score(outputs: 2)
      error.update(Tensor<Float>([1, 2, 3]), Tensor<Float>([1, 2, 3]))
    }
    let targetsText = text(targets?.standardErrorContent)
    #expect(targetsText.contains("R2Score: the last axis has 3 elements, 2 outputs"))
    for (number, classes) in [0, -1, Int.max, Int.min].enumerated() {
      let confusion = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        [classes = classes as Int] in
        _ = ConfusionMatrix(classes: classes)
      }
      let confusionText = text(confusion?.standardErrorContent)
      #expect(confusionText.contains("ConfusionMatrix: \(classes) classes, 1 to"), "\(number)")
    }
    let bins = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = CalibrationError(bins: .max)
    }
    let binsText = text(bins?.standardErrorContent)
    #expect(binsText.contains("CalibrationError: \(Int.max) bins, 1 to 16777216 are possible"))
  }
}
