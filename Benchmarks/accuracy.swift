// Computes every function of one number at the points of a safetensors file, for accuracy.py:
//   tern run Benchmarks/accuracy.swift POINTS RESULTS
// POINTS has NAME/float32 and NAME/float64 for each function; RESULTS the values under the same names.
import Tern

func value<Scalar: FloatingScalar>(_ name: String, _ x: Tensor<Scalar>) -> Tensor<Scalar> {
  switch name {
  case "sqrt": x.sqrt()
  case "rsqrt": x.rsqrt()
  case "reciprocal": x.reciprocal()
  case "cbrt": x.cbrt()
  case "exp": x.exp()
  case "exp2": x.exp2()
  case "expm1": x.expm1()
  case "log": x.log()
  case "log1p": x.log1p()
  case "log2": x.log2()
  case "log10": x.log10()
  case "sin": x.sin()
  case "cos": x.cos()
  case "tan": x.tan()
  case "asin": x.asin()
  case "acos": x.acos()
  case "atan": x.atan()
  case "sinh": x.sinh()
  case "cosh": x.cosh()
  case "tanh": x.tanh()
  case "asinh": x.asinh()
  case "acosh": x.acosh()
  case "atanh": x.atanh()
  case "sinc": x.sinc()
  case "erf": x.erf()
  case "erfc": x.erfc()
  case "erfInverse": x.erfInverse()
  case "scaledErfc": x.scaledErfc()
  case "ndtr": x.ndtr()
  case "ndtri": x.ndtri()
  case "logNdtr": x.logNdtr()
  case "lgamma": x.lgamma()
  case "digamma": x.digamma()
  case "polygamma(1)": x.polygamma(1)
  case "polygamma(2)": x.polygamma(2)
  case "besselI0": x.besselI0()
  case "besselI1": x.besselI1()
  case "scaledBesselI0": x.scaledBesselI0()
  case "scaledBesselI1": x.scaledBesselI1()
  case "besselJ0": x.besselJ0()
  case "besselJ1": x.besselJ1()
  case "besselY0": x.besselY0()
  case "besselY1": x.besselY1()
  case "besselK0": x.besselK0()
  case "besselK1": x.besselK1()
  case "scaledBesselK0": x.scaledBesselK0()
  case "scaledBesselK1": x.scaledBesselK1()
  case "sphericalBesselJ0": x.sphericalBesselJ0()
  case "airyAi": x.airyAi()
  case "entropy": x.entropy()
  case "logit": x.logit()
  case "sigmoid": x.sigmoid()
  case "logSigmoid": x.logSigmoid()
  case "softplus": x.softplus()
  case "elu": x.elu()
  case "selu": x.selu()
  case "celu": x.celu()
  case "gelu": x.gelu()
  case "gelu(.tanh)": x.gelu(approximate: .tanh)
  case "silu": x.silu()
  case "mish": x.mish()
  case "softSign": x.softSign()
  case "tanhShrink": x.tanhShrink()
  case "hardSigmoid": x.hardSigmoid()
  case "hardSwish": x.hardSwish()
  default: fatalError("no function \(name)")
  }
}

let arguments = CommandLine.arguments
let points = try SafetensorsFile(contentsOf: arguments[1])
var results: [(name: String, array: StoredArray)] = []
for entry in points.entries {
  let name = String(entry.name.split(separator: "/")[0])
  let array = points[entry]
  if entry.type == .float32 {
    results.append((entry.name, StoredArray(value(name, try array.tensor(as: Float.self)))))
  } else {
    results.append((entry.name, StoredArray(value(name, try array.tensor(as: Double.self)))))
  }
}
try SafetensorsFile.write(results, to: arguments[2])
