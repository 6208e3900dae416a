import Tern
import TernBackend
import Testing

/// The run with growing rates, and rates by layers.
@Suite struct LearningRateTests {
  @Test func theFinderSuggestsARateThatTrainsAndPutsEverythingBack() throws {
    let model = Random.with(RandomGenerator(seed: 1)) { Dense<Double>(4, 1) }
    let data = Random.with(RandomGenerator(seed: 2)) {
      TensorDataset(Tensor<Double>(randomNormal: [40, 4]), Tensor<Int>(zeros: [40]))
    }
    let optimizer = SGD(model, learningRate: 0.1, momentum: 0.9)
    let trainer = try Trainer(model, optimizer: optimizer, train: data, batchSize: 8, seed: 3) { model, batch in
      let errors = model(batch.inputs) - batch.inputs.sum(along: 1, keepingAxes: true)
      return StepLoss(sum: errors.square().sum(), count: errors.count)
    }
    trainer.exponentialAverage = ExponentialAverage(decay: 0.5)
    let before = (model.weight.value.detached().scalars, trainer.progress)
    let curve = try LearningRateFinder(from: 1e-5, to: 100, steps: 60).run(trainer)
    #expect(model.weight.value.detached().scalars == before.0 && trainer.progress == before.1)
    #expect(optimizer.learningRate == 0.1 && trainer.exponentialAverage?.isEmpty == true)
    #expect(curve.points.count > 20 && curve.points.count < 60)
    let rate = try #require(curve.suggestion)
    #expect(rate > 1e-4 && rate < 1)
    #expect(curve.svg.contains("Loss by learning rate"))
    try trainer.run(epochs: 1)
    #expect(trainer.exponentialAverage?.updates == 5)
  }

  @Test func aLossThatNeverFallsHasNoSuggestion() {
    let curve = LearningRateFinder(from: 1, to: 100, steps: 3).curve { $0 }
    #expect(curve.points.map(\.rate) == [1] && curve.suggestion == nil)
    let falling = LearningRateFinder(from: 1, to: 100, steps: 3, smoothing: 0).curve { [1.0: 5, 10: 1][$0] ?? 0.5 }
    #expect(falling.suggestion == 10)
  }

  @Test func ratesFallTowardTheInput() {
    let model = Sequential<Float> {
      Dense<Float>(2, 2)
      ReLU<Float>()
      Dense<Float>(2, 2)
      Dense<Float>(2, 2)
    }
    let optimizer = SGD(model, learningRate: 0.8)
    let rates = LayerwiseRates(decay: 0.5, of: model)
    #expect(rates.layers == ["0", "2", "3"])
    rates.apply(to: optimizer)
    #expect(optimizer.groups.map(\.name) == ["", "0", "2", "3"])
    #expect(optimizer.learningRates == [0.8, 0.2, 0.4, 0.8])
  }
}
