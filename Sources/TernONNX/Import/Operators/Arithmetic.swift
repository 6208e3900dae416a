import TernBackend
import TernTensor

extension NodeCall {
  /// Functions of two or more tensors, element by element.
  static let arithmetic: [String: GraphOperator] = {
    var table: [String: GraphOperator] = [
      "Pow": { [try $0.power($0.numeric)] },
      "Mod": { [try $0.modulo($0.numeric)] },
      "BitShift": { [try $0.bitwise()] },
      "BitwiseAnd": { [try $0.bitwise()] },
      "BitwiseOr": { [try $0.bitwise()] },
      "BitwiseXor": { [try $0.bitwise()] },
      "Mean": { try $0.floating($0.mean, $0.mean) },
      "SwiGLU": { try $0.floating($0.gated, $0.gated) },
    ]
    for name in ["Add", "Sub", "Mul", "Div"] { table[name] = { [try $0.binary($0.numeric)] } }
    for name in ["Max", "Min", "Sum"] { table[name] = { [try $0.folded($0.numeric)] } }
    return table
  }()

  /// Two operands that broadcast. Before version 7 the second one's axes lie from `axis` on, where `broadcast` is 1.
  func operands<Scalar: TensorScalar>(_: Scalar.Type) throws -> (Tensor<Scalar>, Tensor<Scalar>) {
    let a: Tensor<Scalar> = try tensor(0)
    var b: Tensor<Scalar> = try tensor(1)
    if opset < 7, hasAttribute("axis"), b.rank > 0 {
      let axis = try axis(int("axis", 0), a.rank)
      try require(axis + b.rank <= a.rank, "shape \(b.shape) at axis \(axis) of \(a.shape)")
      b = b.reshaped(b.shape + [Int](repeating: 1, count: a.rank - axis - b.rank))
    }
    _ = try broadcast(a.shape, b.shape)
    return (a, b)
  }

  private func binary<Scalar: NumericScalar>(_ scalar: Scalar.Type) throws -> ONNXTensor {
    let (a, b) = try operands(scalar)
    switch operation {
    case "Add": return ONNXTensor(a + b)
    case "Sub": return ONNXTensor(a - b)
    case "Mul": return ONNXTensor(a * b)
    default:
      switch Scalar.dtype {
      case .float32: return ONNXTensor(Tensor<Float>(body: a.body) / Tensor<Float>(body: b.body))
      case .float64: return ONNXTensor(Tensor<Double>(body: a.body) / Tensor<Double>(body: b.body))
      default:
        try require(!(b .== Scalar.zero).any().item, "a division of whole numbers by 0")
        return ONNXTensor(a.divided(by: b, rounding: .towardZero))
      }
    }
  }

  private func folded<Scalar: NumericScalar>(_ scalar: Scalar.Type) throws -> ONNXTensor {
    let all: [Tensor<Scalar>] = try tensors()
    var result = try tensor(0, as: scalar)
    for next in all.dropFirst() {
      _ = try broadcast(result.shape, next.shape)
      switch operation {
      case "Max": result = isUnsigned ? maximum(result.ordered, next.ordered).ordered : maximum(result, next)
      case "Min": result = isUnsigned ? minimum(result.ordered, next.ordered).ordered : minimum(result, next)
      default: result = result + next
      }
    }
    return ONNXTensor(result)
  }

  private func mean<Scalar: FloatingScalar>(_ scalar: Scalar.Type) throws -> ONNXTensor {
    var result = try tensor(0, as: scalar)
    for next in try tensors(as: scalar).dropFirst() {
      _ = try broadcast(result.shape, next.shape)
      result = result + next
    }
    return ONNXTensor(result / Scalar(inputs.count))
  }

  /// a·σ(alpha·a)·b
  private func gated<Scalar: FloatingScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let (a, b): (Tensor<Scalar>, Tensor<Scalar>) = (try tensor(0), try tensor(1))
    try require(a.shape == b.shape, "shapes \(a.shape) and \(b.shape) differ")
    return ONNXTensor(a * (a * Scalar(try float("alpha", 1))).sigmoid() * b)
  }

  /// aᵇ in the type of a.
  private func power<Scalar: NumericScalar>(_ scalar: Scalar.Type) throws -> ONNXTensor {
    let (base, exponents) = (try tensor(0, as: scalar), try value(1))
    try require(exponents.dtype != .bool, "an exponent of truth values")
    let shape = try broadcast(base.shape, exponents.shape)
    if Scalar.dtype == .float32 || Scalar.dtype == .float64 {
      let exponent = exponents.cast(to: scalar)
      if exponent.count == 1, exponents.body.node == nil, shape == base.shape {
        return ONNXTensor(base.pow(exponent.scalars[0]))
      }
      return ONNXTensor(base.pow(exponent))
    }
    // Of whole numbers in double precision where the exponent is none.
    if [.float32, .float64].contains(exponents.dtype) {
      return ONNXTensor(base.cast(to: Double.self).pow(exponents.cast(to: Double.self)).cast(to: scalar))
    }
    try require(!(exponents.cast(to: Int.self) .< 0).any().item, "a power of whole numbers with an exponent below 0")
    return ONNXTensor(base.pow(exponents.cast(to: scalar)))
  }

  /// The remainder with the sign of the divisor, or of the dividend where `fmod` is 1.
  private func modulo<Scalar: NumericScalar>(_ scalar: Scalar.Type) throws -> ONNXTensor {
    let (a, b) = try operands(scalar)
    let isFloating = Scalar.self is any FloatingScalar.Type
    try require(isFloating || !(b .== Scalar.zero).any().item, "a division of whole numbers by 0")
    return ONNXTensor(try flag("fmod") ? fmod(a, b) : remainder(a, b))
  }

  private func bitwise() throws -> ONNXTensor {
    func compute<Scalar: IntegerScalar>(_ scalar: Scalar.Type) throws -> ONNXTensor {
      let (a, b) = try operands(scalar)
      switch operation {
      case "BitwiseAnd": return ONNXTensor(a & b)
      case "BitwiseOr": return ONNXTensor(a | b)
      case "BitwiseXor": return ONNXTensor(a ^ b)
      default:
        let direction = try text("direction", "")
        try require(direction == "LEFT" || direction == "RIGHT", "a direction \"\(direction)\"")
        if isUnsigned, direction == "RIGHT" { return try unsignedShift() }
        return ONNXTensor(direction == "LEFT" ? a << b : a >> b)
      }
    }
    switch try value(0).dtype {
    case .int32: return try compute(Int32.self)
    case .int64: return try compute(Int.self)
    case .uint8: return try compute(UInt8.self)
    default: throw error("\(try value(0).dtype) is not one of its types")
    }
  }
}
