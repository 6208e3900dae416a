import Foundation
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

  @Test func aRunsSettingsMakeItsOptimizerAndItsSteps() throws {
    var settings = RunConfiguration(
      data: nil, model: .mlp, epochs: 1, batchSize: 64, optimizer: .adam, learningRate: 0.01, seed: 1)
    settings.training = TrainingSettings()
    settings.training?.layerDecay = 0.5
    settings.training?.rewindNonFinite = 3
    settings.training?.rewindEvery = 20
    let text = try JSONEncoder().encode(settings)
    #expect(try RunConfiguration(json: Array(text), file: "run.json") == settings)
    let task = try ImageTask(settings)
    let trainer = try task.makeTrainer()
    let rates = trainer.optimizer.learningRates
    let count = rates.count - 1
    #expect(count >= 2 && rates == [0.01] + (0..<count).map { 0.01 * pow(0.5, Double(count - 1 - $0)) })
    #expect((trainer.scheduler as? Scheduler)?.bases == rates)
    try settings.training?.apply(to: trainer, folder: "runs")
    #expect(trainer.nonFinite == .rewind(every: 20, atMost: 3))
    var other = settings
    other.training = nil
    #expect(
      other.differences(from: settings) == [
        "rewound steps 3, now none", "steps between places to rewind to 20, now none",
        "decay of the learning rate by layers 0.5, now none",
      ])
    for (key, value, message) in [
      ("layerDecay", "0", "layerDecay is 0 "), ("layerDecay", "2", "layerDecay is 2 "),
      ("rewindEvery", "0", "rewindEvery is 0"), ("skipNonFinite", "1", "rewindNonFinite is 3"),
    ] {
      let json = String(decoding: text, as: UTF8.self)
      let changed =
        json.contains("\"\(key)\"")
        ? json.replacing(try Regex("\"\(key)\":[0-9.]+"), with: "\"\(key)\":\(value)")
        : json.replacing("\"training\":{", with: "\"training\":{\"\(key)\":\(value),")
      let error = #expect(throws: DataError.self) {
        try RunConfiguration(json: Array(changed.utf8), file: "run.json")
      }
      #expect("\(error!)".contains(message), "\(error!)")
    }
  }
}
