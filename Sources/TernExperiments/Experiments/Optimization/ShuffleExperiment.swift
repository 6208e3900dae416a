import Tern

/// The order in which training samples come: new in every epoch, shuffled once, as in the file, and sorted by class.
package struct ShuffleExperiment: Experiment {
  package let name = "shuffle"
  package let summary = "Training samples reshuffled each epoch, shuffled once, never, and sorted by class."

  /// An order of the training samples.
  package enum Order: String, CaseIterable {
    case reshuffled = "reshuffled each epoch"
    case once = "shuffled once"
    case never = "never shuffled"
    case sorted = "sorted by class"

    /// The images in this order, before any epoch's own.
    package func dataset(_ images: ImageDataset, seed: UInt64) -> Subset<ImageDataset> {
      let labels = images.images.labels
      let indices =
        switch self {
        case .reshuffled, .never: Array(labels.indices)
        case .once: RandomGenerator(seed: seed).permutation(labels.count)
        case .sorted: labels.indices.sorted { (labels[$0], $0) < (labels[$1], $1) }
        }
      return Subset(images, indices: indices)
    }
  }

  /// The trainings of an order.
  struct Outcome {
    let order: Order
    /// Test accuracies of each seed, from step 0 on.
    var traces: [[(step: Int, accuracy: Double)]] = []

    var last: Spread { Spread(traces.compactMap(\.last?.accuracy)) }
    /// The highest accuracy at any moment, mean of the seeds.
    var highest: Double { Spread(traces.compactMap { $0.map(\.accuracy).max() }).mean }
  }

  package static let batchSize = 10
  static let learningRate = 0.1

  package init() {}

  package func run(_ context: ExperimentContext) throws -> ExperimentResult {
    let split = try context.images(.mnist)
    let images = ImageDataset(split.train, standardization: Standardization(of: split.train))
    let test = ImageDataset(split.test, standardization: images.standardization)
    let perEpoch = images.count / ShuffleExperiment.batchSize
    let epochs = max(2, (context.isQuick ? 600 : 30_000) / perEpoch)
    let steps = epochs * perEpoch
    var outcomes: [Outcome] = []
    for order in Order.allCases where !context.isStopped {
      var outcome = Outcome(order: order)
      for seed: UInt64 in 1...3 where !context.isStopped {
        let training = ShuffleExperiment.training(images, order, seed: seed)
        var trace = [(step: 0, accuracy: training.score(test).accuracy)]
        context.run("shuffle: \(order.rawValue), seed \(seed)", steps: steps) { _ in
          training.step()
          if training.steps.isMultiple(of: max(steps / 60, 1)) || training.steps == steps {
            trace.append((training.steps, training.score(test).accuracy))
          }
        }
        outcome.traces.append(trace)
      }
      outcomes.append(outcome)
    }
    return ExperimentResult(
      claim:
        "Stochastic gradient descent supposes that the samples of a batch are drawn from all of them: shuffle them, and "
        + "do not let samples of one class follow each other (LeCun, Bottou, Orr & Müller 1998, “Efficient backprop”, "
        + "section 4.2; Bengio 2012, “Practical recommendations for gradient-based training of deep architectures”).",
      method: [
        "\(split.name): a network \(split.train.channels * split.train.height * split.train.width)-128-"
          + "\(split.train.classCount) with ReLU on standardized values, plain gradient descent with rate "
          + "\(ShuffleExperiment.learningRate) on batches of \(ShuffleExperiment.batchSize), \(epochs) epochs of "
          + "\(perEpoch) steps.",
        "Three seeds, which give the weights at first and the random orders; the weights of a seed are the same for "
          + "every order. Accuracies are those on the test set.",
      ],
      findings: findings(outcomes),
      evidence: [.table(table(outcomes)), .figure(figure(outcomes))],
      data: [
        ReportTable(
          "accuracies", columns: ["order", "seed", "step", "accuracy"],
          rows: outcomes.flatMap { outcome in
            outcome.traces.enumerated().flatMap { seed, trace in
              trace.map { point -> [ReportTable.Cell] in
                [.text(outcome.order.rawValue), .integer(seed + 1), .integer(point.step), .number(point.accuracy)]
              }
            }
          })
      ])
  }

  /// A training at its beginning.
  package static func training(_ images: ImageDataset, _ order: Order, seed: UInt64) -> ImageTraining {
    let size = images.images.channels * images.images.height * images.images.width
    let model = Random.with(RandomGenerator(seed: seed)) {
      Sequential {
        Flatten()
        Dense(size, 128)
        ReLU()
        Dense(128, images.images.classCount)
      }
    }
    return ImageTraining(
      model, optimizer: SGD(model, learningRate: learningRate), train: order.dataset(images, seed: seed),
      batchSize: batchSize, shuffle: order == .reshuffled, seed: seed)
  }

  private func findings(_ outcomes: [Outcome]) -> [String] {
    var findings = outcomes.map { outcome in
      "\(outcome.order.rawValue): test accuracy \(decimals(outcome.last.mean, 4)), from "
        + "\(decimals(outcome.last.low, 4)) to \(decimals(outcome.last.high, 4)) over \(outcome.traces.count) seeds"
    }
    if let sorted = outcomes.first(where: { $0.order == .sorted }), let first = outcomes.first {
      findings.append(
        "sorted by class, the accuracy ends \(decimals(first.last.mean - sorted.last.mean, 4)) below that of the "
          + "reshuffled order; the best moments of the seeds come to \(decimals(sorted.highest, 4))")
    }
    return findings
  }

  private func table(_ outcomes: [Outcome]) -> ReportTable {
    ReportTable(
      "orders", caption: "Test accuracy at the end, over the seeds",
      columns: ["order", "mean", "lowest", "highest", "best moment"],
      rows: outcomes.map { outcome in
        [.text(outcome.order.rawValue)]
          + [outcome.last.mean, outcome.last.low, outcome.last.high, outcome.highest].map { .number($0) }
      })
  }

  private func figure(_ outcomes: [Outcome]) -> ReportFigure {
    let lines = outcomes.map { outcome in
      let places = (outcome.traces.first ?? []).indices.filter { place in outcome.traces.allSatisfy { place < $0.count }
      }
      let spreads = places.map { place in
        (Double(outcome.traces[0][place].step), Spread(outcome.traces.map { 1 - $0[place].accuracy }))
      }
      return Chart.Mark.line(
        LineSeries(
          outcome.order.rawValue, points: spreads.map { ChartPoint($0, $1.mean) },
          band: spreads.map { LineSeries.Spread($0, low: $1.low, high: $1.high) }))
    }
    return ReportFigure(
      "error",
      Chart("Test error", x: ChartAxis("step"), y: ChartAxis("share told wrongly", scale: .logarithmic), marks: lines),
      caption: "The mean of the seeds, with a band from the lowest to the highest.")
  }
}
