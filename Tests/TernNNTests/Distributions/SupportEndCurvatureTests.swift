import TernNN
import TernTensor
import TernTestSupport
import Testing

private let inf = Double.infinity
private let unseen = Double.nan

/// Second derivatives of densities, distribution functions and quantiles at the ends of supports.
@Suite("Second derivatives at the ends of supports") struct SupportEndCurvatureTests {
  /// One place: a function of the parameters and of a value, its gradient, and the rows of its Hessian that are looked at.
  private struct Row {
    var name: String
    var parameters: [Double]
    var value: Double
    var gradient: [Double]
    var hessian: [[Double]]
  }

  private func check<Scalar: FloatingScalar>(_ row: Row, _ function: ([Tensor<Scalar>]) -> Tensor<Scalar>) {
    let x = (row.parameters + [row.value]).map { Tensor(Scalar($0)).asVariable() }
    let y = function(x)
    let fused = gradients(of: y, at: x, retainGraph: true).map { Double($0.item) }
    let recorded = gradients(of: y, at: x, createGraph: true)
    let label = "\(row.name)(\(row.parameters)) of \(Scalar.self) at \(row.value)"
    expect(fused, row.gradient, "gradient of \(label)")
    expect(recorded.map { Double($0.item) }, row.gradient, "recorded gradient of \(label)")
    for (i, wanted) in row.hessian.enumerated() {
      let found =
        recorded[i].requiresGradient
        ? gradients(of: recorded[i], at: x, retainGraph: true).map { Double($0.item) } : x.map { _ in 0 }
      expect(found, wanted, "row \(i) of the Hessian of \(label)")
    }
  }

  private func expect(_ found: [Double], _ wanted: [Double], _ what: String) {
    let isClose = zip(found, wanted).allSatisfy { $1.isNaN || $0 == $1 || abs($0 - $1) <= 1e-5 * max(1, abs($1)) }
    #expect(found.count == wanted.count && isClose, "\(what): \(found), expected \(wanted)")
  }

  @Test func weibull() {
    func run<Scalar: FloatingScalar>(_: Scalar.Type) {
      for zero in [0, -0.0] {
        // k = ½, 1 and 3 at λ = 2: the density ends at ∞, ½ and 0.
        check(
          Row(
            name: "Weibull log-density", parameters: [2, 0.5], value: zero, gradient: [-0.25, -inf, -inf],
            hessian: [[0.125, -0.5, inf], [-0.5, -4, inf], [inf, inf, inf]])
        ) { (x: [Tensor<Scalar>]) in WeibullDistribution(scale: x[0], concentration: x[1]).logProbability(x[2]) }
        check(
          Row(
            name: "Weibull log-density", parameters: [2, 1], value: zero, gradient: [-0.5, -inf, -0.5],
            hessian: [[0.25, -0.5, 0.25], [-0.5, -1, inf], [0.25, inf, 0]])
        ) { (x: [Tensor<Scalar>]) in WeibullDistribution(scale: x[0], concentration: x[1]).logProbability(x[2]) }
        check(
          Row(
            name: "Weibull distribution", parameters: [2, 0.5], value: zero, gradient: [0, 0, inf],
            hessian: [[0, 0, -inf], [0, 0, -inf], [-inf, -inf, -inf]])
        ) { (x: [Tensor<Scalar>]) in WeibullDistribution(scale: x[0], concentration: x[1]).cumulative(x[2]) }
        check(
          Row(
            name: "Weibull distribution", parameters: [2, 3], value: zero, gradient: [0, 0, 0],
            hessian: [[0, 0, 0], [0, 0, 0], [0, 0, 0]])
        ) { (x: [Tensor<Scalar>]) in WeibullDistribution(scale: x[0], concentration: x[1]).cumulative(x[2]) }
        check(
          Row(
            name: "Weibull quantile", parameters: [2, 2], value: zero, gradient: [0, 0, inf],
            hessian: [[0, 0, inf], [0, 0, inf], [inf, inf, -inf]])
        ) { (x: [Tensor<Scalar>]) in WeibullDistribution(scale: x[0], concentration: x[1]).quantile(x[2]) }
      }
    }
    run(Float.self)
    run(Double.self)
  }

