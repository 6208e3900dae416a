import Tern

/// Batch norm's gradient three ways, and what a network learns when the statistics are taken for constants.
package struct BatchNormGradientExperiment: Experiment {
  package let name = "batch-norm-gradient"
  package let summary =
    "Batch norm's gradient in stages, in one formula and by the graph; and training with a wrong one."

  /// A size and what was measured there.
  struct Row {
    var batch: Int
    var features: Int
    var stagedDifference: Double
    var closedDifference: Double
    /// How far off the gradient with constant statistics is, relative to the right one.
    var constantError: Double
    /// Seconds of the staged, the closed and the graph's computation.
    var seconds: [Double]
  }

  static let ways = ["staged", "closed form", "graph"]

  package init() {}

  package func run(_ context: ExperimentContext) throws -> ExperimentResult {
    let rows = measure(context)
    let trainings = [false, true].map { NormalizedTraining(constantStatistics: $0) }
    let steps = context.isQuick ? 400 : 4000
    for training in trainings where !context.isStopped {
      let loader = DataLoader(ImageDataset(Digits.split.train), batchSize: 60, shuffle: true, dropLast: true, seed: 5)
      var batches = EndlessBatches(loader)
      context.run("batch-norm-gradient: \(training.label)", steps: steps) { step in
        guard let batch = batches.next() else { return }
        training.step(batch, number: step, isKept: step.isMultiple(of: max(steps / 100, 1)))
      }
    }
    return ExperimentResult(
      claim:
        "The gradient has to take into account that mean and variance depend on the batch and so on the weights. If it "
        + "does not, an update of a bias is undone by the normalization: the bias grows without end and the loss stays "
        + "where it is (Ioffe & Szegedy 2015, “Batch normalization”, section 2).",
      method: [
        "The staged backward pass of the paper (through x̂, σ² and μ), the one formula that it comes to, and the graph "
          + "of the library's own layer, on random batches in Double; the time is the median of several calls.",
        "Two networks 64-100-100-10 with sigmoids, normalized without γ and β, learn the digits from the same weights "
          + "and batches of 60 with rate 0.5 for \(steps) steps: one with the right gradient, one with mean and variance "
          + "taken for constants.",
      ],
      findings: findings(rows, trainings),
      evidence: [.table(table(rows))] + figures(rows, trainings),
      data: [data(trainings)])
  }

  /// The three ways over sizes.
  private func measure(_ context: ExperimentContext) -> [Row] {
    let sizes = [(8, 4), (32, 16), (64, 64), (256, 64), (256, 256), (1024, 256), (4096, 256)]
    let chosen = context.isQuick ? Array(sizes.prefix(5)) : sizes
    let generator = RandomGenerator(seed: 1)
    var rows: [Row] = []
    context.run("batch-norm-gradient: sizes", steps: chosen.count) { index in
      let (batch, features) = chosen[index]
      func normal(_ shape: [Int], _ mean: Double, _ deviation: Double) -> Tensor<Double> {
        Tensor(randomNormal: shape, mean: mean, deviation: deviation, generator: generator)
      }
      let layer = BatchNormGradients(input: normal([batch, features], 3, 2), scale: normal([features], 1, 0.3))
      let gradient = normal([batch, features], 0, 1)
      let right = layer.graph(gradient)
      let wrong = layer.constant(gradient) - right.input
      rows.append(
        Row(
          batch: batch, features: features, stagedDifference: layer.staged(gradient).difference(right),
          closedDifference: layer.closed(gradient).difference(right),
          constantError: wrong.norm().item / right.input.norm().item,
          seconds: [
            seconds { _ = layer.staged(gradient) }, seconds { _ = layer.closed(gradient) },
            seconds { _ = layer.graph(gradient) },
          ]))
    }
    return rows
  }

  /// The median time of a call, after one that is not counted.
  private func seconds(_ body: () -> Void) -> Double {
    body()
    let clock = ContinuousClock()
    let times = (0..<9).map { _ in clock.measure(body) }.sorted()
    let median = times[times.count / 2].components
    return Double(median.seconds) + Double(median.attoseconds) * 1e-18
  }

  private func findings(_ rows: [Row], _ trainings: [NormalizedTraining]) -> [String] {
    var findings: [String] = []
    if let largest = rows.map({ max($0.stagedDifference, $0.closedDifference) }).max() {
      findings.append("largest difference of the three gradients over \(rows.count) sizes: \(scientific(largest))")
    }
    if let last = rows.last {
      let times = zip(BatchNormGradientExperiment.ways, last.seconds).map { "\($0) \(decimals($1 * 1e6, 0)) µs" }
      findings.append("time for \(last.batch)×\(last.features): \(times.joined(separator: ", "))")
      findings.append(
        "with constant statistics the gradient of \(last.batch)×\(last.features) is off by "
          + "\(decimals(last.constantError, 3)) of its norm")
    }
    for training in trainings {
      guard let first = training.trace.first, let last = training.trace.last, training.trace.count > 1 else { continue }
      findings.append(
        "\(training.label): after \(last.step) steps loss \(decimals(last.loss, 4)), test accuracy "
          + "\(decimals(training.accuracy, 4)), norm of the biases from \(decimals(first.biasNorm, 3)) to "
          + "\(decimals(last.biasNorm, 3))")
    }
    return findings
  }

  private func table(_ rows: [Row]) -> ReportTable {
    ReportTable(
      "sizes", caption: "Differences from the graph's gradient, and seconds of a backward pass",
      columns: [
        "batch", "features", "staged", "closed form", "constant statistics", "staged s", "closed s", "graph s",
      ],
      rows: rows.map { row in
        [.integer(row.batch), .integer(row.features)]
          + [row.stagedDifference, row.closedDifference, row.constantError].map { .number($0, digits: 2) }
          + row.seconds.map { .number($0, digits: 3) }
      })
  }

  private func data(_ trainings: [NormalizedTraining]) -> ReportTable {
    ReportTable(
      "training", columns: ["gradient", "step", "loss", "bias_norm"],
      rows: trainings.flatMap { training in
        training.trace.map { [.text(training.label), .integer($0.step), .number($0.loss), .number($0.biasNorm)] }
      })
  }

  private func figures(_ rows: [Row], _ trainings: [NormalizedTraining]) -> [Report.Part] {
    func chart(_ title: String, _ label: String, _ value: (NormalizedTraining.Point) -> Double) -> Chart {
      Chart(
        title, x: ChartAxis("step"), y: ChartAxis(label),
        marks: trainings.map { training in
          .line(LineSeries(training.label, points: training.trace.map { ChartPoint(Double($0.step), value($0)) }))
        })
    }
    let times = BatchNormGradientExperiment.ways.enumerated().map { index, way in
      Chart.Mark.line(
        LineSeries(way, points: rows.map { ChartPoint(Double($0.batch * $0.features), $0.seconds[index]) }))
    }
    return [
      .figure(
        ReportFigure(
          "time",
          Chart(
            "Time of the gradient", x: ChartAxis("values in the batch", scale: .logarithmic),
            y: ChartAxis("seconds", scale: .logarithmic), marks: times),
          caption: "The median of nine calls, forward statistics included.")),
      .figure(
        ReportFigure(
          "loss", chart("Loss on the batch", "cross entropy", \.loss),
          caption: "The same weights and batches at the start; only the gradient differs.")),
      .figure(
        ReportFigure(
          "biases", chart("Norm of the biases below the normalization", "norm", \.biasNorm),
          caption: "The normalization takes every bias out again: with the right gradient they stay where they were.")),
    ]
  }
}
