import Foundation
import TernNN
import TernTensor
import Testing

/// A distribution of a location and a scale, or of a scale alone, and what is asked of it.
private enum ScaledFamily: CaseIterable {
  case normal, laplace, gumbel, cauchy, uniform, student, generalizedPareto
  case halfNormal, halfCauchy, weibull, pareto, gamma, inverseGamma, exponential

  var hasLocation: Bool {
    [.normal, .laplace, .gumbel, .cauchy, .uniform, .student, .generalizedPareto].contains(self)
  }

  /// Whether the scale is given by its reciprocal.
  var hasRate: Bool { self == .gamma || self == .exponential }

  /// Of value, location and scale, or rate.
  func logProbability<Scalar: FloatingScalar>(_ x: [Tensor<Scalar>]) -> Tensor<Scalar> {
    let (v, m, s) = (x[0], x[1], x[2])
    switch self {
    case .normal: return NormalDistribution(mean: m, deviation: s).logProbability(v)
    case .laplace: return LaplaceDistribution(mean: m, scale: s).logProbability(v)
    case .gumbel: return GumbelDistribution(location: m, scale: s).logProbability(v)
    case .cauchy: return CauchyDistribution(median: m, scale: s).logProbability(v)
    case .uniform: return UniformDistribution(low: m - s, high: m + s * 4).logProbability(v)
    case .student: return StudentTDistribution(degrees: Tensor(2.5), location: m, scale: s).logProbability(v)
    case .generalizedPareto: return pareto(m, s).logProbability(v)
    case .halfNormal: return HalfNormalDistribution(scale: s).logProbability(v)
    case .halfCauchy: return HalfCauchyDistribution(scale: s).logProbability(v)
    case .weibull: return WeibullDistribution(scale: s, concentration: Tensor(1.5)).logProbability(v)
    case .pareto: return ParetoDistribution(scale: s, alpha: Tensor(2.5)).logProbability(v + s)
    case .gamma: return GammaDistribution(concentration: Tensor(2.5), rate: s).logProbability(v)
    case .inverseGamma: return InverseGammaDistribution(concentration: Tensor(2.5), rate: s).logProbability(v)
    case .exponential: return ExponentialDistribution(rate: s).logProbability(v)
    }
  }

  func cumulative<Scalar: FloatingScalar>(_ x: [Tensor<Scalar>]) -> Tensor<Scalar>? {
    let (v, m, s) = (x[0], x[1], x[2])
    switch self {
    case .normal: return NormalDistribution(mean: m, deviation: s).cumulative(v)
    case .laplace: return LaplaceDistribution(mean: m, scale: s).cumulative(v)
    case .gumbel: return GumbelDistribution(location: m, scale: s).cumulative(v)
    case .cauchy: return CauchyDistribution(median: m, scale: s).cumulative(v)
    case .uniform: return UniformDistribution(low: m - s, high: m + s * 4).cumulative(v)
    case .generalizedPareto: return pareto(m, s).cumulative(v)
    case .halfNormal: return HalfNormalDistribution(scale: s).cumulative(v)
    case .halfCauchy: return HalfCauchyDistribution(scale: s).cumulative(v)
    case .weibull: return WeibullDistribution(scale: s, concentration: Tensor(1.5)).cumulative(v)
    case .pareto: return ParetoDistribution(scale: s, alpha: Tensor(2.5)).cumulative(v + s)
    case .inverseGamma: return InverseGammaDistribution(concentration: Tensor(2.5), rate: s).cumulative(v)
    default: return nil
    }
  }

