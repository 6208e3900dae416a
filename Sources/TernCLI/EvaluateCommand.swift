import ArgumentParser
import Foundation
import Tern
import TernBackend
import TernVision

/// `tern evaluate`: scores the model of a run.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Scores the model of a run on its test data, or on another data set's.")

  @Argument(help: ArgumentHelp("The folder of a run.", valueName: "run"))
  var runFolder: String

  @Option(
    help: ArgumentHelp(
      "A folder with a data set of the same image size, or with pictures in a folder for each class (or in its folder test), or a "
        + "table with the same columns; "
        + "the run's own where not given."))
  var data: String?

  @Option(parsing: .unconditional, help: "Threads that work together.")
  var threads: Int?

  func validate() throws { try requireThreads(threads) }

  func run() throws {
    if let threads { Workers.count = threads }
    let folder = TrainingRun(folder: runFolder)
    let (task, model) = try folder.loadModel()
    let score = try evaluate(model, on: data.map { try images(in: $0, for: task) } ?? task.test)
    print("\(folder.folder): \(score.count) \(task.samples.name)")
    print("test loss \(decimals(score.loss, 4))")
    print("test accuracy \(decimals(score.accuracy, 4))")
    if !score.loss.isFinite {
      throw CommandError(
        "\(folder.modelPath): the model's outputs are not finite for these \(task.samples.name), so that its answers mean nothing"
      )
    }
  }

  /// The images of another data set that the model of a task can score.
  private func images(in data: String, for task: TrainingTask) throws -> TrainingImages {
    if let settings = task.table {
      let table = try TableFile.read(data)
      return try TrainingImages(
        TensorDataset(settings.inputs(of: table), Tensor(settings.labels(of: table))))
    }
    if let settings = task.pictures {
      let folder = PictureFolder.testFolder(of: data) ?? data
      let test = try ImageFolder(
        folder, height: task.height, width: task.width, standardization: task.standardization,
        classNames: settings.classes)
      return TrainingImages(test)
    }
    let test = try ImageSplit.read(data).test
    let shape = [task.channels, task.height, task.width]
    guard Array(test.shape.dropFirst()) == shape, test.classCount <= task.classCount else {
      throw CommandError(
        "--data \(data): images of \(Array(test.shape.dropFirst())) in \(test.classCount) classes; the model takes "
          + "\(shape) in \(task.classCount)")
    }
    return TrainingImages(ImageDataset(test, standardization: task.standardization))
  }
}

extension TrainingRun {
  /// The settings' data and the trained network, in evaluation mode.
  func loadModel() throws -> (task: TrainingTask, model: Sequential<Float>) {
    let task = try TrainingTask(configuration(), run: self)
    if let known = task.configuration.fingerprint, known != task.fingerprint {
      print("Note: the data of \(task.configuration.data ?? "the digits") is not what the run was trained with")
    }
    let model = task.makeModel()
    try load(model)
    model.eval()
    return (task, model)
  }
}
