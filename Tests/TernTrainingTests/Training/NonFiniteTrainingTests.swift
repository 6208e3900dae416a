import Foundation
import Tern
import Testing

/// Trainings whose loss, data or model is not finite, and checkpoints of other trainings.
@Suite struct NonFiniteTrainingTests {
  /// −log of nothing, from finite inputs, in the second layer.
  private final class Broken: Layer {
    let first = Dense(4, 8)
    let second = Sequential {
      ReLU()
      Logarithm()
    }
    let last = Dense(8, 3)
    func forward(_ x: Tensor<Float>) -> Tensor<Float> { last(second(first(x))) }
  }

  private final class Logarithm: Layer {
    func forward(_ x: Tensor<Float>) -> Tensor<Float> { x.log() }
  }

  private func data(_ count: Int = 32, seed: UInt64 = 1) -> TensorDataset<Float, Int> {
    let generator = RandomGenerator(seed: seed)
    return Random.with(generator) {
      TensorDataset(Tensor<Float>(randomNormal: [count, 4]), Tensor((0..<count).map { $0 % 3 }))
    }
  }

  private func trainer<Model: Layer>(
    _ model: Model, _ data: TensorDataset<Float, Int>? = nil, batchSize: Int = 8, seed: UInt64 = 1,
    learningRate: Double = 0.1, test: TensorDataset<Float, Int>? = nil
  ) throws -> Trainer<Model, TensorDataset<Float, Int>> where Model.Scalar == Float {
    try Trainer(
      model, optimizer: SGD(model, learningRate: learningRate, momentum: 0.9), train: data ?? self.data(), test: test,
      batchSize: batchSize, seed: seed)
  }

  private func values(_ model: some Module) -> [[Float]] { model.state.compactMap { $0.tensor(Float.self)?.scalars } }

  @Test func theFirstLayerIsNamedAndNothingChanges() throws {
    let model = Broken()
    let training = try trainer(model)
    let before = values(model)
    let error = #expect(throws: NonFiniteError.self) { try training.run(epochs: 2) }
    #expect(error?.step == 1 && error?.epoch == 1 && error?.batch == 1 && error?.layer == "second.1")
    #expect("\(error!)".contains("the first layer whose output is not finite is second.1 (Logarithm), from an input"))
    #expect("\(error!)".contains("try a learning rate smaller than 0.1"))
    #expect(values(model) == before && training.progress.batch == 0)
    // The same again, and on by request.
    #expect(throws: NonFiniteError.self) { try training.run(epochs: 2) }
    training.keepsGoing = true
    #expect(try training.run(epochs: 2))
    #expect(training.history.epochs.count == 2 && training.history.epochs[1].trainLoss.isNaN)
  }

  /// Infinite where a number that it draws is large: which batch of a step that is depends on the random numbers before it.
  private final class Unlucky: Layer {
    let first = Dense(4, 3)
    let second = Luck()
    func forward(_ x: Tensor<Float>) -> Tensor<Float> { second(first(x)) }
  }

  private final class Luck: Layer {
    func forward(_ x: Tensor<Float>) -> Tensor<Float> {
      x * (Tensor<Float>(randomUniform: []).item > 0.9 ? .infinity : 1)
    }
  }

  @Test("the batch of a group that breaks is run with its own random numbers", arguments: 1...6)
  func accumulatedBatches(_ seed: UInt64) throws {
    let training = try trainer(Unlucky(), data(64), batchSize: 4, seed: seed)
    training.accumulation = 8
    let error = #expect(throws: NonFiniteError.self) { try training.run(epochs: 20) }
    #expect(error?.layer == "second" && "\(error!)".contains("second (Luck), from an input"), "\(error!)")
  }

  @Test func dataThatIsNotFiniteIsNamed() throws {
    var inputs = data().inputs
    inputs[5, 2] = Tensor(Float.nan)
    let training = try trainer(Dense(4, 3), TensorDataset(inputs, data().labels), batchSize: 32)
    let error = #expect(throws: NonFiniteError.self) { try training.run(epochs: 1) }
    #expect(error?.layer == nil && "\(error!)".contains("the data is not finite: sample "), "\(error!)")
  }

  @Test func weightsOfAnEarlierStepAreNamed() throws {
    let model = Sequential {
      Dense(4, 8)
      ReLU()
      Dense(8, 3)
    }
    model.parameters[2].zeroGradient()
    let last = try #require(model[2] as? Dense<Float>)
    last.weight.value = Tensor(full: last.weight.value.shape, .infinity)
    let error = #expect(throws: NonFiniteError.self) { try trainer(model).run(epochs: 1) }
    #expect(error?.layer == "2" && "\(error!)".contains("2 (Dense), whose weight is not finite since an earlier step"))
  }

