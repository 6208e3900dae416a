import Tern

/// Samples of any kind that a network learns from, which may be unreadable.
struct TrainingSamples: FingerprintedDataset {
  let count: Int
  let fingerprint: String
  private let make: @Sendable ([Int]) throws -> TrainingBatch
  /// The picture of a sample, where it is one.
  var picture: @Sendable (Int) -> Tensor<UInt8>? = { _ in nil }
  /// What a sample is called, where it has a name.
  var name: @Sendable (Int) -> String? = { _ in nil }

  /// Samples with classes.
  init<Source: FingerprintedDataset>(_ source: Source) where Source.Batch == LabeledBatch<Float, Int> {
    (count, fingerprint) = (source.count, source.fingerprint)
    make = { indices in
      let batch = try source.batch(indices)
      return TrainingBatch(inputs: batch.inputs, targets: .classes(batch.labels))
    }
  }

  /// Samples with numbers, of which 1 is so many of the target's own units.
  init<Source: FingerprintedDataset>(_ source: Source, unit: Double) where Source.Batch == LabeledBatch<Float, Float> {
    (count, fingerprint) = (source.count, source.fingerprint)
    make = { indices in
      let batch = try source.batch(indices)
      return TrainingBatch(inputs: batch.inputs, targets: .numbers(batch.labels, unit: unit))
    }
  }

  func batch(_ indices: [Int]) throws -> TrainingBatch { try make(indices) }
}

/// Samples with what a network is to answer.
struct TrainingBatch: Sendable {
  enum Targets: Sendable {
    /// [N]
    case classes(Tensor<Int>)
    /// [N], of which 1 is so many of the target's own units.
    case numbers(Tensor<Float>, unit: Double)
  }

  /// [N, …]
  let inputs: Tensor<Float>
  let targets: Targets

  /// The cross entropy with the accuracy, or the mean squared error with the absolute one in the target's units.
  func loss(of model: Sequential<Float>) -> StepLoss { lossAndOutputs(of: model).loss }

  /// The same, and the network's outputs.
  func lossAndOutputs(of model: Sequential<Float>) -> (loss: StepLoss, outputs: Tensor<Float>) {
    let outputs = model(inputs)
    switch targets {
    case .classes(let labels):
      let correct = MeanTotal(sum: Double(correctCount(outputs.detached(), labels)), count: Double(labels.count))
      let loss = StepLoss(mean: crossEntropy(outputs, labels), count: labels.count, figures: ["accuracy": correct])
        .withSamples(logits: outputs, labels: labels)
      return (loss, outputs.detached())
    case .numbers(let values, let unit):
      let errors = outputs.reshaped([values.count]) - values
      let absolute = Double(errors.detached().abs().sum().item) * unit
      let loss = StepLoss(
        sum: errors.square().sum(), count: values.count,
        figures: [Self.error: MeanTotal(sum: absolute, count: Double(values.count))]
      ).withSamples(losses: errors.detached().square())
      return (loss, outputs.detached())
    }
  }

  /// What the mean absolute error is called among the figures.
  static let error = "absolute error"
}
