import Tern
import TernMessages

@testable import TernONNX

/// A network of one node, for numbers that are compared with ONNX Runtime's.
struct RuntimeNode {
  var node = Onnx_NodeProto()
  var constants: [Onnx_TensorProto] = []
  var producer = ""
  var opset: Int64 = 19

  /// A node of inputs `x` and constants; an empty name leaves an input out.
  init(_ operation: String, _ inputs: [String]) {
    (node.opType, node.input, node.output) = (operation, inputs, ["y"])
  }

  private mutating func attribute(_ name: String, _ fill: (inout Onnx_AttributeProto) -> Void) {
    var attribute = Onnx_AttributeProto()
    attribute.name = name
    fill(&attribute)
    node.attribute.append(attribute)
  }
  mutating func set(_ name: String, _ value: String) {
    attribute(name) { ($0.type, $0.s) = (.string, .init(value.utf8)) }
  }
  mutating func set(_ name: String, _ value: Int) { attribute(name) { ($0.type, $0.i) = (.int, Int64(value)) } }
  mutating func set(_ name: String, _ values: [Float]) { attribute(name) { ($0.type, $0.floats) = (.floats, values) } }
  mutating func set(_ name: String, _ values: [String]) {
    attribute(name) { ($0.type, $0.strings) = (.strings, values.map { .init($0.utf8) }) }
  }

  mutating func add(_ name: String, _ values: [Float], _ shape: [Int]) {
    var tensor = Onnx_TensorProto()
    (tensor.name, tensor.dataType, tensor.dims, tensor.floatData) = (name, 1, shape.map { Int64($0) }, values)
    constants.append(tensor)
  }
  mutating func add(_ name: String, _ values: [UInt8], _ shape: [Int]) {
    var tensor = Onnx_TensorProto()
    (tensor.name, tensor.dataType, tensor.dims) = (name, 2, shape.map { Int64($0) })
    tensor.int32Data = values.map { Int32($0) }
    constants.append(tensor)
  }
  mutating func add(_ name: String, _ values: [UInt64], _ shape: [Int]) {
    var tensor = Onnx_TensorProto()
    (tensor.name, tensor.dataType, tensor.dims, tensor.uint64Data) = (name, 13, shape.map { Int64($0) }, values)
    constants.append(tensor)
  }

  func network(input: Int32 = 1, output: Int32 = 0) throws -> ONNXNetwork {
    var model = Onnx_ModelProto()
    var operators = Onnx_OperatorSetIdProto()
    operators.version = opset
    (model.opsetImport, model.producerName) = ([operators], producer)
    (model.graph.node, model.graph.initializer) = ([node], constants)
    var (x, y) = (Onnx_ValueInfoProto(), Onnx_ValueInfoProto())
    (x.name, x.type.tensorType.elemType) = ("x", input)
    (y.name, y.type.tensorType.elemType) = ("y", output)
    (model.graph.input, model.graph.output) = ([x], [y])
    return try ONNXNetwork(ONNXModel(proto: model))
  }

  func run(_ x: Tensor<Float>) throws -> Tensor<Float>? { try network().run(["x": ONNXTensor(x)])["y"]?.tensor() }
}
