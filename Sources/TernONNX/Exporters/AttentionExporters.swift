import TernTensor

extension OperationExporters {
  /// Attention of one head or many, with masks.
  static let attention: [String: Exporter] = [
    "scaledDotProductAttention": { x throws(Refusal) in
      let rank = x.inputs[1].shape.count
      let turned = x.node("Transpose", [x.y], ["perm": .ints(Array(0..<rank - 2) + [rank - 1, rank - 2])])
      return try attended(
        x, x.x, turned, x.inputs[2].name, queries: x.shape[rank - 2], keys: x.inputs[1].shape[rank - 2])
    },
    "multiHeadAttention": { x throws(Refusal) in
      // Queries, keys and values side by side, [N, T, 3·features] or [T, N, 3·features].
      let (heads, batchFirst) = (try x.integer("heads"), x.flag("batchFirst"))
      let shape = x.inputs[0].shape
      guard let features = x.shape.last, features.isFixed else { throw Refusal("features that depend on the batch") }
      let size = features.fixed / heads
      let apart = x.reshaped(x.x, from: shape, to: [shape[0], shape[1], 3, Extent(heads), Extent(size)])
      // [3, N, heads, T, size]; the keys' times come last.
      func part(_ index: Int, _ order: [Int]) -> String {
        let one = x.node("Gather", [apart, x.graph.number(Double(index), .int64)], ["axis": .int(2)])
        return x.node("Transpose", [one], ["perm": .ints(order)])
      }
      let order = batchFirst ? [0, 2, 1, 3] : [1, 2, 0, 3]
      let time = shape[batchFirst ? 1 : 0]
      let read = try attended(
        x, part(0, order), part(1, [order[0], order[1], order[3], order[2]]), part(2, order), queries: time, keys: time)
      let joined = x.node("Transpose", [read], ["perm": .ints(batchFirst ? [0, 2, 1, 3] : [2, 0, 1, 3])])
      return x.reshaped(joined, from: [shape[0], shape[1], Extent(heads), Extent(size)], to: x.shape)
    },
  ]

  /// softmax(s·q·k + bias)·v with the keys turned; zeros where nothing may be attended to.
  private static func attended(
    _ x: TracedOperation, _ q: String, _ turned: String, _ v: String, queries: Extent, keys: Extent
  ) throws(Refusal) -> String {
    var scores = x.node("MatMul", [x.node("Mul", [q, try x.scalar("scale")]), turned])
    let bias = x.tensor("bias")
    if let bias { scores = x.node("Add", [scores, bias.name]) }
    var allowed = x.tensor("mask")?.name
    if x.flag("isCausal") {
      guard queries.isFixed, keys.isFixed else { throw Refusal("a causal mask along the batch") }
      let past = x.graph.constant(
        Tensor<Bool>(ones: [queries.fixed, keys.fixed]).lowerTriangle(), prefix: "past")
      allowed = allowed.map { x.node("And", [$0, past]) } ?? past
    }
    let isOpen = x.tensor("mask") == nil && bias == nil
    let hidden = x.constant(-.infinity)
    if let allowed { scores = x.node("Where", [allowed, scores, hidden]) }
    if isOpen { return x.node("MatMul", [x.node("Softmax", [scores], ["axis": .int(-1)]), v]) }
    let largest = x.node("ReduceMax", [scores, x.integers([-1])], ["keepdims": .int(1)])
    let isVoid = x.node("Equal", [largest, hidden])
    let weights = x.node(
      "Softmax", [x.node("Where", [isVoid, x.constant(0), scores])], ["axis": .int(-1)])
    return x.node("MatMul", [x.node("Where", [isVoid, x.constant(0), weights]), v])
  }
}
