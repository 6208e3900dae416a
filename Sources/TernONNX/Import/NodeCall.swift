import TernBackend
import TernTensor

/// The values of a graph while it runs; a subgraph sees those around.
final class GraphScope {
  private var values: [String: ONNXTensor]
  private let around: GraphScope?

  init(_ values: [String: ONNXTensor], around: GraphScope? = nil) {
    self.values = values
    self.around = around
  }

  subscript(name: String) -> ONNXTensor? {
    get { values[name] ?? around?[name] }
    set { values[name] = newValue }
  }
}

/// One run of a network: what all its nodes share.
final class GraphRun {
  /// The version of the operators.
  let opset: Int
  let isTraining: Bool
  /// Whether what wrote the file is known to mean what runtimes compute.
  let isOfExporter: Bool
  /// The most elements a result may have.
  let limit: Int
  /// Nodes that may still run.
  var nodesLeft: Int
  /// Keeps the new value of a running statistic, by its name.
  let keep: (String, ONNXTensor) -> Void

  init(
    _ contents: NetworkContents, isTraining: Bool, limit: Int, nodes: Int,
    keep: @escaping (String, ONNXTensor) -> Void
  ) {
    opset = contents.opset
    isOfExporter = contents.isOfExporter
    self.isTraining = isTraining
    self.limit = limit
    nodesLeft = nodes
    self.keep = keep
  }

  /// Runs a graph whose inputs and constants are in `scope`.
  func run(_ program: GraphProgram, _ scope: GraphScope) throws -> [ONNXTensor] {
    for (index, node) in program.nodes.enumerated() {
      nodesLeft -= 1
      guard nodesLeft > 0 else { throw ONNXError("more nodes run than are allowed: a loop does not end") }
      var inputs: [ONNXTensor?] = []
      inputs.reserveCapacity(node.inputs.count)
      for name in node.inputs {
        if name.isEmpty {
          inputs.append(nil)
        } else if let value = scope[name] {
          inputs.append(value)
        } else {
          throw ONNXError("\"\(name)\" has no value", node: node.name, operation: node.operation)
        }
      }
      let call = NodeCall(node: node, inputs: inputs, scope: scope, run: self)
      try call.checkUnsigned()
      let results = try node.run(call)
      for (position, name) in node.outputs.enumerated() where !name.isEmpty {
        guard position < results.count else {
          throw call.error("has no result \(position)")
        }
        scope[name] = call.narrowed(results[position], position)
      }
      for name in program.drops[index] { scope[name] = nil }
    }
    return try program.outputs.map { name in
      guard let value = scope[name] else { throw ONNXError("the output \"\(name)\" has no value") }
      return value
    }
  }
}

/// A node with the values of its inputs: what an operator works from. Everything that could stop the program is checked
/// here or in the operator, and thrown.
struct NodeCall {
  let node: GraphNode
  let inputs: [ONNXTensor?]
  let scope: GraphScope
  let run: GraphRun

  var opset: Int { run.opset }
  var operation: String { node.operation }

  /// An error that names the node.
  func error(_ what: String) -> ONNXError { ONNXError(what, node: node.name, operation: node.operation) }

  /// Throws unless `condition` holds.
  func require(_ condition: Bool, _ what: @autoclosure () -> String) throws {
    if !condition { throw error(what()) }
  }

  // MARK: Inputs

  func has(_ index: Int) -> Bool { index < inputs.count && inputs[index] != nil }

  /// A tensor that has to be there.
  func value(_ index: Int) throws -> ONNXTensor {
    let value = try content(index)
    guard case .tensor = value.content else { throw error("input \(index) is no tensor") }
    return value
  }

  /// A tensor, sequence or optional value that has to be there.
  func content(_ index: Int) throws -> ONNXTensor {
    guard index < inputs.count, let value = inputs[index] else { throw error("input \(index) is missing") }
    return value
  }

  func tensor<Scalar: TensorScalar>(_ index: Int, as _: Scalar.Type = Scalar.self) throws -> Tensor<Scalar> {
    let value = try value(index)
    guard let tensor = value.tensor(Scalar.self) else {
      throw error("input \(index) is a tensor of \(value.dtype), not \(Scalar.dtype)")
    }
    return tensor
  }

  func optional<Scalar: TensorScalar>(_ index: Int, as _: Scalar.Type = Scalar.self) throws -> Tensor<Scalar>? {
    has(index) ? try tensor(index) : nil
  }

  /// All inputs, of one type.
  func tensors<Scalar: TensorScalar>(as _: Scalar.Type = Scalar.self) throws -> [Tensor<Scalar>] {
    try inputs.indices.map { try tensor($0) }
  }

  /// The result of a function of the floating-point type of an input.
  func floating(
    _ single: (Float.Type) throws -> [ONNXTensor], _ double: (Double.Type) throws -> [ONNXTensor], by index: Int = 0
  ) throws -> [ONNXTensor] {
    let type = try value(index).dtype
    switch type {
    case .float32: return try single(Float.self)
    case .float64: return try double(Double.self)
    default: throw error("\(type) is not one of its types in Tern")
    }
  }

  func floating(
    _ single: (Float.Type) throws -> ONNXTensor, _ double: (Double.Type) throws -> ONNXTensor, by index: Int = 0
  ) throws -> [ONNXTensor] {
    try floating({ [try single($0)] }, { [try double($0)] }, by: index)
  }

  /// The type of input 0, which has to be one of numbers.
  var numeric: any NumericScalar.Type {
    get throws {
      let type = try value(0).dtype
      guard let scalar = type.scalar as? any NumericScalar.Type else {
        throw error("\(type) is not one of its types in Tern")
      }
      return scalar
    }
  }

