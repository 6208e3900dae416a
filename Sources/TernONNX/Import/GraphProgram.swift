import TernBackend
import TernMessages
import TernTensor

/// What an operator does: the node's results from its inputs.
typealias GraphOperator = @Sendable (NodeCall) throws -> [ONNXTensor]

/// An attribute of a node that was read.
enum NodeAttribute: Sendable {
  case int(Int)
  case float(Double)
  case text(String)
  case ints([Int])
  case floats([Double])
  case texts([String])
  case tensor(ONNXTensor)
  case graph(GraphProgram)
}

/// A node of a graph, ready to run.
final class GraphNode: Sendable {
  let name: String
  let operation: String
  /// Names of values; empty for an optional one that is left out.
  let inputs: [String]
  let outputs: [String]
  let attributes: [String: NodeAttribute]
  /// Inputs, and values that subgraphs take from around.
  let needs: Set<String>
  let run: GraphOperator

  init(
    _ proto: Onnx_NodeProto, _ attributes: [String: NodeAttribute], needs: Set<String>, _ run: @escaping GraphOperator
  ) {
    name = proto.name.isEmpty ? proto.output.first { !$0.isEmpty } ?? "" : proto.name
    operation = proto.opType
    inputs = proto.input
    outputs = proto.output
    self.attributes = attributes
    self.needs = needs
    self.run = run
  }
}

/// A graph, or subgraph of a node, in an order in which it can run.
final class GraphProgram: Sendable {
  let nodes: [GraphNode]
  /// For each node the values that nothing needs after it.
  let drops: [[String]]
  let inputs: [String]
  let outputs: [String]
  /// Initializers and the values of nodes called Constant.
  let constants: [String: ONNXTensor]
  /// Names of constants that are nodes.
  let constantNodes: Set<String>
  /// What it takes from the graphs around.
  let captures: Set<String>

  /// - Parameters:
  ///   - around: the names that the graphs around define.
  ///   - depth: how many graphs are around.
  init(_ graph: Onnx_GraphProto, around: Set<String>, depth: Int = 0) throws {
    guard depth < 16 else { throw ONNXError("more than 16 graphs inside each other") }
    var constants: [String: ONNXTensor] = [:]
    for tensor in graph.initializer {
      guard !tensor.name.isEmpty else { throw ONNXError("an initializer has no name") }
      guard constants.updateValue(try ONNXTensor(tensor.array()), forKey: tensor.name) == nil else {
        throw ONNXError("two initializers are called \"\(tensor.name)\"")
      }
    }
    if let tensor = graph.sparseInitializer.first {
      throw ONNXError("the initializer \"\(tensor.values.name)\" is sparse, which Tern does not read")
    }
    inputs = graph.input.map(\.name)
    outputs = graph.output.map(\.name)
    // Order: a node runs when what it needs is there.
    var known = around.union(constants.keys).union(inputs)
    var own = Set(constants.keys).union(inputs)
    guard graph.node.count <= 1 << 20 else { throw ONNXError("\(graph.node.count) nodes") }
    for output in graph.node.flatMap(\.output) where !output.isEmpty {
      guard own.insert(output).inserted else { throw ONNXError("two values are called \"\(output)\"") }
    }
    let inner = around.union(own)
    var waiting: [GraphNode] = []
    var constantNodes: Set<String> = []
    for proto in graph.node {
      let attributes = try Self.attributes(of: proto, around: inner, depth: depth)
      if proto.opType == "Constant", proto.output.count == 1, ["", "ai.onnx"].contains(proto.domain) {
        constants[proto.output[0]] = try constant(attributes, proto)
        constantNodes.insert(proto.output[0])
        known.insert(proto.output[0])
        continue
      }
      guard let run = NodeCall.find(proto) else {
        throw ONNXError("not an operator that Tern has", node: proto.name, operation: proto.opType)
      }
      var needs = Set(proto.input.filter { !$0.isEmpty })
      for case .graph(let graph) in attributes.values { needs.formUnion(graph.captures) }
      if let missing = needs.first(where: { !inner.contains($0) }) {
        throw ONNXError("takes \"\(missing)\", which nothing defines", node: proto.name, operation: proto.opType)
      }
      waiting.append(GraphNode(proto, attributes, needs: needs, run))
    }
    nodes = try Self.ordered(waiting, known)
    self.constants = constants
    self.constantNodes = constantNodes
    for output in outputs where !inner.contains(output) {
      throw ONNXError("the output \"\(output)\" is defined by nothing")
    }
    var captures = Set(outputs)
    for node in nodes { captures.formUnion(node.needs) }
    self.captures = captures.subtracting(own)
    // Values of this graph alone are dropped; the last node that needs one says when.
    var last: [String: Int] = [:]
    for (index, node) in nodes.enumerated() {
      for name in node.needs { last[name] = index }
      for name in node.outputs where !name.isEmpty && last[name] == nil { last[name] = index }
    }
    var drops = [[String]](repeating: [], count: nodes.count)
    let kept = Set(outputs)
    for (name, index) in last where own.contains(name) && constants[name] == nil && !kept.contains(name) {
      drops[index].append(name)
    }
    self.drops = drops
  }

