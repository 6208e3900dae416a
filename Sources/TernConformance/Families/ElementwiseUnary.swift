import TernTensor

/// Functions of every element of one tensor.
enum ElementwiseUnary: ConformanceFamily {
  static let name = "elementwise_unary"

  static func run<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    switch try arguments.any(0) {
    case .int(let x): return try numeric(arguments, x) ?? other(arguments, x)
    case .int32(let x): return try numeric(arguments, x) ?? other(arguments, x)
    case .uint8(let x): return try numeric(arguments, x) ?? other(arguments, x)
    case .bool(let x): return try other(arguments, x)
    case .float, .double: break
    }
    let x = try arguments.tensor(0)
    if let y = try elementary(arguments, x) ?? activation(arguments, x) { return results(y) }
    return try numeric(arguments, x) ?? other(arguments, x)
  }

  /// Functions that integers have too.
  private static func numeric<S, Scalar: NumericScalar>(
    _ arguments: Arguments<S>, _ x: Tensor<Scalar>
  ) throws -> [AnyTensor]? {
    let attributes = arguments.attributes
    switch arguments.operation {
    case "neg": return results(-x)
    case "abs": return results(x.abs())
    case "sign": return results(x.sign())
    case "square": return results(x.square())
    case "floor": return results(x.floor())
    case "ceil": return results(x.ceil())
    case "trunc": return results(x.trunc())
    case "round": return results(x.round())
    case "relu": return results(x.relu())
    case "clamp":
      let low = try attributes.number("min").map { Scalar(number: $0) }
      let high = try attributes.number("max").map { Scalar(number: $0) }
      return results(x.clamped(min: low, max: high))
    default: return nil
    }
  }

  /// Functions of any element type.
  private static func other<S, Scalar: TensorScalar>(
    _ arguments: Arguments<S>, _ x: Tensor<Scalar>
  ) throws -> [AnyTensor] {
    switch arguments.operation {
    case "isnan": return results(x.isNaN())
    case "isinf": return results(x.isInfinite())
    case "isfinite": return results(x.isFinite())
    default: throw arguments.unknownOperation
    }
  }

  private static func elementary<Scalar: FloatingScalar>(
    _ arguments: Arguments<Scalar>, _ x: Tensor<Scalar>
  ) throws -> Tensor<Scalar>? {
    switch arguments.operation {
    case "exp": return x.exp()
    case "expm1": return x.expm1()
    case "log": return x.log()
    case "log1p": return x.log1p()
    case "log2": return x.log2()
    case "log10": return x.log10()
    case "sqrt": return x.sqrt()
    case "rsqrt": return x.rsqrt()
    case "reciprocal": return x.reciprocal()
    case "sin": return x.sin()
    case "cos": return x.cos()
    case "tan": return x.tan()
    case "asin": return x.asin()
    case "acos": return x.acos()
    case "atan": return x.atan()
    case "sinh": return x.sinh()
    case "cosh": return x.cosh()
    case "tanh": return x.tanh()
    case "asinh": return x.asinh()
    case "acosh": return x.acosh()
    case "atanh": return x.atanh()
    case "erf": return x.erf()
    case "erfc": return x.erfc()
    case "frac": return x.frac()
    case "round": return x.round(decimals: try arguments.attributes.int("decimals", default: 0))
    case "nan_to_num":
      return x.replacingNonFinite(
        nan: try arguments.scalar("nan", default: 0), positiveInfinity: try arguments.scalar("posinf"),
        negativeInfinity: try arguments.scalar("neginf"))
    default: return nil
    }
  }

  private static func activation<Scalar: FloatingScalar>(
    _ arguments: Arguments<Scalar>, _ x: Tensor<Scalar>
  ) throws -> Tensor<Scalar>? {
    switch arguments.operation {
    case "sigmoid": return x.sigmoid()
    case "leaky_relu": return x.leakyReLU(slope: try arguments.scalar("negative_slope", default: 0.01))
    case "prelu": return x.prelu(try arguments.tensor(1))
    case "elu": return x.elu(alpha: try arguments.scalar("alpha", default: 1))
    case "selu": return x.selu()
    case "celu": return x.celu(alpha: try arguments.scalar("alpha", default: 1))
    case "gelu": return x.gelu(approximate: arguments.attributes.string("approximate") == "tanh" ? .tanh : .none)
    case "silu": return x.silu()
    case "mish": return x.mish()
    case "softplus":
      return x.softplus(
        beta: try arguments.scalar("beta", default: 1), threshold: try arguments.scalar("threshold", default: 20))
    case "hardtanh":
      return x.hardTanh(
        min: try arguments.scalar("min_val", default: -1), max: try arguments.scalar("max_val", default: 1))
    case "relu6": return x.relu6()
    case "hardsigmoid": return x.hardSigmoid()
    case "hardswish": return x.hardSwish()
    case "softsign": return x.softSign()
    case "logsigmoid": return x.logSigmoid()
    case "softshrink": return x.softShrink(lambda: try arguments.scalar("lambd", default: 0.5))
    case "hardshrink": return x.hardShrink(lambda: try arguments.scalar("lambd", default: 0.5))
    case "tanhshrink": return x.tanhShrink()
    case "threshold":
      return x.thresholded(
        at: try arguments.scalar("threshold", default: 0), value: try arguments.scalar("value", default: 0))
    case "glu": return x.glu(axis: try arguments.attributes.int("dim", default: -1))
    default: return nil
    }
  }
}
