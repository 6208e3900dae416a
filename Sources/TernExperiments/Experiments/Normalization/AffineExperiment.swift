import Tern

/// What γ and β are for: batch norm without them before a sigmoid, and with values that make it the identity.
package struct AffineExperiment: Experiment {
  package let name = "affine"
  package let summary = "Batch norm without γ and β before a sigmoid, and with γ and β that give the input back."

  /// What stands before the sigmoids, and what came of it.
  private struct Outcome {
    var title: String
    var normalization: SigmoidNetwork.Normalization
    var curves: [AccuracyCurve] = []
    /// The loss over all training images at the end, of every seed.
    var losses: [Double] = []
    /// What the first seed's last sigmoid is given for the test images.
    var inputs: [Double] = []

    /// The fraction of inputs outside ±2, where a sigmoid is bent.
    var bent: Double { Double(inputs.count { abs($0) > 2 }) / Double(inputs.count) }
    var accuracy: Spread { Spread(curves.map(\.last)) }
  }

  /// A batch, and how far the layer is off its input.
  private struct Identity {
    var mean: Double
    var deviation: Double
    var float: Double
    var double: Double
  }

  package init() {}

  package func run(_ context: ExperimentContext) throws -> ExperimentResult {
    let split = try context.images(.mnist)
    let steps = context.isQuick ? 1000 : 20_000
    let seeds: [UInt64] = context.isQuick ? [1] : [1, 2, 3]
    let test = ImageDataset(split.test)
    var outcomes = [
      Outcome(title: "no batch norm", normalization: .none),
      Outcome(title: "without γ, β", normalization: .batch(affine: false)),
      Outcome(title: "with γ, β", normalization: .batch()),
    ]
    for index in outcomes.indices {
      for seed in seeds where !context.isStopped {
        let training = SigmoidNetwork.training(split.train, outcomes[index].normalization, seed: seed)
        outcomes[index].curves.append(
          AccuracyCurve(
            "\(name): \(outcomes[index].title), seed \(seed)", training, steps: steps,
            at: AccuracyCurve.moments(upTo: steps), on: test, context))
        if context.isStopped { break }
        outcomes[index].losses.append(training.score(ImageDataset(split.train)).loss)
        if outcomes[index].inputs.isEmpty {
          let below = SigmoidNetwork.belowLastSigmoid(training.model)
          let images = test.batch(Array(0..<min(test.count, 2000))).inputs
          outcomes[index].inputs = withoutGradients { below.with(.evaluation) { below(images) } }.scalars.map(
            Double.init)
        }
      }
    }
    let identities = [(0.0, 1.0), (3, 2), (-50, 0.5), (1000, 0.1), (0, 1000)].map { mean, deviation in
      Identity(
        mean: mean, deviation: deviation,
        float: AffineExperiment.distance(Float.self, mean: mean, deviation: deviation),
        double: AffineExperiment.distance(Double.self, mean: mean, deviation: deviation))
    }
    return ExperimentResult(
      claim:
        "Normalizing the inputs of a sigmoid alone would keep it in its linear part and change what the layer can "
        + "represent. With γ and β the layer can be the identity: γ = √Var[x], β = E[x] give the input back (Ioffe & "
        + "Szegedy 2015, “Batch normalization”, section 3).",
      method: [
        SigmoidNetwork.description(split),
        "Rate 0.1, weights from N(0, 0.1²), \(steps) steps, \(counted(seeds.count, "seed")), "
          + "with batch norm as it is, without γ and β, and without batch norm.",
        "For the identity γ = √(σ² + ε) and β = μ of a random batch of 256×64 go into the layer, ε = 10⁻⁵.",
      ],
      findings: findings(outcomes, identities, steps: steps),
      evidence: [.table(table(outcomes)), .table(table(identities))] + figures(outcomes),
      data: [ReportTable("curves", curves: outcomes.flatMap(\.curves))])
  }

  /// How far batch norm with γ = √(σ² + ε) and β = μ is off its input, relative to the largest value there.
  package static func distance<Scalar: FloatingScalar>(
    _: Scalar.Type, shape: [Int] = [256, 64], mean: Double, deviation: Double
  ) -> Double {
    let input = Tensor<Double>(
      randomNormal: shape, mean: mean, deviation: deviation, generator: RandomGenerator(seed: 4)
    ).cast(to: Scalar.self)
    let layer = BatchNorm1d<Scalar>(shape[1])
    layer.weight?.value = (input.variance(along: 0, correction: 0) + Scalar(layer.epsilon)).sqrt()
    layer.bias?.value = input.mean(along: 0)
    let difference = withoutGradients { layer(input) - input }
    return Double(difference.abs().max().item.number / input.abs().max().item.number)
  }

  private func findings(_ outcomes: [Outcome], _ identities: [Identity], steps: Int) -> [String] {
    var findings = outcomes.filter { !$0.losses.isEmpty }.map { outcome in
      "\(outcome.title): after \(steps) steps training loss \(decimals(Spread(outcome.losses).mean, 4)), test accuracy "
        + "\(decimals(outcome.accuracy.mean, 4)); \(decimals(outcome.bent * 100, 1)) % of the last sigmoid's inputs are "
        + "outside ±2"
    }
    let (bare, whole) = (outcomes[1], outcomes[2])
    if !bare.losses.isEmpty && !whole.losses.isEmpty {
      let ratio = Spread(bare.losses).mean / Spread(whole.losses).mean
      let difference = whole.accuracy.mean - bare.accuracy.mean
      findings.append(
        "leaving γ and β out makes the training loss \(decimals(ratio, 2)) times as large and the test accuracy "
          + "\(decimals(abs(difference), 4)) \(difference < 0 ? "higher" : "lower")")
    }
    let (float, double) = (identities.map(\.float).max() ?? .nan, identities.map(\.double).max() ?? .nan)
    findings.append(
      "γ = √(σ² + ε), β = μ give the input back within \(scientific(float)) of its largest value in Float, "
        + "\(scientific(double)) in Double")
    return findings
  }

  private func table(_ outcomes: [Outcome]) -> ReportTable {
    ReportTable(
      "networks", caption: "At the end, the mean of the seeds; inputs of the last sigmoid in the first one",
      columns: ["before the sigmoids", "training loss", "test accuracy", "inputs outside ±2"],
      rows: outcomes.filter { !$0.losses.isEmpty }.map { outcome in
        [
          .text(outcome.title), .number(Spread(outcome.losses).mean), .number(outcome.accuracy.mean),
          .number(outcome.bent, digits: 3),
        ]
      })
  }

  private func table(_ identities: [Identity]) -> ReportTable {
    ReportTable(
      "identity", caption: "How far the layer is off its input, relative to the largest value",
      columns: ["mean", "deviation", "Float", "Double"],
      rows: identities.map { identity in
        [.number(identity.mean), .number(identity.deviation)]
          + [identity.float, identity.double].map { .number($0, digits: 2) }
      })
  }

  private func figures(_ outcomes: [Outcome]) -> [Report.Part] {
    let trained = outcomes.enumerated().filter { !$1.curves.isEmpty }
    let lines = trained.map { index, outcome in
      Chart.Mark.line(LineSeries(outcome.title, outcome.curves, color: index))
    }
    let all = outcomes.flatMap(\.inputs)
    let range = (all.min() ?? -1)...(all.max() ?? 1)
    let histograms = trained.filter { !$1.inputs.isEmpty }.map { index, outcome in
      Report.Part.figure(
        ReportFigure(
          ["inputs-plain", "inputs-bare", "inputs-affine"][index],
          Chart(
            "Inputs of the last sigmoid, \(outcome.title)", x: ChartAxis("input", range: range), y: ChartAxis("count"),
            marks: [.histogram(HistogramSeries("", values: outcome.inputs, binCount: 40, color: index))]),
          caption: "All units, over test images."))
    }
    return [
      .figure(
        ReportFigure(
          "accuracy",
          Chart(
            "Test accuracy", x: ChartAxis("step", scale: .logarithmic), y: ChartAxis("accuracy", range: 0...1),
            marks: lines),
          caption: "The mean of the seeds; the bands go from the lowest to the highest."))
    ] + histograms
  }
}
