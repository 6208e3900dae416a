import Foundation
import Tern
import TernBackend
import Testing

/// Trainings of any model and any batch, and the parts of them.
@Suite struct GeneralTrainerTests {
  /// Points of a plane with their class, some without: batches that are no labeled ones.
  struct Points: Dataset {
    struct Batch: Sendable {
      var places: Tensor<Double>
      var classes: Tensor<Int>
      var count: Int { classes.count }
    }
    let places: Tensor<Double>
    let classes: [Int]
    var isBroken: Set<Int> = []

    init(_ count: Int, seed: UInt64 = 1) {
      places = Random.with(RandomGenerator(seed: seed)) { Tensor<Double>(randomNormal: [count, 4]) }
      classes = (0..<count).map { $0 % 7 == 3 ? -100 : $0 % 3 }
    }

    var count: Int { classes.count }

    func batch(_ indices: [Int]) -> Batch {
      var places = places[indices]
      if indices.contains(where: isBroken.contains) { places = places * Double.infinity }
      return Batch(places: places, classes: Tensor(indices.map { classes[$0] }))
    }
  }

  final class Classifier: Module {
    let trunk = Dense<Double>(4, 8)
    let head = Dense<Double>(8, 3)
    func scores(_ x: Tensor<Double>) -> Tensor<Double> { head(trunk(x).tanh()) }
  }

  private let weights = Tensor<Double>([0.2, 1, 3])

  private func loss(_ model: Classifier, _ batch: Points.Batch) -> StepLoss {
    .crossEntropy(model.scores(batch.places), batch.classes, weight: weights)
  }

  private func makeModel() -> Classifier { Random.with(RandomGenerator(seed: 4)) { Classifier() } }

  private func trainer(
    _ data: Points = Points(50), batchSize: Int = 8, learningRate: Double = 0.1
  ) throws -> Trainer<Classifier, Points> {
    let model = makeModel()
    return try Trainer(
      model, optimizer: SGD(model, learningRate: learningRate, momentum: 0.9), train: data,
      validation: Points(21, seed: 2), batchSize: batchSize, seed: 5
    ) { self.loss($0, $1) }
  }

  private func values(_ model: some Module) -> [[Double]] {
    model.state.compactMap { $0.tensor(Double.self)?.scalars ?? $0.tensor(Float.self)?.scalars.map { Double($0) } }
  }

  @Test func aModelOfAnyKindLearnsFromBatchesOfAnyKind() throws {
    let training = try trainer()
    #expect(try training.run(epochs: 8))
    let epochs = training.history.epochs
    #expect(epochs[7].trainLoss < epochs[0].trainLoss && epochs[7].testLoss != nil)
    // Over all samples at once, and over batches of another size: no means of means.
    let whole = loss(training.model, Points(21, seed: 2).batch(Array(0..<21)))
    let parts = try evaluate(training.model, on: Points(21, seed: 2), batchSize: 4) { self.loss($0, $1) }
    #expect(abs(parts.loss.mean - whole.mean) < 1e-14 && abs(epochs[7].testLoss! - whole.mean) < 1e-14)
    #expect(parts.figures["accuracy"]?.count == Double((0..<21).count { $0 % 7 != 3 }))
    #expect(epochs[7].testAccuracy == parts.figures["accuracy"]?.mean)
  }

  @Test("micro-batches give the gradient of one batch", arguments: [[8, 8, 8], [8, 8, 3], [5], [1, 7, 2]])
  func accumulation(_ sizes: [Int]) {
    let data = Points(sizes.reduce(0, +))
    let (whole, parts) = (makeModel(), makeModel())
    loss(whole, data.batch(Array(0..<data.count))).backward()
    var group = GradientAccumulation(3)
    var start = 0
    for size in sizes {
      group.add(loss(parts, data.batch(Array(start..<start + size))))
      start += size
    }
    let total = group.finish(parts)
    #expect(abs(total.loss.mean - loss(whole, data.batch(Array(0..<data.count))).mean) < 1e-13)
    for (a, b) in zip(whole.parameters, parts.parameters) {
      let difference = a.gradient(as: Double.self)! - b.gradient(as: Double.self)!
      #expect(difference.abs().max().item < 1e-14)
    }
    #expect(group.isEmpty)
  }

