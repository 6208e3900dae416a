import Foundation
import TernBackend
import TernData
import TernDistributed
import TernNN
import TernTensor

/// A training that cannot begin.
public struct TrainingError: Error, Sendable, CustomStringConvertible {
  /// What is wrong and what to do.
  public let description: String
}

/// When a training's scheduler goes on by a step.
public enum SchedulerStep: Sendable {
  /// After every step, with its loss.
  case batch
  /// After every epoch, with the loss of the validation data, or of the training data where there is none.
  case epoch
}

/// Trains a model epoch by epoch: shuffled batches, loss, backward, a step; scores the validation data after every epoch.
///
/// ```swift
/// let trainer = try Trainer(
///   model, optimizer: Adam(model), train: train, validation: validation, batchSize: 64, seed: 1
/// ) { model, batch in
///   let errors = model(batch.inputs) - batch.labels
///   return StepLoss(sum: errors.square().sum(), count: errors.count)
/// }
/// trainer.clipping = .norm(1)
/// trainer.earlyStopping = EarlyStopping(patience: 5)
/// try trainer.run(epochs: 100)
/// ```
///
/// The order of the batches and the random numbers of the layers depend on the seed alone. ``checkpoint`` has all that is
/// needed to go on between two steps, and a trainer that is put there goes on to the same bits.
///
/// With a communicator all its ranks train one model: each makes a trainer of the same arguments and calls the same functions.
/// The batch size is that of the whole step. Every batch is split into shards, of which each rank computes some; where the
/// number of ranks is a power of two that divides the number of shards, the bits are those of one process with as many
/// shards, also after going on with another number of ranks. Rank 0 prints and writes, see ``Communicator/isRoot``.
public final class Trainer<Model: Module, Source: Dataset> {
  /// What is trained.
  public let model: Model
  /// What changes it, by name; the first is ``optimizer``.
  public let optimizers: [(name: String, optimizer: any Optimizer)]
  /// How the rates go on; empty leaves them alone.
  public let schedulers: [any RateScheduler]
  /// When the schedulers go on.
  public let schedulerStep: SchedulerStep
  /// What is trained on.
  public let loader: DataLoader<Source>
  /// What is scored after every epoch.
  public let validation: (any Dataset<Source.Batch>)?
  /// The ranks that train together; a single one where none were given.
  public let communicator: any Communicator
  /// How many shards a step has, where that was said; one for each rank where it is `nil`.
  public let shards: Int?
  /// Where the training is.
  public internal(set) var progress = TrainingProgress()
  /// The epochs that are done.
  public internal(set) var history = TrainingHistory()
  /// Why ``run(epochs:file:line:)`` ended before all epochs were done; `nil` where it did not.
  public internal(set) var stopReason: StopReason?
  let generator: RandomGenerator
  let makeStep: (Model, TrainingStep<Source.Batch>) throws -> LossTotal
  let validationLoss: ((Model, Source.Batch) throws -> StepLoss)?
  /// What a rewinding training goes back to.
  var snapshot: PartState?
  /// What computes the shards of steps; `nil` where a step is one batch of one process.
  let engine: ShardedStep?
  /// How many updates the step has made.
  var updateCount = 0
  /// Whether the ranks agreed in the last step on a checkpoint that is not taken yet.
  var isCheckpointDue = false
  /// What the samples of the running step gave.
  var sampleNotes: SampleNotes?
  /// The buffers of the model, while it runs.
  var runningBuffers: [any AnyBuffer] = []
  /// The samples of an epoch, in order.
  var sampleOrder: (epoch: Int, samples: [Int])?

