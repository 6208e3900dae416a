import Tern
import TernTestSupport
import Testing

/// Metrics of classes beside scikit-learn's.
@Suite struct ClassificationMetricTests {
  private let absents: [(String, AbsentValue)] = [("zero", .zero), ("one", .one), ("skip", .skip)]
  private let averages: [(String, ClassAverage)] = [("macro", .macro), ("micro", .micro), ("weighted", .weighted)]

  /// A batch as a whole and in two parts.
  private func batches(
    _ entry: MetricFixture, _ scores: String
  ) throws -> (whole: ClassificationBatch, parts: [ClassificationBatch]) {
    let (labels, classes) = (try entry.labels(), try entry.whole("classes"))
    let rows = Tensor<Double>(try entry.numbers(scores), shape: [labels.count, classes])
    let middle = labels.count / 3
    return (
      ClassificationBatch(rows, labels),
      [
        ClassificationBatch(rows[..<middle], labels[..<middle]),
        ClassificationBatch(rows[middle...], labels[middle...]),
      ]
    )
  }

  @Test func countsAreThoseOfScikitLearn() throws {
    for entry in try MetricFixture.section("classification") {
      let (whole, parts) = try batches(entry, "logits")
      let classes = try entry.whole("classes")
      func expect<M: Metric>(_ metric: M, _ path: [Double], _ key: String, _ number: (M) -> [Double]) throws
      where M.Batch == ClassificationBatch {
        try expectMetric(metric, whole, parts, is: path, "\(entry.name): \(key)", number)
      }
      try expect(Accuracy(), entry.numbers("expected", "accuracy"), "accuracy") { [$0.value] }
      for k in 2...classes {
        try expect(TopKAccuracy(k: k), entry.numbers("expected", "top_k", "\(k)"), "top \(k)") { [$0.value] }
      }
      try expect(ConfusionMatrix(classes: classes), entry.numbers("expected", "confusion"), "confusion") {
        $0.value.scalars.map { Double($0) }
      }
      try expect(MatthewsCorrelation(classes: classes), entry.numbers("expected", "matthews"), "matthews") {
        [$0.value]
      }
      let weightings: [(String, CohenKappa.Weighting)] = [
        ("none", .none), ("linear", .linear), ("quadratic", .quadratic),
      ]
      for (key, weighting) in weightings {
        let kappa = CohenKappa(classes: classes, weighting: weighting)
        try expect(kappa, entry.numbers("expected", "kappa", key), "kappa \(key)") { [$0.value] }
      }
      for (word, absent) in absents {
        func expectClasses<M: ClassCountMetric>(
          _ key: String, _ make: (ClassAverage) -> M, _ perClass: (M) -> [Double]
        ) throws where M.Value == Double {
          let key = "\(key)/\(word)"
          try expect(make(.macro), entry.numbers("expected", key, "per_class"), key, perClass)
          for index in 0..<classes {
            let one = try entry.numbers("expected", key, "per_class")[index]
            try expect(make(.only(index)), [one], "\(key) of \(index)") { [$0.value] }
          }
          for (name, average) in averages {
            try expect(make(average), entry.numbers("expected", key, name), "\(key) \(name)") { [$0.value] }
          }
        }
        try expectClasses("precision", { Precision(classes: classes, average: $0, absent: absent) }, \.perClass)
        try expectClasses("recall", { Recall(classes: classes, average: $0, absent: absent) }, \.perClass)
        try expectClasses("f_1", { F1Score(classes: classes, average: $0, absent: absent) }, \.perClass)
        try expectClasses("f_1", { DiceCoefficient(classes: classes, average: $0, absent: absent) }, \.perClass)
        for beta in [0.5, 2] {
          let key = beta == 2 ? "f_2" : "f_0.5"
          try expectClasses(
            key, { FBetaScore(classes: classes, beta: beta, average: $0, absent: absent) }, \.perClass)
        }
        if word == "skip" { continue }
        try expectClasses("jaccard", { JaccardIndex(classes: classes, average: $0, absent: absent) }, \.perClass)
      }
    }
  }

