import TernBackend
import TernTensor

extension NodeCall {
  /// Functions of one tensor, element by element.
  static let elementwise: [String: GraphOperator] = {
    var table: [String: GraphOperator] = [
      "Abs": { [try $0.unaryNumber($0.numeric)] },
      "Neg": { [try $0.unaryNumber($0.numeric)] },
      "Sign": { [try $0.unaryNumber($0.numeric)] },
      "Not": { [ONNXTensor(try $0.tensor(0, as: Bool.self) .== false)] },
      "IsNaN": { try $0.floating($0.testNumber, $0.testNumber) },
      "IsInf": { try $0.floating($0.testNumber, $0.testNumber) },
      "Clip": { [try $0.clip($0.numeric)] },
      "Identity": { [try $0.content(0)] },
      "BitwiseNot": { [try $0.bitwiseNot()] },
    ]
    for name in [
      "Sqrt", "Exp", "Log", "Reciprocal", "Erf", "Floor", "Ceil", "Round", "Sin", "Cos", "Tan", "Asin", "Acos", "Atan",
      "Sinh", "Cosh", "Asinh", "Acosh", "Atanh",
    ] {
      table[name] = { try $0.floating($0.unaryFloat, $0.unaryFloat) }
    }
    return table
  }()

  private func unaryFloat<Scalar: FloatingScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let x: Tensor<Scalar> = try tensor(0)
    let y: Tensor<Scalar>
    switch operation {
    case "Sqrt": y = x.sqrt()
    case "Exp": y = x.exp()
    case "Log": y = x.log()
    case "Reciprocal": y = x.reciprocal()
    case "Erf": y = x.erf()
    case "Floor": y = x.floor()
    case "Ceil": y = x.ceil()
    case "Round": y = x.round()
    case "Sin": y = x.sin()
    case "Cos": y = x.cos()
    case "Tan": y = x.tan()
    case "Asin": y = x.asin()
    case "Acos": y = x.acos()
    case "Atan": y = x.atan()
    case "Sinh": y = x.sinh()
    case "Cosh": y = x.cosh()
    case "Asinh": y = x.asinh()
    case "Acosh": y = x.acosh()
    case "Atanh": y = x.atanh()
    default: throw error("is no function of one tensor")
    }
    return ONNXTensor(y)
  }

  private func unaryNumber<Scalar: NumericScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let x: Tensor<Scalar> = try tensor(0)
    switch operation {
    case "Abs": return ONNXTensor(x.abs())
    case "Neg": return ONNXTensor(x * Scalar.one.negated)
    default: return ONNXTensor(x.sign())
    }
  }

  private func testNumber<Scalar: FloatingScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let x: Tensor<Scalar> = try tensor(0)
    if operation == "IsNaN" { return ONNXTensor(x.isNaN()) }
    let (negative, positive) = (try flag("detect_negative", true), try flag("detect_positive", true))
    switch (negative, positive) {
    case (true, true): return ONNXTensor(x.isInfinite())
    case (true, false): return ONNXTensor(x.isNegativeInfinity())
    case (false, true): return ONNXTensor(x.isPositiveInfinity())
    case (false, false): return ONNXTensor(Tensor<Bool>(full: x.shape, false))
    }
  }

  /// min(max(x, low), high): the bounds are attributes before version 11, then inputs.
  private func clip<Scalar: NumericScalar>(_: Scalar.Type) throws -> ONNXTensor {
    var x: Tensor<Scalar> = try tensor(0)
    var (low, high): (Scalar?, Scalar?) = (nil, nil)
    if opset < 11 {
      if hasAttribute("min") { low = Scalar(number: try float("min", 0)) }
      if hasAttribute("max") { high = Scalar(number: try float("max", 0)) }
    } else {
      if has(1) { low = try bound(1) }
      if has(2) { high = try bound(2) }
    }
    if let low, let high, low == low, high == high, low <= high { return ONNXTensor(x.clamped(min: low, max: high)) }
    if let low { x = maximum(x, Tensor(low)) }
    if let high { x = minimum(x, Tensor(high)) }
    return ONNXTensor(x)
  }

  private func bound<Scalar: NumericScalar>(_ index: Int) throws -> Scalar {
    let bound: Tensor<Scalar> = try tensor(index)
    try require(bound.count == 1, "a bound of shape \(bound.shape) is not one number")
    return bound.scalars[0]
  }

  private func bitwiseNot() throws -> ONNXTensor {
    switch try value(0).dtype {
    case .int32: return ONNXTensor(try tensor(0, as: Int32.self) ^ -1)
    case .int64: return ONNXTensor(try tensor(0, as: Int.self) ^ -1)
    case .uint8: return ONNXTensor(try tensor(0, as: UInt8.self) ^ 255)
    default: throw error("\(try value(0).dtype) is not one of its types")
    }
  }
}
