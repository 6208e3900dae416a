import TernBackend
import TernTensor

extension NodeCall {
  /// Operators that put elements at positions.
  static let scattering: [String: GraphOperator] = [
    "Scatter": { [try $0.scatterElements($0.scalar)] },
    "ScatterElements": { [try $0.scatterElements($0.scalar)] },
    "ScatterND": { [try $0.scatterND($0.scalar)] },
  ]

  /// What meets at one position: the last one, or a sum and the like.
  private func reduction() throws -> ScatterReduction? {
    switch try text("reduction", "none") {
    case "none": return nil
    case "add": return .sum
    case "mul": return .product
    case "max": return .maximum
    case "min": return .minimum
    default: throw error("the reduction \"\(try text("reduction", ""))\"")
    }
  }

  private func scatterElements<Scalar: TensorScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let (x, updates): (Tensor<Scalar>, Tensor<Scalar>) = (try tensor(0), try tensor(2))
    let axis = try axis(int("axis", 0), x.rank)
    let indices = try checked(positions(1), extent: x.shape[axis])
    try require(updates.shape == indices.shape, "updates \(updates.shape) at positions \(indices.shape)")
    try requireFits(indices.shape, x.shape, axis: axis)
    let reduction = try reduction()
    if indices.isEmpty { return ONNXTensor(x) }
    guard let reduction else { return ONNXTensor(x.scattering(updates, at: indices, along: axis)) }
    switch Scalar.dtype {
    case .float32:
      return ONNXTensor(
        Tensor<Float>(body: x.body).scatterReducing(
          Tensor(body: updates.body), at: indices, along: axis, by: reduction))
    case .float64:
      return ONNXTensor(
        Tensor<Double>(body: x.body).scatterReducing(
          Tensor(body: updates.body), at: indices, along: axis, by: reduction))
    case .int64:
      return ONNXTensor(
        Tensor<Int>(body: x.body).scatterReducing(Tensor(body: updates.body), at: indices, along: axis, by: reduction))
    case .int32:
      return ONNXTensor(
        Tensor<Int32>(body: x.body).scatterReducing(
          Tensor(body: updates.body), at: indices, along: axis, by: reduction))
    default: throw error("\(Scalar.dtype) is not reduced")
    }
  }

  private func scatterND<Scalar: TensorScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let (x, updates): (Tensor<Scalar>, Tensor<Scalar>) = (try tensor(0), try tensor(2))
    let indices = try positions(1)
    try require(indices.rank >= 1, "positions of shape \(indices.shape)")
    let width = indices.shape[indices.rank - 1]
    try require(width >= 1 && width <= x.rank, "tuples of \(width) positions for \(x.shape)")
    let (named, rest) = (Array(x.shape[..<width]), Array(x.shape[width...]))
    try require(updates.shape == Array(indices.shape.dropLast()) + rest, "updates \(updates.shape) for \(x.shape)")
    let flat = Tensor(try flattened(indices, named))
    let reduction = try reduction()
    if flat.isEmpty || x.isEmpty || updates.isEmpty { return ONNXTensor(x) }
    let length = rest.reduce(1, *)
    let rows = x.reshaped([named.reduce(1, *), length])
    let values = updates.reshaped([flat.count, length])
    guard let reduction else {
      return ONNXTensor(rows.replacing(flat, along: 0, with: values).reshaped(x.shape))
    }
    switch Scalar.dtype {
    case .float32:
      let rows = Tensor<Float>(body: rows.body)
      return ONNXTensor(rows.reducing(Tensor(body: values.body), at: flat, along: 0, by: reduction).reshaped(x.shape))
    case .float64:
      let rows = Tensor<Double>(body: rows.body)
      return ONNXTensor(rows.reducing(Tensor(body: values.body), at: flat, along: 0, by: reduction).reshaped(x.shape))
    case .int64:
      let rows = Tensor<Int>(body: rows.body)
      return ONNXTensor(rows.reducing(Tensor(body: values.body), at: flat, along: 0, by: reduction).reshaped(x.shape))
    case .int32:
      let rows = Tensor<Int32>(body: rows.body)
      return ONNXTensor(rows.reducing(Tensor(body: values.body), at: flat, along: 0, by: reduction).reshaped(x.shape))
    default: throw error("\(Scalar.dtype) is not reduced")
    }
  }
}
