import Tern

/// How far what a batch says is off what all images say, by the batch's size.
package struct BatchNoise {
  /// The noise of a batch size: root mean squares over batches.
  package struct Row {
    package var batchSize: Int
    /// |g − ḡ|/|ḡ| for the gradient of all parameters of the plain network; ḡ is that of the whole probe.
    package var plainGradient: Double
    /// The same for the normalized network.
    package var normalizedGradient: Double
    /// (μ_B − μ)/σ over the units below the first batch norm and below the last.
    package var means: [Double]
    /// σ_B/σ − 1 there.
    package var deviations: [Double]
  }

  private let images: ImageDataset
  private let probe: LabeledBatch<Float, Int>
  private let (plain, normalized): (Sequential<Float>, Sequential<Float>)
  private let (plainGradient, normalizedGradient): ([Float], [Float])
  /// What stands below the first batch norm and below the last, and what that answers to the probe.
  private let below: [(layers: Sequential<Float>, statistics: Statistics)]

  private typealias Statistics = (mean: Tensor<Float>, deviation: Tensor<Float>)

  /// Noise around the first `count` images.
  package init(plain: Sequential<Float>, normalized: Sequential<Float>, _ images: ImageDataset, count: Int) {
    (self.plain, self.normalized, self.images) = (plain, normalized, images)
    probe = images.batch(Array(0..<min(count, images.count)))
    plainGradient = BatchNoise.gradient(plain, probe)
    normalizedGradient = BatchNoise.gradient(normalized, probe)
    below = [2, normalized.count - 3].map { [probe] count in
      let layers = Sequential(Array(normalized.layers.prefix(count)))
      return (layers, BatchNoise.statistics(layers, probe))
    }
  }

  /// The noise over some random batches; a batch of 1 has no statistics and no normalized gradient.
  package func row(batchSize: Int, batches: Int, generator: RandomGenerator) -> Row {
    var (plainSum, normalizedSum) = (0.0, 0.0)
    var (means, deviations) = (below.map { _ in 0.0 }, below.map { _ in 0.0 })
    for _ in 0..<batches {
      let order = Tensor<Int>(randomPermutation: probe.count, generator: generator).scalars
      let batch = images.batch(Array(order.prefix(batchSize)))
      plainSum += distance(BatchNoise.gradient(plain, batch), plainGradient)
      guard batchSize > 1 else { continue }
      normalizedSum += distance(BatchNoise.gradient(normalized, batch), normalizedGradient)
      for (index, place) in below.enumerated() {
        let (mean, deviation) = BatchNoise.statistics(place.layers, batch)
        let all = place.statistics
        means[index] += Double(((mean - all.mean) / all.deviation).square().mean().item)
        deviations[index] += Double((deviation / all.deviation - 1).square().mean().item)
      }
    }
    func root(_ sum: Double) -> Double { batchSize > 1 ? (sum / Double(batches)).squareRoot() : .nan }
    return Row(
      batchSize: batchSize, plainGradient: (plainSum / Double(batches)).squareRoot(),
      normalizedGradient: root(normalizedSum), means: means.map(root), deviations: deviations.map(root))
  }

  /// |a − b|²/|b|².
  private func distance(_ a: [Float], _ b: [Float]) -> Double {
    var (difference, size) = (0.0, 0.0)
    for index in a.indices {
      let (x, y) = (Double(a[index]), Double(b[index]))
      difference += (x - y) * (x - y)
      size += y * y
    }
    return difference / size
  }

  /// The gradient of all parameters in a training step on a batch.
  private static func gradient(_ model: Sequential<Float>, _ batch: LabeledBatch<Float, Int>) -> [Float] {
    model.train()
    model.zeroGradients()
    crossEntropy(model(batch.inputs), batch.labels).backward()
    defer { model.zeroGradients() }
    return model.typedParameters.flatMap { $0.gradient?.scalars ?? [] }
  }

  /// Mean and deviation of what some layers answer in a training step.
  private static func statistics(_ layers: Sequential<Float>, _ batch: LabeledBatch<Float, Int>) -> Statistics {
    withoutGradients {
      let values = layers.with(.training) { layers(batch.inputs) }
      return (values.mean(along: 0), values.standardDeviation(along: 0, correction: 0))
    }
  }
}
