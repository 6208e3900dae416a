import ArgumentParser
import Foundation
import Tern
import TernBackend
import TernVision

/// `tern evaluate`: scores the model of a run.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Scores the model of a run on its test data, or on another data set's.",
    discussion: """
      With --data, what the model was trained with is not needed where it is a folder of pictures or a table.
      """)

  @Argument(help: ArgumentHelp("The folder of a run.", valueName: "run"))
  var runFolder: String

  @Option(
    help: ArgumentHelp(
      "A folder with a data set of the same image size, or with pictures in a folder for each class (or in its folder test), or a "
        + "table with the same columns; "
        + "the run's own where not given."))
  var data: String?

  @Flag(help: "Leaves pictures of --data out that cannot be read, and names them.")
  var skipCorrupt = false

  @Option(parsing: .unconditional, help: "Threads that work together.")
  var threads: Int?

  @Option(parsing: .unconditional, help: "Threads that prepare batches beside those that work; 1 where not given.")
  var workers: Int?

  func validate() throws {
    try requireThreads(threads)
    try require("--workers", workers, in: 0...256)
    if skipCorrupt && data == nil { throw ValidationError("--skip-corrupt goes with --data") }
  }

  func run() throws {
    if let threads { Workers.count = threads }
    let folder = TrainingRun(folder: runFolder)
    // What is wrong with the run's own data is said before the model is read.
    let own = try data == nil ? folder.loadTask().test : nil
    let (interface, model) = try folder.loadModel()
    let samples = try own ?? data.map { try self.samples(in: $0, for: interface) }
    guard let samples else { return }
    var (squares, spread) = (MeanSquaredError(), R2Score())
    let score = try evaluate(model, on: samples, workers: workers ?? 1) { model, batch in
      let (loss, outputs) = batch.lossAndOutputs(of: model)
      if case .numbers(let values, _) = batch.targets {
        squares.update(outputs.flattened(), values)
        spread.update(outputs.flattened(), values)
      }
      return loss
    }
    print("\(folder.folder): \(samples.count) \(interface.samples.name)")
    print("test loss \(decimals(score.loss.mean, 4))")
    if let accuracy = score.figures["accuracy"] { print("test accuracy \(decimals(accuracy.mean, 4))") }
    if let error = score.figures[TrainingBatch.error], case .number(_, let unit) = interface.table?.target {
      print("mean absolute error \(significant(error.mean))")
      print("root mean squared error \(significant(squares.value.squareRoot() * unit))")
      print("R² \(decimals(spread.value, 4))")
    }
    if !score.loss.mean.isFinite {
      throw CommandError(
        "\(folder.modelPath): the model's outputs are not finite for these \(interface.samples.name), so that its answers mean nothing"
      )
    }
  }

  /// The samples of other data that the model can score.
  private func samples(in data: String, for interface: ModelInterface) throws -> TrainingSamples {
    if skipCorrupt && interface.pictures == nil {
      throw CommandError("--skip-corrupt goes with a folder of pictures")
    }
    if let settings = interface.table { return try settings.samples(of: settings.layout.read(data)) }
    if let settings = interface.pictures {
      let folder = PictureFolder.scoredFolder(of: data, settings.classes)
      var test = try ImageFolder(
        folder, height: settings.height, width: settings.width, standardization: settings.standardization,
        classNames: settings.classes)
      if skipCorrupt {
        let notes: [String]
        (test, notes) = try PictureFolder.sound(test)
        for note in notes { print(note) }
      }
      return TrainingSamples(test)
    }
    let test = try ImageSplit.read(data).test
    let shape = [interface.channels, interface.height, interface.width]
    guard Array(test.shape.dropFirst()) == shape, test.classCount <= interface.outputCount else {
      throw CommandError(
        "--data \(data): images of \(Array(test.shape.dropFirst())) in \(test.classCount) classes; the model takes "
          + "\(shape) in \(interface.outputCount)")
    }
    return TrainingSamples(ImageDataset(test, standardization: interface.standardization))
  }
}
