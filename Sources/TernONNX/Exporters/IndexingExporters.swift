import TernTensor

extension OperationExporters {
  /// Picking by indices, and writing at them.
  static let indexing: [String: Exporter] = [
    "gathered": gathered, "topK": gathered, "sorted": gathered, "argsort": gathered, "cumulativeMax": gathered,
    "cumulativeMin": gathered, "median": gathered, "taking": gathered, "embedding": gathered, "indexed": gathered,
    "scattering": { x throws(Refusal) in
      guard let index = x.tensor("index") else { throw Refusal("its indices are not known") }
      let source = x.inputs[1].shape == index.shape ? x.y : x.node("Expand", [x.y, x.graph.sizes(index.shape)])
      return x.node("ScatterElements", [x.x, index.name, source], ["axis": .int(try x.integer("axis"))])
    },
    "scatterAdding": { x throws(Refusal) in
      guard let index = x.tensor("index") else { throw Refusal("its indices are not known") }
      return x.node(
        "ScatterElements", [x.x, index.name, x.y],
        ["axis": .int(try x.integer("axis")), "reduction": .string("add")])
    },
    "replacing": { x throws(Refusal) in try scattered(x, reduction: "none") },
    "order": { x throws(Refusal) in
      let axis = try x.integer("axis")
      let results = [x.graph.fresh("values"), x.graph.fresh("indices")]
      x.graph.add(
        "TopK", [x.x, x.graph.sizes([x.shape[axis]])], results,
        ["axis": .int(axis), "largest": .int(x.flag("isDescending") ? 1 : 0), "sorted": .int(1)])
      return results[1]
    },
  ]

  private static let gathered: Exporter = { x throws(Refusal) in
    guard let index = x.tensor("index") else { throw Refusal("its indices are not known") }
    return x.node(
      x.word("kind") == "taken" ? "Gather" : "GatherElements", [x.x, index.name],
      ["axis": .int(try x.integer("axis"))])
  }

  /// Slices of an axis replaced, or added to.
  static func scattered(_ x: TracedOperation, reduction: String) throws(Refusal) -> String {
    guard let index = x.tensor("index"), index.shape.count == 1 else { throw Refusal("its indices are no vector") }
    let axis = try x.integer("axis")
    var (slices, thin) = (x.shape, [Extent](repeating: 1, count: x.rank))
    (slices[axis], thin[axis]) = (index.shape[0], index.shape[0])
    let sizes = x.graph.sizes(slices)
    let places = x.node("Expand", [x.reshaped(index.name, from: index.shape, to: thin), sizes])
    let values = x.inputs[1].shape == slices ? x.y : x.node("Expand", [x.y, sizes])
    return x.node(
      "ScatterElements", [x.x, places, values], ["axis": .int(axis), "reduction": .string(reduction)])
  }
}