  @Test func kumaraswamy() {
    func run<Scalar: FloatingScalar>(_: Scalar.Type) {
      for zero in [0, -0.0] {
        check(
          Row(
            name: "Kumaraswamy distribution", parameters: [0.5, 3], value: zero, gradient: [0, 0, inf],
            hessian: [[0, 0, -inf], [0, 0, inf], [-inf, inf, -inf]])
        ) { (x: [Tensor<Scalar>]) in KumaraswamyDistribution(alpha: x[0], beta: x[1]).cumulative(x[2]) }
        check(
          Row(
            name: "Kumaraswamy quantile", parameters: [2, 4], value: zero, gradient: [0, 0, inf],
            hessian: [[0, 0, inf], [0, 0, -inf], [inf, -inf, -inf]])
        ) { (x: [Tensor<Scalar>]) in KumaraswamyDistribution(alpha: x[0], beta: x[1]).quantile(x[2]) }
      }
      // α = ½: x^α curves downwards at 1, which counts nothing beside the square of its derivative.
      for (beta, derivative) in [(0.5, inf), (2, -inf)] {
        let x = Tensor<Scalar>(1).asVariable()
        let y = KumaraswamyDistribution(alpha: Tensor<Scalar>(0.5), beta: Tensor(Scalar(beta))).logProbability(x)
        let first = gradients(of: y, at: [x], createGraph: true)[0]
        #expect(Double(first.item) == derivative)
        #expect(Double(gradients(of: first, at: [x])[0].item) == derivative)
      }
    }
    run(Float.self)
    run(Double.self)
  }

  @Test func powersAtZero() {
    func run<Scalar: FloatingScalar>(_: Scalar.Type) {
      let cases: [(p: Double, gradient: [Double], hessian: [[Double]])] = [
        (0.5, [inf, 0], [[-inf, -inf], [-inf, 0]]), (1, [1, 0], [[0, 0], [0, 0]]),
        (1.5, [0, 0], [[inf, 0], [0, 0]]), (2, [0, 0], [[2, 0], [0, 0]]), (3, [0, 0], [[0, 0], [0, 0]]),
      ]
      for row in cases {
        let x = [Tensor<Scalar>(0).asVariable(), Tensor(Scalar(row.p)).asVariable()]
        let derivatives = gradients(of: x[0].pow(x[1]), at: x, createGraph: true)
        expect(derivatives.map { Double($0.item) }, row.gradient, "0 to the power of \(row.p)")
        for (i, wanted) in row.hessian.enumerated() {
          let found = gradients(of: derivatives[i], at: x, retainGraph: true).map { Double($0.item) }
          expect(found, wanted, "row \(i) of the Hessian of 0 to the power of \(row.p)")
        }
      }
    }
    run(Float.self)
    run(Double.self)
  }

  @Test func densitiesOfMinusZeroAreThoseOfZero() {
    func derivative<D: Distribution>(_ d: D) -> D.Scalar where D.Outcome == D.Scalar {
      let x = Tensor<D.Scalar>(-0.0).asVariable()
      return gradients(of: d.logProbability(x), at: [x])[0].item
    }
    let half = Tensor<Double>(0.5)
    #expect(derivative(GammaDistribution(concentration: half, rate: half)) == -inf)
    #expect(derivative(GammaDistribution(concentration: half * 4, rate: half)) == inf)
    #expect(derivative(BetaDistribution(alpha: half, beta: half)) == -inf)
    #expect(derivative(FisherSnedecorDistribution(numeratorDegrees: half, denominatorDegrees: half)) == -inf)
    #expect(derivative(KumaraswamyDistribution(alpha: half, beta: half)) == -inf)
  }

  /// Where rate/x² leaves the range the density still rises.
  @Test func reciprocalOfNextToNothing() {
    let x = Tensor<Float>([.leastNormalMagnitude / 128, 1e-25]).asVariable()
    let d = InverseGammaDistribution(concentration: Tensor<Float>(2), rate: Tensor(1e-4))
    #expect(gradients(of: d.logProbability(x).sum(), at: [x])[0].scalars == [.infinity, .infinity])
  }

  @Test func distributionFunctionsNameTheirCaller() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let mean = Tensor<Float>(zeros: [3])
      let d: any UnivariateDistribution<Float> = NormalDistribution(mean: mean, deviation: mean + 1)
      _ = d.cumulative(Tensor(ones: [2]))
    }
    expectCaller(text(result?.standardErrorContent))
  }

  @Test func quantilesNameTheirCaller() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let scale = Tensor<Float>(ones: [3])
      _ = WeibullDistribution(scale: scale, concentration: scale).quantile(Tensor(ones: [2]))
    }
    expectCaller(text(result?.standardErrorContent))
  }

  @Test func incompleteFunctionsNameTheirCaller() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let rate = Tensor<Float>(ones: [3])
      _ = GammaDistribution(concentration: rate, rate: rate).cumulative(Tensor(ones: [2]))
    }
    expectCaller(text(result?.standardErrorContent))
  }

  private func expectCaller(_ said: String) {
    #expect(said.contains(/SupportEndCurvatureTests\.swift:\d+: Fatal error: [A-Za-z]+: .+/), "\(said)")
  }
}
