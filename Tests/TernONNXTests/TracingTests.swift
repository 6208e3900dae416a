import Foundation
import SwiftProtobuf
import Tern
import TernMessages
import Testing

@testable import TernONNX

@Suite("Tracing for ONNX")
struct TracingTests {
  @Test("Every operation is written as nodes that hang together", arguments: TracedFunctions.all.map { $0.name })
  func operations(name: String) throws {
    let (_, shape, function) = TracedFunctions.all.first { $0.name == name }!
    let layer = FunctionLayer(function)
    let model = try ONNXModel(exporting: layer, sampleShape: shape)
    let graph = try Onnx_ModelProto(serializedBytes: model.bytes()).graph
    expectWhole(graph, name)
    // No batch of the traces is left in the graph: 7 and 9 are none of them, and what is written holds for both.
    #expect(graph.output[0].type.tensorType.shape.dim.count == layer(Tensor(zeros: [7] + shape)).rank)
    try writeForCheck("traced " + name, model, shape, layer)
  }

  @Test("A forward of one's own mixes layers, parameters and operations")
  func mixed() throws {
    let model = Mixed()
    let onnx = try ONNXModel(exporting: model, sampleShape: [3, 8])
    let graph = try Onnx_ModelProto(serializedBytes: onnx.bytes()).graph
    expectWhole(graph, "mixed")
    let names = Set(graph.initializer.map { $0.name })
    #expect(names.isSuperset(of: ["first.weight", "first.bias", "norm.weight", "scale", "shift"]))
    // The tied layer's weight is there once.
    #expect(graph.initializer.filter { $0.dims == [8, 8] }.count == 1)
    try writeForCheck("mixed", onnx, [3, 8], model)
  }

  @Test("What cannot be exported is listed whole, by path and operation")
  func problems() {
    let model = Sequential {
      Dense(6, 6)
      FunctionLayer { $0.cumulativeProduct(along: 1) }
      Sequential {
        ReLU()
        FunctionLayer { $0.besselJ0() + $0.round(decimals: 2) }
      }
    }
    do {
      _ = try ONNXModel(exporting: model, sampleShape: [6])
      Issue.record("nothing was thrown")
    } catch {
      #expect(
        error.problems == [
          "1: cumulativeProduct: no exporter for this operation", "2.1: besselJ: no exporter for this operation",
          "2.1: round: rounding to decimal digits has no operator",
        ], "\(error)")
    }
  }

  @Test(
    "A course, a shape or a constant that depends on the batch or on values otherwise than in proportion is refused")
  func batches() {
    func problems(_ function: @escaping (Tensor<Float>) -> Tensor<Float>) -> [String] {
      do {
        _ = try ONNXModel(exporting: FunctionLayer(function), sampleShape: [4])
        return []
      } catch { return error.problems }
    }
    #expect(problems { $0.shape[0] == 3 ? $0 * 2 : $0.exp() }[0].contains("another course for a batch of 3"))
    #expect(
      problems { x in x * Tensor(Float(x.shape[0] * x.shape[0])) }[0].contains("a constant that depends on the batch"))
    #expect(problems { x in matmul(x, x.transposed()).reshaped([-1]) }[0].contains("shape depends on the batch"))
    // Values that leave the graph come back as constants.
    #expect(problems { x in x + Tensor(x.scalars.map { $0 * 2 }, shape: x.shape) }[0].contains("constant that depends"))
    #expect(problems { x in x[Tensor<Bool>(x.scalars.map { $0 > 0 }, shape: x.shape)] }.count == 1)
  }

  @Test("Several inputs and results, of whole numbers too")
  func several() throws {
    let model = Tagger()
    let onnx = try ONNXModel(
      exporting: model, inputs: "words", "weights", outputs: "scores", "best",
      examples: Tensor<Int>([[0, 5, 9, 3]]), Tensor<Float>(ones: [1, 4])
    ) { words, weights in model(words, weights) }
    let graph = try Onnx_ModelProto(serializedBytes: onnx.bytes()).graph
    #expect(graph.input.map { $0.name } == ["words", "weights"] && graph.output.map { $0.name } == ["scores", "best"])
    #expect(graph.input.map { $0.type.tensorType.elemType } == [7, 1])
    #expect(graph.output.map { $0.type.tensorType.elemType } == [1, 7])
    #expect(graph.initializer.contains { $0.name == "embedding.weight" })
  }

  @Test("Weights beyond a limit go to a second file, which the first names")
  func external() throws {
    let model = Sequential {
      Dense(40, 30)
      Dense(30, 3)
    }
    let onnx = try ONNXModel(exporting: model, sampleShape: [40])
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("onnx-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("model.onnx").path
    try onnx.write(to: path, externalDataAbove: 1000)
    let graph = try Onnx_ModelProto(serializedBytes: [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))).graph
    let weight = try #require(graph.initializer.first { $0.name == "0.weight" })
    #expect(weight.dataLocation == .external && weight.rawData.isEmpty)
    let entries = Dictionary(uniqueKeysWithValues: weight.externalData.map { ($0.key, $0.value) })
    #expect(entries["location"] == "model.onnx.data" && entries["length"] == "4800")
    let data = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path + ".data")))
    let offset = try #require(entries["offset"].flatMap { Int($0) })
    let dense = model[0, as: Dense<Float>.self]
    #expect(data[offset..<offset + 4800].elementsEqual(StoredArray(dense.weight.value).bytes))
    // Small ones stay.
    #expect(graph.initializer.contains { $0.name == "0.bias" && $0.dataLocation != .external })
    try onnx.write(to: path)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)).count > 4800)
  }
}

