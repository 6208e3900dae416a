import TernBackend
import TernData
import TernMessages
import TernNN
import TernTensor

/// The network of an ONNX file as a module: it runs on Tern's tensors, with gradients, and trains on.
///
/// ```swift
/// let network = try ONNXNetwork(ONNXModel(contentsOf: "resnet18.onnx"))
/// let logits = network(images)
/// ```
///
/// Weights (initializers of Float or Double that convolutions, products, normalizations, recurrent layers and the like
/// take) are parameters under their names in the file, running statistics are buffers; everything else is constant. It
/// begins in evaluation mode, in which it does what the file says. After `train()`, batch normalization uses each batch's
/// own statistics, and dropout drops.
public final class ONNXNetwork: Layer, ModeDependent, CopyableModule {
  /// The element type of the inputs and outputs of `network(x)`; others are in ``run(_:)``.
  public typealias Scalar = Float

  /// Whether it trains; false at first.
  public var isTraining = false
  /// The most elements that a result within it may have: a guard against files that ask for all memory.
  public var elementLimit = 1 << 30
  /// The most nodes that a run may take, those of loops counted each time: a guard against loops that do not end.
  public var nodeLimit = 1 << 24

  let weights: [String: any AnyParameter]
  let statistics: [String: any AnyBuffer]
  let contents: NetworkContents

  /// Parameters and buffers are called what the file calls them.
  public var savedNames: [String: String] { ["weights": "", "statistics": ""] }

  /// The names of the inputs that have to be given, in the file's order.
  public var inputNames: [String] { contents.inputs.filter { !$0.isOptional }.map(\.name) }
  /// The names of the outputs, in the file's order.
  public var outputNames: [String] { contents.program.outputs }

  /// A network of a model that was read.
  ///
  /// - Parameters:
  ///   - model: The model.
  ///   - constants: Names of weights that are not to be trained.
  /// - Throws: `ONNXError` with all operators that Tern does not have, or with what is wrong with the graph.
  public convenience init(_ model: ONNXModel, constants: Set<String> = []) throws(ONNXError) {
    do { self.init(try NetworkContents(model.proto, constants: constants)) } catch { throw ONNXError(error) }
  }

  private init(_ contents: NetworkContents) {
    self.contents = contents
    var weights: [String: any AnyParameter] = [:]
    var statistics: [String: any AnyBuffer] = [:]
    for (name, role) in contents.roles {
      guard let value = contents.program.constants[name] else { continue }
      switch (role, value.dtype) {
      case (.weight, .float32): weights[name] = Parameter(Tensor<Float>(body: value.body))
      case (.weight, .float64): weights[name] = Parameter(Tensor<Double>(body: value.body))
      case (.statistic, .float32): statistics[name] = Buffer(Tensor<Float>(body: value.body))
      case (.statistic, .float64): statistics[name] = Buffer(Tensor<Double>(body: value.body))
      default: break
      }
    }
    self.weights = weights
    self.statistics = statistics
  }

  /// A network of the structure of another, with the file's values.
  public convenience init(copying other: ONNXNetwork) {
    self.init(other.contents)
    (elementLimit, nodeLimit) = (other.elementLimit, other.nodeLimit)
  }

  /// The first output for the only input; stops where the network has more inputs, or cannot run on this one.
  public func forward(_ input: Tensor<Float>) -> Tensor<Float> {
    do {
      let names = inputNames
      guard names.count == 1, let output = outputNames.first else {
        throw ONNXError("the network has the inputs \(names) and outputs \(outputNames): run(_:) takes them by name")
      }
      guard let result = try run([names[0]: ONNXTensor(input)])[output]?.tensor(Float.self) else {
        throw ONNXError("the output \"\(output)\" is not one of Float: run(_:) gives it")
      }
      return result
    } catch {
      fail("ONNXNetwork", "\(error)")
    }
  }

