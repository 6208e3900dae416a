import Synchronization
import Tern
import TernTestSupport
import Testing

/// Statistics of the population: closed forms, what deeper layers see, and what stays as it was.
@Suite struct RecalibrationTests {
  private typealias Samples = TensorDataset<Double, Int>

  private func samples(_ values: [Double], features: Int = 1) -> Samples {
    let count = values.count / features
    return TensorDataset(Tensor(values, shape: [count, features]), Tensor<Int>(zeros: [count]))
  }

  private func statistics(_ layer: BatchNorm<Double>) -> (mean: [Double], variance: [Double], batches: Int) {
    (layer.runningMean!.value.scalars, layer.runningVar!.value.scalars, layer.numBatchesTracked!.value.item)
  }

  /// A layer that counts how often it runs.
  private final class Counting: Layer {
    var calls = 0
    func forward(_ input: Tensor<Double>) -> Tensor<Double> {
      calls += 1
      return input
    }
  }

  private struct Case: Sendable {
    var values: [Double]
    var mean: Double
    var variance: Double
    var batches: Int
  }

  private static let cases = [
    // The mean of the batch means, and 4/3 of the mean of the variances 5 and 9.
    Case(values: [1, 3, 5, 7, 0, 2, 2, 8], mean: 3.5, variance: 28.0 / 3, batches: 2),
    // A smaller last batch counts by its values: squares of 20 and 2 over 6 values in 2 batches.
    Case(values: [1, 3, 5, 7, 0, 2], mean: 3, variance: 5.5, batches: 2),
    // A last batch of one value has a mean only.
    Case(values: [1, 3, 5, 7, 9], mean: 5, variance: 20.0 / 3, batches: 2),
    Case(values: [1, 3, 5, 7], mean: 4, variance: 20.0 / 3, batches: 1),
  ]

  @Test func oneLayer() {
    for expected in Self.cases {
      let layer = BatchNorm1d<Double>(1)
      // Twice, since what was there before must not count.
      for _ in 0..<2 {
        recalibrate(layer, over: DataLoader(samples(expected.values), batchSize: 4))
        let found = statistics(layer)
        #expect(abs(found.mean[0] - expected.mean) < 1e-14, "\(found), \(expected)")
        #expect(abs(found.variance[0] - expected.variance) < 1e-13, "\(found), \(expected)")
        #expect(found.batches == expected.batches, "\(found), \(expected)")
      }
    }
  }

  /// With all samples in one batch the first layer has the unbiased variance v; the second one sees x/√(v + ε), or in one
  /// pass x/√(v·(n − 1)/n + ε).
  @Test(arguments: [false, true]) func deeperLayersSeeWhatTheyWillSeeInUse(inOnePass: Bool) {
    // Declared in the other order than they run.
    final class Two: Layer {
      let second = BatchNorm1d<Double>(1, epsilon: 0.5)
      let first = BatchNorm1d<Double>(1, epsilon: 0.5)
      func forward(_ input: Tensor<Double>) -> Tensor<Double> { second(first(input)) }
    }
    let model = Two()
    recalibrate(model, over: DataLoader(samples([1, 3, 5, 7, 0, 2, 2, 8]), batchSize: 8), inOnePass: inOnePass)
    // Mean 3.5; Σ(x − 3.5)² = 156 − 8·12.25 = 58.
    let unbiased = 58.0 / 7
    #expect(abs(statistics(model.first).mean[0] - 3.5) < 1e-14)
    #expect(abs(statistics(model.first).variance[0] - unbiased) < 1e-13)
    let expected = inOnePass ? unbiased / (58.0 / 8 + 0.5) : unbiased / (unbiased + 0.5)
    #expect(abs(statistics(model.second).mean[0]) < 1e-14)
    #expect(abs(statistics(model.second).variance[0] - expected) < 1e-14)
  }

