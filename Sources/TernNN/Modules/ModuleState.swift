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
    }
  }
}

/// A state that does not fit a module: everything that is wrong with it.
public struct StateMismatch: Error, Sendable, CustomStringConvertible {
  /// Names the module has and the state lacks.
  public var missing: [String]
  /// Names the state has and the module lacks.
  public var unexpected: [String]
  /// Entries of another shape or kind, with both.
  public var mismatched: [String]

  /// A mismatch in these.
  package init(missing: [String] = [], unexpected: [String] = [], mismatched: [String] = []) {
    self.missing = missing
    self.unexpected = unexpected
    self.mismatched = mismatched
  }

  var isEmpty: Bool { missing.isEmpty && unexpected.isEmpty && mismatched.isEmpty }

  /// All of it in one line.
  public var description: String {
    var parts: [String] = []
    if !missing.isEmpty { parts.append("missing: " + missing.joined(separator: ", ")) }
    if !unexpected.isEmpty { parts.append("unexpected: " + unexpected.joined(separator: ", ")) }
    if !mismatched.isEmpty { parts.append("other shapes: " + mismatched.joined(separator: ", ")) }
    return "the state does not fit the module; " + parts.joined(separator: "; ")
  }
}

extension Module {
  /// The parameters and buffers with their names: all that saving a module takes.
  ///
  /// In the order of PyTorch's `state_dict`: a module's parameters, its buffers, then the modules below it.
  public var state: [StateEntry] {
    let tree = ModuleTree(self)
    var entries = Array(repeating: [StateEntry](), count: tree.modules.count)
    for ((name, parameter), owner) in zip(tree.parameters, tree.parameterOwners) {
      entries[owner].append(StateEntry(name: name, body: parameter.body))
    }
    for ((name, buffer), owner) in zip(tree.buffers, tree.bufferOwners) {
      entries[owner].append(StateEntry(name: name, body: buffer.body))
    }
    return entries.flatMap { $0 }
  }

  /// Takes over a state, converted to this module's scalar types.
  ///
  /// Everything is checked first: on an error nothing has changed.
  ///
  /// - Parameter strict: whether missing and unexpected names are errors; shapes always are.
  /// - Throws: ``StateMismatch`` with all that is missing, unexpected or of another shape.
  public func load(_ state: [StateEntry], strict: Bool = true) throws(StateMismatch) {
    let tree = ModuleTree(self)
    var mismatch = StateMismatch()
    let entries = Dictionary(state.map { ($0.name, $0) }, uniquingKeysWith: { _, last in last })
    let own = tree.parameters.map(\.name) + tree.buffers.map(\.name)
    if strict {
      mismatch.missing = own.filter { entries[$0] == nil }
      let known = Set(own)
      mismatch.unexpected = state.map(\.name).filter { !known.contains($0) }
    }
    func fits(_ name: String, _ shape: [Int], _ dtype: DType) {
      guard let entry = entries[name] else { return }
      if entry.shape != shape {
        mismatch.mismatched.append("\(name) \(entry.shape) for \(shape)")
      } else if isFloating(entry.dtype) != isFloating(dtype) {
        mismatch.mismatched.append("\(name) of \(entry.dtype) for \(dtype)")
      }
    }
    for (name, parameter) in tree.parameters { fits(name, parameter.shape, parameter.dtype) }
    for (name, buffer) in tree.buffers { fits(name, buffer.shape, buffer.dtype) }
    if !mismatch.isEmpty { throw mismatch }
    for (name, parameter) in tree.parameters {
      if let entry = entries[name] { parameter.body = entry.body(as: parameter.dtype) }
    }
    for (name, buffer) in tree.buffers {
      if let entry = entries[name] { buffer.body = entry.body(as: buffer.dtype) }
    }
  }
}

private func isFloating(_ dtype: DType) -> Bool { dtype == .float32 || dtype == .float64 }

extension StateEntry {
  fileprivate func body(as dtype: DType) -> TensorBody {
    switch dtype {
    case .float32: converted(to: Float.self).body
    case .float64: converted(to: Double.self).body
    case .int32: converted(to: Int32.self).body
    case .int64: converted(to: Int.self).body
    case .uint8: converted(to: UInt8.self).body
    case .bool: converted(to: Bool.self).body
    }
  }
}
