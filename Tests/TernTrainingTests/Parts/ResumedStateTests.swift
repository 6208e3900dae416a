import Foundation
import TernTestSupport
import Testing

@testable import TernTraining
@testable import Tern

/// What a checkpoint has to bring back besides weights: which figures there were, and averages of this model.
@Suite struct ResumedStateTests {
  private func makeTrainer() throws -> Trainer<Dense<Double>, TensorDataset<Double, Int>> {
    let model = Random.with(RandomGenerator(seed: 1)) { Dense<Double>(3, 2) }
    let inputs = Random.with(RandomGenerator(seed: 2)) { Tensor<Double>(randomNormal: [20, 3]) }
    let data = TensorDataset(inputs, Tensor((0..<20).map { $0 % 2 }))
    let trainer = try Trainer(model, optimizer: SGD(model, learningRate: 0.1), train: data, batchSize: 8, seed: 3)
    trainer.exponentialAverage = ExponentialAverage(decay: 0.5)
    return trainer
  }

  @Test func anEpochThatOnlyHasToBeScoredKeepsItsAccuracy() throws {
    let whole = try makeTrainer()
    var last: Checkpoint?
    whole.afterBatch = { if $0.progress.batch == $0.loader.batchCount { last = $0.checkpoint } }
    try whole.run(epochs: 1)
    let resumed = try makeTrainer()
    try resumed.restore(try #require(last))
    try resumed.run(epochs: 1)
    let accuracy = try #require(whole.history.epochs[0].trainAccuracy)
    #expect(accuracy > 0 && resumed.history.epochs[0].trainAccuracy == accuracy)
  }

  @Test func wrongSamplesCountWhereIgnoredOnesFollow() {
    var progress = TrainingProgress()
    let loss = MeanTotal(sum: 1, count: 8)
    progress.add(LossTotal(loss: loss, figures: ["accuracy": MeanTotal(sum: 0, count: 8)]), samples: 8)
    progress.add(LossTotal(loss: loss, figures: ["accuracy": MeanTotal(sum: 2, count: 4)]), samples: 8)
    #expect(progress.accuracy == 2.0 / 12)
  }

  @Test func anAverageOfAnotherModelIsRefused() throws {
    let trainer = try makeTrainer()
    try trainer.run(epochs: 1)
    var checkpoint = trainer.checkpoint
    let entry = try #require(checkpoint.parts["exponential average"]?.tensors.first)
    checkpoint.parts["exponential average"]?.tensors[0] = StateEntry(
      name: "other", try #require(entry.tensor(Double.self)))
    let other = try makeTrainer()
    #expect(throws: StateMismatch.self) { try other.restore(checkpoint) }
    #expect(other.progress.epoch == 0 && other.exponentialAverage?.isEmpty == true)
  }
}
