import Foundation
import TernNN
import TernTensor
import TernTestSupport
import Testing

private let inf = Double.infinity

/// Distributions at the ends of their supports, of their probabilities and of the range of numbers.
@Suite("Distributions at the ends of their supports") struct SupportEndTests {
  private func close<Scalar: FloatingScalar>(
    _ found: Tensor<Scalar>, _ wanted: [Double], _ what: String, location: SourceLocation = #_sourceLocation
  ) {
    let values = found.flattened().scalars.map { Double($0) }
    let isClose = zip(values, wanted).allSatisfy { value, wanted in
      value == wanted || abs(value - wanted) <= 64 * Double(Scalar.ulpOfOne) * abs(wanted)
    }
    #expect(
      values.count == wanted.count && isClose, "\(what) of \(Scalar.self): \(values), expected \(wanted)",
      sourceLocation: location)
  }

  /// The derivatives of a sum of log-probabilities at one value.
  private func slope<D: Distribution>(_ d: D, at value: Double) -> Double where D.Outcome == D.Scalar {
    let x = Tensor<D.Scalar>(D.Scalar(value)).asVariable()
    return Double(gradients(of: d.logProbability(x).sum(), at: [x])[0].item)
  }

  @Test func unboundedValuesHaveNoDensity() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type) {
      let one = Tensor<Scalar>(1)
      let two = Tensor<Scalar>(2)
      let ends = Tensor<Scalar>([-.infinity, .infinity])
      let none = [-inf, -inf]
      close(GumbelDistribution(location: one, scale: two).logProbability(ends), none, "Gumbel")
      close(GammaDistribution(concentration: two, rate: one).logProbability(ends), none, "gamma")
      close(InverseGammaDistribution(concentration: two, rate: one).logProbability(ends), none, "inverse gamma")
      close(WeibullDistribution(scale: one, concentration: two).logProbability(ends), none, "Weibull")
      close(PoissonDistribution(rate: two).logProbability(ends), none, "Poisson")
      close(NegativeBinomialDistribution(count: two, probability: Tensor(0)).logProbability(ends), none, "counts")
      close(CauchyDistribution(median: one, scale: two).logProbability(ends), none, "Cauchy")
      close(StudentTDistribution(degrees: two).logProbability(ends), none, "Student's t")
      close(NormalDistribution(mean: one, deviation: two).logProbability(ends), none, "normal")
      close(LaplaceDistribution(mean: one, scale: two).logProbability(ends), none, "Laplace")
      #expect(slope(GumbelDistribution(location: one, scale: two), at: -inf) == inf)
      #expect(slope(GammaDistribution(concentration: two, rate: two), at: inf) == -2)
      #expect(slope(WeibullDistribution(scale: one, concentration: two), at: inf) == -inf)
      #expect(slope(PoissonDistribution(rate: two), at: inf) == 0)
    }
    check(Float.self)
    check(Double.self)
  }

  @Test func tailsWhoseSquaresLeaveTheRange() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type, _ far: Double) {
      let one = Tensor<Scalar>(1)
      let x = Tensor<Scalar>([Scalar(-far), 3, Scalar(far)])
      let tail = -2 * log(far) - log(Double.pi)
      let middle = -log(10) - log(Double.pi)
      close(CauchyDistribution(median: Tensor(0), scale: one).logProbability(x), [tail, middle, tail], "Cauchy")
      close(
        HalfCauchyDistribution(scale: one).logProbability(x), [-inf, middle + log(2), tail + log(2)], "half Cauchy")
      // Two degrees of freedom: (2 + x²)^(−3/2)
      let student = StudentTDistribution(degrees: Tensor<Scalar>(2))
      close(student.logProbability(x), [-3 * log(far), -1.5 * log(11), -3 * log(far)], "Student's t")
      #expect(abs(slope(student, at: far) * far + 3) < 1e-5)
      #expect(abs(slope(CauchyDistribution(median: Tensor(0), scale: one), at: -far) * far - 2) < 1e-5)
    }
    check(Float.self, 1e30)
    check(Double.self, 1e200)
  }

  @Test func quantilesOfTheEnds() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type) {
      let one = Tensor<Scalar>(1)
      let p = Tensor<Scalar>([0, 0.125, 0.5, 0.875, 1])
      let t = tan(Double.pi * 3 / 8)
      close(CauchyDistribution(median: Tensor(0), scale: one).quantile(p), [-inf, -t, 0, t, inf], "Cauchy")
      let half = [0, tan(Double.pi / 16), 1, tan(Double.pi * 7 / 16), inf]
      close(HalfCauchyDistribution(scale: one).quantile(p), half, "half Cauchy")
      let tiny = Tensor<Scalar>([1e-30])
      close(CauchyDistribution(median: Tensor(0), scale: one).quantile(tiny), [-1 / (Double.pi * 1e-30)], "Cauchy")
      let outside = Tensor<Scalar>([-0.1, 1.1, .nan])
      let quantiles = [
        CauchyDistribution(median: one, scale: one).quantile(outside),
        HalfCauchyDistribution(scale: one).quantile(outside),
        NormalDistribution(mean: one, deviation: one).quantile(outside),
        ParetoDistribution(scale: one, alpha: one).quantile(outside),
        LaplaceDistribution(mean: one, scale: one).quantile(outside),
        ExponentialDistribution(rate: one).quantile(outside),
        UniformDistribution(low: -one, high: one).quantile(outside),
        HalfNormalDistribution(scale: one).quantile(outside),
        GumbelDistribution(location: one, scale: one).quantile(outside),
      ]
      for (i, q) in quantiles.enumerated() {
        let isNaN = q.scalars.allSatisfy { $0.isNaN }
        #expect(isNaN, "quantile \(i) of \(Scalar.self): \(q.scalars)")
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test func nanHasNoProbability() {
    let x = Tensor<Double>([.nan, 0.5])
    let one = Tensor<Double>(1)
    let numbers: [any UnivariateDistribution<Double>] = [
      ExponentialDistribution(rate: one), HalfNormalDistribution(scale: one), HalfCauchyDistribution(scale: one),
      LogNormalDistribution(logMean: one, logDeviation: one), ParetoDistribution(scale: one * 0.1, alpha: one),
      WeibullDistribution(scale: one, concentration: one), KumaraswamyDistribution(alpha: one, beta: one),
      UniformDistribution(low: -one, high: one), ContinuousBernoulliDistribution(probability: one * 0.3),
      GeneralizedParetoDistribution(concentration: one), GumbelDistribution(location: one, scale: one),
    ]
    for d in numbers {
      let density = logProbability(d, x)
      #expect(density[0].isNaN && density[1].isFinite, "\(type(of: d)): \(density)")
      let part = cumulative(d, x)
      #expect(part[0].isNaN && part[1] > 0 && part[1] < 1, "\(type(of: d)): \(part)")
    }
    let others: [any Distribution<Double>] = [
      PoissonDistribution(rate: one), GeometricDistribution(probability: one * 0.5),
      BernoulliDistribution(probability: one * 0.5),
      BinomialDistribution(count: one * 3, probability: one * 0.5), BetaDistribution(alpha: one, beta: one),
      NegativeBinomialDistribution(count: one, probability: one * 0.5),
      GammaDistribution(concentration: one, rate: one),
      InverseGammaDistribution(concentration: one, rate: one),
    ]
    for d in others { #expect(logProbability(d, x)[0].isNaN, "\(type(of: d))") }
    let vectors = DirichletDistribution(concentration: Tensor<Double>(ones: [2]))
    let rows = Tensor<Double>([.nan, 0.5, 0.25, 0.75]).reshaped([2, 2])
    let density = vectors.logProbability(rows).scalars
    #expect(density.count == 2 && density[0].isNaN && density[1] == 0)
  }

  private func logProbability<D: Distribution>(_ d: D, _ x: Tensor<Double>) -> [Double] where D.Scalar == Double {
    (x as? Tensor<D.Outcome>).map { d.logProbability($0).scalars } ?? []
  }
  private func cumulative<D: UnivariateDistribution>(_ d: D, _ x: Tensor<Double>) -> [Double] where D.Scalar == Double {
    d.cumulative(x).scalars
  }

  @Test func derivativesOfDensitiesAtZero() {
    let half = Tensor<Double>(0.5)
    #expect(slope(KumaraswamyDistribution(alpha: half, beta: half), at: 0) == -inf)
    #expect(slope(KumaraswamyDistribution(alpha: half * 2, beta: half), at: 0) == 0.5)
    #expect(slope(KumaraswamyDistribution(alpha: half * 4, beta: half), at: 0) == inf)
  }

  @Test func divergencesNameTheirCaller() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let p = DirichletDistribution(concentration: Tensor<Float>(ones: [2, 3]))
      _ = klDivergence(p, DirichletDistribution(concentration: Tensor<Float>(ones: [2, 5])))
    }
    let said = text(result?.standardErrorContent)
    #expect(said.contains(/SupportEndTests\.swift:\d+: Fatal error: [^:]+: .*\[2, 3\].*\[2, 5\]/), "\(said)")
  }
}
