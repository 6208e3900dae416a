import Tern
import TernVision

/// What the network of a run takes and answers.
struct ModelInterface {
  let channels: Int
  let height: Int
  let width: Int
  /// The classes' names, where they have any.
  let classNames: [String]?
  /// How many numbers it answers: one a class, or the one that is foretold.
  let outputCount: Int
  /// The number that stands for full brightness in arrays given to `tern predict`.
  let maximum: Float
  let standardization: Standardization
  /// The settings of pictures, where it takes some of a folder.
  let pictures: PictureSettings?
  /// The settings of the columns, where it takes a table.
  let table: TableSettings?

  /// That of a network over an official data set.
  init(_ task: ImageTask) {
    let images = task.split.train
    (channels, height, width) = (images.channels, images.height, images.width)
    (classNames, outputCount, maximum) = (nil, images.classCount, Float(images.maximum))
    standardization = task.standardization
    (pictures, table) = (nil, nil)
  }

  /// That of a network over pictures.
  init(_ settings: PictureSettings) {
    (channels, height, width) = (3, settings.height, settings.width)
    (classNames, outputCount, maximum) = (settings.classes, settings.classes.count, 255)
    standardization = settings.standardization
    (pictures, table) = (settings, nil)
  }

  /// That of a network over a table's rows.
  init(_ settings: TableSettings) {
    (channels, height, width) = (1, 1, settings.features.count)
    if case .classes(let names) = settings.target { classNames = names } else { classNames = nil }
    (outputCount, maximum) = (classNames?.count ?? 1, 1)
    standardization = Standardization(mean: [0], deviation: [1])
    (pictures, table) = (nil, settings)
  }

  /// What a sample is called, and how large it is.
  var samples: (name: String, size: String) {
    table == nil ? ("images", "\(channels)×\(height)×\(width)") : ("rows", "\(width) numbers")
  }

  /// The network with the weights it starts from, which the seed decides.
  func makeModel(_ configuration: RunConfiguration) -> Sequential<Float> {
    Random.with(RandomGenerator(seed: configuration.seed)) {
      configuration.model.makeNetwork(channels: channels, height: height, width: width, classes: outputCount)
    }
  }

  /// Stops where the network of the settings cannot take it.
  func check(_ configuration: RunConfiguration) throws {
    if table != nil, configuration.model != .mlp {
      throw CommandError(
        "--model \(configuration.model.rawValue): the network takes images; the network mlp takes the numbers of a table"
      )
    }
    let least = configuration.model.minimumSize
    guard pictures != nil, min(height, width) < least else { return }
    throw CommandError(
      "--size \(height)x\(width): too small for the network \(configuration.model.rawValue), which takes "
        + "at least \(least)x\(least); the network mlp takes every size")
  }
}

extension TrainingRun {
  /// What the trained network takes and the network itself, in evaluation mode. Neither the pictures nor the table that it
  /// was trained with are needed.
  func loadModel() throws -> (interface: ModelInterface, model: Sequential<Float>) {
    let configuration = try configuration()
    let interface: ModelInterface
    if let settings = try PictureSettings(of: self) {
      interface = ModelInterface(settings)
    } else if let settings = try TableSettings(of: self) {
      interface = ModelInterface(settings)
    } else {
      interface = try loadTask().interface
    }
    try interface.check(configuration)
    let model = interface.makeModel(configuration)
    try load(model)
    model.eval()
    return (interface, model)
  }

  /// The settings with their data.
  func loadTask() throws -> TrainingTask {
    let task = try TrainingTask(configuration(), run: self)
    if let known = task.configuration.fingerprint, known != task.fingerprint {
      print("Note: the data of \(task.configuration.data ?? "the digits") is not what the run was trained with")
    }
    return task
  }
}
