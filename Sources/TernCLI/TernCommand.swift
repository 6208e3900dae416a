import ArgumentParser
import Tern

@main
struct TernCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tern", abstract: "Trains, scores and inspects neural networks.", version: ternVersion,
    subcommands: [
      TrainCommand.self, EvaluateCommand.self, PredictCommand.self, InfoCommand.self, ConformCommand.self,
      BenchCommand.self, ExperimentCommand.self,
    ])
}