  /// The only step of the run makes the parameters infinite: no loss tells.
  @Test func aLastStepThatBreaksTheModelIsNoticed() throws {
    for (test, expected) in [(nil, "parameters that are not finite"), (data(9, seed: 2), "not finite")] {
      let training = try trainer(Dense(4, 3), batchSize: 32, learningRate: 1e300, test: test)
      var epochs = 0
      training.afterEpoch = { _, _ in epochs += 1 }
      let error = #expect(throws: NonFiniteError.self) { try training.run(epochs: 1) }
      #expect("\(error!)".contains(expected) && epochs == 0, "\(error!)")
    }
    // Nor is it handed out where the training is stopped.
    let stopped = try trainer(Dense(4, 3), batchSize: 16, learningRate: 1e300)
    stopped.shouldStop = { true }
    #expect(throws: NonFiniteError.self) { try stopped.run(epochs: 1) }
  }

  @Test func buffersAndRandomNumbersStayAsTheyWere() throws {
    func make() throws -> Trainer<Sequential<Float>, TensorDataset<Float, Int>> {
      let model = Random.with(RandomGenerator(seed: 3)) {
        Sequential {
          Dense(4, 8)
          BatchNorm1d(8)
          Dropout(0.5)
          Dense(8, 3)
        }
      }
      return try trainer(model, learningRate: 1e25)
    }
    let training = try make()
    var steps = 0
    training.afterBatch = { _ in steps += 1 }
    #expect(throws: NonFiniteError.self) { try training.run(epochs: 9) }
    let other = try make()
    other.shouldStop = { other.completedSteps == steps }
    other.keepsGoing = true
    try other.run(epochs: 9)
    // Compared as bits: some may be NaN by then.
    func bits(_ model: some Module) -> [[UInt32]] { values(model).map { $0.map(\.bitPattern) } }
    let names = zip(training.model.state, bits(training.model)).filter { !$0.0.name.contains("running") }.map(\.1)
    let others = zip(other.model.state, bits(other.model)).filter { !$0.0.name.contains("running") }.map(\.1)
    #expect(steps > 0 && names == others)
    #expect(training.progress.generator == other.progress.generator)
  }

  @Test func aCheckpointOfAnotherTrainingIsNoticed() throws {
    let model = Dense(4, 3)
    let first = try trainer(model)
    first.shouldStop = { first.progress.batch == 2 }
    try first.run(epochs: 1)
    let checkpoint = first.checkpoint
    let rows: [(TensorDataset<Float, Int>, Int, UInt64, String)] = [
      (data(seed: 2), 8, 1, "other training data of the same size"), (data(24), 8, 1, "32 samples, now 24"),
      (data(), 4, 1, "batch size 8, now 4"), (data(), 8, 2, "seed 1, now 2"),
    ]
    for (data, batchSize, seed, expected) in rows {
      let other = try trainer(Dense(4, 3), data, batchSize: batchSize, seed: seed)
      let before = values(other.model)
      let error = #expect(throws: StateMismatch.self) { try other.restore(checkpoint) }
      #expect(error?.refused == [expected] && values(other.model) == before, "\(error!)")
      try other.restore(checkpoint, allowingChanges: true)
      #expect(values(other.model) == values(model))
      // Other batches begin the epoch anew.
      let goesOn = batchSize == 8 && data.count == 32
      #expect(other.progress.batch == (goesOn ? 2 : 0) && other.progress.seen == (goesOn ? 16 : 0))
      #expect(try other.run(epochs: 2))
    }
    try trainer(Dense(4, 3)).restore(checkpoint)
    var older = checkpoint
    older.origin = nil
    try trainer(Dense(4, 3), data(seed: 2)).restore(older)
  }

  @Test func fingerprintsDependOnEveryValue() {
    let first = data()
    #expect(first.fingerprint == data().fingerprint)
    var inputs = first.inputs
    inputs[31, 3] += 1
    #expect(TensorDataset(inputs, first.labels).fingerprint != first.fingerprint)
    var labels = first.labels
    labels[0] = Tensor(2)
    #expect(TensorDataset(first.inputs, labels).fingerprint != first.fingerprint)
    #expect(
      TensorDataset(first.inputs.reshaped([32, 2, 2]), first.labels).fingerprint != first.fingerprint)
    let subset = Subset(first, indices: [1, 2])
    #expect(subset.fingerprint != Subset(first, indices: [2, 1]).fingerprint)
    let digits = Digits.split
    #expect(digits.train.fingerprint != digits.test.fingerprint)
    #expect(ImageDataset(digits.train).fingerprint == digits.train.fingerprint)
  }
}
