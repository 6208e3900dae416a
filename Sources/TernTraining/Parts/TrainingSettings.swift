import TernBackend
import TernData
import TernNN
import TernTensor

/// The parts that a run of `tern train` has, where it was asked for any.
public struct TrainingSettings: Sendable, Codable, Equatable {
  /// How products read their operands.
  public var precision: FloatPrecision?
  /// Batches of a step.
  public var accumulation: Int?
  /// The most that the norm of the gradients may be.
  public var clipNorm: Double?
  /// After how many epochs without a better test loss the run ends.
  public var patience: Int?
  /// How many checkpoints of the best epochs are kept.
  public var keepBest: Int?
  /// The decay of an average over the steps.
  public var averageDecay: Double?
  /// The first epoch of an average over the epochs.
  public var averageFromEpoch: Int?
  /// The most steps.
  public var maxSteps: Int?
  /// The most seconds.
  public var maxSeconds: Double?
  /// How many steps that are not finite are skipped.
  public var skipNonFinite: Int?
  /// How often the training goes back from a step that is not finite.
  public var rewindNonFinite: Int?
  /// To the last multiple of how many steps it goes back; 100 where not given.
  public var rewindEvery: Int?
  /// Paths that are not trained.
  public var frozen: [String]?
  /// What the learning rate of a layer is of the next one's, see ``LayerwiseRates``.
  public var layerDecay: Double?
  /// How many shards a step has.
  public var shards: Int?
  /// Whether batches are normalized by the statistics of all shards of a step.
  public var synchronizesStatistics: Bool?
  /// Whether the optimizer's moments are shared out over the ranks.
  public var shardsOptimizer: Bool?
  /// Whether the losses of every sample are kept, see ``SampleHistory``.
  public var recordsSamples: Bool?

  /// None.
  public init() {}

  /// Whether there is none.
  public var isEmpty: Bool { self == TrainingSettings() }

  private static let counts: [(String, WritableKeyPath<TrainingSettings, Int?> & Sendable)] = [
    ("accumulation", \.accumulation), ("patience", \.patience), ("keepBest", \.keepBest),
    ("averageFromEpoch", \.averageFromEpoch), ("maxSteps", \.maxSteps), ("skipNonFinite", \.skipNonFinite),
    ("rewindNonFinite", \.rewindNonFinite), ("rewindEvery", \.rewindEvery),
    ("shards", \.shards),
  ]
  private static let flags: [(String, WritableKeyPath<TrainingSettings, Bool?> & Sendable)] = [
    ("synchronizesStatistics", \.synchronizesStatistics), ("shardsOptimizer", \.shardsOptimizer),
    ("recordsSamples", \.recordsSamples),
  ]

  /// What is wrong with the settings, the first of it: a setting's name, what it is, and what is allowed.
  public var problem: (setting: String, value: String, allowed: String)? {
    for (name, path) in Self.counts {
      if let value = self[keyPath: path], !(1...1 << 48 ~= value) {
        return (name, "\(value)", "a whole number from 1 to \(1 << 48)")
      }
    }
    if let clipNorm, !(clipNorm > 0 && clipNorm.isFinite) {
      return ("clipNorm", "\(clipNorm)", "a finite number above 0")
    }
    if let maxSeconds, !(maxSeconds > 0 && maxSeconds.isFinite) {
      return ("maxSeconds", "\(maxSeconds)", "a finite number above 0")
    }
    if let averageDecay, !(averageDecay >= 0 && averageDecay < 1) {
      return ("averageDecay", "\(averageDecay)", "a number from 0 to below 1")
    }
    if let layerDecay, !(layerDecay > 0 && layerDecay <= 1) {
      return ("layerDecay", "\(layerDecay)", "a number above 0, at most 1")
    }
    if rewindNonFinite != nil && skipNonFinite != nil {
      return ("rewindNonFinite", "\(rewindNonFinite ?? 0)", "either skipped or rewound steps")
    }
    return nil
  }

