import Tern

/// Where batch norm stands: before or after the activation, and in every order with ReLU and pooling.
package struct PlacementExperiment: Experiment {
  package let name = "placement"
  package let summary = "Batch norm before and after the activation, and in every order with ReLU and pooling."

  /// A network, its trials one for each seed.
  struct Row {
    var network: PlacedNetwork
    var trials: [ImageTrial]

    var accuracy: Spread { Spread(trials.map(\.test.accuracy)) }
  }

  package init() {}

  package func run(_ context: ExperimentContext) throws -> ExperimentResult {
    let problem = ImageProblem(try context.images(.fashion))
    let (dense, convolutional, seeds) = context.isQuick ? (200, 60, 3) : (2000, 400, 3)
    var rows: [Row] = []
    for network in PlacedNetwork.all where !context.isStopped {
      let plan = TrialPlan(
        steps: network.isConvolutional ? convolutional : dense, method: .adam, learningRate: 0.001)
      let trials = (0..<seeds).compactMap { seed in
        context.trial("placement: \(network.label)", problem, plan, seed: UInt64(seed)) { network.make(problem) }
      }
      if trials.count == seeds { rows.append(Row(network: network, trials: trials)) }
    }
    return ExperimentResult(
      claim:
        "Batch norm belongs immediately before the nonlinearity, since what a layer computes is closer to a normal "
        + "distribution than what the nonlinearity makes of it (Ioffe & Szegedy 2015, “Batch normalization”, section "
        + "3.2). Others found it as good or better behind it (Mishkin, Sergievskiy & Matas 2017, “Systematic evaluation "
        + "of convolution neural network advances on the ImageNet”, section 3.2).",
      method: [
        "Dense networks with two hidden layers of 100 units (sigmoid and ReLU), without batch norm, with it before and "
          + "with it after the activation, \(dense) steps; convolutional networks of two blocks (32 and 64 channels of "
          + "3×3, then one dense layer) in which batch norm, ReLU and 2×2 maximum follow the convolution in every "
          + "order, \(convolutional) steps; on \(problem.name).",
        "Adam with a rate that falls from 0.001 to 0 in a line, batches of 64, \(seeds) seeds, the same for all: the orders "
          + "give the last layer inputs of different size, which SGD at one rate would measure too.",
      ],
      findings: findings(rows),
      evidence: [.table(table(rows))] + [false, true].map { figure(rows, isConvolutional: $0) },
      data: [data(rows)])
  }

  private func findings(_ rows: [Row]) -> [String] {
    func words(_ row: Row) -> String {
      "\(decimals(row.accuracy.mean, 4)) (\(decimals(row.accuracy.low, 4)) to \(decimals(row.accuracy.high, 4)))"
    }
    func row(_ network: PlacedNetwork) -> Row? { rows.first { $0.network == network } }
    var findings: [String] = []
    for activation in PlacedNetwork.Activation.allCases {
      let places = PlacedNetwork.Place.allCases.compactMap { place in
        row(.dense(activation, place)).map { "\(place.rawValue) \(words($0))" }
      }
      if !places.isEmpty { findings.append("dense, \(activation.rawValue): \(places.joined(separator: ", "))") }
    }
    let convolutional = rows.filter { $0.network.isConvolutional }.sorted { $0.accuracy.mean > $1.accuracy.mean }
    if let best = convolutional.first, let worst = convolutional.last, convolutional.count > 1 {
      findings.append("best order after the convolution: \(best.network.label), \(words(best))")
      findings.append("worst: \(worst.network.label), \(words(worst))")
    }
    if let usual = row(.convolutional([.norm, .relu, .pool])) {
      findings.append("the usual order, \(usual.network.label): \(words(usual))")
      if let swapped = row(.convolutional([.norm, .pool, .relu])) {
        let most = zip(usual.trials, swapped.trials).map { abs($0.test.accuracy - $1.test.accuracy) }.max() ?? 0
        findings.append(
          "ReLU and maximum may change places, since a maximum keeps order: accuracies differ by \(decimals(most, 4)) "
            + "at most, which is what rounding makes of the same function")
      }
    }
    return findings
  }

  private func table(_ rows: [Row]) -> ReportTable {
    ReportTable(
      "placements", caption: "Test accuracy over three seeds",
      columns: ["network", "mean", "lowest", "highest", "test loss", "ms a step"],
      rows: rows.map { row in
        [
          .text(row.network.label), .number(row.accuracy.mean), .number(row.accuracy.low), .number(row.accuracy.high),
          .number(Spread(row.trials.map(\.test.loss)).mean),
          .number(Spread(row.trials.map { $0.stepSeconds * 1e3 }).mean, digits: 3),
        ]
      })
  }

  private func figure(_ rows: [Row], isConvolutional: Bool) -> Report.Part {
    let marks = rows.filter { $0.network.isConvolutional == isConvolutional }.map { row in
      let count = row.trials.first?.losses.count ?? 1
      let window = max(count / 25, 1)
      // Means over sections of the training: a batch's own loss says little.
      let points = stride(from: 0, through: count - window, by: window).map { start in
        let parts = row.trials.flatMap { $0.losses[start..<(start + window)] }
        return ChartPoint(Double(start + window / 2), parts.reduce(0, +) / Double(parts.count))
      }
      return Chart.Mark.line(LineSeries(row.network.label, points: points))
    }
    let title = isConvolutional ? "Orders after the convolution" : "Dense networks"
    return .figure(
      ReportFigure(
        isConvolutional ? "orders" : "dense",
        Chart(title, x: ChartAxis("step"), y: ChartAxis("training loss", scale: .logarithmic), marks: marks),
        caption: "Mean over the seeds of the batches' cross entropy."))
  }

  private func data(_ rows: [Row]) -> ReportTable {
    ReportTable(
      "trials", columns: ["network", "seed", "test_accuracy", "test_loss"],
      rows: rows.flatMap { row in
        row.trials.enumerated().map { seed, trial in
          [.text(row.network.label), .integer(seed), .number(trial.test.accuracy), .number(trial.test.loss)]
        }
      })
  }
}
