import Foundation
import Tern

/// How gradients fare on their way back through deep networks, and what keeps them from vanishing.
package struct VanishingGradientExperiment: Experiment {
  package let name = "vanishing-gradient"
  package let summary = "Gradients by layer in networks of 2 to 20 layers: sigmoids, batch norm, ReLU, residual, large."

  /// A kind at a depth: measurements of several seeds, and the test accuracy after some steps where it was trained.
  struct Row {
    var kind: DeepNetwork.Kind
    var depth: Int
    var measurements: [DeepNetwork.Measurement]
    var accuracy: Double?

    /// The geometric mean over the seeds.
    var ratio: Double { Row.middle(measurements.map(\.ratio)) }
    /// The same of each layer's norm.
    var norms: [Double] { (0..<depth).map { layer in Row.middle(measurements.map { $0.norms[layer] }) } }
    /// The mean over seeds of each activation's fraction of saturated units.
    var saturated: [Double] {
      (measurements.first?.saturated ?? []).indices.map { layer in
        Spread(measurements.map { $0.saturated[layer] }).mean
      }
    }

    private static func middle(_ values: [Double]) -> Double { exp(Spread(values.map { log($0) }).mean) }
  }

  static let learningRate = 0.03
  static let batchSize = 60

  package init() {}

  package func run(_ context: ExperimentContext) throws -> ExperimentResult {
    let split = try context.images(.mnist)
    let train = ImageDataset(split.train, standardization: Standardization(of: split.train))
    let test = ImageDataset(split.test, standardization: train.standardization)
    let depths = context.isQuick ? [2, 5, 10, 20] : [2, 3, 5, 7, 10, 14, 20]
    let seeds: ClosedRange<UInt64> = 1...(context.isQuick ? 3 : 10)
    let steps = context.isQuick ? 300 : 1000
    let batch = train.batch(RandomGenerator(seed: 1).permutation(train.count).prefix(500).map { $0 })
    var rows: [Row] = []
    for kind in DeepNetwork.Kind.allCases where !context.isStopped {
      context.run("vanishing-gradient: \(kind.rawValue)", steps: depths.count) { index in
        let measurements = seeds.map {
          DeepNetwork(kind, depth: depths[index], images: split.train, seed: $0).measure(batch)
        }
        rows.append(Row(kind: kind, depth: depths[index], measurements: measurements))
      }
    }
    for index in rows.indices where [2, 20].contains(rows[index].depth) && !context.isStopped {
      rows[index].accuracy = accuracy(rows[index], train, test, steps, context)
    }
    return ExperimentResult(
      claim:
        "On the way back through many layers gradients are multiplied by a derivative at each: with sigmoids, whose derivative is "
        + "at most 1/4, they vanish; with large weights they can explode (Hochreiter 1991; Bengio, Simard & Frasconi "
        + "1994, “Learning long-term dependencies with gradient descent is difficult”; Glorot & Bengio 2010). Batch norm "
        + "(Ioffe & Szegedy 2015), ReLU with its own initialization (He et al. 2015) and residual connections (He et al. "
        + "2016) are said to keep them alive.",
      method: [
        "\(split.name), standardized; \(depths[0]) to \(depths[depths.count - 1]) hidden layers of \(DeepNetwork.width) "
          + "units and one of logits, biases 0 at first. "
          + DeepNetwork.Kind.allCases.map { "\($0.rawValue): \($0.description)" }.joined(separator: "; ") + ".",
        "Before any training: the length of the gradient of each hidden layer's weights on a batch of \(batch.count), "
          + "the geometric mean of \(seeds.count) seeds; and the share of saturated units, sigmoids below 0.05 or above "
          + "0.95 and ReLUs at 0. Then networks of 2 and 20 layers learn for \(steps) steps of plain gradient descent "
          + "with rate \(VanishingGradientExperiment.learningRate) on batches of "
          + "\(VanishingGradientExperiment.batchSize).",
      ],
      findings: findings(rows),
      evidence: [.table(table("ratios", rows.filter { [2, 10, 20].contains($0.depth) }))] + figures(rows),
      data: [table("all-ratios", rows), data(rows)])
  }

  private func accuracy(
    _ row: Row, _ train: ImageDataset, _ test: ImageDataset, _ steps: Int, _ context: ExperimentContext
  ) -> Double? {
    let network = DeepNetwork(row.kind, depth: row.depth, images: train.images, seed: 1)
    let training = ImageTraining(
      network.model, optimizer: SGD(network.model, learningRate: VanishingGradientExperiment.learningRate),
      train: train, batchSize: VanishingGradientExperiment.batchSize, seed: 1)
    let label = "vanishing-gradient: \(row.kind.rawValue), \(row.depth) layers"
    let made = context.run(label, steps: steps) { _ in training.step() }
    return made == steps ? training.score(test).accuracy : nil
  }

  private func text(_ value: Double) -> String { ReportTable.Cell.number(value, digits: 2).shown }

  private func findings(_ rows: [Row]) -> [String] {
    DeepNetwork.Kind.allCases.compactMap { kind in
      let own = rows.filter { $0.kind == kind }
      guard let first = own.first, let last = own.last, last.depth > first.depth else { return nil }
      var text =
        "\(kind.rawValue): the first layer's gradient over the last's is \(text(first.ratio)) with \(first.depth) "
        + "layers and \(text(last.ratio)) with \(last.depth), where \(decimals(Spread(last.saturated).mean * 100, 1)) % "
        + "of the units are saturated"
      if let shallow = first.accuracy, let deep = last.accuracy {
        text += "; test accuracy after training \(decimals(shallow, 4)) and \(decimals(deep, 4))"
      }
      return text
    }
  }

  private func table(_ name: String, _ rows: [Row]) -> ReportTable {
    ReportTable(
      name, caption: "Gradients before training: the first hidden layer's over the last one's, and saturated units",
      columns: ["network", "layers", "first layer", "last layer", "ratio", "saturated share", "accuracy"],
      rows: rows.map { row in
        [.text(row.kind.rawValue), .integer(row.depth)]
          + [row.norms.first ?? .nan, row.norms.last ?? .nan, row.ratio].map { .number($0, digits: 3) }
          + [.number(Spread(row.saturated).mean, digits: 3), row.accuracy.map { .number($0) } ?? .text("")]
      })
  }

  private func data(_ rows: [Row]) -> ReportTable {
    ReportTable(
      "layers", columns: ["network", "layers", "seed", "layer", "gradient_norm"],
      rows: rows.flatMap { row in
        row.measurements.enumerated().flatMap { seed, measurement in
          measurement.norms.enumerated().map { layer, norm -> [ReportTable.Cell] in
            [
              .text(row.kind.rawValue), .integer(row.depth), .integer(seed + 1), .integer(layer + 1), .number(norm),
            ]
          }
        }
      })
  }

  private func figures(_ rows: [Row]) -> [Report.Part] {
    let deepest = rows.map(\.depth).max() ?? 0
    func lines(_ points: (DeepNetwork.Kind) -> [ChartPoint]) -> [Chart.Mark] {
      DeepNetwork.Kind.allCases.map { .line(LineSeries($0.rawValue, points: points($0))) }
    }
    func byLayer(_ values: @escaping (Row) -> [Double]) -> [Chart.Mark] {
      lines { kind in
        let row = rows.first { $0.kind == kind && $0.depth == deepest }
        return (row.map(values) ?? []).enumerated().map { ChartPoint(Double($0 + 1), $1) }
      }
    }
    let ratios = lines { kind in rows.filter { $0.kind == kind }.map { ChartPoint(Double($0.depth), $0.ratio) } }
    return [
      .figure(
        ReportFigure(
          "norms",
          Chart(
            "Gradient by layer, \(deepest) layers", x: ChartAxis("layer"),
            y: ChartAxis("norm of the gradient", scale: .logarithmic), marks: byLayer(\.norms)),
          caption: "From the first hidden layer to the last, before training.")),
      .figure(
        ReportFigure(
          "ratios",
          Chart(
            "First layer over last layer", x: ChartAxis("hidden layers"),
            y: ChartAxis("ratio of the gradients", scale: .logarithmic), marks: ratios),
          caption: "At 1, the first layer learns as fast as the last.")),
      .figure(
        ReportFigure(
          "saturated",
          Chart(
            "Saturated units, \(deepest) layers", x: ChartAxis("activation"), y: ChartAxis("share", range: 0...1),
            marks: byLayer(\.saturated)),
          caption: "Sigmoids below 0.05 or above 0.95, ReLUs at 0, before training.")),
    ]
  }
}