/// Layers, parameters and operations; one layer is called twice.
final class Mixed: Layer {
  let first = Dense(8, 8)
  let norm = LayerNorm(8)
  let scale = Parameter(Tensor<Float>(randomNormal: [8]))
  let shift = Buffer(Tensor<Float>([1, 2, 3, 4, 5, 6, 7, 8]))
  let dropout = Dropout(0.5)

  func forward(_ input: Tensor<Float>) -> Tensor<Float> {
    let x = norm(first(input).relu()) * scale.value + shift.value
    let mixed = dropout(first(x)).softmax(along: -1)
    return concatenate([mixed.mean(along: 1), x[.all, .index(-1)]], along: -1)
  }
}

/// Scores of words, and the best of them.
final class Tagger: Module {
  let embedding = Embedding(10, 6)
  let lstm = LSTM(6, 5, batchFirst: true)
  let head = Dense(5, 3)

  func callAsFunction(_ words: Tensor<Int>, _ weights: Tensor<Float>) -> (Tensor<Float>, Tensor<Int>) {
    let scores = head(lstm(embedding(words))) * weights.expandedAxis(at: 2)
    return (scores, scores.argmax(along: -1))
  }
}

/// Every input is made before, once.
func expectWhole(_ graph: Onnx_GraphProto, _ name: String) {
  var made = Set([""])
  for input in graph.input { made.insert(input.name) }
  for tensor in graph.initializer { #expect(made.insert(tensor.name).inserted, "\(name): \(tensor.name) twice") }
  for node in graph.node {
    for input in node.input { #expect(made.contains(input), "\(name): \(node.opType) reads \(input)") }
    for output in node.output { #expect(made.insert(output).inserted, "\(name): \(output) twice") }
  }
  for output in graph.output { #expect(made.contains(output.name)) }
}

/// Writes a model with inputs and results of three batches for `check.py`, where `TERN_ONNX_CHECK` names a folder.
func writeForCheck(
  _ name: String, _ model: ONNXModel, _ shape: [Int], _ layer: some Layer<Float>
) throws {
  guard let folder = ProcessInfo.processInfo.environment["TERN_ONNX_CHECK"] else { return }
  let path = "\(folder)/\(name.map { $0 == " " || $0 == "/" ? "_" : $0 }.reduce(into: "") { $0.append($1) })"
  try model.write(to: path + ".onnx")
  for batch in [1, 3, 64] {
    let x = Tensor<Float>(randomNormal: [batch] + shape)
    let y = layer.with(.evaluation) { withoutGradients { layer(x) } }
    try NPZFile.write([("x", StoredArray(x)), ("y", StoredArray(y))], to: "\(path).\(batch).npz")
  }
}
