import Tern

/// A classifier that learns images step by step, epoch after epoch, each in an order of its own.
package final class ImageTraining {
  /// What learns: from images [N, C, H, W] to logits [N, classes].
  package let model: Sequential<Float>
  /// What changes it.
  package let optimizer: any Optimizer
  /// How many steps were made.
  package private(set) var steps = 0
  private let next: () -> LabeledBatch<Float, Int>?
  private let generator: RandomGenerator
  private let penalty: (() -> Tensor<Float>)?

  /// A training at its beginning; batches that are not full are left out.
  ///
  /// - Parameters:
  ///   - seed: of the batches' order and of the layers' random numbers.
  ///   - penalty: what is added to the cross entropy.
  package init<Source: Dataset>(
    _ model: Sequential<Float>, optimizer: any Optimizer, train: Source, batchSize: Int, shuffle: Bool = true,
    seed: UInt64, penalty: (() -> Tensor<Float>)? = nil
  ) where Source.Batch == LabeledBatch<Float, Int>, Source.Failure == Never {
    self.model = model
    self.optimizer = optimizer
    self.penalty = penalty
    let loader = DataLoader(train, batchSize: batchSize, shuffle: shuffle, dropLast: true, seed: seed)
    var batches = EndlessBatches(loader)
    next = { batches.next() }
    generator = RandomGenerator(seed: seed ^ 0x9E37_79B9_7F4A_7C15)
  }

  /// One step; returns the batch's cross entropy before it.
  @discardableResult
  package func step() -> Double {
    guard let batch = next() else { return .nan }
    return step(on: batch)
  }

  /// One step on a batch of the caller's; returns its cross entropy before it.
  @discardableResult
  package func step(on batch: LabeledBatch<Float, Int>) -> Double {
    model.train()
    let loss = Random.with(generator) {
      let loss = crossEntropy(model(batch.inputs), batch.labels)
      optimizer.zeroGradients()
      (penalty.map { loss + $0() } ?? loss).backward()
      return loss
    }
    optimizer.step()
    steps += 1
    return Double(loss.item)
  }

  /// Loss and accuracy of the network in evaluation mode.
  package func score<Source: Dataset>(_ images: Source) -> EvaluationScore
  where Source.Batch == LabeledBatch<Float, Int>, Source.Failure == Never {
    evaluate(model, on: images, batchSize: 1000)
  }
}
