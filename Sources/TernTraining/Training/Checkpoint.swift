import TernBackend
import Foundation
import TernData
import TernNN
import TernTensor

/// All that a training needs to go on to the same bits: weights, buffers, the optimizer's moments and scalars, the
/// schedule's position, the random generator, the epoch and the batch, and the history. One file, written whole or not.
///
/// It is a safetensors file: the model's tensors under `model/…`, the optimizer's under `optimizer/…`, those of parts under
/// `part/NAME/…`, the rest as JSON in the metadata.
public struct Checkpoint: Sendable {
  /// Parameters and buffers.
  public var model: [StateEntry]
  /// The optimizer's state.
  public var optimizer: OptimizerState
  /// The states of further optimizers and of the training's parts, by name.
  public var parts: [String: PartState] = [:]
  /// Where the training is.
  public var progress: TrainingProgress
  /// The epochs that are done.
  public var history: TrainingHistory
  /// What it was taken from, where that is known.
  public var origin: TrainingOrigin?
  /// The settings of the run, where it is one of `tern train`.
  public var configuration: RunConfiguration?

  private static let modelPrefix = "model/"
  private static let optimizerPrefix = "optimizer/"
  private static let partPrefix = "part/"
  private static let version = "1"

  /// A checkpoint of a training.
  ///
  /// - Parameters:
  ///   - model: The model.
  ///   - optimizer: The optimizer.
  ///   - progress: How far the training is.
  ///   - history: The history.
  ///   - origin: What the training was started with.
  public init(
    model: some Module, optimizer: any Optimizer, progress: TrainingProgress, history: TrainingHistory,
    origin: TrainingOrigin? = nil
  ) {
    self.origin = origin
    self.model = model.state
    self.optimizer = optimizer.state
    self.progress = progress
    self.history = history
  }

  /// Reads a checkpoint.
  ///
  /// - Parameter path: The path of the file.
  /// - Throws: `DataError` where the file cannot be read or is none, and for a number in it that cannot be.
  public init(contentsOf path: String) throws(DataError) {
    try self.init(SafetensorsFile(contentsOf: path), path)
  }

  /// Takes a checkpoint out of its file; `path` names it in errors.
  init(_ file: SafetensorsFile, _ path: String) throws(DataError) {
    guard file.metadata["tern_checkpoint"] == Self.version else {
      throw DataError(
        .malformed, file: path, "the file is no checkpoint of this version",
        expected: "tern_checkpoint \(Self.version) in its metadata")
    }
    model = []
    var moments: [StateEntry] = []
    if file.metadata["parts"] != nil {
      let scalars = try Self.decode([String: [String: Double]].self, "parts", file.metadata, path)
      parts = scalars.mapValues { PartState(tensors: [], scalars: $0) }
    }
    for entry in file.entries {
      if entry.name.hasPrefix(Self.modelPrefix) {
        model.append(try StateEntry(name: String(entry.name.dropFirst(Self.modelPrefix.count)), file[entry]))
      } else if entry.name.hasPrefix(Self.optimizerPrefix) {
        moments.append(try StateEntry(name: String(entry.name.dropFirst(Self.optimizerPrefix.count)), file[entry]))
      } else if entry.name.hasPrefix(Self.partPrefix) {
        // A part's name may have a "/" of its own.
        let place = entry.name.dropFirst(Self.partPrefix.count)
        guard let part = parts.keys.filter({ place.hasPrefix($0 + "/") }).max(by: { $0.count < $1.count }) else {
          throw DataError(
            .malformed, file: path, "the tensor \(printable(entry.name, limit: 100)) is of no part",
            expected: "one of the parts in the metadata")
        }
        let name = String(place.dropFirst(part.count + 1))
        parts[part]?.tensors.append(try StateEntry(name: name, file[entry]))
      }
    }
    progress = try Self.decode(TrainingProgress.self, "progress", file.metadata, path)
    optimizer = OptimizerState(
      tensors: moments, scalars: try Self.decode([String: Double].self, "optimizer", file.metadata, path))
    history = try TrainingHistory(json: file.metadata["history"] ?? "", file: path)
    if file.metadata["origin"] != nil { origin = try Self.decode(TrainingOrigin.self, "origin", file.metadata, path) }
    if let text = file.metadata["configuration"] {
      configuration = try RunConfiguration(json: [UInt8](text.utf8), file: path)
    }
    try checkNumbers(path)
  }

  /// Writes the checkpoint beside its place and renames it.
  ///
  /// - Throws: `DataError` where it cannot be written; an earlier checkpoint is then still whole.
  public func write(to path: String, file: StaticString = #fileID, line: UInt = #line) throws(DataError) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let tensors =
      model.map { (Self.modelPrefix + $0.name, $0.stored) }
      + optimizer.tensors.map { (Self.optimizerPrefix + $0.name, $0.stored) }
      + parts.sorted { $0.key < $1.key }.flatMap { name, part in
        part.tensors.map { (Self.partPrefix + name + "/" + $0.name, $0.stored) }
      }
    var metadata = [
      "tern_checkpoint": Self.version, "progress": Self.encode(progress), "optimizer": Self.encode(optimizer.scalars),
      "history": history.json,
    ]
    if !parts.isEmpty { metadata["parts"] = Self.encode(parts.mapValues(\.scalars)) }
    if let origin { metadata["origin"] = Self.encode(origin) }
    if let configuration { metadata["configuration"] = Self.encode(configuration) }
    try SafetensorsFile.write(tensors, metadata: metadata, to: path)
  }

  /// Puts a model and its optimizer to where the checkpoint was taken. On an error the model is as it was.
  ///
  /// - Throws: `StateMismatch` with all that does not fit.
  public func restore(_ module: some Module, _ trained: any Optimizer, file: StaticString = #fileID, line: UInt = #line)
    throws(StateMismatch)
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let before = module.state
    try module.load(model)
    do {
      try trained.load(optimizer)
    } catch {
      try module.load(before)
      throw error
    }
  }

  static let infinities = (positive: "Infinity", negative: "-Infinity", nan: "NaN")

  private static func encode(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: infinities.positive, negativeInfinity: infinities.negative, nan: infinities.nan)
    // Numbers and strings always encode.
    return String(decoding: (try? encoder.encode(value)) ?? Data(), as: UTF8.self)
  }
}
