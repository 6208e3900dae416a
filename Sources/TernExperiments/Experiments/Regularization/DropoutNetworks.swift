import Tern

/// The networks that ``DropoutExperiment`` trains: two hidden layers, or two convolutions, with batch norm.
package enum DropoutNetwork: String, CaseIterable, Sendable {
  case mlp = "MLP"
  case cnn = "CNN"

  /// Where dropout stands.
  package enum Place: String, CaseIterable, Sendable {
    case after = "after batch norm"
    case before = "before batch norm"
  }

  /// The network for the images of a problem.
  ///
  /// Behind a layer come batch norm, ReLU and dropout, or ReLU, dropout and batch norm; a convolution has its maximum
  /// behind the ReLU.
  package func make(_ problem: ImageProblem, rate: Double, _ place: Place) -> Sequential<Float> {
    switch self {
    case .mlp:
      return Sequential {
        Flatten()
        for (inputs, outputs) in [(problem.size, 256), (256, 128)] {
          Dense(inputs, outputs)
          if place == .after { BatchNorm1d(outputs) }
          ReLU()
          Dropout(rate)
          if place == .before { BatchNorm1d(outputs) }
        }
        Dense(128, problem.classCount)
      }
    case .cnn:
      let (channels, height, width) = (problem.shape[0], problem.shape[1], problem.shape[2])
      return Sequential {
        for (inputs, outputs) in [(channels, 16), (16, 32)] {
          Conv2D(inputs, outputs, kernelSize: 3, padding: 1)
          if place == .after { BatchNorm2d(outputs) }
          ReLU()
          MaxPool2D(2)
          Dropout(rate)
          if place == .before { BatchNorm2d(outputs) }
        }
        Flatten()
        Dense(32 * (height / 4) * (width / 4), problem.classCount)
      }
    }
  }
}

/// The evaluation network against the mean of networks with units dropped.
package struct SampledSubnetworks {
  /// After so many subnetworks.
  package struct Point {
    package var count: Int
    /// The fraction of images whose class the mean of the probabilities tells.
    package var accuracy: Double
    /// The mean of −ln p of the right class under that mean.
    package var loss: Double
  }

  /// The evaluation network by itself.
  package let evaluation: Point
  /// The mean of 1, 2, 5, … subnetworks.
  package private(set) var points: [Point] = []
  /// The mean difference of the last mean's probabilities from the evaluation network's.
  package private(set) var difference = 0.0

  /// The probabilities of a trained network and of `counts.last` of its subnetworks for the first images of `images`.
  ///
  /// Batch norm goes by its running statistics throughout: only dropout draws.
  package init(
    _ model: Sequential<Float>, _ images: ImageDataset, limit: Int, counts: [Int], seed: UInt64,
    isStopped: () -> Bool = { false }
  ) {
    let batch = images.batch(Array(0..<min(limit, images.count)))
    func probabilities() -> Tensor<Float> { model(batch.inputs).softmax(along: 1) }
    func point(_ count: Int, _ probabilities: Tensor<Float>) -> Point {
      Point(
        count: count, accuracy: Double(correctCount(probabilities, batch.labels)) / Double(batch.count),
        loss: Double(negativeLogLikelihood((probabilities + 1e-12).log(), batch.labels).item))
    }
    let drops = model.namedModules.compactMap { $0.module as? Dropout<Float> }
    let (whole, points, difference) = withoutGradients {
      model.with(.evaluation) {
        let whole = probabilities()
        var (sum, points): (Tensor<Float>, [Point]) = (Tensor(zeros: whole.shape), [])
        for drop in drops { drop.isTraining = true }
        Random.with(RandomGenerator(seed: seed)) {
          for count in 1...(counts.last ?? 1) where !isStopped() {
            sum = sum + probabilities()
            if counts.contains(count) { points.append(point(count, sum / Float(count))) }
          }
        }
        let mean = sum / Float(max(points.last?.count ?? 1, 1))
        return (whole, points, Double((mean - whole).abs().mean().item))
      }
    }
    evaluation = point(0, whole)
    (self.points, self.difference) = (points, difference)
  }
}
