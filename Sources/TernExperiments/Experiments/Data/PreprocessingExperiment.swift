import Foundation
import Tern

/// No scaling, min-max, standardizing and whitening: how many steps each needs at its best learning rate.
package struct PreprocessingExperiment: Experiment {
  package let name = "preprocessing"
  package let summary = "Scaling and whitening of the inputs: steps to a loss at the best learning rate of each."

  static let pointsTarget = 0.15
  static let imagesTarget = 0.3
  static let batchSize = 60
  /// Between two looks at the images' loss.
  static let interval = 25
  static let keptShare = 0.99

  package init() {}

  package func run(_ context: ExperimentContext) throws -> ExperimentResult {
    let points = ScaledPoints(seed: 11)
    let split = try context.images(.mnist)
    let (pointsLimit, imagesLimit) = context.isQuick ? (2000, 300) : (10_000, 1000)
    // Half powers of ten, in the quick form whole ones.
    func rates(_ exponents: ClosedRange<Int>) -> [Double] {
      exponents.filter { !context.isQuick || $0.isMultiple(of: 2) }.map { pow(10, Double($0) / 2) }
    }
    var (onPoints, onImages): ([RateSweep], [RateSweep]) = ([], [])
    for method in Preprocessing.allCases where !context.isStopped {
      let inputs = try method.applied(train: points.train.x, test: points.test.x)
      onPoints.append(
        RateSweep(method, label: "preprocessing: points", rates: rates(-20...6), context) { rate in
          points.run(inputs, rate: rate, limit: pointsLimit, target: PreprocessingExperiment.pointsTarget)
        })
    }
    for method in Preprocessing.allCases where !context.isStopped {
      let images = try PreparedImages(split, method)
      onImages.append(
        RateSweep(method, label: "preprocessing: \(split.name)", rates: rates(-6...2), context) { rate in
          images.run(rate: rate, limit: imagesLimit, target: PreprocessingExperiment.imagesTarget, context)
        })
    }
    let epsilon = PreparedImages.epsilon(split)
    return ExperimentResult(
      claim:
        "Gradient descent is slow where inputs are of different sizes, lie far from zero or are correlated: shifting "
        + "them to mean 0, scaling them to variance 1 and, best, decorrelating them makes it fast (LeCun, Bottou, Orr & "
        + "Müller 1998, “Efficient backprop”, section 4.3; Krizhevsky 2009, “Learning multiple layers of features from "
        + "tiny images”, for ZCA).",
      method: [
        "Points: 400 to train with and 400 to test with, features that span [10000, 20000] and [1, 2], correlation "
          + "\(decimals(points.correlation, 2)), two classes on both sides of a line, moved by a little noise. A linear "
          + "classifier in Double from weights 0, gradient descent over all points, at most \(pointsLimit) steps, until "
          + "the training loss is \(PreprocessingExperiment.pointsTarget).",
        "\(split.name): values from 0 to \(split.train.maximum) as they are stored, each pixel a feature. A network "
          + "\(PreparedImages.description(split)) with sigmoids, plain gradient descent on batches of "
          + "\(PreprocessingExperiment.batchSize), at most \(imagesLimit) steps, until the loss on 2000 training images "
          + "(looked at every \(PreprocessingExperiment.interval) steps) is \(PreprocessingExperiment.imagesTarget). "
          + "Whitening adds ε = \(text(epsilon)) to the variances inside the root; PCA keeps "
          + "\(text(PreprocessingExperiment.keptShare)) of the variance.",
        "Everything is fitted to the training samples and applied to both parts. Every way of preparing is tried at the "
          + "same learning rates, and judged by its best: the one that takes the fewest steps.",
      ],
      findings: findings("points", onPoints, pointsLimit, PreprocessingExperiment.pointsTarget)
        + findings(split.name, onImages, imagesLimit, PreprocessingExperiment.imagesTarget),
      evidence: [
        .table(
          table("points", "Points: steps to a training loss of \(PreprocessingExperiment.pointsTarget)", onPoints)),
        .figure(overRates("points", "Points: steps over the rate", onPoints)),
        .figure(losses("points", "Points: loss at the best rate", onPoints)),
        .table(
          table("images", "\(split.name): steps to a loss of \(PreprocessingExperiment.imagesTarget)", onImages)),
        .figure(overRates("images", "\(split.name): steps over the rate", onImages)),
        .figure(losses("images", "\(split.name): loss at the best rate", onImages)),
      ],
      data: [data("points-traces", onPoints), data("images-traces", onImages)])
  }

  private func text(_ value: Double) -> String { ReportTable.Cell.number(value, digits: 3).shown }

  private func findings(_ name: String, _ sweeps: [RateSweep], _ limit: Int, _ target: Double) -> [String] {
    var findings = sweeps.compactMap { (sweep: RateSweep) -> String? in
      guard let best = sweep.best else { return nil }
      let start = "\(name), \(sweep.method.rawValue): "
      guard let steps = best.steps else {
        return start + "loss \(text(target)) not reached in \(limit) steps at any of \(sweep.runs.count) rates; lowest "
          + "\(decimals(best.lowest, 3)) at rate \(text(best.rate)), test accuracy \(decimals(best.accuracy, 4))"
      }
      return start
        + "\(steps) \(steps == 1 ? "step" : "steps") to loss \(text(target)) at rate \(text(best.rate)), test accuracy "
        + decimals(best.accuracy, 4)
    }
    let reached = sweeps.compactMap { sweep in sweep.best?.steps.map { (steps: $0, name: sweep.method.rawValue) } }
    if let fewest = reached.map(\.steps).min() {
      let names = reached.filter { $0.steps == fewest }.map(\.name).joined(separator: " and ")
      findings.append("\(name), the fewest steps: \(names)")
    }
    return findings
  }

  private func table(_ name: String, _ caption: String, _ sweeps: [RateSweep]) -> ReportTable {
    ReportTable(
      name, caption: caption + " at the best rate, rates at which it is reached, lowest loss, test accuracy",
      columns: ["inputs", "steps", "rate", "usable", "loss", "accuracy"],
      rows: sweeps.compactMap { sweep in
        sweep.best.map { best in
          [
            .text(sweep.method.rawValue), best.steps.map { .integer($0) } ?? .text("–"),
            .number(best.rate, digits: 2), .text("\(sweep.runs.count { $0.steps != nil })/\(sweep.runs.count)"),
            .number(best.lowest), .number(best.accuracy),
          ]
        }
      })
  }

  private func overRates(_ name: String, _ title: String, _ sweeps: [RateSweep]) -> ReportFigure {
    let lines = sweeps.enumerated().map { color, sweep in
      Chart.Mark.line(
        LineSeries(
          sweep.method.rawValue, points: sweep.runs.map { ChartPoint($0.rate, $0.steps.map(Double.init) ?? .nan) },
          color: color, isDashed: sweep.method == .zca))
    }
    return ReportFigure(
      "\(name)-rates",
      Chart(
        title, x: ChartAxis("learning rate", scale: .logarithmic), y: ChartAxis("steps", scale: .logarithmic),
        marks: lines),
      caption: "Rates at which the loss is not reached have no point.")
  }

  private func losses(_ name: String, _ title: String, _ sweeps: [RateSweep]) -> ReportFigure {
    let lines = sweeps.enumerated().map { color, sweep in
      Chart.Mark.line(
        LineSeries(
          sweep.method.rawValue,
          points: (sweep.best?.trace ?? []).map { ChartPoint(max(Double($0.step), 0.5), $0.loss) },
          color: color, isDashed: sweep.method == .zca))
    }
    return ReportFigure(
      "\(name)-losses",
      Chart(title, x: ChartAxis("step", scale: .logarithmic), y: ChartAxis("training loss"), marks: lines),
      caption: "Each line ends where the loss is reached, or at the limit; the start is drawn at 0.5.")
  }

  private func data(_ name: String, _ sweeps: [RateSweep]) -> ReportTable {
    ReportTable(
      name, columns: ["inputs", "rate", "step", "loss"],
      rows: sweeps.flatMap { sweep in
        sweep.runs.flatMap { run in
          run.trace.map { [.text(sweep.method.rawValue), .number(run.rate), .integer($0.step), .number($0.loss)] }
        }
      })
  }
}
