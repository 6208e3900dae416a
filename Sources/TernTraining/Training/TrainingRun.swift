import TernBackend
import Foundation
import TernData
import TernNN
import TernTensor

/// What a run of `tern train` was asked to do: enough to build the same model and data again.
public struct RunConfiguration: Sendable, Codable, Equatable {
  /// The optimizers one can name.
  public enum OptimizerKind: String, Sendable, Codable, CaseIterable {
    /// Gradient descent with momentum 0.9.
    case sgd
    /// Adam.
    case adam
    /// Adam with decoupled weight decay.
    case adamw

    /// The learning rate where none is given.
    public var defaultLearningRate: Double { self == .sgd ? 0.05 : 0.001 }
  }

  /// The folder of the data set; `nil` for the digits inside the package.
  public var data: String?
  /// The network.
  public var model: NetworkKind
  /// Epochs to train.
  public var epochs: Int
  /// Samples a step.
  public var batchSize: Int
  /// What changes the weights.
  public var optimizer: OptimizerKind
  /// The learning rate at the start; it falls along half a cosine.
  public var learningRate: Double
  /// Of weights, batches and dropout.
  public var seed: UInt64
  /// What the data was at the start, see ``FingerprintedDataset``; `nil` where that is not known.
  public var fingerprint: String?
  /// Parts of the training; `nil` where there are none.
  public var training: TrainingSettings?

  /// A run of these settings.
  ///
  /// - Parameters:
  ///   - data: The folder of the data; the digits where none is given.
  ///   - model: The kind of network.
  ///   - epochs: The number of epochs.
  ///   - batchSize: The number of samples per batch.
  ///   - optimizer: The kind of optimizer.
  ///   - learningRate: The learning rate.
  ///   - seed: The seed.
  ///   - fingerprint: The fingerprint of the data.
  public init(
    data: String?, model: NetworkKind, epochs: Int, batchSize: Int, optimizer: OptimizerKind, learningRate: Double,
    seed: UInt64, fingerprint: String? = nil
  ) {
    self.data = data
    self.model = model
    self.epochs = epochs
    self.batchSize = batchSize
    self.optimizer = optimizer
    self.learningRate = learningRate
    self.seed = seed
    self.fingerprint = fingerprint
  }
}

/// A folder with what a training leaves: its settings, the checkpoint, the model, the history and the learning curve.
public struct TrainingRun: Sendable {
  /// The folder.
  public let folder: String

  /// The settings, `run.json`.
  public var settingsPath: String { folder + "/run.json" }
  /// What the training goes on from, `checkpoint.safetensors`.
  public var checkpointPath: String { folder + "/checkpoint.safetensors" }
  /// The weights and buffers, `model.safetensors`.
  public var modelPath: String { folder + "/model.safetensors" }
  /// The mean of the weights over the last epochs, `averaged.safetensors`, where one was asked for.
  public var averagePath: String { folder + "/averaged.safetensors" }
  /// The figures of every epoch, `history.json`.
  public var historyPath: String { folder + "/history.json" }
  /// The losses by learning rates that were tried before the training, `rates.svg`, where that was asked for.
  public var ratesPath: String { folder + "/rates.svg" }
  /// Where the profile of some steps goes, where that was asked for.
  public var profileFolder: String { folder + "/profile" }
  /// The learning curve, `curve.svg`.
  public var curvePath: String { folder + "/curve.svg" }
  /// All samples by how hard they were to learn, `samples.csv`, where that was asked for; `samples.html` shows the first.
  public var samplesPath: String { folder + "/samples.csv" }
  /// Hashes of every step, `ledger.bin`, where that was asked for: see ``Ledger``.
  public var ledgerPath: String { folder + "/ledger.bin" }
  /// The checkpoints of some epochs, `ledger-checkpoints`, from which `tern compare` does steps of a ledger again.
  public var ledgerCheckpointFolder: String { folder + "/ledger-checkpoints" }
  /// Where a ``TrainingReport`` goes that begins at a step: `report`, or `report-from-STEP` for one that goes on, so that
  /// what was seen before stays.
  public func reportFolder(fromStep step: Int) -> String { folder + (step > 0 ? "/report-from-\(step)" : "/report") }

