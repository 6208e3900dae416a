import Tern

/// Local response normalization against batch norm in a small convolutional network: accuracy and time.
package struct LocalResponseExperiment: Experiment {
  package let name = "local-response"
  package let summary = "Local response normalization against batch norm and none: accuracy and time."

  /// What stands in a block of convolution, ReLU and pooling besides.
  package enum Kind: String, CaseIterable, Sendable {
    case none = "no normalization"
    case localResponse = "local response"
    case batchNorm = "batch norm"
  }

  /// The trials of a kind at a rate, one for each seed.
  struct Row {
    var kind: Kind
    var rate: Double
    var trials: [ImageTrial]

    var accuracy: Spread { Spread(trials.map(\.test.accuracy)) }
  }

  package init() {}

  package func run(_ context: ExperimentContext) throws -> ExperimentResult {
    let problem = ImageProblem(try context.images(.fashion))
    let (steps, seeds) = context.isQuick ? (100, 1) : (150, 3)
    let rates = [0.003, 0.01, 0.03, 0.1, 0.3]
    var rows: [Row] = []
    for kind in Kind.allCases {
      for rate in rates where !context.isStopped {
        let plan = TrialPlan(steps: steps, learningRate: rate)
        let trials = (0..<seeds).compactMap { seed in
          context.trial("local-response: \(kind.rawValue), rate \(rate)", problem, plan, seed: UInt64(seed)) {
            LocalResponseExperiment.network(kind, problem)
          }
        }
        if trials.count == seeds { rows.append(Row(kind: kind, rate: rate, trials: trials)) }
      }
    }
    let times = context.isStopped ? [] : layerTimes(context)
    return ExperimentResult(
      claim:
        "Dividing by the activity of neighboring channels helps generalization: it lowered AlexNet's error by 1.4 and "
        + "1.2 points (Krizhevsky, Sutskever & Hinton 2012, “ImageNet classification with deep convolutional neural "
        + "networks”, section 3.3). With batch norm it is no longer needed (Ioffe & Szegedy 2015, section 4.2.1).",
      method: [
        "Two blocks of a 3×3 convolution (32 and 64 channels), ReLU and 2×2 maximum, then one dense layer, on "
          + "\(problem.name); local response normalization (5 channels, k = 2, α = 5·10⁻⁴ over the window, β = 0.75) "
          + "stands behind the ReLU as in AlexNet, batch norm before it.",
        "SGD with momentum 0.9, \(steps) steps of 64 images, \(counted(seeds, "seed")) for each rate, the rate falling to 0 in "
          + "a line. Times are medians.",
      ],
      findings: findings(rows, times),
      evidence: [.table(table(rows))] + (times.isEmpty ? [] : [.table(timeTable(rows, times))]) + [figure(rows)],
      data: [data(rows)])
  }

  /// The network for the images of a problem.
  package static func network(_ kind: Kind, _ problem: ImageProblem) -> Sequential<Float> {
    let (channels, height, width) = (problem.shape[0], problem.shape[1], problem.shape[2])
    return Sequential {
      for (inputs, outputs) in [(channels, 32), (32, 64)] {
        Conv2D(inputs, outputs, kernelSize: 3, padding: 1)
        if kind == .batchNorm { BatchNorm2d(outputs) }
        ReLU()
        if kind == .localResponse { LocalResponseNorm(5, alpha: 5e-4, beta: 0.75, k: 2) }
        MaxPool2D(2)
      }
      Flatten()
      Dense(64 * (height / 4) * (width / 4), problem.classCount)
    }
  }

  /// The time of a layer's forward and backward pass on activations of a size that the network has.
  private func layerTimes(_ context: ExperimentContext) -> [(kind: Kind, seconds: Double)] {
    let shape = [64, 32, 28, 28]
    let generator = RandomGenerator(seed: 1)
    let input = Tensor<Float>(randomNormal: shape, generator: generator).asVariable()
    let gradient = Tensor<Float>(randomNormal: shape, generator: generator)
    let layers: [(Kind, any Layer<Float>)] = [
      (.localResponse, LocalResponseNorm(5, alpha: 5e-4, beta: 0.75, k: 2)), (.batchNorm, BatchNorm2d(32)),
    ]
    return layers.map { kind, layer in
      func pass(_ layer: some Layer<Float>) -> Double {
        let clock = ContinuousClock()
        let times = (0..<(context.isQuick ? 5 : 20)).map { _ in
          clock.measure { _ = gradients(of: layer(input), at: [input], gradient: gradient) }
        }
        return median(times)
      }
      return (kind, pass(layer))
    }
  }

  private func best(_ rows: [Row], _ kind: Kind) -> Row? {
    rows.filter { $0.kind == kind }.max { $0.accuracy.mean < $1.accuracy.mean }
  }

  private func findings(_ rows: [Row], _ times: [(kind: Kind, seconds: Double)]) -> [String] {
    var findings = Kind.allCases.compactMap { kind -> String? in
      guard let row = best(rows, kind) else { return nil }
      let spread = row.accuracy
      return "\(kind.rawValue): test accuracy \(decimals(spread.mean, 4)) (\(decimals(spread.low, 4)) to "
        + "\(decimals(spread.high, 4))) at its best rate, \(row.rate); \(decimals(stepTime(row) * 1e3, 1)) ms a step"
    }
    if let none = best(rows, .none) {
      for kind in [Kind.localResponse, .batchNorm] {
        guard let row = best(rows, kind) else { continue }
        let gain = (row.accuracy.mean - none.accuracy.mean) * 100
        findings.append(
          "\(kind.rawValue) against none: \(gain < 0 ? "" : "+")\(decimals(gain, 2)) points of accuracy for "
            + "\(decimals((stepTime(row) / stepTime(none) - 1) * 100, 0)) % more time a step")
      }
    }
    if !times.isEmpty {
      let each = times.map { "\($0.kind.rawValue) \(decimals($0.seconds * 1e3, 2)) ms" }.joined(separator: ", ")
      findings.append("forward and backward of the layer alone on 64×32×28×28: \(each)")
    }
    return findings
  }

  private func stepTime(_ row: Row) -> Double { Spread(row.trials.map(\.stepSeconds)).mean }

  private func table(_ rows: [Row]) -> ReportTable {
    ReportTable(
      "accuracies", caption: "Test accuracy over the seeds",
      columns: ["normalization", "rate", "mean", "lowest", "highest", "last loss"],
      rows: rows.map { row in
        let losses = row.trials.map { $0.losses.suffix(50).reduce(0, +) / Double(min($0.losses.count, 50)) }
        return [
          .text(row.kind.rawValue), .number(row.rate), .number(row.accuracy.mean), .number(row.accuracy.low),
          .number(row.accuracy.high), .number(Spread(losses).mean),
        ]
      })
  }

  private func timeTable(_ rows: [Row], _ times: [(kind: Kind, seconds: Double)]) -> ReportTable {
    ReportTable(
      "times", caption: "Milliseconds of a training step, and of the layer alone on 64×32×28×28 (forward and backward)",
      columns: ["normalization", "step", "layer"],
      rows: Kind.allCases.compactMap { kind in
        guard let row = best(rows, kind) else { return nil }
        let layer = times.first { $0.kind == kind }?.seconds ?? 0
        return [.text(kind.rawValue), .number(stepTime(row) * 1e3, digits: 3), .number(layer * 1e3, digits: 3)]
      })
  }

  private func figure(_ rows: [Row]) -> Report.Part {
    let marks = Kind.allCases.map { kind in
      let own = rows.filter { $0.kind == kind }
      return Chart.Mark.line(
        LineSeries(
          kind.rawValue, points: own.map { ChartPoint($0.rate, $0.accuracy.mean) },
          band: own.map { LineSeries.Spread($0.rate, low: $0.accuracy.low, high: $0.accuracy.high) }))
    }
    return .figure(
      ReportFigure(
        "accuracy",
        Chart(
          "Test accuracy by learning rate", x: ChartAxis("learning rate", scale: .logarithmic),
          y: ChartAxis("accuracy"),
          marks: marks),
        caption: "The mean over the seeds, and from the lowest to the highest."))
  }

  private func data(_ rows: [Row]) -> ReportTable {
    ReportTable(
      "trials", columns: ["normalization", "rate", "seed", "test_accuracy", "test_loss", "step_seconds"],
      rows: rows.flatMap { row in
        row.trials.enumerated().map { seed, trial in
          [
            .text(row.kind.rawValue), .number(row.rate), .integer(seed), .number(trial.test.accuracy),
            .number(trial.test.loss), .number(trial.stepSeconds),
          ]
        }
      })
  }
}
