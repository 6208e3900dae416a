import TernBackend
import TernTensor

/// What an operation of a family is given: its inputs, those to be differentiated as variables, and its attributes.
package struct Arguments<Scalar: FloatingScalar>: Sendable {
  /// The operation's name in the cases.
  package let operation: String
  package let attributes: Attributes
  package let inputs: [AnyTensor?]

  package init(operation: String, attributes: Attributes, inputs: [AnyTensor?]) {
    (self.operation, self.attributes, self.inputs) = (operation, attributes, inputs)
  }

  /// The same with another name, other attributes or other inputs.
  package func with(
    operation: String? = nil, attributes: Attributes? = nil, inputs: [AnyTensor?]? = nil
  ) -> Arguments {
    Arguments(
      operation: operation ?? self.operation, attributes: attributes ?? self.attributes, inputs: inputs ?? self.inputs)
  }

  /// The same with floating-point numbers in place of the first input and of those of its type; `nil` where it has such.
  package var promoted: Arguments? {
    guard let first = inputs.first ?? nil, first.dtype != Scalar.dtype else { return nil }
    let inputs = inputs.map { input -> AnyTensor? in
      guard let input, input.dtype == first.dtype else { return input }
      switch input {
      case .int(let tensor): return AnyTensor(tensor.cast(to: Scalar.self))
      case .int32(let tensor): return AnyTensor(tensor.cast(to: Scalar.self))
      case .uint8(let tensor): return AnyTensor(tensor.cast(to: Scalar.self))
      case .bool(let tensor): return AnyTensor(tensor.cast(to: Scalar.self))
      case .float, .double: return input
      }
    }
    return with(inputs: inputs)
  }

  package var count: Int { inputs.count }

  /// Whether there is an input at this place.
  package func has(_ index: Int) -> Bool { index < inputs.count && inputs[index] != nil }

  /// An input of any type, for operations on several.
  package func any(_ index: Int) throws -> AnyTensor {
    guard index < inputs.count, let input = inputs[index] else {
      throw ConformanceError("input \(index) is not there")
    }
    return input
  }

  /// An input of the given type.
  package func typed<Other: TensorScalar>(_ index: Int, _: Other.Type = Other.self) throws -> Tensor<Other> {
    let input = try any(index)
    guard let tensor = input.typed(Other.self) else {
      throw ConformanceError("input \(index) is of \(input.dtype), not \(Other.dtype)")
    }
    return tensor
  }

  /// An input of the case's floating-point type.
  package func tensor(_ index: Int) throws -> Tensor<Scalar> { try typed(index) }

  /// An input that may be absent.
  package func optionalTensor(_ index: Int) throws -> Tensor<Scalar>? { has(index) ? try typed(index) : nil }

  /// All inputs from one on.
  package func tensors(from first: Int = 0) throws -> [Tensor<Scalar>] {
    try inputs.indices.dropFirst(first).map { try tensor($0) }
  }

  /// An input of indices, whole numbers of any type in the files.
  package func index(_ index: Int) throws -> Tensor<Int> {
    switch try any(index) {
    case .int32(let tensor): tensor.cast(to: Int.self)
    case .uint8(let tensor): tensor.cast(to: Int.self)
    default: try typed(index)
    }
  }

  /// An input of truth values.
  package func mask(_ index: Int) throws -> Tensor<Bool> { try typed(index) }

  /// An attribute as a number of the case's type.
  package func scalar(_ name: String) throws -> Scalar? { try attributes.number(name).map { Scalar($0) } }

  package func scalar(_ name: String, default missing: Scalar) throws -> Scalar { try scalar(name) ?? missing }

  /// Thrown where a family meets an operation it does not have.
  package var unknownOperation: UnknownOperation { UnknownOperation(name: operation) }
}

/// An operation that a family does not have.
package struct UnknownOperation: Error, CustomStringConvertible {
  package let name: String
  package var description: String { "no operation \"\(printable(name, limit: 100))\"" }
}

/// The operations of one family of cases, under the names the cases use.
package protocol ConformanceFamily: SendableMetatype {
  /// The family's name: that of its files.
  static var name: String { get }

  /// Runs `arguments.operation`; throws `arguments.unknownOperation` for one the family does not have.
  static func run<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor]

  /// Whether a case asks for what Tern's types rule out; it is counted apart.
  static func rulesOut(_ name: String) -> Bool
}

extension ConformanceFamily {
  package static func rulesOut(_ name: String) -> Bool { false }
}
