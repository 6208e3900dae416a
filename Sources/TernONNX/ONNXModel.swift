import Foundation
import SwiftProtobuf
import Tern
import TernBackend
import TernData
import TernMessages
import TernNN
import TernTensor

/// What of a model cannot be exported, all of it at once.
public struct ONNXExportError: Error, CustomStringConvertible {
  /// For each layer its path, its type and the reason.
  public let problems: [String]

  /// One line for each.
  public var description: String { "cannot be exported to ONNX: " + problems.joined(separator: "; ") }
}

/// A model as ONNX has it: a graph of operators with its weights, opset 18, in single precision.
public struct ONNXModel: Sendable {
  let proto: Onnx_ModelProto

  init(proto: Onnx_ModelProto) { self.proto = proto }

  /// A layer in evaluation mode: what it does to batches of any size, made of samples of one shape.
  ///
  /// Batch normalization is folded into a convolution in front of it, in double precision; dropout is left out. The
  /// weights have the names that they have in the state. The input is called `input`, the result `output`.
  ///
  /// - Parameters:
  ///   - sampleShape: the shape of one sample, without the batch: `[3, 224, 224]`.
  ///   - maximum: what the input is divided by first, as 255 of pixels.
  ///   - standardization: what is done to the channels of the input next.
  /// - Throws: ``ONNXExportError`` with all layers that cannot be exported, by their paths.
  public init<Model: Layer>(
    exporting model: Model, sampleShape: [Int], maximum: Double = 1, standardization: Standardization? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) throws(ONNXExportError) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(sampleShape.allSatisfy { $0 > 0 }, "ONNXModel", "a sample of shape \(sampleShape)")
    let graph = ONNXGraph(model)
    let input = ONNXValue(name: "input", shape: [ONNXGraph.batch] + sampleShape)
    var prepared = maximum == 1 ? input : graph.node("Div", [input, graph.constant(maximum)], shape: input.shape)
    if let standardization {
      check(
        standardization.mean.count == sampleShape.first, "ONNXModel",
        "a standardization of \(standardization.mean.count) channels for samples of shape \(sampleShape)")
      prepared = graph.perChannel("Sub", prepared, standardization.mean, name: "input_mean")
      prepared = graph.perChannel("Div", prepared, standardization.deviation, name: "input_deviation")
    }
    let first = prepared
    let result = model.with(.evaluation) { withoutGradients { graph.layer(model, first) } }
    guard graph.problems.isEmpty else { throw ONNXExportError(problems: graph.problems) }
    graph.add("Identity", [result.name], ["output"])
    var proto = Onnx_ModelProto()
    // The version that goes with opset 18.
    proto.irVersion = 8
    proto.producerName = "Tern"
    proto.producerVersion = ternVersion
    var operators = Onnx_OperatorSetIdProto()
    operators.domain = ""
    operators.version = 18
    proto.opsetImport = [operators]
    var main = Onnx_GraphProto()
    main.name = "\(Swift.type(of: model))".prefix { $0 != "<" }.description
    main.node = graph.nodes
    main.initializer = graph.initializers
    main.input = [Self.info("input", input.shape)]
    main.output = [Self.info("output", result.shape)]
    proto.graph = main
    self.proto = proto
  }

  /// The file's contents.
  ///
  /// - Throws: `DataError` where they would exceed the two gigabytes that a message can have.
  public func bytes() throws(DataError) -> [UInt8] {
    do {
      return try proto.serializedBytes()
    } catch {
      throw DataError(.tooLarge, file: "onnx", "the model cannot be one message: \(error)", expected: "less than 2 GB")
    }
  }

  /// Writes the file at `path`, whole or not at all.
  ///
  /// - Throws: `DataError` where it cannot be written.
  public func write(to path: String) throws(DataError) { try FileIO.write(bytes(), to: path) }

  /// A value of the graph's face: numbers in single precision, the batch by a name.
  private static func info(_ name: String, _ shape: [Int]) -> Onnx_ValueInfoProto {
    var tensor = Onnx_TypeProto.Tensor()
    tensor.elemType = Int32(Onnx_TensorProto.DataType.float.rawValue)
    var sizes = Onnx_TensorShapeProto()
    sizes.dim = shape.enumerated().map { axis, size in
      var dimension = Onnx_TensorShapeProto.Dimension()
      if axis == 0 { dimension.dimParam = "batch" } else { dimension.dimValue = Int64(size) }
      return dimension
    }
    tensor.shape = sizes
    var info = Onnx_ValueInfoProto()
    info.name = name
    info.type.tensorType = tensor
    return info
  }
}
