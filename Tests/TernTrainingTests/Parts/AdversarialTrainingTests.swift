import Foundation
import Tern
import TernBackend
import Testing

/// A GAN: two optimizers, an average over the steps, accumulation, clipping and early stopping, killed and taken up again.
@Suite(.serialized) struct AdversarialTrainingTests {
  final class GAN: Module {
    let generator = Sequential<Float> {
      Dense<Float>(4, 16)
      BatchNorm1d<Float>(16)
      ReLU<Float>()
      Dropout<Float>(0.1)
      Dense<Float>(16, 2)
    }
    let critic = Sequential<Float> {
      Dense<Float>(2, 16)
      LeakyReLU<Float>(slope: 0.2)
      Dense<Float>(16, 1)
    }

    func made(_ count: Int) -> Tensor<Float> { generator(Tensor(randomNormal: [count, 4])) }

    func criticLoss(_ real: Tensor<Float>) -> Tensor<Float> {
      let made = withoutGradients { self.made(real.shape[0]) }
      return ((critic(real) - 1).square() + critic(made).square()).sum()
    }

    func generatorLoss(_ count: Int) -> Tensor<Float> { (critic(made(count)) - 1).square().sum() }
  }

  private func makeTrainer() throws -> Trainer<GAN, TensorDataset<Float, Int>> {
    let gan = Random.with(RandomGenerator(seed: 2)) { GAN() }
    let data = Random.with(RandomGenerator(seed: 3)) {
      TensorDataset(Tensor<Float>(randomNormal: [70, 2]) * 0.5 + 2, Tensor<Int>(zeros: [70]))
    }
    let optimizers: [(name: String, optimizer: any Optimizer)] = [
      ("generator", Adam(gan.generator, learningRate: 1e-3)),
      ("critic", SGD(gan.critic, learningRate: 1e-2, momentum: 0.5)),
    ]
    let trainer = try Trainer(
      gan, optimizers: optimizers, schedulers: optimizers.map { Scheduler($0.optimizer, CosineSchedule(length: 4)) },
      train: data, validation: data, batchSize: 8, seed: 9,
      validationLoss: { gan, batch in StepLoss(sum: gan.criticLoss(batch.inputs), count: batch.count) }
    ) { gan, step in
      let critic = try step.update("critic") { StepLoss(sum: gan.criticLoss($0.inputs), count: $0.count) }
      let made = try step.update("generator") { StepLoss(sum: gan.generatorLoss($0.count), count: $0.count) }
      return LossTotal(loss: made.loss, figures: ["critic loss": critic.loss])
    }
    trainer.accumulation = 2
    trainer.clipping = .norm(1)
    trainer.exponentialAverage = ExponentialAverage(decay: 0.9)
    trainer.stochasticAverage = StochasticAverage(fromEpoch: 2)
    trainer.earlyStopping = EarlyStopping(patience: 30)
    trainer.nonFinite = .skip(atMost: 3)
    return trainer
  }

  /// Everything that is saved, but how long it took.
  private func bytes(_ trainer: Trainer<GAN, TensorDataset<Float, Int>>, _ folder: ScratchFolder) throws -> Data {
    var checkpoint = trainer.checkpoint
    checkpoint.progress.seconds = 0
    for index in checkpoint.history.epochs.indices { checkpoint.history.epochs[index].seconds = 0 }
    try checkpoint.write(to: folder.path + "/whole")
    return try Data(contentsOf: URL(fileURLWithPath: folder.path + "/whole"))
  }

  @Test("killed anywhere it goes on to the same bytes", arguments: [1, 2])
  func resumption(_ threads: Int) throws {
    let before = Workers.count
    defer { Workers.count = before }
    Workers.count = threads
    let folder = ScratchFolder()
    let whole = try makeTrainer()
    #expect(try whole.run(epochs: 4))
    let expected = try bytes(whole, folder)
    #expect(whole.history.epochs[3].trainFigures["critic loss"] != nil)
    #expect(whole.exponentialAverage?.updates == 20)
    for stop in [1, 3, 5, 12] {
      let first = try makeTrainer()
      first.shouldStop = { first.completedSteps >= stop }
      #expect(try !first.run(epochs: 4))
      try first.checkpoint.write(to: folder.path + "/part")
      let second = try makeTrainer()
      try second.restore(Checkpoint(contentsOf: folder.path + "/part"))
      #expect(try second.run(epochs: 4))
      #expect(try bytes(second, folder) == expected, "stopped after \(stop) steps")
    }
  }

  @Test func oneAndTwoThreadsGiveTheSameBytes() throws {
    let before = Workers.count
    defer { Workers.count = before }
    let folder = ScratchFolder()
    let found = try [1, 2].map { threads in
      Workers.count = threads
      let training = try makeTrainer()
      try training.run(epochs: 2)
      return try bytes(training, folder)
    }
    #expect(found[0] == found[1])
  }

  @Test func partsThatAreMissingAreNamed() throws {
    let whole = try makeTrainer()
    let other = try makeTrainer()
    other.earlyStopping = nil
    other.accumulation = 1
    let error = #expect(throws: StateMismatch.self) { try other.restore(whole.checkpoint) }
    #expect("\(error!)".contains("with its early stopping, now without"))
    #expect("\(error!)".contains("2 batches a step, now 1"))
    try other.restore(whole.checkpoint, allowingChanges: true)
  }
}
