import ArgumentParser
import Foundation
import Tern
import TernBackend

/// `tern evaluate`: scores the model of a run.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Scores the model of a run on its test data, or on another data set's.")

  @Argument(help: ArgumentHelp("The folder of a run.", valueName: "run"))
  var runFolder: String

  @Option(help: "A folder with a data set of the same image size; the run's own where not given.")
  var data: String?

  @Option(parsing: .unconditional, help: "Threads that work together.")
  var threads: Int?

  func validate() throws { try requireThreads(threads) }

  func run() throws {
    if let threads { Workers.count = threads }
    let folder = TrainingRun(folder: runFolder)
    let (task, model) = try folder.loadModel()
    var test = task.split.test
    if let data {
      test = try ImageSplit.read(data).test
      guard test.shape.dropFirst() == task.split.test.shape.dropFirst(), test.classCount <= task.split.train.classCount
      else {
        throw CommandError(
          "--data \(data): images of \(Array(test.shape.dropFirst())) in \(test.classCount) classes; the model takes "
            + "\(Array(task.split.test.shape.dropFirst())) in \(task.split.train.classCount)")
      }
    }
    let score = evaluate(model, on: ImageDataset(test, standardization: task.standardization))
    print("\(folder.folder): \(score.count) images")
    print("test loss \(decimals(score.loss, 4))")
    print("test accuracy \(decimals(score.accuracy, 4))")
    if !score.loss.isFinite {
      throw CommandError(
        "\(folder.modelPath): the model's outputs are not finite for these images, so that its answers mean nothing")
    }
  }
}

extension TrainingRun {
  /// The settings' data and the trained network, in evaluation mode.
  func loadModel() throws -> (task: ImageTask, model: Sequential<Float>) {
    let task = try ImageTask(configuration())
    if let known = task.configuration.fingerprint, known != task.fingerprint {
      print("Note: the data of \(task.configuration.data ?? "the digits") is not what the run was trained with")
    }
    let model = task.makeModel()
    try load(model)
    model.eval()
    return (task, model)
  }
}
