import ArgumentParser
import Foundation
import Tern
import TernBackend

/// `tern replay`: does steps of a run again for `tern compare`, in a process of their own, and changes nothing in its folder.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Does steps of a run again and writes hashes of all elements of their layers.",
    shouldDisplay: false)

  @Argument(help: "The folder of a run of tern train --ledger.")
  var folder: String

  @Option(help: "The checkpoint to begin from; the run's beginning where not given.")
  var from: String?

  @Option(parsing: .unconditional, help: "The number of the last step, from 1.")
  var to: Int

  @Option(help: "The ledger to write.")
  var output: String

  @Option(parsing: .unconditional, help: "Threads that work together.")
  var threads: Int?

  @Option(parsing: .unconditional, help: "Shards of a step where the settings have none: as many as the run had ranks.")
  var shards: Int?

  func validate() throws {
    try requireThreads(threads)
    try require("--to", to, in: 1...1_000_000_000_000)
    try require("--shards", shards, in: 1...4096)
  }

  func run() throws {
    if let threads { Workers.count = threads }
    let run = TrainingRun(folder: folder)
    var settings = try run.configuration()
    // What only looks on, writes or ends a run early is left out.
    var parts = settings.training ?? TrainingSettings()
    (parts.patience, parts.keepBest, parts.maxSteps, parts.maxSeconds) = (nil, nil, nil, nil)
    (parts.recordsSamples, parts.averageDecay, parts.averageFromEpoch) = (nil, nil, nil)
    if parts.shards == nil { parts.shards = shards }
    settings.training = parts.isEmpty ? nil : parts
    let task = try TrainingTask(settings, run: run)
    if let before = settings.fingerprint, let now = task.fingerprint, before != now {
      throw CommandError("the data of \(settings.data ?? "the digits") has other pixels or labels than the run had")
    }
    let trainer = try task.makeTrainer(workers: 1, SoleProcess(), isScored: false)
    try settings.training?.apply(to: trainer, folder: run.folder)
    if trainer.nonFinite == .stop { trainer.keepsGoing = true }
    if let from { try trainer.restore(Checkpoint(contentsOf: from), allowingChanges: true) }
    guard trainer.completedSteps < to else {
      throw CommandError(
        "\(from ?? run.folder): \(trainer.completedSteps) steps are done already, \(to) were asked for")
    }
    trainer.ledger = try LedgerWriter(output, trainer.model, after: trainer.completedSteps, isWhole: true)
    trainer.shouldStop = { trainer.completedSteps >= to }
    try trainer.run(epochs: (to - 1) / trainer.stepsPerEpoch + 1)
    try trainer.ledger?.flush()
  }
}
