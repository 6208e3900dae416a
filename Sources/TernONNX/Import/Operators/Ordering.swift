import TernBackend
import TernTensor

extension NodeCall {
  /// The largest, the smallest, and orders.
  static let ordering: [String: GraphOperator] = [
    "ArgMax": { [try $0.extremePlace($0.numeric)] },
    "ArgMin": { [try $0.extremePlace($0.numeric)] },
    "TopK": { try $0.largest($0.numeric) },
    "Unique": { try $0.unique($0.scalar) },
  ]

  private func extremePlace<Scalar: NumericScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let x: Tensor<Scalar> = try tensor(0)
    let axis = try axis(int("axis", 0), x.rank)
    let (keeps, last) = (try flag("keepdims", true), try flag("select_last_index"))
    let extent = x.shape[axis]
    try require(extent > 0, "nothing to choose from along axis \(axis) of \(x.shape)")
    let source = last ? x.flipped([axis]) : x
    let found =
      operation == "ArgMax"
      ? source.argmax(along: axis, keepingAxes: keeps) : source.argmin(along: axis, keepingAxes: keeps)
    return ONNXTensor(last ? (extent - 1) - found : found)
  }

  private func largest<Scalar: NumericScalar>(_: Scalar.Type) throws -> [ONNXTensor] {
    let x: Tensor<Scalar> = try tensor(0)
    let axis = try axis(int("axis", -1), x.rank)
    let k = opset < 10 ? try int("k", -1) : try integer(1)
    try require(k >= 0 && k <= x.shape[axis], "\(k) of the \(x.shape[axis]) along axis \(axis)")
    let found = x.topK(k, along: axis, largest: try flag("largest", true))
    return [ONNXTensor(found.values), ONNXTensor(found.indices)]
  }

  /// Each value once, sorted or in the order of their first places; with those places, the inverse and the counts.
  private func unique<Scalar: TensorScalar>(_: Scalar.Type) throws -> [ONNXTensor] {
    let x: Tensor<Scalar> = try tensor(0)
    let axis = hasAttribute("axis") ? try axis(int("axis", 0), x.rank) : nil
    try require(!x.isEmpty, "an input of shape \(x.shape)")
    let found = axis.map { x.unique(along: $0) } ?? x.unique()
    let inverse = found.inverse.scalars
    var first = [Int](repeating: -1, count: found.counts.count)
    for (place, value) in inverse.enumerated() where first[value] < 0 { first[value] = place }
    if try flag("sorted", true) {
      return [
        ONNXTensor(found.values), ONNXTensor(Tensor(first)), ONNXTensor(found.inverse.reshaped([inverse.count])),
        ONNXTensor(found.counts),
      ]
    }
    let order = first.indices.sorted { first[$0] < first[$1] }
    var rank = order
    for (place, value) in order.enumerated() { rank[value] = place }
    let counts = found.counts.scalars
    return [
      ONNXTensor(found.values.taking(Tensor(order), along: axis ?? 0)), ONNXTensor(Tensor(order.map { first[$0] })),
      ONNXTensor(Tensor(inverse.map { rank[$0] })), ONNXTensor(Tensor(order.map { counts[$0] })),
    ]
  }
}
