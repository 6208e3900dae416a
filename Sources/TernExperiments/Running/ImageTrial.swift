import Tern

/// Images to learn and to be tested with, standardized by those to learn.
package struct ImageProblem {
  /// What the set is called.
  package let name: String
  /// The images to learn.
  package let train: ImageDataset
  /// The images to be tested with.
  package let test: ImageDataset

  /// The images of `split`; of those to learn the first `trainCount`, where that is given.
  package init(_ split: ImageSplit, trainCount: Int? = nil) {
    name = split.name
    let images = split.train
    let standardization = Standardization(of: images)
    let count = min(trainCount ?? images.count, images.count)
    let size = images.channels * images.height * images.width
    let first = LabeledImages(
      pixels: Array(images.pixels.prefix(count * size)), labels: Array(images.labels.prefix(count)),
      channels: images.channels, height: images.height, width: images.width, maximum: images.maximum,
      classCount: images.classCount)
    train = ImageDataset(first, standardization: standardization)
    test = ImageDataset(split.test, standardization: standardization)
  }

  /// Channels, height and width of an image.
  package var shape: [Int] { Array(train.images.shape.dropFirst()) }
  /// The values of an image.
  package var size: Int { shape.reduce(1, *) }
  /// How many classes there are.
  package var classCount: Int { train.images.classCount }
}

/// How a network is trained in a trial: with a rate that falls to 0 in a line.
package struct TrialPlan: Sendable {
  /// What changes the parameters.
  package enum Method: Sendable {
    /// With momentum 0.9.
    case sgd
    case adam
  }

  package var steps: Int
  package var batchSize = 64
  package var method: Method
  package var learningRate: Double
  /// λ of an L2 penalty λ/2·ΣW².
  package var decay = 0.0

  package init(steps: Int, method: Method = .sgd, learningRate: Double) {
    (self.steps, self.method, self.learningRate) = (steps, method, learningRate)
  }

  fileprivate func optimizer(_ model: some Module) -> any Optimizer {
    switch method {
    case .sgd: SGD(model, learningRate: learningRate, momentum: 0.9)
    case .adam: Adam(model, learningRate: learningRate)
    }
  }
}

/// A network that was trained to the end of its plan.
package struct ImageTrial {
  /// The network.
  package let model: Sequential<Float>
  /// The cross entropy of every step's batch.
  package let losses: [Double]
  /// The median time of a step.
  package let stepSeconds: Double
  /// How it does on the images to be tested with.
  package let test: EvaluationScore
}

extension ExperimentContext {
  /// Makes a network from a seed, trains it and scores it; `nil` where it was stopped before the end.
  package func trial(
    _ label: String, _ problem: ImageProblem, _ plan: TrialPlan, seed: UInt64, _ make: () -> Sequential<Float>
  ) -> ImageTrial? {
    let model = Random.with(RandomGenerator(seed: seed), make)
    let optimizer = plan.optimizer(model)
    let penalty = { l2Penalty(model, lambda: Float(plan.decay), batchSize: 1) }
    let training = ImageTraining(
      model, optimizer: optimizer, train: problem.train, batchSize: min(plan.batchSize, problem.train.count),
      seed: seed, penalty: plan.decay > 0 ? penalty : nil)
    var losses: [Double] = []
    var times: [Duration] = []
    let clock = ContinuousClock()
    let made = run(label, steps: plan.steps) { step in
      optimizer.learningRate = plan.learningRate * (1 - Double(step) / Double(plan.steps))
      times.append(clock.measure { losses.append(training.step()) })
    }
    guard made == plan.steps else { return nil }
    return ImageTrial(
      model: model, losses: losses, stepSeconds: median(times), test: training.score(problem.test))
  }
}

/// The median of times, in seconds.
func median(_ times: [Duration]) -> Double {
  guard !times.isEmpty else { return .nan }
  let middle = times.sorted()[times.count / 2].components
  return Double(middle.seconds) + Double(middle.attoseconds) * 1e-18
}
