import Foundation
import TernBackend
import TernData
import TernMessages
import TernNN
import TernTensor

/// A value of an ONNX graph that is being made: its name, and the shape it has for a batch of two.
public struct ONNXValue: Sendable {
  /// Its name in the graph.
  public let name: String
  /// Its extents; the first is the batch's.
  public let shape: [Int]
}

/// An attribute of a node.
public enum ONNXAttribute: Sendable {
  case int(Int)
  case ints([Int])
  case float(Double)
  case string(String)
  case strings([String])
}

/// A module that says how it is exported: its operations are not traced.
///
/// ```swift
/// extension Block: ONNXExportable {
///   func export(_ x: ONNXValue, into graph: ONNXGraph) -> ONNXValue {
///     let y = graph.layer(second, graph.node("Relu", [graph.layer(first, x)], shape: x.shape))
///     return graph.node("Add", [y, x], shape: x.shape)
///   }
/// }
/// ```
public protocol ONNXExportable: Module {
  /// Adds what the module does in evaluation to a graph.
  func export(_ input: ONNXValue, into graph: ONNXGraph) -> ONNXValue
}

/// An ONNX graph that is being made.
///
/// A forward pass runs in evaluation for several batches while its operations are written down; each becomes nodes. What
/// cannot be exported is noted and passed over, so that one error lists all of it.
public final class ONNXGraph {
  var nodes: [Onnx_NodeProto] = []
  var initializers: [Onnx_TensorProto] = []
  private(set) var problems: [String] = []
  private var known: Set<String> = []
  private var initialized: Set<String> = []
  private var counts: [String: Int] = [:]
  private var listNames: [[Int]: String] = [:]
  /// The numbers that are there, by type and bits.
  var numbers: [String: String] = [:]
  var sizeNames: [Extent: String] = [:]
  var batchName: String?
  /// The input whose first extent is the batch.
  let batchSource: String
  let paths: [ObjectIdentifier: String]
  /// The names of parameters and buffers, and their values, by the memory that they had when the export began.
  let states: ModuleStates

  init(_ module: any Module, batchSource: String, reserved: [String]) {
    paths = Dictionary(
      module.namedModules.map { (ObjectIdentifier($0.module), $0.name) }, uniquingKeysWith: { first, _ in first })
    states = ModuleStates(module)
    self.batchSource = batchSource
    known = Set(reserved + states.names)
  }

  /// Adds a node of one result; `shape` is the result's for the batch of the inputs' shapes.
  public func node(
    _ operation: String, _ inputs: [ONNXValue], shape: [Int], _ attributes: [String: ONNXAttribute] = [:]
  ) -> ONNXValue {
    let result = ONNXValue(name: fresh(operation.lowercased()), shape: shape)
    add(operation, inputs.map(\.name), [result.name], attributes)
    return result
  }

  /// Adds a node.
  func add(
    _ operation: String, _ inputs: [String], _ outputs: [String], _ attributes: [String: ONNXAttribute] = [:]
  ) {
    var node = Onnx_NodeProto()
    node.opType = operation
    node.name = fresh("node_" + operation)
    node.input = inputs
    node.output = outputs
    node.attribute = attributes.sorted { $0.key < $1.key }.map { name, value in
      var attribute = Onnx_AttributeProto()
      attribute.name = name
      switch value {
      case .int(let value):
        attribute.type = .int
        attribute.i = Int64(value)
      case .ints(let values):
        attribute.type = .ints
        attribute.ints = values.map { Int64($0) }
      case .float(let value):
        attribute.type = .float
        attribute.f = Float(value)
      case .string(let value):
        attribute.type = .string
        attribute.s = Data(value.utf8)
      case .strings(let values):
        attribute.type = .strings
        attribute.strings = values.map { Data($0.utf8) }
      }
      return attribute
    }
    nodes.append(node)
  }

  /// Notes what cannot be exported.
  func note(_ problem: String) { if !problems.contains(problem) { problems.append(problem) } }

  // MARK: Constants

  /// A parameter or buffer in single precision, under its name in the state.
  func stateValue(_ id: ObjectIdentifier) -> TracedValue {
    let (name, body) = states[id]
    return TracedValue(name: constant(body, name: name), type: body.dtype, shape: body.layout.shape.map { Extent($0) })
  }

  /// A tensor under a new name.
  func constant<Scalar: TensorScalar>(_ tensor: Tensor<Scalar>, prefix: String) -> String {
    let name = fresh(prefix)
    constant(tensor, as: name)
    return name
  }

