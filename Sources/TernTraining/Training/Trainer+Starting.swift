import TernBackend
import TernData
import TernDistributed
import TernNN
import TernTensor

extension Trainer {
  /// A training of any model on any batches that has not begun.
  ///
  /// - Parameters:
  ///   - model: what is trained.
  ///   - optimizer: what changes it.
  ///   - scheduler: how the learning rate goes on.
  ///   - schedulerStep: when the scheduler goes on.
  ///   - train: the samples to train with.
  ///   - validation: samples that are scored after every epoch, by the same loss; in evaluation mode, without gradients.
  ///   - batchSize: samples of a batch.
  ///   - dropLast: whether a last batch that is not full is left out.
  ///   - seed: of the order of batches and of the layers' random numbers.
  ///   - communicator: the ranks that train together; a single one where there is none.
  ///   - shards: how many shards each batch is split into, at least one a rank; one for each rank where it is `nil`.
  ///   - precision: of the operands of products, see ``withPrecision(_:_:)``.
  ///   - loss: of the model and a batch, or a shard of one, as a sum and what it was summed over.
  /// - Throws: ``TrainingError`` where the data is empty, or the last batch of an epoch has one sample and the model
  ///   normalizes batches.
  public convenience init(
    _ model: Model, optimizer: any Optimizer, scheduler: (any RateScheduler)? = nil,
    schedulerStep: SchedulerStep = .epoch, train: Source, validation: (any Dataset<Source.Batch>)? = nil,
    batchSize: Int, dropLast: Bool = false, seed: UInt64, communicator: (any Communicator)? = nil,
    shards: Int? = nil, precision: FloatPrecision = .float32,
    loss: @escaping (Model, Source.Batch) throws -> StepLoss,
    file: StaticString = #fileID, line: UInt = #line
  ) throws(TrainingError) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    try self.init(
      model, [("", optimizer)], scheduler.map { [$0] } ?? [], schedulerStep,
      DataLoader(train, batchSize: batchSize, shuffle: true, dropLast: dropLast, seed: seed), validation,
      { model, step in try step.update { try loss(model, $0) } }, loss, communicator, shards)
    self.precision = precision
  }

  /// A training with batches that a loader makes; its seed is also that of the layers' random numbers.
  ///
  /// - Parameters:
  ///   - train: the batches to train with.
  ///   - communicator: the ranks that train together; a single one where there is none.
  ///   - shards: how many shards each batch is split into, at least one a rank; one for each rank where it is `nil`.
  ///   - precision: of the operands of products, see ``withPrecision(_:_:)``.
  ///   - loss: of the model and a batch, or a shard of one, as a sum and what it was summed over.
  /// - Throws: ``TrainingError`` where the data is empty, or the last batch of an epoch has one sample and the model
  ///   normalizes batches.
  public convenience init(
    _ model: Model, optimizer: any Optimizer, scheduler: (any RateScheduler)? = nil,
    schedulerStep: SchedulerStep = .epoch, train: DataLoader<Source>, validation: (any Dataset<Source.Batch>)? = nil,
    communicator: (any Communicator)? = nil, shards: Int? = nil, precision: FloatPrecision = .float32,
    loss: @escaping (Model, Source.Batch) throws -> StepLoss,
    file: StaticString = #fileID, line: UInt = #line
  ) throws(TrainingError) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    try self.init(
      model, [("", optimizer)], scheduler.map { [$0] } ?? [], schedulerStep, train, validation,
      { model, step in try step.update { try loss(model, $0) } }, loss, communicator, shards)
    self.precision = precision
  }

  /// A training whose steps are a closure's, such as that of a GAN with an optimizer for each of its parts.
  ///
  /// ```swift
  /// let trainer = try Trainer(
  ///   gan, optimizers: [("generator", Adam(gan.generator)), ("critic", Adam(gan.critic))], train: images, batchSize: 64,
  ///   seed: 1
  /// ) { gan, step in
  ///   try step.update("critic") { StepLoss(mean: gan.criticLoss($0.inputs), count: $0.count) }
  ///   return try step.update("generator") { StepLoss(mean: gan.generatorLoss($0.count), count: $0.count) }
  /// }
  /// ```
  ///
  /// - Parameters:
  ///   - optimizers: what changes the model, each by its name; stops where there is none, or two have one name.
  ///   - schedulers: how the learning rates go on.
  ///   - validation: samples that are scored after every epoch.
  ///   - validationLoss: what they are scored by.
  ///   - communicator: the ranks that train together; a single one where there is none.
  ///   - shards: how many shards each batch is split into, at least one a rank; one for each rank where it is `nil`.
  ///   - precision: of the operands of products, see ``withPrecision(_:_:)``.
  ///   - step: a step of the model: calls ``TrainingStep/update(_:_:)`` for each optimizer, and returns what is reported.
  /// - Throws: ``TrainingError`` where the data is empty, or the last batch of an epoch has one sample and the model
  ///   normalizes batches.
  public convenience init(
    _ model: Model, optimizers: [(name: String, optimizer: any Optimizer)], schedulers: [any RateScheduler] = [],
    schedulerStep: SchedulerStep = .epoch, train: Source, validation: (any Dataset<Source.Batch>)? = nil,
    batchSize: Int, dropLast: Bool = false, seed: UInt64,
    validationLoss: ((Model, Source.Batch) throws -> StepLoss)? = nil, communicator: (any Communicator)? = nil,
    shards: Int? = nil, precision: FloatPrecision = .float32,
    step: @escaping (Model, TrainingStep<Source.Batch>) throws -> LossTotal,
    file: StaticString = #fileID, line: UInt = #line
  ) throws(TrainingError) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(!optimizers.isEmpty, "Trainer", "no optimizers")
    check(
      Set(optimizers.map(\.name)).count == optimizers.count, "Trainer",
      "two of the optimizers \(optimizers.map(\.name)) have one name")
    try self.init(
      model, optimizers, schedulers, schedulerStep,
      DataLoader(train, batchSize: batchSize, shuffle: true, dropLast: dropLast, seed: seed), validation, step,
      validationLoss, communicator, shards)
    self.precision = precision
  }
}

