import Foundation
import TernTestSupport
import Testing

@testable import TernTraining
import Tern

/// The page of what happened inside a network.
@Suite struct TrainingReportTests {
  private func makeModel() -> Sequential<Double> {
    Random.with(RandomGenerator(seed: 3)) {
      Sequential<Double> {
        Dense<Double>(4, 6)
        ReLU<Double>()
        Dense<Double>(6, 2)
      }
    }
  }

  private let inputs = Tensor<Double>(randomNormal: [8, 4], generator: RandomGenerator(seed: 1))

  /// A step as one writes it.
  private func step(_ model: Sequential<Double>, _ optimizer: SGD) -> Double {
    let output = model(inputs)
    let loss = (output * output).mean()
    optimizer.zeroGradients()
    loss.backward()
    optimizer.step()
    return loss.item
  }

  @Test func aLoopOfOnesOwnLeavesEverythingOfTheStepsLookedAt() throws {
    let model = makeModel()
    let optimizer = SGD(model, learningRate: 0.1)
    let report = TrainingReport(model, optimizer: optimizer, every: 4)
    let start = model.namedParameters.map { ($0.name, $0.parameter) }
    var losses: [Double] = []
    for number in 0..<10 {
      #expect(report.isLooking == number.isMultiple(of: 4))
      let before = start.map { ($0.1 as? Parameter<Double>)?.value.norm().item ?? .nan }
      losses.append(step(model, optimizer))
      report.record(loss: losses[number], metrics: ["double": 2 * losses[number]])
      // A scoring in between is no step.
      withoutGradients { _ = model(inputs * 1000) }
      if number == 4 {
        let norms = gradientNorms(of: model)
        let ratios = try #require(report.trace.updates.last).ratios
        #expect(norms == report.trace.gradients.last?.norms && norms.map(\.name) == start.map(\.0))
        for (index, ratio) in ratios.enumerated() {
          #expect(abs(ratio.value - 0.1 * norms[index].value / before[index]) < 1e-9, "\(ratio)")
        }
      }
    }
    #expect(report.trace.losses.map(\.loss) == losses && report.trace.losses.map(\.step) == Array(0..<10))
    #expect(
      report.trace.activations.map(\.step) == [0, 4, 8] && report.trace.rates.map(\.rates) == [[0.1], [0.1], [0.1]])
    #expect(report.trace.activations[1].layers.map(\.path) == ["0", "1", "2"])
    #expect(
      report.trace.activations[1].layers[1].saturated != nil && report.trace.activations[1].layers[0].saturated == nil)
    let largest = try #require(report.trace.activations[2].layers.flatMap(\.percentiles).max())
    #expect(largest < 100, "the scoring was not looked at")
    #expect(report.trace.metrics.map(\.name) == ["double"] && report.step == 10)
  }

  @Test func betweenTheStepsLookedAtNothingWatchesAndTheNumbersStayTheSame() {
    let (plain, watched) = (makeModel(), makeModel())
    let optimizers = [SGD(plain, learningRate: 0.1), SGD(watched, learningRate: 0.1)]
    let report = TrainingReport(watched, every: 3)
    for _ in 0..<7 {
      let expected = step(plain, optimizers[0])
      #expect(step(watched, optimizers[1]) == expected)
      report.record(loss: expected)
    }
    report.end()
    #expect(!report.isLooking)
    for (one, other) in zip(plain.parameters, watched.parameters) {
      #expect((one as? Parameter<Double>)?.value.scalars == (other as? Parameter<Double>)?.value.scalars)
    }
  }

  @Test func aTrainerTellsItEverything() throws {
    let configuration = RunConfiguration(
      data: nil, model: .mlp, epochs: 2, batchSize: 128, optimizer: .adam, learningRate: 0.002, seed: 5)
    let trainer = try ImageTask(configuration).makeTrainer()
    let report = TrainingReport(trainer.model, optimizer: trainer.optimizer, every: 5)
    trainer.report = report
    try trainer.run(epochs: 2)
    let batches = trainer.loader.batchCount
    #expect(report.trace.losses.count == 2 * batches && !report.isLooking)
    #expect(report.trace.metrics.map(\.name) == ["train accuracy", "test loss", "test accuracy"])
    #expect(report.trace.metrics[1].points.map(\.step) == [batches, 2 * batches])
    #expect(report.trace.metrics[2].points.map(\.value) == trainer.history.epochs.compactMap(\.testAccuracy))
    #expect(report.trace.gradients.map(\.step) == Array(stride(from: 0, to: 2 * batches, by: 5)))

    let folder = ScratchFolder()
    try report.write(to: folder.path + "/report")
    let files = Set(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/report"))
    for file in [
      "report.html", "numbers.json", "loss.svg", "metrics.svg", "learning-rate.svg", "activations-1.svg",
      "saturated.svg",
      "dead.svg", "gradients-1.svg", "gradients-2.svg", "updates-1.svg", "losses.csv", "activations.csv",
      "gradients.csv",
      "updates.csv", "rates.csv", "metrics.csv", "layers.csv", "parameters.csv",
    ] {
      #expect(files.contains(file), "\(file) of \(files.sorted())")
    }
    #expect(!files.contains("activations-0.svg"), "what only moves values has no figure")
    let csv = try CSVFile(contentsOf: folder.path + "/report/activations.csv")
    #expect(csv.columnNames == ["step", "layer", "kind", "count", "p15", "p50", "p85", "saturated", "dead"])
    #expect(csv.rowCount == report.trace.activations.count * 7)
  }

  @Test func aTrainingThatGoesOnCountsItsStepsFromThere() throws {
    let model = makeModel()
    let report = TrainingReport(model, every: 10)
    report.begin(atStep: 37)
    for _ in 0..<5 {
      _ = step(model, SGD(model, learningRate: 0.1))
      report.record(loss: 1)
    }
    #expect(report.trace.gradients.map(\.step) == [37, 40] && report.step == 42)
  }

  @Test func longTrainingsAreDrawnWithMeansAndBandsAndHaveAllNumbers() throws {
    let model = makeModel()
    let report = TrainingReport(model, every: 1_000_000)
    for number in 0..<3000 { report.record(loss: Double(number % 10)) }
    let figure = try #require(report.report.figures.first { $0.name == "loss" })
    guard case .line(let line) = figure.chart.marks[0] else { return #expect(Bool(false), "no line") }
    #expect(line.points.count == 300 && line.points.allSatisfy { abs($0.y - 4.5) < 1e-12 })
    #expect(line.band.allSatisfy { $0.low == 0 && $0.high == 9 } && line.points[0].x == 4.5)
    #expect(report.report.tables.first { $0.name == "losses" }?.rows.count == 3000)
  }

  @Test func aReportOfNothingIsAPage() {
    let report = TrainingReport(makeModel(), title: "none <yet>")
    #expect(report.report.html.contains("none &lt;yet&gt;") && report.report.figures.isEmpty)
  }
}
