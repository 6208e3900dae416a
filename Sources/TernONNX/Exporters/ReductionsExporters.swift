import TernTensor

extension OperationExporters {
  /// Reductions, and running sums.
  static let reductions: [String: Exporter] = [
    "sum": { x throws(Refusal) in try reduced(x, "ReduceSum") },
    "mean": { x throws(Refusal) in try reduced(x, "ReduceMean") },
    "max": { x throws(Refusal) in try reduced(x, "ReduceMax") },
    "amax": { x throws(Refusal) in try reduced(x, "ReduceMax") },
    "min": { x throws(Refusal) in try reduced(x, "ReduceMin") },
    "amin": { x throws(Refusal) in try reduced(x, "ReduceMin") },
    "product": { x throws(Refusal) in try reduced(x, "ReduceProd") },
    "logSumExp": { x throws(Refusal) in try reduced(x, "ReduceLogSumExp") },
    "integer total": { x throws(Refusal) in
      let numbers = x.cast(x.x, x.inputs[0].type, to: .int64)
      return try reduced(x, x.flag("isProduct") ? "ReduceProd" : "ReduceSum", of: numbers)
    },
    "norm": { x throws(Refusal) in
      let order = try x.number("order")
      switch order {
      case 1: return try reduced(x, "ReduceL1")
      case 2: return try reduced(x, "ReduceL2")
      case .infinity: return try reduced(x, "ReduceMax", of: x.node("Abs", [x.x]))
      case -.infinity: return try reduced(x, "ReduceMin", of: x.node("Abs", [x.x]))
      case 0:
        let isNonZero = x.node("Not", [x.node("Equal", [x.x, x.constant(0)])])
        return try reduced(x, "ReduceSum", of: x.cast(isNonZero, .bool, to: .float32))
      default:
        let powers = x.node("Pow", [x.node("Abs", [x.x]), x.constant(order)])
        return x.node("Pow", [try reduced(x, "ReduceSum", of: powers), x.constant(1 / order)])
      }
    },
    "variance": { x throws(Refusal) in try variance(x) },
    "standardDeviation": { x throws(Refusal) in x.node("Sqrt", [try variance(x)]) },
    "position": { x throws(Refusal) in
      let (axes, operation) = (try x.integers("axes"), x.flag("isLargest") ? "ArgMax" : "ArgMin")
      let source = x.cast(x.x, x.inputs[0].type, to: x.inputs[0].type == .bool ? .int32 : x.inputs[0].type)
      guard let axis = axes.first else {
        let flat = x.node("Reshape", [source, x.integers([-1])])
        return x.node(operation, [flat], ["axis": .int(0), "keepdims": .int(0)])
      }
      let kept = x.rank == x.inputs[0].shape.count
      return x.node(operation, [source], ["axis": .int(axis), "keepdims": .int(kept ? 1 : 0)])
    },
    "cumulativeSum": { x throws(Refusal) in try running(x) },
    "integer scan": { x throws(Refusal) in
      guard x.flag("isSum") else { throw Refusal("ONNX has no running products") }
      return try running(x)
    },
  ]

  private static func reduced(_ x: TracedOperation, _ operation: String, of value: String? = nil) throws(Refusal)
    -> String
  {
    let axes = try x.integers("axes")
    if axes.isEmpty { return value ?? x.x }
    let kept = x.rank == x.inputs[0].shape.count
    return x.node(operation, [value ?? x.x, x.integers(axes)], ["keepdims": .int(kept ? 1 : 0)])
  }

  private static func running(_ x: TracedOperation) throws(Refusal) -> String {
    x.node("CumSum", [x.x, x.graph.number(Double(try x.integer("axis")), .int64)])
  }

  /// Σ(x − mean)²/max(0, n − correction)
  private static func variance(_ x: TracedOperation) throws(Refusal) -> String {
    let (axes, correction) = (try x.integers("axes"), try x.number("correction"))
    guard let extents = axes.map({ x.inputs[0].shape[$0] }).fixed else { throw Refusal("a variance over the batch") }
    let count = Double(extents.reduce(1, *))
    let mean = x.node("ReduceMean", [x.x, x.integers(axes)], ["keepdims": .int(1)])
    let centered = x.node("Sub", [x.x, mean])
    let sum = try reduced(x, "ReduceSum", of: x.node("Mul", [centered, centered]))
    return x.node("Div", [sum, x.constant(max(0, count - correction))])
  }
}
