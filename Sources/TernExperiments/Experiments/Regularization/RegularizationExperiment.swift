import Tern

/// No regularization, L2, dropout and batch norm on few noisy points, with the boundaries that each one draws.
package struct RegularizationExperiment: Experiment {
  package let name = "regularization"
  package let summary = "No regularization, L2, dropout and batch norm in a 2-20-3-1 network on few noisy points."

  package init() {}

  package func run(_ context: ExperimentContext) throws -> ExperimentResult {
    let study =
      try context.reference("regularization", holding: "X_train.npy").map { try RegularizationStudy(folder: $0) }
      ?? RegularizationStudy(seed: 3)
    let iterations = context.isQuick ? 3000 : 30_000
    var outcomes: [RegularizationStudy.Outcome] = []
    for method in RegularizationStudy.Method.allCases where !context.isStopped {
      outcomes.append(study.train(method, iterations: iterations, interval: iterations / 30, context))
    }
    return try ExperimentResult(
      claim:
        "Dropout keeps units from relying on each other and L2 keeps weights small; both are said to draw a smoother "
        + "boundary and to do better on new points than a network without them (Srivastava et al. 2014, “Dropout: a "
        + "simple way to prevent neural networks from overfitting”; Krogh & Hertz 1991, “A simple weight decay can "
        + "improve generalization”). Batch norm is said to regularize as well (Ioffe & Szegedy 2015).",
      method: [
        "A 2-20-3-1 network with ReLU and a sigmoid output, in Double, by gradient descent over all points with rate "
          + "\(RegularizationStudy.learningRate), \(iterations) updates, from the same weights each time; on \(study.source).",
        "L2 adds λ/(2m)·ΣW² with λ = 0.7; dropout keeps 0.86 of the units and divides by it, with the same masks in "
          + "every iteration; batch norm stands before each ReLU. Accuracies are those of the evaluation network.",
      ],
      findings: findings(study, outcomes),
      evidence: [.table(table(study, outcomes)), .figure(costs(outcomes))]
        + outcomes.map { .figure(boundary(study, $0)) },
      data: [trace(outcomes)])
  }

  private func findings(
    _ study: RegularizationStudy, _ outcomes: [RegularizationStudy.Outcome]
  ) throws -> [String] {
    var findings = outcomes.map { outcome in
      let (train, test) = accuracies(study, outcome)
      return "\(outcome.method.rawValue): training accuracy \(decimals(train, 4)), test accuracy \(decimals(test, 4)), "
        + "apart by \(decimals(train - test, 4))"
    }
    if let best = outcomes.max(by: { $0.testCorrect < $1.testCorrect }) {
      let count = Double(study.test.x.shape[0])
      findings.append(
        "best on new points: \(best.method.rawValue), \(decimals(Double(best.testCorrect) / count, 4))")
    }
    var largest: Double?
    for outcome in outcomes {
      guard let reference = try study.referenceTrace(outcome.method) else { continue }
      for (iteration, cost) in outcome.trace where iteration.isMultiple(of: 1000) && iteration / 1000 < reference.count
      {
        largest = max(largest ?? 0, abs(cost - reference[iteration / 1000]))
      }
    }
    if let largest {
      findings.append("largest difference from the costs of the reference: \(scientific(largest))")
    }
    return findings
  }

  private func accuracies(
    _ study: RegularizationStudy, _ outcome: RegularizationStudy.Outcome
  ) -> (train: Double, test: Double) {
    (
      Double(outcome.trainCorrect) / Double(study.train.x.shape[0]),
      Double(outcome.testCorrect) / Double(study.test.x.shape[0])
    )
  }

  private func table(_ study: RegularizationStudy, _ outcomes: [RegularizationStudy.Outcome]) -> ReportTable {
    ReportTable(
      "results", caption: "Accuracies at the end",
      columns: ["method", "training accuracy", "test accuracy", "last cost"],
      rows: outcomes.map { outcome in
        let (train, test) = accuracies(study, outcome)
        return [
          .text(outcome.method.rawValue), .number(train), .number(test), .number(outcome.trace.last?.cost ?? .nan),
        ]
      })
  }

  private func trace(_ outcomes: [RegularizationStudy.Outcome]) -> ReportTable {
    ReportTable(
      "costs", columns: ["method", "iteration", "cost"],
      rows: outcomes.flatMap { outcome in
        outcome.trace.map { [.text(outcome.method.key), .integer($0.iteration), .number($0.cost)] }
      })
  }

  private func costs(_ outcomes: [RegularizationStudy.Outcome]) -> ReportFigure {
    let lines = outcomes.map { outcome in
      Chart.Mark.line(
        LineSeries(
          outcome.method.rawValue, points: outcome.trace.map { ChartPoint(Double($0.iteration), $0.cost) }))
    }
    return ReportFigure(
      "costs", Chart("Training cost", x: ChartAxis("iteration"), y: ChartAxis("cost"), marks: lines),
      caption: "The cost that each method minimizes: with the L2 term and with dropout's masks where they are used.")
  }

  /// The regions of the two classes over the points.
  private func boundary(_ study: RegularizationStudy, _ outcome: RegularizationStudy.Outcome) -> ReportFigure {
    let all = study.train.x.scalars + study.test.x.scalars
    let across = extent(stride(from: 0, to: all.count, by: 2).map { all[$0] })
    let up = extent(stride(from: 1, to: all.count, by: 2).map { all[$0] })
    let nodes = 81
    func node(_ range: ClosedRange<Double>, _ index: Int) -> Double {
      range.lowerBound + (range.upperBound - range.lowerBound) * Double(index) / Double(nodes - 1)
    }
    let grid = (0..<nodes).flatMap { row in (0..<nodes).flatMap { [node(across, $0), node(up, row)] } }
    let values = outcome.network.probabilities(Tensor(grid, shape: [nodes * nodes, 2]))
    let (points, classes) = (study.train.x.scalars, study.train.y.scalars)
    let clouds = [0.0, 1.0].enumerated().map { color, label in
      Chart.Mark.scatter(
        ScatterSeries(
          "class \(color)",
          points: classes.indices.filter { classes[$0] == label }.map {
            ChartPoint(points[2 * $0], points[2 * $0 + 1])
          },
          color: color))
    }
    let field = FieldSeries(x: across, y: up, columns: nodes, values: values, style: .regions(threshold: 0.5))
    let (_, test) = accuracies(study, outcome)
    return ReportFigure(
      "boundary-\(outcome.method.key)",
      Chart(
        "Boundary: \(outcome.method.rawValue)", x: ChartAxis("first coordinate"), y: ChartAxis("second coordinate"),
        marks: [.field(field)] + clouds),
      caption: "Training points and what the network takes for each class; test accuracy \(decimals(test, 4)).")
  }

  private func extent(_ values: [Double]) -> ClosedRange<Double> {
    let (low, high) = (values.min() ?? 0, values.max() ?? 1)
    let margin = max(high - low, 1e-9) * 0.05
    return low - margin...high + margin
  }
}