  /// An existing run. Nothing is read yet.
  ///
  /// - Parameter folder: The path of the folder.
  public init(folder: String) {
    self.folder = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
  }

  /// A new folder `name-1`, `name-2`, … below `parent`, made with it where need be.
  ///
  /// - Parameters:
  ///   - parent: The path of the parent folder.
  ///   - name: The name.
  /// - Throws: `DataError` where no folder can be made.
  public init(creatingIn parent: String, name: String) throws(DataError) {
    do {
      try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
      var number = 1
      while true {
        let folder = "\(parent)/\(name)-\(number)"
        // Made in one step, so that two runs which start together get folders of their own.
        if mkdir(folder, 0o777) == 0 {
          self.folder = folder
          return
        }
        guard errno == EEXIST else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        number += 1
      }
    } catch {
      throw DataError(
        .unwritable, file: parent, "no folder can be made there: \(error.localizedDescription)",
        expected: "a folder that may be written")
    }
  }

  /// Writes the settings.
  public func write(_ configuration: RunConfiguration, file: StaticString = #fileID, line: UInt = #line)
    throws(DataError)
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let text = (try? encoder.encode(configuration)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    try FileIO.write(text + "\n", to: settingsPath)
  }

  /// Reads the settings; every one is checked, see ``RunConfiguration/init(json:file:)``.
  ///
  /// - Throws: `DataError` where the folder is no run, or a setting cannot be.
  public func configuration(file: StaticString = #fileID, line: UInt = #line) throws(DataError) -> RunConfiguration {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    if FileIO.isFolder(folder), !FileIO.isFile(settingsPath), !FileIO.isFolder(settingsPath) {
      throw DataError(
        .notFound, file: settingsPath,
        FileIO.isFile(checkpointPath)
          ? "is missing, and without the settings the checkpoint beside it cannot be gone on with; put the file back, "
            + "or begin a new run"
          : "is missing: the run was stopped before it began, or this is no run; "
            + "there is nothing to go on with: remove the folder and begin a new run")
    }
    return try RunConfiguration(json: FileIO.read(settingsPath), file: settingsPath)
  }

  /// Puts the trained weights into a model.
  ///
  /// - Throws: `DataError` where there are none, or the file is wrong; `StateMismatch` where they are of another model.
  public func load(_ model: some Module) throws {
    if FileIO.isFile(settingsPath), !FileIO.isFile(modelPath) {
      throw DataError(
        .notFound, file: modelPath,
        "is missing: the run was stopped before it was written; scripts/train --resume \(folder) writes it")
    }
    try model.load(from: modelPath)
  }

  /// Writes everything that follows from a checkpoint, the checkpoint first.
  public func write(_ checkpoint: Checkpoint, title: String, file: StaticString = #fileID, line: UInt = #line)
    throws(DataError)
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    try checkpoint.write(to: checkpointPath)
    try writeResults(of: checkpoint, title: title)
  }

  /// Writes the model, the history and the learning curve of a checkpoint that is in the folder already.
  public func writeResults(of checkpoint: Checkpoint, title: String, file: StaticString = #fileID, line: UInt = #line)
    throws(DataError)
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    // What was scored is what is used.
    let average = checkpoint.parts["exponential average"]?.tensors ?? []
    let model = average.isEmpty ? checkpoint.model : average
    try SafetensorsFile.write(model.map { ($0.name, $0.stored) }, to: modelPath)
    try checkpoint.history.write(to: historyPath)
    try LearningCurve(checkpoint.history, title: title).write(to: curvePath)
  }
}