  func figures<Scalar: FloatingScalar>(_ s: Tensor<Scalar>) -> [Tensor<Scalar>] {
    let m = Tensor<Scalar>(0)
    func both(_ d: some Distribution<Scalar>) -> [Tensor<Scalar>] { [d.deviation, d.entropy] }
    switch self {
    case .normal: return both(NormalDistribution(mean: m, deviation: s))
    case .laplace: return both(LaplaceDistribution(mean: m, scale: s))
    case .gumbel: return both(GumbelDistribution(location: m, scale: s))
    case .cauchy: return [CauchyDistribution(median: m, scale: s).entropy]
    case .uniform: return both(UniformDistribution(low: m - s, high: m + s * 4))
    case .student: return both(StudentTDistribution(degrees: Tensor(2.5), location: m, scale: s))
    case .generalizedPareto: return both(pareto(m, s))
    case .halfNormal: return both(HalfNormalDistribution(scale: s))
    case .halfCauchy: return [HalfCauchyDistribution(scale: s).entropy]
    case .weibull: return both(WeibullDistribution(scale: s, concentration: Tensor(1.5)))
    case .pareto: return both(ParetoDistribution(scale: s, alpha: Tensor(2.5)))
    case .gamma: return both(GammaDistribution(concentration: Tensor(2.5), rate: s))
    case .inverseGamma: return both(InverseGammaDistribution(concentration: Tensor(2.5), rate: s))
    case .exponential: return both(ExponentialDistribution(rate: s))
    }
  }

  private func pareto<Scalar: FloatingScalar>(_ m: Tensor<Scalar>, _ s: Tensor<Scalar>)
    -> GeneralizedParetoDistribution<Scalar>
  {
    GeneralizedParetoDistribution(location: m, scale: s, concentration: Tensor(0.25))
  }
}

/// Distributions in Float at scales whose squares leave its range, beside Double.
@Suite("Distributions of extreme scales") struct ScaleRangeTests {
  private func derivatives<Scalar: FloatingScalar>(
    _ x: [Double], _ function: ([Tensor<Scalar>]) -> Tensor<Scalar>
  ) -> [Double] {
    let points = x.map { Tensor<Scalar>(Scalar($0)).asVariable() }
    let y = function(points)
    let fused = gradients(of: y, at: points, retainGraph: true)
    let recorded = gradients(of: y, at: points, createGraph: true)
    return ([y.detached()] + fused + recorded.map { $0.detached() }).map { Double($0.item) }
  }

  private func compare(
    _ name: String, at x: [Double], _ narrow: ([Tensor<Float>]) -> Tensor<Float>,
    _ wide: ([Tensor<Double>]) -> Tensor<Double>
  ) {
    let point = x.map { Double(Float($0)) }
    for (found, wanted) in zip(derivatives(point, narrow), derivatives(point, wide)) {
      let isClose = found == Double(Float(wanted)) || abs(found - wanted) <= 1e-3 * abs(wanted)
      #expect(isClose, "\(name) at \(point): \(found), expected \(wanted)")
    }
  }

  @Test func valuesAndDerivatives() {
    for family in ScaledFamily.allCases {
      for scale in [1e-30, 1e-20, 1, 1e20, 1e30] {
        for z in [0.3, 2.3] {
          for place in family.hasLocation ? [0.0, 1, -1] : [0] {
            let x = [(place + z) * scale, place * scale, family.hasRate ? 1 / scale : scale]
            compare("\(family)", at: x, { family.logProbability($0) }, { family.logProbability($0) })
            if family.cumulative(x.map { Tensor<Double>($0) }) == nil { continue }
            compare("\(family), cumulative", at: x, { family.cumulative($0)! }, { family.cumulative($0)! })
          }
        }
        for index in family.figures(Tensor<Double>(1)).indices {
          compare(
            "\(family), figure \(index)", at: [scale], { family.figures($0[0])[index] },
            { family.figures($0[0])[index] })
        }
      }
    }
  }

  @Test func divergences() {
    for (a, b) in [(1e-30, 1e-30), (1e-30, 3e-30), (1e30, 1e30), (2e30, 1e30), (1e-30, 1), (1e-38, 1e30), (1, 1e30)] {
      let x = [a * 0.5, a, -b * 0.25, b]
      compare(
        "normal", at: x,
        {
          klDivergence(
            NormalDistribution(mean: $0[0], deviation: $0[1]), NormalDistribution(mean: $0[2], deviation: $0[3]))
        },
        {
          klDivergence(
            NormalDistribution(mean: $0[0], deviation: $0[1]), NormalDistribution(mean: $0[2], deviation: $0[3]))
        })
      compare(
        "Cauchy", at: x,
        {
          klDivergence(CauchyDistribution(median: $0[0], scale: $0[1]), CauchyDistribution(median: $0[2], scale: $0[3]))
        },
        {
          klDivergence(CauchyDistribution(median: $0[0], scale: $0[1]), CauchyDistribution(median: $0[2], scale: $0[3]))
        })
      let scales = [a, b * 1.5]
      compare(
        "half normal", at: scales,
        { klDivergence(HalfNormalDistribution(scale: $0[0]), HalfNormalDistribution(scale: $0[1])) },
        { klDivergence(HalfNormalDistribution(scale: $0[0]), HalfNormalDistribution(scale: $0[1])) })
    }
  }