  @Test("an epoch of micro-batches is one of whole batches", arguments: [50, 47, 41])
  func accumulatedEpochs(_ count: Int) throws {
    let whole = try trainer(Points(count), batchSize: 24)
    try whole.run(epochs: 4)
    let parts = try trainer(Points(count), batchSize: 8)
    parts.accumulation = 3
    #expect(parts.stepsPerEpoch == whole.stepsPerEpoch)
    try parts.run(epochs: 4)
    for (a, b) in zip(values(whole.model), values(parts.model)) {
      #expect(zip(a, b).allSatisfy { abs($0 - $1) < 1e-12 })
    }
    #expect(abs(whole.history.epochs[3].trainLoss - parts.history.epochs[3].trainLoss) < 1e-12)
    #expect(parts.history.epochs[3].trainAccuracy == whole.history.epochs[3].trainAccuracy)
  }

  @Test func whatIsIgnoredAltogetherMakesNoStep() {
    let model = makeModel()
    let nothing = StepLoss.crossEntropy(model.scores(Tensor(zeros: [2, 4])), Tensor([-100, -100]))
    nothing.backward()
    #expect(nothing.total.loss.count == 0 && model.trunk.weight.gradient == nil)
    let mean = StepLoss(mean: Tensor<Double>(2).asVariable(), count: 4)
    #expect(mean.total.loss.sum == 8)
  }

  @Test func clippingLooksAtTheOptimizersOwnParameters() throws {
    let training = try trainer(learningRate: 1)
    training.clipping = .norm(1e-3)
    let before = values(training.model)
    training.limits = TrainingLimits(steps: 1)
    #expect(try !training.run(epochs: 1))
    #expect(training.stopReason == .limit && training.completedSteps == 1)
    let moved = zip(before, values(training.model)).flatMap { zip($0, $1).map { ($0 - $1) * ($0 - $1) } }
    #expect(abs(moved.reduce(0, +).squareRoot() - 1e-3) < 1e-8)
  }

  @Test func earlyStoppingEndsWhatGetsNoBetter() throws {
    var stopping = EarlyStopping(patience: 2, minimumChange: 0.5)
    #expect([5, 4, 3.8, 3.9].map { stopping.update($0) } == [true, true, false, false])
    #expect(stopping.isOver && stopping.best == 4 && stopping.bestEpoch == 2)
    var high = EarlyStopping(patience: 1, by: .validationAccuracy)
    #expect([0.5, .nan].map { high.update($0) } == [true, false] && high.isOver)
    let training = try trainer(learningRate: 0)
    training.earlyStopping = EarlyStopping(patience: 3)
    #expect(try !training.run(epochs: 20))
    #expect(training.stopReason == .earlyStopping && training.history.epochs.count == 4)
    // It stays so, also when it is taken up again.
    #expect(try !training.run(epochs: 20))
    #expect(training.history.epochs.count == 4)
    let alone = try Trainer(
      training.model, optimizer: training.optimizer, train: Points(8), batchSize: 8, seed: 1
    ) { self.loss($0, $1) }
    alone.earlyStopping = EarlyStopping(patience: 1)
    let error = #expect(throws: TrainingError.self) { try alone.run(epochs: 1) }
    #expect("\(error!)".contains("there is no validation data, and so no validation loss"))
  }

  @Test func theBestCheckpointsAreKept() throws {
    let folder = ScratchFolder()
    var best = BestCheckpoints(keep: 2, by: .validationAccuracy, in: folder.path)
    for (epoch, value) in [0.3, 0.5, 0.1, .nan, 0.5, 0.4].enumerated() {
      try best.update(value, epoch: epoch + 1) { path, _ in try Data().write(to: URL(fileURLWithPath: path)) }
    }
    #expect(best.entries.map(\.epoch) == [2, 5])
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(files == ["best-epoch-2.safetensors", "best-epoch-5.safetensors"])
    var other = BestCheckpoints(keep: 2, by: .validationAccuracy, in: folder.path)
    try other.load(best.state)
    #expect(other == best)

    let training = try trainer()
    training.bestCheckpoints = BestCheckpoints(keep: 1, in: folder.path)
    try training.run(epochs: 5)
    let path = try #require(training.bestCheckpoints?.bestPath)
    let checkpoint = try Checkpoint(contentsOf: path)
    #expect(checkpoint.history.epochs.last?.testLoss == training.history.epochs.compactMap(\.testLoss).min())
    let again = try trainer()
    again.bestCheckpoints = BestCheckpoints(keep: 1, in: folder.path)
    try again.restore(checkpoint)
    #expect(again.bestCheckpoints == training.bestCheckpoints)
  }

