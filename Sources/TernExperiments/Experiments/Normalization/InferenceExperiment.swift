import Tern

/// The statistics that a trained network can use when it is tested.
package struct InferenceExperiment: Experiment {
  package let name = "inference"
  package let summary = "Running, cumulative and population statistics against test batches normalized by themselves."

  /// Where mean and variance come from.
  package enum Statistics: String, CaseIterable {
    case running = "running"
    case cumulative = "cumulative"
    case population = "population"
    case batch = "the batch's own"
    case sortedBatch = "the batch's own, sorted by class"

    var key: String { self == .batch ? "own" : self == .sortedBatch ? "own, sorted" : rawValue }
    /// Whether a test batch is normalized by itself.
    package var isOwn: Bool { self == .batch || self == .sortedBatch }
  }

  /// The accuracy of one network with some statistics and batch size.
  package struct Row {
    var statistics: Statistics
    var batchSize: Int
    package var accuracy: Double
  }

  package init() {}

  package func run(_ context: ExperimentContext) throws -> ExperimentResult {
    let split = try context.images(.mnist)
    let steps = context.isQuick ? 500 : 10_000
    let sizes = context.isQuick ? [1, 2, 4, 8, 16, 64, 256] : [1, 2, 4, 8, 16, 32, 64, 128, 256]
    let seeds = context.isQuick ? [1] : [1, 2, 3]
    var rows: [Row] = []
    for seed in seeds where !context.isStopped {
      var networks: [Statistics: Sequential<Float>] = [:]
      for (statistics, momentum) in [(Statistics.running, 0.1), (.cumulative, nil)] as [(Statistics, Double?)] {
        let training = SigmoidNetwork.training(split.train, .batch(momentum: momentum), seed: UInt64(seed))
        context.run("\(name): \(statistics.rawValue) averages, seed \(seed)", steps: steps) { _ in training.step() }
        networks[statistics] = training.model
      }
      guard !context.isStopped, let learned = networks[.running] else { break }
      networks[.population] = InferenceExperiment.recalibrated(learned, split.train)
      let choices = Statistics.allCases.flatMap { statistics in sizes.map { (statistics, $0) } }
      context.run("\(name): tests, seed \(seed)", steps: choices.count) { index in
        let (statistics, size) = choices[index]
        if statistics.isOwn && size == 1 { return }
        let accuracy = InferenceExperiment.accuracy(networks[statistics] ?? learned, statistics, size, split.test)
        rows.append(Row(statistics: statistics, batchSize: size, accuracy: accuracy))
      }
    }
    return ExperimentResult(
      claim:
        "What a trained network answers should depend on the input alone: the mean and variance of the population take the "
        + "place of the batch's, E[x] = E[μ] and Var[x] = m/(m − 1)·E[σ²] over training batches, or moving averages of the "
        + "training (Ioffe & Szegedy 2015, “Batch normalization”, section 3.1 and Algorithm 2).",
      method: [
        SigmoidNetwork.description(split),
        "\(steps) steps at rate 0.1, \(counted(seeds.count, "seed")). Running averages have momentum 0.1; cumulative ones are the mean "
          + "over all batches of the training; the population's statistics are measured after it on the training images, "
          + "in batches of \(SigmoidNetwork.batchSize), each layer on what the layers before it make of them.",
        "The test images come in batches of each size; normalized by themselves, as many as fill whole batches, in a "
          + "random order and sorted by class. One image has no variance: a batch of 1 normalized by itself is refused.",
      ],
      findings: findings(rows, sizes),
      evidence: rows.isEmpty ? [] : [.table(table(rows, sizes)), .figure(figure(rows, sizes))],
      data: [
        ReportTable(
          "tests", columns: ["statistics", "batch", "accuracy"],
          rows: rows.map { [.text($0.statistics.rawValue), .integer($0.batchSize), .number($0.accuracy)] })
      ])
  }

  /// The same weights with the statistics of the population in `images`.
  package static func recalibrated(_ model: Sequential<Float>, _ images: LabeledImages) -> Sequential<Float> {
    let copy = SigmoidNetwork.make(images, .batch(), seed: 0)
    // Both come from one builder: their states have the same names and shapes.
    _ = try? copy.load(model.state)
    recalibrate(copy, over: DataLoader(ImageDataset(images), batchSize: SigmoidNetwork.batchSize, dropLast: true))
    return copy
  }

  /// The fraction of `images` told rightly in batches of a size, in an order of their own or by class; what does not fill a
  /// batch is left out where batches are normalized by themselves.
  package static func accuracy(
    _ model: Sequential<Float>, _ statistics: Statistics, _ batchSize: Int, _ images: LabeledImages
  ) -> Double {
    let indices =
      statistics == .sortedBatch
      ? (0..<images.count).sorted { images.labels[$0] < images.labels[$1] }
      : Tensor<Int>(randomPermutation: images.count, generator: RandomGenerator(seed: 11)).scalars
    let data = ImageDataset(images)
    let before = model.state
    defer { _ = try? model.load(before) }
    var (correct, seen) = (0, 0)
    withoutGradients {
      model.with(statistics.isOwn ? .training : .evaluation) {
        for start in stride(from: 0, to: images.count, by: batchSize) {
          let chosen = indices[start..<min(start + batchSize, images.count)]
          if statistics.isOwn && chosen.count < batchSize { break }
          let batch = data.batch(Array(chosen))
          correct += correctCount(model(batch.inputs), batch.labels)
          seen += chosen.count
        }
      }
    }
    return Double(correct) / Double(seen)
  }

  private func spread(_ rows: [Row], _ statistics: Statistics, _ size: Int) -> Spread {
    Spread(rows.filter { $0.statistics == statistics && $0.batchSize == size }.map(\.accuracy))
  }

  private func findings(_ rows: [Row], _ sizes: [Int]) -> [String] {
    guard !rows.isEmpty, let largest = sizes.last else { return [] }
    var findings = [Statistics.running, .cumulative, .population].map { statistics in
      let means = sizes.map { spread(rows, statistics, $0).mean }.filter(\.isFinite)
      return
        "\(statistics.rawValue) statistics: test accuracy \(decimals(means.first ?? .nan, 4)) one image at a time; "
        + ""
        + "between \(decimals(means.min() ?? .nan, 4)) and \(decimals(means.max() ?? .nan, 4)) over all batch sizes"
    }
    for statistics in [Statistics.batch, .sortedBatch] {
      let parts = [2, 16, largest].map { "\(decimals(spread(rows, statistics, $0).mean, 4)) in batches of \($0)" }
      findings.append("\(statistics.rawValue): test accuracy \(parts.joined(separator: ", "))")
    }
    let population = spread(rows, .population, largest).mean
    let enough = sizes.first { spread(rows, .batch, $0).mean > population - 0.005 }
    findings.append(
      enough.map {
        "normalized by themselves, test batches come within 0.005 of the population's accuracy from \($0) on"
      }
        ?? "normalized by themselves, test batches stay more than 0.005 below the population's accuracy")
    findings.append("a batch of 1 works with running, cumulative and population statistics; by itself it is refused")
    return findings
  }

  private func table(_ rows: [Row], _ sizes: [Int]) -> ReportTable {
    ReportTable(
      "accuracy", caption: "Test accuracy, the mean of the seeds",
      columns: ["batch"] + Statistics.allCases.map(\.key),
      rows: sizes.map { size in
        [.integer(size)]
          + Statistics.allCases.map { statistics in
            statistics.isOwn && size == 1 ? .text("refused") : .number(spread(rows, statistics, size).mean)
          }
      })
  }

  private func figure(_ rows: [Row], _ sizes: [Int]) -> ReportFigure {
    let lines = Statistics.allCases.map { statistics in
      let found = sizes.map { (Double($0), spread(rows, statistics, $0)) }.filter { $0.1.mean.isFinite }
      return Chart.Mark.line(
        LineSeries(
          statistics.key, points: found.map { ChartPoint($0, $1.mean) },
          band: statistics.isOwn ? found.map { LineSeries.Spread($0, low: $1.low, high: $1.high) } : [],
          isDashed: !statistics.isOwn))
    }
    return ReportFigure(
      "accuracy",
      Chart(
        "Test accuracy by statistics", x: ChartAxis("batch size", scale: .logarithmic),
        y: ChartAxis("accuracy", range: 0...1),
        marks: lines),
      caption: "The mean of the seeds; the first three do not depend on the batch and lie on each other.")
  }
}
