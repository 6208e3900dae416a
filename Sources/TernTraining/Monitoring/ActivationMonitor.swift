import Synchronization
import TernBackend
import TernNN
import TernTensor

/// How the values of a layer are spread.
public struct ActivationStatistics: Sendable, Hashable {
  /// The layer's path from the module watched; empty for that itself.
  public var path: String
  /// What the layer is, such as `Conv2D`.
  public var kind: String
  /// How many values there were.
  public var count: Int
  /// The values below which so many percent lie, in the order in which the percentages were given.
  public var percentiles: [Double]
  /// The fraction of values where the activation is flat, 0…1; `nil` for what has no flat ends.
  public var saturated: Double?
  /// The fraction of units that were flat for every sample of the batch, 0…1; `nil` for what has no flat ends.
  public var dead: Double?
}

/// Watches what goes into the layers of a model, or what comes out: percentiles, and how much of it is saturated.
///
/// ```swift
/// let monitor = ActivationMonitor(model, percentiles: [15, 50, 85])
/// _ = model(images)
/// for layer in monitor.statistics { print(layer.path, layer.percentiles, layer.saturated ?? 0) }
/// ```
///
/// It watches from its creation until ``isWatching`` is set to false, or until it is gone. While somebody watches, layers
/// run one by one instead of fused; while nobody does, a call of a layer costs one relaxed load and nothing else.
public final class ActivationMonitor: Sendable {
  /// Which side of a layer is looked at.
  public enum Side: Sendable {
    /// What a layer is given, the first of several inputs.
    case input
    /// What a layer answers.
    case output
  }

  /// The paths of the layers watched, in the order of declaration.
  public let paths: [String]
  /// The percentages of the percentiles, 0…100.
  public let percentages: [Double]

  private let model: WatchedModel
  private let found: Findings
  private let observations = Mutex<[LayerObservation]>([])

  /// Watches layers at or below `model`.
  ///
  /// - Parameters:
  ///   - side: which side of them.
  ///   - percentiles: the percentages, 0…100; stops for others.
  ///   - saturation: where layers are flat, by path; the library's own activations are known.
  ///   - isWatched: which layers; every module without modules of its own where not given.
  public convenience init(
    _ model: some Module, side: Side = .output, percentiles: [Double] = [15, 50, 85],
    saturation: [String: Saturation] = [:], layers isWatched: ((String, any Module) -> Bool)? = nil
  ) {
    self.init(
      model, side: side, percentiles: percentiles, saturation: saturation, onlyWhileRecording: false, layers: isWatched)
  }

  /// - Parameter onlyWhileRecording: passes over calls whose operations are not recorded: those of a scoring.
  init(
    _ model: any Module, side: Side, percentiles: [Double], saturation: [String: Saturation],
    onlyWhileRecording: Bool, layers isWatched: ((String, any Module) -> Bool)?
  ) {
    for percentage in percentiles {
      check((0...100).contains(percentage), "ActivationMonitor", "a percentile of \(percentage), not of 0 to 100")
    }
    let modules = model.namedModules
    let leaves = ActivationMonitor.leaves(modules.map(\.name))
    let watched = modules.filter { isWatched?($0.name, $0.module) ?? leaves.contains($0.name) }
    let kinds = Dictionary(
      uniqueKeysWithValues: watched.map { ($0.name, "\(type(of: $0.module))".prefix { $0 != "<" }) })
    var ends: [String: Saturation] = [:]
    for (name, module) in watched where side == .output { ends[name] = saturation[name] ?? Saturation(of: module) }
    paths = watched.map(\.name)
    percentages = percentiles
    self.model = WatchedModel(model)
    found = Findings(
      side: side, percentages: percentiles, ends: ends, kinds: kinds.mapValues(String.init),
      onlyWhileRecording: onlyWhileRecording)
    isWatching = true
  }

  /// The names that begin no other.
  private static func leaves(_ names: [String]) -> Set<String> {
    let around = Set(
      names.flatMap { name in
        name.isEmpty ? [] : [""] + name.indices.filter { name[$0] == "." }.map { String(name[..<$0]) }
      })
    return Set(names).subtracting(around)
  }

  /// Whether it watches. What was found stays when this is set to false.
  public var isWatching: Bool {
    get { observations.withLock { !$0.isEmpty } }
    set {
      let found = found
      observations.withLock { held in
        if !newValue {
          held = []
        } else if held.isEmpty {
          held = [
            model.module.observe { (call: LayerCall<Float>) in found.add(call) },
            model.module.observe { (call: LayerCall<Double>) in found.add(call) },
          ]
        }
      }
    }
  }

  /// What was found at each layer's last call, in the order of declaration; layers that did not run are left out.
  public var statistics: [ActivationStatistics] {
    let latest = found.latest.withLock { $0 }
    return paths.compactMap { latest[$0] }
  }

  /// Forgets what was found.
  public func reset() { found.latest.withLock { $0 = [:] } }
}

/// The model of a monitor: only its modules are enumerated.
private final class WatchedModel: @unchecked Sendable {
  let module: any Module
  init(_ module: any Module) { self.module = module }
}

/// What the calls of layers came to.
private final class Findings: Sendable {
  let side: ActivationMonitor.Side
  let percentages: [Double]
  let ends: [String: Saturation]
  /// What the layers watched are, by path.
  let kinds: [String: String]
  let onlyWhileRecording: Bool
  let latest = Mutex<[String: ActivationStatistics]>([:])

  init(
    side: ActivationMonitor.Side, percentages: [Double], ends: [String: Saturation], kinds: [String: String],
    onlyWhileRecording: Bool
  ) {
    self.side = side
    self.percentages = percentages
    self.ends = ends
    self.kinds = kinds
    self.onlyWhileRecording = onlyWhileRecording
  }

  func add<Scalar: FloatingScalar>(_ call: LayerCall<Scalar>) {
    guard let kind = kinds[call.path], Recording.isOn || !onlyWhileRecording else { return }
    let values = side == .input ? call.input : call.output
    let shares = ends[call.path].map { $0.shares(of: values) }
    let statistics = ActivationStatistics(
      path: call.path, kind: kind, count: values.count,
      percentiles: percentiles(of: withoutGradients { values.sampledForStatistics }, at: percentages),
      saturated: shares?.values, dead: shares?.units)
    latest.withLock { $0[call.path] = statistics }
  }
}

/// The values below which so many percent of all values lie, between two neighbors on the straight line from one to the
/// other, as NumPy's `percentile`.
///
/// NaN where there are no values; NaN counts as the greatest.
///
/// - Parameter percentages: 0…100 each; stops for others.
public func percentiles<Scalar: FloatingScalar>(
  of values: Tensor<Scalar>, at percentages: [Double], file: StaticString = #fileID, line: UInt = #line
) -> [Double] {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  guard values.count > 0 else { return percentages.map { _ in .nan } }
  for percentage in percentages {
    check((0...100).contains(percentage), "percentiles", "a percentile of \(percentage), not of 0 to 100")
  }
  return withoutGradients { OrderStatistics.percentiles(of: values.detached(), at: percentages) }
}
