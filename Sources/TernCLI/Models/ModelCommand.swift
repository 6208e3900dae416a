import ArgumentParser
import Foundation
import Tern
import TernBackend
import TernModels

/// `tern model`: the collection of networks.
struct ModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model", abstract: "Lists, explains and runs the networks of the collection.",
    subcommands: [ModelListCommand.self, ModelInfoCommand.self, ModelRunCommand.self])
}

/// A network of the collection by its name on the command line.
func collectionEntry(_ name: String) throws -> CollectionEntry {
  if let entry = ModelCollection[name] { return entry }
  throw CommandError(
    "no network is called \"\(printable(name, limit: 60))\" (expected \(ModelCollection.all.map(\.name).joined(separator: ", ")))"
  )
}

/// What makes another network of a name than the published one.
struct ModelOptions: ParsableArguments {
  @Argument(help: "The network's name, as `tern model list` has it.")
  var name: String

  @Option(help: "How many classes have a score; as published where not given.")
  var classes: Int?

  @Option(help: "Channels of the images; as published where not given.")
  var channels: Int?

  func validate() throws {
    try require("--classes", classes, in: 1...1_000_000)
    try require("--channels", channels, in: 1...10_000)
  }

  func make<Scalar: FloatingScalar>(of scalar: Scalar.Type) throws -> CollectionModel<Scalar> {
    let entry = try collectionEntry(name)
    if let refusal = entry.refusal(classes: classes, channels: channels) { throw CommandError(refusal) }
    return entry.make(classes: classes, channels: channels, of: scalar)
  }
}

/// `tern model list`.
struct ModelListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists the networks, with the Python package that has the same under that name.")

  func run() {
    let entries = ModelCollection.all
    let width = entries.reduce(0) { max($0, $1.name.count) }
    for entry in entries {
      print(
        entry.name.padding(toLength: width + 2, withPad: " ", startingAt: 0)
          + (entry.package ?? "").padding(toLength: 14, withPad: " ", startingAt: 0) + entry.summary)
    }
  }
}

/// `tern model info`.
struct ModelInfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Tells a network's parameters, operations, shapes and the names of its state, which weights come under.")

  @OptionGroup var options: ModelOptions

  func run() throws {
    let entry = try collectionEntry(options.name)
    let made = try options.make(of: Float.self)
    let input = [1] + entry.sampleShape(channels: options.channels, size: nil)
    let (cost, output) = cost(of: made, input: input)
    let rows = [
      ("network", "\(entry.name): \(entry.summary)"),
      ("same as", entry.package.map { "\(entry.name) of \($0)" } ?? "none"),
      ("parameters", "\(cost.parameters)"),
      ("multiply-adds", "\(cost.multiplyAdds)"),
      ("operations", "\(cost.flops) (a multiply-add is two)"),
      ("input", "\(input)\(entry.takesTokens ? " tokens" : "")"),
      ("output", "\(output)"),
    ]
    for (name, value) in rows { print(name.padding(toLength: 15, withPad: " ", startingAt: 0) + value) }
    if !cost.uncounted.isEmpty { print("not counted    \(cost.uncounted.joined(separator: ", "))") }
    print("state")
    for entry in made.module.state { print("  \(entry.name)  \(entry.shape)  \(entry.dtype)") }
  }

  private func cost(of made: CollectionModel<Float>, input shape: [Int]) -> (ModelCost, output: [Int]) {
    var output: [Int] = []
    let cost =
      switch made {
      case .layer(let layer): Tern.cost(of: layer) { output = Self.run(layer, shape) }
      case .tokens(let model):
        Tern.cost(of: model) { output = model(Tensor<Int>(zeros: shape), file: #fileID, line: #line).shape }
      }
    return (cost, output)
  }

  private static func run(_ layer: some Layer<Float>, _ shape: [Int]) -> [Int] {
    layer(Tensor<Float>(zeros: shape)).shape
  }
}
