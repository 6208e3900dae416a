import TernBackend
import TernData
import TernNN
import TernTensor

/// The data and the network of a run over images, built the same way every time from its settings.
public struct ImageTask: Sendable {
  /// The data set with its two parts.
  public let split: ImageSplit
  /// How pixels are shifted and scaled: by mean and deviation of the training images.
  public let standardization: Standardization
  /// The settings.
  public package(set) var configuration: RunConfiguration

  /// Reads the data that the settings name.
  ///
  /// - Parameter configuration: The settings.
  /// - Throws: `DataError` where there is none, a file is wrong, or the images are too small for the network.
  public init(_ configuration: RunConfiguration, file: StaticString = #fileID, line: UInt = #line) throws(DataError) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self.configuration = configuration
    if let folder = configuration.data { split = try .read(folder) } else { split = Digits.split }
    let (height, width) = (split.train.height, split.train.width)
    let least = configuration.model.minimumSize
    if height < least || width < least {
      throw DataError(
        .mismatch, file: configuration.data ?? split.name,
        "images of \(height)×\(width) are too small for the network \(configuration.model.rawValue)",
        expected: "at least \(least)×\(least); the network mlp takes every size")
    }
    standardization = Standardization(of: split.train)
  }

  /// What the data is: other pixels or labels have another.
  public var fingerprint: String { split.fingerprint }

  /// The images to train with.
  public var train: ImageDataset { ImageDataset(split.train, standardization: standardization) }
  /// The images to test with.
  public var test: ImageDataset { ImageDataset(split.test, standardization: standardization) }

  /// What the run is called: data set and network.
  public var name: String { "\(split.name.lowercased().replacing(" ", with: "-"))-\(configuration.model.rawValue)" }

  /// The network with the weights it starts from, which the seed decides.
  public func makeModel(file: StaticString = #fileID, line: UInt = #line) -> Sequential<Float> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return Random.with(RandomGenerator(seed: configuration.seed)) {
      configuration.model.makeNetwork(
        channels: split.train.channels, height: split.train.height, width: split.train.width,
        classes: split.train.classCount)
    }
  }

  /// The optimizer of the settings over a model.
  public func makeOptimizer(_ model: some Module) -> any Optimizer { configuration.makeOptimizer(model) }

  /// The training of the settings, at its beginning.
  ///
  /// - Throws: ``TrainingError`` where it cannot begin.
  public func makeTrainer(file: StaticString = #fileID, line: UInt = #line) throws(TrainingError) -> Trainer<
    Sequential<Float>, ImageDataset
  > {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let model = makeModel()
    let optimizer = makeOptimizer(model)
    return try Trainer(
      model, optimizer: optimizer, scheduler: Scheduler(optimizer, CosineSchedule(length: configuration.epochs)),
      train: train, test: test, batchSize: configuration.batchSize, seed: configuration.seed)
  }
}

extension RunConfiguration {
  /// The optimizer of the settings over a model, with a group for each layer where their rates differ.
  public func makeOptimizer(_ model: some Module) -> any Optimizer {
    makeOptimizer(model, ParameterSelection(namedParameters: model.namedParameters))
  }

  /// The same over some of the model's parameters, or parts of them, under their names.
  package func makeOptimizer(_ model: some Module, _ source: ParameterSelection) -> any Optimizer {
    func layerwise<Options>(_ optimizer: ParameterOptimizer<Options>) -> any Optimizer {
      if let decay = training?.layerDecay { LayerwiseRates(decay: decay, of: model).apply(to: optimizer) }
      return optimizer
    }
    return switch optimizer {
    case .sgd: layerwise(SGD(source, learningRate: learningRate, momentum: 0.9, weightDecay: 5e-4))
    case .adam: layerwise(Adam(source, learningRate: learningRate))
    case .adamw: layerwise(AdamW(source, learningRate: learningRate))
    }
  }
}