  /// How many batches make a step; the last step of an epoch may have fewer. See ``GradientAccumulation``.
  public var accumulation = 1
  /// How products read their operands, in steps and scores: with ``FloatPrecision/bfloat16`` rounded, while the weights,
  /// what the optimizers keep and checkpoints stay Float. To go on to the same bits a training needs the same.
  public var precision = FloatPrecision.float32
  /// What keeps gradients short.
  public var clipping: GradientClipping?
  /// What ends a training that gets no better.
  public var earlyStopping: EarlyStopping?
  /// What keeps the checkpoints of the best epochs.
  public var bestCheckpoints: BestCheckpoints?
  /// An average of the model over the steps, with which the validation data is scored.
  public var exponentialAverage: ExponentialAverage?
  /// An average of the model over the epochs.
  public var stochasticAverage: StochasticAverage?
  /// What is not trained.
  public var frozen: FrozenPaths?
  /// How each sample is learned, where that is to be known: a history of as many samples as the data set has. Samples tell
  /// where the loss does, see ``StepLoss/withSamples(losses:)``; those of classifiers do.
  public var sampleHistory: SampleHistory? {
    didSet { sampleNotes = sampleHistory.map { _ in sampleNotes ?? SampleNotes() } }
  }
  /// When the training ends at the latest.
  public var limits = TrainingLimits()
  /// What becomes of a step that is not finite.
  public var nonFinite = NonFiniteAction.stop
  /// What writes hashes of every step, where there is one.
  public var ledger: LedgerWriter?
  /// What is told of every step and score, where there is one.
  public var report: TrainingReport?
  /// What else is told of the training, such as a ``JSONLog``; on rank 0 alone.
  public var sinks: [any TrainingSink] = []
  /// The steps that are profiled, where there are any.
  public var profiling: ProfiledSteps?
  /// Called after every step with this trainer, whose ``progress`` says where it is; what it throws ends the training.
  public var afterBatch: (Trainer) throws -> Void = { _ in }
  /// Called after every epoch with this trainer and the epoch's figures; what it throws ends the training.
  public var afterEpoch: (Trainer, TrainingHistory.Epoch) throws -> Void = { _, _ in }
  /// Asked after every step: true stops the training there.
  public var shouldStop: () -> Bool = { false }

  init(
    _ model: Model, _ optimizers: [(name: String, optimizer: any Optimizer)], _ schedulers: [any RateScheduler],
    _ schedulerStep: SchedulerStep, _ loader: DataLoader<Source>, _ validation: (any Dataset<Source.Batch>)?,
    _ step: @escaping (Model, TrainingStep<Source.Batch>) throws -> LossTotal,
    _ validationLoss: ((Model, Source.Batch) throws -> StepLoss)?, _ communicator: (any Communicator)?,
    _ shards: Int?
  ) throws(TrainingError) {
    self.model = model
    self.optimizers = optimizers
    self.schedulers = schedulers
    self.schedulerStep = schedulerStep
    self.loader = loader
    self.validation = validation
    makeStep = step
    self.validationLoss = validationLoss
    self.communicator = communicator ?? SoleProcess()
    self.shards = shards
    engine = try Self.makeEngine(model, self.communicator, shards: shards)
    generator = RandomGenerator(seed: loader.seed ^ 0x9E37_79B9_7F4A_7C15)
    progress.generator = generator.state
    progress.schedule = scheduleState
    let samples = "\(loader.sampleCount) samples in batches of \(loader.batchSize)"
    guard loader.batchCount > 0 else { throw TrainingError(description: "there are no batches: \(samples)") }
    if validation != nil && validationLoss == nil {
      throw TrainingError(description: "there is validation data, and no validationLoss to score it by")
    }
    if let validation, validation.count == 0 {
      throw TrainingError(description: "there is validation data, and it has no samples")
    }
    if let engine { try checkStart(engine) }
    if loader.lastBatchSize == 1 && model.namedModules.contains(where: { isBatchNorm($0.module) }) {
      throw TrainingError(
        description: "the last batch of every epoch would have one sample, on which batch normalization cannot train: "
          + "\(samples); choose another batch size, or drop the last batch")
    }
  }

  /// What changes the model, or the first of those.
  public var optimizer: any Optimizer { optimizers[0].optimizer }
  /// How the rates go on, or the first of those.
  public var scheduler: (any RateScheduler)? { schedulers.first }
  /// Whether the training goes on where the loss or the model is not finite: ``nonFinite`` is `.keepGoing`.
  public var keepsGoing: Bool {
    get { nonFinite == .keepGoing }
    set { nonFinite = newValue ? .keepGoing : .stop }
  }

