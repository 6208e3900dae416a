import TernBackend
import TernTensor

/// A module of the user's own that can be copied: it says how another of the same structure is made.
///
/// Values, buffers, modes and frozen flags are copied afterwards, so that only the structure matters:
///
/// ```swift
/// final class Classifier: Layer, CopyableModule {
///   let hidden: Dense<Float>
///   init(features: Int) { hidden = Dense(features, 10) }
///   convenience init(copying other: Classifier) { self.init(features: other.hidden.weight.shape[1]) }
///   …
/// }
/// ```
public protocol CopyableModule: Module {
  /// A module of the structure of `other`; parts of it may be copied with ``Module/copy(file:line:)``.
  init(copying other: Self)
}

/// A module of the library with something in it that changes; others are shared by a copy.
///
/// The conformance stands in the file of its type: what only a cast finds is left out where a program is linked from an
/// archive and nothing else of the file is used.
protocol SelfCopying: Module {
  /// Another of the same structure, with parts copied in the running ``CopyScope``.
  func duplicate() -> any Module
}

extension Module {
  /// Another module of the same structure and values: parameters and their frozen flags, buffers, modes and the states of
  /// generators are copied, gradients are not. What is in two places of this one is in both places of the copy.
  ///
  /// Memory is shared until one of the two changes. Layers and containers of the library copy themselves, a module of
  /// your own adopts ``CopyableModule``; stops for one that does not: give ``copy(into:file:line:)`` one to copy into.
  public func copy(file: StaticString = #fileID, line: UInt = #line) -> Self {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    if CopyScope.current != nil { return CopyScope.copied(self) }
    return CopyScope.$current.withValue(CopyScope()) {
      let copy = CopyScope.copied(self)
      transfer(to: copy, "copy", parametrizing: true)
      return copy
    }
  }

  /// Copies parameters, frozen flags, buffers, modes and the states of generators into `other`, and returns it.
  ///
  /// Stops where `other` has another structure, with the first path that differs.
  @discardableResult
  public func copy(into other: Self, file: StaticString = #fileID, line: UInt = #line) -> Self {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    transfer(to: other, "copy")
    return other
  }

  private func transfer(to copy: any Module, _ name: String, parametrizing: Bool = false) {
    let source = ModuleTree(self)
    if parametrizing && !source.computed.isEmpty {
      // What is made anew has plain parameters.
      let places = Dictionary(
        ModuleTree(copy).parameters.map { ($0.name, $0.parameter) }, uniquingKeysWith: { a, _ in a })
      for (name, parameter) in source.computed { if let to = places[name] { parameter.copyParametrizations(to: to) } }
    }
    let target = ModuleTree(copy)
    pairParameters(source, target, name) { from, to in
      to.body = from.body
      to.isFrozen = from.isFrozen
    }
    for (from, to) in pairBuffers(source, target, name) { to.body = from.body }
    for (from, to) in zip(source.modules, target.modules) {
      if let from = from.module as? any ModeDependent, let to = to.module as? any ModeDependent {
        to.isTraining = from.isTraining
      }
    }
    for (from, to) in zip(source.generators, target.generators) where from !== to { to.state = from.state }
  }
}

/// What was copied so far in one copy of a model, so that what is shared stays shared.
final class CopyScope: @unchecked Sendable {
  @TaskLocal static var current: CopyScope?

  // Used by the task that copies, alone.
  private var copies: [ObjectIdentifier: AnyObject] = [:]

  /// The copy of a module in the running scope.
  static func copied<M: Module>(_ module: M) -> M { current?.copy(module) as? M ?? module }

  /// The copy of a layer in the running scope.
  static func copied<Scalar>(_ layer: any Layer<Scalar>) -> any Layer<Scalar> {
    current?.copy(layer) as? any Layer<Scalar> ?? layer
  }

