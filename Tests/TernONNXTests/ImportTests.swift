import Foundation
import SwiftProtobuf
import Tern
import TernData
import TernMessages
import TernNN
import TernTensor
import Testing

@testable import TernONNX

@Suite("Import from ONNX")
struct ImportTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures")
    .path

  private func tensors(_ file: NPZFile, _ prefix: String) throws -> [String: ONNXTensor] {
    var tensors: [String: ONNXTensor] = [:]
    for name in file.names where name.hasPrefix(prefix) {
      tensors[String(name.dropFirst(prefix.count))] = try ONNXTensor(file.array(name))
    }
    return tensors
  }

  private func distance(_ a: ONNXTensor, _ b: ONNXTensor) -> Double {
    guard a.shape == b.shape, a.dtype == b.dtype else { return .infinity }
    let (x, y) = (a.cast(to: Double.self), b.cast(to: Double.self))
    return (x - y).abs().max().item / max(y.abs().max().item, 1e-30)
  }

  @Test(
    "networks answer as onnxruntime, and so does the file that is written again",
    arguments: ["images", "images-dynamo", "sequences", "attention", "attention-dynamo", "loops", "operators"])
  func answers(_ name: String) throws {
    let network = try ONNXNetwork(ONNXModel(contentsOf: "\(Self.folder)/\(name).onnx"))
    let file = try NPZFile(contentsOf: "\(Self.folder)/\(name).npz")
    let (inputs, wanted) = (try tensors(file, "in."), try tensors(file, "out."))
    let found = try network.run(inputs)
    let again = try ONNXNetwork(ONNXModel(bytes: network.model.bytes())).run(inputs)
    #expect(Set(found.keys) == Set(wanted.keys))
    for (output, value) in wanted {
      let result = try #require(found[output])
      #expect(distance(result, value) < 1e-5)
      #expect(again[output]?.stored.bytes == result.stored.bytes)
    }
  }

  @Test("five steps of training move the loss as in PyTorch", arguments: ["images", "sequences", "attention"])
  func trains(_ name: String) throws {
    let network = try ONNXNetwork(ONNXModel(contentsOf: "\(Self.folder)/\(name).onnx"))
    let file = try NPZFile(contentsOf: "\(Self.folder)/\(name).npz")
    let inputs = try tensors(file, "in.")
    let optimizer = SGD(network, learningRate: 0.05)
    for wanted in try file.array("losses").doubles() {
      network.zeroGradients()
      let y: Tensor<Float> = try #require(try network.run(inputs)["y"]?.tensor())
      let loss = (y * y).mean()
      #expect(abs(Double(loss.item) - wanted) < 1e-5 * wanted)
      loss.backward()
      optimizer.step()
    }
    // What was trained is in the file that is written.
    let written = try ONNXNetwork(ONNXModel(bytes: network.model.bytes()))
    let (a, b) = (try network.run(inputs)["y"], try written.run(inputs)["y"])
    #expect(a?.stored.bytes == b?.stored.bytes)
  }

  @Test("parameters have the names of the file, statistics are buffers, and both are copied")
  func parameters() throws {
    let network = try ONNXNetwork(ONNXModel(contentsOf: "\(Self.folder)/images.onnx"))
    let names = Set(network.namedParameters.map(\.name))
    #expect(
      names == [
        "first.weight", "first.bias", "norm.weight", "norm.bias", "depth.weight", "depth.bias", "up.weight", "up.bias",
        "head.weight", "head.bias",
      ])
    #expect(Set(network.namedBuffers.map(\.name)) == ["norm.running_mean", "norm.running_var"])
    let x = Tensor<Float>((0..<780).map { Float($0 % 17) }, shape: [2, 3, 13, 10]) * 0.01
    let copy = network.copy()
    #expect(network(x) == copy(x))
    let before = network.namedBuffers.map { $0.buffer.body }
    network.train()
    _ = network(x)
    let after = network.namedBuffers.map { $0.buffer.body }
    for (old, new) in zip(before, after) { #expect(Tensor<Float>(body: old) != Tensor<Float>(body: new)) }
  }

  private func model(_ nodes: [Onnx_NodeProto], version: Int64 = 17) -> Onnx_ModelProto {
    var model = Onnx_ModelProto()
    model.irVersion = 8
    var operators = Onnx_OperatorSetIdProto()
    operators.version = version
    model.opsetImport = [operators]
    model.graph.node = nodes
    var x = Onnx_ValueInfoProto()
    x.name = "x"
    x.type.tensorType.elemType = 1
    model.graph.input = [x]
    var y = x
    y.name = "y"
    model.graph.output = [y]
    return model
  }

  private func node(_ operation: String, _ inputs: [String], _ outputs: [String], _ name: String = "") -> Onnx_NodeProto
  {
    var node = Onnx_NodeProto()
    node.opType = operation
    node.input = inputs
    node.output = outputs
    node.name = name
    return node
  }

  @Test("operators that are not there are named together, with their number and the first node")
  func unsupported() throws {
    let nodes = [
      node("StringConcat", ["x", "x"], ["a"], "first"), node("Relu", ["a"], ["b"]),
      node("StringConcat", ["b", "b"], ["c"], "second"), node("Bernoulli", ["c"], ["y"], "third"),
    ]
    let error = #expect(throws: ONNXError.self) { try ONNXNetwork(ONNXModel(proto: model(nodes))) }
    #expect(error?.unsupported == ["StringConcat", "Bernoulli"])
    #expect(
      error?.description
        == "operators that Tern does not have: StringConcat (2, first \"first\"), Bernoulli (1, first \"third\")")
  }

  @Test("graphs that cannot run are refused with a line")
  func refused() throws {
    func message(_ nodes: [Onnx_NodeProto]) -> String? {
      do {
        _ = try ONNXNetwork(ONNXModel(proto: model(nodes)))
        return nil
      } catch { return error.description }
    }
    #expect(message([node("Relu", ["y"], ["y"], "r")]) == "Relu \"r\": needs its own result")
    #expect(message([node("Relu", ["z"], ["y"], "r")]) == "Relu \"r\": takes \"z\", which nothing defines")
    // The order of a file is not needed.
    #expect(message([node("Relu", ["a"], ["y"]), node("Neg", ["x"], ["a"])]) == nil)
    let network = try ONNXNetwork(ONNXModel(proto: model([node("MatMul", ["x", "x"], ["y"], "m")])))
    let error = #expect(throws: ONNXError.self) { try network.run(["x": ONNXTensor(Tensor<Float>(ones: [2, 3]))]) }
    #expect(error?.description == "MatMul \"m\": a product of shapes [2, 3] and [2, 3]")
    #expect(throws: ONNXError.self) { try network.run(["x": ONNXTensor(Tensor<Double>(ones: [2, 2]))]) }
    #expect(throws: ONNXError.self) { try network.run([:]) }
    #expect(throws: ONNXError.self) { try ONNXModel(bytes: [1, 2, 3]) }
    #expect(throws: ONNXError.self) { try ONNXModel(contentsOf: "/nowhere/network.onnx") }
  }

  /// The answers are ONNX Runtime's for 1, 2, 3, …
  @Test(
    "a pooling window larger than the image has no place, or one that the image ends in",
    arguments: [
      ([3, 4, 1, 0, 0], [], []), ([3, 5, 2, 1, 0], [], []), ([3, 4, 2, 0, 0], [3], [2]),
      ([4, 7, 3, 0, 1], [4], [1.6666666]),
      ([3, 6, 4, 1, 1], [3], [1.2]), ([3, 5, 1, 0, 0], nil, nil),
    ] as [([Int64], [Float]?, [Float]?)])
  func largeWindows(sizes: [Int64], largest: [Float]?, mean: [Float]?) throws {
    let (kernel, stride, ceils, padding) = (sizes[1], sizes[2], sizes[3], sizes[4])
    for (operation, wanted) in [("MaxPool", largest), ("AveragePool", mean)] {
      var pool = node(operation, ["x"], ["y"], "p")
      func add(_ name: String, _ values: [Int64]) {
        var attribute = Onnx_AttributeProto()
        (attribute.name, attribute.type, attribute.ints) = (name, .ints, values)
        pool.attribute.append(attribute)
      }
      add("kernel_shape", [kernel])
      add("strides", [stride])
      add("pads", [padding, padding])
      for (name, value) in [("ceil_mode", ceils), ("count_include_pad", operation == "MaxPool" ? nil : 1)] {
        guard let value else { continue }
        var attribute = Onnx_AttributeProto()
        (attribute.name, attribute.type, attribute.i) = (name, .int, value)
        pool.attribute.append(attribute)
      }
      let network = try ONNXNetwork(ONNXModel(proto: model([pool], version: 19)))
      let x = Tensor<Float>((1...Int(sizes[0])).map { Float($0) }).reshaped([1, 1, -1])
      guard let wanted else {
        let error = #expect(throws: ONNXError.self) { try network.run(["x": ONNXTensor(x)]) }
        #expect(error?.description.contains("a window that reaches over \(kernel) of \(sizes[0])") == true)
        continue
      }
      let y = try #require(try network.run(["x": ONNXTensor(x)])["y"]?.tensor(Float.self))
      #expect(y.shape == [1, 1, wanted.count], "\(operation)")
      #expect(zip(y.scalars, wanted).allSatisfy { abs($0 - $1) < 1e-6 }, "\(operation): \(y)")
    }
  }

  @Test("a weight that the file has a second time, transposed, stays one")
  func transposed() throws {
    func matrix(_ name: String, _ tensor: Tensor<Float>) -> Onnx_TensorProto {
      var proto = Onnx_TensorProto()
      (proto.name, proto.dataType, proto.dims) = (name, 1, tensor.shape.map { Int64($0) })
      proto.floatData = tensor.scalars
      return proto
    }
    let weight = Tensor<Float>(randomNormal: [5, 4], generator: RandomGenerator(seed: 1))
    var proto = model([node("MatMul", ["x", "w"], ["a"]), node("MatMul", ["a", "val_7"], ["y"])])
    proto.graph.initializer = [matrix("w", weight), matrix("val_7", weight.transposed(0, 1))]
    let network = try ONNXNetwork(ONNXModel(proto: proto))
    #expect(network.namedParameters.map(\.name) == ["w"])
    let x = Tensor<Float>(randomNormal: [3, 5], generator: RandomGenerator(seed: 2))
    let tied = Parameter(weight)
    let (own, wanted) = ((network(x) * network(x)).sum(), matmul(matmul(x, tied.value), tied.value.transposed(0, 1)))
    own.backward()
    (wanted * wanted).sum().backward()
    let parameter = try #require(network.namedParameters[0].parameter as? Parameter<Float>)
    let difference = try #require(parameter.gradient) - #require(tied.gradient)
    #expect(difference.abs().max().item < 1e-3)
    SGD(network, learningRate: 0.01).step()
    let written = network.model.proto.graph.initializer.map { tensor in
      tensor.rawData.withUnsafeBytes { [Float]($0.bindMemory(to: Float.self)) }
    }
    #expect(Tensor(written[0], shape: [5, 4]).transposed(0, 1) == Tensor(written[1], shape: [4, 5]))
    #expect(Tensor(written[0], shape: [5, 4]) != weight)
    // Where two could be meant, none is.
    proto.graph.initializer.append(matrix("v", weight))
    proto.graph.node[0] = node("MatMul", ["x", "w"], ["b"])
    proto.graph.node.append(node("MatMul", ["x", "v"], ["c"]))
    proto.graph.node.append(node("Add", ["b", "c"], ["a"]))
    #expect(try ONNXNetwork(ONNXModel(proto: proto)).namedParameters.count == 3)
  }

  @Test("data beside the file is read, and none from elsewhere")
  func external() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("onnx-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func write(_ location: String, offset: Int = 4, dims: [Int64] = [2]) throws -> String {
      var tensor = Onnx_TensorProto()
      tensor.name = "w"
      tensor.dataType = 1
      tensor.dims = dims
      tensor.dataLocation = .external
      tensor.externalData = [("location", location), ("offset", "\(offset)")].map { key, value in
        var entry = Onnx_StringStringEntryProto()
        (entry.key, entry.value) = (key, value)
        return entry
      }
      var proto = model([node("Mul", ["x", "w"], ["y"])])
      proto.graph.initializer = [tensor]
      let path = folder.appendingPathComponent("m.onnx").path
      try proto.serializedData().write(to: URL(fileURLWithPath: path))
      return path
    }
    let data = [Float(1), 2, 3].withUnsafeBytes { Data($0) }
    try data.write(to: folder.appendingPathComponent("w.bin"))
    let network = try ONNXNetwork(ONNXModel(contentsOf: write("w.bin")))
    #expect(network(Tensor<Float>([10, 10])) == Tensor<Float>([20, 30]))
    for location in ["../w.bin", "/etc/passwd", "", "none", "a/../../w.bin"] {
      #expect(throws: ONNXError.self) { try ONNXModel(contentsOf: write(location)) }
    }
    #expect(throws: ONNXError.self) { try ONNXModel(contentsOf: write("w.bin", offset: 8)) }
    #expect(throws: ONNXError.self) { try ONNXModel(contentsOf: write("w.bin", offset: -4)) }
    #expect(throws: ONNXError.self) { try ONNXModel(contentsOf: write("w.bin", dims: [1 << 62, 4])) }
    try FileManager.default.createSymbolicLink(
      atPath: folder.appendingPathComponent("link").path, withDestinationPath: "/etc/passwd")
    #expect(throws: ONNXError.self) { try ONNXModel(contentsOf: write("link", offset: 0)) }
  }
}
