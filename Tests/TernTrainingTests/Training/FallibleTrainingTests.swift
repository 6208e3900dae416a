import Synchronization
import Tern
import Testing

/// Two classes of points, with noise; one sample is missing for the first times it is asked for.
private final class Points: Dataset {
  struct Missing: Error {}
  let failures: Mutex<Int>
  let count = 40

  init(failures: Int) { self.failures = Mutex(failures) }

  func batch(_ indices: [Int]) throws(Missing) -> LabeledBatch<Float, Int> {
    if indices.contains(17) {
      let fails = failures.withLock { left in
        left -= 1
        return left >= 0
      }
      if fails { throw Missing() }
    }
    let rows = indices.map { index in
      Tensor<Float>([Float(index % 2), 1]) + Random.withSample(index) { Tensor(randomNormal: [2], deviation: 0.1) }
    }
    return LabeledBatch(
      inputs: stack(rows) + Tensor(randomNormal: [1], deviation: 0.1), labels: Tensor(indices.map { $0 % 2 }))
  }
}

@Suite("Training on samples that can be unreadable")
struct FallibleTrainingTests {
  private func trainer(failures: Int) throws -> Trainer<Dense<Float>, Points> {
    let model = Random.with(RandomGenerator(seed: 1)) { Dense(2, 2) }
    return try Trainer(
      model, optimizer: SGD(model, learningRate: 0.1), train: Points(failures: failures), batchSize: 8, seed: 5)
  }

  @Test("The error ends the run at its batch; going on from there ends at the same bits")
  func goesOn() throws {
    let whole = try trainer(failures: 0)
    try whole.run(epochs: 3)
    // The batch, and then the sample by itself.
    let broken = try trainer(failures: 2)
    let error = #expect(throws: SampleError<Points.Missing>.self) { try broken.run(epochs: 3) }
    #expect(error?.index == 17 && error?.batch == broken.progress.batch && broken.progress.epoch == 0)
    let resumed = try trainer(failures: 0)
    try resumed.restore(broken.checkpoint)
    try resumed.run(epochs: 3)
    #expect(resumed.model.weight.value == whole.model.weight.value)
    try broken.run(epochs: 3)
    #expect(broken.model.weight.value == whole.model.weight.value)
  }

  @Test("What a step's hook throws ends the run after that step; going on from there ends at the same bits")
  func hookThrows() throws {
    struct Full: Error {}
    let whole = try trainer(failures: 0)
    try whole.run(epochs: 3)
    let broken = try trainer(failures: 0)
    broken.afterBatch = { if $0.completedSteps == 7 { throw Full() } }
    #expect(throws: Full.self) { try broken.run(epochs: 3) }
    #expect(broken.completedSteps == 7)
    let resumed = try trainer(failures: 0)
    try resumed.restore(broken.checkpoint)
    try resumed.run(epochs: 3)
    #expect(resumed.model.weight.value == whole.model.weight.value)
    broken.afterBatch = { _ in }
    try broken.run(epochs: 3)
    #expect(broken.model.weight.value == whole.model.weight.value)
  }

  @Test("Evaluation and recalibration throw it as well, and leave the model as it was")
  func evaluation() throws {
    let model = Dense(2, 2)
    #expect(throws: SampleError<Points.Missing>.self) { try evaluate(model, on: Points(failures: 9)) }
    #expect(try evaluate(model, on: Points(failures: 0)).count == 40)
    let norm = Sequential {
      Dense(2, 2)
      BatchNorm1d(2)
    }
    let before = norm.namedBuffers.count
    #expect(throws: SampleError<Points.Missing>.self) {
      try recalibrate(norm, over: DataLoader(Points(failures: 99), batchSize: 8))
    }
    let mean = norm[1] as? BatchNorm1d<Float>
    #expect(before == 3 && mean?.runningMean?.value == Tensor([0, 0]))
    try recalibrate(norm, over: DataLoader(Points(failures: 0), batchSize: 8))
    #expect(mean?.runningMean?.value != Tensor([0, 0]))
  }
}