  /// The copy of a parametrization in the running scope.
  static func copied<Scalar>(_ step: any Parametrization<Scalar>) -> any Parametrization<Scalar> {
    current?.copy(step) as? any Parametrization<Scalar> ?? step
  }

  /// The copy of a generator in the running scope.
  static func copied(_ generator: RandomGenerator?) -> RandomGenerator? {
    guard let generator, let scope = current else { return generator }
    if let copy = scope.copies[ObjectIdentifier(generator)] as? RandomGenerator { return copy }
    let copy = RandomGenerator(state: generator.state)
    scope.copies[ObjectIdentifier(generator)] = copy
    return copy
  }

  private func copy(_ module: any Module) -> any Module {
    if let copy = copies[ObjectIdentifier(module)] as? any Module { return copy }
    let copy = Random.with(RandomGenerator(seed: 0)) { make(module) }
    copies[ObjectIdentifier(module)] = copy
    return copy
  }

  private func make(_ module: any Module) -> any Module {
    if let module = module as? any SelfCopying { return module.duplicate() }
    if let module = module as? any CopyableModule { return again(module) }
    // A layer of the library without anything that changes.
    if String(reflecting: type(of: module)).hasPrefix("TernNN.") { return module }
    fail(
      "copy",
      "\(type(of: module)) does not say how it is copied: let it adopt CopyableModule, init(copying:), or give one to copy "
        + "into, model.copy(into: \(type(of: module))(…))")
  }

  private func again<M: CopyableModule>(_ module: M) -> M { M(copying: module) }
}

/// Calls `body` with the parameters of two modules of one structure; stops at the first path that differs.
func pairParameters(
  _ source: ModuleTree, _ target: ModuleTree, _ operation: String, _ body: (any AnyParameter, any AnyParameter) -> Void
) {
  let pairs = zip(source.parameters, target.parameters)
  let areSame = pairs.allSatisfy { from, to in
    from.name == to.name && from.parameter.shape == to.parameter.shape && from.parameter.dtype == to.parameter.dtype
  }
  if !areSame || source.parameters.count != target.parameters.count {
    checkSame(
      source.parameters.map { ($0.name, $0.parameter.shape, $0.parameter.dtype) },
      target.parameters.map { ($0.name, $0.parameter.shape, $0.parameter.dtype) }, operation)
  }
  for (from, to) in pairs {
    check(
      from.parameter !== to.parameter, operation, "\(from.name) is one parameter in both modules, not one in each")
  }
  for (from, to) in pairs { body(from.parameter, to.parameter) }
}

/// The buffers of two modules of one structure; stops at the first path that differs.
func pairBuffers(_ source: ModuleTree, _ target: ModuleTree, _ operation: String) -> [(any AnyBuffer, any AnyBuffer)] {
  checkSame(
    source.buffers.map { ($0.name, $0.buffer.shape, $0.buffer.dtype) },
    target.buffers.map { ($0.name, $0.buffer.shape, $0.buffer.dtype) }, operation)
  return zip(source.buffers, target.buffers).map { ($0.buffer, $1.buffer) }
}

private func checkSame(
  _ source: [(name: String, shape: [Int], dtype: DType)], _ target: [(name: String, shape: [Int], dtype: DType)],
  _ operation: String
) {
  let known = Dictionary(target.map { ($0.name, $0) }, uniquingKeysWith: { a, _ in a })
  for entry in source {
    guard let other = known[entry.name] else { fail(operation, "the other module has no \(entry.name)") }
    check(
      entry.shape == other.shape && entry.dtype == other.dtype, operation,
      "\(entry.name) is \(entry.shape) of \(entry.dtype) here, \(other.shape) of \(other.dtype) in the other module")
  }
  let own = Set(source.map(\.name))
  if let extra = target.first(where: { !own.contains($0.name) }) {
    fail(operation, "the other module has \(extra.name), which this one lacks")
  }
  check(source.map(\.name) == target.map(\.name), operation, "the modules have their values in another order")
}
