import TernTensor
import TernTestSupport
import Testing

/// Special functions where they end, with their derivatives of both orders; messages of those that stop.
@Suite struct SpecialEdgeTests {
  private func rows<Scalar: FloatingScalar>(_: Scalar.Type) -> [EdgeRow<Scalar>] {
    let (inf, any) = (Double.infinity, Double.nan)
    let zeta3 = 1.2020569031595942
    let far = 1.772453850905516
    return [
      EdgeRow(
        "exp2", at: [-inf, 0, 10, inf], values: [0, 1, 1024, inf],
        derivatives: [0, 0.6931471805599453, 709.782712893384, inf], seconds: [0, 0.4804530139182014, any, inf]
      ) { $0.exp2() },
      EdgeRow(
        "lgamma", at: [0, 1, 2, inf], values: [inf, 0, 0, inf],
        derivatives: [-inf, -0.5772156649015329, 0.4227843350984671, inf],
        seconds: [inf, 1.6449340668482264, 0.6449340668482264, 0]
      ) { $0.lgamma() },
      EdgeRow(
        "digamma", at: [1, inf], values: [-0.5772156649015329, inf], derivatives: [1.6449340668482264, 0],
        seconds: [-2 * zeta3, 0]
      ) { $0.digamma() },
      EdgeRow(
        "erfInverse", at: [-1, 0, 1], values: [-inf, 0, inf], derivatives: [inf, far / 2, inf], seconds: [-inf, 0, inf]
      ) { $0.erfInverse() },
      EdgeRow(
        "scaledErfc", at: [-inf, 0, inf], values: [inf, 1, 0], derivatives: [-inf, -1.1283791670955126, 0],
        seconds: [inf, 2, 0]
      ) { $0.scaledErfc() },
      EdgeRow(
        "ndtr", at: [-inf, 0, inf], values: [0, 0.5, 1], derivatives: [0, 0.3989422804014327, 0], seconds: [0, 0, 0]
      ) { $0.ndtr() },
      EdgeRow(
        "ndtri", at: [0, 0.5, 1], values: [-inf, 0, inf], derivatives: [inf, 2.5066282746310002, inf],
        seconds: [-inf, 0, inf]
      ) { $0.ndtri() },
      EdgeRow(
        "logNdtr", at: [-inf, 0, inf], values: [-inf, -0.6931471805599453, 0],
        derivatives: [inf, 0.7978845608028654, 0], seconds: [any, -0.6366197723675814, 0]
      ) { $0.logNdtr() },
      EdgeRow(
        "sinc", at: [-inf, 0, 1, inf], values: [0, 1, 0, 0], derivatives: [0, 0, -1, 0],
        seconds: [0, -3.289868133696453, 2, 0]
      ) { $0.sinc() },
      EdgeRow("entropy", at: [0, 1], values: [0, 0], derivatives: [inf, -1], seconds: [-inf, -1]) { $0.entropy() },
      EdgeRow("logit", at: [0, 0.5, 1], values: [-inf, 0, inf], derivatives: [inf, 4, inf], seconds: [any, 0, any]) {
        $0.logit()
      },
      EdgeRow(
        "logit, clamped", at: [0, 0.5, 1], values: [-1.0986122886681098, 0, 1.0986122886681098],
        derivatives: [0, 4, 0], seconds: [0, 0, 0]
      ) { $0.logit(eps: 0.25) },
      EdgeRow(
        "besselI0", at: [-inf, 0, inf], values: [inf, 1, inf], derivatives: [-inf, 0, inf], seconds: [inf, 0.5, inf]
      ) {
        $0.besselI0()
      },
      EdgeRow("besselI1", at: [0], values: [0], derivatives: [0.5], seconds: [0]) { $0.besselI1() },
      EdgeRow("scaledBesselI0", at: [-inf, 0, inf], values: [0, 1, 0], derivatives: [0, 0, 0], seconds: [0, any, 0]) {
        $0.scaledBesselI0()
      },
      EdgeRow(
        "scaledBesselI1", at: [-inf, 0, inf], values: [0, 0, 0], derivatives: [0, 0.5, 0], seconds: [0, any, 0]
      ) {
        $0.scaledBesselI1()
      },
      EdgeRow("besselJ0", at: [-inf, 0, inf], values: [0, 1, 0], derivatives: [0, 0, 0], seconds: [any, -0.5, any]) {
        $0.besselJ0()
      },
      EdgeRow("besselJ1", at: [0], values: [0], derivatives: [0.5], seconds: [0]) { $0.besselJ1() },
      EdgeRow("besselY0", at: [0, inf], values: [-inf, 0], derivatives: [inf, 0], seconds: [any, any]) {
        $0.besselY0()
      },
      EdgeRow("besselK0", at: [0, inf], values: [inf, 0], derivatives: [-inf, 0], seconds: [any, 0]) { $0.besselK0() },
      EdgeRow("scaledBesselK1", at: [0, inf], values: [inf, 0], derivatives: [any, 0], seconds: [any, any]) {
        $0.scaledBesselK1()
      },
      EdgeRow(
        "sphericalBesselJ0", at: [-inf, 0, inf], values: [0, 1, 0], derivatives: [0, 0, 0], seconds: [0, any, 0]
      ) {
        $0.sphericalBesselJ0()
      },
      EdgeRow("airyAi", at: [inf], values: [0], derivatives: [0], seconds: [0]) { $0.airyAi() },
    ]
  }

