import Tern

/// What Ghost modules save: accuracy against parameters and multiply–adds, beside a plain network as deep.
package struct GhostExperiment: Experiment {
  package let name = "ghost"
  package let summary = "Ghost modules against ordinary convolutions: accuracy, parameters and operations."

  /// A network, what it costs for one image, and how it did.
  struct Row {
    var images: String
    var network: GhostNetwork
    var cost: ModelCost
    var trial: ImageTrial
  }

  private static let plan = TrialPlan(steps: 300, learningRate: 0.1)
  private static let quickPlan = TrialPlan(steps: 60, learningRate: 0.1)

  package init() {}

  package func run(_ context: ExperimentContext) throws -> ExperimentResult {
    var problems: [ImageProblem] = []
    for images in [ExperimentImages.fashion, .cifar10] {
      let problem = ImageProblem(try context.images(images))
      // Without a folder, and where it is that of one set, both are the same.
      if !problems.contains(where: { $0.name == problem.name }) { problems.append(problem) }
    }
    let plan = context.isQuick ? GhostExperiment.quickPlan : GhostExperiment.plan
    var rows: [Row] = []
    for problem in problems {
      for network in GhostNetwork.all where !context.isStopped {
        let make = { network.make(channels: problem.shape[0], classes: problem.classCount) }
        guard let trial = context.trial("ghost: \(problem.name), \(network.label)", problem, plan, seed: 3, make) else {
          break
        }
        let cost = cost(of: trial.model, input: [1] + problem.shape)
        rows.append(Row(images: problem.name, network: network, cost: cost, trial: trial))
      }
    }
    return ExperimentResult(
      claim:
        "Many feature maps of a convolution resemble each other. A Ghost module makes a few of them and the others by "
        + "cheap depthwise operations, and so needs about ratio times fewer parameters and multiply–adds at nearly the "
        + "same accuracy; GhostNet, built of such modules, does better than networks of equal cost (Han et al. 2020, "
        + "“GhostNet: more features from cheap operations”).",
      method: [
        "Networks of one 3×3 convolution and eight layers after it, on \(problems.map(\.name).joined(separator: " and ")): "
          + "plain ones with 16, 24 and 40 channels; the same with a Ghost module of 3×3 in place of each of the eight "
          + "(ratio 2 and 4); and a GhostNet of four bottlenecks, two Ghost modules each, with squeeze and excitation "
          + "in the last two. Widths of ½, 1 and 2 times these channels.",
        "SGD with momentum 0.9, \(plan.steps) steps of \(plan.batchSize) images, the rate falling from "
          + "\(decimals(plan.learningRate, 1)) to 0 in a line; the same seed for all.",
        "Parameters and operations are counted by the library, for one image: multiply–adds of convolutions and dense "
          + "layers once each; the table also has all operations, where a multiply–add counts as two.",
      ],
      findings: problems.flatMap { findings($0.name, rows.filter(in: $0.name)) },
      evidence: [.table(table(rows))] + problems.flatMap { figures($0.name, rows.filter(in: $0.name)) },
      data: [layers(rows)])
  }

  private func findings(_ images: String, _ rows: [Row]) -> [String] {
    func row(_ network: GhostNetwork) -> Row? { rows.first { $0.network == network } }
    func words(_ row: Row) -> String {
      "\(decimals(row.trial.test.accuracy, 4)) with \(row.cost.parameters) parameters and "
        + "\(decimals(Double(row.cost.multiplyAdds) / 1e6, 2)) M multiply–adds"
    }
    var findings: [String] = []
    guard let plain = row(.plain(width: 1)) else { return [] }
    findings.append("\(images), plain CNN: \(words(plain))")
    for network in [GhostNetwork.replaced(ratio: 2), .replaced(ratio: 4), .ghostNet(width: 1, squeezes: true)] {
      guard let other = row(network) else { continue }
      let parameters = Double(plain.cost.parameters) / Double(other.cost.parameters)
      let multiplyAdds = Double(plain.cost.multiplyAdds) / Double(other.cost.multiplyAdds)
      let gain = other.trial.test.accuracy - plain.trial.test.accuracy
      findings.append(
        "\(images), \(network.label): \(words(other)), \(decimals(parameters, 1)) and \(decimals(multiplyAdds, 1)) times "
          + "fewer than the plain CNN, accuracy \(gain < 0 ? "lower" : "higher") by \(decimals(abs(gain), 4))")
    }
    return findings
  }

  private func table(_ rows: [Row]) -> ReportTable {
    ReportTable(
      "networks", caption: "What each network costs for one image, and how it does on the test images",
      columns: ["images", "network", "parameters", "multiply-adds", "flops", "test accuracy", "ms a step"],
      rows: rows.map { row in
        [
          .text(row.images), .text(row.network.label), .integer(row.cost.parameters), .integer(row.cost.multiplyAdds),
          .integer(row.cost.flops), .number(row.trial.test.accuracy), .number(row.trial.stepSeconds * 1e3, digits: 3),
        ]
      })
  }

  private func layers(_ rows: [Row]) -> ReportTable {
    ReportTable(
      "layers", columns: ["images", "network", "layer", "kind", "output", "parameters", "multiply_adds", "flops"],
      rows: rows.flatMap { row in
        row.cost.rows.map { layer in
          [
            .text(row.images), .text(row.network.label), .text(layer.path), .text(layer.kind), .text("\(layer.output)"),
            .integer(layer.parameters), .integer(layer.operations.multiplyAdds), .integer(layer.operations.flops),
          ]
        }
      })
  }

  private func figures(_ images: String, _ rows: [Row]) -> [Report.Part] {
    var families: [String] = []
    for row in rows where !families.contains(row.network.family) { families.append(row.network.family) }
    func figure(_ name: String, _ label: String, _ value: (ModelCost) -> Int) -> Report.Part {
      let marks = families.enumerated().flatMap { color, family -> [Chart.Mark] in
        let points = rows.filter { $0.network.family == family }
          .map { ChartPoint(Double(value($0.cost)), $0.trial.test.accuracy) }.sorted { $0.x < $1.x }
        return [
          .line(LineSeries("", points: points, color: color)),
          .scatter(ScatterSeries(family, points: points, color: color)),
        ]
      }
      let file = images.lowercased().filter { $0.isLetter || $0.isNumber }
      return .figure(
        ReportFigure(
          "\(name)-\(file)",
          Chart(
            "\(images): accuracy and \(label)", x: ChartAxis(label, scale: .logarithmic), y: ChartAxis("test accuracy"),
            marks: marks),
          caption: "Each point is a network of its own width or ratio."))
    }
    return [figure("parameters", "parameters", \.parameters), figure("operations", "multiply–adds", \.multiplyAdds)]
  }
}

extension [GhostExperiment.Row] {
  fileprivate func filter(in images: String) -> Self { filter { $0.images == images } }
}
