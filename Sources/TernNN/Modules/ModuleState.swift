import TernBackend
import TernTensor

/// One entry of a module's state: a parameter or a buffer under its name.
public struct StateEntry: Sendable {
  /// The path of properties, as PyTorch's keys: `features.0.weight`.
  public let name: String
  package let body: TensorBody

  package init(name: String, body: TensorBody) {
    self.name = name
    self.body = body
  }

  /// An entry of a state to load.
  ///
  /// - Parameters:
  ///   - name: The name.
  ///   - tensor: The values.
  public init<Scalar: TensorScalar>(name: String, _ tensor: Tensor<Scalar>) {
    self.init(name: name, body: tensor.detached().body)
  }

  /// The shape of the values.
  public var shape: [Int] { body.layout.shape }
  /// The element type.
  public var dtype: DType { body.dtype }

  /// The values, when they are of this type.
  public func tensor<Scalar: TensorScalar>(_: Scalar.Type = Scalar.self) -> Tensor<Scalar>? {
    body.dtype == Scalar.dtype ? Tensor(body: body) : nil
  }

  /// The values converted to this type.
  package func converted<Scalar: TensorScalar>(to _: Scalar.Type) -> Tensor<Scalar> {
    switch body.dtype {
    case .float32: Tensor<Float>(body: body).cast(to: Scalar.self)
    case .float64: Tensor<Double>(body: body).cast(to: Scalar.self)
    case .int32: Tensor<Int32>(body: body).cast(to: Scalar.self)
    case .int64: Tensor<Int>(body: body).cast(to: Scalar.self)
    case .uint8: Tensor<UInt8>(body: body).cast(to: Scalar.self)
    case .bool: Tensor<Bool>(body: body).cast(to: Scalar.self)
    case .bfloat16: Tensor<BFloat16>(body: body).cast(to: Scalar.self)
    }
  }
}

/// How a state does not fit a module: what is thrown by a strict load, and returned by another.
public struct StateMismatch: Error, Sendable, CustomStringConvertible {
  /// Names the module has and the state lacks.
  public var missing: [String]
  /// Names the state has and the module lacks.
  public var unexpected: [String]
  /// Entries of another shape or kind, with both.
  public var mismatched: [String]

  /// Names of one parameter of the module under which the state has different values.
  public var differing: [String] = []

  /// Numbers that cannot be, and settings that are not those of the state: what came, what was expected.
  public var refused: [String] = []

  /// A mismatch in these.
  package init(
    missing: [String] = [], unexpected: [String] = [], mismatched: [String] = [], refused: [String] = []
  ) {
    self.refused = refused
    self.missing = missing
    self.unexpected = unexpected
    self.mismatched = mismatched
  }

  /// Whether the state fits.
  public var isEmpty: Bool {
    missing.isEmpty && unexpected.isEmpty && mismatched.isEmpty && differing.isEmpty && refused.isEmpty
  }

  /// All of it in one line.
  public var description: String {
    if isEmpty { return "everything was loaded" }
    var parts: [String] = []
    if !missing.isEmpty { parts.append("missing: " + printable(missing)) }
    if !unexpected.isEmpty { parts.append("unexpected: " + printable(unexpected)) }
    if !mismatched.isEmpty { parts.append("other shapes: " + printable(mismatched)) }
    if !differing.isEmpty { parts.append("tied, with different values: " + printable(differing)) }
    if !refused.isEmpty { parts.append("refused: " + printable(refused)) }
    return "the state does not fit the module; " + parts.joined(separator: "; ")
  }
}

extension Module {
  /// The parameters and buffers with their names: all that saving a module takes.
  ///
  /// In the order of PyTorch's `state_dict`: a module's parameters, its buffers, then the modules below it.
  public var state: [StateEntry] { entries(of: ModuleTree(self), tiedNames: [:]) }

  /// The ``state`` with every value of several places, as tied weights are, under all its names, as PyTorch writes them.
  public var stateWithTiedNames: [StateEntry] {
    let tree = ModuleTree(self)
    return entries(of: tree, tiedNames: tree.tiedNames)
  }

  private func entries(of tree: ModuleTree, tiedNames: [String: [String]]) -> [StateEntry] {
    var entries = Array(repeating: [StateEntry](), count: tree.modules.count)
    func add(_ name: String, _ body: TensorBody, _ owner: Int) {
      entries[owner] += ([name] + tiedNames[name, default: []]).map { StateEntry(name: $0, body: body) }
    }
    for ((name, parameter), owner) in zip(tree.parameters, tree.parameterOwners) { add(name, parameter.body, owner) }
    for ((name, buffer), owner) in zip(tree.buffers, tree.bufferOwners) { add(name, buffer.body, owner) }
    return entries.flatMap { $0 }
  }

