import Foundation
import SwiftProtobuf
import Tern
import TernMessages
import Testing

@testable import TernONNX

@Suite("Export to ONNX")
struct ExportTests {
  /// A residual block with a `forward` of its own that says how it is exported.
  final class Block: Layer, ONNXExportable {
    let first = Conv2D(8, 8, kernelSize: 3, padding: 1)
    let second = Conv2D(8, 8, kernelSize: 1)

    func forward(_ x: Tensor<Float>) -> Tensor<Float> { second(first(x).relu()) + x }

    func export(_ x: ONNXValue, into graph: ONNXGraph) -> ONNXValue {
      let y = graph.layer(second, graph.node("Relu", [graph.layer(first, x)], shape: x.shape))
      return graph.node("Add", [y, x], shape: x.shape)
    }
  }

  /// Models of all layers that are exported, with the shape of a sample.
  static func models() -> [(name: String, model: any Layer<Float>, shape: [Int])] {
    let images = Sequential {
      Conv2D(3, 8, kernelSize: 3, stride: 2, padding: 1, bias: false)
      BatchNorm2d(8)
      ReLU()
      MaxPool2D(3, stride: 2, padding: 1)
      Residual {
        Conv2D(8, 8, kernelSize: 3, padding: .same, groups: 4)
        BatchNorm2d(8)
        SiLU()
      }
      Block()
      BatchNorm2d(8)
      GroupNorm(groups: 2, 8)
      PReLU(channels: 8)
      AvgPool2D(2, padding: 1)
      Upsample(scale: 2)
      ConvTranspose2D(8, 6, kernelSize: 3, stride: 2, padding: 1, outputPadding: 1)
      HardSwish()
      AdaptiveAvgPool2D(1)
      Flatten()
      Dropout(0.5)
      Dense(6, 5)
    }
    let sequences = Sequential {
      Conv1D(4, 6, kernelSize: 3, padding: 1)
      BatchNorm1d(6)
      GELU()
      MaxPool1D(2)
      Dense(5, 7)
      LayerNorm(7)
      GELU(approximate: .tanh)
      GLU(axis: 1)
      Softmax(axis: -1)
    }
    let activations = Sequential {
      Dense(9, 9, bias: false)
      LeakyReLU(slope: 0.1)
      ELU(alpha: 0.5)
      CELU(alpha: 2)
      SELU()
      Mish()
      SoftPlus(beta: 2)
      Tanh()
      HardTanh()
      SoftShrink(lambda: 0.1)
      HardShrink(lambda: 0.2)
      ReLU6()
      HardSigmoid()
      SoftSign()
      LogSigmoid()
      TanhShrink()
      Threshold(-0.5, value: -0.25)
      Sigmoid()
      Identity()
      Unflatten(1, to: [3, 3])
      Softmin(axis: 1)
      LogSoftmax(axis: 2)
    }
    let lstm = Sequential {
      LSTM(5, 6, layers: 2, batchFirst: true, bidirectional: true)
      RMSNorm(12)
      GRU(12, 4, batchFirst: true)
      Flatten()
    }
    let ghosts = Sequential {
      GhostBottleneck(4, 9, 6, stride: 2, squeeze: 0.25)
      InstanceNorm2d(6, affine: true)
      GhostModule(6, 7)
    }
    let transformer = Sequential {
      TransformerEncoderLayer(12, heads: 3, innerFeatures: 16, batchFirst: true)
      TransformerEncoderLayer(12, heads: 2, innerFeatures: 16, activation: .gelu, batchFirst: true, normFirst: true)
      MultiHeadAttention(12, heads: 4, bias: false, batchFirst: true)
    }
    return [
      ("transformer", transformer, [6, 12]), ("recurrent", lstm, [7, 5]), ("ghosts", ghosts, [4, 10, 8]),
      ("images", images, [3, 18, 20]),
      ("sequences", sequences, [4, 10]), ("activations", activations, [9]),
    ]
  }

  private static func prepared(_ model: any Layer<Float>, _ shape: [Int]) {
    // Running statistics that are not those of the beginning.
    withoutGradients { for _ in 0..<3 { _ = run(model, Tensor(randomNormal: [4] + shape)) } }
    model.eval()
  }

  private static func run(_ model: any Layer<Float>, _ x: Tensor<Float>) -> Tensor<Float> { model(x) }

  private static func export(_ model: any Layer<Float>, _ shape: [Int]) throws -> ONNXModel {
    func open<L: Layer>(_ model: L) throws -> ONNXModel { try ONNXModel(exporting: model, sampleShape: shape) }
    return try open(model)
  }

