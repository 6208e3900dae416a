import TernMessages

extension NodeCall {
  /// The operators that Tern has, by their names.
  static let operators: [String: GraphOperator] = {
    var table: [String: GraphOperator] = [:]
    for family in [
      elementwise, activations, arithmetic, comparisons, products, convolutions, pooling, normalizations, shaping,
      joining, indexing, scattering, reductions, ordering, making, resizing, recurrent, controlFlow, quantization,
      detection, losses, attention, fourier, regions, folding, sequences,
    ] {
      table.merge(family) { first, _ in first }
    }
    return table
  }()

  /// What a node's operator does; `nil` for one that Tern does not have. Those of other domains than ONNX's have theirs before
  /// their name.
  static func find(_ node: Onnx_NodeProto) -> GraphOperator? {
    if !["", "ai.onnx"].contains(node.domain) { return operators[node.domain + "." + node.opType] }
    return node.opType.contains(".") ? nil : operators[node.opType]
  }
}
