import Foundation
import TernBackend
import TernData
import TernMessages
import TernTensor

/// An input of a graph: what the file says about it.
struct NetworkInput: Sendable {
  let name: String
  let type: Int
  /// Known extents; -1 for those that are left open. `nil` where nothing is said.
  let shape: [Int]?
  /// Whether an initializer has its value.
  let isOptional: Bool

  init(_ proto: Onnx_ValueInfoProto, isOptional: Bool) throws {
    name = proto.name
    self.isOptional = isOptional
    guard case .tensorType(let tensor)? = proto.type.value else {
      throw ONNXError("the input \"\(proto.name)\" is no tensor, which Tern does not take")
    }
    type = Int(tensor.elemType)
    guard DType(onnx: type) != nil else {
      throw ONNXError("the input \"\(proto.name)\" has elements of \(onnxTypeName(type)), which Tern does not have")
    }
    shape =
      tensor.hasShape
      ? tensor.shape.dim.map { dimension in
        if case .dimValue(let value)? = dimension.value { return Int(value) }
        return -1
      } : nil
  }

  /// The value that was given, where it is what the file says.
  func checked(_ value: ONNXTensor) throws -> ONNXTensor {
    guard let wanted = DType(onnx: type), value.dtype == wanted else {
      throw ONNXError("the input \"\(name)\" is given as \(value.dtype), the file has \(onnxTypeName(type))")
    }
    if let shape {
      let fits = shape.count == value.rank && zip(shape, value.shape).allSatisfy { $0 < 0 || $0 == $1 }
      guard fits else {
        let words = shape.map { $0 < 0 ? "?" : "\($0)" }.joined(separator: ", ")
        throw ONNXError("the input \"\(name)\" is given as \(value.shape), the file has [\(words)]")
      }
    }
    return value.narrowed(to: type)
  }
}

/// A model that was read: its graph, ready to run, and which of its constants train.
final class NetworkContents: Sendable {
  enum Role { case weight, statistic }

  let proto: Onnx_ModelProto
  let opset: Int
  /// Whether the file names no producer, or one that writes what runtimes compute.
  let isOfExporter: Bool
  let program: GraphProgram
  let inputs: [NetworkInput]
  /// The types of outputs that the file says.
  let outputTypes: [String: Int]
  let roles: [String: Role]
  /// Weights that are another one transposed, and stay so in training, with that one's name.
  let transposes: [String: String]

  init(_ model: Onnx_ModelProto, constants: Set<String>) throws {
    proto = model
    let graph = try inliningFunctions(model)
    let unsupported = unsupportedOperators(graph)
    guard unsupported.isEmpty else {
      let list = unsupported.map { "\($0.name) (\($0.count), first \"\($0.first)\")" }.joined(separator: ", ")
      throw ONNXError("operators that Tern does not have: \(list)", unsupported: unsupported.map(\.name))
    }
    let versions = model.opsetImport.filter { ["", "ai.onnx"].contains($0.domain) }.map { Int($0.version) }
    // Files before operator sets had names have none.
    opset = versions.max() ?? 1
    let producer = model.producerName.lowercased()
    isOfExporter = producer.isEmpty || Self.exporters.contains { producer.hasPrefix($0) }
    program = try GraphProgram(graph, around: [])
    let initialized = Set(graph.initializer.map(\.name))
    inputs = try graph.input.map { try NetworkInput($0, isOptional: initialized.contains($0.name)) }
    var outputTypes: [String: Int] = [:]
    for output in graph.output {
      guard case .tensorType(let tensor)? = output.type.value else {
        if output.type.value == nil { continue }
        throw ONNXError("the output \"\(output.name)\" is no tensor, which Tern does not give")
      }
      let type = Int(tensor.elemType)
      outputTypes[output.name] = type
      guard type == 0 || DType(onnx: type) != nil else {
        throw ONNXError("the output \"\(output.name)\" has elements of \(onnxTypeName(type)), which Tern does not have")
      }
    }
    self.outputTypes = outputTypes
    guard Set(inputs.map(\.name)).count == inputs.count else { throw ONNXError("two inputs have one name") }
    let roles = Self.roles(program).filter { !constants.contains($0.key) }
    let transposes = Self.transposes(program, roles)
    self.transposes = transposes
    self.roles = roles.filter { transposes[$0.key] == nil }
  }

  /// How names of exporters, and of tools that change their files, begin.
  private static let exporters = [
    "tern", "pytorch", "torch", "onnx.", "onnxruntime", "onnxmltools", "tf2onnx", "keras", "jax", "paddle", "mxnet",
    "cntk",
    "caffe", "coreml", "matlab", "nvidia", "skl2onnx",
  ]

