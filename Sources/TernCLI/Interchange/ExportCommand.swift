import ArgumentParser
import Tern
import TernBackend
import TernModels
import TernONNX

/// `tern export`: the network of a run, or one of the collection, as an ONNX file.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Writes the network of a run, or one of the collection, as an ONNX file.",
    discussion: """
      The file takes batches of any size as `input` and answers the network's numbers, before softmax, as `output`. For a run \
      its first operators do what the run does to pixels, so that it takes what `tern predict` takes: [N, C, H, W] with values \
      as in the data set's own files. With --bare it takes what the network takes. The network of a table takes the numbers \
      that are made of its columns, which no ONNX operator makes: it needs --bare.

      With --model the first argument is a file of weights, under the names that `tern model info` lists, and the network is \
      that of the collection.
      """)

  @Argument(help: ArgumentHelp("The folder of a run; with --model a file of weights.", valueName: "run"))
  var source: String

  @Option(help: "The file that is written.")
  var onnx: String

  @Flag(help: "Leaves out what the run does to pixels.")
  var bare = false

  @Option(help: "A network of the collection, as `tern model list` has it.")
  var model: String?

  @Option(help: "Where in the file of weights the names begin, for example state_dict; at its top where not given.")
  var at: String?

  @Option(help: "How many classes have a score; as published where not given.")
  var classes: Int?

  @Option(help: "Channels of the images; as published where not given.")
  var channels: Int?

  @Option(help: "The images' height and width, or how many tokens are in a row; as published where not given.")
  var size: Int?

  func validate() throws {
    try require("--classes", classes, in: 1...1_000_000)
    try require("--channels", channels, in: 1...10_000)
    try require("--size", size, in: 1...100_000)
    if model == nil && (at != nil || classes != nil || channels != nil || size != nil) {
      throw ValidationError("--at, --classes, --channels and --size go with --model")
    }
    if model != nil && bare {
      throw ValidationError("--bare is for runs: a network of the collection takes what it takes")
    }
  }

  func run() throws {
    if let model { return try export(collectionEntry(model)) }
    let (interface, network) = try TrainingRun(folder: source).loadModel()
    guard bare || interface.table == nil else {
      throw CommandError(
        "\(printable(source)): the run is one over a table, whose columns are prepared outside of the network: --bare "
          + "exports the network, which takes \(interface.samples.size)")
    }
    let sampleShape = [interface.channels, interface.height, interface.width]
    let exported =
      bare
      ? try ONNXModel(exporting: network, sampleShape: sampleShape)
      : try ONNXModel(
        exporting: network, sampleShape: sampleShape, maximum: Double(interface.maximum),
        standardization: interface.standardization)
    try write(exported, sampleShape, "[batch, \(interface.outputCount)]")
  }

  /// A network of the collection with the weights of a file.
  private func export(_ entry: CollectionEntry) throws {
    if let refusal = entry.refusal(classes: classes, channels: channels) { throw CommandError(refusal) }
    let made = entry.make(classes: classes, channels: channels, of: Float.self)
    try made.module.load(from: source, at: at, renaming: made.renaming)
    var shape = Array(entry.inputShape.dropFirst())
    if let channels { shape[0] = channels }
    if let size { for axis in shape.indices.dropFirst(entry.takesTokens ? 0 : 1) { shape[axis] = size } }
    switch made {
    case .layer(let layer): try write(Self.exported(layer, shape), shape, "[batch, …]")
    case .tokens(let network):
      guard shape[0] <= network.longestSequence else {
        throw CommandError("\(shape[0]) tokens in a row are more than the network's \(network.longestSequence)")
      }
      let tokens = Tensor<Int>((0..<shape[0]).map { $0 % network.vocabulary }, shape: [1, shape[0]])
      let exported = try ONNXModel(exporting: network, inputs: "input", outputs: "output", examples: tokens) {
        network($0, file: #fileID, line: #line)
      }
      try write(exported, shape, "[batch, \(shape[0]), …]")
    }
  }

  private static func exported(_ layer: some Layer<Float>, _ shape: [Int]) throws -> ONNXModel {
    try ONNXModel(exporting: layer, sampleShape: shape)
  }

  private func write(_ exported: ONNXModel, _ shape: [Int], _ output: String) throws {
    try exported.write(to: onnx)
    print(
      "Wrote \(printable(onnx)): input [batch, \(shape.map(String.init).joined(separator: ", "))], output \(output)")
  }
}
