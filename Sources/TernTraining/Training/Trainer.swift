import Foundation
import TernBackend
import TernData
import TernNN
import TernTensor

/// A training that cannot begin.
public struct TrainingError: Error, Sendable, CustomStringConvertible {
  /// What is wrong and what to do.
  public let description: String
}

/// When a training's scheduler goes on by a step.
public enum SchedulerStep: Sendable {
  /// After every batch, with its loss.
  case batch
  /// After every epoch, with the loss of the test data, or of the training data where there is none.
  case epoch
}

/// Trains a classifier epoch by epoch: shuffled batches, loss, backward, a step; scores the test data after every epoch.
///
/// The order of the batches and the random numbers of the layers depend on the seed alone. ``progress`` and ``history``
/// say where it is between two batches, and a trainer that is put there goes on to the same bits.
public final class Trainer<Model: Layer, Source: Dataset> where Source.Batch == LabeledBatch<Model.Scalar, Int> {
  /// What is trained.
  public let model: Model
  /// What changes it.
  public let optimizer: any Optimizer
  /// How its rate goes on; `nil` leaves it alone.
  public let scheduler: (any RateScheduler)?
  /// When the scheduler goes on.
  public let schedulerStep: SchedulerStep
  /// What is trained on.
  public let loader: DataLoader<Source>
  /// What is scored after every epoch.
  public let test: Source?
  /// Of logits and labels, a mean over the batch.
  public let loss: (Tensor<Model.Scalar>, Tensor<Int>) -> Tensor<Model.Scalar>
  /// Where the training is.
  public private(set) var progress = TrainingProgress()
  /// How many steps were made.
  public var completedSteps: Int { progress.epoch * loader.batchCount + progress.batch }
  /// The epochs that are done.
  public private(set) var history = TrainingHistory()
  private let generator: RandomGenerator

  /// What is told of every step and score, where there is one.
  public var report: TrainingReport?
  /// Called after every batch with this trainer, whose ``progress`` says where it is.
  public var afterBatch: (Trainer) -> Void = { _ in }
  /// Called after every epoch with this trainer and the epoch's figures; what it throws ends the training.
  public var afterEpoch: (Trainer, TrainingHistory.Epoch) throws -> Void = { _, _ in }
  /// Asked after every batch: true stops the training there.
  public var shouldStop: () -> Bool = { false }
  /// Whether the training goes on where the loss or the model is not finite; else ``run(epochs:file:line:)`` throws
  /// ``NonFiniteError`` before the step is made, or before ``afterEpoch`` is called.
  public var keepsGoing = false

  /// What the training is made of, for checkpoints: a training that goes on with another is told.
  public private(set) lazy var origin = TrainingOrigin(
    seed: loader.seed, batchSize: loader.batchSize, samples: loader.dataset.count,
    data: (loader.dataset as? any FingerprintedDataset)?.fingerprint,
    test: (test as? any FingerprintedDataset)?.fingerprint)

