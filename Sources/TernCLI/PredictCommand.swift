import ArgumentParser
import Foundation
import Tern
import TernBackend
import TernVision

/// `tern predict`: what the model of a run answers for images of one's own.
struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict", abstract: "Writes the classes that the model of a run gives to images.",
    discussion: """
      FILE holds images as a NumPy array [N, C, H, W], [N, H, W] or [N, C·H·W] with pixel values as in the data set's own \
      files (0 to 255; 0 to 16 for the digits); for the model of a folder of pictures it may be a JPEG, a PNG, or a folder \
      of them, which are brought to the model's size; for the model of a table it is a table with the same columns, but for \
      the target, and the answers are a table as well. The answers are written as a NumPy array [N] of classes, and the \
      probabilities [N, classes] beside it. A device or a pipe takes the classes alone, and the lines that are printed go \
      to standard error then.
      """)

  @Argument(help: ArgumentHelp("The folder of a run.", valueName: "run"))
  var runFolder: String

  @Argument(help: "A NumPy file with images, a picture, a folder of pictures, or a table.")
  var file: String

  @Option(help: "Where the classes are written; FILE.classes.npy where not given.")
  var output: String?

  func run() throws {
    let (task, model) = try TrainingRun(folder: runFolder).loadModel()
    let (inputs, names) = try self.inputs(for: task)
    let sample = task.table == nil ? "image" : "row"
    let probabilities = withoutGradients {
      stride(from: 0, to: inputs.shape[0], by: 256).map { model(inputs[$0..<min($0 + 256, inputs.shape[0])]).softmax() }
    }
    if let block = probabilities.firstIndex(where: { firstSampleNotFinite($0) != nil }),
      let image = firstSampleNotFinite(probabilities[block])
    {
      throw CommandError(
        "\(file): \(sample) \(256 * block + image), from 0: the model's output is not finite; its \(task.table == nil ? "pixels" : "numbers") are too large, or "
          + "the model's weights are not finite")
    }
    let classes = probabilities.flatMap { largestClasses($0) }
    let stem = file.count > 1 && file.hasSuffix("/") ? String(file.dropLast()) : file
    let base = output ?? "\(stem.hasSuffix(".npy") ? String(stem.dropLast(4)) : stem).classes.npy"
    if let settings = task.table {
      try write(
        classes, probabilities, settings,
        to: output ?? (stem.hasSuffix(".csv") ? String(stem.dropLast(4)) : stem) + ".classes.csv")
      return
    }
    try Tensor<Int>(classes).write(npy: base)
    let table = Tensor<Float>(probabilities.flatMap(\.scalars), shape: [classes.count, task.classCount])
    var lines = classes.prefix(10).enumerated().map { index, answer -> String in
      let (image, name) = (names?[index] ?? "\(sample) \(index)", task.classNames?[answer] ?? "\(answer)")
      return "\(image): class \(name), probability \(decimals(Double(table[index, answer].item), 4))"
    }
    if classes.count > 10 { lines.append("… \(classes.count) \(task.samples.name) in all") }
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

  /// Writes the classes' names and the probabilities of a table's rows as a table.
  private func write(_ classes: [Int], _ probabilities: [Tensor<Float>], _ settings: TableSettings, to path: String)
    throws
  {
    let (names, values) = (settings.classes, probabilities.flatMap(\.scalars))
    var columns = [CSVColumn(settings.target, classes.map { names[$0] })]
    for (place, name) in names.enumerated() {
      columns.append(
        CSVColumn("probability of \(name)", classes.indices.map { values[$0 * names.count + place] }))
    }
    try CSVFile.write(columns, to: path)
    var lines = classes.prefix(10).enumerated().map { row, answer in
      "row \(row): \(names[answer]), probability \(decimals(Double(values[row * names.count + answer]), 4))"
    }
    if classes.count > 10 { lines.append("… \(classes.count) rows in all") }
    lines.append("Classes       \(path)")
    let text = lines.joined(separator: "\n")
    if FileIO.isWrittenDirectly(path) { FileHandle.standardError.write(Data((text + "\n").utf8)) } else { print(text) }
  }

  /// What the model takes of the file, and the pictures' paths where it is made of such.
  private func inputs(for task: TrainingTask) throws -> (Tensor<Float>, [String]?) {
    if let settings = task.table {
      let inputs = try settings.inputs(of: TableFile.read(file))
      if let row = firstSampleNotFinite(inputs) {
        throw CommandError("\(file): row \(row), from 0, has a number that is not finite (expected finite numbers)")
      }
      return (inputs, nil)
    }
    if task.pictures != nil, FileIO.isFolder(file) || ImageFolder.isPicture(file) {
      let paths = try FileIO.isFolder(file) ? ImageFolder.pictures(below: file) : [file]
      guard !paths.isEmpty else { throw CommandError("\(file): there are no pictures (expected JPEG or PNG files)") }
      let pictures = try paths.map { path in
        try Image(contentsOf: path, atLeast: (2 * task.height, 2 * task.width)).converted(toBitDepth: 8).converted(
          to: .rgb
        )
        .resized(height: task.height, width: task.width).tensor()
      }
      return (task.standardization(stack(pictures)), paths)
    }
    let pixels = try StateEntry(name: file, NPYFile.read(file)).converted(to: Float.self)
    let sample = [task.channels, task.height, task.width]
    let allowed = [sample, Array(sample.dropFirst()), [sample.reduce(1, *)]]
    guard pixels.rank >= 2, allowed.contains(Array(pixels.shape.dropFirst())), task.channels == 1 || pixels.rank != 3
    else {
      throw CommandError(
        "\(file): an array of shape \(pixels.shape); the model takes "
          + "[\((["N"] + sample.map(String.init)).joined(separator: ", "))]")
    }
    if let image = firstSampleNotFinite(pixels) {
      throw CommandError("\(file): image \(image), from 0, has a pixel that is not finite (expected finite numbers)")
    }
    return (task.standardization(pixels.reshaped([-1] + sample) / task.maximum), nil)
  }
}
