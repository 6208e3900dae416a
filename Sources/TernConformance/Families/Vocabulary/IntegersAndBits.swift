import TernTensor

/// Bits and divisors of integers, parts of floating-point numbers, steps, closeness.
enum IntegersAndBits: ConformanceFamily {
  static let name = "integers_bits"

  static func run<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    switch try arguments.any(0) {
    case .int(let x): return try integer(arguments, x) ?? numeric(arguments, x)
    case .int32(let x): return try integer(arguments, x) ?? numeric(arguments, x)
    case .uint8(let x): return try integer(arguments, x) ?? numeric(arguments, x)
    case .bool(let p): return try bool(arguments, p)
    case .float, .double:
      let x = try arguments.tensor(0)
      return try unary(arguments, x) ?? floating(arguments, x) ?? numeric(arguments, x)
    }
  }

  private static func integer<S, Scalar: IntegerScalar>(
    _ arguments: Arguments<S>, _ a: Tensor<Scalar>
  ) throws -> [AnyTensor]? {
    if arguments.operation == "bitwise_not" { return results(~a) }
    if let other = try arguments.attributes.int("other") {
      let b = Scalar(other)
      switch arguments.operation {
      case "bitwise_and": return results(a & b)
      case "bitwise_left_shift": return results(a << b)
      case "bitwise_right_shift": return results(a >> b)
      default: return nil
      }
    }
    func b() throws -> Tensor<Scalar> { try arguments.typed(1) }
    switch arguments.operation {
    case "bitwise_and": return try results(a & b())
    case "bitwise_or": return try results(a | b())
    case "bitwise_xor": return try results(a ^ b())
    case "bitwise_left_shift": return try results(a << b())
    case "bitwise_right_shift": return try results(a >> b())
    case "gcd": return try results(gcd(a, b()))
    case "lcm": return try results(lcm(a, b()))
    default: return nil
    }
  }

  private static func bool<S>(_ arguments: Arguments<S>, _ p: Tensor<Bool>) throws -> [AnyTensor] {
    switch arguments.operation {
    case "bitwise_and": return try results(p & arguments.mask(1))
    case "bitwise_or": return try results(p | arguments.mask(1))
    case "bitwise_xor": return try results(p ^ arguments.mask(1))
    case "bitwise_not": return results(~p)
    default: throw arguments.unknownOperation
    }
  }

  /// Functions that integers have too.
  private static func numeric<S, Scalar: NumericScalar>(
    _ arguments: Arguments<S>, _ a: Tensor<Scalar>
  ) throws -> [AnyTensor] {
    let attributes = arguments.attributes
    let rtol = try attributes.number("rtol", default: 1e-5)
    let atol = try attributes.number("atol", default: 1e-8)
    let equalNaN = try attributes.bool("equal_nan")
    func b() throws -> Tensor<Scalar> { try arguments.typed(1) }
    switch arguments.operation {
    case "signbit": return results(a.signBit())
    case "isposinf": return results(a.isPositiveInfinity())
    case "isneginf": return results(a.isNegativeInfinity())
    case "isclose": return try results(a.isClose(to: b(), rtol: rtol, atol: atol, equalNaN: equalNaN))
    case "allclose": return try results(Tensor(a.allClose(to: b(), rtol: rtol, atol: atol, equalNaN: equalNaN)))
    case "heaviside": return try results(heaviside(a, b()))
    case "fmax": return try results(fmax(a, b()))
    case "fmin": return try results(fmin(a, b()))
    case "sgn": return results(a.sign())
    case "floor_divide": return try results(a.divided(by: b(), rounding: .down))
    case "rsub":
      return try results(b().subtracting(a, scaledBy: Scalar(number: attributes.number("alpha", default: 1))))
    case "clamp_min": return results(a.clamped(min: try attributes.number("min").map { Scalar(number: $0) }))
    case "clamp_max": return results(a.clamped(max: try attributes.number("max").map { Scalar(number: $0) }))
    default: throw arguments.unknownOperation
    }
  }

  private static func unary<Scalar: FloatingScalar>(
    _ arguments: Arguments<Scalar>, _ x: Tensor<Scalar>
  ) throws -> [AnyTensor]? {
    switch arguments.operation {
    case "deg2rad": return results(x.radiansFromDegrees())
    case "rad2deg": return results(x.degreesFromRadians())
    case "angle": return results(x.angle())
    case "positive": return results(x)
    case "frexp":
      let (mantissa, exponent) = x.frexp()
      return results(mantissa, exponent)
    default: return nil
    }
  }

  private static func floating<Scalar: FloatingScalar>(
    _ arguments: Arguments<Scalar>, _ a: Tensor<Scalar>
  ) throws -> [AnyTensor]? {
    switch arguments.operation {
    case "copysign": return try results(copySign(a, arguments.tensor(1)))
    case "nextafter": return try results(nextAfter(a, arguments.tensor(1)))
    case "float_power": return try results(a.cast(to: Double.self).pow(arguments.tensor(1).cast(to: Double.self)))
    case "true_divide": return try results(a / arguments.tensor(1))
    case "ldexp":
      if case .int32(let n) = try arguments.any(1) { return results(ldexp(a, n)) }
      return try results(ldexp(a, arguments.index(1)))
    default: return nil
    }
  }
}
