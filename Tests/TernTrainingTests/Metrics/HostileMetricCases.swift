import TernNN
import TernTensor
import TernTestSupport
import TernTraining

/// Metrics and parts of training of hostile settings.
let hostileMetricsTable = makeTable()

/// Updates of a metric of classes with hostile tensors.
private func use<M: Metric>(_ metric: M, _ n: inout HostileNumbers) where M.Batch == ClassificationBatch {
  var metric = metric
  for _ in 0..<2 {
    let mask = n.flag() ? nil : n.tensor(Bool.self)
    switch n.below(3) {
    case 0: metric.update(n.floats(), n.integers(), mask: mask, classAxis: n.any(), threshold: n.real())
    case 1: metric.update(classes: n.integers(), n.integers(), mask: mask)
    default: metric.update(Tensor<Float>(randomUniform: [4, 3]), Tensor<Int>([0, n.any(), 2, 1]))
    }
  }
  _ = metric.value
}

/// Updates of a metric of numbers with hostile tensors.
private func use<M: Metric>(_ metric: M, _ n: inout HostileNumbers) where M.Batch == RegressionBatch {
  var metric = metric
  for _ in 0..<2 { metric.update(n.floats(), n.floats(), mask: n.flag() ? nil : n.tensor(Bool.self)) }
  _ = metric.value
}

// One statement a row: a literal of closures takes the compiler minutes.
private func makeTable() -> [HostileCase] {
  var table: [HostileCase] = []
  let averages: [ClassAverage] = [.macro, .micro, .weighted]
  table.add("Accuracy") { n in use(Accuracy(ignoredLabel: n.flag() ? nil : n.any()), &n) }
  table.add("TopKAccuracy") { n in use(TopKAccuracy(k: n.any(), ignoredLabel: n.flag() ? nil : n.any()), &n) }
  table.add("ConfusionMatrix") { n in use(ConfusionMatrix(classes: n.any()), &n) }
  table.add("CohenKappa") { n in use(CohenKappa(classes: n.any()), &n) }
  table.add("MatthewsCorrelation") { n in use(MatthewsCorrelation(classes: n.any()), &n) }
  table.add("CalibrationError") { n in use(CalibrationError(bins: n.any()), &n) }
  table.add("Precision") { n in use(Precision(classes: n.any(), average: n.one(of: averages)), &n) }
  table.add("Recall") { n in use(Recall(classes: n.any(), average: n.one(of: averages)), &n) }
  table.add("FBetaScore") { n in use(FBetaScore(classes: n.any(), beta: n.real(), average: n.one(of: averages)), &n) }
  table.add("LogLoss") { n in use(LogLoss(), &n) }
  table.add("Perplexity") { n in use(Perplexity(), &n) }
  table.add("BrierScore") { n in use(BrierScore(), &n) }
  table.add("AUROC") { n in use(AUROC(classes: n.any()), &n) }
  table.add("AveragePrecision") { n in use(AveragePrecision(classes: n.any()), &n) }
  table.add("MeanSquaredError") { n in use(MeanSquaredError(outputs: n.any()), &n) }
  table.add("R2Score") { n in use(R2Score(outputs: n.any()), &n) }
  table.add("IntersectionOverUnion") { n in use(IntersectionOverUnion(classes: n.any()), &n) }
  table.add("DiceCoefficient") { n in use(DiceCoefficient(classes: n.any(), average: n.one(of: averages)), &n) }
  table.add("EarlyStopping") { n in
    var stopping = EarlyStopping(patience: n.any(), minimumChange: n.real())
    for _ in 0..<3 { _ = stopping.update(n.real()) }
  }
  table.add("GradientAccumulation") { n in _ = GradientAccumulation(n.any()) }
  table.add("LayerwiseRates") { n in
    _ = LayerwiseRates(decay: n.real(), layers: n.flag() ? [] : ["0", "1"]).factor(ofLayer: n.any())
  }
  table.add("LearningRateFinder") { n in
    let finder = LearningRateFinder(from: n.real(), to: n.real(), steps: n.any(), smoothing: n.real())
    _ = finder.rate(ofStep: n.any())
  }
  return table
}