  /// Weights that an exporter wrote a second time, transposed: an embedding that is the last layer's weight as well. Its
  /// newest form calls them `val_` and a number. Where two weights could be meant, none is.
  private static func transposes(_ program: GraphProgram, _ roles: [String: Role]) -> [String: String] {
    var matrices: [[Int]: [String]] = [:]
    for (name, role) in roles where role == .weight {
      guard let value = program.constants[name], value.rank == 2, value.count >= 16 else { continue }
      matrices[value.shape, default: []].append(name)
    }
    var found: [String: String] = [:]
    for (shape, names) in matrices {
      for name in names where name.hasPrefix("val_") {
        let others = (matrices[shape.reversed()] ?? []).filter { other in
          !other.hasPrefix("val_") && isTranspose(program.constants[name]!, program.constants[other]!)
        }
        if others.count == 1 { found[name] = others[0] }
      }
    }
    return found
  }

  /// Whether two matrices are each other's transposes, of more than a few numbers.
  private static func isTranspose(_ a: ONNXTensor, _ b: ONNXTensor) -> Bool {
    func compare<Scalar: FloatingScalar>(_: Scalar.Type) -> Bool {
      guard let a = a.tensor(Scalar.self), let b = b.tensor(Scalar.self) else { return false }
      let (row, column) = (a[.index(0)].scalars, b[.all, .index(0)].scalars)
      return row == column && a == b.transposed(0, 1) && Set(a.scalars.prefix(1 << 12).map(\.number)).count > 8
    }
    return compare(Float.self) || compare(Double.self)
  }

  /// An output in the file's type; throws for one that is no tensor.
  func checkedOutput(_ value: ONNXTensor, _ name: String) throws -> ONNXTensor {
    guard case .tensor = value.content else {
      throw ONNXError("the output \"\(name)\" is no tensor, which Tern does not give")
    }
    return value.narrowed(to: outputTypes[name] ?? 0)
  }

  /// Which constants are weights or running statistics, by what takes them.
  private static func roles(_ program: GraphProgram) -> [String: Role] {
    var roles: [String: Role] = [:]
    func visit(_ graph: GraphProgram) {
      for node in graph.nodes {
        for (index, name) in node.inputs.enumerated() {
          guard let value = program.constants[name], [.float32, .float64].contains(value.dtype) else { continue }
          switch node.operation {
          case "BatchNormalization":
            if index > 2 { roles[name] = .statistic } else if roles[name] == nil { roles[name] = .weight }
          case "Conv", "ConvTranspose", "Gemm", "MatMul", "InstanceNormalization", "LayerNormalization",
            "GroupNormalization", "RMSNormalization", "LSTM", "GRU", "RNN", "PRelu":
            if roles[name] == nil && index != 4 || ["LSTM", "GRU", "RNN"].contains(node.operation) && index < 4 {
              roles[name] = roles[name] ?? .weight
            }
          case "Add", "Sub", "Mul", "Div", "Gather", "Transpose", "Reshape", "Unsqueeze", "Squeeze", "Expand", "Concat",
            "Slice", "Split", "Identity", "Cast", "Tile", "Einsum":
            // Numbers in formulas, masks and tables of nodes called Constant are none.
            if index == 0 || !["Gather", "Reshape", "Expand", "Tile", "Slice"].contains(node.operation),
              value.count > 1, !program.constantNodes.contains(name), isFinite(value), roles[name] == nil
            {
              roles[name] = .weight
            }
          default: break
          }
        }
        for case .graph(let inner) in node.attributes.values { visit(inner) }
      }
    }
    visit(program)
    return roles
  }

  private static func isFinite(_ value: ONNXTensor) -> Bool {
    if let tensor = value.tensor(Float.self) { return tensor.isFinite().all().item }
    if let tensor = value.tensor(Double.self) { return tensor.isFinite().all().item }
    return true
  }
}

extension Onnx_TensorProto {
  /// The same tensor with other values, in its own type.
  mutating func replaceValues(_ value: ONNXTensor) {
    switch DataType(rawValue: Int(dataType)) {
    case .float16:
      let halves = value.cast(to: Float.self).scalars.map { Float16($0).bitPattern.littleEndian }
      rawData = halves.withUnsafeBytes { Data($0) }
    case .bfloat16:
      let upper = value.cast(to: Float.self).scalars.map { number -> UInt16 in
        if number.isNaN { return 0x7fc0 }
        let bits = number.bitPattern
        return UInt16((bits &+ 0x7fff &+ (bits >> 16 & 1)) >> 16).littleEndian
      }
      rawData = upper.withUnsafeBytes { Data($0) }
    default: rawData = Data(value.stored.bytes)
    }
    (floatData, doubleData, int32Data) = ([], [], [])
  }
}