  /// The nodes, each behind those that it needs; the file's order where that is one.
  private static func ordered(_ nodes: [GraphNode], _ known: Set<String>) throws -> [GraphNode] {
    var known = known
    var missing = nodes.map { $0.needs.subtracting(known).count }
    var users: [String: [Int]] = [:]
    for (index, node) in nodes.enumerated() {
      for name in node.needs where !known.contains(name) { users[name, default: []].append(index) }
    }
    var result: [GraphNode] = []
    result.reserveCapacity(nodes.count)
    var isDone = [Bool](repeating: false, count: nodes.count)
    var ready = nodes.indices.filter { missing[$0] == 0 }[...]
    while let index = ready.popFirst() {
      if isDone[index] { continue }
      isDone[index] = true
      result.append(nodes[index])
      for name in nodes[index].outputs where !name.isEmpty && known.insert(name).inserted {
        for user in users[name] ?? [] {
          missing[user] -= 1
          if missing[user] == 0 { ready.append(user) }
        }
      }
    }
    if let index = isDone.firstIndex(of: false) {
      throw ONNXError("needs its own result", node: nodes[index].name, operation: nodes[index].operation)
    }
    return result
  }

  private static func attributes(
    of node: Onnx_NodeProto, around: Set<String>, depth: Int
  ) throws -> [String: NodeAttribute] {
    var attributes: [String: NodeAttribute] = [:]
    for attribute in node.attribute {
      func refuse(_ what: String) -> ONNXError {
        ONNXError("the attribute \"\(attribute.name)\" \(what)", node: node.name, operation: node.opType)
      }
      if !attribute.refAttrName.isEmpty { throw refuse("refers to a function's, outside of one") }
      // Files of the first versions do not say the type.
      var type = attribute.type
      if type == .undefined {
        if attribute.hasT {
          type = .tensor
        } else if attribute.hasG {
          type = .graph
        } else if attribute.hasS {
          type = .string
        } else if attribute.hasF {
          type = .float
        } else if attribute.hasI {
          type = .int
        } else if !attribute.ints.isEmpty {
          type = .ints
        } else if !attribute.floats.isEmpty {
          type = .floats
        } else {
          type = .strings
        }
      }
      let value: NodeAttribute
      switch type {
      case .int: value = .int(Int(attribute.i))
      case .float: value = .float(Double(attribute.f))
      case .string: value = .text(String(decoding: attribute.s, as: UTF8.self))
      case .ints: value = .ints(attribute.ints.map { Int($0) })
      case .floats: value = .floats(attribute.floats.map { Double($0) })
      case .strings: value = .texts(attribute.strings.map { String(decoding: $0, as: UTF8.self) })
      case .tensor: value = .tensor(try ONNXTensor(attribute.t.array()))
      case .graph: value = .graph(try GraphProgram(attribute.g, around: around, depth: depth + 1))
      // What no operator of Tern takes.
      default: continue
      }
      guard attributes.updateValue(value, forKey: attribute.name) == nil else { throw refuse("is there twice") }
    }
    return attributes
  }
}

/// The value of a node called Constant.
private func constant(_ attributes: [String: NodeAttribute], _ node: Onnx_NodeProto) throws -> ONNXTensor {
  for name in ["value", "value_float", "value_int", "value_floats", "value_ints"] {
    switch attributes[name] {
    case .tensor(let tensor): return tensor
    case .float(let value): return ONNXTensor(Tensor(Float(value)))
    case .int(let value): return ONNXTensor(Tensor(value))
    case .floats(let values): return ONNXTensor(Tensor(values.map { Float($0) }))
    case .ints(let values): return ONNXTensor(Tensor(values))
    default: continue
    }
  }
  throw ONNXError("its value is no tensor or number", node: node.name, operation: node.opType)
}

/// The operators of a graph, subgraphs included, that Tern does not have: their number and the first node's name.
func unsupportedOperators(_ graph: Onnx_GraphProto) -> [(name: String, count: Int, first: String)] {
  var order: [String] = []
  var found: [String: (count: Int, first: String)] = [:]
  func visit(_ graph: Onnx_GraphProto, _ depth: Int) {
    for node in graph.node {
      let isOwn = ["", "ai.onnx"].contains(node.domain)
      if NodeCall.find(node) == nil, !isOwn || node.opType != "Constant" {
        let name = isOwn ? node.opType : node.domain + "." + node.opType
        if found[name] == nil {
          order.append(name)
          found[name] = (0, node.name.isEmpty ? node.output.first ?? "" : node.name)
        }
        found[name]!.count += 1
      }
      if depth < 16 { for attribute in node.attribute where attribute.hasG { visit(attribute.g, depth + 1) } }
    }
  }
  visit(graph, 0)
  return order.map { ($0, found[$0]!.count, found[$0]!.first) }
}
