import ArgumentParser

@main
struct TernCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tern", abstract: "Trains, scores and inspects neural networks.",
    subcommands: [ConformCommand.self])
}
