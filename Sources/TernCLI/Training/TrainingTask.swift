import Tern
import TernBackend
import TernVision

/// The data and the network of a run, of one of the official data sets, a folder of pictures or a table.
struct TrainingTask {
  var configuration: RunConfiguration
  /// What the data is called.
  let title: String
  let train: TrainingSamples
  let test: TrainingSamples
  let interface: ModelInterface
  /// What else is said of the data.
  let notes: [String]

  /// The task of the settings: `run` has the settings of pictures or a table where there are any already.
  init(
    _ configuration: RunConfiguration, _ options: PictureChoices = PictureChoices(),
    table: TableChoices = TableChoices(),
    run: TrainingRun? = nil
  ) throws {
    self.configuration = configuration
    if let data = configuration.data, TableFile.isOne(data) {
      var others = options
      others.validation = nil
      if let option = others.firstGiven { throw CommandError("\(option) goes with a folder of pictures, not a table") }
      var table = table
      table.validation = options.validation
      let stored = try run.flatMap { try TableSettings(of: $0) }
      let file = try TableFile(data, table, stored, seed: configuration.seed)
      (title, train, test, notes) = (file.name, file.train, file.test, file.notes)
      interface = ModelInterface(file.settings)
    } else if let option = table.firstGiven {
      throw CommandError("\(option) goes with a table: --data FILE.csv")
    } else if let data = configuration.data, PictureFolder.isOne(data) {
      let stored = try run.flatMap { try PictureSettings(of: $0) }
      let folder = try PictureFolder(data, options, stored, seed: configuration.seed)
      (title, notes) = (folder.name, folder.notes)
      let pictures = folder.train
      var train = TrainingSamples(pictures)
      train.name = { pictures.paths[$0] }
      train.picture = { thumbnail(of: pictures.paths[$0]) }
      (self.train, test) = (train, TrainingSamples(folder.test))
      interface = ModelInterface(folder.settings)
    } else {
      if let option = options.firstGiven {
        throw CommandError("\(option) goes with a folder of pictures: --data DIR with a folder for each class")
      }
      let task = try ImageTask(configuration)
      (title, notes) = (task.split.name, [])
      var train = TrainingSamples(task.train)
      let images = task.split.train
      train.picture = { images.picture($0) }
      (self.train, test) = (train, TrainingSamples(task.test))
      interface = ModelInterface(task)
    }
    try interface.check(configuration)
    if !train.fingerprint.isEmpty && !test.fingerprint.isEmpty {
      fingerprint = "\(train.fingerprint)-\(test.fingerprint)"
    }
  }

  /// What the data is: other samples have another; `nil` where it cannot be told.
  private(set) var fingerprint: String?

  /// What the run is called: data set and network.
  var name: String { "\(title.lowercased().replacing(" ", with: "-"))-\(configuration.model.rawValue)" }

  /// The task with what its data is among its settings.
  var withFingerprint: TrainingTask {
    var task = self
    task.configuration.fingerprint = fingerprint
    return task
  }

  /// The training of the settings, at its beginning; batches are made by so many threads, and the test data is scored unless
  /// it is said otherwise.
  ///
  /// - Parameters:
  ///   - dropsLast: Whether a last batch that is not full is left out.
  ///   - segments: How many segments of the network backward runs again; `nil` for none.
  func makeTrainer(
    workers: Int, _ communicator: any Communicator, isScored: Bool = true, dropsLast: Bool = false, segments: Int? = nil
  ) throws -> Trainer<Sequential<Float>, TrainingSamples> {
    let network = interface.makeModel(configuration)
    let model = segments.map { count in Sequential { network.checkpointed(segments: count) } } ?? network
    let parts = configuration.training
    if parts?.synchronizesStatistics == true { model.synchronizeStatistics(over: communicator) }
    let optimizer: any Optimizer =
      parts?.shardsOptimizer == true
      ? try ShardedOptimizer(model, communicator) { configuration.makeOptimizer(model, $0) }
      : configuration.makeOptimizer(model)
    let loader = DataLoader(
      train, batchSize: configuration.batchSize, shuffle: true, dropLast: dropsLast, seed: configuration.seed,
      workers: workers)
    return try Trainer(
      model, optimizer: optimizer, scheduler: Scheduler(optimizer, CosineSchedule(length: configuration.epochs)),
      train: loader, validation: isScored ? test : nil, communicator: communicator, shards: parts?.shards
    ) { $1.loss(of: $0) }
  }
}
