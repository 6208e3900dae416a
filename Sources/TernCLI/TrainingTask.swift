import Tern
import TernBackend
import TernVision

/// Samples of any kind that a classifier takes, which may be unreadable.
struct TrainingImages: FingerprintedDataset {
  let count: Int
  let fingerprint: String
  private let make: @Sendable ([Int]) throws -> LabeledBatch<Float, Int>

  init<Source: FingerprintedDataset>(_ source: Source) where Source.Batch == LabeledBatch<Float, Int> {
    count = source.count
    fingerprint = source.fingerprint
    make = { try source.batch($0) }
  }

  func batch(_ indices: [Int]) throws -> LabeledBatch<Float, Int> { try make(indices) }
}

/// The data and the network of a run, of one of the official data sets, a folder of pictures or a table.
struct TrainingTask {
  var configuration: RunConfiguration
  /// What the data is called.
  let title: String
  let train: TrainingImages
  let test: TrainingImages
  let channels: Int
  let height: Int
  let width: Int
  /// The classes' names, where they have any.
  let classNames: [String]?
  let classCount: Int
  /// The number that stands for full brightness in arrays given to `tern predict`.
  let maximum: Float
  let standardization: Standardization
  /// The settings of pictures, where it is a folder of them.
  let pictures: PictureSettings?
  /// The settings of the columns, where it is a table.
  let table: TableSettings?
  /// What else is said of the data.
  let notes: [String]

  /// The task of the settings: `run` has the settings of pictures where there are any already.
  init(
    _ configuration: RunConfiguration, _ options: PictureChoices = PictureChoices(), target: String? = nil,
    run: TrainingRun? = nil
  ) throws {
    if let data = configuration.data, TableFile.isOne(data) {
      var others = options
      others.validation = nil
      if let option = others.firstGiven { throw CommandError("\(option) goes with a folder of pictures, not a table") }
      let stored = try run.flatMap { try TableSettings(of: $0) }
      let table = try TableFile(
        data, target: target, validation: options.validation, stored, seed: configuration.seed)
      try self.init(configuration, table)
      configurationFingerprint()
      return
    }
    if target != nil { throw CommandError("--target goes with a table: --data FILE.csv") }
    if let data = configuration.data, PictureFolder.isOne(data) {
      let stored = try run.flatMap { try PictureSettings(of: $0) }
      try self.init(configuration, PictureFolder(data, options, stored, seed: configuration.seed))
    } else {
      if let option = options.firstGiven {
        throw CommandError("\(option) goes with a folder of pictures: --data DIR with a folder for each class")
      }
      self.init(try ImageTask(configuration))
    }
    configurationFingerprint()
  }

  private init(_ task: ImageTask) {
    let images = task.split.train
    configuration = task.configuration
    title = task.split.name
    train = TrainingImages(task.train)
    test = TrainingImages(task.test)
    (channels, height, width) = (images.channels, images.height, images.width)
    classNames = nil
    classCount = images.classCount
    maximum = Float(images.maximum)
    standardization = task.standardization
    pictures = nil
    table = nil
    notes = []
  }

  private init(_ configuration: RunConfiguration, _ file: TableFile) throws {
    guard configuration.model == .mlp else {
      throw CommandError(
        "--model \(configuration.model.rawValue): the network takes images; the network mlp takes the numbers of a table"
      )
    }
    self.configuration = configuration
    title = file.name
    train = TrainingImages(file.train)
    test = TrainingImages(file.test)
    (channels, height, width) = (1, 1, file.settings.features.count)
    classNames = file.settings.classes
    classCount = file.settings.classes.count
    maximum = 1
    standardization = Standardization(mean: [0], deviation: [1])
    pictures = nil
    table = file.settings
    notes = file.notes
  }

  private init(_ configuration: RunConfiguration, _ folder: PictureFolder) throws {
    let settings = folder.settings
    let least = configuration.model.minimumSize
    guard min(settings.height, settings.width) >= least else {
      throw CommandError(
        "--size \(settings.height)x\(settings.width): too small for the network \(configuration.model.rawValue), which takes "
          + "at least \(least)x\(least); the network mlp takes every size")
    }
    self.configuration = configuration
    title = folder.name
    train = TrainingImages(folder.train)
    test = TrainingImages(folder.test)
    (channels, height, width) = (3, settings.height, settings.width)
    classNames = settings.classes
    classCount = settings.classes.count
    maximum = 255
    standardization = settings.standardization
    pictures = settings
    table = nil
    notes = folder.notes
  }

  private mutating func configurationFingerprint() {
    if !train.fingerprint.isEmpty && !test.fingerprint.isEmpty {
      fingerprint = "\(train.fingerprint)-\(test.fingerprint)"
    }
  }

  /// What the data is: other samples have another; `nil` where it cannot be told.
  private(set) var fingerprint: String?

  /// What a sample is called, and how large it is.
  var samples: (name: String, size: String) {
    table == nil ? ("images", "\(channels)×\(height)×\(width)") : ("rows", "\(width) numbers")
  }

  /// What the run is called: data set and network.
  var name: String { "\(title.lowercased().replacing(" ", with: "-"))-\(configuration.model.rawValue)" }

  /// The task with what its data is among its settings.
  var withFingerprint: TrainingTask {
    var task = self
    task.configuration.fingerprint = fingerprint
    return task
  }

  /// The network with the weights it starts from, which the seed decides.
  func makeModel() -> Sequential<Float> {
    Random.with(RandomGenerator(seed: configuration.seed)) {
      configuration.model.makeNetwork(channels: channels, height: height, width: width, classes: classCount)
    }
  }

  /// The training of the settings, at its beginning; batches are made by so many threads.
  func makeTrainer(workers: Int) throws -> Trainer<Sequential<Float>, TrainingImages> {
    let model = makeModel()
    let optimizer = configuration.makeOptimizer(model)
    return try Trainer(
      model, optimizer: optimizer, scheduler: Scheduler(optimizer, CosineSchedule(length: configuration.epochs)),
      train: train, test: test, batchSize: configuration.batchSize, seed: configuration.seed, workers: workers)
  }
}
