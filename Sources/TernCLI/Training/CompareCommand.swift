import ArgumentParser
import Foundation
import Tern

/// `tern compare`: says where two runs part.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Says at which step and layer two runs part, and what differs before it.",
    discussion: """
      Both runs are folders of tern train --ledger. The first hash that differs is named: the forward pass of a layer, its \
      backward pass, or the update of a parameter. Before it come differences of the settings, the data and its order, the \
      initial weights, the learning rate, threads and the level of the kernels. Of large tensors the ledger has a sample, \
      other elements every step: a difference of a few elements may show a layer or a step later.

      The status is 0 where no hash differs, 1 where one does.
      """)

  @Argument(help: "The folder of a run.")
  var first: String

  @Argument(help: "The folder of another run.")
  var second: String

  func run() throws {
    let runs = [first, second].map { TrainingRun(folder: $0) }
    for run in runs where !FileIO.isFile(run.ledgerPath) {
      throw CommandError("\(run.ledgerPath): is missing; tern train --ledger writes it")
    }
    let settings = try runs.map { try $0.configuration() }
    var comparison = LedgerComparison(
      try Ledger(contentsOf: runs[0].ledgerPath), try Ledger(contentsOf: runs[1].ledgerPath))
    comparison.causes = settings[1].differences(from: settings[0]).map(between) + comparison.causes
    print(comparison)
    if comparison.place != nil { throw ExitCode(1) }
  }

  /// `seed 3, now 5` of two runs side by side.
  private func between(_ difference: String) -> String { difference.replacing(", now ", with: " and ") }
}

extension TrainCommand {
  /// Has the steps of a training hashed, where that is asked for, or was before.
  func makeLedger(
    _ trainer: Trainer<Sequential<Float>, TrainingSamples>, _ folder: TrainingRun, _ settings: RunConfiguration
  ) throws {
    guard trainer.communicator.isRoot, ledger || FileIO.isFile(folder.ledgerPath) else { return }
    guard trainer.progress.epoch < settings.epochs else { return }
    trainer.ledger = try LedgerWriter(folder.ledgerPath, trainer.model, after: trainer.completedSteps)
  }
}
