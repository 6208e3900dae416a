import ArgumentParser
import Foundation
import Tern
import TernBackend

/// `tern compare`: says where two runs part.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Says at which step and layer two runs part, and what differs before it.",
    discussion: """
      Both runs are folders of tern train --ledger. The first hash that differs is named: the forward pass of a layer, its \
      backward pass, or the update of a parameter. Before it come differences of the settings, the data and its order, the \
      initial weights, the learning rate, threads and the level of the kernels.

      Of large tensors the ledger has a sample, other elements every step: a difference of a few elements may show a layer or \
      a step later. So the steps up to there are done again for both runs, from the last checkpoint that both have and that \
      is the same, or from the beginning, each with the threads and the kernels of its run, and the hashes of all elements are \
      compared. The data has to be where it was.

      The status is 0 where no hash differs, 1 where one does.
      """)

  @Argument(help: "The folder of a run.")
  var first: String

  @Argument(help: "The folder of another run.")
  var second: String

  @Flag(help: "Does no steps again: what the ledgers have is all that is told.")
  var noReplay = false

  @Option(parsing: .unconditional, help: "The most steps of each run that are done again; 1000 where not given.")
  var replaySteps: Int?

  func validate() throws { try require("--replay-steps", replaySteps, in: 1...1_000_000_000) }

  func run() throws {
    let runs = [first, second].map { TrainingRun(folder: $0) }
    for run in runs where !FileIO.isFile(run.ledgerPath) {
      throw CommandError("\(run.ledgerPath): is missing; tern train --ledger writes it")
    }
    let settings = try runs.map { try $0.configuration() }
    let ledgers = try runs.map { try Ledger(contentsOf: $0.ledgerPath) }
    var comparison = LedgerComparison(ledgers[0], ledgers[1])
    comparison.causes = settings[1].differences(from: settings[0]).map(between) + comparison.causes
    print(comparison)
    guard let place = comparison.place else { return }
    if !noReplay { LedgerReplay(runs, ledgers, place, most: replaySteps ?? 1000).run() }
    throw ExitCode(1)
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
    LedgerCheckpoints(folder.ledgerCheckpointFolder).removeAll(afterStep: trainer.completedSteps)
    var session: Ledger.Facts = [:]
    if trainer.communicator.count > 1 { session["ranks"] = "\(trainer.communicator.count)" }
    // Its sums have other bits than those of widened operands.
    if settings.training?.precision == .bfloat16 {
      session["bfloat16"] = BFloat16Products.isAvailable ? "multiplied" : "widened"
    }
    trainer.ledger = try LedgerWriter(
      folder.ledgerPath, trainer.model, session: session, after: trainer.completedSteps)
  }
}
