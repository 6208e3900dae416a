import TernMessages

/// The graph of a model with the nodes of its own functions in place of their calls.
func inliningFunctions(_ model: Onnx_ModelProto) throws -> Onnx_GraphProto {
  guard !model.functions.isEmpty else { return model.graph }
  var inlining = FunctionInlining(model)
  var graph = model.graph
  graph.node = try inlining.expanded(graph.node, depth: 0)
  return graph
}

private struct FunctionInlining {
  private var functions: [String: Onnx_FunctionProto] = [:]
  private var calls = 0
  private var nodes = 0

  init(_ model: Onnx_ModelProto) {
    for function in model.functions { functions[function.domain + "." + function.name] = function }
  }

  /// The nodes with those of functions in place of their calls.
  mutating func expanded(_ list: [Onnx_NodeProto], depth: Int) throws -> [Onnx_NodeProto] {
    guard depth < 32 else { throw ONNXError("functions that call each other without an end") }
    var result: [Onnx_NodeProto] = []
    for var node in list {
      guard let function = functions[node.domain + "." + node.opType] else {
        for index in node.attribute.indices where node.attribute[index].hasG {
          node.attribute[index].g.node = try expanded(node.attribute[index].g.node, depth: depth + 1)
        }
        result.append(node)
        continue
      }
      calls += 1
      nodes += function.node.count
      guard nodes <= 1 << 20 else { throw ONNXError("functions of more than 2²⁰ nodes") }
      result += try expanded(body(of: function, for: node), depth: depth + 1)
    }
    return result
  }

  /// The function's nodes with the call's values and attributes, and names of their own for all else.
  private func body(of function: Onnx_FunctionProto, for call: Onnx_NodeProto) throws -> [Onnx_NodeProto] {
    guard call.input.count <= function.input.count, call.output.count <= function.output.count else {
      throw ONNXError("more inputs or outputs than the function has", node: call.name, operation: call.opType)
    }
    var names: [String: String] = ["": ""]
    for (index, name) in function.input.enumerated() { names[name] = index < call.input.count ? call.input[index] : "" }
    let prefix = "\(call.opType)#\(calls)/"
    var nodes = function.node
    for (index, name) in function.output.enumerated() where index < call.output.count && !call.output[index].isEmpty {
      if names[name] == nil {
        names[name] = call.output[index]
      } else {
        // An input that is handed through.
        var identity = Onnx_NodeProto()
        identity.opType = "Identity"
        identity.input = [name]
        identity.output = [prefix + "output\(index)"]
        names[prefix + "output\(index)"] = call.output[index]
        nodes.append(identity)
      }
    }
    var given: [String: Onnx_AttributeProto] = [:]
    for attribute in function.attributeProto { given[attribute.name] = attribute }
    for attribute in call.attribute { given[attribute.name] = attribute }
    for index in nodes.indices { rename(&nodes[index], names, prefix, given, depth: 0) }
    return nodes
  }

  private func rename(
    _ node: inout Onnx_NodeProto, _ names: [String: String], _ prefix: String, _ given: [String: Onnx_AttributeProto],
    depth: Int
  ) {
    if !node.name.isEmpty { node.name = prefix + node.name }
    node.input = node.input.map { names[$0] ?? prefix + $0 }
    node.output = node.output.map { names[$0] ?? prefix + $0 }
    node.attribute = node.attribute.compactMap { attribute in
      if !attribute.refAttrName.isEmpty {
        guard var value = given[attribute.refAttrName] else { return nil }
        value.name = attribute.name
        return value
      }
      guard attribute.hasG, depth < 16 else { return attribute }
      var attribute = attribute
      for index in attribute.g.node.indices { rename(&attribute.g.node[index], names, prefix, given, depth: depth + 1) }
      for index in attribute.g.initializer.indices {
        attribute.g.initializer[index].name = prefix + attribute.g.initializer[index].name
      }
      for index in attribute.g.input.indices { attribute.g.input[index].name = prefix + attribute.g.input[index].name }
      for index in attribute.g.output.indices {
        let name = attribute.g.output[index].name
        attribute.g.output[index].name = names[name] ?? prefix + name
      }
      return attribute
    }
  }
}
