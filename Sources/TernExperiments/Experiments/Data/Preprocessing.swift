import Tern

/// What is done to samples before they are learned.
package enum Preprocessing: String, CaseIterable, Sendable {
  case none = "no scaling"
  case minMax = "min-max"
  case standardized = "standardized"
  case pca = "PCA whitening"
  case zca = "ZCA whitening"

  /// Both parts of a set [N, D] by the figures of the first.
  ///
  /// - Parameters:
  ///   - components: how many directions PCA keeps.
  ///   - epsilon: what whitening adds to the variances.
  /// - Throws: `FittingError` where nothing can be fitted to the first part.
  package func applied<Scalar: FloatingScalar>(
    train: Tensor<Scalar>, test: Tensor<Scalar>, components: Whitening.Components = .all, epsilon: Double = 0
  ) throws -> (train: Tensor<Scalar>, test: Tensor<Scalar>) {
    let transform: (any FittedTransform)? =
      switch self {
      case .none: nil
      case .minMax: try MinMaxScaling(of: train)
      case .standardized: try Standardization(of: train)
      case .pca: try Whitening(.pca, of: train, components: components, epsilon: epsilon)
      case .zca: try Whitening(.zca, of: train, epsilon: epsilon)
      }
    guard let transform else { return (train, test) }
    return (transform(train), transform(test))
  }
}

/// Trainings of one network on samples that were prepared in one way, over learning rates.
package struct RateSweep {
  /// One training: until a loss was reached, the limit of steps was, or the loss was no number any more.
  package struct Run {
    package var rate: Double
    /// After how many steps the loss was reached; `nil` where it was not.
    package var steps: Int?
    /// The training loss at some steps.
    package var trace: [(step: Int, loss: Double)] = []
    /// The fraction of the test samples told rightly at the end.
    package var accuracy = Double.nan

    package init(rate: Double) { self.rate = rate }

    /// The lowest loss that was seen.
    package var lowest: Double { trace.map(\.loss).min() ?? .infinity }
  }

  package let method: Preprocessing
  package private(set) var runs: [Run] = []

  /// Trains at every rate, or until the context is stopped.
  package init(
    _ method: Preprocessing, label: String, rates: [Double], _ context: ExperimentContext, train: (Double) -> Run
  ) {
    self.method = method
    var runs: [Run] = []
    context.run("\(label): \(method.rawValue)", steps: rates.count) { runs.append(train(rates[$0])) }
    self.runs = runs
  }

  /// The run with the fewest steps; where none reached the loss, the one with the lowest.
  package var best: Run? { runs.min { ($0.steps ?? .max, $0.lowest) < ($1.steps ?? .max, $1.lowest) } }
}

