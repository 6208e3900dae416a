import Foundation
import Synchronization
import Tern
import TernTestSupport
import Testing

@testable import TernNN
@testable import TernTraining

/// Trainings of several ranks, beside one process: the same bits with the same shards.
@Suite struct ShardedTrainingTests {
  /// Small images of three classes with noise, augmented by random shifts of brightness for each sample.
  struct Pictures: Dataset {
    let count: Int
    let inputs: Tensor<Float>
    let labels: [Int]

    init(_ count: Int) {
      self.count = count
      let generator = RandomGenerator(seed: 11)
      labels = (0..<count).map { $0 % 3 }
      let kinds = Tensor<Float>(randomNormal: [3, 1, 6, 6], generator: generator)
      inputs = kinds[Tensor(labels)] + Tensor<Float>(randomNormal: [count, 1, 6, 6], generator: generator) * 0.5
    }

    func batch(_ indices: [Int]) -> LabeledBatch<Float, Int> {
      let images = indices.map { index in
        Random.withSample(index) { inputs[index] * Tensor(randomUniform: [1, 1, 1], in: 0.8..<1.2) }
      }
      return LabeledBatch(inputs: stack(images), labels: Tensor(indices.map { labels[$0] }))
    }
  }

  enum Method: String, CaseIterable, Sendable { case sgd, adam, shardedAdam }

  static func makeModel(dropout: Double = 0.3) -> Sequential<Float> {
    Random.with(RandomGenerator(seed: 3)) {
      Sequential {
        Conv2D(1, 4, kernelSize: 3, padding: 1, bias: false)
        BatchNorm2d(4)
        ReLU()
        MaxPool2D(2)
        Flatten()
        Dropout(dropout)
        Dense(36, 8)
        BatchNorm1d(8)
        ReLU()
        Dense(8, 3)
      }
    }
  }

  static func optimizer(
    _ method: Method, _ model: some Module, _ communicator: any Communicator
  ) throws -> any Optimizer {
    switch method {
    case .sgd: SGD(model, learningRate: 0.05, momentum: 0.9, weightDecay: 1e-3)
    case .adam: Adam(model, learningRate: 0.01)
    case .shardedAdam: try ShardedOptimizer(model, communicator) { Adam($0, learningRate: 0.01) }
    }
  }

  static func trainer(
    _ communicator: any Communicator, _ method: Method, shards: Int?, synchronized: Bool, count: Int = 70
  ) throws -> Trainer<Sequential<Float>, Pictures> {
    let model = makeModel()
    if synchronized { model.synchronizeStatistics(over: communicator) }
    let trainer = try Trainer(
      model, optimizer: optimizer(method, model, communicator), train: Pictures(count), test: Pictures(21),
      batchSize: 16,
      seed: 9, communicator: communicator, shards: shards)
    trainer.clipping = .norm(1)
    return trainer
  }

  /// All that is saved, to the bit, without times.
  static func contents(_ trainer: Trainer<Sequential<Float>, Pictures>) -> [String: [UInt64]] {
    var result: [String: [UInt64]] = [:]
    let checkpoint = trainer.checkpoint
    for entry in checkpoint.model + checkpoint.optimizer.tensors {
      result[entry.name] =
        [UInt64(entry.shape.count)] + entry.shape.map { UInt64($0) }
        + entry.converted(to: Double.self).scalars.map(\.bitPattern)
    }
    for (name, value) in checkpoint.optimizer.scalars { result[name] = [value.bitPattern] }
    for epoch in checkpoint.history.epochs {
      result["epoch \(epoch.number)"] = [
        epoch.trainLoss, epoch.trainAccuracy ?? -1, epoch.testLoss ?? -1,
        epoch.testAccuracy ?? -1, epoch.learningRate,
      ].map(\.bitPattern)
    }
    return result
  }

