import TernBackend
import TernTensor

extension NodeCall {
  /// Comparisons and truth values.
  static let comparisons: [String: GraphOperator] = {
    var table: [String: GraphOperator] = [
      "Equal": { [try $0.equal($0.scalar)] },
      "Where": { [try $0.chosen($0.value(1).dtype.scalar)] },
    ]
    for name in ["Less", "LessOrEqual", "Greater", "GreaterOrEqual"] { table[name] = { [try $0.compared($0.numeric)] } }
    for name in ["And", "Or", "Xor"] { table[name] = { [try $0.logical()] } }
    return table
  }()

  private func equal<Scalar: TensorScalar>(_ scalar: Scalar.Type) throws -> ONNXTensor {
    let (a, b) = try operands(scalar)
    return ONNXTensor(a .== b)
  }

  private func compared<Scalar: NumericScalar>(_ scalar: Scalar.Type) throws -> ONNXTensor {
    var (a, b) = try operands(scalar)
    if isUnsigned { (a, b) = (a.ordered, b.ordered) }
    switch operation {
    case "Less": return ONNXTensor(a .< b)
    case "LessOrEqual": return ONNXTensor(a .<= b)
    case "Greater": return ONNXTensor(a .> b)
    default: return ONNXTensor(a .>= b)
    }
  }

  private func logical() throws -> ONNXTensor {
    let (a, b) = try operands(Bool.self)
    switch operation {
    case "And": return ONNXTensor(a .&& b)
    case "Or": return ONNXTensor(a .|| b)
    default: return ONNXTensor(a .^ b)
    }
  }

  /// a where the condition holds, b elsewhere.
  private func chosen<Scalar: TensorScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let condition: Tensor<Bool> = try tensor(0)
    let (a, b): (Tensor<Scalar>, Tensor<Scalar>) = (try tensor(1), try tensor(2))
    let shape = try broadcast(broadcast(condition.shape, a.shape), b.shape)
    return ONNXTensor(select(condition.broadcast(to: shape), a.broadcast(to: shape), b.broadcast(to: shape)))
  }
}