  @Test func scoresAreThoseOfScikitLearn() throws {
    for entry in try MetricFixture.section("classification") {
      let classes = try entry.whole("classes")
      for outputs in [ClassOutputs.probabilities, .logits] {
        let isLogits = outputs == .logits
        let (whole, parts) = try batches(entry, isLogits ? "logits" : "probabilities")
        func expect<M: Metric>(_ metric: M, _ path: [Double], _ key: String) throws
        where M.Batch == ClassificationBatch, M.Value == Double {
          try expectMetric(metric, whole, parts, is: path, "\(entry.name): \(key) of \(outputs)") { [$0.value] }
        }
        let loss = try entry.numbers("expected", isLogits ? "log_loss_logits" : "log_loss")
        try expect(LogLoss(from: outputs), loss, "log loss")
        if isLogits { try expect(Perplexity(), entry.numbers("expected", "perplexity"), "perplexity") }
        try expect(BrierScore(from: outputs), entry.numbers("expected", "brier"), "brier")
        // The softmax of equal logits in another order need not have equal bits.
        if isLogits, entry.name == "ties" { continue }
        let norms: [(String, CalibrationError.Norm)] = [
          ("mean", .mean), ("rootMeanSquare", .rootMeanSquare), ("maximum", .maximum),
        ]
        for bins in [1, 10, 15] {
          for (key, norm) in norms {
            try expect(
              CalibrationError(bins: bins, norm: norm, from: outputs),
              entry.numbers("expected", "calibration", "\(bins)", key), "calibration \(bins) \(key)")
          }
        }
        let cases: [(String, ClassAverage, AbsentValue?)] = [
          ("macro", .macro, nil), ("macro_skip", .macro, .skip), ("weighted_skip", .weighted, .skip),
          ("micro", .micro, nil),
        ]
        for (key, average, absent) in cases {
          let area = AUROC(classes: classes, from: outputs, average: average, absent: absent ?? .nan)
          try expect(area, entry.numbers("expected", "auroc", key), "AUROC \(key)")
          // Of a class without elements scikit-learn's average precision is 0, and in the mean.
          let precision = AveragePrecision(classes: classes, from: outputs, average: average)
          try expect(precision, entry.numbers("expected", "average_precision", key), "average precision \(key)")
        }
        try expectMetric(
          AUROC(classes: classes, from: outputs), whole, parts, is: entry.numbers("expected", "auroc", "per_class"),
          "\(entry.name): AUROC"
        ) { $0.perClass }
        try expectMetric(
          AveragePrecision(classes: classes, from: outputs), whole, parts,
          is: entry.numbers("expected", "average_precision", "per_class"), "\(entry.name): average precision"
        ) { $0.perClass }
      }
    }
  }

  @Test func scoresOfOneClassOfTwo() throws {
    for entry in try MetricFixture.section("binary") {
      let (labels, scores) = (try entry.labels(), Tensor<Double>(try entry.numbers("scores")))
      let middle = labels.count / 2
      let whole = ClassificationBatch(scores, labels)
      let parts = [
        ClassificationBatch(scores[..<middle], labels[..<middle]),
        ClassificationBatch(scores[middle...], labels[middle...]),
      ]
      func expect<M: Metric>(_ key: String, _ metric: M) throws
      where M.Batch == ClassificationBatch, M.Value == Double {
        let expected = try entry.numbers("expected", key)
        try expectMetric(metric, whole, parts, is: expected, "\(entry.name): \(key)") { [$0.value] }
      }
      try expect("auroc", AUROC())
      try expect("average_precision", AveragePrecision())
      try expect("accuracy", Accuracy())
      try expect("accuracy", TopKAccuracy(k: 1))
      try expect("precision", Precision(classes: 2, average: .only(1)))
      try expect("f_1", F1Score(classes: 2, average: .only(1)))
      try expect("brier", BrierScore())
      try expect("log_loss", LogLoss())
    }
  }

