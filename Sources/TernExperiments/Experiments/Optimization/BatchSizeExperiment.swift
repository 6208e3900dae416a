import Tern

/// Batches from 1 to 1024 images: noise, accuracy and speed, with and without batch norm.
package struct BatchSizeExperiment: Experiment {
  package let name = "batch-size"
  package let summary = "Batches of 1 to 1024 images: noise of gradient and statistics, accuracy, images a second."

  /// A network learned in batches of a size.
  private struct Outcome {
    var batchSize: Int
    var isNormalized: Bool
    var accuracies: [Double] = []
    var seconds = 0.0
    var images = 0

    var accuracy: Spread { Spread(accuracies) }
    var speed: Double { Double(images) / seconds }
  }

  package init() {}

  package func run(_ context: ExperimentContext) throws -> ExperimentResult {
    let split = try context.images(.mnist)
    let sizes = context.isQuick ? [1, 4, 16, 64, 256, 1024] : (0...10).map { 1 << $0 }
    let budget = context.isQuick ? 8000 : 120_000
    let seeds: [UInt64] = context.isQuick ? [1] : [1, 2]
    let noise = measure(split.train, sizes, context)
    var outcomes: [Outcome] = []
    for isNormalized in [false, true] {
      for size in sizes where !(isNormalized && size == 1) {
        var outcome = Outcome(batchSize: size, isNormalized: isNormalized)
        for seed in seeds where !context.isStopped { train(&outcome, split, budget, seed, context) }
        if !outcome.accuracies.isEmpty { outcomes.append(outcome) }
      }
    }
    return ExperimentResult(
      claim:
        "The gradient over a batch estimates that over all images, better the larger the batch (Ioffe & Szegedy 2015, "
        + "“Batch normalization”, section 1). Batch norm's mean and variance are estimates as well, and its error grows "
        + "rapidly when batches become small (Wu & He 2018, “Group normalization”).",
      method: [
        SigmoidNetwork.description(split, batchSize: nil),
        "Each network sees \(budget) images in batches of each size, \(counted(seeds.count, "seed")), "
          + "weights from N(0, 0.1²), rate size/120, so that the steps together are as long for every size (Goyal et al. 2017, "
          + "“Accurate, large minibatch SGD”, the linear rule); batch norm cannot train on a batch of 1.",
        "Noise is the root mean square, over random batches, of |g − ḡ|/|ḡ| for the gradient, of (μ_B − μ)/σ and of "
          + "σ_B/σ − 1 for the inputs of the first and of the last batch norm, in two networks after a short training; ḡ, μ "
          + "and σ are those of many images at once.",
      ],
      findings: findings(noise, outcomes, sizes),
      evidence: [.table(table(outcomes, sizes)), .table(table(noise))] + figures(noise, outcomes), data: [])
  }

  /// Noise around two networks that have learned for a short time.
  private func measure(_ images: LabeledImages, _ sizes: [Int], _ context: ExperimentContext) -> [BatchNoise.Row] {
    let steps = context.isQuick ? 200 : 1000
    let models = [SigmoidNetwork.Normalization.none, .batch()].map { normalization in
      let training = SigmoidNetwork.training(images, normalization, rate: 0.5, seed: 1)
      context.run("\(name): before the noise", steps: steps) { _ in training.step() }
      return training.model
    }
    if context.isStopped { return [] }
    let noise = BatchNoise(plain: models[0], normalized: models[1], ImageDataset(images), count: 10_000)
    let generator = RandomGenerator(seed: 6)
    var rows: [BatchNoise.Row] = []
    context.run("\(name): noise", steps: sizes.count) { index in
      rows.append(noise.row(batchSize: sizes[index], batches: context.isQuick ? 10 : 40, generator: generator))
    }
    return rows
  }

  private func train(
    _ outcome: inout Outcome, _ split: ImageSplit, _ budget: Int, _ seed: UInt64, _ context: ExperimentContext
  ) {
    let training = SigmoidNetwork.training(
      split.train, outcome.isNormalized ? .batch() : .none, rate: Double(outcome.batchSize) / 120,
      batchSize: outcome.batchSize, seed: seed)
    let label = "\(name): \(outcome.isNormalized ? "normalized" : "plain"), \(outcome.batchSize), seed \(seed)"
    let (clock, start) = (ContinuousClock(), ContinuousClock.now)
    let made = context.run(label, steps: max(budget / outcome.batchSize, 1)) { _ in training.step() }
    let time = start.duration(to: clock.now).components
    outcome.seconds += Double(time.seconds) + Double(time.attoseconds) * 1e-18
    outcome.images += made * outcome.batchSize
    if context.isStopped { return }
    outcome.accuracies.append(training.score(ImageDataset(split.test)).accuracy)
  }

  private func findings(_ noise: [BatchNoise.Row], _ outcomes: [Outcome], _ sizes: [Int]) -> [String] {
    var findings: [String] = []
    if let first = noise.first, let last = noise.last, noise.count > 1 {
      findings.append(
        "noise of the plain network's gradient: \(decimals(first.plainGradient, 2)) of its length for batches of "
          + "\(first.batchSize), \(decimals(last.plainGradient, 3)) for \(last.batchSize)")
      let small = noise[1]
      findings.append(
        "noise of the mean that the first batch norm takes from a batch: \(decimals(small.means[0], 3)) deviations in "
          + "batches of \(small.batchSize), \(decimals(last.means[0], 3)) in batches of \(last.batchSize); of the deviation: "
          + "\(decimals(small.deviations[0], 3)) and \(decimals(last.deviations[0], 3)) of itself")
    }
    let normalized = outcomes.filter(\.isNormalized)
    if let best = normalized.max(by: { $0.accuracy.mean < $1.accuracy.mean }), normalized.count > 1 {
      let suffering = normalized.filter {
        $0.batchSize < best.batchSize && $0.accuracy.mean < best.accuracy.mean - 0.01
      }
      findings.append(
        "best with batch norm: batches of \(best.batchSize), test accuracy \(decimals(best.accuracy.mean, 4)); "
          + (suffering.map(\.batchSize).max().map { "it loses more than 0.01 from \($0) down" }
            ?? "no smaller batch loses more than 0.01"))
    }
    let pairs = normalized.compactMap { entry in
      outcomes.first { !$0.isNormalized && $0.batchSize == entry.batchSize }.map { (plain: $0, normalized: entry) }
    }
    if let smallest = pairs.first {
      let worse = pairs.filter { $0.normalized.accuracy.mean < $0.plain.accuracy.mean }.map { "\($0.plain.batchSize)" }
      findings.append(
        "batches of \(smallest.plain.batchSize): \(decimals(smallest.plain.accuracy.mean, 4)) without batch norm, "
          + "\(decimals(smallest.normalized.accuracy.mean, 4)) with it; it does worse than none at "
          + (worse.isEmpty ? "no size" : worse.joined(separator: ", ")))
    }
    if let first = pairs.first, let last = pairs.last, pairs.count > 1 {
      findings.append(
        "images a second with batch norm: \(decimals(first.normalized.speed, 0)) in batches of "
          + "\(first.normalized.batchSize), \(decimals(last.normalized.speed, 0)) in batches of "
          + "\(last.normalized.batchSize); without \(decimals(first.plain.speed, 0)) and \(decimals(last.plain.speed, 0))"
      )
    }
    return findings
  }

  private func table(_ outcomes: [Outcome], _ sizes: [Int]) -> ReportTable {
    ReportTable(
      "sizes", caption: "Test accuracy and speed of the trainings",
      columns: ["batch", "plain", "normalized", "plain images/s", "normalized images/s"],
      rows: sizes.map { size in
        let pair = [false, true].map { kind in outcomes.first { $0.isNormalized == kind && $0.batchSize == size } }
        return [.integer(size)] + pair.map { .number($0?.accuracy.mean ?? .nan) }
          + pair.map { .number($0?.speed ?? .nan, digits: 3) }
      })
  }

  private func table(_ noise: [BatchNoise.Row]) -> ReportTable {
    ReportTable(
      "noise", caption: "Noise of the gradients and of the statistics of the first and the last batch norm",
      columns: ["batch", "plain g", "normalized g", "first μ", "first σ", "last μ", "last σ"],
      rows: noise.map { row in
        let values = [
          row.plainGradient, row.normalizedGradient, row.means[0], row.deviations[0], row.means[1], row.deviations[1],
        ]
        return [.integer(row.batchSize)] + values.map { .number($0, digits: 3) }
      })
  }

  private func figures(_ noise: [BatchNoise.Row], _ outcomes: [Outcome]) -> [Report.Part] {
    let axis = ChartAxis("batch size", scale: .logarithmic)
    func lines(_ value: (Outcome) -> Spread) -> [Chart.Mark] {
      [false, true].map { kind in
        let found = outcomes.filter { $0.isNormalized == kind }.map { (Double($0.batchSize), value($0)) }
        return .line(
          LineSeries(
            kind ? "with batch norm" : "without", points: found.map { ChartPoint($0, $1.mean) },
            band: found.map { LineSeries.Spread($0, low: $1.low, high: $1.high) }))
      }
    }
    func line(_ title: String, isDashed: Bool = false, _ value: (BatchNoise.Row) -> Double) -> Chart.Mark {
      .line(
        LineSeries(title, points: noise.map { ChartPoint(Double($0.batchSize), value($0)) }, isDashed: isDashed))
    }
    return [
      .figure(
        ReportFigure(
          "accuracy", Chart("Test accuracy", x: axis, y: ChartAxis("accuracy", range: 0...1), marks: lines(\.accuracy)),
          caption: "After as many images for every size; the bands go from the lowest seed to the highest.")),
      .figure(
        ReportFigure(
          "gradient-noise",
          Chart(
            "Noise of the gradient", x: axis, y: ChartAxis("relative to its length", scale: .logarithmic),
            marks: [line("plain", \.plainGradient), line("normalized", \.normalizedGradient)]),
          caption: "At two fixed networks, over random batches.")),
      .figure(
        ReportFigure(
          "statistics-noise",
          Chart(
            "Noise of the batch's statistics", x: axis, y: ChartAxis("relative to the deviation", scale: .logarithmic),
            marks: [
              line("mean, first") { $0.means[0] }, line("deviation, first") { $0.deviations[0] },
              line("mean, last") { $0.means[1] }, line("deviation, last") { $0.deviations[1] },
              line("1/√batch", isDashed: true) { 1 / Double($0.batchSize).squareRoot() },
            ]),
          caption: "Of the inputs of the first batch norm and of the last one.")),
      .figure(
        ReportFigure(
          "speed",
          Chart(
            "Images a second", x: axis, y: ChartAxis("images a second", scale: .logarithmic),
            marks: lines { Spread([$0.speed]) }),
          caption: "Of the training, the loading of the images included.")),
    ]
  }
}