  /// A tensor under a name; one that is there already is not repeated. Floating-point numbers are of single precision.
  func constant<Scalar: TensorScalar>(_ tensor: Tensor<Scalar>, as name: String) {
    guard initialized.insert(name).inserted else { return }
    known.insert(name)
    let type = Self.type(Scalar.dtype)
    let values = tensor.detached()
    let bytes =
      type == .float
      ? StoredArray(withoutGradients { values.cast(to: Float.self) }).bytes : StoredArray(values).bytes
    initializers.append(proto(name, type, tensor.shape, bytes))
  }

  /// Whole numbers, as shapes and axes are.
  func integers(_ values: [Int]) -> ONNXValue {
    if let name = listNames[values] { return ONNXValue(name: name, shape: [values.count]) }
    let name = fresh("integers")
    listNames[values] = name
    initializers.append(proto(name, .int64, [values.count], StoredArray(values, shape: [values.count]).bytes))
    return ONNXValue(name: name, shape: [values.count])
  }

  /// The rows of an initializer in another order as one of its own; `nil` for what is none.
  func permutedState(_ name: String, _ rows: [Int]) -> String? {
    guard let source = initializers.first(where: { $0.name == name }), source.dataType == 1,
      source.dims.first == Int64(rows.count)
    else { return nil }
    let width = source.rawData.count / max(1, rows.count)
    let result = name + "_reordered"
    guard initialized.insert(result).inserted else { return result }
    known.insert(result)
    var tensor = source
    tensor.name = result
    tensor.rawData = Data(rows.flatMap { source.rawData[$0 * width..<($0 + 1) * width] })
    initializers.append(tensor)
    return result
  }

  private func proto(
    _ name: String, _ type: Onnx_TensorProto.DataType, _ shape: [Int], _ bytes: ArraySlice<UInt8>
  ) -> Onnx_TensorProto {
    var tensor = Onnx_TensorProto()
    tensor.name = name
    tensor.dataType = Int32(type.rawValue)
    tensor.dims = shape.map { Int64($0) }
    tensor.rawData = Data(bytes)
    return tensor
  }

  /// Takes a name; false where another value has it.
  func claim(_ name: String) -> Bool { known.insert(name).inserted }

  /// A name that no other value has.
  func fresh(_ stem: String) -> String {
    while true {
      counts[stem, default: 0] += 1
      let name = "\(stem)_\(counts[stem]!)"
      if known.insert(name).inserted { return name }
    }
  }
}

/// The parameters and buffers of a module by their memory.
struct ModuleStates {
  private var entries: [ObjectIdentifier: (name: String, body: TensorBody)] = [:]

  init(_ module: any Module) {
    var parts: [(name: String, body: TensorBody)] = []
    func add<Scalar>(_ name: String, _ parameter: Parameter<Scalar>) {
      parts.append((name, withoutGradients { parameter.value }.body))
    }
    func add<Scalar>(_ name: String, _ buffer: Buffer<Scalar>) { parts.append((name, buffer.value.body)) }
    for (name, parameter) in module.namedParameters {
      if let parameter = parameter as? Parameter<Float> { add(name, parameter) }
      if let parameter = parameter as? Parameter<Double> { add(name, parameter) }
    }
    for (name, buffer) in module.namedBuffers {
      if let buffer = buffer as? Buffer<Float> { add(name, buffer) }
      if let buffer = buffer as? Buffer<Double> { add(name, buffer) }
      if let buffer = buffer as? Buffer<Int> { add(name, buffer) }
      if let buffer = buffer as? Buffer<Int32> { add(name, buffer) }
      if let buffer = buffer as? Buffer<Bool> { add(name, buffer) }
      if let buffer = buffer as? Buffer<UInt8> { add(name, buffer) }
    }
    for part in parts where entries[ObjectIdentifier(part.body.memory)] == nil {
      entries[ObjectIdentifier(part.body.memory)] = part
    }
  }

  var names: [String] { entries.values.map { $0.name } }

  /// For the memory of each state itself.
  var identities: [ObjectIdentifier: ObjectIdentifier] {
    Dictionary(uniqueKeysWithValues: entries.keys.map { ($0, $0) })
  }

  subscript(_ id: ObjectIdentifier) -> (name: String, body: TensorBody) { entries[id]! }
}
