import TernTensor

/// Gamma and error functions, the normal distribution, Bessel functions, terms of entropies.
enum SpecialFunctions: ConformanceFamily {
  static let name = "special_functions"

  static func run<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    if let y = try unary(arguments, arguments.tensor(0)) { return results(y) }
    let a = try arguments.tensor(0)
    let b = try arguments.scalar("other").map { Tensor($0) } ?? arguments.tensor(1)
    switch arguments.operation {
    case "xlogy": return results(xlogy(a, b))
    case "xlog1py": return results(xlog1py(a, b))
    case "logaddexp2": return results(logAddExp2(a, b))
    case "zeta": return results(zeta(a, b))
    case "igamma": return results(gammainc(a, b))
    case "igammac": return results(gammaincc(a, b))
    default: throw arguments.unknownOperation
    }
  }

  private static func unary<Scalar: FloatingScalar>(
    _ arguments: Arguments<Scalar>, _ x: Tensor<Scalar>
  ) throws -> Tensor<Scalar>? {
    switch arguments.operation {
    case "exp2": return x.exp2()
    case "sinc": return x.sinc()
    case "lgamma": return x.lgamma()
    case "digamma": return x.digamma()
    case "polygamma": return x.polygamma(try arguments.attributes.int("n", default: 0))
    case "mvlgamma": return x.multivariateLGamma(dimensions: try arguments.attributes.int("p", default: 1))
    case "erfinv": return x.erfInverse()
    case "erfcx": return x.scaledErfc()
    case "ndtr": return x.ndtr()
    case "ndtri": return x.ndtri()
    case "log_ndtr": return x.logNdtr()
    case "i0": return x.besselI0()
    case "i1": return x.besselI1()
    case "i0e": return x.scaledBesselI0()
    case "i1e": return x.scaledBesselI1()
    case "entr": return x.entropy()
    case "logit": return x.logit(eps: try arguments.scalar("eps"))
    default: return nil
    }
  }
}
