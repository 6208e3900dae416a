import ArgumentParser
import Tern
import TernBackend
import TernBench

@main
struct TernCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tern", abstract: "Trains, scores and inspects neural networks.", version: ternVersion,
    subcommands: [
      TrainCommand.self, PlanCommand.self, CompareCommand.self, EvaluateCommand.self, PredictCommand.self,
      DataCommand.self,
      InfoCommand.self,
      ConformCommand.self, BenchCommand.self, ExperimentCommand.self, NewCommand.self, RunCommand.self,
      ModelCommand.self, ConvertCommand.self, ExportCommand.self, ImportCommand.self, ReplayCommand.self,
    ])

  /// Runs the command that the arguments name, unless the environment asks for what cannot be.
  static func main() {
    ProcessSettings.check()
    Workload.ofOtherProducts = Workload.collection
    main(nil)
  }
}
