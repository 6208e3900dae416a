import Tern

/// A training whose test score is kept at chosen steps.
package struct AccuracyCurve {
  /// What was trained.
  package let name: String
  /// Steps that were made, and how the network did after them.
  package private(set) var points: [(step: Int, score: EvaluationScore)] = []

  /// Trains for a number of steps, or until the context is stopped.
  ///
  /// - Parameters:
  ///   - name: of the experiment and the training, for the progress.
  ///   - moments: after how many steps the score is kept, beside the last.
  ///   - rate: of a step; the optimizer's own where there is none.
  ///   - notice: called at those moments, after the score.
  package init(
    _ name: String, _ training: ImageTraining, steps: Int, at moments: [Int], on test: ImageDataset,
    _ context: ExperimentContext, rate: ((Int) -> Double)? = nil, notice: (Int) -> Void = { _ in }
  ) {
    self.name = name
    let moments = Set(moments)
    var points: [(Int, EvaluationScore)] = []
    context.run(name, steps: steps) { index in
      if let rate { training.optimizer.learningRate = rate(index) }
      training.step()
      guard index + 1 == steps || moments.contains(index + 1) else { return }
      points.append((index + 1, training.score(test)))
      notice(index + 1)
    }
    self.points = points
  }

  /// The accuracy after a number of steps, where it was kept.
  package func accuracy(at step: Int) -> Double? { points.first { $0.step == step }?.score.accuracy }

  /// The accuracy at the end.
  package var last: Double { points.last?.score.accuracy ?? .nan }

  /// The first kept step with at least this accuracy.
  package func steps(to accuracy: Double) -> Int? { points.first { $0.score.accuracy >= accuracy }?.step }

  /// 100, 200, 500, 1000, … up to a number of steps.
  package static func moments(upTo steps: Int) -> [Int] {
    var moments: [Int] = []
    var decade = 100
    while decade <= steps {
      moments += [1, 2, 5].map { $0 * decade }.filter { $0 <= steps }
      decade *= 10
    }
    return moments
  }
}

extension LineSeries {
  /// The mean of several curves at each step, with a band from the lowest to the highest.
  package init(_ name: String, _ curves: [AccuracyCurve], color: Int? = nil, isDashed: Bool = false) {
    self.init(
      name, runs: curves.map { $0.points.map { ChartPoint(Double($0.step), $0.score.accuracy) } }, color: color,
      isDashed: isDashed)
  }

  /// The mean of several runs at each place of the first one, with a band from the lowest to the highest.
  package init(_ name: String, runs: [[ChartPoint]], color: Int? = nil, isDashed: Bool = false) {
    let places = (runs.max { $0.count < $1.count } ?? []).map(\.x)
    let values = places.map { place in runs.flatMap { $0.filter { $0.x == place }.map(\.y) } }
    var band: [LineSeries.Spread] = []
    if runs.count > 1 {
      for (place, found) in zip(places, values) {
        band.append(LineSeries.Spread(place, low: found.min() ?? .nan, high: found.max() ?? .nan))
      }
    }
    let means = zip(places, values).map { ChartPoint($0, $1.reduce(0, +) / Double($1.count)) }
    self.init(name, points: means, band: band, color: color, isDashed: isDashed)
  }
}

extension ReportTable {
  /// Every kept score of trainings.
  package init(_ name: String, curves: [AccuracyCurve]) {
    self.init(
      name, columns: ["training", "step", "test_accuracy", "test_loss"],
      rows: curves.flatMap { curve in
        curve.points.map {
          [.text(curve.name), .integer($0.step), .number($0.score.accuracy), .number($0.score.loss)]
        }
      })
  }
}