  @Test("The graph is whole: every input is made before, once, and the weights have the state's names")
  func structure() throws {
    for (name, model, shape) in Self.models() {
      Self.prepared(model, shape)
      let onnx = try Onnx_ModelProto(serializedBytes: Self.export(model, shape).bytes())
      #expect(onnx.opsetImport.map(\.version) == [18] && onnx.producerName == "Tern")
      let graph = onnx.graph
      var made = Set(["", "input"])
      for tensor in graph.initializer {
        #expect(made.insert(tensor.name).inserted, "\(name): \(tensor.name) twice")
        let count = tensor.dims.reduce(1, *)
        #expect(tensor.rawData.count == Int(count) * (tensor.dataType == 1 ? 4 : 8))
      }
      for node in graph.node {
        for input in node.input { #expect(made.contains(input), "\(name): \(node.opType) reads \(input)") }
        for output in node.output { #expect(made.insert(output).inserted, "\(name): \(output) twice") }
      }
      #expect(made.contains("output"))
      #expect(graph.input[0].type.tensorType.shape.dim[0].dimParam == "batch")
      #expect(graph.input[0].type.tensorType.shape.dim.dropFirst().map(\.dimValue) == shape.map { Int64($0) })
      for (name, parameter) in model.namedParameters where name.hasSuffix(".weight") && parameter.shape.count > 1 {
        let found = graph.initializer.first { $0.name == name }
        #expect(found?.dims == parameter.shape.map { Int64($0) }, "\(name)")
      }
      if name == "images" { #expect(graph.node.filter { $0.opType == "BatchNormalization" }.count == 1) }
      try Self.writeForCheck(name, model, shape)
    }
  }

  @Test("Folding is done in double precision")
  func folding() throws {
    let model = Sequential {
      Conv2D(1, 2, kernelSize: 1)
      BatchNorm2d(2)
    }
    let (convolution, norm) = (model.layers[0] as! Conv2D<Float>, model.layers[1] as! BatchNorm2d<Float>)
    convolution.weight.value = Tensor([3, -1.5], shape: [2, 1, 1, 1])
    convolution.bias!.value = Tensor([0.5, 2])
    norm.weight!.value = Tensor([2, 0.1])
    norm.bias!.value = Tensor([-1, 7])
    norm.runningMean!.value = Tensor([0.25, -3])
    norm.runningVar!.value = Tensor([4, 0.7])
    let graph = try Onnx_ModelProto(serializedBytes: ONNXModel(exporting: model, sampleShape: [1, 2, 2]).bytes()).graph
    #expect(graph.node.map(\.opType) == ["Conv", "Identity"])
    func values(_ name: String) -> [Float] {
      let data = graph.initializer.first { $0.name == name }?.rawData ?? Data()
      return data.withUnsafeBytes { raw in
        (0..<raw.count / 4).map { raw.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self) }
      }
    }
    let variances = [4.0, Double(Float(0.7))]
    let scales = zip([2.0, Double(Float(0.1))], variances).map { $0 / ($1 + 1e-5).squareRoot() }
    #expect(values("0.weight") == [Float(3 * scales[0]), Float(-1.5 * scales[1])])
    #expect(values("0.bias") == [Float((0.5 - 0.25) * scales[0] - 1), Float((2.0 + 3) * scales[1] + 7)])
  }

  @Test("A double-precision model is exported in single precision")
  func double() throws {
    let model = Dense<Double>(2, 3)
    let graph = try Onnx_ModelProto(serializedBytes: ONNXModel(exporting: model, sampleShape: [2]).bytes()).graph
    #expect(graph.node.map(\.opType) == ["Gemm", "Identity"])
    #expect(graph.initializer.allSatisfy { $0.dataType == 1 } && graph.initializer.map(\.name) == ["weight", "bias"])
  }

  @Test("Preprocessing comes first: division, then mean and deviation of each channel")
  func preprocessing() throws {
    let model = Sequential { Flatten() }
    let onnx = try ONNXModel(
      exporting: model, sampleShape: [2, 1, 1], maximum: 255,
      standardization: Standardization(mean: [0.5, 0.25], deviation: [0.1, 0.2]))
    let graph = try Onnx_ModelProto(serializedBytes: onnx.bytes()).graph
    #expect(graph.node.map(\.opType) == ["Div", "Sub", "Div", "Reshape", "Identity"])
    #expect(graph.initializer.first { $0.name == "input_mean" }?.dims == [2, 1, 1])
  }

  /// Writes models with inputs and results of three batches for `check.py`, where `TERN_ONNX_CHECK` names a folder.
  private static func writeForCheck(_ name: String, _ model: any Layer<Float>, _ shape: [Int]) throws {
    guard let folder = ProcessInfo.processInfo.environment["TERN_ONNX_CHECK"] else { return }
    try export(model, shape).write(to: "\(folder)/\(name).onnx")
    for batch in [1, 3, 64] {
      let x = Tensor<Float>(randomNormal: [batch] + shape)
      let y = withoutGradients { run(model, x) }
      try NPZFile.write([("x", StoredArray(x)), ("y", StoredArray(y))], to: "\(folder)/\(name).\(batch).npz")
    }
  }
}
