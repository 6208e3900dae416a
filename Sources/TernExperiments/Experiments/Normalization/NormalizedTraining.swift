import Tern

/// A network 64-100-100-10 with normalized sigmoids, whose gradient takes mean and variance into account or does not.
package final class NormalizedTraining {
  /// A moment of the training.
  package struct Point {
    package var step: Int
    package var loss: Double
    /// The Euclidean norm of all biases below a normalization.
    package var biasNorm: Double
  }

  package let label: String
  private let constantStatistics: Bool
  private let layers: [Dense<Float>]
  private let optimizers: [SGD]
  package private(set) var trace: [Point] = []

  package init(constantStatistics: Bool) {
    self.constantStatistics = constantStatistics
    label = constantStatistics ? "constant statistics" : "right gradient"
    layers = Random.with(RandomGenerator(seed: 7)) { [Dense(64, 100), Dense(100, 100), Dense(100, 10)] }
    optimizers = layers.map { SGD($0, learningRate: 0.5) }
  }

  /// One update; the loss before it and the biases' norm are kept where asked for.
  package func step(_ batch: LabeledBatch<Float, Int>, number: Int, isKept: Bool) {
    let loss = crossEntropy(logits(batch.inputs.flattened(from: 1)), batch.labels)
    if isKept { trace.append(Point(step: number, loss: Double(loss.item), biasNorm: biasNorm)) }
    for optimizer in optimizers { optimizer.zeroGradients() }
    loss.backward()
    for optimizer in optimizers { optimizer.step() }
  }

  /// The fraction of the test digits that are told rightly, normalized by the test set's own statistics.
  package var accuracy: Double {
    let test = ImageDataset(Digits.split.test)
    let batch = test.batch(Array(0..<test.count))
    return withoutGradients {
      Double(correctCount(logits(batch.inputs.flattened(from: 1)), batch.labels)) / Double(test.count)
    }
  }

  private func logits(_ input: Tensor<Float>) -> Tensor<Float> {
    var values = input
    for layer in layers.dropLast() { values = normalized(layer(values)).sigmoid() }
    return layers[layers.count - 1](values)
  }

  private func normalized(_ values: Tensor<Float>) -> Tensor<Float> {
    let mean = values.mean(along: [0], keepingAxes: true)
    let variance = values.variance(along: [0], correction: 0, keepingAxes: true)
    guard constantStatistics else { return (values - mean) * (variance + 1e-5).rsqrt() }
    return (values - mean.detached()) * (variance.detached() + 1e-5).rsqrt()
  }

  private var biasNorm: Double {
    let biases = layers.dropLast().flatMap { $0.bias?.value.detached().scalars ?? [] }
    return biases.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
  }
}