  @Test func smallBatchesDoNotMoveWhatDeeperLayersSee() {
    let values = (0..<24).map { Double($0 * $0 % 17) }
    func second(_ batchSize: Int, _ inOnePass: Bool) -> [Double] {
      let layers = [BatchNorm1d<Double>(1), BatchNorm1d<Double>(1)]
      recalibrate(
        Sequential<Double>(layers), over: DataLoader(samples(values), batchSize: batchSize), inOnePass: inOnePass)
      return statistics(layers[1]).mean
    }
    for size in [2, 3, 4, 8] { #expect(abs(second(size, false)[0]) < 1e-14) }
  }

  /// The convolution and its normalization run as one in evaluation: the statistics are those of the convolution alone.
  @Test func imagesAndFusedLayers() {
    let generator = RandomGenerator(seed: 3)
    let (model, data) = Random.with(generator) {
      let model = Sequential<Double> {
        Conv2D(2, 3, kernelSize: 3)
        BatchNorm2d(3)
        ReLU()
        Conv2D(3, 2, kernelSize: 1)
        BatchNorm2d(2)
      }
      return (model, TensorDataset(Tensor<Double>(randomNormal: [12, 2, 5, 5]), Tensor<Int>(zeros: [12])))
    }
    recalibrate(model, over: DataLoader(data, batchSize: 4))
    var below = data.inputs
    for (index, next) in [(0, 1), (3, 4)] {
      let values = (model[index] as! Conv2D<Double>)(below)
      let means = (0..<3).map { values[(4 * $0)..<(4 * $0 + 4)].mean(along: 0, 2, 3) }
      let variances = (0..<3).map { values[(4 * $0)..<(4 * $0 + 4)].variance(along: 0, 2, 3) }
      let norm = model[next] as! BatchNorm2d<Double>
      #expect(relativeDifference(norm.runningMean!.value, (means[0] + means[1] + means[2]) / 3) < 1e-12)
      #expect(relativeDifference(norm.runningVar!.value, (variances[0] + variances[1] + variances[2]) / 3) < 1e-12)
      below = norm.with(.evaluation) { norm(values) }.relu()
    }
  }

  @Test func floatIsMeasuredInDouble() {
    let values = Tensor<Float>(randomNormal: [1000, 2], mean: 1e4, generator: RandomGenerator(seed: 8))
    let layer = BatchNorm1d(2)
    recalibrate(layer, over: DataLoader(TensorDataset(values, Tensor<Int>(zeros: [1000])), batchSize: 1000))
    let exact = values.cast(to: Double.self)
    #expect(relativeDifference(layer.runningMean!.value.cast(to: Double.self), exact.mean(along: 0)) < 1e-7)
    #expect(relativeDifference(layer.runningVar!.value.cast(to: Double.self), exact.variance(along: 0)) < 1e-6)
  }

  @Test func modesEpochWeightsAndRandomNumbersStay() {
    let norm = BatchNorm1d<Double>(1)
    let other = BatchNorm1d<Double>(1)
    other.eval()
    let model = Sequential<Double>([norm, Dropout<Double>(0.5), other])
    let loader = DataLoader(samples([1, 3, 5, 7]), batchSize: 2, shuffle: true, seed: 1)
    loader.epoch = 5
    let generator = RandomGenerator(seed: 2)
    Random.with(generator) { recalibrate(model, over: loader) }
    #expect(loader.epoch == 5 && generator.state.draws == 0)
    #expect(norm.isTraining && !other.isTraining)
    #expect(norm.weight!.value.scalars == [1] && norm.weight!.gradient == nil)
    #expect(abs(statistics(other).mean[0]) < 1e-14, "dropout took part: \(statistics(other))")
  }

  @Test func layersWithoutStatisticsOrThatNeverRunStay() {
    final class Model: Layer {
      let used = BatchNorm1d<Double>(1)
      let unused = BatchNorm1d<Double>(1)
      let untracked = BatchNorm1d<Double>(1, tracking: false)
      func forward(_ input: Tensor<Double>) -> Tensor<Double> { untracked(used(input)) }
    }
    let model = Model()
    recalibrate(model, over: DataLoader(samples([1, 3, 5, 7]), batchSize: 4))
    #expect(statistics(model.used).batches == 1)
    #expect(statistics(model.unused) == ([0], [1], 0))
    let counting = Counting()
    recalibrate(Sequential<Double>([counting, ReLU<Double>()]), over: DataLoader(samples([1, 2]), batchSize: 1))
    #expect(counting.calls == 0)
  }

  @Test func whatTheRunThrowsLeavesTheStatisticsAsTheyWere() {
    struct Refused: Error {}
    let layers = [BatchNorm1d<Double>(1), BatchNorm1d<Double>(1)]
    let model = Sequential<Double>(layers)
    _ = model(Tensor([2, 4], shape: [2, 1]))
    let before = layers.map { statistics($0) }
    var calls = 0
    #expect(throws: Refused.self) {
      try recalibrate(model, over: DataLoader(samples([1, 3, 5, 7]), batchSize: 2)) { batch in
        calls += 1
        // The first layer has its statistics by then: one batch for the order, two for each layer.
        if calls == 4 { throw Refused() }
        _ = model(batch.inputs)
      }
    }
    for (layer, old) in zip(layers, before) { #expect(statistics(layer) == old) }
    #expect(layers.allSatisfy { $0.isTraining })
  }

  @Test func whatCannotBeMeasuredStops() async {
    let single = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let data = TensorDataset(Tensor<Float>(zeros: [4, 3]), Tensor<Int>(zeros: [4]))
      let model = Sequential {
        ReLU()
        BatchNorm1d(3)
      }
      recalibrate(model, over: DataLoader(data, batchSize: 1))
    }
    let first = text(single?.standardErrorContent)
    #expect(first.contains("recalibrate: one value per channel in every batch: its variance says nothing, in 1\n"))
    let empty = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let data = TensorDataset(Tensor<Float>(zeros: [4, 3]), Tensor<Int>(zeros: [4]))
      recalibrate(BatchNorm1d(3), over: DataLoader(data, batchSize: 5, dropLast: true))
    }
    let second = text(empty?.standardErrorContent)
    #expect(second.contains("recalibrate: an epoch of 4 samples has no batch\n"))
  }
}
