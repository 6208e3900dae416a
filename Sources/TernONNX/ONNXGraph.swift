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
}

/// A module that says how it is exported: what a layer with a `forward` of its own writes to go into an ONNX file.
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

/// An ONNX graph that is being made, layer by layer.
///
/// A layer is a function from value to value that adds nodes: the library's own stand in `Layers/`, others conform to
/// ``ONNXExportable``. What cannot be exported is noted and passed over, so that one error lists all of it. A `forward` of
/// the user's own can be added as a third source of nodes without changing this: the operations between the layer calls
/// are recorded in the graph of gradients by their names; those without attributes (sums, products, activations) say all
/// that a node needs, those with attributes need a place for them in the recorded node.
public final class ONNXGraph {
  /// The extent that stands for any batch while shapes are computed.
  static let batch = 2

  var nodes: [Onnx_NodeProto] = []
  var initializers: [Onnx_TensorProto] = []
  private(set) var problems: [String] = []
  private var known: Set<String> = []
  private var initialized: Set<String> = []
  private var folded: Set<String> = []
  private let paths: [ObjectIdentifier: String]
  private let stateNames: [ObjectIdentifier: String]
  private var counts: [String: Int] = [:]

  init(_ module: any Module) {
    paths = Dictionary(
      module.namedModules.map { (ObjectIdentifier($0.module), $0.name) }, uniquingKeysWith: { first, _ in first })
    var names: [ObjectIdentifier: String] = [:]
    for (name, parameter) in module.namedParameters { names[ObjectIdentifier(parameter)] = name }
    for (name, buffer) in module.namedBuffers { names[ObjectIdentifier(buffer)] = name }
    stateNames = names
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
      }
      return attribute
    }
    nodes.append(node)
  }

  /// Notes what cannot be exported; the result stands for the module's.
  func refuse(_ module: any Module, _ why: String, _ input: ONNXValue, shape: [Int]? = nil) -> ONNXValue {
    let path = paths[ObjectIdentifier(module)] ?? ""
    problems.append("\(path.isEmpty ? "the model" : path) (\(type(of: module))): \(why)")
    return ONNXValue(name: input.name, shape: shape ?? input.shape)
  }

  /// The path of a module with a point behind it; empty for the model itself.
  func path(of module: any Module) -> String {
    let path = paths[ObjectIdentifier(module)] ?? ""
    return path.isEmpty ? "" : path + "."
  }

  // MARK: Constants

  /// A parameter or buffer in single precision, under its name in the state.
  func state<Scalar>(_ parameter: Parameter<Scalar>) -> ONNXValue {
    let name = stateNames[ObjectIdentifier(parameter)] ?? fresh("parameter")
    // Folded, the parameter of that name has other values.
    return constant(parameter.value, name: folded.contains(name) ? fresh(name) : name)
  }

  /// Values that a normalization was folded into, under the parameter's name where that is free.
  func foldedState<Scalar: TensorScalar>(_ tensor: Tensor<Scalar>, name: String) -> ONNXValue {
    let name = initialized.contains(name) ? fresh(name) : name
    folded.insert(name)
    return constant(tensor, name: name)
  }

  func state<Scalar>(_ buffer: Buffer<Scalar>) -> ONNXValue {
    constant(buffer.value, name: stateNames[ObjectIdentifier(buffer)] ?? fresh("buffer"))
  }

  /// The name of a parameter in the state.
  func name<Scalar>(of parameter: Parameter<Scalar>) -> String? { stateNames[ObjectIdentifier(parameter)] }

  /// A tensor in single precision under a name; one that is there already is not repeated.
  func constant<Scalar: TensorScalar>(_ tensor: Tensor<Scalar>, name: String) -> ONNXValue {
    let values = withoutGradients { tensor.cast(to: Float.self) }
    if initialized.insert(name).inserted {
      known.insert(name)
      initializers.append(proto(name, .float, values.shape, StoredArray(values).bytes))
    }
    return ONNXValue(name: name, shape: values.shape)
  }

  /// A number.
  func constant(_ value: Double) -> ONNXValue { constant(Tensor(Float(value)), name: fresh("constant")) }

  /// An operation with one number for each channel, along the second axis.
  func perChannel(_ operation: String, _ x: ONNXValue, _ values: [Double], name: String) -> ONNXValue {
    let shape = [values.count] + Array(repeating: 1, count: x.shape.count - 2)
    return node(operation, [x, constant(Tensor(values, shape: shape), name: name)], shape: x.shape)
  }

  /// Whole numbers, as shapes and scales' counterparts are.
  func integers(_ values: [Int]) -> ONNXValue {
    let name = fresh("integers")
    initializers.append(proto(name, .int64, [values.count], StoredArray(values, shape: [values.count]).bytes))
    return ONNXValue(name: name, shape: [values.count])
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

  /// A name that no other value has.
  func fresh(_ stem: String) -> String {
    while true {
      counts[stem, default: 0] += 1
      let name = "\(stem)_\(counts[stem]!)"
      if known.insert(name).inserted { return name }
    }
  }

  /// The value with other extents of the same count, the batch kept.
  func reshaped(_ x: ONNXValue, to shape: [Int]) -> ONNXValue {
    let sizes = integers([0] + shape.dropFirst())
    return node("Reshape", [x, sizes], shape: shape)
  }
}
