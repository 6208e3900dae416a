import Tern
import TernData
import TernMessages
import Testing

@testable import TernONNX

@Suite("Types of ONNX that Tern keeps in wider ones, and sequences")
struct ImportTypesTests {
  private func node(
    _ operation: String, _ inputs: [String], _ outputs: [String], _ ints: KeyValuePairs<String, Int64> = [:]
  ) -> Onnx_NodeProto {
    var node = Onnx_NodeProto()
    (node.opType, node.input, node.output) = (operation, inputs, outputs)
    node.attribute = ints.map { name, value in
      var attribute = Onnx_AttributeProto()
      (attribute.name, attribute.type, attribute.i) = (name, .int, value)
      return attribute
    }
    return node
  }

  private func constant(_ name: String, _ type: Int32, _ values: [Int32], _ dims: [Int64] = []) -> Onnx_TensorProto {
    var tensor = Onnx_TensorProto()
    (tensor.name, tensor.dataType, tensor.dims) = (name, type, dims)
    if type == 7 { tensor.int64Data = values.map { Int64($0) } } else { tensor.int32Data = values }
    return tensor
  }

  private func network(
    _ nodes: [Onnx_NodeProto], _ constants: [Onnx_TensorProto] = [], input: Int32 = 1, output: Int32 = 1
  ) throws -> ONNXNetwork {
    var model = Onnx_ModelProto()
    var operators = Onnx_OperatorSetIdProto()
    operators.version = 21
    model.opsetImport = [operators]
    (model.graph.node, model.graph.initializer) = (nodes, constants)
    func value(_ name: String, _ type: Int32) -> Onnx_ValueInfoProto {
      var value = Onnx_ValueInfoProto()
      value.name = name
      value.type.tensorType.elemType = type
      return value
    }
    (model.graph.input, model.graph.output) = ([value("x", input)], [value("y", output)])
    return try ONNXNetwork(ONNXModel(proto: model))
  }

  @Test(
    "whole numbers of 8, 16 and 32 bits wrap around",
    arguments: [
      (3, [Int32(100), -128, 7], [Int32(-56), 0, 14]), (5, [20_000, -32_768, 7], [-25_536, 0, 14]),
      (4, [40_000, 32_768, 7], [14_464, 0, 14]),
    ] as [(Int32, [Int32], [Int32])])
  func wraps(type: Int32, given: [Int32], wanted: [Int32]) throws {
    let network = try network([node("Add", ["x", "x"], ["y"])], input: type, output: type)
    let y = try #require(try network.run(["x": ONNXTensor(Tensor(given))])["y"])
    #expect(y.tensor(Int32.self)?.scalars == wanted)
    let stored = network.stored(y, as: "y")
    #expect(stored.type == [3: .int8, 5: .int16, 4: .uint16][type])
    #expect(try (stored.tensor() as Tensor<Int32>).scalars == wanted)
  }

  @Test("32 bits without sign wrap around below zero")
  func wrapsBelowZero() throws {
    let network = try network(
      [node("Sub", ["x", "three"], ["y"])],
      [constant("three", 6, [3])].map {
        var three = $0
        (three.dataType, three.int32Data, three.uint64Data) = (12, [], [3])
        return three
      }, input: 12, output: 12)
    let y = try #require(try network.run(["x": ONNXTensor(Tensor([1, 5]))])["y"])
    #expect(y.tensor(Int.self)?.scalars == [4_294_967_294, 2])
  }

  @Test("each result in half precision is rounded to it")
  func halves() throws {
    let one = constant("one", 10, [Int32(Float16(1).bitPattern)])
    let nodes = [node("Add", ["x", "one"], ["a"]), node("Add", ["a", "one"], ["y"])]
    let network = try network(nodes, [one], input: 10, output: 10)
    // 2048 and 2050 are neighbors: 2048 + 1 goes back to the even one, twice.
    let x: [Float] = [2048, 1, 65504, 0x1p-24, -0x1.8p-25, .nan]
    let y = try #require(try network.run(["x": ONNXTensor(Tensor(x))])["y"]?.tensor(Float.self)).scalars
    #expect(Array(y[..<5]) == [2048, 3, 65504, 2, 2] && y[5].isNaN)
    for value: Float in [0, -0.0, 1e-8, 0x1p-25, 0x1.8p-25, -6.1e-5, 0.1, 1 / 3, 65519, 65520, -1e9, .infinity] {
      let near = ONNXTensor(Tensor(value)).narrowed(to: 10).tensor(Float.self)!.item
      #expect(near == Float(Float16(value)) && near.sign == value.sign, "\(value) to \(near)")
    }
  }

