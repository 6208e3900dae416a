import Tern

/// The network of Ioffe & Szegedy's first experiment: three fully connected layers of 100 sigmoids and one of logits.
package enum SigmoidNetwork {
  /// What stands before every sigmoid.
  package enum Normalization: Hashable, Sendable {
    /// Nothing: the layer's bias is added.
    case none
    /// Batch norm in place of the bias; `nil` averages over all batches.
    case batch(momentum: Double? = 0.1, affine: Bool = true)
  }

  package static let batchSize = 60

  /// A network for images with weights from N(0, deviation²) and biases 0.
  ///
  /// A batch norm takes every bias before it out again, so that the layers below one have none. The weights of a seed are
  /// the same with and without it.
  package static func make(
    _ images: LabeledImages, _ normalization: Normalization, deviation: Double = 0.1, seed: UInt64
  ) -> Sequential<Float> {
    Random.with(RandomGenerator(seed: seed)) {
      let widths = [images.channels * images.height * images.width, 100, 100, 100]
      let model = Sequential {
        Flatten()
        for (inputs, outputs) in zip(widths, widths.dropFirst()) {
          Dense(inputs, outputs, bias: normalization == .none)
          if case .batch(let momentum, let affine) = normalization {
            BatchNorm1d(outputs, momentum: momentum, affine: affine)
          }
          Sigmoid()
        }
        Dense(100, images.classCount)
      }
      model.initialize(.normal(deviation: deviation), generator: RandomGenerator(seed: seed))
      model.initialize(.zeros) { name, _ in name.hasSuffix("bias") }
      return model
    }
  }

  /// A training of such a network by plain gradient descent.
  package static func training(
    _ images: LabeledImages, _ normalization: Normalization, rate: Double = 0.1, deviation: Double = 0.1,
    batchSize: Int = batchSize, seed: UInt64
  ) -> ImageTraining {
    let model = make(images, normalization, deviation: deviation, seed: seed)
    return ImageTraining(
      model, optimizer: SGD(model, learningRate: rate), train: ImageDataset(images), batchSize: batchSize, seed: seed)
  }

  /// What the last sigmoid is given: a network of the same layers up to it.
  package static func belowLastSigmoid(_ model: Sequential<Float>) -> Sequential<Float> {
    Sequential(Array(model.layers.dropLast(2)))
  }

  /// What the network is, for reports.
  package static func description(_ split: ImageSplit, batchSize: Int? = batchSize) -> String {
    let images = split.train
    return
      "\(split.name): \(images.count) images to train with, \(split.test.count) to test with, values in 0…1. A network "
      + "\(images.channels * images.height * images.width)-100-100-100-\(images.classCount) with sigmoids, biases 0 at "
      + "first, plain gradient descent" + (batchSize.map { " on batches of \($0)" } ?? "")
      + "; where it is normalized, batch norm stands before each sigmoid, and tests use its running statistics."
  }
}