  /// All outputs by their names, for inputs by theirs.
  ///
  /// - Throws: `ONNXError` where an input is missing or has another type or shape than the file says, or where an
  ///   operator cannot work on what it gets, with the node's name.
  public func run(_ inputs: [String: ONNXTensor]) throws(ONNXError) -> [String: ONNXTensor] {
    do {
      let scope = GraphScope(try values(inputs))
      let statistics = statistics
      let run = GraphRun(
        contents, isTraining: isTraining, limit: Swift.min(elementLimit, Layout.most), nodes: nodeLimit
      ) { name, value in
        switch statistics[name] {
        case let buffer as Buffer<Float>: if let value = value.tensor(Float.self) { buffer.value = value }
        case let buffer as Buffer<Double>: if let value = value.tensor(Double.self) { buffer.value = value }
        default: break
        }
      }
      let results = try zip(contents.program.outputs, run.run(contents.program, scope)).map { name, value in
        (name, try contents.checkedOutput(value, name))
      }
      return Dictionary(results, uniquingKeysWith: { first, _ in first })
    } catch {
      throw ONNXError(error)
    }
  }

  /// An output as files have it: in the network's own type where that is narrower than Tern's.
  ///
  /// - Parameters:
  ///   - value: What ``run(_:)`` gave.
  ///   - name: The output's name.
  public func stored(_ value: ONNXTensor, as name: String) -> StoredArray {
    value.stored(
      as: Onnx_TensorProto.DataType(rawValue: contents.outputTypes[name] ?? 0).flatMap { ElementType(onnx: $0) })
  }

  /// The values that a run begins with.
  private func values(_ inputs: [String: ONNXTensor]) throws -> [String: ONNXTensor] {
    var values = contents.program.constants
    for (name, weight) in weights {
      switch weight {
      case let weight as Parameter<Float>:
        let type = values[name]?.narrowType ?? 0
        values[name] = ONNXTensor(weight.value).narrowed(to: type)
      case let weight as Parameter<Double>: values[name] = ONNXTensor(weight.value)
      default: break
      }
    }
    for (name, other) in contents.transposes {
      guard let value = values[other] else { continue }
      values[name] = value.transposed
    }
    for (name, buffer) in statistics {
      values[name] = ONNXTensor(body: buffer.body).narrowed(to: values[name]?.narrowType ?? 0)
    }
    let known = Set(contents.inputs.map(\.name))
    if let other = inputs.keys.sorted().first(where: { !known.contains($0) }) {
      throw ONNXError("there is no input \"\(other)\", only \(contents.inputs.map(\.name))")
    }
    for input in contents.inputs {
      guard let given = inputs[input.name] else {
        if input.isOptional { continue }
        throw ONNXError("the input \"\(input.name)\" is missing")
      }
      values[input.name] = try input.checked(given)
    }
    return values
  }

  /// The value that a weight or running statistic has now; `nil` for what is none.
  private func currentBody(_ name: String) -> TensorBody? {
    if let other = contents.transposes[name] {
      return weights[other].map { ONNXTensor(body: $0.body).transposed.body }
    }
    return weights[name]?.body ?? statistics[name]?.body
  }

  /// The file again, with the values that parameters and running statistics have now.
  public var model: ONNXModel {
    var proto = contents.proto
    for index in proto.graph.initializer.indices {
      let name = proto.graph.initializer[index].name
      let body = withoutGradients { currentBody(name) }
      guard let body else { continue }
      proto.graph.initializer[index].replaceValues(ONNXTensor(body: body))
    }
    for index in proto.graph.node.indices {
      guard let name = proto.graph.node[index].output.first, contents.program.constantNodes.contains(name),
        let body = withoutGradients({ currentBody(name) })
      else { continue }
      for attribute in proto.graph.node[index].attribute.indices
      where proto.graph.node[index].attribute[attribute].name == "value" {
        proto.graph.node[index].attribute[attribute].t.replaceValues(ONNXTensor(body: body))
      }
    }
    return ONNXModel(proto: proto)
  }
}
