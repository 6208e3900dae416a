import TernBackend
import TernNN
import TernTensor
import TernTestSupport
import Testing

private func matrix(_ x: Tensor<Double>) -> Tensor<Double> { x.reshaped([3, 2]) }

private func answers(_ name: String, _ p: [Tensor<Double>], _ q: [Tensor<Double>], _ x: Tensor<Double>) -> Answers {
  func make<D: Distribution<Double>>(
    _ make: ([Tensor<Double>]) -> D, _ divergence: ((D, D) -> Tensor<Double>)? = nil
  ) -> Answers where D.Outcome == Double {
    let distribution = make(p)
    return Answers(distribution, x, divergence: q.isEmpty ? nil : divergence?(distribution, make(q)))
  }
  switch name {
  case "continuousBernoulli":
    return make({ ContinuousBernoulliDistribution(probability: $0[0]) }, { klDivergence($0, $1) })
  case "continuousBernoulliLogits":
    // The table's others are given by logits too.
    return make({ ContinuousBernoulliDistribution(logits: $0[0]) }, { klDivergence($0, $1) })
  case "generalizedPareto":
    return make { GeneralizedParetoDistribution(location: $0[0], scale: $0[1], concentration: $0[2]) }
  case "fisherSnedecor":
    let distribution = FisherSnedecorDistribution(numeratorDegrees: p[0], denominatorDegrees: p[1])
    var result = Answers(distribution, x)
    result.cumulative = distribution.cumulative(x)
    return result
  case "lowRankNormal":
    return make(
      {
        LowRankMultivariateNormalDistribution(mean: $0[0], covarianceFactor: matrix($0[1]), covarianceDiagonal: $0[2])
      },
      { klDivergence($0, $1) })
  default: fatalError(name)
  }
}

/// Continuous Bernoulli, generalized Pareto, F and low-rank normal distributions beside PyTorch's and SciPy's.
@Suite struct RemainingDistributionTests {
  @Test(arguments: remainingRows.map(\.name)) func besidePyTorch(_ name: String) throws {
    let row = try #require(remainingRows.first { $0.name == name })
    let parameters = (row.parameters + [row.values]).map { Tensor($0).asVariable() }
    let found = answers(name, parameters.dropLast(), row.other.map { Tensor($0) }, parameters[parameters.count - 1])
    expectClose(found.logProbability, row.logProbability, "ln p")
    let derivatives = gradients(of: found.logProbability.sum(), at: parameters)
    for (derivative, expected) in zip(derivatives, row.slopes) { expectClose(derivative, expected, "gradient") }
    expectClose(found.entropy, row.entropy, "entropy")
    expectClose(found.mean, row.mean, "mean")
    expectClose(found.variance, row.variance, "variance")
    if let cumulative = found.cumulative { expectClose(cumulative, row.cumulative, "cumulative") }
    if let quantile = found.quantile { expectClose(quantile, row.quantile, "quantile") }
    if let divergence = found.divergence { expectClose(divergence, row.divergence, "divergence") }
  }

  @Test func derivativesOfAllOrders() {
    for row in remainingRows {
      let result = checkGradients(at: (row.parameters + [row.values]).map { Tensor($0) }, order: 2, step: 2e-5) { p in
        let found = answers(row.name, p.dropLast(), row.other.map { Tensor($0) }, p[p.count - 1])
        var total = found.logProbability.sum() + found.entropy.sum() + (found.divergence?.sum() ?? Tensor(0))
        if row.name.hasPrefix("continuous") { total = total + found.mean.sum() + found.variance.sum() }
        if row.name != "fisherSnedecor" { total = total + (found.cumulative?.sum() ?? Tensor(0)) }
        return total + (found.quantile?.sum() ?? Tensor(0))
      }
      #expect(result.passes(), "\(row.name): \(result)")
    }
  }

