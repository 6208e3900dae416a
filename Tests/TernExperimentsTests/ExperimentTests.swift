import Foundation
import Tern
import TernExperiments
import Testing

private let studyFolder = sharedFolder("reference/regularization")

private func temporaryFolder() -> String { NSTemporaryDirectory() + "tern-experiments-\(UUID().uuidString)" }

@Suite struct ExperimentTests {
  @Test(
    .enabled("the regularization study is not there (TERN_SHARED names its folder)") { studyFolder != nil },
    arguments: [("none", 200, 183), ("l2", 198, 186), ("dropout", 196, 190)])
  func theStudyEndsAtTheNumbersOfTheReference(key: String, train: Int, test: Int) throws {
    let study = try RegularizationStudy(folder: #require(studyFolder))
    let method = try #require(RegularizationStudy.Method.allCases.first { $0.key == key })
    let outcome = study.train(method, iterations: 30_000, interval: 1000, ExperimentContext())
    let reference = try #require(try study.referenceTrace(method))
    #expect(outcome.trace.count == 31 && reference.count == 31)
    for (point, cost) in zip(outcome.trace, reference) {
      #expect(abs(point.cost - cost) < 1e-9, "\(key) at \(point.iteration): \(point.cost), \(cost) expected")
    }
    #expect(outcome.trainCorrect == train && outcome.testCorrect == test)
  }

  @Test func withoutItsFilesTheStudyMakesPointsAndLearnsThem() throws {
    let result = try #require(Experiments.named("regularization")).run(ExperimentContext(isQuick: true))
    #expect(result.findings.count == 5, "\(result.findings)")
    #expect(result.data.first?.rows.count == 4 * 31)
    let study = RegularizationStudy(seed: 3)
    #expect(study.train.x.shape == [211, 2] && study.test.y.shape == [200, 1])
    let outcome = study.train(.batchNorm, iterations: 1000, interval: 500, ExperimentContext())
    #expect(outcome.trace.map(\.iteration) == [0, 500, 1000])
    #expect(outcome.trainCorrect > 180 && outcome.testCorrect > 160, "\(outcome.trainCorrect) \(outcome.testCorrect)")
  }

  @Test func anIncompleteStudyIsRefused() throws {
    let folder = temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Tensor<Double>(zeros: [4, 2]).write(npy: folder + "/X_train.npy")
    #expect(throws: DataError.self) {
      try RegularizationExperiment().run(ExperimentContext(dataFolder: folder, isQuick: true))
    }
  }

  @Test func threeWaysToBatchNormsGradientAgreeAndConstantStatisticsDoNot() {
    let generator = RandomGenerator(seed: 9)
    for (batch, features) in [(2, 1), (3, 5), (64, 7), (257, 33), (1000, 64)] {
      let input = Tensor<Double>(randomNormal: [batch, features], mean: 4, deviation: 3, generator: generator)
      let scale = Tensor<Double>(randomNormal: [features], mean: 1, deviation: 0.5, generator: generator)
      let gradient = Tensor<Double>(randomNormal: [batch, features], generator: generator)
      let layer = BatchNormGradients(input: input, scale: scale)
      let graph = layer.graph(gradient)
      #expect(layer.staged(gradient).difference(graph) < 1e-10, "staged, \(batch)×\(features)")
      #expect(layer.closed(gradient).difference(graph) < 1e-10, "closed form, \(batch)×\(features)")
      #expect((layer.constant(gradient) - graph.input).abs().max().item > 1e-3, "\(batch)×\(features)")
    }
  }

  @Test func withConstantStatisticsTheBiasesRunAwayAndWithTheRightGradientTheyStay() {
    let data = ImageDataset(Digits.split.train)
    let (right, wrong) = (NormalizedTraining(constantStatistics: false), NormalizedTraining(constantStatistics: true))
    for (index, batch) in DataLoader(data, batchSize: 60, shuffle: true, dropLast: true, seed: 2).enumerated() {
      for training in [right, wrong] { training.step(batch, number: index, isKept: true) }
    }
    let start = right.trace[0].biasNorm
    #expect(wrong.trace[0].biasNorm == start && wrong.trace[0].loss == right.trace[0].loss)
    #expect(abs((right.trace.last?.biasNorm ?? 0) - start) < 1e-4 * start)
    #expect((wrong.trace.last?.biasNorm ?? 0) > 1.01 * start, "\(wrong.trace.last?.biasNorm ?? 0) from \(start)")
  }

  @Test func aRunLeavesItsReportFiguresAndNumbers() throws {
    let parent = temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: parent) }
    let run = ExperimentRun(BatchNormGradientExperiment(), in: parent)
    let findings = try run(ExperimentContext(isQuick: true))
    #expect(findings.count == 5, "\(findings)")
    let files = try FileManager.default.contentsOfDirectory(atPath: run.folder).sorted()
    #expect(
      files == [
        "biases.svg", "loss.svg", "numbers.json", "report.html", "sizes.csv", "time.svg", "training.csv",
      ])
    let html = try String(contentsOfFile: run.folder + "/report.html", encoding: .utf8)
    #expect(html.contains("tern experiment batch-norm-gradient --quick") && !html.contains("Stopped before"))
    for finding in findings { #expect(html.contains(finding)) }
    let csv = try CSVFile(contentsOf: run.folder + "/sizes.csv")
    #expect(csv.columnNames.prefix(3) == ["batch", "features", "staged"])
    let json = try JSONSerialization.jsonObject(
      with: Data(contentsOf: URL(filePath: run.folder + "/numbers.json")))
    let sizes = try #require((json as? [String: Any])?["sizes"] as? [[String: Any]])
    #expect(sizes.count == 5)
    for row in sizes { #expect(try #require(row["staged"] as? Double) < 1e-10) }
  }

  @Test func aStoppedRunKeepsWhatItHas() throws {
    let parent = temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: parent) }
    for experiment in Experiments.all {
      var asked = 0
      let context = ExperimentContext(isQuick: true) {
        asked += 1
        return asked > 60
      }
      let run = ExperimentRun(experiment, in: parent)
      _ = try run(context)
      let html = try String(contentsOfFile: run.folder + "/report.html", encoding: .utf8)
      #expect(html.contains("Stopped before its end"), "\(experiment.name)")
    }
  }

  @Test func foldersThatAreMissingOrCannotBeWrittenAreToldInOneLine() throws {
    let parent = temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: parent) }
    try Data().write(to: URL(filePath: parent))
    let experiment = BatchNormGradientExperiment()
    let unwritable = #expect(throws: DataError.self) { try ExperimentRun(experiment, in: parent)(ExperimentContext()) }
    #expect(unwritable?.kind == .unwritable && unwritable?.description.contains("\n") == false)
    let context = ExperimentContext(dataFolder: parent + "-none")
    let missing = #expect(throws: DataError.self) { try ExperimentRun(experiment, in: parent)(context) }
    #expect(missing?.description == "\(parent)-none: there is no such folder (expected a folder with data)")
  }

  @Test func namesAreUniqueAndFound() {
    #expect(Set(Experiments.all.map(\.name)).count == Experiments.all.count)
    for experiment in Experiments.all { #expect(Experiments.named(experiment.name)?.summary == experiment.summary) }
    #expect(Experiments.named("none") == nil)
  }
}
