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
  /// For each operation the layer's path, its name and the reason.
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
  /// The layer runs for a few batches, and what its `forward` and the layers below do is written down, so that any layer can
  /// be exported that only uses exportable operations. Batch normalization is folded into a convolution in front of it, in
  /// double precision; dropout is left out. The weights have the names that they have in the state. The input is called
  /// `input`, the result `output`.
  ///
  /// - Parameters:
  ///   - sampleShape: the shape of one sample, without the batch: `[3, 224, 224]`.
  ///   - maximum: what the input is divided by first, as 255 of pixels.
  ///   - standardization: what is done to the channels of the input next.
  ///   - metadata: properties that are written into the file, beside Tern's version.
  /// - Throws: ``ONNXExportError`` with all that cannot be exported, by the layers' paths.
  public init<Model: Layer>(
    exporting model: Model, sampleShape: [Int], maximum: Double = 1, standardization: Standardization? = nil,
    metadata: [String: String] = [:], file: StaticString = #fileID, line: UInt = #line
  ) throws(ONNXExportError) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(sampleShape.allSatisfy { $0 > 0 }, "ONNXModel", "a sample of shape \(sampleShape)")
    if let standardization {
      check(
        standardization.mean.count == sampleShape.first, "ONNXModel",
        "a standardization of \(standardization.mean.count) channels for samples of shape \(sampleShape)")
    }
    let input = ONNXInput("input", Tensor<Model.Scalar>(zeros: [1] + sampleShape))
    try self.init(model, [input], outputNames: ["output"], metadata) { graph, values in
      var x = values[0]
      func prepare(_ operation: String, _ operand: String) {
        let name = graph.fresh(operation.lowercased())
        graph.add(operation, [x.name, operand], [name])
        x = TracedValue(name: name, type: x.type, shape: x.shape)
      }
      func perChannel(_ values: [Double], _ name: String) -> String {
        let shape = [values.count] + Array(repeating: 1, count: sampleShape.count - 1)
        graph.constant(Tensor(values, shape: shape), as: name)
        return name
      }
      if maximum != 1 { prepare("Div", graph.number(maximum, .float32)) }
      if let standardization {
        prepare("Sub", perChannel(standardization.mean, "input_mean"))
        prepare("Div", perChannel(standardization.deviation, "input_deviation"))
      }
      return [x]
    } forward: { bodies in
      [model(Tensor<Model.Scalar>(body: bodies[0])).body]
    }
  }

  /// What a function of tensors does with a module in evaluation mode, for batches of any size: of several inputs and results,
  /// and of whole numbers too.
  ///
  /// ```swift
  /// let model = try ONNXModel(exporting: gpt, inputs: "tokens", outputs: "scores", examples: Tensor<Int>([[0, 1, 2, 3]])) {
  ///   gpt($0)
  /// }
  /// ```
  ///
  /// - Parameters:
  ///   - inputs: the inputs' names.
  ///   - outputs: the results' names.
  ///   - examples: for each input one sample, with a first axis of extent one, which becomes the batch. Whole numbers take the
  ///     values of the sample in other orders while the function is traced; every one of them must be allowed in every place.
  ///   - forward: the function. Whatever of it does not follow from its inputs, as a loop over a fixed length, is written as
  ///     it was when it ran.
  /// - Throws: ``ONNXExportError`` with all that cannot be exported, by the layers' paths.
  public init<each Input: TensorScalar, each Output: TensorScalar>(
    exporting module: some Module, inputs: String..., outputs: String..., examples: repeat Tensor<each Input>,
    metadata: [String: String] = [:], file: StaticString = #fileID, line: UInt = #line,
    forward: (repeat Tensor<each Input>) -> (repeat Tensor<each Output>)
  ) throws(ONNXExportError) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    var given: [ONNXInput] = []
    for example in repeat each examples {
      let name = given.count < inputs.count ? inputs[given.count] : "input_\(given.count)"
      check(
        example.rank > 0 && example.shape[0] == 1 && !example.isEmpty, "ONNXModel",
        "an example \(example.shape) for \(name): a first axis of extent 1 is wanted, which becomes the batch")
      given.append(ONNXInput(name, example))
    }
    check(
      inputs.count == given.count && Set(inputs + outputs).count == inputs.count + outputs.count, "ONNXModel",
      "\(inputs.count) names \(inputs) for \(given.count) inputs, all different and not those of \(outputs)")
    try self.init(module, given, outputNames: outputs, metadata) {
      $1
    } forward: { bodies in
      var place = 0
      func next<Scalar: TensorScalar>(_: Scalar.Type) -> Tensor<Scalar> {
        defer { place += 1 }
        return Tensor<Scalar>(body: bodies[place])
      }
      let results = forward(repeat next((each Input).self))
      var found: [TensorBody] = []
      for result in repeat each results { found.append(result.body) }
      check(found.count == outputs.count, "ONNXModel", "\(outputs.count) names \(outputs) for \(found.count) results")
      return found
    }
  }

  /// - Parameter preparing: adds what is done to the inputs first.
  private init(
    _ module: any Module, _ inputs: [ONNXInput], outputNames: [String], _ metadata: [String: String],
    preparing: (ONNXGraph, [TracedValue]) -> [TracedValue], forward: ([TensorBody]) -> [TensorBody]
  ) throws(ONNXExportError) {
    let graph = ONNXGraph(module, batchSource: inputs[0].name, reserved: inputs.map { $0.name } + outputNames)
    let values = inputs.map { input in
      TracedValue(
        name: input.name, type: input.example.sample.dtype,
        shape: [Extent(0, perBatch: 1)] + input.example.sample.layout.shape.dropFirst().map { Extent($0) })
    }
    let prepared = preparing(graph, values)
    let results = module.with(.evaluation) { graph.trace(inputs.map { $0.example }, prepared, forward) }
    guard graph.problems.isEmpty else { throw ONNXExportError(problems: graph.problems) }
    for (name, result) in zip(outputNames, results) { graph.add("Identity", [result.name], [name]) }
    graph.foldNormalizations()
    graph.dropUnused(keeping: outputNames)
    var proto = Onnx_ModelProto()
    // The version that goes with opset 18.
    proto.irVersion = 8
    proto.producerName = "Tern"
    proto.producerVersion = ternVersion
    var operators = Onnx_OperatorSetIdProto()
    operators.domain = ""
    operators.version = 18
    proto.opsetImport = [operators]
    proto.metadataProps = metadata.sorted { $0.key < $1.key }.map { key, value in
      var entry = Onnx_StringStringEntryProto()
      (entry.key, entry.value) = (key, value)
      return entry
    }
    var main = Onnx_GraphProto()
    main.name = "\(Swift.type(of: module))".prefix { $0 != "<" }.description
    main.node = graph.nodes
    main.initializer = graph.initializers
    main.input = values.map { Self.info($0.name, $0) }
    main.output = zip(outputNames, results).map { Self.info($0, $1) }
    proto.graph = main
    self.proto = proto
  }

  /// The extents of each output; those that depend on the batch as formulas of `batch` or N.
  package var outputShapes: [[String]] {
    proto.graph.output.map { output in
      output.type.tensorType.shape.dim.map { $0.dimParam.isEmpty ? "\($0.dimValue)" : $0.dimParam }
    }
  }

  /// A value of the graph's face; extents in proportion to the batch have names.
  private static func info(_ name: String, _ value: TracedValue) -> Onnx_ValueInfoProto {
    var tensor = Onnx_TypeProto.Tensor()
    tensor.elemType = Int32(ONNXGraph.type(value.type).rawValue)
    var sizes = Onnx_TensorShapeProto()
    sizes.dim = value.shape.map { extent in
      var dimension = Onnx_TensorShapeProto.Dimension()
      if extent.isFixed {
        dimension.dimValue = Int64(extent.fixed)
      } else {
        dimension.dimParam = extent == Extent(0, perBatch: 1) ? "batch" : "\(extent)"
      }
      return dimension
    }
    tensor.shape = sizes
    var info = Onnx_ValueInfoProto()
    info.name = name
    info.type.tensorType = tensor
    return info
  }
}

/// An input of a model that is exported.
private struct ONNXInput {
  let name: String
  let example: TracedExample

  init<Scalar: TensorScalar>(_ name: String, _ sample: Tensor<Scalar>) {
    (self.name, example) = (name, TracedExample(sample))
  }
}
