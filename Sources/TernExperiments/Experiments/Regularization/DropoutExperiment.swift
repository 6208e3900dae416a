import Tern

/// Dropout by its rate, before and after batch norm, beside L2; and the evaluation network beside sampled subnetworks.
package struct DropoutExperiment: Experiment {
  package let name = "dropout"
  package let summary =
    "Dropout's rate, its place beside batch norm, L2 beside it, and the mean of sampled subnetworks."

  /// What is tried: a rate at a place, or an L2 penalty.
  package enum Method: Hashable, Sendable {
    case dropout(Double, DropoutNetwork.Place)
    case l2(Double)

    var group: String {
      switch self {
      case .dropout(_, let place): "dropout \(place.rawValue)"
      case .l2: "L2"
      }
    }

    var strength: Double {
      switch self {
      case .dropout(let rate, _): rate
      case .l2(let decay): decay
      }
    }
  }

  /// The means over the seeds of what a method came to.
  package struct Row {
    package var network: DropoutNetwork
    package var method: Method
    /// Cross entropy of the batches in the last epoch, as it was trained: units dropped.
    package var trainingLoss: Double
    /// Of the evaluation network on the images it learned.
    package var trainAccuracy: Double
    /// Of the evaluation network on the others.
    package var testAccuracy: Double
    package var testLoss: Double

    /// How much better the network does on the images it learned.
    package var gap: Double { trainAccuracy - testAccuracy }
  }

  /// How much is done.
  struct Extent {
    var images: Int
    var epochs: Int
    var seeds: Int
    var rates: [Double]
    var decays: [Double]

    static let full = Extent(
      images: 3000, epochs: 12, seeds: 2, rates: [0, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9], decays: [1e-4, 1e-3, 1e-2])
    static let quick = Extent(images: 1000, epochs: 6, seeds: 1, rates: [0, 0.3, 0.6, 0.9], decays: [1e-3, 1e-2])
  }

  package init() {}

  package func run(_ context: ExperimentContext) throws -> ExperimentResult {
    let extent = context.isQuick ? Extent.quick : .full
    let problem = ImageProblem(try context.images(.fashion), trainCount: extent.images)
    let methods =
      DropoutNetwork.Place.allCases.flatMap { place in extent.rates.map { Method.dropout($0, place) } }
      + extent.decays.map { .l2($0) }
    var rows: [Row] = []
    var sampled: [(network: DropoutNetwork, result: SampledSubnetworks)] = []
    for network in DropoutNetwork.allCases {
      for method in methods where !context.isStopped {
        guard let (row, model) = trained(context, problem, extent, network, method) else { break }
        rows.append(row)
        if method == .dropout(context.isQuick ? 0.6 : 0.5, .after) {
          let result = SampledSubnetworks(
            model, problem.test, limit: context.isQuick ? 500 : 2000, counts: [1, 2, 5, 10, 20, 50], seed: 11,
            isStopped: { context.isStopped })
          if !result.points.isEmpty { sampled.append((network, result)) }
        }
      }
    }
    return ExperimentResult(
      claim:
        "Dropping units at random keeps them from relying on each other: training gets harder and the gap to new "
        + "images smaller; the network with all units approximates the mean of the subnetworks (Srivastava et al. 2014, "
        + "“Dropout: a simple way to prevent neural networks from overfitting”). In front of batch norm it changes the "
        + "variance between training and evaluation (Li et al. 2019, “Understanding the disharmony between dropout "
        + "and batch normalization by variance shift”).",
      method: [
        "An MLP with hidden layers of 256 and 128 and a CNN of two convolutions (16 and 32 channels), with batch norm, "
          + "on the first \(problem.train.count) images of \(problem.name), \(extent.epochs) epochs of batches of 64, "
          + "SGD with momentum 0.9 and rate 0.02 that falls to 0 in a line; means over \(counted(extent.seeds, "seed")).",
        "Dropout stands behind the ReLU that follows batch norm, or behind the ReLU and in front of batch norm. L2 is "
          + "λ/2·ΣW² without dropout. The training loss is that of the last epoch's batches with units dropped; the gap "
          + "is the accuracy on the training images less that on the test images, both of the evaluation network.",
        "Subnetworks: the probabilities of a network trained with dropout, with new units dropped each time, averaged "
          + "over 1 to 50 draws, beside those of the evaluation network.",
      ],
      findings: findings(rows, sampled),
      evidence: [.table(table(rows))] + figures(rows) + sampledFigures(sampled),
      data: [samples(sampled)])
  }

  /// The means over the seeds, and the first seed's network; `nil` where it was stopped.
  private func trained(
    _ context: ExperimentContext, _ problem: ImageProblem, _ extent: Extent, _ network: DropoutNetwork,
    _ method: Method
  ) -> (Row, Sequential<Float>)? {
    let epoch = max(problem.train.count / 64, 1)
    var plan = TrialPlan(steps: extent.epochs * epoch, learningRate: 0.02)
    var (rate, place) = (0.0, DropoutNetwork.Place.after)
    switch method {
    case .dropout(let probability, let position): (rate, place) = (probability, position)
    case .l2(let decay): plan.decay = decay
    }
    let trials = (0..<extent.seeds).compactMap { seed in
      context.trial(
        "dropout: \(network.rawValue), \(method.group) \(method.strength)", problem, plan, seed: UInt64(seed)
      ) { network.make(problem, rate: rate, place) }
    }
    guard trials.count == extent.seeds else { return nil }
    func mean(_ value: (ImageTrial) -> Double) -> Double { Spread(trials.map(value)).mean }
    let row = Row(
      network: network, method: method,
      trainingLoss: mean { $0.losses.suffix(epoch).reduce(0, +) / Double(epoch) },
      trainAccuracy: mean { evaluate($0.model, on: problem.train, batchSize: 1000).accuracy },
      testAccuracy: mean(\.test.accuracy), testLoss: mean(\.test.loss))
    return (row, trials[0].model)
  }

  private func rows(_ rows: [Row], _ network: DropoutNetwork, _ group: String) -> [Row] {
    rows.filter { $0.network == network && $0.method.group == group }
  }

  private var groups: [String] { DropoutNetwork.Place.allCases.map { "dropout \($0.rawValue)" } + ["L2"] }

  private func findings(
    _ all: [Row], _ sampled: [(network: DropoutNetwork, result: SampledSubnetworks)]
  ) -> [String] {
    var findings: [String] = []
    for network in DropoutNetwork.allCases {
      for place in DropoutNetwork.Place.allCases {
        let rows = rows(all, network, "dropout \(place.rawValue)")
        guard let first = rows.first, let last = rows.last, rows.count > 1 else { continue }
        findings.append(
          "\(network.rawValue), dropout \(place.rawValue): from rate \(first.method.strength) to "
            + "\(last.method.strength) the training loss goes from \(decimals(first.trainingLoss, 3)) to "
            + "\(decimals(last.trainingLoss, 3)), the gap from \(decimals(first.gap, 3)) to \(decimals(last.gap, 3))")
      }
      let best = groups.compactMap { group in
        rows(all, network, group).max { $0.testAccuracy < $1.testAccuracy }
      }
      if !best.isEmpty {
        let words = best.map {
          "\($0.method.group) \(decimals($0.testAccuracy, 4)) at \($0.method.strength)"
        }
        findings.append("\(network.rawValue), best test accuracy: \(words.joined(separator: ", "))")
      }
    }
    for (network, result) in sampled {
      guard let last = result.points.last else { continue }
      findings.append(
        "\(network.rawValue): the evaluation network tells \(decimals(result.evaluation.accuracy, 4)) of the images, the "
          + "mean of \(last.count) subnetworks \(decimals(last.accuracy, 4)), one alone "
          + "\(decimals(result.points[0].accuracy, 4)); their probabilities differ by \(decimals(result.difference, 4)) "
          + "on average")
    }
    return findings
  }

  private func table(_ rows: [Row]) -> ReportTable {
    ReportTable(
      "results", caption: "Means over the seeds; the strength is dropout's rate or λ",
      columns: [
        "network", "method", "strength", "training loss", "train accuracy", "test accuracy", "gap", "test loss",
      ],
      rows: rows.map { row in
        [.text(row.network.rawValue), .text(row.method.group), .number(row.method.strength)]
          + [row.trainingLoss, row.trainAccuracy, row.testAccuracy, row.gap, row.testLoss].map { .number($0) }
      })
  }

  private func figures(_ all: [Row]) -> [Report.Part] {
    func figure(
      _ network: DropoutNetwork, _ name: String, _ label: String, _ value: @escaping (Row) -> Double
    ) -> Report.Part {
      let marks = DropoutNetwork.Place.allCases.map { place in
        let own = rows(all, network, "dropout \(place.rawValue)")
        return Chart.Mark.line(
          LineSeries(place.rawValue, points: own.map { ChartPoint($0.method.strength, value($0)) }))
      }
      return .figure(
        ReportFigure(
          "\(name)-\(network.rawValue.lowercased())",
          Chart("\(network.rawValue): \(label)", x: ChartAxis("rate of dropout"), y: ChartAxis(label), marks: marks)))
    }
    return DropoutNetwork.allCases.flatMap { network in
      [
        figure(network, "loss", "training loss") { $0.trainingLoss },
        figure(network, "gap", "gap in accuracy") { $0.gap },
        figure(network, "accuracy", "test accuracy") { $0.testAccuracy },
      ]
    }
  }

  private func sampledFigures(
    _ sampled: [(network: DropoutNetwork, result: SampledSubnetworks)]
  ) -> [Report.Part] {
    sampled.map { network, result in
      let means = result.points.map { ChartPoint(Double($0.count), $0.accuracy) }
      let ends = [1, Double(result.points.last?.count ?? 1)]
      return .figure(
        ReportFigure(
          "subnetworks-\(network.rawValue.lowercased())",
          Chart(
            "\(network.rawValue): mean of subnetworks", x: ChartAxis("subnetworks", scale: .logarithmic),
            y: ChartAxis("test accuracy"),
            marks: [
              .line(LineSeries("mean of subnetworks", points: means)),
              .line(
                LineSeries(
                  "evaluation network", points: ends.map { ChartPoint($0, result.evaluation.accuracy) },
                  isDashed: true)),
            ])))
    }
  }

  private func samples(_ sampled: [(network: DropoutNetwork, result: SampledSubnetworks)]) -> ReportTable {
    ReportTable(
      "subnetworks", columns: ["network", "subnetworks", "accuracy", "loss"],
      rows: sampled.flatMap { network, result in
        ([result.evaluation] + result.points).map {
          [
            .text($0.count == 0 ? "\(network.rawValue), evaluation" : network.rawValue), .integer($0.count),
            .number($0.accuracy), .number($0.loss),
          ]
        }
      })
  }
}