  @Test(arguments: Method.allCases, [false, true])
  func ranksHaveTheBitsOfOneProcess(_ method: Method, synchronized: Bool) throws {
    // The last batch has 8 samples where statistics are separate, else 2: an empty share on some ranks.
    let count = synchronized ? 66 : 72
    let alone = try Self.trainer(SoleProcess(), method, shards: 4, synchronized: synchronized, count: count)
    try alone.run(epochs: 2)
    let expected = Self.contents(alone)
    for ranks in [2, 4] {
      let found = try ThreadGroup(ranks).run { communicator in
        let trainer = try Self.trainer(communicator, method, shards: 4, synchronized: synchronized, count: count)
        try trainer.run(epochs: 2)
        return Self.contents(trainer)
      }
      for contents in found {
        #expect(contents.keys.sorted() == expected.keys.sorted())
        for (name, values) in expected { #expect(contents[name] == values, "\(name) of \(ranks) ranks") }
      }
    }
  }

  /// Numbers of ranks that are no power of two, or do not divide the shards.
  @Test func anyNumberOfRanks() throws {
    let alone = try Self.trainer(SoleProcess(), .adam, shards: 6, synchronized: true)
    try alone.run(epochs: 1)
    let expected = Self.contents(alone)
    for ranks in [3, 4, 6] {
      let found = try ThreadGroup(ranks).run { communicator in
        let trainer = try Self.trainer(communicator, .adam, shards: 6, synchronized: true)
        try trainer.run(epochs: 1)
        return Self.contents(trainer)
      }
      for contents in found {
        for (name, values) in expected { #expect(contents[name] == values, "\(name) of \(ranks) ranks") }
      }
    }
  }

  @Test func goesOnWithAnotherNumberOfRanks() throws {
    let whole = try Self.trainer(SoleProcess(), .shardedAdam, shards: 4, synchronized: false, count: 72)
    try whole.run(epochs: 2)
    let expected = Self.contents(whole)
    let folder = ScratchFolder()
    let path = folder.path + "/checkpoint.safetensors"
    _ = try ThreadGroup(2).run { communicator in
      let first = try Self.trainer(communicator, .shardedAdam, shards: 4, synchronized: false, count: 72)
      // One rank is asked to stop; all do, after the same batch.
      first.shouldStop = { communicator.rank == 1 && first.progress.batch >= 2 }
      let finished = try first.run(epochs: 2)
      #expect(!finished && first.stopReason == .asked)
      let checkpoint = first.checkpoint
      if communicator.isRoot { try checkpoint.write(to: path) }
      try communicator.barrier()
    }
    for ranks in [1, 2, 4] {
      let found = try ThreadGroup(ranks).run { communicator in
        let second = try Self.trainer(communicator, .shardedAdam, shards: 4, synchronized: false, count: 72)
        try second.restore(Checkpoint(contentsOf: path))
        try second.run(epochs: 2)
        return Self.contents(second)
      }
      for contents in found {
        for (name, values) in expected { #expect(contents[name] == values, "\(name) on \(ranks) ranks") }
      }
    }
    // The single optimizer reads the same file.
    let plain = try Self.trainer(SoleProcess(), .adam, shards: 4, synchronized: false, count: 72)
    try plain.restore(Checkpoint(contentsOf: path))
    try plain.run(epochs: 2)
    for (name, values) in expected { #expect(Self.contents(plain)[name] == values, "\(name)") }
  }

  /// Several batches a step, the last of which leaves shares empty, each shard normalized by itself where it is an image.
  @Test func accumulatedBatchesAndEmptyShares() throws {
    @Sendable func train(_ communicator: any Communicator) throws -> [String: [UInt64]] {
      let model: Sequential<Float> = Random.with(RandomGenerator(seed: 8)) {
        Sequential {
          Conv2D(1, 3, kernelSize: 3, bias: false); BatchNorm2d(3); Flatten(); Dropout(0.4); Dense(48, 3)
        }
      }
      let trainer = try Trainer(
        model, optimizer: SGD(model, learningRate: 0.05), train: Pictures(50), test: Pictures(10), batchSize: 16,
        seed: 2,
        communicator: communicator, shards: 4)
      trainer.accumulation = 3
      try trainer.run(epochs: 2)
      return Self.contents(trainer)
    }
    let expected = try train(SoleProcess())
    for ranks in [2, 3, 4] {
      for contents in try ThreadGroup(ranks).run(train) {
        for (name, values) in expected { #expect(contents[name] == values, "\(name) of \(ranks) ranks") }
      }
    }
  }

  // MARK: Against one process without shards

  /// Images, some of whose labels are ignored in some batches, all of them in one share.
  struct Features<Scalar: FloatingScalar>: Dataset {
    let count = 53
    let inputs = Tensor<Double>(randomNormal: [53, 1, 5, 5], generator: RandomGenerator(seed: 4)).cast(to: Scalar.self)
    func batch(_ indices: [Int]) -> LabeledBatch<Scalar, Int> {
      LabeledBatch(
        inputs: stack(indices.map { inputs[$0] }),
        labels: Tensor(indices.map { $0 % 7 == 3 || $0 > 45 ? -100 : $0 % 3 }))
    }
  }

  /// The losses, parameters and buffers after 20 steps, the last of each epoch with 5 samples of 12.
  static func losses<Scalar: FloatingScalar>(
    _: Scalar.Type, _ communicator: any Communicator, shards: Int?, synchronized: Bool
  ) throws -> [Double] {
    let model: Sequential<Scalar> = Random.with(RandomGenerator(seed: 3)) {
      Sequential {
        Conv2D<Scalar>(1, 4, kernelSize: 3); BatchNorm2d<Scalar>(4); Tanh<Scalar>(); Flatten<Scalar>();
        Dense<Scalar>(36, 6)
        BatchNorm1d<Scalar>(6); Tanh<Scalar>(); Dense<Scalar>(6, 3)
      }
    }
    if synchronized { model.synchronizeStatistics(over: communicator) }
    let weights = Tensor<Scalar>([0.5, 1, 2.5])
    let trainer = try Trainer(
      model, optimizer: SGD(model, learningRate: 0.05, momentum: 0.9), train: Features<Scalar>(), batchSize: 12,
      seed: 5,
      communicator: communicator, shards: shards
    ) { model, batch in StepLoss.crossEntropy(model(batch.inputs), batch.labels, weight: weights) }
    if !synchronized { trainer.frozen = FrozenPaths(["1", "5"]) }
    try trainer.run(epochs: 4)
    #expect(trainer.completedSteps == 20)
    return trainer.history.epochs.map(\.trainLoss)
      + model.state.flatMap { $0.converted(to: Double.self).scalars }
  }

  @Test(arguments: [false, true]) func equalsOneProcess(synchronized: Bool) throws {
    func compare<Scalar: FloatingScalar>(_ type: Scalar.Type, _ tolerance: Double) throws {
      let whole = try Self.losses(type, SoleProcess(), shards: nil, synchronized: synchronized)
      for ranks in [2, 3, 4, 8] {
        let found = try ThreadGroup(ranks).run {
          try Self.losses(type, $0, shards: nil, synchronized: synchronized)
        }
        for values in found {
          #expect(values == found[0])
          let distance = zip(values, whole).map { abs($0 - $1) / max(1, abs($1)) }.max()!
          #expect(distance <= tolerance, "\(type), \(ranks) ranks")
        }
      }
      let shards = try Self.losses(type, SoleProcess(), shards: 5, synchronized: synchronized)
      #expect(SynchronizedBatchNormTests.close(shards, whole, tolerance))
    }
    try compare(Double.self, 1e-12)
    try compare(Float.self, 1e-6)
  }

  // MARK: What goes wrong

  @Test func wrongStartsAreNamed() throws {
    func message(
      _ make: @escaping @Sendable (any Communicator) throws -> Void
    ) -> String {
      do {
        _ = try ThreadGroup(2).run(make)
        return "nothing was wrong"
      } catch {
        return "\(error)"
      }
    }
    @Sendable func trainer(
      _ communicator: any Communicator, seed: UInt64 = 9, batchSize: Int = 16, count: Int = 72, rate: Double = 0.01,
      shards: Int? = 4, width: Int = 4
    ) throws {
      let model = Sequential {
        Flatten(); Dense(36, width); Dense(width, 3)
      }
      _ = try Trainer(
        model, optimizer: Adam(model, learningRate: rate), train: Pictures(count), batchSize: batchSize, seed: seed,
        communicator: communicator, shards: shards)
    }
    #expect(
      message { try trainer($0, seed: 9 + UInt64($0.rank)) }
        == "rank 1 does not train what rank 0 does: seed 10, on rank 0 9")
    #expect(message { try trainer($0, batchSize: 16 + $0.rank) }.contains("batch size 17, on rank 0 16"))
    #expect(message { try trainer($0, count: 72 + $0.rank) }.contains("samples to train with 73, on rank 0 72"))
    #expect(message { try trainer($0, rate: 0.01 * Double(1 + $0.rank)) }.contains("optimizer's learning rates [0.02]"))
    #expect(message { try trainer($0, shards: 4 + $0.rank) }.contains("shards 5, on rank 0 4"))
    #expect(
      message { try trainer($0, width: 4 + $0.rank) }.contains(
        "parameter 1.weight [5, 36] of float32, on rank 0 [4, 36] of float32"))
    #expect(message { try trainer($0, shards: 1) }.contains("1 shards a step for 2 ranks"))
    let other = message { communicator in
      let model =
        communicator.rank == 0
        ? Sequential { Dense(3, 2) }
        : Sequential {
          Flatten(); Dense(3, 2)
        }
      _ = try DataParallel(model, communicator)
    }
    #expect(other.hasSuffix("the first that differs is parameter 1.weight, on rank 0 parameter 0.weight"), "\(other)")
  }

  @Test func driftIsNamedWithTheLayer() throws {
    do {
      _ = try ThreadGroup(2).run { communicator in
        let trainer = try Self.trainer(communicator, .sgd, shards: 2, synchronized: false, count: 64)
        trainer.afterBatch = { trainer in
          guard communicator.rank == 1, trainer.progress.batch == 3 else { return }
          let layer = trainer.model.layers[9] as! Dense<Float>
          layer.bias?.value = layer.bias!.value + 0.001
        }
        try trainer.run(epochs: 1)
      }
      Issue.record("no drift was found")
    } catch {
      #expect("\(error)" == "the model of rank 1 is no longer that of rank 0: the first that differs is 9.bias")
    }
  }

  struct Trouble: Error {}

  @Test(arguments: [false, true]) func whatOneRankThrowsEndsAll(synchronized: Bool) throws {
    let ended = Mutex<Set<String>>([])
    #expect(throws: Trouble.self) {
      _ = try ThreadGroup(3).run { communicator in
        let model = Sequential {
          Flatten(); Dense(36, 3); BatchNorm1d(3)
        }
        if synchronized { model.synchronizeStatistics(over: communicator) }
        let trainer = try Trainer(
          model, optimizer: SGD(model, learningRate: 0.1), train: Pictures(72), batchSize: 18, seed: 1,
          communicator: communicator, shards: 6
        ) { model, batch in
          let loss = StepLoss.crossEntropy(model(batch.inputs), batch.labels)
          if communicator.rank == 1 { throw Trouble() }
          return loss
        }
        do { try trainer.run(epochs: 1) } catch {
          ended.withLock { _ = $0.insert("rank \(communicator.rank): \(error)") }
          throw error
        }
      }
    }
    #expect(
      ended.withLock { $0.sorted() } == [
        "rank 0: rank 1 failed: Trouble()", "rank 1: Trouble()", "rank 2: rank 1 failed: Trouble()",
      ])
  }

  @Test func aLossThatIsNotFiniteIsTheSameErrorEverywhere() throws {
    let found = try ThreadGroup(2).run { communicator -> String in
      let model = Sequential {
        Flatten(); Dense(36, 3); BatchNorm1d(3)
      }
      model.synchronizeStatistics(over: communicator)
      let trainer = try Trainer(
        model, optimizer: SGD(model, learningRate: 0.1), train: Pictures(72), batchSize: 18, seed: 1,
        communicator: communicator, shards: 4
      ) { model, batch in
        let loss = StepLoss.crossEntropy(model(batch.inputs), batch.labels)
        return communicator.rank == 1 ? StepLoss(sum: Tensor<Float>(.nan), count: 1) : loss
      }
      do { try trainer.run(epochs: 1) } catch let error as NonFiniteError { return "\(error)" }
      return ""
    }
    #expect(found[0].hasPrefix("step 1 (epoch 1, batch 1): the loss is nan; every layer's output is finite"))
    #expect(found[0] == found[1])
  }

  @Test func anUnreadableSampleEndsAll() throws {
    struct Broken: Dataset {
      let count = 40
      func batch(_ indices: [Int]) throws -> LabeledBatch<Float, Int> {
        if indices.contains(17) { throw Trouble() }
        return LabeledBatch(inputs: Tensor(ones: [indices.count, 2]), labels: Tensor(indices.map { $0 % 2 }))
      }
    }
    let ended = Mutex(0)
    #expect(throws: (any Error).self) {
      _ = try ThreadGroup(2).run { communicator in
        let model = Sequential { Dense(2, 2) }
        let trainer = try Trainer(
          model, optimizer: SGD(model, learningRate: 0.1), train: Broken(), batchSize: 8, seed: 1,
          communicator: communicator, shards: 4)
        defer { ended.withLock { $0 += 1 } }
        try trainer.run(epochs: 1)
      }
    }
    #expect(ended.withLock { $0 } == 2)
  }
}