  @Test func averagesAreThoseOfTheFormulas() throws {
    let model = Dense<Double>(1, 1, bias: false)
    var (moving, mean) = (ExponentialAverage(decay: 0.75), StochasticAverage(fromEpoch: 2))
    for (epoch, value) in [1.0, 5, 9].enumerated() {
      model.weight.value = Tensor([[value]])
      moving.update(with: model)
      mean.update(with: model, afterEpoch: epoch + 1)
    }
    // 1, then 1·0.75 + 5·0.25 = 2, then 2·0.75 + 9·0.25 = 3.75.
    #expect(moving.entries[0].tensor(Double.self)?.scalars == [3.75])
    #expect(mean.entries[0].tensor(Double.self)?.scalars == [7] && mean.updates == 2)
    #expect(moving.with(model) { model.weight.value.item } == 3.75)
    #expect(model.weight.value.item == 9)
    var other = ExponentialAverage(decay: 0.75)
    try other.load(moving.state)
    other.copy(into: model)
    #expect(model.weight.value.item == 3.75)
  }

  @Test func frozenPartsStayAsTheyAre() throws {
    let model = Sequential<Float> {
      Dense<Float>(4, 6)
      BatchNorm1d<Float>(6)
      ReLU<Float>()
      Dense<Float>(6, 3)
    }
    let data = Random.with(RandomGenerator(seed: 3)) {
      TensorDataset(Tensor<Float>(randomNormal: [32, 4]), Tensor((0..<32).map { $0 % 3 }))
    }
    let training = try Trainer(
      model, optimizer: Adam(model), train: data, test: data, batchSize: 8, seed: 1)
    training.frozen = FrozenPaths(["0", "1"])
    let before = values(model)
    try training.run(epochs: 2)
    let after = values(model)
    #expect(Array(before[0..<6]) == Array(after[0..<6]) && before.last != after.last)
    #expect(FrozenPaths(["0", "head", "1.weight"]).missing(in: model) == ["head"])
    FrozenPaths([""]).undo(in: model)
    #expect(model.parameters.allSatisfy { !$0.isFrozen })
  }

  @Test("steps that are not finite are skipped or taken back", arguments: [true, false])
  func notFinite(_ isSkipping: Bool) throws {
    var data = Points(48)
    data.isBroken = [7, 30]
    func make() throws -> Trainer<Classifier, Points> {
      let training = try trainer(data)
      training.nonFinite = isSkipping ? .skip(atMost: 9) : .rewind(every: 4, atMost: 9)
      return training
    }
    let whole = try make()
    #expect(try whole.run(epochs: 3))
    let count = whole.history.events.count
    #expect(count >= 3 && count <= 6 && values(whole.model).joined().allSatisfy { $0.isFinite })
    #expect(whole.history.events.allSatisfy { $0.kind == (isSkipping ? .skipped : .rewound) })
    #expect(whole.history.events[0].finding.contains("the loss is nan"))
    #expect(try TrainingHistory(json: whole.history.json) == whole.history)
    let folder = ScratchFolder()
    for stop in [1, 5, 9] {
      let first = try make()
      first.shouldStop = { first.completedSteps >= stop }
      #expect(try !first.run(epochs: 3))
      try first.checkpoint.write(to: folder.path + "/c")
      let second = try make()
      try second.restore(Checkpoint(contentsOf: folder.path + "/c"))
      try second.run(epochs: 3)
      #expect(values(second.model) == values(whole.model), "stopped after \(stop) steps")
      #expect(second.history.events == whole.history.events)
    }
    let strict = try make()
    strict.nonFinite = isSkipping ? .skip(atMost: 1) : .rewind(every: 4, atMost: 1)
    #expect(throws: NonFiniteError.self) { try strict.run(epochs: 3) }
  }
}