  /// How many steps an epoch has.
  public var stepsPerEpoch: Int { (loader.batchCount - 1) / accumulation + 1 }
  /// How many steps were made, those that were skipped included.
  public var completedSteps: Int {
    progress.epoch * stepsPerEpoch + (progress.batch + accumulation - 1) / accumulation
  }

  /// What the training is made of, for checkpoints: a training that goes on with another is told.
  public var origin: TrainingOrigin {
    TrainingOrigin(
      seed: loader.seed, batchSize: loader.batchSize, samples: loader.dataset.count, data: fingerprint,
      test: validationFingerprint, accumulation: accumulation == 1 ? nil : accumulation, shards: shards)
  }
  private lazy var fingerprint = (loader.dataset as? any FingerprintedDataset)?.fingerprint
  private lazy var validationFingerprint = (validation as? any FingerprintedDataset)?.fingerprint

  // MARK: Running

  /// Trains until `epochs` epochs are done, or until something ends it before, see ``stopReason``; returns whether it got
  /// there.
  ///
  /// - Throws: ``NonFiniteError`` where the loss or the model is no longer finite and ``nonFinite`` is no way on: the step
  ///   that has such a loss is not made. What ``afterBatch`` and ``afterEpoch`` throw, what the loss throws, and the `SampleError` of a batch
  ///   that could not be read: ``progress`` is then at that step, and running again asks for it again.
  @discardableResult
  public func run(epochs: Int, file: StaticString = #fileID, line: UInt = #line) throws -> Bool {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(accumulation >= 1, "Trainer", "\(accumulation) batches a step (at least 1)")
    if let history = sampleHistory {
      check(
        history.count == loader.dataset.count, "Trainer",
        "a sample history of \(history.count) samples for \(loader.dataset.count)")
    }
    try checkFigures()
    stopReason = nil
    model.train()
    frozen?.apply(to: model)
    runningBuffers = model.namedBuffers.map { $0.buffer }
    defer { runningBuffers = [] }
    defer { try? ledger?.flush() }
    if let engine { try checkRun(engine, epochs: epochs) }
    try bestCheckpoints?.makeFolder()
    generator.state = progress.generator
    report?.begin(atStep: completedSteps)
    defer { report?.end() }
    let sinks = progress.epoch < epochs ? allSinks : []
    try beginSinks(sinks, epochs: epochs)
    do {
      try runEpochs(epochs, sinks)
    } catch {
      endSinks(sinks, reason: "\(error)")
      throw error
    }
    if progress.epoch >= epochs { stopReason = nil }
    endSinks(sinks, reason: stopReason?.words ?? "finished")
    return progress.epoch >= epochs
  }

  private func runEpochs(_ epochs: Int, _ sinks: [any TrainingSink]) throws {
    defer { _ = try? profiling?.finish(afterStep: completedSteps, isLast: true) }
    while progress.epoch < epochs {
      if earlyStopping?.isOver == true { stopReason = .earlyStopping }
      if try communicator.agree(isLimitReached, name: "the limits") { stopReason = .limit }
      if stopReason != nil { break }
      if try !runEpoch(sinks) {
        // What stops in an epoch is usually saved.
        if !keepsGoing, progress.batch > 0, let error = brokenModel(nil) { throw error }
        break
      }
    }
  }

  var isLimitReached: Bool { limits.isReached(steps: completedSteps, seconds: secondsSpent) }
  var secondsSpent: Double { history.epochs.reduce(progress.seconds) { $0 + $1.seconds } }

  private func checkFigures() throws(TrainingError) {
    for figure in [earlyStopping?.figure, bestCheckpoints?.figure].compactMap({ $0 })
    where figure.isOfValidation && validation == nil {
      throw TrainingError(description: "there is no validation data, and so no \(figure.name) to go by")
    }
  }
}

/// Why a training ended before all of its epochs were done.
public enum StopReason: Sendable, Equatable {
  /// `shouldStop` said so.
  case asked
  /// It got no better.
  case earlyStopping
  /// The most steps, or seconds, were reached.
  case limit
}

/// Whether a module normalizes by the statistics of a batch.
func isBatchNorm(_ module: any Module) -> Bool { module is BatchNorm<Float> || module is BatchNorm<Double> }
