import TernNN
import TernTensor

extension OperatorSamples {
  /// Functions of elements under other names, or with numbers in the place of tensors.
  static func element<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor]? {
    let reversed = [
      "__radd__": "add", "__rmul__": "mul", "__rsub__": "sub", "__rdiv__": "div", "__rpow__": "pow",
      "__rmod__": "remainder",
    ]
    let swapped = [
      "__rand__": "bitwise_and", "__ror__": "bitwise_or", "__rxor__": "bitwise_xor", "__rmatmul__": "matmul",
    ]
    if let name = reversed[arguments.operation], arguments.attributes.has("other") {
      let attributes = arguments.attributes.renamed("other", to: "input")
      return try run(arguments.with(operation: name, attributes: attributes))
    }
    if let name = reversed[arguments.operation] ?? swapped[arguments.operation] {
      let inputs = arguments.has(1) ? arguments.inputs.reversed() : arguments.inputs
      return try run(arguments.with(operation: name, inputs: inputs))
    }
    if arguments.operation == "where" {
      // The condition comes second.
      var inputs = arguments.inputs
      inputs.swapAt(0, 1)
      return try ElementwiseBinary.run(arguments.with(inputs: inputs))
    }
    guard arguments.has(0), try isFloating(arguments) else { return nil }
    return try special(arguments.tensor(0), arguments).map { results($0) }
  }

  private static func special<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ arguments: Arguments<Scalar>
  ) throws -> Tensor<Scalar>? {
    switch shortName(arguments.operation) {
    case "bessel_j0": return x.besselJ0()
    case "bessel_j1": return x.besselJ1()
    case "bessel_y0": return x.besselY0()
    case "bessel_y1": return x.besselY1()
    case "modified_bessel_k0": return x.besselK0()
    case "modified_bessel_k1": return x.besselK1()
    case "scaled_modified_bessel_k0": return x.scaledBesselK0()
    case "scaled_modified_bessel_k1": return x.scaledBesselK1()
    case "spherical_bessel_j0": return x.sphericalBesselJ0()
    case "airy_ai": return x.airyAi()
    case "hardshrink": return HardShrink(lambda: try arguments.attributes.number("lambd", default: 0.5))(x)
    case "softshrink": return SoftShrink(lambda: try arguments.attributes.number("lambd", default: 0.5))(x)
    case "tanhshrink": return TanhShrink()(x)
    case "angle": return x.angle()
    case "ldexp":
      guard case .int? = arguments.inputs.last else { return x * (try arguments.tensor(1)).exp2() }
      return nil
    case "copysign" where arguments.attributes.has("other"):
      return copySign(x, Tensor(try arguments.scalar("other", default: 1)))
    case "lerp" where arguments.attributes.has("weight"):
      return lerp(x, try arguments.tensor(1), weight: try arguments.scalar("weight", default: 1))
    case "float_power" where arguments.attributes.has("other"):
      return x.pow(try arguments.scalar("other", default: 1))
    case "clamp_min" where arguments.attributes.has("min"):
      return x.clamped(min: try arguments.scalar("min"))
    case "clamp_max" where arguments.attributes.has("max"):
      return x.clamped(max: try arguments.scalar("max"))
    default: return nil
    }
  }
}
