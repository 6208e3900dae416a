import TernBackend
import Testing

@Suite("Kernels of special functions") struct KernelsSpecialTests {
  @Test("the same bits at every level of the CPU and with every step")
  func sameBits() async {
    await #expect(processExitsWith: .success) {
      CPULevel.select(.baseline)
      let (float, double) = (specialBits(Float.self, step: 1), specialBits(Double.self, step: 1))
      for level in CPULevel.allCases {
        CPULevel.select(level)
        for step in [1, 3] {
          #expect(specialBits(Float.self, step: step) == float, "\(level), step \(step)")
          #expect(specialBits(Double.self, step: step) == double, "\(level), step \(step)")
        }
      }
    }
  }

  @Test("a learned slope, and numbers in place of those that are not finite")
  func rectifiers() {
    let (inf, nan) = (Float.infinity, Float.nan)
    let x: [Float] = [-2, -0.0, 0, 3, -inf, inf, nan, -1, 1]
    let slope: [Float] = [0]
    var out = [Float](repeating: 9, count: x.count)
    Float.special(.prelu, x.count, &out, 1, x, 1, slope, 0)
    #expect(out[0...5].elementsEqual([0, 0, 0, 3, 0, inf]) && out[6].isNaN)
    Float.special(.preluWeightGrad, x.count, &out, 1, [Float](repeating: 2, count: x.count), 1, x, 1)
    #expect(out[0...5].elementsEqual([-4, 0, 0, 0, -inf, 0]))
    Float.preluGrad(x.count, &out, 1, gradient: [Float](repeating: 2, count: x.count), 1, x, 1, slope: [0.5], 0)
    #expect(out.elementsEqual([1, 1, 1, 2, 1, 2, 0, 1, 2]))
    Float.replaceNonFinite(x.count, &out, 1, x, 1, nan: 7, high: 8, low: -9)
    #expect(out.elementsEqual([-2, -0.0, 0, 3, -9, 8, 7, -1, 1]))
  }
}

private let functions: [SpecialFunction] = [
  .exp2, .sinc, .entropy, .logit, .erfInverse, .scaledErfc, .ndtr, .ndtri, .logNdtr, .lgamma, .digamma, .trigamma,
  .besselI0, .besselI1, .scaledBesselI0, .scaledBesselI1, .besselI2, .scaledBesselI2, .besselK0, .besselK1,
  .scaledBesselK0, .scaledBesselK1, .sphericalBesselJ0, .cbrt, .sincDerivative, .scaledErfcIntegral, .inverseMills,
  .airyNear, .airyNearDerivative,
]
private let pairs: [SpecialPair] = [
  .xlogy, .xlog1py, .logAddExp2, .logAddExp2Grad, .logitGrad, .prelu, .preluWeightGrad, .copySign, .nextAfter,
  .gammaLower, .gammaUpper,
]

/// What all special functions answer for numbers of all sizes and for the ends of the range.
private func specialBits<Scalar: FloatingKernelScalar>(_: Scalar.Type, step: Int) -> [UInt64] {
  var x: [Scalar] = [0, -0.0, 1, -1, 0.5, .infinity, -.infinity, .nan]
  x += [.leastNonzeroMagnitude, .greatestFiniteMagnitude]
  x += (0..<400).map { Scalar($0 - 200) * 0.0731 } + (0..<400).map { (Scalar($0) + 0.5) / 400 }
  x += (1..<60).map { Scalar(sign: .plus, exponent: Scalar.Exponent($0 - 40), significand: 1.3) }
  let n = x.count
  var source = [Scalar](repeating: 0, count: n * step)
  var other = source
  for i in 0..<n { (source[i * step], other[i * step]) = (x[i], x[n - 1 - i]) }
  var result: [UInt64] = []
  func keep(_ fill: (UnsafeMutablePointer<Scalar>) -> Void) {
    var out = [Scalar](repeating: 0, count: n * step)
    fill(&out)
    result += (0..<n).map { out[$0 * step].isNaN ? 0 : out[$0 * step]._bits }
  }
  for function in functions { keep { Scalar.special(function, n, $0, step, source, step) } }
  for pair in pairs { keep { Scalar.special(pair, n, $0, step, source, step, other, step) } }
  return result
}
