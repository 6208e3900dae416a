import Foundation
import TernTestSupport
import Testing

@testable import TernTensor

/// Derivatives of gamma, beta and Dirichlet numbers at their parameters.
@Suite struct ImplicitDerivativeTests {
  @Test func gammaBesideMultiplePrecision() {
    for (alpha, x, value) in gammaDerivatives {
      let found = ImplicitDerivative.gamma(alpha, x)
      #expect(abs(found - value) <= 2e-9 * abs(value), "α = \(alpha), x = \(x): \(found), expected \(value)")
    }
  }

  @Test func betaBesideMultiplePrecision() {
    for (alpha, beta, x, value) in betaDerivatives {
      let found = ImplicitDerivative.beta(alpha, beta, x, 1 - x)
      #expect(
        abs(found - value) <= 1e-9 * abs(value), "α = \(alpha), β = \(beta), x = \(x): \(found), expected \(value)")
    }
  }

  @Test func theExponentialDistributionInClosedForm() {
    // Of α = 1 the derivative at x; the mean of all is dα/dα = 1.
    let alpha = Tensor<Double>(full: [40_000], 2.5).asVariable()
    let x = Tensor(randomGamma: alpha, generator: RandomGenerator(seed: 4))
    let slope = gradients(of: x.sum(), at: [alpha])[0]
    #expect(abs(slope.mean().item - 1) < 0.01, "\(slope.mean().item)")
    // d/dα of E[x²] = α² + α is 2α + 1.
    let square = gradients(
      of: Tensor(randomGamma: alpha, generator: RandomGenerator(seed: 5)).square().sum(), at: [alpha])[0]
    #expect(abs(square.mean().item - 6) < 0.15, "\(square.mean().item)")
  }

  @Test func betaOfOneParameterInClosedForm() {
    // Of β = 1 x = u^(1/α): dx/dα = −x·ln x/α. Of α = 1 likewise: dx/dβ = (1 − x)·ln(1 − x)/β.
    let (alpha, beta) = (Tensor<Double>([0.4, 1, 3]).asVariable(), Tensor<Double>([0.4, 1, 3]).asVariable())
    let one = Tensor<Double>(ones: [3])
    let x = Tensor(randomBeta: alpha, one, generator: RandomGenerator(seed: 1))
    let found = gradients(of: x.sum(), at: [alpha])[0].scalars
    let values = x.scalars
    for (i, a) in [0.4, 1, 3].enumerated() {
      let expected = -values[i] * log(values[i]) / a
      #expect(abs(found[i] - expected) < 1e-12, "\(found[i]), expected \(expected)")
    }
    let y = Tensor(randomBeta: one, beta, generator: RandomGenerator(seed: 2))
    let other = gradients(of: y.sum(), at: [beta])[0].scalars
    for (i, b) in [0.4, 1, 3].enumerated() {
      let rest = 1 - y.scalars[i]
      let expected = rest * log(rest) / b
      #expect(abs(other[i] - expected) < 1e-12, "\(other[i]), expected \(expected)")
    }
  }

  @Test func dirichletGradientsAreThoseOfMeans() {
    // d/dαᵢ of the mean αⱼ/Σα.
    let alpha = Tensor<Double>([0.8, 2, 1.2])
    let variable = alpha.broadcast(to: [60_000, 3]).copied().asVariable()
    let x = Tensor(randomDirichlet: variable, generator: RandomGenerator(seed: 3))
    let slope = gradients(of: x[0..., 0].sum(), at: [variable], retainGraph: true)[0].mean(along: [0]).scalars
    let expected = [(4 - 0.8) / 16, -0.8 / 16, -0.8 / 16]
    for i in 0..<3 { #expect(abs(slope[i] - expected[i]) < 0.004, "\(slope)") }
    // Whatever is added to all gradients changes nothing: the parts sum to 1.
    let total = gradients(of: x.sum(), at: [variable])[0]
    #expect(total.abs().max().item < 1e-12)
  }

  @Test func secondDerivativesStop() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let alpha = Tensor<Double>([2]).asVariable()
      let first = gradients(of: Tensor(randomGamma: alpha).sum(), at: [alpha], createGraph: true)[0]
      _ = gradients(of: first.sum(), at: [alpha])
    }
    let message = text(result?.standardErrorContent)
    #expect(message.contains("randomGamma: has no second derivative"))
  }
}
