import TernBackend
import TernNN
import TernTensor
import Testing

/// Distributions made of others, beside what they are by definition, PyTorch's numbers and the moments of draws.
@Suite struct ComposedDistributionTests {
  private let mean = Tensor<Double>([[0, 1, -2], [3, 0.5, 0.25]])
  private let deviation = Tensor<Double>([[1, 2, 0.5], [0.3, 1.5, 4]])

  @Test func independentElementsAddUp() {
    let base = NormalDistribution(mean: mean, deviation: deviation)
    let rows = IndependentDistribution(base)
    #expect(rows.batchShape == [2] && rows.eventShape == [3])
    let value = Tensor<Double>([0.5, -1, 2])
    #expect(rows.logProbability(value).scalars == base.logProbability(value).sum(along: -1).scalars)
    #expect(rows.entropy.scalars == base.entropy.sum(along: -1).scalars)
    let both = IndependentDistribution(base, axes: 2)
    #expect(both.batchShape == [] && both.eventShape == [2, 3])
    #expect(both.rsample([4], generator: RandomGenerator(seed: 1)).shape == [4, 2, 3])
    let counts = IndependentDistribution(PoissonDistribution(rate: deviation))
    #expect(counts.logProbability(Tensor([1, 0, 2])).shape == [2])
  }

  // torch.distributions.MixtureSameFamily
  @Test func mixtureOfNumbers() {
    let logits = Tensor<Double>([[0.1, -0.4, 1.2], [0, 0, 2]]).asVariable()
    let mixture = MixtureDistribution(
      weights: CategoricalDistribution(logits: logits),
      components: NormalDistribution(mean: mean, deviation: deviation))
    let density = mixture.logProbability(Tensor([0.5, -1]))
    expect(density, [-2.2848125632349996, -2.3867162408756295])
    expect(mixture.mean, [-1.171580296601368, 0.5695209367576023])
    expect(mixture.variance, [2.2711784240552637, 13.551025090488956])
    expect(
      gradients(of: density.sum(), at: [logits])[0],
      [
        0.5332458983309929, 0.11829951368698974, -0.6515454120179827, -0.10650697891920073, 0.08038356378040067,
        0.026123415138800073,
      ])
  }

  @Test func mixtureOfVectors() {
    let mixture = MixtureDistribution(
      weights: CategoricalDistribution(probabilities: Tensor<Double>([1, 3])),
      components: IndependentDistribution(NormalDistribution(mean: mean, deviation: deviation)))
    #expect(mixture.batchShape == [] && mixture.eventShape == [3])
    expect(mixture.logProbability(Tensor([[0.5, -1, 2], [0, 0, 0]])), [-36.661226623823865, -12.26810996073391])
    expect(mixture.mean, [2.25, 0.625, -0.3125])
    expect(mixture.variance, [2.005, 2.734375, 13.01171875])
  }

  @Test func draws() {
    let number = MixtureDistribution(
      weights: CategoricalDistribution(logits: Tensor<Double>([[0.1, -0.4, 1.2], [0, 0, 2]])),
      components: NormalDistribution(mean: mean, deviation: deviation))
    let drawn = number.sample([40_000], generator: RandomGenerator(seed: 3))
    #expect(drawn.shape == [40_000, 2])
    #expect((drawn.mean(along: [0]) - number.mean).abs().max().item < 0.05)
    #expect((drawn.variance(along: [0]) / number.variance - 1).abs().max().item < 0.05)
    let vector = MixtureDistribution(
      weights: CategoricalDistribution(probabilities: Tensor<Double>([1, 3])),
      components: IndependentDistribution(NormalDistribution(mean: mean, deviation: deviation)))
    let vectors = vector.sample([40_000], generator: RandomGenerator(seed: 4))
    #expect(vectors.shape == [40_000, 3])
    #expect((vectors.mean(along: [0]) - vector.mean).abs().max().item < 0.08)
    #expect((vectors.variance(along: [0]) / vector.variance - 1).abs().max().item < 0.05)
    // Elements of one draw come from one component: the covariance is that between the components.
    let covariance = ((vectors[0..., 0] * vectors[0..., 1]).mean() - vectors[0..., 0].mean() * vectors[0..., 1].mean())
      .item
    #expect((covariance - 3 * 0.1875 * -0.5).magnitude < 0.06)
  }

  @Test func wrongComponents() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = MixtureDistribution(
        weights: CategoricalDistribution(probabilities: Tensor<Float>([1, 3])),
        components: ExponentialDistribution(rate: Tensor<Float>([1, 2, 3])))
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("MixtureDistribution: components of a batch [3], expected [2]"))
  }

  private func expect(_ found: Tensor<Double>, _ expected: [Double], location: SourceLocation = #_sourceLocation) {
    let near = zip(found.scalars, expected).filter { ($0 - $1).magnitude <= 1e-12 * Swift.max(1, $1.magnitude) }
    #expect(near.count == expected.count, "\(found.scalars), expected \(expected)", sourceLocation: location)
  }
}
