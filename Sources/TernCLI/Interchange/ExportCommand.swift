import ArgumentParser
import Tern
import TernBackend
import TernONNX

/// `tern export`: the network of a run as an ONNX file.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Writes the network of a run as an ONNX file.",
    discussion: """
      The file takes batches of any size as `input` and answers the network's numbers, before softmax, as `output`. Its first \
      operators do what the run does to pixels, so that it takes what `tern predict` takes: [N, C, H, W] with values as in \
      the data set's own files. With --bare it takes what the network takes. The network of a table takes the numbers that \
      are made of its columns, which no ONNX operator makes: it needs --bare.
      """)

  @Argument(help: ArgumentHelp("The folder of a run.", valueName: "run"))
  var runFolder: String

  @Option(help: "The file that is written.")
  var onnx: String

  @Flag(help: "Leaves out what the run does to pixels.")
  var bare = false

  func run() throws {
    let (interface, model) = try TrainingRun(folder: runFolder).loadModel()
    guard bare || interface.table == nil else {
      throw CommandError(
        "\(printable(runFolder)): the run is one over a table, whose columns are prepared outside of the network: --bare "
          + "exports the network, which takes \(interface.samples.size)")
    }
    let sampleShape = [interface.channels, interface.height, interface.width]
    let exported =
      bare
      ? try ONNXModel(exporting: model, sampleShape: sampleShape)
      : try ONNXModel(
        exporting: model, sampleShape: sampleShape, maximum: Double(interface.maximum),
        standardization: interface.standardization)
    try exported.write(to: onnx)
    print(
      "Wrote \(printable(onnx)): input [batch, \(sampleShape.map(String.init).joined(separator: ", "))], output [batch, "
        + "\(interface.outputCount)]")
  }
}
