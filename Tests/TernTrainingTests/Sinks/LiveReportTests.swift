import Foundation
import Tern
import Testing

@testable import TernTraining

/// A page that is loaded again while the training runs, and stays as it is at its end.
@Suite struct LiveReportTests {
  @Test func thePageRefreshesUntilTheTrainingEnds() throws {
    let folder = ScratchFolder()
    let configuration = RunConfiguration(
      data: nil, model: .mlp, epochs: 2, batchSize: 256, optimizer: .adam, learningRate: 0.002, seed: 5)
    let trainer = try ImageTask(configuration).makeTrainer()
    let report = TrainingReport(trainer.model, optimizer: trainer.optimizer, every: 5)
    trainer.report = report
    trainer.sinks = [LiveReport(report, in: folder.path + "/report")]
    let path = folder.path + "/report/report.html"
    let wish = "<meta http-equiv=\"refresh\" content=\"5\">"
    var pages: [String] = []
    trainer.afterBatch = { trainer in
      if trainer.completedSteps == 1 { pages.append((try? String(contentsOfFile: path, encoding: .utf8)) ?? "") }
    }
    trainer.afterEpoch = { _, _ in
      pages.append(try String(contentsOfFile: path, encoding: .utf8))
      #expect(FileManager.default.fileExists(atPath: folder.path + "/report/losses.csv"))
      #expect(report.isRunning)
    }
    try trainer.run(epochs: 2)
    #expect(pages.count == 3 && !report.isRunning)
    for page in pages { #expect(page.components(separatedBy: wish).count == 2) }
    let last = try String(contentsOfFile: path, encoding: .utf8)
    #expect(!last.contains("http-equiv=\"refresh\"") && last == report.report.html)
  }

  @Test func aFolderThatCannotBeMadeIsNoticedBeforeTheTraining() throws {
    let folder = ScratchFolder()
    try "a file".write(toFile: folder.path + "/taken", atomically: false, encoding: .utf8)
    let model = Dense<Double>(1, 1)
    let sink = LiveReport(TrainingReport(model), in: folder.path + "/taken/report")
    #expect(throws: DataError.self) { try sink.begin(TrainingStart()) }
  }
}