  @Test func valuesOfDouble() { for row in rows(Double.self) { row.check() } }
  @Test func valuesOfFloat() { for row in rows(Float.self) { row.check() } }

  @Test("a weight of 0 leaves nothing of a logarithm, in gradients too")
  func weightsOfZero() {
    let (x, y) = (Tensor<Double>([0, 0, 0]).asVariable(), Tensor<Double>([0, -1, .infinity]).asVariable())
    let value = xlogy(x, y)
    #expect(value.scalars == [0, 0, 0])
    let slopes = gradients(of: value.sum(), at: [x, y], createGraph: true)
    #expect(slopes[0].scalars == [0, 0, .infinity])
    #expect(slopes[1].scalars == [0, 0, 0])
    #expect(xlog1py(x.detached(), Tensor([-1, -2, .infinity])).scalars == [0, 0, 0])
    #expect(xlogy(0, Tensor<Float>([.nan])).scalars[0].isNaN)
  }

  @Test("zeros of gamma's derivatives below 0 keep all digits")
  func zeros() {
    // Computed by mpmath.
    let rows: [(Int, Double, Double)] = [
      (0, -17477.908978355834, -0.9165818681486722), (0, -0.5040830082644554, 7.289763902976895e-17),
      (0, -86.81812568861692, -0.41695529538147286), (2, -2.5030565242590197, -0.7035291894577741),
    ]
    for (n, x, y) in rows {
      let value = Tensor<Double>(x).polygamma(n).item
      let error = Swift.abs(value - y)
      #expect(error <= 4 * y.ulp, "\(n) at \(x): \(value), expected \(y)")
    }
  }

  @Test func incompleteGammaFunctions() {
    // Computed by mpmath: a, x, P, Q.
    let rows: [(Double, Double, Double, Double)] = [
      (0.5, 0.25, 0.5204998778130465, 0.4795001221869535),
      (0.5, 4, 0.9953222650189527, 0.004677734981047266),
      (1e-06, 0.3, 0.9999990943231863, 9.056768136855656e-07),
      (0.01, 1, 0.997783765376772, 0.00221623462322799),
      (2.5, 1, 0.15085496391539036, 0.8491450360846097),
      (2.5, 12, 0.9997828870565473, 0.00021711294345272333),
      (20, 18, 0.34908387201929825, 0.6509161279807018),
      (20, 40, 0.9998236971022614, 0.00017630289773856828),
      (64, 70, 0.7790926924588397, 0.2209073075411603),
      (300, 280, 0.12260728267114314, 0.8773927173288568),
      (5000, 5100, 0.9206711189223811, 0.07932888107761897),
    ]
    for (a, x, p, q) in rows {
      let lower = gammainc(Tensor<Double>(a), Tensor(x)).item
      let upper = gammaincc(Tensor<Double>(a), Tensor(x)).item
      #expect(Swift.abs(lower - p) <= 8 * p.ulp, "P(\(a), \(x)) is \(lower), expected \(p)")
      #expect(Swift.abs(upper - q) <= 8 * q.ulp, "Q(\(a), \(x)) is \(upper), expected \(q)")
    }
    let great = gammainc(Tensor<Double>([1e15, 1e15, 1e18]), Tensor([1e15, 1.0000001e15, 1e18])).scalars
    #expect(Swift.abs(great[0] - 0.5) < 1e-7 && great[1] > 0.99 && Swift.abs(great[2] - 0.5) < 1e-7)
  }

  @Test func ordersBelowZero() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>([1]).polygamma(-1)
    }
    let message = text(result?.standardErrorContent)
    #expect(message.contains("polygamma: order -1, expected at least 0"))
  }

  @Test func dimensionsOfTheGammaFunction() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>([1]).multivariateLGamma(dimensions: 0)
    }
    let message = text(result?.standardErrorContent)
    #expect(message.contains("multivariateLGamma: 0 dimensions, expected 1 to 65536"))
  }

  @Test func aDerivativeThatZetaHasNot() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      zeta(Tensor<Float>([2]).asVariable(), 1).sum().backward()
    }
    let message = text(result?.standardErrorContent)
    #expect(message.contains("zeta: there is no derivative at s"))
  }

  @Test func aDerivativeThatGammaincHasNot() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      gammainc(Tensor<Float>([2]).asVariable(), Tensor([1])).sum().backward()
    }
    let message = text(result?.standardErrorContent)
    #expect(message.contains("gammainc: there is no derivative at a"))
  }
}
