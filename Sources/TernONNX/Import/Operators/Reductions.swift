import TernBackend
import TernTensor

extension NodeCall {
  /// Sums and the like along axes.
  static let reductions: [String: GraphOperator] = {
    var table: [String: GraphOperator] = [
      "CumSum": { [try $0.cumulated($0.numeric)] },
      "CumProd": { [try $0.cumulated($0.numeric)] },
    ]
    for name in ["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceSumSquare", "ReduceL1"] {
      table[name] = { call in
        if try call.value(0).dtype == .bool { return [try call.reducedTruth()] }
        return [try call.reduced(call.numeric)]
      }
    }
    for name in ["ReduceL2", "ReduceLogSum", "ReduceLogSumExp"] {
      table[name] = { try $0.floating($0.reducedFloat, $0.reducedFloat) }
    }
    return table
  }()

  /// The axes that are reduced; `nil` where nothing is.
  private func reducedAxes(_ rank: Int) throws -> [Int]? {
    let named = try axesInput(1, from: operation == "ReduceSum" ? 13 : 18)
    if named?.isEmpty ?? true {
      if try flag("noop_with_empty_axes") { return nil }
      return Array(0..<rank)
    }
    return try axes(named ?? [], rank)
  }

  private func reducedShape(_ shape: [Int], _ axes: [Int], _ keeps: Bool) -> [Int] {
    shape.indices.compactMap { axes.contains($0) ? (keeps ? 1 : nil) : shape[$0] }
  }

  private func reduced<Scalar: NumericScalar>(_: Scalar.Type) throws -> ONNXTensor {
    if Scalar.self is any FloatingScalar.Type { return try floating(reducedFloat, reducedFloat)[0] }
    let x: Tensor<Scalar> = try tensor(0)
    let keeps = try flag("keepdims", true)
    guard let axes = try reducedAxes(x.rank) else { return ONNXTensor(x) }
    if axes.isEmpty { return ONNXTensor(x) }
    let isEmpty = axes.contains { x.shape[$0] == 0 }
    // Whole numbers are summed as Int.
    let wide = x.cast(to: Int.self)
    let result: Tensor<Int>
    switch operation {
    case "ReduceSum": result = wide.sum(along: axes, keepingAxes: keeps)
    case "ReduceSumSquare": result = (wide * wide).sum(along: axes, keepingAxes: keeps)
    case "ReduceL1": result = wide.abs().sum(along: axes, keepingAxes: keeps)
    case "ReduceProd": result = wide.product(along: axes, keepingAxes: keeps)
    case "ReduceMean":
      let count = axes.reduce(1) { $0 * x.shape[$1] }
      try require(count > 0, "the mean of nothing along \(axes) of \(x.shape)")
      result = wide.sum(along: axes, keepingAxes: keeps).divided(by: count, rounding: .towardZero)
    default:
      try require(!isEmpty, "nothing to choose from along \(axes) of \(x.shape)")
      let isMax = operation == "ReduceMax"
      return ONNXTensor(isMax ? x.amax(along: axes, keepingAxes: keeps) : x.amin(along: axes, keepingAxes: keeps))
    }
    return ONNXTensor(result.cast(to: Scalar.self))
  }

  private func reducedFloat<Scalar: FloatingScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let x: Tensor<Scalar> = try tensor(0)
    let keeps = try flag("keepdims", true)
    let given = try reducedAxes(x.rank)
    // Of single elements the function that an operator has besides its sum is left.
    guard let axes = given, !axes.isEmpty else {
      switch operation {
      case "ReduceSumSquare": return ONNXTensor(x.square())
      case "ReduceL1", "ReduceL2": return ONNXTensor(x.abs())
      case "ReduceLogSum": return ONNXTensor(x.log())
      default: return ONNXTensor(x)
      }
    }
    let isEmpty = axes.contains { x.shape[$0] == 0 }
    switch operation {
    case "ReduceSum": return ONNXTensor(x.sum(along: axes, keepingAxes: keeps))
    case "ReduceMean": return ONNXTensor(x.mean(along: axes, keepingAxes: keeps))
    case "ReduceProd": return ONNXTensor(x.product(along: axes, keepingAxes: keeps))
    case "ReduceSumSquare": return ONNXTensor(x.square().sum(along: axes, keepingAxes: keeps))
    case "ReduceL1": return ONNXTensor(x.abs().sum(along: axes, keepingAxes: keeps))
    case "ReduceL2": return ONNXTensor(x.norm(2, along: axes, keepingAxes: keeps))
    case "ReduceLogSum": return ONNXTensor(x.sum(along: axes, keepingAxes: keeps).log())
    case "ReduceLogSumExp":
      if isEmpty { return ONNXTensor(x.sum(along: axes, keepingAxes: keeps).log()) }
      return ONNXTensor(x.logSumExp(along: axes, keepingAxes: keeps))
    default:
      let isMax = operation == "ReduceMax"
      if isEmpty {
        return ONNXTensor(Tensor<Scalar>(full: reducedShape(x.shape, axes, keeps), isMax ? -.infinity : .infinity))
      }
      return ONNXTensor(isMax ? x.amax(along: axes, keepingAxes: keeps) : x.amin(along: axes, keepingAxes: keeps))
    }
  }

  /// Whether all or any are true.
  private func reducedTruth() throws -> ONNXTensor {
    let x: Tensor<Bool> = try tensor(0)
    let keeps = try flag("keepdims", true)
    guard let axes = try reducedAxes(x.rank), !axes.isEmpty else { return ONNXTensor(x) }
    switch operation {
    case "ReduceMax": return ONNXTensor(x.any(along: axes, keepingAxes: keeps))
    case "ReduceMin": return ONNXTensor(x.all(along: axes, keepingAxes: keeps))
    default: throw error("bool is not one of its types")
    }
  }

  /// Running sums or products.
  private func cumulated<Scalar: NumericScalar>(_ scalar: Scalar.Type) throws -> ONNXTensor {
    let axis = try axis(integer(1), value(0).rank)
    let (excludes, reverses) = (try flag("exclusive"), try flag("reverse"))
    let isSum = operation == "CumSum"
    func running<Number: NumericScalar>(
      _ x: Tensor<Number>, _ accumulate: (Tensor<Number>) -> Tensor<Number>
    ) -> Tensor<Number> {
      if x.isEmpty { return x }
      let all = accumulate(reverses ? x.flipped([axis]) : x)
      var shifted = all
      if excludes {
        var amounts = [(before: Int, after: Int)](repeating: (0, 0), count: x.rank)
        amounts[axis] = (1, 0)
        let first: Number = isSum ? .zero : .one
        shifted = all.narrowed(axis: axis, start: 0, length: x.shape[axis] - 1).padded(amounts, .constant(first))
      }
      return reverses ? shifted.flipped([axis]) : shifted
    }
    func floats<Number: FloatingScalar>(_: Number.Type) throws -> ONNXTensor {
      ONNXTensor(
        running(try tensor(0, as: Number.self)) {
          isSum ? $0.cumulativeSum(along: axis) : $0.cumulativeProduct(along: axis)
        })
    }
    switch Scalar.dtype {
    case .float32: return try floats(Float.self)
    case .float64: return try floats(Double.self)
    default:
      let numbers = try value(0).cast(to: Int.self)
      let all = running(numbers) { isSum ? $0.cumulativeSum(along: axis) : $0.cumulativeProduct(along: axis) }
      return ONNXTensor(all.cast(to: scalar))
    }
  }
}