  @Test("numbers are quantized to 8 bits with sign, and back, one scale for a block")
  func quantized() throws {
    func scales(_ name: String, _ values: [Float], _ dims: [Int64]) -> Onnx_TensorProto {
      var tensor = constant(name, 1, [], dims)
      tensor.floatData = values
      return tensor
    }
    let whole = try network(
      [node("QuantizeLinear", ["x", "s", "z"], ["y"])], [scales("s", [0.5], []), constant("z", 3, [10])], output: 3)
    let x = Tensor<Float>([-100, -0.75, 0, 0.25, 100])
    let y = try #require(try whole.run(["x": ONNXTensor(x)])["y"])
    #expect(y.tensor(Int32.self)?.scalars == [-128, 8, 10, 10, 127] && whole.stored(y, as: "y").type == .int8)
    let blocks = try network(
      [
        node("QuantizeLinear", ["x", "s", "z"], ["q"], ["axis": 0, "block_size": 2]),
        node("DequantizeLinear", ["q", "s", "z"], ["y"], ["axis": 0, "block_size": 2]),
      ], [scales("s", [0.5, 1, 2], [3]), constant("z", 3, [0, 0, 1], [3])])
    #expect(blocks(Tensor<Float>([0.6, 1, 2.4, 3, 5])) == Tensor<Float>([0.5, 1, 2, 3, 4]))
  }

  @Test("sequences are built, divided and joined")
  func sequences() throws {
    let nodes = [
      node("SplitToSequence", ["x"], ["s"], ["axis": 0]), node("SequenceErase", ["s", "minusTwo"], ["t"]),
      node("SequenceAt", ["s", "minusTwo"], ["e"]), node("SequenceInsert", ["t", "e", "minusOne"], ["u"]),
      node("Identity", ["u"], ["v"]), node("ConcatFromSequence", ["v"], ["y"], ["axis": 0]),
    ]
    let constants = [constant("minusOne", 7, [-1]), constant("minusTwo", 7, [-2])]
    let network = try network(nodes, constants)
    let x = Tensor<Float>([1, 2, 3, 4]).reshaped(4, 1)
    #expect(network(x) == Tensor<Float>([1, 2, 3, 4]).reshaped(4, 1))
    // A sequence is no tensor, neither for an operator nor as a result.
    let wrong = try self.network(Array(nodes[..<1]) + [node("Relu", ["s"], ["y"])])
    let error = #expect(throws: ONNXError.self) { try wrong.run(["x": ONNXTensor(x)]) }
    #expect(error?.description == "Relu \"y\": input 0 is no tensor")
    let given = try self.network([node("SplitToSequence", ["x"], ["y"])])
    #expect(throws: ONNXError.self) { try given.run(["x": ONNXTensor(x)]) }
    let beyond = try self.network(nodes, [constant("minusOne", 7, [-9]), constant("minusTwo", 7, [-2])])
    #expect(throws: ONNXError.self) { try beyond.run(["x": ONNXTensor(x)]) }
  }

  @Test("an optional value is asked for and taken")
  func optionals() throws {
    let nodes = [
      node("Optional", ["x"], ["o"]), node("OptionalHasElement", ["o"], ["h"]),
      node("OptionalGetElement", ["o"], ["g"]), node("Where", ["h", "g", "zero"], ["y"]),
    ]
    let network = try network(
      nodes,
      [constant("zero", 1, [])].map {
        var zero = $0
        (zero.floatData, zero.int32Data) = ([0], [])
        return zero
      })
    #expect(network(Tensor<Float>([1, 2])) == Tensor<Float>([1, 2]))
  }
}