  /// The type of input 0.
  var scalar: any TensorScalar.Type { get throws { try value(0).dtype.scalar } }

  /// An input of whole numbers, as shapes and axes are.
  func integers(_ index: Int) throws -> [Int] {
    let value = try value(index)
    try require(
      value.rank <= 1 && value.count <= 1 << 16, "input \(index) of shape \(value.shape) is no list of whole numbers")
    switch value.dtype {
    case .int64: return Tensor<Int>(body: value.body).scalars
    case .int32: return Tensor<Int32>(body: value.body).scalars.map { Int($0) }
    case .uint8: return Tensor<UInt8>(body: value.body).scalars.map { Int($0) }
    default: throw error("input \(index) is a tensor of \(value.dtype), whole numbers are wanted")
    }
  }

  /// An input of positions, of any shape.
  func positions(_ index: Int) throws -> Tensor<Int> {
    let value = try value(index)
    try require(
      [.int64, .int32, .uint8].contains(value.dtype), "input \(index) is a tensor of \(value.dtype), no positions")
    return value.cast(to: Int.self)
  }

  /// The only number of an input.
  func number(_ index: Int) throws -> Double {
    let value = try value(index)
    try require(value.count == 1 && value.dtype != .bool, "input \(index) of shape \(value.shape) is not one number")
    return value.cast(to: Double.self).scalars[0]
  }

  /// The only whole number of an input.
  func integer(_ index: Int) throws -> Int {
    let value = try value(index)
    try require(value.count == 1, "input \(index) of shape \(value.shape) is not one number")
    return try positions(index).scalars[0]
  }

  /// The only truth value of an input.
  func condition(_ value: ONNXTensor, _ name: String) throws -> Bool {
    guard case .tensor = value.content, value.count == 1, let tensor = value.tensor(Bool.self) else {
      throw error("\(name) of shape \(value.shape) and \(value.dtype) is not one truth value")
    }
    return tensor.scalars[0]
  }

  // MARK: Attributes

  func hasAttribute(_ name: String) -> Bool { node.attributes[name] != nil }

  func int(_ name: String, _ standard: Int) throws -> Int {
    guard let value = node.attributes[name] else { return standard }
    guard case .int(let value) = value else { throw error("the attribute \"\(name)\" is no whole number") }
    return value
  }

  func flag(_ name: String, _ standard: Bool = false) throws -> Bool { try int(name, standard ? 1 : 0) != 0 }

  func float(_ name: String, _ standard: Double) throws -> Double {
    guard let value = node.attributes[name] else { return standard }
    guard case .float(let value) = value else { throw error("the attribute \"\(name)\" is no number") }
    return value
  }

  func text(_ name: String, _ standard: String) throws -> String {
    guard let value = node.attributes[name] else { return standard }
    guard case .text(let value) = value else { throw error("the attribute \"\(name)\" is no text") }
    return value
  }

  func ints(_ name: String) throws -> [Int]? {
    guard let value = node.attributes[name] else { return nil }
    guard case .ints(let values) = value else { throw error("the attribute \"\(name)\" is no list of whole numbers") }
    return values
  }

  func floats(_ name: String) throws -> [Double]? {
    guard let value = node.attributes[name] else { return nil }
    guard case .floats(let values) = value else { throw error("the attribute \"\(name)\" is no list of numbers") }
    return values
  }

  func texts(_ name: String) throws -> [String]? {
    guard let value = node.attributes[name] else { return nil }
    guard case .texts(let values) = value else { throw error("the attribute \"\(name)\" is no list of texts") }
    return values
  }

  func graph(_ name: String) throws -> GraphProgram {
    guard case .graph(let graph)? = node.attributes[name] else { throw error("the graph \"\(name)\" is missing") }
    return graph
  }

  // MARK: Shapes

  /// Throws where a result of this shape is more than may be made.
  func allow(_ shape: [Int]) throws {
    var count = 1
    for extent in shape {
      try require(extent >= 0, "a result of shape \(shape)")
      let (product, overflow) = count.multipliedReportingOverflow(by: Swift.max(extent, 1))
      try require(!overflow && product <= run.limit, "a result of shape \(shape) has more than \(run.limit) elements")
      count = product
    }
  }

  /// The shape that both broadcast to.
  func broadcast(_ a: [Int], _ b: [Int]) throws -> [Int] {
    var result = a.count >= b.count ? a : b
    let shift = abs(a.count - b.count)
    let (long, short) = a.count >= b.count ? (a, b) : (b, a)
    for (index, extent) in short.enumerated() {
      let other = long[shift + index]
      try require(extent == other || extent == 1 || other == 1, "shapes \(a) and \(b) do not broadcast")
      result[shift + index] = extent == 1 ? other : extent
    }
    try allow(result)
    return result
  }

  /// An axis counted from the front.
  func axis(_ axis: Int, _ rank: Int) throws -> Int {
    try require(axis >= -rank && axis < rank, "axis \(axis) of a tensor of rank \(rank)")
    return axis < 0 ? axis + rank : axis
  }

  /// Axes counted from the front, each once.
  func axes(_ axes: [Int], _ rank: Int) throws -> [Int] {
    let found = try axes.map { try axis($0, rank) }
    try require(Set(found).count == found.count, "axes \(axes) name one twice")
    return found
  }

  /// Axes that newer versions give as an input and older ones as an attribute.
  func axesInput(_ index: Int, from version: Int) throws -> [Int]? {
    if opset < version { return try ints("axes") }
    return has(index) ? try integers(index) : nil
  }
}