  @Test func nothingHasStatedValues() {
    let none = ClassificationBatch(Tensor<Float>(zeros: [0, 3]), Tensor<Int>(zeros: [0]))
    func value<M: Metric>(_ metric: M) -> Double where M.Batch == ClassificationBatch, M.Value == Double {
      var metric = metric
      metric.update(none)
      return metric.value
    }
    #expect(value(Accuracy()).isNaN)
    #expect(value(TopKAccuracy(k: 2)).isNaN)
    #expect(value(LogLoss()).isNaN)
    #expect(value(BrierScore()).isNaN)
    #expect(value(Perplexity()).isNaN)
    #expect(value(CalibrationError()).isNaN)
    #expect(value(AUROC(classes: 3)).isNaN)
    #expect(value(AveragePrecision(classes: 3)) == 0)
    #expect(value(AveragePrecision(classes: 3, absent: .skip)).isNaN)
    #expect(value(CohenKappa(classes: 3)).isNaN)
    #expect(value(CohenKappa(classes: 3, absent: .one)) == 1)
    #expect(value(MatthewsCorrelation(classes: 3)) == 0)
    for average in [ClassAverage.macro, .micro, .weighted, .only(2)] {
      #expect(value(Precision(classes: 3, average: average)) == 0)
      #expect(value(Recall(classes: 3, average: average, absent: .one)) == 1)
      #expect(value(F1Score(classes: 3, average: average, absent: .nan)).isNaN)
      #expect(value(JaccardIndex(classes: 3, average: average, absent: .skip)).isNaN)
    }
  }

  @Test func absentClassesInMeans() {
    func recall(_ absent: AbsentValue) -> Double {
      var recall = Recall(classes: 3, absent: absent)
      recall.update(classes: Tensor<Int>([0, 1, 1, 1]), Tensor<Int>([0, 0, 1, 1]))
      return recall.value
    }
    #expect(recall(.zero) == 0.5)
    #expect(abs(recall(.one) - 2.5 / 3) < 1e-15)
    #expect(recall(.nan).isNaN)
    #expect(recall(.skip) == 0.75)
  }

  @Test func masksAndIgnoredLabels() {
    // [N, C, H, W] beside the same elements in rows, without those that do not count.
    let scores = Tensor<Float>(randomNormal: [2, 3, 4, 5])
    var labels = Tensor<Int>(randomIntegers: [2, 4, 5], in: 0..<3)
    labels[0, 1, 2] = 255
    labels[1, 3, 4] = 255
    let mask = Tensor<Float>(randomUniform: [2, 4, 5]) .> 0.3
    let rows = scores.movingAxis(1, to: -1).reshaped([40, 3])
    let kept = zip(labels.scalars, mask.scalars).enumerated().filter { $0.element.0 != 255 && $0.element.1 }
    let places = Tensor<Int>(kept.map(\.offset))
    let (keptRows, keptLabels) = (rows[places], labels.flattened()[places])
    func expectSame<M: Metric>(_ metric: M, _ plain: M) where M.Batch == ClassificationBatch, M.Value == Double {
      var (images, last, expected) = (metric, metric, plain)
      images.update(scores, labels, mask: mask)
      last.update(scores.movingAxis(1, to: -1), labels, mask: mask, classAxis: -1)
      expected.update(keptRows, keptLabels)
      #expect(images.value == expected.value && last.value == expected.value, "\(M.self)")
    }
    expectSame(Accuracy(ignoredLabel: 255), Accuracy())
    expectSame(TopKAccuracy(k: 2, ignoredLabel: 255), TopKAccuracy(k: 2))
    expectSame(JaccardIndex(classes: 3, ignoredLabel: 255), JaccardIndex(classes: 3))
    expectSame(DiceCoefficient(classes: 3, ignoredLabel: 255), DiceCoefficient(classes: 3))
    expectSame(Precision(classes: 3, ignoredLabel: 255), Precision(classes: 3))
    expectSame(CohenKappa(classes: 3, ignoredLabel: 255), CohenKappa(classes: 3))
    expectSame(MatthewsCorrelation(classes: 3, ignoredLabel: 255), MatthewsCorrelation(classes: 3))
    expectSame(AUROC(classes: 3, from: .logits, ignoredLabel: 255), AUROC(classes: 3, from: .logits))
    expectSame(AveragePrecision(classes: 3, ignoredLabel: 255), AveragePrecision(classes: 3))
    expectSame(LogLoss(from: .logits, ignoredLabel: 255), LogLoss(from: .logits))
    expectSame(Perplexity(ignoredLabel: 255), Perplexity())
    expectSame(BrierScore(from: .logits, ignoredLabel: 255), BrierScore(from: .logits))
    expectSame(CalibrationError(from: .logits, ignoredLabel: 255), CalibrationError(from: .logits))
  }

