import ArgumentParser
import Tern
import TernBackend

/// `tern plan`: predicts the memory of a training.
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Predicts the memory that tern train would take with the same options, and the largest batch that fits.",
    usage: "tern plan <options>",
    discussion: """
      A few steps run with small batches; nothing is written. Printed are, by layer, what it keeps for backward and the \
      most that is in use while it runs; what the peak is made of; the largest batch that the machine, the control group \
      or ulimit -v has room for; and what activation checkpointing would save. With --ranks the plan is that of one of so many \
      ranks, and batches are those of the whole step: ranks of one machine share its memory.
      """)

  @OptionGroup var train: TrainCommand

  @Option(
    name: .customLong("ranks"), parsing: .unconditional,
    help: "How many ranks train together; the plan is that of the first, with all moments.")
  var rankCount = 1

  func validate() throws { try require("--ranks", rankCount, in: 1...4096) }

  func run() throws {
    if let threads = train.threads { Workers.count = threads }
    let task = try train.makePlan().task
    let plan = try train.memoryPlan(of: task, ranks: rankCount)
    print(
      "\(task.title): \(task.configuration.model.rawValue) with \(task.interface.makeModel(task.configuration).parameterCount) "
        + "parameters, \(task.configuration.optimizer.rawValue), \(Workers.count) threads"
        + (rankCount > 1 ? ", one of \(rankCount) ranks" : "") + "\n")
    print(plan)
  }
}