/// Points of two classes whose features span [10000, 20000] and [1, 2].
package struct ScaledPoints {
  package let train: (x: Tensor<Double>, y: Tensor<Double>)
  package let test: (x: Tensor<Double>, y: Tensor<Double>)

  /// The features rise together; a point's class tells on which side of their diagonal it lies, and then each point is
  /// moved by a little noise.
  package init(count: Int = 400, seed: UInt64) {
    let generator = RandomGenerator(seed: seed)
    let along = Tensor<Double>(randomUniform: [2 * count, 1], in: 0..<1, generator: generator)
    let across = Tensor<Double>(randomUniform: [2 * count, 1], in: -0.15..<0.15, generator: generator)
    let noise = Tensor<Double>(randomNormal: [2 * count, 2], deviation: 0.03, generator: generator)
    let moved = concatenate([along + across, along - across], along: 1) + noise
    let low = moved.amin(along: 0)
    let fractions = (moved - low) / (moved.amax(along: 0) - low)
    let x = fractions * Tensor([10_000.0, 1]) + Tensor([10_000.0, 1])
    let y = (across .> 0).cast(to: Double.self)
    func part(_ first: Int) -> (x: Tensor<Double>, y: Tensor<Double>) {
      (x[first..<first + count].copied(), y[first..<first + count].copied())
    }
    (train, test) = (part(0), part(count))
  }

  /// How far the two features go together, −1…1, among the training points.
  package var correlation: Double {
    let deviations = train.x - train.x.mean(along: 0, keepingAxes: true)
    let (a, b) = (deviations[.all, 0], deviations[.all, 1])
    return (a * b).sum().item / (a.norm().item * b.norm().item)
  }

  /// Gradient descent over all training points with a linear classifier that starts from zero, on the given inputs.
  package func run(
    _ inputs: (train: Tensor<Double>, test: Tensor<Double>), rate: Double, limit: Int, target: Double
  ) -> RateSweep.Run {
    let classifier = Dense<Double>(2, 1)
    classifier.initialize(.zeros) { _, _ in true }
    let optimizer = SGD(classifier, learningRate: rate)
    var run = RateSweep.Run(rate: rate)
    for step in 0...limit {
      let loss = binaryCrossEntropy(logits: classifier(inputs.train), train.y)
      let value = loss.item
      if value <= target { run.steps = step }
      if step < 100 || step.isMultiple(of: max(limit / 100, 1)) || run.steps != nil { run.trace.append((step, value)) }
      if run.steps != nil || !value.isFinite { break }
      optimizer.zeroGradients()
      loss.backward()
      optimizer.step()
    }
    let logits = withoutGradients { classifier(inputs.test) }.scalars
    run.accuracy = Double(zip(logits, test.y.scalars).count { ($0 > 0) == ($1 == 1) }) / Double(logits.count)
    return run
  }
}

/// Images as vectors, prepared in one way, and a network that learns them.
package struct PreparedImages {
  private let train: TensorDataset<Float, Int>
  private let test: TensorDataset<Float, Int>
  private let looked: TensorDataset<Float, Int>
  private let widths: [Int]

  /// ε for variances of stored values: a tenth of the brightest, squared.
  package static func epsilon(_ split: ImageSplit) -> Double {
    let deviation = Double(split.train.maximum) / 10
    return deviation * deviation
  }

  static func description(_ split: ImageSplit) -> String {
    "\(split.train.height * split.train.width * split.train.channels)-100-100-\(split.train.classCount)"
  }

  /// The images of a split, prepared by figures of its training part.
  ///
  /// - Throws: `FittingError` where nothing can be fitted to them.
  package init(_ split: ImageSplit, _ method: Preprocessing) throws {
    func values(_ images: LabeledImages) -> Tensor<Float> {
      images.pixelTensor.flattened(from: 1).cast(to: Float.self)
    }
    let inputs = try method.applied(
      train: values(split.train), test: values(split.test),
      components: .variance(share: PreprocessingExperiment.keptShare), epsilon: PreparedImages.epsilon(split))
    train = TensorDataset(inputs.train, split.train.labelTensor)
    test = TensorDataset(inputs.test, split.test.labelTensor)
    let count = min(2000, train.count)
    looked = TensorDataset(inputs.train[0..<count], split.train.labelTensor[0..<count])
    widths = [inputs.train.shape[1], 100, 100, split.train.classCount]
  }

  /// Trains from the same seed each time.
  package func run(rate: Double, limit: Int, target: Double, _ context: ExperimentContext) -> RateSweep.Run {
    let model = Random.with(RandomGenerator(seed: 1)) {
      Sequential {
        Dense(widths[0], widths[1])
        Sigmoid()
        Dense(widths[1], widths[2])
        Sigmoid()
        Dense(widths[2], widths[3])
      }
    }
    let training = ImageTraining(
      model, optimizer: SGD(model, learningRate: rate), train: train, batchSize: PreprocessingExperiment.batchSize,
      seed: 1)
    var run = RateSweep.Run(rate: rate)
    while run.steps == nil, !context.isStopped {
      let loss = training.score(looked).loss
      run.trace.append((training.steps, loss))
      if loss <= target { run.steps = training.steps }
      if loss <= target || !loss.isFinite || training.steps >= limit { break }
      for _ in 0..<PreprocessingExperiment.interval { training.step() }
    }
    run.accuracy = training.score(test).accuracy
    return run
  }
}
