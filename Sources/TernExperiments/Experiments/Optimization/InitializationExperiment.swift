import Tern

/// Small and large weights at the start, with and without batch norm.
package struct InitializationExperiment: Experiment {
  package let name = "initialization"
  package let summary = "Weights that start with deviations from 0.001 to 1, with and without batch norm."

  /// The deviation that the findings look at.
  static let small = 0.01

  package init() {}

  package func run(_ context: ExperimentContext) throws -> ExperimentResult {
    let split = try context.images(.mnist)
    let steps = context.isQuick ? 1000 : 10_000
    let deviations = context.isQuick ? [0.001, 0.01, 0.1, 1] : [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1]
    let seeds: ClosedRange<UInt64> = context.isQuick ? 1...1 : 1...2
    let test = ImageDataset(split.test)
    let sweep = NormalizationSweep(values: deviations, seeds: seeds, context) { isNormalized, deviation, seed in
      let training = SigmoidNetwork.training(
        split.train, isNormalized ? .batch() : .none, deviation: deviation, seed: seed)
      return AccuracyCurve(
        "\(name): \(isNormalized ? "normalized" : "plain"), \(shortText(deviation)), seed \(seed)", training,
        steps: steps, at: AccuracyCurve.moments(upTo: steps), on: test, context)
    }
    return ExperimentResult(
      claim:
        "Batch norm makes a network less dependent on the weights it starts from: their scale drops out of the "
        + "normalized values, BN((aW)u) = BN(Wu) (Ioffe & Szegedy 2015, “Batch normalization”, section 3.3). Without it, "
        + "weights that are too small or too large keep deep networks of sigmoids from learning (Glorot & Bengio 2010, "
        + "“Understanding the difficulty of training deep feedforward neural networks”).",
      method: [
        SigmoidNetwork.description(split),
        "Rate 0.1, \(steps) steps, \(counted(seeds.count, "seed")), all weights from N(0, deviation²).",
      ],
      findings: findings(sweep, steps: steps, mostFrequent: mostFrequent(split.test)),
      evidence: [
        .table(sweep.table("deviations", column: "deviation")),
        .figure(sweep.figure("deviations", "Test accuracy over the first weights", axis: "deviation of the weights")),
        .figure(overSteps(sweep)),
      ],
      data: [ReportTable("curves", curves: sweep.entries.flatMap(\.curves))])
  }

  /// The fraction of the most frequent class: the accuracy of who always names it.
  private func mostFrequent(_ images: LabeledImages) -> Double {
    let counts = (0..<images.classCount).map { label in images.labels.count { Int($0) == label } }
    return Double(counts.max() ?? 0) / Double(images.count)
  }

  private func findings(_ sweep: NormalizationSweep, steps: Int, mostFrequent: Double) -> [String] {
    var findings: [String] = []
    if let (plain, normalized) = sweep.pair(at: InitializationExperiment.small) {
      let label = "deviation \(shortText(InitializationExperiment.small))"
      findings.append(
        "\(label), plain: test accuracy never above \(decimals(plain.highest, 4)) in \(steps) steps; who always names the "
          + "most frequent class has \(decimals(mostFrequent, 4))")
      findings.append("\(label), normalized: test accuracy \(normalized.seeds) after \(steps) steps")
    }
    for isNormalized in [false, true] {
      let entries = sweep.entries(isNormalized: isNormalized).sorted { $0.spread.mean < $1.spread.mean }
      guard let worst = entries.first, let best = entries.last, entries.count > 1 else { continue }
      findings.append(
        "\(best.network), over \(entries.count) deviations: from \(decimals(worst.spread.mean, 4)) at "
          + "\(shortText(worst.value)) to \(decimals(best.spread.mean, 4)) at \(shortText(best.value))")
    }
    return findings
  }

  private func overSteps(_ sweep: NormalizationSweep) -> ReportFigure {
    let lines = [0.001, 0.01, 0.1, 1].enumerated().flatMap { color, deviation in
      sweep.entries.filter { $0.value == deviation }.map { entry in
        Chart.Mark.line(
          LineSeries(
            "\(entry.network), \(shortText(deviation))", entry.curves, color: color, isDashed: !entry.isNormalized))
      }
    }
    return ReportFigure(
      "steps",
      Chart(
        "Test accuracy over steps", x: ChartAxis("step", scale: .logarithmic), y: ChartAxis("accuracy", range: 0...1),
        marks: lines),
      caption: "By the deviation of the first weights; dashed without batch norm.")
  }
}
