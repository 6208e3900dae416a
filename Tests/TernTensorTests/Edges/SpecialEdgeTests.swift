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
}