  @Test("divergences from and to further families are PyTorch's", arguments: remainingDivergences.indices)
  func families(_ index: Int) {
    let (name, found, expected) = remainingDivergences[index]
    for (value, wanted) in zip(found().scalars, expected) {
      #expect(
        value == wanted || abs(value - wanted) <= 1e-11 * (1 + abs(wanted)), "\(name): \(value), expected \(wanted)")
    }
  }

  @Test func divergenceOfUniformNumbers() {
    let p = ContinuousBernoulliDistribution(probability: Tensor<Double>([0.1, 0.5]))
    let unit = UniformDistribution(low: Tensor<Double>(0), high: Tensor(1))
    expectClose(klDivergence(p, unit), (-p.entropy).scalars, "uniform", 1e-15)
    let inner = UniformDistribution(low: Tensor<Double>([0.1, 0]), high: Tensor([1, 0.9]))
    #expect(klDivergence(p, inner).scalars == [.infinity, .infinity])
  }

  @Test func almostUniformAndSteep() {
    let logits: [Double] = [1e-300, 1e-8, 0.01, -0.7, 0.999999, 1.000001, 35, -600]
    let distribution = ContinuousBernoulliDistribution(logits: Tensor(logits))
    expectClose(
      distribution.mean,
      [
        0.5, 0.500000000833333333, 0.500833331944447751, 0.442137564936965273, 0.58197662754291678,
        0.581976786195728364, 0.971428571428572059, 0.00166666666666666667,
      ], "mean", 2e-15)
    expectClose(
      distribution.variance,
      [
        0.0833333333333333333, 0.0833333333333333329, 0.0833329166683201, 0.081330695571334013, 0.0793264134974372997,
        0.0793263980869715496, 0.000816326530611614386, 2.77777777777777778e-6,
      ], "variance", 2e-15)
    expectClose(
      distribution.entropy,
      [
        0, -4.16666666666666666e-18, -4.16665625002755725e-6, -0.0201697634137770395, -0.0406517729300383338,
        -0.0406519315828499182, -2.55534806148943638, -5.39692965521614637,
      ], "entropy", 2e-15)
    let places = Tensor<Double>([0, 1e-9, 0.25, 0.999, 1])
    for value in logits {
      let one = ContinuousBernoulliDistribution(logits: Tensor(value))
      let back = one.cumulative(one.quantile(places)).scalars
      for (a, b) in zip(back, places.scalars) { #expect(abs(a - b) <= 1e-12, "\(value): \(back)") }
    }
    // p of 0 and 1 are kept off the ends.
    let ends = ContinuousBernoulliDistribution(probability: Tensor<Float>([0, 1]))
    #expect(ends.logits.isFinite().all().item && ends.entropy.isFinite().all().item)
    // The derivatives at θ = 0.
    let zero = Tensor<Double>(0).asVariable()
    let flat = ContinuousBernoulliDistribution(logits: zero)
    #expect(abs(gradients(of: flat.mean, at: [zero], retainGraph: true)[0].item - 1.0 / 12) < 1e-15)
    #expect(abs(gradients(of: flat.cumulative(Tensor(0.3)), at: [zero], retainGraph: true)[0].item + 0.105) < 1e-15)
    #expect(abs(gradients(of: flat.quantile(Tensor(0.3)), at: [zero], retainGraph: true)[0].item - 0.105) < 1e-15)
    let outside = flat.logProbability(Tensor([-0.1, 1.1])).scalars
    #expect(outside == [-.infinity, -.infinity])
  }

  @Test func thresholdsAndTails() {
    // Through ξ = 0 without a step.
    let ξ = Tensor<Double>([1e-12, -1e-7, 1e-3, 0.1]).asVariable()
    let near = GeneralizedParetoDistribution(concentration: ξ)
    expectClose(
      near.logProbability(Tensor(2.5)),
      [-2.499999999999375, -2.50000006250002083, -2.49937707878578618, -2.45457906445630731], "ln p", 1e-13)
    let derivative = gradients(of: near.logProbability(Tensor(2.5)).sum(), at: [ξ])[0].scalars[0]
    #expect(abs(derivative - 0.625) < 1e-10)
    #expect(
      abs(
        GeneralizedParetoDistribution<Double>(concentration: Tensor(0)).quantile(Tensor(0.5)).item
          - 0.693147180559945309) < 1e-15)
    // The end of a support, ξ = −1 is uniform.
    let short = GeneralizedParetoDistribution(
      location: Tensor<Double>(1), scale: Tensor(2), concentration: Tensor([-0.5, -1, -2]))
    #expect(short.quantile(Tensor(1)).scalars == [5, 3, 2])
    #expect(short.logProbability(Tensor(0.9)).scalars == [-.infinity, -.infinity, -.infinity])
    #expect(short.logProbability(Tensor(5.1)).scalars == [-.infinity, -.infinity, -.infinity])
    expectClose(short.logProbability(Tensor(1.5))[1], [-0.693147180559945309], "uniform", 1e-15)
    #expect(short.cumulative(Tensor([0, 5.1, .infinity])[.all, .newAxis]).scalars == [0, 0, 0, 1, 1, 1, 1, 1, 1])
    let long = GeneralizedParetoDistribution<Double>(concentration: Tensor(2))
    #expect(long.logProbability(Tensor(.infinity)).item == -.infinity && long.quantile(Tensor(1)).item == .infinity)
    #expect(long.cumulative(Tensor(.infinity)).item == 1 && long.mean.item == .infinity)
    let f = FisherSnedecorDistribution<Double>(numeratorDegrees: Tensor(3), denominatorDegrees: Tensor(5))
    #expect(f.cumulative(Tensor([-1, 0, .infinity])).scalars == [0, 0, 1])
    #expect(f.logProbability(Tensor([-1, .infinity])).scalars == [-.infinity, -.infinity])
  }

  @Test func lowRankIsTheFullMatrix() throws {
    let row = try #require(remainingRows.last)
    let low = LowRankMultivariateNormalDistribution(
      mean: Tensor(row.parameters[0]), covarianceFactor: matrix(Tensor(row.parameters[1])),
      covarianceDiagonal: Tensor(row.parameters[2]))
    let full = try MultivariateNormalDistribution(mean: low.mean, covariance: low.covariance)
    expectClose(low.scaleTriangle, full.scaleTriangle.scalars, "L", 1e-14)
    expectClose(matmul(low.precision, low.covariance), Tensor<Double>(eye: 3).scalars, "precision", 1e-13)
    let x = Tensor<Double>(randomNormal: [2, 5, 3], generator: RandomGenerator(seed: 1))
    expectClose(low.logProbability(x), full.logProbability(x).scalars, "ln p", 1e-13)
    let other = try MultivariateNormalDistribution(
      mean: Tensor<Double>([0.5, -0.2, 2]),
      covariance: Tensor<Double>([[0.7, 0.2, 0.2], [0.2, 2.2, 0.2], [0.2, 0.2, 1.7]]))
    expectClose(klDivergence(low, other), [lowRankDivergences[0]], "to a full matrix")
    expectClose(klDivergence(other, low), [lowRankDivergences[1]], "from a full matrix")
    expectClose(klDivergence(low, full), [0], "itself", 1e-13)
    // A batch of factors and means that broadcast, and W far larger than D.
    let many = LowRankMultivariateNormalDistribution(
      mean: Tensor<Double>(zeros: [4, 1, 3]), covarianceFactor: Tensor<Double>(randomNormal: [2, 3, 1]) * 1e6,
      covarianceDiagonal: Tensor(ones: [3]))
    #expect(many.batchShape == [4, 2] && many.eventShape == [3] && many.sample([5]).shape == [5, 4, 2, 3])
    let along = many.logProbability(many.covarianceFactor.squeezed(-1)) + many.entropy
    #expect((along - 1).abs().max().item < 1e-4, "\(along)")
    // Draws have the covariance.
    let drawn = low.sample([40_000], generator: RandomGenerator(seed: 2)) - low.mean
    let found = matmul(drawn.transposed(), drawn) / 40_000
    #expect((found - low.covariance).abs().max().item < 0.05)
    let factor = matrix(Tensor(row.parameters[1])).asVariable()
    let moved = LowRankMultivariateNormalDistribution(
      mean: low.mean, covarianceFactor: factor, covarianceDiagonal: low.covarianceDiagonal
    ).rsample([40_000], generator: RandomGenerator(seed: 2))
    let slope = gradients(of: (moved - low.mean).square().sum() / 40_000, at: [factor])[0]
    #expect((slope - factor.detached() * 2).abs().max().item < 0.1)
  }

  @Test func drawsHaveTheirDistributionFunction() {
    // √n·D exceeds 1.95 once in a thousand draws.
    func expectDraws<D: Distribution<Double>>(
      _ name: String, _ distribution: D, _ seed: UInt64, _ cumulative: (Tensor<Double>) -> Tensor<Double>
    ) where D.Outcome == Double {
      let n = 20_000
      let below = cumulative(distribution.sample([n], generator: RandomGenerator(seed: seed)).sorted(along: 0).values)
        .scalars
      var greatest = 0.0
      for i in 0..<n {
        greatest = max(greatest, below[i] - Double(i) / Double(n), Double(i + 1) / Double(n) - below[i])
      }
      #expect(greatest * Double(n).squareRoot() < 1.95, "\(name): \(greatest)")
    }
    for (index, logit) in [-8, -0.4, 0, 1.5, 50].enumerated() {
      let distribution = ContinuousBernoulliDistribution<Double>(logits: Tensor(logit))
      expectDraws("continuous Bernoulli \(logit)", distribution, UInt64(index + 1), distribution.cumulative)
    }
    for (index, ξ) in [-1.5, -0.3, 0, 0.4, 2].enumerated() {
      let distribution = GeneralizedParetoDistribution<Double>(
        location: Tensor(-1), scale: Tensor(0.7), concentration: Tensor(ξ))
      expectDraws("generalized Pareto \(ξ)", distribution, UInt64(index + 10), distribution.cumulative)
    }
    for (index, (a, b)) in [(1.0, 1.0), (5, 2.5), (30, 80)].enumerated() {
      let distribution = FisherSnedecorDistribution<Double>(numeratorDegrees: Tensor(a), denominatorDegrees: Tensor(b))
      expectDraws("F \(a) \(b)", distribution, UInt64(index + 20), distribution.cumulative)
    }
    // Gradients of draws: E[x²] of F moves with the degrees as its formula.
    let b = Tensor<Double>(full: [40_000], 20).asVariable()
    let drawn = FisherSnedecorDistribution(numeratorDegrees: Tensor(6), denominatorDegrees: b)
      .rsample(generator: RandomGenerator(seed: 5))
    // d/db b/(b − 2) = −2/(b − 2)²
    #expect(abs(gradients(of: drawn.sum(), at: [b])[0].mean().item + 2.0 / 324) < 5e-4)
  }

  @Test func divergencesOfComposedDistributions() {
    let (mean, deviation) = (Tensor<Double>([[0.3, -1, 2], [0, 1, 0.5]]), Tensor<Double>([0.8, 2, 1]))
    let (p, q) = (
      NormalDistribution(mean: mean, deviation: deviation),
      NormalDistribution(mean: Tensor(0.1), deviation: deviation * 2)
    )
    let wide = NormalDistribution(mean: q.mean.broadcast(to: [2, 3]), deviation: q.deviation.broadcast(to: [2, 3]))
    let single = klDivergence(p, q)
    let rows = klDivergence(IndependentDistribution(p), IndependentDistribution(wide))
    expectClose(rows, single.sum(along: -1).scalars, "independent", 1e-15)
    let chain: [any Bijector<Double>] = [TanhBijector(), AffineBijector(scale: Tensor(2))]
    let moved = klDivergence(TransformedDistribution(p, chain), TransformedDistribution(wide, chain))
    expectClose(moved, single.scalars, "transformed", 1e-15)
    let sticks = klDivergence(
      TransformedDistribution(p, [StickBreakingBijector()]), TransformedDistribution(wide, [StickBreakingBijector()]))
    expectClose(sticks, single.sum(along: -1).scalars, "vectors", 1e-15)
    let nested = IndependentDistribution(TransformedDistribution(p, [ExpBijector().inverted.inverted]))
    expectClose(klDivergence(nested, nested), [0, 0], "nested", 1e-15)
  }

  @Test func mistakesStopWithALine() async {
    func message(_ result: ExitTest.Result?) -> String { text(result?.standardErrorContent) }
    let probability = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ContinuousBernoulliDistribution(probability: Tensor<Float>([0.5, 1.5]))
    }
    #expect(message(probability).contains("ContinuousBernoulliDistribution: probability is 1.5, expected 0 ≤ p ≤ 1"))
    let scale = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = GeneralizedParetoDistribution(scale: Tensor<Float>(0), concentration: Tensor(1))
    }
    #expect(message(scale).contains("GeneralizedParetoDistribution: scale is 0.0, expected a number above 0"))
    let degrees = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = FisherSnedecorDistribution(numeratorDegrees: Tensor<Float>(2), denominatorDegrees: Tensor(-1))
    }
    #expect(
      message(degrees).contains("FisherSnedecorDistribution: denominatorDegrees is -1.0, expected a number above 0"))
    let factor = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = LowRankMultivariateNormalDistribution(
        mean: Tensor<Float>(zeros: [3]), covarianceFactor: Tensor(zeros: [2, 1]), covarianceDiagonal: Tensor(ones: [3]))
    }
    #expect(message(factor).contains("covariance factor [2, 1] for mean [3], expected [..., 3, m]"))
    let bijectors = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let base = NormalDistribution<Float>()
      _ = klDivergence(
        TransformedDistribution(base, [AffineBijector(scale: Tensor(2))]),
        TransformedDistribution(base, [AffineBijector(scale: Tensor(3))]))
    }
    #expect(message(bijectors).contains("distributions through bijectors that differ have no formula"))
  }
}