  @Test func boundsAcrossTheRange() {
    let (low, high) = (Tensor<Float>(-3e38).asVariable(), Tensor<Float>(3e38).asVariable())
    let uniform = UniformDistribution(low: low, high: high)
    let logWidth = log(6e38)
    #expect(abs(uniform.entropy.item / Float(logWidth) - 1) < 1e-6)
    #expect(abs(uniform.logProbability(Tensor(1e38)).item / Float(-logWidth) - 1) < 1e-6)
    #expect(uniform.mean.item == 0 && uniform.cumulative(Tensor(0)).item == 0.5)
    #expect(abs(uniform.quantile(Tensor(0.75)).item / 1.5e38 - 1) < 1e-6)
    #expect(abs(uniform.deviation.item / 1.7320508e38 - 1) < 1e-6)
    #expect(uniform.sample([100], generator: RandomGenerator(seed: 1)).scalars.allSatisfy { abs($0) <= 3e38 })
    let slopes = gradients(of: uniform.entropy, at: [low, high])
    #expect(abs(Double(slopes[0].item) * 6e38 + 1) < 1e-5 && abs(Double(slopes[1].item) * 6e38 - 1) < 1e-5)
  }

  @Test func theGreatestNumberOfGeneralizedParetoDistributions() {
    let inf = Double.infinity
    func check<Scalar: FloatingScalar>(_: Scalar.Type) {
      // The derivatives at value, location, scale and concentration; location 1 and scale 2.
      for (ξ, density, slopes) in [
        (-1.0, -log(2.0), [0, 0, -0.5, -inf]), (-0.5, -inf, [-inf, inf, inf, nil]), (-2, inf, [inf, -inf, -inf, nil]),
      ] as [(Double, Double, [Double?])] {
        let last = 1 - 2 / ξ
        for record in [false, true] {
          let x = [last, 1, 2, ξ].map { Tensor<Scalar>(Scalar($0)).asVariable() }
          let d = GeneralizedParetoDistribution(location: x[1], scale: x[2], concentration: x[3])
          let y = d.logProbability(x[0])
          #expect(y.item == Scalar(density), "ξ = \(ξ)")
          for (found, wanted) in zip(gradients(of: y, at: x, retainGraph: true, createGraph: record), slopes) {
            guard let wanted else { continue }
            #expect(found.item == Scalar(wanted), "ξ = \(ξ), log-probability: \(found.item), expected \(wanted)")
          }
          let below = d.cumulative(x[0])
          #expect(below.item == 1)
          let rise = ξ == -1 ? 0.5 : ξ < -1 ? inf : 0
          let found = gradients(of: below, at: x, retainGraph: true, createGraph: record)
          #expect(found[0].item == Scalar(rise) && found[1].item == Scalar(-rise), "ξ = \(ξ): \(found)")
          let p = Tensor<Scalar>(1).asVariable()
          let number = d.quantile(p)
          #expect(number.item == Scalar(last))
          let back = gradients(of: number, at: [p] + x, createGraph: record).map { Double($0.item) }
          #expect(back[0] == (ξ == -1 ? 2 : ξ < -1 ? 0 : inf), "ξ = \(ξ): \(back)")
          #expect(back[2] == 1 && back[3] == -1 / ξ && back[4] == 2 / (ξ * ξ), "ξ = \(ξ): \(back)")
        }
      }
    }
    check(Float.self)
    check(Double.self)
  }
}
