import ArgumentParser
import Foundation
import Tern
import TernBackend
import TernVision

/// `tern predict`: what the model of a run answers for samples of one's own.
struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict", abstract: "Writes what the model of a run answers for images or rows.",
    discussion: """
      FILE holds images as a NumPy array [N, C, H, W], [N, H, W] or [N, C·H·W] with pixel values as in the data set's own \
      files (0 to 255; 0 to 16 for the digits); for the model of a folder of pictures it may be a JPEG, a PNG, or a folder \
      of them, which are brought to the model's size; for the model of a table it is a table with the same columns, but for \
      the target, and the answers are a table as well, numbers in the target's own units. The answers are written as a NumPy \
      array [N] of classes, and the probabilities [N, classes] beside it, or as one table where --output ends in .csv. A \
      device, a pipe or - (standard output) takes the classes alone, and the lines that are printed go to standard error then.
      """)

  @Argument(help: ArgumentHelp("The folder of a run.", valueName: "run"))
  var runFolder: String

  @Argument(help: "A NumPy file with images, a picture, a folder of pictures, or a table.")
  var file: String

  @Option(
    help:
      "Where the answers are written; FILE.classes.npy, of a table FILE.classes.csv or FILE.values.csv where not given."
  )
  var output: String?

  @Flag(help: "Leaves pictures out that cannot be read, and names them.")
  var skipCorrupt = false

  @Option(parsing: .unconditional, help: "Threads that read pictures beside those that work; 1 where not given.")
  var workers: Int?

  func validate() throws { try require("--workers", workers, in: 0...256) }

  func run() throws {
    let (interface, model) = try TrainingRun(folder: runFolder).loadModel()
    if skipCorrupt && interface.pictures == nil {
      throw CommandError("--skip-corrupt goes with the model of a folder of pictures")
    }
    let answers = try answers(of: model, interface)
    if answers.count == 0 && !answers.skipped.isEmpty {
      throw CommandError("\(file): no picture can be read; the first: \(answers.skipped[0])")
    }
    let output = output == "-" ? "/dev/stdout" : output
    let stem = file.count > 1 && file.hasSuffix("/") ? String(file.dropLast()) : file
    if let settings = interface.table {
      let suffix = settings.target.task == .regression ? ".values.csv" : ".classes.csv"
      try answers.write(
        csv: output ?? (stem.hasSuffix(".csv") ? String(stem.dropLast(4)) : stem) + suffix, interface)
    } else if let output, output.lowercased().hasSuffix(".csv") {
      try answers.write(csv: output, interface)
    } else {
      let base = output ?? "\(stem.hasSuffix(".npy") ? String(stem.dropLast(4)) : stem).classes.npy"
      try answers.write(npy: base, interface)
    }
  }

  /// What the model answers, block by block.
  private func answers(of model: Sequential<Float>, _ interface: ModelInterface) throws -> ModelAnswers {
    var answers = ModelAnswers(width: interface.outputCount)
    func add(_ inputs: Tensor<Float>, names: [String]? = nil) throws {
      let outputs = withoutGradients { model(inputs) }
      let block = interface.answersNumbers ? outputs : outputs.softmax()
      if let sample = firstSampleNotFinite(block) {
        let number = answers.count + sample
        throw CommandError(
          "\(file): \(interface.table == nil ? "image" : "row") \(number), from 0: the model's output is not finite; its "
            + "\(interface.table == nil ? "pixels" : "numbers") are too large, or the model's weights are not finite")
      }
      answers.add(block, names: names)
    }
    if interface.pictures != nil, FileIO.isFolder(file) || ImageFolder.isPicture(file) {
      let paths = try FileIO.isFolder(file) ? ImageFolder.pictures(below: file) : [file]
      guard !paths.isEmpty else { throw CommandError("\(file): there are no pictures (expected JPEG or PNG files)") }
      let samples = Samples(
        count: paths.count, { index in Result { () throws(DataError) in try interface.picture(paths[index]) } },
        collate: { $0 })
      var place = 0
      for results in DataLoader(samples, batchSize: Self.block, workers: workers ?? 1) {
        var (pictures, names): ([Tensor<Float>], [String]) = ([], [])
        for result in results {
          do {
            pictures.append(try result.get())
            names.append(paths[place])
          } catch {
            guard skipCorrupt else { throw error }
            answers.skipped.append("\(error)")
          }
          place += 1
        }
        if !pictures.isEmpty { try add(interface.standardization(stack(pictures)), names: names) }
      }
      return answers
    }
    let inputs = try interface.table.map { try rows(of: $0) } ?? images(for: interface)
    for start in stride(from: 0, to: inputs.shape[0], by: Self.block) {
      try add(inputs[start..<min(start + Self.block, inputs.shape[0])])
    }
    return answers
  }

  /// How many samples are answered at once.
  private static let block = 256

  /// What the model takes of a table's rows.
  private func rows(of settings: TableSettings) throws -> Tensor<Float> {
    let inputs = try settings.inputs(of: settings.layout.read(file))
    if let row = firstSampleNotFinite(inputs) {
      throw CommandError("\(file): row \(row), from 0, has a number that is not finite (expected finite numbers)")
    }
    return inputs
  }

  /// What the model takes of a NumPy file with images.
  private func images(for interface: ModelInterface) throws -> Tensor<Float> {
    let pixels = try StateEntry(name: file, NPYFile.read(file)).converted(to: Float.self)
    let sample = [interface.channels, interface.height, interface.width]
    let allowed = [sample, Array(sample.dropFirst()), [sample.reduce(1, *)]]
    guard pixels.rank >= 2, allowed.contains(Array(pixels.shape.dropFirst())),
      interface.channels == 1 || pixels.rank != 3
    else {
      throw CommandError(
        "\(file): an array of shape \(pixels.shape); the model takes "
          + "[\((["N"] + sample.map(String.init)).joined(separator: ", "))]")
    }
    if let image = firstSampleNotFinite(pixels) {
      throw CommandError("\(file): image \(image), from 0, has a pixel that is not finite (expected finite numbers)")
    }
    return interface.standardization(pixels.reshaped([-1] + sample) / interface.maximum)
  }
}

extension ModelInterface {
  /// Whether it answers a number in the target's units, and not classes.
  var answersNumbers: Bool { table?.target.task == .regression }

  /// A picture at the network's size, its values in 0…1.
  func picture(_ path: String) throws(DataError) -> Tensor<Float> {
    try Image(contentsOf: path, atLeast: (2 * height, 2 * width)).converted(toBitDepth: 8).converted(to: .rgb)
      .resized(height: height, width: width).tensor()
  }
}
