import TernBackend
import TernTensor

/// A part of a network: parameters, buffers and other modules in stored properties, found by name without registration.
///
/// Found are properties of the class and its superclasses, in the order of declaration, also inside arrays, optionals,
/// dictionaries (by sorted key), tuples and structs, lazy and wrapped ones. A module met twice counts once. Only a
/// ``Parameter`` trains and only a ``Buffer`` is saved besides; a plain tensor is a constant.
///
/// The name of what is found is the path of properties, camelCase turned to snake_case: `features.0.weight`.
public protocol Module: ParameterSource, AnyObject, CustomStringConvertible {
  /// Names under which properties are saved, where they differ from the property's: `["attention": "self_attn"]`.
  ///
  /// An empty name leaves the property out of the path.
  var savedNames: [String: String] { get }
}

extension Module {
  /// No exceptions.
  public var savedNames: [String: String] { [:] }
}

/// A module that behaves in one way while it trains and in another when it is used.
public protocol ModeDependent: Module {
  /// Whether it trains; true at first.
  var isTraining: Bool { get set }
}

/// The two ways a module can behave.
public enum ModuleMode: Sendable {
  /// While it is trained.
  case training
  /// When it is used.
  case evaluation
}

extension Module {
  /// The module and those below it, with their paths, each once; its own path is empty.
  public var namedModules: [(name: String, module: any Module)] { ModuleTree(self).modules }

  /// The parameters with their names, in the order of declaration, each once.
  public var namedParameters: [(name: String, parameter: any AnyParameter)] { ModuleTree(self).parameters }

  /// The buffers with their names, in the order of declaration, each once.
  public var namedBuffers: [(name: String, buffer: any AnyBuffer)] { ModuleTree(self).buffers }

  /// The number of values in parameters, frozen ones included.
  public var parameterCount: Int { parameters.reduce(0) { $0 + $1.count } }

  /// Switches this module and those below to training. It is how they start.
  public func train() { setMode(.training) }

  /// Switches this module and those below to evaluation: running statistics, no dropout.
  public func eval() { setMode(.evaluation) }

  private func setMode(_ mode: ModuleMode) {
    for case let (_, module as any ModeDependent) in namedModules { module.isTraining = mode == .training }
  }

  /// Calls `body` with this module and those below in `mode`; each is put back to what it was.
  public func with<Result>(
    _ mode: ModuleMode, _ body: () throws -> Result, file: StaticString = #fileID, line: UInt = #line
  )
    rethrows -> Result
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let before = namedModules.compactMap { entry in
      (entry.module as? any ModeDependent).map { (module: $0, isTraining: $0.isTraining) }
    }
    defer { for entry in before { entry.module.isTraining = entry.isTraining } }
    for entry in before { entry.module.isTraining = mode == .training }
    return try body()
  }

  /// Forgets the gradients of all parameters.
  public func zeroGradients() {
    for parameter in parameters { parameter.zeroGradient() }
  }

  /// Keeps the parameters as they are: not recorded, not changed by optimizers.
  public func freeze(file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    for parameter in parameters { parameter.isFrozen = true }
  }

  /// Lets the parameters be trained again.
  public func unfreeze(file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    for parameter in parameters { parameter.isFrozen = false }
  }
}

/// A module from one tensor to another, called as a function: `model(x)`.
///
/// A layer writes ``forward(_:)``; the call around it is the library's, which knows from it what runs: messages name
/// the layer's path, and monitors see what goes in and comes out.
public protocol Layer<Scalar>: Module {
  /// Float or Double.
  associatedtype Scalar: FloatingScalar

  /// The result for an input. Call the layer itself rather than this.
  func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar>
}

extension Layer {
  /// The result for an input.
  public func callAsFunction(
    _ input: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    running(input, file, line) { (forward(input), ()) }.output
  }

  /// A call of the layer with more than one input or result: messages name it and the caller's line, and monitors see
  /// its first input and its output.
  func running<Other>(
    _ input: Tensor<Scalar>, _ file: StaticString = #fileID, _ line: UInt = #line,
    _ body: () -> (output: Tensor<Scalar>, other: Other)
  ) -> (output: Tensor<Scalar>, other: Other) {
    _ = LayerCallContext.install
    RunningScope.enter(self, file, line)
    defer { RunningScope.leave() }
    let replay = Replay.current
    replay?.note(modeOf: self)
    let isObserved = OperationObservers.isAnyoneListening
    if isObserved { OperationObservers.entered(self, input.body) }
    let found = body()
    if isObserved { OperationObservers.left(self, found.output.body) }
    if let tape = SampleTape.current { tape.note(self, input, found.output) }
    // Who watches sees a call once.
    if replay?.isRepetition == true { return found }
    if LayerObservers.isListening { LayerObservers.notify(self, input.body, found.output.body) }
    return found
  }
}
