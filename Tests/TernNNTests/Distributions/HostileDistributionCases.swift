import TernNN
import TernTensor
import TernTestSupport

/// Distributions of hostile parameters, and their draws, densities and quantiles.
let hostileDistributionsTable = makeTable()

/// Parameters of hostile shapes or sizes.
private func parameter(_ n: inout HostileNumbers) -> Tensor<Float> {
  n.flag() ? n.floats() : Tensor(Float(n.real()))
}

/// Everything that a distribution of numbers is asked for, at hostile values.
private func use<D: Distribution<Float>>(_ d: D, _ n: inout HostileNumbers) {
  switch n.below(4) {
  case 0: _ = d.sample(n.list())
  case 1: _ = (d.mean, d.variance, d.entropy)
  case 2: if let value = n.floats() as? Tensor<D.Outcome> { _ = d.logProbability(value) }
  default:
    guard let univariate = d as? any UnivariateDistribution<Float> else { return }
    _ = n.flag() ? univariate.cumulative(n.floats()) : univariate.quantile(Tensor(Float(n.real())))
  }
}

// One statement a row: a literal of closures takes the compiler minutes.
private func makeTable() -> [HostileCase] {
  var table: [HostileCase] = []
  table.add("BernoulliDistribution") { n in
    use(n.flag() ? BernoulliDistribution(probability: parameter(&n)) : BernoulliDistribution(logits: parameter(&n)), &n)
  }
  table.add("BetaDistribution") { n in use(BetaDistribution(alpha: parameter(&n), beta: parameter(&n)), &n) }
  table.add("BinomialDistribution") { n in
    let d =
      n.flag()
      ? BinomialDistribution(count: parameter(&n), probability: parameter(&n))
      : BinomialDistribution(count: Tensor(Float(n.any())), logits: parameter(&n))
    use(d, &n)
  }
  table.add("CategoricalDistribution") { n in
    let d =
      n.flag() ? CategoricalDistribution(probabilities: parameter(&n)) : CategoricalDistribution(logits: parameter(&n))
    _ = n.flag() ? d.logProbability(n.integers()) : d.sample(n.list()).cast(to: Float.self)
    _ = (d.mean, d.variance, d.entropy)
  }
  table.add("CauchyDistribution") { n in use(CauchyDistribution(median: parameter(&n), scale: parameter(&n)), &n) }
  table.add("ContinuousBernoulliDistribution") { n in
    use(ContinuousBernoulliDistribution(probability: parameter(&n)), &n)
  }
  table.add("DirichletDistribution") { n in use(DirichletDistribution(concentration: parameter(&n)), &n) }
  table.add("ExponentialDistribution") { n in use(ExponentialDistribution(rate: parameter(&n)), &n) }
  table.add("FisherSnedecorDistribution") { n in
    use(FisherSnedecorDistribution(numeratorDegrees: parameter(&n), denominatorDegrees: parameter(&n)), &n)
  }
  table.add("GammaDistribution") { n in
    use(
      n.flag()
        ? GammaDistribution(concentration: parameter(&n), rate: parameter(&n))
        : GammaDistribution.chiSquared(degrees: parameter(&n)), &n)
  }
  table.add("GeneralizedParetoDistribution") { n in
    use(
      GeneralizedParetoDistribution(location: parameter(&n), scale: parameter(&n), concentration: parameter(&n)), &n)
  }
  table.add("GeometricDistribution") { n in use(GeometricDistribution(probability: parameter(&n)), &n) }
  table.add("GumbelDistribution") { n in use(GumbelDistribution(location: parameter(&n), scale: parameter(&n)), &n) }
  table.add("HalfCauchyDistribution") { n in use(HalfCauchyDistribution(scale: parameter(&n)), &n) }
  table.add("HalfNormalDistribution") { n in use(HalfNormalDistribution(scale: parameter(&n)), &n) }
  table.add("IndependentDistribution") { n in
    use(IndependentDistribution(NormalDistribution(mean: n.floats(), deviation: Tensor(1)), axes: n.any()), &n)
  }
  table.add("InverseGammaDistribution") { n in
    use(InverseGammaDistribution(concentration: parameter(&n), rate: parameter(&n)), &n)
  }
  table.add("KumaraswamyDistribution") { n in
    use(KumaraswamyDistribution(alpha: parameter(&n), beta: parameter(&n)), &n)
  }
  table.add("LaplaceDistribution") { n in use(LaplaceDistribution(mean: parameter(&n), scale: parameter(&n)), &n) }
  table.add("LogNormalDistribution") { n in
    use(LogNormalDistribution(logMean: parameter(&n), logDeviation: parameter(&n)), &n)
  }
  table.add("LowRankMultivariateNormalDistribution") { n in
    use(
      LowRankMultivariateNormalDistribution(
        mean: n.floats(), covarianceFactor: n.floats(), covarianceDiagonal: n.floats()), &n)
  }
  table.add("MixtureDistribution") { n in
    use(
      MixtureDistribution(
        weights: CategoricalDistribution(logits: n.floats()),
        components: NormalDistribution(mean: n.floats(), deviation: parameter(&n))), &n)
  }
  table.add("MultinomialDistribution") { n in
    use(
      n.flag()
        ? MultinomialDistribution(count: n.any(), probabilities: n.floats())
        : MultinomialDistribution(count: n.any(), logits: n.floats()), &n)
  }
  table.add("MultivariateNormalDistribution") { n in
    let (mean, matrix) = (n.floats(), n.floats())
    switch n.below(3) {
    case 0: use(MultivariateNormalDistribution(mean: mean, scaleTriangle: matrix), &n)
    case 1: use(try MultivariateNormalDistribution(mean: mean, covariance: matrix), &n)
    default: use(try MultivariateNormalDistribution(mean: mean, precision: matrix), &n)
    }
  }
  table.add("NegativeBinomialDistribution") { n in
    use(
      n.flag()
        ? NegativeBinomialDistribution(count: parameter(&n), probability: parameter(&n))
        : NegativeBinomialDistribution(count: parameter(&n), logits: parameter(&n)), &n)
  }
  table.add("NormalDistribution") { n in use(NormalDistribution(mean: parameter(&n), deviation: parameter(&n)), &n) }
  table.add("OneHotCategoricalDistribution") { n in
    use(
      n.flag()
        ? OneHotCategoricalDistribution(probabilities: n.floats()) : OneHotCategoricalDistribution(logits: n.floats()),
      &n)
  }
  table.add("ParetoDistribution") { n in use(ParetoDistribution(scale: parameter(&n), alpha: parameter(&n)), &n) }
  table.add("PoissonDistribution") { n in use(PoissonDistribution(rate: parameter(&n)), &n) }
  table.add("RelaxedOneHotCategoricalDistribution") { n in
    use(RelaxedOneHotCategoricalDistribution(temperature: parameter(&n), logits: parameter(&n)), &n)
  }
  table.add("StudentTDistribution") { n in
    use(StudentTDistribution(degrees: parameter(&n), location: parameter(&n), scale: parameter(&n)), &n)
  }
  table.add("UniformDistribution") { n in use(UniformDistribution(low: parameter(&n), high: parameter(&n)), &n) }
  table.add("WeibullDistribution") { n in
    use(WeibullDistribution(scale: parameter(&n), concentration: parameter(&n)), &n)
  }
  table.add("gumbelSoftmax") { n in
    _ = gumbelSoftmax(parameter(&n), temperature: Float(n.real()), isHard: n.flag(), along: n.any())
  }
  table.add("klDivergence") { n in
    let normal = NormalDistribution(mean: n.floats(), deviation: Tensor<Float>(1))
    switch n.below(4) {
    case 0: _ = klDivergence(normal, NormalDistribution(mean: n.floats(), deviation: parameter(&n)))
    case 1: _ = klDivergence(normal, LaplaceDistribution(mean: n.floats(), scale: parameter(&n)))
    case 2:
      _ = klDivergence(
        DirichletDistribution(concentration: n.floats()), DirichletDistribution(concentration: n.floats()))
    default: _ = klDivergence(CategoricalDistribution(logits: n.floats()), CategoricalDistribution(logits: n.floats()))
    }
  }
  table.add("bijectors") { n in
    let bijector: any Bijector<Float> = n.one(of: [
      PowerBijector<Float>(exponent: parameter(&n)), SigmoidBijector<Float>(), TanhBijector<Float>(),
      SoftplusBijector<Float>(),
      StickBreakingBijector<Float>(), CorrelationCholeskyBijector<Float>(), ExpBijector<Float>(),
    ])
    let x = n.floats()
    _ = n.flag() ? bijector.forward(x) : bijector.inverse(x)
    _ = bijector.forwardShape(n.list())
    _ = bijector.inverseShape(n.list())
  }
  return table
}
