import TernTensor

/// Functions of pairs of elements of two tensors that broadcast.
enum ElementwiseBinary: ConformanceFamily {
  static let name = "elementwise_binary"

  /// Operands of different types do not compile.
  static func rulesOut(_ name: String) -> Bool { name.contains("promote") }

  static func run<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    let first = arguments.inputs.last??.dtype
    switch first {
    case .int32: return try numeric(arguments, Int32.self) ?? any(arguments, Int32.self)
    case .int64: return try numeric(arguments, Int.self) ?? any(arguments, Int.self)
    case .uint8: return try numeric(arguments, UInt8.self) ?? any(arguments, UInt8.self)
    case .bool: return try any(arguments, Bool.self)
    default: return try floating(arguments) ?? numeric(arguments, Scalar.self) ?? any(arguments, Scalar.self)
    }
  }

  /// The two operands, one of which may be a number among the attributes.
  private enum Operands<Scalar: TensorScalar> {
    case tensors(Tensor<Scalar>, Tensor<Scalar>)
    case right(Tensor<Scalar>, Scalar)
    case left(Scalar, Tensor<Scalar>)

    /// Both as tensors.
    var both: (Tensor<Scalar>, Tensor<Scalar>) {
      switch self {
      case .tensors(let a, let b): (a, b)
      case .right(let a, let b): (a, Tensor(b))
      case .left(let a, let b): (Tensor(a), b)
      }
    }
  }

  private static func operands<S, Scalar: NumericScalar>(
    _ arguments: Arguments<S>, _: Scalar.Type
  ) throws -> Operands<Scalar> {
    if let other = try arguments.attributes.number("other") ?? arguments.attributes.number("exponent") {
      return .right(try arguments.typed(0), Scalar(number: other))
    }
    if let input = try arguments.attributes.number("input") {
      return .left(Scalar(number: input), try arguments.typed(0))
    }
    return .tensors(try arguments.typed(0), try arguments.typed(1))
  }

  /// Operations of floating-point numbers alone.
  private static func floating<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor]? {
    switch arguments.operation {
    case "atan2": return try results(atan2(arguments.tensor(0), arguments.tensor(1)))
    case "hypot": return try results(hypot(arguments.tensor(0), arguments.tensor(1)))
    case "logaddexp": return try results(logAddExp(arguments.tensor(0), arguments.tensor(1)))
    case "div" where !arguments.attributes.has("rounding_mode"):
      switch try operands(arguments, Scalar.self) {
      case .tensors(let a, let b): return results(a / b)
      case .right(let a, let b): return results(a / b)
      case .left(let a, let b): return results(a / b)
      }
    default: return nil
    }
  }

  /// Operations of numbers.
  private static func numeric<S, Scalar: NumericScalar>(
    _ arguments: Arguments<S>, _: Scalar.Type
  ) throws -> [AnyTensor]? {
    func given() throws -> Operands<Scalar> { try operands(arguments, Scalar.self) }
    let alpha = try arguments.attributes.number("alpha").map { Scalar(number: $0) }
    switch (arguments.operation, alpha) {
    case ("add", let alpha?): return try results(given().both.0.adding(given().both.1, scaledBy: alpha))
    case ("sub", let alpha?): return try results(given().both.0.subtracting(given().both.1, scaledBy: alpha))
    case ("add", nil):
      switch try given() {
      case .tensors(let a, let b): return results(a + b)
      case .right(let a, let b): return results(a + b)
      case .left(let a, let b): return results(a + b)
      }
    case ("sub", nil):
      switch try given() {
      case .tensors(let a, let b): return results(a - b)
      case .right(let a, let b): return results(a - b)
      case .left(let a, let b): return results(a - b)
      }
    case ("mul", _):
      switch try given() {
      case .tensors(let a, let b): return results(a * b)
      case .right(let a, let b): return results(a * b)
      case .left(let a, let b): return results(a * b)
      }
    case ("div", _):
      let rounding: QuotientRounding = arguments.attributes.string("rounding_mode") == "floor" ? .down : .towardZero
      let (a, b) = try given().both
      return results(a.divided(by: b, rounding: rounding))
    case ("pow", _):
      switch try given() {
      case .tensors(let a, let b): return results(a.pow(b))
      case .right(let a, let b): return results(a.pow(b))
      case .left(let a, let b): return results(pow(a, b))
      }
    case ("fmod", _): return try results(fmod(given().both.0, given().both.1))
    case ("remainder", _): return try results(remainder(given().both.0, given().both.1))
    case ("maximum", _): return try results(maximum(given().both.0, given().both.1))
    case ("minimum", _): return try results(minimum(given().both.0, given().both.1))
    case ("eq", _): return try results(given().both.0 .== given().both.1)
    case ("ne", _): return try results(given().both.0 .!= given().both.1)
    case ("lt", _): return try results(given().both.0 .< given().both.1)
    case ("le", _): return try results(given().both.0 .<= given().both.1)
    case ("gt", _): return try results(given().both.0 .> given().both.1)
    case ("ge", _): return try results(given().both.0 .>= given().both.1)
    case ("where", _):
      switch try branches(arguments, Scalar.self) {
      case .tensors(let a, let b): return try results(select(arguments.mask(0), a, b))
      case .right(let a, let b): return try results(select(arguments.mask(0), a, b))
      case .left(let a, let b): return try results(select(arguments.mask(0), a, b))
      }
    default: return nil
    }
  }

  /// The two branches of `where`, either of which may be a number.
  private static func branches<S, Scalar: NumericScalar>(
    _ arguments: Arguments<S>, _: Scalar.Type
  ) throws -> Operands<Scalar> {
    let input = try arguments.attributes.number("input").map { Scalar(number: $0) }
    let other = try arguments.attributes.number("other").map { Scalar(number: $0) }
    switch (input, other) {
    case (let input?, let other?): return .right(Tensor(input), other)
    case (let input?, nil): return .left(input, try arguments.typed(1))
    case (nil, let other?): return .right(try arguments.typed(1), other)
    case (nil, nil): return .tensors(try arguments.typed(1), try arguments.typed(2))
    }
  }

  /// Operations of any element type.
  private static func any<S, Scalar: TensorScalar>(
    _ arguments: Arguments<S>, _: Scalar.Type
  ) throws -> [AnyTensor] {
    func a() throws -> Tensor<Scalar> { try arguments.typed(0) }
    func b() throws -> Tensor<Scalar> { try arguments.typed(1) }
    switch arguments.operation {
    case "logical_and": return try results(a() .&& b())
    case "logical_or": return try results(a() .|| b())
    case "logical_xor": return try results(a() .^ b())
    case "logical_not": return try results(.!a())
    case "eq": return try results(a() .== b())
    case "ne": return try results(a() .!= b())
    case "where": return try results(select(arguments.mask(0), arguments.typed(1, Scalar.self), arguments.typed(2)))
    default: throw arguments.unknownOperation
    }
  }
}
