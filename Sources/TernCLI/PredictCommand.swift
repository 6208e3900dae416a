import ArgumentParser
import Foundation
import Tern
import TernBackend

/// `tern predict`: what the model of a run answers for images of one's own.
struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict", abstract: "Writes the classes that the model of a run gives to images.",
    discussion: """
      FILE holds images as a NumPy array [N, C, H, W], [N, H, W] or [N, C·H·W] with pixel values as in the data set's own \
      files (0 to 255; 0 to 16 for the digits). The answers are written as a NumPy array [N] of classes, and the \
      probabilities [N, classes] beside it. A device or a pipe takes the classes alone, and the lines that are printed go \
      to standard error then.
      """)

  @Argument(help: ArgumentHelp("The folder of a run.", valueName: "run"))
  var runFolder: String

  @Argument(help: "A NumPy file with images.")
  var file: String

  @Option(help: "Where the classes are written; FILE.classes.npy where not given.")
  var output: String?

  func run() throws {
    let (task, model) = try TrainingRun(folder: runFolder).loadModel()
    let images = task.split.train
    let pixels = try StateEntry(name: file, NPYFile.read(file)).converted(to: Float.self)
    let sample = [images.channels, images.height, images.width]
    let allowed = [sample, Array(sample.dropFirst()), [sample.reduce(1, *)]]
    guard pixels.rank >= 2, allowed.contains(Array(pixels.shape.dropFirst())),
      images.channels == 1 || pixels.rank != 3
    else {
      throw CommandError(
        "\(file): an array of shape \(pixels.shape); the model takes "
          + "[\((["N"] + sample.map(String.init)).joined(separator: ", "))]")
    }
    if let image = firstSampleNotFinite(pixels) {
      throw CommandError("\(file): image \(image), from 0, has a pixel that is not finite (expected finite numbers)")
    }
    let inputs = task.standardization(pixels.reshaped([-1] + sample) / Float(images.maximum))
    let probabilities = withoutGradients {
      stride(from: 0, to: inputs.shape[0], by: 256).map { model(inputs[$0..<min($0 + 256, inputs.shape[0])]).softmax() }
    }
    if let block = probabilities.firstIndex(where: { firstSampleNotFinite($0) != nil }),
      let image = firstSampleNotFinite(probabilities[block])
    {
      throw CommandError(
        "\(file): image \(256 * block + image), from 0: the model's output is not finite; its pixels are too large, or "
          + "the model's weights are not finite")
    }
    let classes = probabilities.flatMap { largestClasses($0) }
    let base = output ?? "\(file.hasSuffix(".npy") ? String(file.dropLast(4)) : file).classes.npy"
    try Tensor<Int>(classes).write(npy: base)
    let table = Tensor<Float>(probabilities.flatMap(\.scalars), shape: [classes.count, images.classCount])
    var lines = classes.prefix(10).enumerated().map { index, answer in
      "image \(index): class \(answer), probability \(decimals(Double(table[index, answer].item), 4))"
    }
    if classes.count > 10 { lines.append("… \(classes.count) images in all") }
    lines.append("Classes       \(base)")
    if FileIO.isWrittenDirectly(base) {
      FileHandle.standardError.write(Data((lines.joined(separator: "\n") + "\n").utf8))
      return
    }
    let name = base.hasSuffix(".npy") ? String(base.dropLast(4)) : base
    try table.write(npy: name + ".probabilities.npy")
    lines.append("Probabilities \(name).probabilities.npy")
    print(lines.joined(separator: "\n"))
  }
}