  /// The settings in JSON; `file` names it in errors.
  ///
  /// - Throws: `DataError` where a setting is unknown, of another kind or out of its range.
  init(_ json: JSON, file: String) throws(DataError) {
    func refuse(_ key: String, _ allowed: String) -> DataError {
      DataError(
        .malformed, file: file,
        "training.\(printable(key, limit: 60)) is \(printable("\(json[key] ?? .null)", limit: 60))",
        expected: allowed)
    }
    guard let members = json.members else {
      throw DataError(.malformed, file: file, "training is \(json.kind)", expected: "an object of tern train")
    }
    for member in members {
      switch member.key {
      case "clipNorm": clipNorm = member.value.double ?? .nan
      case "maxSeconds": maxSeconds = member.value.double ?? .nan
      case "averageDecay": averageDecay = member.value.double ?? .nan
      case "layerDecay": layerDecay = member.value.double ?? .nan
      case "precision":
        guard let value = member.value.string.flatMap({ FloatPrecision(rawValue: $0) }) else {
          throw refuse("precision", FloatPrecision.allCases.map(\.rawValue).joined(separator: " or "))
        }
        precision = value
      case "frozen":
        guard let paths = member.value.array?.map(\.string), !paths.contains(nil) else {
          throw refuse("frozen", "paths")
        }
        frozen = paths.compactMap { $0 }
      case let key:
        if let path = Self.flags.first(where: { $0.0 == key })?.1 {
          guard case .bool(let value) = member.value else { throw refuse(key, "true or false") }
          self[keyPath: path] = value
          continue
        }
        guard let path = Self.counts.first(where: { $0.0 == key })?.1 else {
          throw DataError(
            .malformed, file: file, "there is no setting training.\(printable(key, limit: 60))",
            expected: (Self.counts.map { $0.0 } + Self.flags.map { $0.0 }
              + ["clipNorm", "maxSeconds", "averageDecay", "layerDecay", "frozen", "precision"])
              .joined(separator: ", "))
        }
        guard let value = member.value.int else { throw refuse(key, "a whole number") }
        self[keyPath: path] = value
      }
    }
    if let problem { throw refuse(problem.setting, problem.allowed) }
  }

  /// Gives a trainer the parts but for the learning rates of its layers, which its optimizer is made with; `folder` is where
  /// the best checkpoints are kept.
  ///
  /// - Throws: ``TrainingError`` for a path at which the model has nothing.
  public func apply<Model: Module, Source: Dataset>(
    to trainer: Trainer<Model, Source>, folder: String, file: StaticString = #fileID, line: UInt = #line
  ) throws(TrainingError) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    trainer.precision = precision ?? .float32
    trainer.accumulation = accumulation ?? 1
    trainer.clipping = clipNorm.map { .norm($0) }
    trainer.earlyStopping = patience.map { EarlyStopping(patience: $0) }
    trainer.bestCheckpoints = keepBest.map { BestCheckpoints(keep: $0, in: folder) }
    trainer.exponentialAverage = averageDecay.map { ExponentialAverage(decay: $0) }
    trainer.stochasticAverage = averageFromEpoch.map { StochasticAverage(fromEpoch: $0) }
    trainer.sampleHistory = recordsSamples == true ? SampleHistory(count: trainer.loader.dataset.count) : nil
    trainer.limits = TrainingLimits(steps: maxSteps, seconds: maxSeconds)
    if let skipNonFinite { trainer.nonFinite = .skip(atMost: skipNonFinite) }
    if let rewindNonFinite { trainer.nonFinite = .rewind(every: rewindEvery ?? 100, atMost: rewindNonFinite) }
    if let frozen {
      let paths = FrozenPaths(frozen)
      let missing = paths.missing(in: trainer.model)
      if !missing.isEmpty {
        throw TrainingError(description: "the network has nothing at \(printable(missing)), which was to be frozen")
      }
      trainer.frozen = paths
    }
  }

  /// What differs from other settings, a phrase each.
  func differences(from other: TrainingSettings) -> [String] {
    var result: [String] = []
    func compare<Value: Equatable>(_ name: String, _ before: Value?, _ now: Value?) {
      func words(_ value: Value?) -> String { value.map { "\($0)" } ?? "none" }
      if before != now { result.append("\(name) \(words(before)), now \(words(now))") }
    }
    compare("precision", other.precision?.rawValue, precision?.rawValue)
    compare("batches a step", other.accumulation, accumulation)
    compare("clipping norm", other.clipNorm, clipNorm)
    compare("patience", other.patience, patience)
    compare("best checkpoints", other.keepBest, keepBest)
    compare("decay of the average", other.averageDecay, averageDecay)
    compare("first epoch of the average", other.averageFromEpoch, averageFromEpoch)
    compare("skipped steps", other.skipNonFinite, skipNonFinite)
    compare("rewound steps", other.rewindNonFinite, rewindNonFinite)
    compare("steps between places to rewind to", other.rewindEvery, rewindEvery)
    compare("frozen paths", other.frozen, frozen)
    compare("decay of the learning rate by layers", other.layerDecay, layerDecay)
    compare("shards", other.shards, shards)
    compare("synchronized statistics", other.synchronizesStatistics, synchronizesStatistics)
    return result
  }
}
