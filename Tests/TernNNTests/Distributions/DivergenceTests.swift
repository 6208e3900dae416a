import TernNN
import TernTensor
import TernTestSupport
import Testing

@Suite struct DivergenceTests {
  @Test("divergences between families are PyTorch's", arguments: familyDivergences.indices)
  func families(_ index: Int) {
    let (name, found, expected) = familyDivergences[index]
    for (value, wanted) in zip(found().scalars, expected) {
      #expect(
        value == wanted || abs(value - wanted) <= 1e-11 * (1 + abs(wanted)), "\(name): \(value), expected \(wanted)")
    }
  }

  @Test func divergencesHaveGradients() {
    let parameters = [
      Tensor<Double>([0.6, 2]), Tensor<Double>([1.5, 0.4]), Tensor<Double>([-0.4, 0.3]), Tensor<Double>([0.9, 2]),
    ]
    let result = checkGradients(at: parameters) { p in
      let (gamma, gumbel) = (
        GammaDistribution(concentration: p[0], rate: p[1]), GumbelDistribution(location: p[2], scale: p[3])
      )
      let (normal, beta) = (NormalDistribution(mean: p[2], deviation: p[3]), BetaDistribution(alpha: p[0], beta: p[1]))
      let first = klDivergence(gamma, gumbel) + klDivergence(gumbel, normal) + klDivergence(beta, gamma)
      return (first + klDivergence(normal, gumbel) + klDivergence(beta, normal)).sum()
    }
    #expect(result.passes(), "\(result)")
  }

  @Test func gammaDistributionsHaveADistributionFunction() {
    let gamma = GammaDistribution(concentration: Tensor<Double>([0.6, 2, 7]), rate: Tensor([1.5, 0.4, 2]))
    let found = gamma.cumulative(Tensor([0.2, 1.5, 9])).scalars
    for (value, wanted) in zip(found, gammaProbabilities) { #expect(abs(value - wanted) <= 1e-13) }
    #expect(gamma.cumulative(Tensor(-1)).scalars == [0, 0, 0])
  }

  @Test func rowsThatAreNoCategoryHaveNoProbability() {
    let rows = Tensor<Float>([[0, 1, 0], [1, 1, 0], [0, 0, 0], [0.5, 0.5, 0]])
    let found = OneHotCategoricalDistribution(probabilities: Tensor<Float>([0.25, 0.5, 0.25])).logProbability(rows)
    #expect(found.scalars == [Float(0.5).logarithm, -.infinity, -.infinity, -.infinity])
  }
}

extension Float {
  fileprivate var logarithm: Float { Tensor(self).log().item }
}
