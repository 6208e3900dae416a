import Tern

/// Test accuracy with and without batch norm, and how steady the inputs of a sigmoid are meanwhile.
package struct BatchNormExperiment: Experiment {
  package let name = "batch-norm"
  package let summary = "A network of sigmoids with and without batch norm: accuracy, and the percentiles of an input."

  /// Trainings with or without batch norm.
  private struct Outcome {
    let isNormalized: Bool
    var curves: [AccuracyCurve] = []
    var percentiles: [InputPercentiles] = []

    var title: String { isNormalized ? "with batch norm" : "without" }
  }

  package init() {}

  package func run(_ context: ExperimentContext) throws -> ExperimentResult {
    let split = try context.images(.mnist)
    let reference = try SigmoidReference(context)
    let steps = context.isQuick ? 3000 : 50_000
    let seeds = [1, 2]
    let moments = AccuracyCurve.moments(upTo: steps) + Array(stride(from: 2500, through: steps, by: 2500)) + [300, 700]
    let test = ImageDataset(split.test)
    let probe = test.batch(Array(0..<test.count)).inputs
    var outcomes = [Outcome(isNormalized: false), Outcome(isNormalized: true)]
    for index in outcomes.indices {
      for seed in seeds where !context.isStopped {
        let training = SigmoidNetwork.training(
          split.train, outcomes[index].isNormalized ? .batch() : .none, seed: UInt64(seed))
        let below = SigmoidNetwork.belowLastSigmoid(training.model)
        var percentiles = InputPercentiles()
        outcomes[index].curves.append(
          AccuracyCurve(
            "\(name): \(outcomes[index].title), seed \(seed)", training, steps: steps, at: moments, on: test, context,
            notice: { percentiles.add(withoutGradients { below.with(.evaluation) { below(probe) } }, step: $0) }))
        outcomes[index].percentiles.append(percentiles)
      }
    }
    return ExperimentResult(
      claim:
        "Batch normalization makes a network learn faster and reach a higher accuracy, and the distribution of a "
        + "sigmoid's inputs is steadier over the training (Ioffe & Szegedy 2015, “Batch normalization”, figure 1).",
      method: [
        SigmoidNetwork.description(split),
        "Rate 0.1, weights from N(0, 0.1²), \(steps) steps, \(counted(seeds.count, "seed")). The percentiles are those of the "
          + "inputs of the last sigmoid over all test images; the figures show its first unit.",
      ],
      findings: findings(outcomes, reference, steps: steps),
      evidence: [.table(table(outcomes, reference)), .figure(accuracy(outcomes, reference))]
        + outcomes.compactMap { figure($0) },
      data: [ReportTable("curves", curves: outcomes.flatMap(\.curves)), data(outcomes)])
  }

  private func findings(_ outcomes: [Outcome], _ reference: SigmoidReference?, steps: Int) -> [String] {
    var findings: [String] = []
    for step in [1000, steps] {
      let means = outcomes.compactMap { mean($0, at: step) }
      if means.count == 2 {
        findings.append(
          "test accuracy after \(step) steps: \(decimals(means[0], 4)) without, \(decimals(means[1], 4)) with batch norm"
        )
      }
    }
    let (plain, normalized) = (outcomes[0], outcomes[1])
    if let first = plain.curves.first, let goal = mean(plain, at: first.points.last?.step ?? 0),
      let reached = normalized.curves.compactMap({ $0.steps(to: goal) }).max()
    {
      findings.append(
        "the accuracy that the network without it ends with, \(decimals(goal, 4)), is reached with batch norm after "
          + "\(reached) steps")
    }
    let unrest = outcomes.map { Spread($0.percentiles.map(\.unrest)).mean }
    let growth = outcomes.map { Spread($0.percentiles.map(\.growth)).mean }
    if unrest.allSatisfy(\.isFinite) {
      findings.append(
        "on the way the percentiles of the last sigmoid's inputs lie \(decimals(unrest[0], 3)) of their final spread "
          + "away from where they end without, \(decimals(unrest[1], 3)) with batch norm (mean over its units)")
      findings.append(
        "from the first moment to the last the spread of these inputs grows \(decimals(growth[0], 1)) times without, "
          + "\(decimals(growth[1], 1)) times with batch norm (the middle unit)")
    }
    if let reference {
      for step in [1000, 50_000] {
        let differences = outcomes.compactMap { outcome -> Double? in
          guard let own = mean(outcome, at: step),
            let other = reference.accuracy(isNormalized: outcome.isNormalized, at: step)
          else { return nil }
          return abs(own - other)
        }
        if let largest = differences.max() {
          findings.append("difference from the reference after \(step) steps: \(decimals(largest, 4)) at most")
        }
      }
    }
    return findings
  }

  private func mean(_ outcome: Outcome, at step: Int) -> Double? {
    let values = outcome.curves.compactMap { $0.accuracy(at: step) }
    return values.isEmpty ? nil : Spread(values).mean
  }

  private func table(_ outcomes: [Outcome], _ reference: SigmoidReference?) -> ReportTable {
    let steps = (outcomes.first?.curves.first?.points.map(\.step) ?? []).filter {
      [100, 500, 1000, 2000, 3000, 5000, 10_000, 20_000, 50_000].contains($0)
    }
    let columns = outcomes.map(\.title)
    return ReportTable(
      "accuracy", caption: "Test accuracy, the mean of the seeds",
      columns: ["steps"] + columns + (reference == nil ? [] : columns.map { "reference, \($0)" }),
      rows: steps.map { step in
        let own = outcomes.map { mean($0, at: step) ?? .nan }
        let other = outcomes.map { reference?.accuracy(isNormalized: $0.isNormalized, at: step) ?? .nan }
        return [.integer(step)] + (reference == nil ? own : own + other).map { .number($0) }
      })
  }

  private func accuracy(_ outcomes: [Outcome], _ reference: SigmoidReference?) -> ReportFigure {
    let lines = outcomes.enumerated().map { Chart.Mark.line(LineSeries($1.title, $1.curves, color: $0)) }
    let others = outcomes.enumerated().compactMap { index, outcome -> Chart.Mark? in
      guard let runs = reference?.curves(isNormalized: outcome.isNormalized) else { return nil }
      return .line(LineSeries("reference, \(outcome.title)", runs: runs, color: index, isDashed: true))
    }
    return ReportFigure(
      "accuracy",
      Chart(
        "Test accuracy", x: ChartAxis("step", scale: .logarithmic), y: ChartAxis("accuracy", range: 0...1),
        marks: lines + others),
      caption: "The mean of the seeds; the bands go from the lowest to the highest.")
  }

  /// The percentiles of the first unit in the first training.
  private func figure(_ outcome: Outcome) -> Report.Part? {
    guard let percentiles = outcome.percentiles.first else { return nil }
    let lines = InputPercentiles.fractions.indices.map { fraction in
      Chart.Mark.line(
        LineSeries(
          "\(Int(InputPercentiles.fractions[fraction] * 100))th percentile",
          points: percentiles.points.map { ChartPoint(Double($0.step), $0.values[fraction][0]) }))
    }
    return .figure(
      ReportFigure(
        outcome.isNormalized ? "inputs-normalized" : "inputs-plain",
        Chart(
          "Inputs of a sigmoid, \(outcome.title)", x: ChartAxis("step", scale: .logarithmic), y: ChartAxis("input"),
          marks: lines),
        caption: "Percentiles of what the first unit of the last sigmoid is given, over the test images."))
  }

  private func data(_ outcomes: [Outcome]) -> ReportTable {
    ReportTable(
      "percentiles", columns: ["training", "step", "p15", "p50", "p85"],
      rows: outcomes.flatMap { outcome in
        zip(outcome.curves, outcome.percentiles).flatMap { curve, percentiles in
          percentiles.points.map { point in
            [.text(curve.name), .integer(point.step)] + point.values.map { .number($0[0]) }
          }
        }
      })
  }
}