extension Trainer where Model: Layer, Source.Batch == LabeledBatch<Model.Scalar, Int> {
  /// A training of a classifier that has not begun; it counts the accuracy too.
  ///
  /// - Parameters:
  ///   - schedulerStep: when the scheduler goes on.
  ///   - test: samples that are scored after every epoch.
  ///   - seed: of the order of batches and of the layers' random numbers.
  ///   - workers: how many threads prepare batches; with 0 the one does that trains. The bits are the same.
  ///   - communicator: the ranks that train together; a single one where there is none.
  ///   - shards: how many shards each batch is split into, at least one a rank; one for each rank where it is `nil`.
  ///   - precision: of the operands of products, see ``withPrecision(_:_:)``.
  ///   - loss: of logits and labels, a mean over the batch.
  /// - Throws: ``TrainingError`` where the data is empty, or the last batch of an epoch has one sample and the model
  ///   normalizes batches.
  public convenience init(
    _ model: Model, optimizer: any Optimizer, scheduler: (any RateScheduler)? = nil,
    schedulerStep: SchedulerStep = .epoch, train: Source, test: (any Dataset<Source.Batch>)? = nil, batchSize: Int,
    dropLast: Bool = false, seed: UInt64, workers: Int = 1, communicator: (any Communicator)? = nil,
    shards: Int? = nil, precision: FloatPrecision = .float32,
    loss: @escaping (Tensor<Model.Scalar>, Tensor<Int>) -> Tensor<Model.Scalar> = { crossEntropy($0, $1) },
    file: StaticString = #fileID, line: UInt = #line
  ) throws(TrainingError) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let loader = DataLoader(
      train, batchSize: batchSize, shuffle: true, dropLast: dropLast, seed: seed, workers: workers)
    try self.init(
      model, optimizer: optimizer, scheduler: scheduler, schedulerStep: schedulerStep, train: loader, validation: test,
      communicator: communicator, shards: shards, precision: precision,
      loss: { classificationLoss($0, $1, loss) })
  }

  /// A training of a classifier that has not begun; it counts the accuracy too.
  ///
  /// - Parameters:
  ///   - schedulerStep: when the scheduler goes on.
  ///   - validation: samples that are scored after every epoch, as `test` of the other initializer.
  ///   - seed: of the order of batches and of the layers' random numbers.
  ///   - workers: threads that make batches; 0 makes them on the thread that trains.
  ///   - communicator: the ranks that train together; a single one where there is none.
  ///   - shards: how many shards each batch is split into, at least one a rank; one for each rank where it is `nil`.
  ///   - precision: of the operands of products, see ``withPrecision(_:_:)``.
  ///   - loss: of logits and labels, a mean over the batch.
  /// - Throws: ``TrainingError`` where the data is empty, or the last batch of an epoch has one sample and the model
  ///   normalizes batches.
  public convenience init(
    _ model: Model, optimizer: any Optimizer, scheduler: (any RateScheduler)? = nil,
    schedulerStep: SchedulerStep = .epoch, train: Source, validation: any Dataset<Source.Batch>, batchSize: Int,
    dropLast: Bool = false, seed: UInt64, workers: Int = 1, communicator: (any Communicator)? = nil,
    shards: Int? = nil, precision: FloatPrecision = .float32,
    loss: @escaping (Tensor<Model.Scalar>, Tensor<Int>) -> Tensor<Model.Scalar> = { crossEntropy($0, $1) },
    file: StaticString = #fileID, line: UInt = #line
  ) throws(TrainingError) {
    try self.init(
      model, optimizer: optimizer, scheduler: scheduler, schedulerStep: schedulerStep, train: train, test: validation,
      batchSize: batchSize, dropLast: dropLast, seed: seed, workers: workers, communicator: communicator,
      shards: shards, precision: precision, loss: loss, file: file, line: line)
  }
}

/// A classifier's loss, and its accuracy, on a batch.
func classificationLoss<Model: Layer>(
  _ model: Model, _ batch: LabeledBatch<Model.Scalar, Int>,
  _ loss: (Tensor<Model.Scalar>, Tensor<Int>) -> Tensor<Model.Scalar>
) -> StepLoss {
  let logits = model(batch.inputs)
  let value = loss(logits, batch.labels)
  let correct = MeanTotal(sum: Double(correctCount(logits.detached(), batch.labels)), count: Double(batch.count))
  return StepLoss(mean: value, count: batch.count, figures: ["accuracy": correct])
    .withSamples(logits: logits, labels: batch.labels)
}
