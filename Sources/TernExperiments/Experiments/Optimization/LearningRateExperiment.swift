import Foundation
import Tern

/// Learning rates from low to very high, with and without batch norm.
package struct LearningRateExperiment: Experiment {
  package let name = "learning-rate"
  package let summary = "Learning rates from 0.1 to 50 with and without batch norm, and a high one that decays fast."

  /// What counts as learned, in every seed.
  static let usable = 0.9
  static let highest = 20.0
  static let lowest = 0.1

  package init() {}

  package func run(_ context: ExperimentContext) throws -> ExperimentResult {
    let split = try context.images(.mnist)
    let steps = context.isQuick ? 1000 : 10_000
    let rates = context.isQuick ? [0.1, 1, 5, 20, 50] : [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 50]
    let seeds: ClosedRange<UInt64> = context.isQuick ? 1...1 : 1...2
    let test = ImageDataset(split.test)
    func train(_ isNormalized: Bool, _ first: Double, _ last: Double, _ seed: UInt64) -> AccuracyCurve {
      let training = SigmoidNetwork.training(split.train, isNormalized ? .batch() : .none, rate: first, seed: seed)
      let schedule = ExponentialSchedule(factor: pow(last / first, 1 / Double(steps)))
      let label = shortText(first) + (first == last ? "" : " to \(shortText(last))")
      return AccuracyCurve(
        "\(name): \(isNormalized ? "normalized" : "plain"), \(label), seed \(seed)", training, steps: steps,
        at: AccuracyCurve.moments(upTo: steps), on: test, context,
        rate: first == last ? nil : { schedule.learningRate(at: $0, base: first) })
    }
    let sweep = NormalizationSweep(values: rates, seeds: seeds, context) { train($0, $1, $1, $2) }
    let decay = NormalizationSweep(values: [LearningRateExperiment.highest], seeds: seeds, context) {
      train($0, $1, LearningRateExperiment.lowest, $2)
    }
    return ExperimentResult(
      claim:
        "In a network without it a learning rate that is too high makes gradients explode or vanish. Batch norm makes "
        + "larger rates possible, and with them the rate can be lowered faster (Ioffe & Szegedy 2015, “Batch "
        + "normalization”, sections 3.3 and 4.2.1).",
      method: [
        SigmoidNetwork.description(split),
        "Weights from N(0, 0.1²), \(steps) steps, \(counted(seeds.count, "seed")). The rate that decays is multiplied by the same "
          + "factor after every step, from \(shortText(LearningRateExperiment.highest)) to "
          + "\(shortText(LearningRateExperiment.lowest)).",
      ],
      findings: findings(sweep, decay, steps: steps),
      evidence: [
        .table(sweep.table("rates", column: "rate")),
        .table(decay.table("decay", column: "rate at first")),
        .figure(sweep.figure("rates", "Test accuracy over the learning rate", axis: "learning rate")),
        .figure(overSteps(sweep, decay)),
      ],
      data: [ReportTable("curves", curves: (sweep.entries + decay.entries).flatMap(\.curves))])
  }

  private func findings(_ sweep: NormalizationSweep, _ decay: NormalizationSweep, steps: Int) -> [String] {
    var findings: [String] = []
    for rate in [LearningRateExperiment.highest, 50] {
      guard let (plain, normalized) = sweep.pair(at: rate) else { continue }
      findings.append(
        "test accuracy at rate \(shortText(rate)) after \(steps) steps: plain \(plain.seeds), normalized "
          + normalized.seeds)
    }
    for isNormalized in [false, true] {
      let entries = sweep.entries(isNormalized: isNormalized)
      let learned = entries.filter { $0.spread.low >= LearningRateExperiment.usable }
      let start =
        "usable rates (accuracy \(LearningRateExperiment.usable) in every seed), "
        + "\(isNormalized ? "normalized" : "plain"): "
      if let low = learned.first, let high = learned.last,
        let best = learned.max(by: { $0.spread.mean < $1.spread.mean })
      {
        findings.append(
          start + "\(shortText(low.value)) to \(shortText(high.value)), a factor of "
            + "\(shortText(high.value / low.value)); best \(shortText(best.value)) with \(decimals(best.spread.mean, 4))"
        )
      } else if !entries.isEmpty {
        findings.append(start + "none")
      }
    }
    for entry in decay.entries {
      findings.append(
        "\(entry.network), from rate \(shortText(LearningRateExperiment.highest)) down to "
          + "\(shortText(LearningRateExperiment.lowest)) in \(steps) steps: test accuracy \(entry.seeds)")
    }
    return findings
  }

  private func overSteps(_ sweep: NormalizationSweep, _ decay: NormalizationSweep) -> ReportFigure {
    func line(_ entry: NormalizationSweep.Entry, _ label: String, _ color: Int) -> Chart.Mark {
      .line(
        LineSeries("\(entry.network), \(label)", entry.curves, color: color, isDashed: !entry.isNormalized))
    }
    let ends = [LearningRateExperiment.lowest, LearningRateExperiment.highest]
    let constant = ends.enumerated().flatMap { color, rate in
      sweep.entries.filter { $0.value == rate }.map { line($0, shortText(rate), color) }
    }
    let decaying = decay.entries.map { line($0, ends.reversed().map(shortText).joined(separator: " to "), 2) }
    return ReportFigure(
      "steps",
      Chart(
        "Test accuracy over steps", x: ChartAxis("step", scale: .logarithmic), y: ChartAxis("accuracy", range: 0...1),
        marks: constant + decaying),
      caption: "A low rate, a high one, and one that decays from the high to the low; dashed without batch norm.")
  }
}
