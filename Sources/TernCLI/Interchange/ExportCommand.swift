import ArgumentParser
import Foundation
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
      that are made of its columns, which no ONNX operator makes: it needs --bare. The file's metadata has lists in JSON: \
      class_names, and of images input_mean and input_deviation, of values from 0 to 1, and input_maximum, the value that 1 \
      stands for.

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
    let metadata = try interface.exportMetadata()
    let exported =
      bare
      ? try ONNXModel(exporting: network, sampleShape: sampleShape, metadata: metadata)
      : try ONNXModel(
        exporting: network, sampleShape: sampleShape, maximum: Double(interface.maximum),
        standardization: interface.standardization, metadata: metadata)
    try write(exported, sampleShape)
  }

  /// A network of the collection with the weights of a file.
  private func export(_ entry: CollectionEntry) throws {
    if let refusal = entry.refusal(classes: classes, channels: channels) { throw CommandError(refusal) }
    if let size, !entry.takesTokens, let refusal = entry.refusal(size: size) { throw CommandError(refusal) }
    let metadata = ["network": entry.name]
    let made = entry.make(classes: classes, channels: channels, of: Float.self)
    try made.module.load(from: source, at: at, renaming: made.renaming)
    let shape = entry.sampleShape(channels: channels, size: size)
    switch made {
    case .layer(let layer): try write(Self.exported(layer, shape, metadata), shape)
    case .tokens(let network):
      guard shape[0] <= network.longestSequence else {
        throw CommandError("\(shape[0]) tokens in a row are more than the network's \(network.longestSequence)")
      }
      let tokens = Tensor<Int>((0..<shape[0]).map { $0 % network.vocabulary }, shape: [1, shape[0]])
      let exported = try ONNXModel(
        exporting: network, inputs: "input", outputs: "output", examples: tokens, metadata: metadata
      ) {
        network($0, file: #fileID, line: #line)
      }
      try write(exported, shape)
    }
  }

  private static func exported(
    _ layer: some Layer<Float>, _ shape: [Int], _ metadata: [String: String]
  ) throws -> ONNXModel {
    try ONNXModel(exporting: layer, sampleShape: shape, metadata: metadata)
  }

  private func write(_ exported: ONNXModel, _ shape: [Int]) throws {
    try exported.write(to: onnx)
    let output = exported.outputShapes.first.map { $0.joined(separator: ", ") } ?? ""
    print(
      "Wrote \(printable(onnx)): input [batch, \(shape.map(String.init).joined(separator: ", "))], output [\(output)]")
  }
}

extension ModelInterface {
  /// What the file of an exported network says beside the network: lists and numbers in JSON.
  fileprivate func exportMetadata() throws -> [String: String] {
    func json(_ value: some Encodable) throws -> String {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.withoutEscapingSlashes]
      return try String(decoding: encoder.encode(value), as: UTF8.self)
    }
    var metadata: [String: String] = [:]
    if let classNames { metadata["class_names"] = try json(classNames) }
    if table == nil {
      metadata["input_mean"] = try json(standardization.mean)
      metadata["input_deviation"] = try json(standardization.deviation)
      metadata["input_maximum"] = try json(maximum)
    }
    return metadata
  }
}
