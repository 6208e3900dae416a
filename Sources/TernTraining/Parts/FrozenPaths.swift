import TernBackend
import TernNN

/// Parts of a model that are not trained, by their paths: parameters stay as they are, and batch normalization uses its running
/// statistics and leaves them alone.
///
/// ```swift
/// let frozen = FrozenPaths(["backbone", "head.0.weight"])
/// model.train()
/// frozen.apply(to: model)  // after every train()
/// ```
public struct FrozenPaths: Sendable, Equatable {
  /// Paths of modules, with all below them, and of parameters.
  public let paths: [String]

  /// Freezes what is at or below some paths; an empty one is the whole model.
  ///
  /// - Parameter paths: The paths.
  public init(_ paths: [String]) { self.paths = paths }

  /// Whether a path is frozen.
  public func contains(_ path: String) -> Bool {
    paths.contains { $0.isEmpty || path == $0 || path.hasPrefix($0 + ".") }
  }

  /// The paths at which a model has nothing.
  public func missing(in model: some Module) -> [String] {
    let known = model.namedModules.map(\.name) + model.namedParameters.map(\.name)
    return paths.filter { path in !path.isEmpty && !known.contains { $0 == path || $0.hasPrefix(path + ".") } }
  }

  /// Freezes the parameters, and sets the batch and instance normalizations with running statistics to evaluation.
  ///
  /// Stops for a path at which the model has nothing.
  public func apply(to model: some Module, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let missing = missing(in: model)
    check(missing.isEmpty, "FrozenPaths", "the model has nothing at \(printable(missing))")
    for (name, parameter) in model.namedParameters where contains(name) { parameter.isFrozen = true }
    for (name, module) in model.namedModules where contains(name) {
      if let module = module as? any ModeDependent, module.hasRunningStatistics { module.isTraining = false }
    }
  }

  /// Lets the parameters be trained again, and sets the modules to training.
  public func undo(in model: some Module, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    for (name, parameter) in model.namedParameters where contains(name) { parameter.isFrozen = false }
    for (name, module) in model.namedModules where contains(name) {
      if let module = module as? any ModeDependent { module.isTraining = true }
    }
  }
}

extension ModeDependent {
  /// Whether it has statistics that move while it trains, and stand in for the batch's when it does not.
  fileprivate var hasRunningStatistics: Bool { namedBuffers.contains { $0.name == "running_mean" } }
}
