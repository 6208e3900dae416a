import Tern

/// The 2-20-3-1 study: 211 points to train with, 200 to test with, the weights to start from and dropout's masks.
package struct RegularizationStudy {
  /// How the network is kept from learning the noise.
  package enum Method: String, CaseIterable {
    case none = "none"
    case l2 = "L2, λ 0.7"
    case dropout = "dropout, keep 0.86"
    case batchNorm = "batch norm"

    /// For names of files and columns.
    package var key: String {
      switch self {
      case .none: "none"
      case .l2: "l2"
      case .dropout: "dropout"
      case .batchNorm: "batch_norm"
      }
    }
  }

  /// What a training came to.
  package struct Outcome {
    package var method: Method
    /// Costs before the update of that number, and the accuracies there.
    package var trace: [(iteration: Int, cost: Double)]
    package var network: Network
    package var trainCorrect: Int
    package var testCorrect: Int
  }

  static let decay = 0.7
  static let kept = 0.86
  static let learningRate = 0.3

  /// Where the points come from, in words.
  let source: String
  /// The folder of the reference, where the points come from one.
  let folder: String?
  package let train: (x: Tensor<Double>, y: Tensor<Double>)
  package let test: (x: Tensor<Double>, y: Tensor<Double>)
  /// W and b of the three layers.
  let start: [(weight: Tensor<Double>, bias: Tensor<Double>)]
  /// What is kept after the first and the second layer, [points, units], ones and zeros.
  let masks: [Tensor<Double>]

  /// The study of the files in `folder`.
  ///
  /// - Throws: `DataError` where one is missing or wrong.
  package init(folder: String) throws(DataError) {
    func array(_ name: String) throws(DataError) -> Tensor<Double> { try Tensor(npy: "\(folder)/\(name).npy") }
    func classes(_ name: String) throws(DataError) -> Tensor<Double> {
      try Tensor<Int>(npy: "\(folder)/\(name).npy").cast(to: Double.self).reshaped([-1, 1])
    }
    func mask(_ name: String) throws(DataError) -> Tensor<Double> {
      try Tensor<UInt8>(npy: "\(folder)/\(name).npy").cast(to: Double.self).transposed().contiguous
    }
    train = try (array("X_train"), classes("y_train"))
    test = try (array("X_test"), classes("y_test"))
    start = try [
      (array("init_W1"), array("init_b1")), (array("init_W2"), array("init_b2")),
      (array("init_W3"), array("init_b3").reshaped([1])),
    ]
    masks = try [mask("dropout_D1"), mask("dropout_D2")]
    let count = train.x.shape.first ?? 0
    let shapes =
      [train.x.shape, train.y.shape, test.x.shape, test.y.shape] + start.flatMap { [$0.weight.shape, $0.bias.shape] }
    let tests = test.x.shape.first ?? 0
    let expected = [[count, 2], [count, 1], [tests, 2], [tests, 1], [20, 2], [20], [3, 20], [3], [1, 3], [1]]
    guard count > 1, shapes == expected, masks.map(\.shape) == [[count, 20], [count, 3]] else {
      throw DataError(
        .mismatch, file: folder, "arrays of shapes \(shapes + masks.map(\.shape))",
        expected: "\(expected + [[count, 20], [count, 3]])")
    }
    self.folder = folder
    source = "the points, first weights and masks of the study's own files"
  }

  /// The same study on points made here: two classes on both sides of a curve, moved a little after they were told apart.
  package init(seed: UInt64) {
    let generator = RandomGenerator(seed: seed)
    func points(_ count: Int) -> (x: Tensor<Double>, y: Tensor<Double>) {
      let places = Tensor<Double>(randomUniform: [count, 2], in: -0.8..<0.8, generator: generator)
      let (across, up) = (places[.all, 0..<1], places[.all, 1..<2])
      let classes = (up .> (across * 3).sin() * 0.3).cast(to: Double.self)
      return (places + Tensor(randomNormal: [count, 2], deviation: 0.1, generator: generator), classes)
    }
    train = points(211)
    test = points(200)
    start = [(20, 2), (3, 20), (1, 3)].map { outputs, inputs in
      let deviation = 1 / Double(inputs).squareRoot()
      return (
        Tensor(randomNormal: [outputs, inputs], deviation: deviation, generator: generator), Tensor(zeros: [outputs])
      )
    }
    masks = [20, 3].map {
      Tensor(randomBernoulli: [211, $0], probability: RegularizationStudy.kept, generator: generator)
    }
    folder = nil
    source =
      "points made for this (seed \(seed)): two classes on both sides of a curve, each moved by noise of deviation 0.1"
  }

  /// Costs the reference has for a method, at every thousandth iteration; `nil` where there is no reference.
  package func referenceTrace(_ method: Method) throws(DataError) -> [Double]? {
    guard let folder, method != .batchNorm else { return nil }
    return try Tensor<Double>(npy: "\(folder)/\(method.key)_cost_trace.npy").scalars
  }

  /// Trains by full-batch gradient descent; the cost is kept at every `interval`th iteration, the last one included.
  package func train(_ method: Method, iterations: Int, interval: Int, _ context: ExperimentContext) -> Outcome {
    let network = Network(start, isNormalized: method == .batchNorm)
    let optimizer = SGD(network, learningRate: RegularizationStudy.learningRate)
    let scaled = method == .dropout ? masks.map { $0 / RegularizationStudy.kept } : []
    let weights = [network.first.weight, network.second.weight, network.third.weight]
    let count = Double(train.x.shape[0])
    var trace: [(Int, Double)] = []
    func cost() -> Tensor<Double> {
      let loss = binaryCrossEntropy(logits: network.logits(train.x, masks: scaled), train.y)
      guard method == .l2 else { return loss }
      let squares = weights.map { ($0.value * $0.value).sum() }
      return loss + (squares[0] + squares[1] + squares[2]) * (RegularizationStudy.decay / (2 * count))
    }
    let made = context.run("regularization: \(method.rawValue)", steps: iterations) { iteration in
      let cost = cost()
      if iteration.isMultiple(of: interval) { trace.append((iteration, cost.item)) }
      optimizer.zeroGradients()
      cost.backward()
      optimizer.step()
    }
    if made == iterations { trace.append((iterations, withoutGradients { cost() }.item)) }
    network.eval()
    return Outcome(
      method: method, trace: trace, network: network, trainCorrect: correct(network, train),
      testCorrect: correct(network, test))
  }

  private func correct(_ network: Network, _ points: (x: Tensor<Double>, y: Tensor<Double>)) -> Int {
    zip(network.probabilities(points.x), points.y.scalars).count { ($0 > 0.5) == ($1 == 1) }
  }

  /// 2-20-3-1 with ReLU, batch norm before each where asked for.
  package final class Network: Module {
    let first: Dense<Double>
    let second: Dense<Double>
    let third: Dense<Double>
    let norms: [BatchNorm1d<Double>]

    init(_ start: [(weight: Tensor<Double>, bias: Tensor<Double>)], isNormalized: Bool) {
      let layers = start.map { values in
        let layer = Dense<Double>(values.weight.shape[1], values.weight.shape[0])
        layer.weight.value = values.weight
        layer.bias?.value = values.bias
        return layer
      }
      (first, second, third) = (layers[0], layers[1], layers[2])
      norms = isNormalized ? [BatchNorm1d<Double>(20), BatchNorm1d<Double>(3)] : []
    }

    /// The logits [N, 1] of points [N, 2]; each mask multiplies what its layer gives on.
    func logits(_ x: Tensor<Double>, masks: [Tensor<Double>] = []) -> Tensor<Double> {
      var values = x
      for (index, layer) in [first, second].enumerated() {
        values = layer(values)
        if !norms.isEmpty { values = norms[index](values) }
        values = values.relu()
        if !masks.isEmpty { values = values * masks[index] }
      }
      return third(values)
    }

    /// How sure the network is that points belong to class 1.
    func probabilities(_ x: Tensor<Double>) -> [Double] { withoutGradients { logits(x).sigmoid() }.scalars }
  }
}