  /// A training that has not begun.
  ///
  /// - Parameters:
  ///   - schedulerStep: when the scheduler goes on.
  ///   - seed: of the order of batches and of the layers' random numbers.
  ///   - loss: of logits and labels, a mean over the batch.
  ///
  /// - Throws: ``TrainingError`` where the data is empty, or the last batch of an epoch has one sample and the model
  ///   normalizes batches.
  public init(
    _ model: Model, optimizer: any Optimizer, scheduler: (any RateScheduler)? = nil,
    schedulerStep: SchedulerStep = .epoch,
    train: Source, test: Source? = nil, batchSize: Int, dropLast: Bool = false, seed: UInt64,
    loss: @escaping (Tensor<Model.Scalar>, Tensor<Int>) -> Tensor<Model.Scalar> = { crossEntropy($0, $1) },
    file: StaticString = #fileID, line: UInt = #line
  ) throws(TrainingError) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self.model = model
    self.optimizer = optimizer
    self.scheduler = scheduler
    self.schedulerStep = schedulerStep
    self.test = test
    self.loss = loss
    loader = DataLoader(train, batchSize: batchSize, shuffle: true, dropLast: dropLast, seed: seed)
    generator = RandomGenerator(seed: seed ^ 0x9E37_79B9_7F4A_7C15)
    progress.generator = generator.state
    progress.schedule = scheduler?.state ?? [:]
    guard loader.batchCount > 0 else {
      throw TrainingError(description: "there are no batches: \(train.count) samples in batches of \(batchSize)")
    }
    let normalizes = model.namedModules.contains { $0.module is BatchNorm<Model.Scalar> }
    if loader.lastBatchSize == 1 && normalizes {
      throw TrainingError(
        description: "the last batch of every epoch would have one sample, on which batch normalization cannot train: "
          + "\(train.count) samples in batches of \(batchSize); choose another batch size, or drop the last batch")
    }
  }

  /// Trains until `epochs` epochs are done, or until it is asked to stop; returns whether it got there.
  ///
  /// - Throws: ``NonFiniteError`` where the loss or the model is no longer finite, unless ``keepsGoing``: the step that has
  ///   such a loss is not made. What ``afterEpoch`` throws, and the `SampleError` of a batch that could not be read: ``progress`` is then at
  ///   that batch, and running again asks for it again.
  @discardableResult
  public func run(epochs: Int, file: StaticString = #fileID, line: UInt = #line) throws -> Bool {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    model.train()
    generator.state = progress.generator
    report?.begin(atStep: completedSteps)
    defer { report?.end() }
    while progress.epoch < epochs {
      if try !runEpoch() {
        // What stops in an epoch is usually saved.
        if !keepsGoing, progress.batch > 0, let error = brokenModel(nil) { throw error }
        break
      }
    }
    return progress.epoch >= epochs
  }

  /// The rest of the current epoch; false where it was asked to stop before its end.
  private func runEpoch() throws -> Bool {
    let clock = ContinuousClock()
    var start = clock.now
    let batches = loader.batches(ofEpoch: progress.epoch, from: progress.batch)
    while let batch = try batches.next() {
      let before = generator.state
      let (loss, correct) = Random.with(generator) { step(batch) }
      if !keepsGoing && !loss.isFinite {
        generator.state = before
        throw brokenStep(batch, loss: loss, generator: before)
      }
      let now = clock.now
      progress.seconds +=
        Double((now - start).components.attoseconds) * 1e-18 + Double((now - start).components.seconds)
      start = now
      progress.lossSum += loss * Double(batch.count)
      progress.correct += correct
      progress.seen += batch.count
      progress.batch += 1
      progress.generator = generator.state
      report?.record(loss: loss, metrics: ["train accuracy": Double(correct) / Double(batch.count)])
      if schedulerStep == .batch { scheduler?.step(loss) }
      afterBatch(self)
      if progress.batch < loader.batchCount && shouldStop() { return false }
    }
    let rate = optimizer.learningRate
    let score = try test.map { try evaluate(model, on: $0, loss: loss) }
    if !keepsGoing, let error = brokenModel(score) { throw error }
    if let score { report?.record(["test loss": score.loss, "test accuracy": score.accuracy]) }
    let figures = TrainingHistory.Epoch(
      number: progress.epoch + 1, trainLoss: progress.loss, trainAccuracy: progress.accuracy, testLoss: score?.loss,
      testAccuracy: score?.accuracy, learningRate: rate, seconds: progress.seconds)
    if schedulerStep == .epoch { scheduler?.step(score?.loss ?? progress.loss) }
    history.epochs.append(figures)
    var next = TrainingProgress()
    next.epoch = progress.epoch + 1
    next.generator = generator.state
    next.schedule = scheduler?.state ?? [:]
    progress = next
    try afterEpoch(self, figures)
    return !shouldStop()
  }

  /// One batch: the loss before the step, and how many were classified rightly. Where the loss is not finite nothing is
  /// changed, unless the training keeps going.
  private func step(_ batch: Source.Batch) -> (loss: Double, correct: Int) {
    var first: Tensor<Model.Scalar>?
    let value = optimizer.step {
      let logits = model(batch.inputs)
      let value = loss(logits, batch.labels)
      optimizer.zeroGradients()
      // Without gradients no optimizer changes anything.
      let isBroken = first == nil && !keepsGoing && !value.item.number.isFinite
      if first == nil { first = logits.detached() }
      if !isBroken { value.backward() }
      return value
    }
    return (value.item.number, first.map { correctCount($0, batch.labels) } ?? 0)
  }

  /// A checkpoint of the training as it is.
  public var checkpoint: Checkpoint {
    var progress = progress
    progress.schedule = scheduler?.state ?? [:]
    return Checkpoint(model: model, optimizer: optimizer, progress: progress, history: history, origin: origin)
  }

  /// Puts the training to where a checkpoint was taken. On an error nothing has changed.
  ///
  /// - Parameter allowingChanges: whether it may go on with other data, another batch size or another seed than those of
  ///   the checkpoint. With other batches an epoch that was not done begins again.
  /// - Throws: `StateMismatch` with all that does not fit, and what differs.
  public func restore(
    _ checkpoint: Checkpoint, allowingChanges: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) throws(StateMismatch) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    var reached = checkpoint.progress
    let differences = checkpoint.origin.map { origin.differences(from: $0) } ?? []
    let refused = allowingChanges ? [] : differences
    if let before = checkpoint.origin, refused.isEmpty,
      before.samples != origin.samples || before.batchSize != origin.batchSize
    {
      (reached.batch, reached.lossSum, reached.correct, reached.seen, reached.seconds) = (0, 0, 0, 0, 0)
    }
    guard reached.epoch >= 0, 0...loader.batchCount ~= reached.batch, 0...loader.dataset.count ~= reached.seen,
      0...reached.seen ~= reached.correct
    else {
      throw StateMismatch(
        mismatched: ["batch \(reached.batch) of epoch \(reached.epoch) for epochs of \(loader.batchCount) batches"],
        refused: refused)
    }
    let before = (model: model.state, optimizer: optimizer.state, scheduler: scheduler?.state)
    try scheduler?.load(reached.schedule)
    do throws(StateMismatch) {
      try checkpoint.restore(model, optimizer)
      // What does not fit at all says more than what differs: it comes first.
      if !refused.isEmpty {
        try model.load(before.model)
        try optimizer.load(before.optimizer)
        throw StateMismatch(refused: refused)
      }
    } catch {
      if let state = before.scheduler { try scheduler?.load(state) }
      throw error
    }
    progress = reached
    history = checkpoint.history
    generator.state = progress.generator
  }
}
