import Tern
import TernExperiments
import TernTestSupport
import Testing

/// Statistics in use: those of the population for any batch size, those of the batch only where it is large.
@Suite struct InferenceTests {
  @Test func populationStatisticsDoNotDependOnTheBatchAndItsOwnDo() {
    let split = Digits.split
    let training = SigmoidNetwork.training(split.train, .batch(), seed: 1)
    for _ in 0..<500 { training.step() }
    let model = InferenceExperiment.recalibrated(training.model, split.train)
    #expect(model.namedParameters.map(\.name) == training.model.namedParameters.map(\.name))
    // 355 test images: 5 and 71 divide them, 64 does not.
    let accuracies = [1, 5, 64, 71].map { InferenceExperiment.accuracy(model, .population, $0, split.test) }
    #expect(accuracies.allSatisfy { $0 == accuracies[0] } && accuracies[0] > 0.94, "\(accuracies)")
    #expect(InferenceExperiment.accuracy(training.model, .running, 1, split.test) > 0.94)
    let before = model.state.map { $0.tensor(Float.self)?.scalars }
    let own = [5, 71].map { InferenceExperiment.accuracy(model, .batch, $0, split.test) }
    #expect(own[0] < accuracies[0] - 0.02 && own[1] > accuracies[0] - 0.05, "\(own)")
    let sorted = InferenceExperiment.accuracy(model, .sortedBatch, 71, split.test)
    #expect(sorted < own[1] - 0.1, "\(sorted)")
    #expect(model.state.map { $0.tensor(Float.self)?.scalars } == before, "tests change no statistics")
  }

  @Test func recalibratedLayersAreNormalizedOverThePopulation() {
    let split = Digits.split
    let training = SigmoidNetwork.training(split.train, .batch(affine: false), seed: 2)
    for _ in 0..<100 { training.step() }
    let model = training.model
    let data = ImageDataset(split.train)
    recalibrate(model, over: DataLoader(data, batchSize: 60))
    // Without γ and β every layer then has mean 0 and variance 1 over all training images, the deep ones too.
    model.eval()
    for count in [3, 6, 9] {
      let layers = Sequential(Array(model.layers.prefix(count)))
      let values = withoutGradients { layers(data.batch(Array(0..<data.count)).inputs) }
      #expect(values.mean(along: 0).abs().max().item < 1e-5)
      // Within batches of 60 drawn from all, the unbiased variance is that of all but for chance.
      #expect((values.variance(along: 0) - 1).abs().mean().item < 0.06, "\(values.variance(along: 0))")
    }
  }

  @Test func aBatchOfOneNormalizedByItselfIsRefused() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let model = SigmoidNetwork.make(Digits.split.train, .batch(), seed: 1)
      _ = InferenceExperiment.accuracy(model, .batch, 1, Digits.split.test)
    }
    let line = text(result?.standardErrorContent)
    #expect(
      line.contains("batchNorm: one value per channel in training ([1, 100]): its variance says nothing in 2\n"),
      "\(line)")
  }

  @Test func theTableHasARowForEverySize() throws {
    let result = try InferenceExperiment().run(ExperimentContext(isQuick: true))
    #expect(result.findings.count == 7, "\(result.findings)")
    guard case .table(let table) = result.evidence.first else {
      Issue.record("no table first")
      return
    }
    #expect(table.rows.count == 7 && table.rows[0].suffix(2) == [.text("refused"), .text("refused")])
  }
}