  @Test func notANumberStaysOne() {
    let scores = Tensor<Float>([[0.25, 0.75], [.nan, .nan], [0.5, 0.5]])
    let labels = Tensor<Int>([1, 0, 0])
    func value<M: Metric>(_ metric: M) -> Double where M.Batch == ClassificationBatch, M.Value == Double {
      var metric = metric
      metric.update(scores, labels)
      return metric.value
    }
    #expect(value(AUROC()).isNaN)
    #expect(value(AveragePrecision()).isNaN)
    #expect(value(LogLoss()).isNaN)
    #expect(value(LogLoss(from: .logits)).isNaN)
    #expect(value(BrierScore()).isNaN)
    #expect(value(CalibrationError()).isNaN)
    #expect(value(CalibrationError(norm: .maximum)).isNaN)
  }

  @Test func logitsOfAnySize() {
    var (loss, brier) = (LogLoss(from: .logits), BrierScore(from: .logits))
    loss.update(Tensor<Double>([[1000, 0], [0, -1000]]), Tensor<Int>([0, 1]))
    brier.update(Tensor<Double>([1000, -1000]), Tensor<Int>([1, 0]))
    #expect(loss.value == 500)
    #expect(brier.value == 0)
    // Probabilities that round to 1 still have an order.
    var area = AUROC(from: .logits)
    area.update(Tensor<Double>([[0, 50], [0, 60]]), Tensor<Int>([0, 1]))
    #expect(area.value == 1)
  }

  @Test func scoresOfBothTypes() {
    var (both, double) = (AUROC(), AUROC())
    let (scores, labels) = (Tensor<Float>([0.1, 0.4, 0.35]), Tensor<UInt8>([0, 0, 1]))
    both.update(scores, labels)
    both.update(Tensor<Double>([0.8, 0.4]), Tensor<UInt8>([1, 1]))
    double.update(scores.cast(to: Double.self), labels)
    double.update(Tensor<Double>([0.8, 0.4]), Tensor<UInt8>([1, 1]))
    #expect(both.value == double.value)
    // 0.4 of Double is below that of Float.
    #expect(both.value == 4 / 6.0)
  }

  @Test func confusionMatrixIsShown() {
    var confusion = ConfusionMatrix(classes: 3)
    confusion.update(classes: Tensor<Int>([0, 1, 1, 2]), Tensor<Int>([0, 0, 1, 1]))
    #expect(confusion.value.scalars == [1, 1, 0, 0, 1, 1, 0, 0, 0])
    #expect(confusion[0, 1] == 1)
    #expect(confusion.normalized(by: .labels).scalars == [0.5, 0.5, 0, 0, 0.5, 0.5, 0, 0, 0])
    #expect(confusion.normalized(by: .predictions).scalars == [1, 0.5, 0, 0, 0.5, 1, 0, 0, 0])
    #expect(confusion.normalized(by: .all).scalars == [0.25, 0.25, 0, 0, 0.25, 0.25, 0, 0, 0])
    let table = confusion.table(classNames: ["a", "b", "c"])
    #expect(table.columns == ["label", "a", "b", "c"])
    #expect(table.rows[1] == [.text("b"), .integer(0), .integer(1), .integer(1)])
    guard case .field(let field) = confusion.chart().marks[0] else {
      Issue.record("no field")
      return
    }
    #expect(field.values == confusion.normalized(by: .labels).scalars && field.columns == 3)
    #expect(confusion.chart(normalizedBy: nil).svg.contains("predicted class"))
    var calibration = CalibrationError(bins: 2)
    calibration.update(Tensor<Double>([[0.75, 0.25], [0.5, 0.5]]), Tensor<Int>([0, 1]))
    #expect(calibration.bins.map(\.count) == [1, 1])
    #expect(calibration.value == 0.375)
    #expect(calibration.chart().svg.contains("confidence"))
  }
}