  /// Restores a state, converted to this module's scalar types.
  ///
  /// A value that is in several places of the module is read under any of its names; where the state has more than one of
  /// them, their values have to be equal. Everything is checked first: on an error nothing has changed.
  ///
  /// - Parameters:
  ///   - strict: whether missing and unexpected names are errors, else they are passed over and returned; shapes always are.
  ///   - renaming: the module's name for a name of the state; `nil` leaves the entry out.
  /// - Returns: what was missing and unexpected; empty after a strict load.
  /// - Throws: ``StateMismatch`` with all that is missing, unexpected or of another shape.
  @discardableResult
  public func load(
    _ state: [StateEntry], strict: Bool = true, renaming: ((String) -> String?)? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) throws(StateMismatch) -> StateMismatch {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let tree = ModuleTree(self)
    let tiedNames = tree.tiedNames
    var state = state
    if let renaming {
      state = state.compactMap { entry in renaming(entry.name).map { StateEntry(name: $0, body: entry.body) } }
    }
    var mismatch = StateMismatch()
    let entries = Dictionary(state.map { ($0.name, $0) }, uniquingKeysWith: { _, last in last })
    let own = tree.parameters.map(\.name) + tree.buffers.map(\.name)
    let known = Set(own + own.flatMap { tiedNames[$0, default: []] })
    mismatch.unexpected = state.map(\.name).filter { !known.contains($0) }
    /// The body to restore; `nil` where there is none that fits.
    func found(_ name: String, _ shape: [Int], _ dtype: DType) -> TensorBody? {
      let candidates = ([name] + tiedNames[name, default: []]).compactMap { entries[$0] }
      guard let first = candidates.first else {
        mismatch.missing.append(name)
        return nil
      }
      for entry in candidates {
        if entry.shape != shape {
          mismatch.mismatched.append("\(printable(entry.name, limit: 100)) \(entry.shape) for \(shape)")
          return nil
        } else if isFloating(entry.dtype) != isFloating(dtype) {
          mismatch.mismatched.append("\(printable(entry.name, limit: 100)) of \(entry.dtype) for \(dtype)")
          return nil
        } else if !first.equals(entry) {
          mismatch.differing.append("\(printable(first.name, limit: 100)) and \(printable(entry.name, limit: 100))")
          return nil
        }
      }
      return first.body(as: dtype)
    }
    let parameters = tree.parameters.map { found($0.name, $0.parameter.shape, $0.parameter.dtype) }
    let buffers = tree.buffers.map { found($0.name, $0.buffer.shape, $0.buffer.dtype) }
    if strict && !mismatch.isEmpty || !mismatch.mismatched.isEmpty || !mismatch.differing.isEmpty { throw mismatch }
    for (entry, body) in zip(tree.parameters, parameters) {
      if let body { entry.parameter.body = body }
    }
    for (entry, body) in zip(tree.buffers, buffers) {
      if let body { entry.buffer.body = body }
    }
    return mismatch
  }
}

private func isFloating(_ dtype: DType) -> Bool { dtype == .float32 || dtype == .float64 || dtype == .bfloat16 }

extension StateEntry {
  /// Whether another entry has the same values; NaN is equal to itself here.
  fileprivate func equals(_ other: StateEntry) -> Bool {
    guard dtype == other.dtype else {
      return zip(converted(to: Double.self).scalars, other.converted(to: Double.self).scalars).allSatisfy(Self.same)
    }
    switch dtype {
    case .float32, .bfloat16:
      return zip(converted(to: Float.self).scalars, other.converted(to: Float.self).scalars).allSatisfy(Self.same)
    case .float64:
      return zip(converted(to: Double.self).scalars, other.converted(to: Double.self).scalars).allSatisfy(Self.same)
    default: return converted(to: Int.self).scalars == other.converted(to: Int.self).scalars
    }
  }

  private static func same<Scalar: FloatingPoint>(_ a: Scalar, _ b: Scalar) -> Bool { a == b || (a.isNaN && b.isNaN) }

  fileprivate func body(as dtype: DType) -> TensorBody {
    switch dtype {
    case .float32: converted(to: Float.self).body
    case .float64: converted(to: Double.self).body
    case .int32: converted(to: Int32.self).body
    case .int64: converted(to: Int.self).body
    case .uint8: converted(to: UInt8.self).body
    case .bool: converted(to: Bool.self).body
    case .bfloat16: converted(to: BFloat16.self).body
    }
  }
}
