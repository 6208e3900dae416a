import TernBackend
import TernTensor

/// Beta distributions, density in proportion to x^(α − 1)·(1 − x)^(β − 1) for 0 < x < 1.
///
/// Draws have implicit gradients (Figurnov et al. 2018), without a second derivative.
public struct BetaDistribution<Scalar: FloatingScalar>: ReparameterizedDistribution {
  /// The exponents of x, and one.
  public let alpha: Tensor<Scalar>
  /// The exponents of 1 − x, and one.
  public let beta: Tensor<Scalar>

  /// Distributions of these parameters, which broadcast. Stops for one that is not above 0.
  public init(alpha: Tensor<Scalar>, beta: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    alpha.requirePositive("BetaDistribution", "alpha")
    beta.requirePositive("BetaDistribution", "beta")
    (self.alpha, self.beta) = broadcastParameters(alpha, beta, "BetaDistribution")
  }

  /// The shape of the parameters.
  public var batchShape: [Int] { alpha.shape }
  /// The shape of one draw.
  public var eventShape: [Int] { [] }
  /// The expected value.
  public var mean: Tensor<Scalar> { alpha / (alpha + beta) }
  /// The expected square of the distance from the mean.
  public var variance: Tensor<Scalar> {
    let total = alpha + beta
    return alpha * beta / (total.square() * (total + 1))
  }
  /// ln B(α, β) − (α − 1)·ψ(α) − (β − 1)·ψ(β) + (α + β − 2)·ψ(α + β)
  public var entropy: Tensor<Scalar> {
    let total = alpha + beta
    let own = (1 - alpha) * alpha.digamma() + (1 - beta) * beta.digamma()
    return logBeta + own + (total - 2) * total.digamma()
  }

  fileprivate var logBeta: Tensor<Scalar> { alpha.lgamma() + beta.lgamma() - (alpha + beta).lgamma() }

  /// A draw of shape + batchShape + eventShape.
  public func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Scalar> {
    let shape = shape + batchShape
    return Tensor(randomBeta: alpha.broadcast(to: shape), beta.broadcast(to: shape), generator: generator)
  }

  /// ln p of values that broadcast with batchShape + eventShape.
  public func logDensity(at value: Tensor<Scalar>) -> Tensor<Scalar> {
    let isInside = (value .>= 0) .&& (value .<= 1)
    let x = value.inside(isInside, else: 0.5).withPositiveZero
    let powers = xlogy(alpha - 1, x) + xlog1py(beta - 1, -x)
    return (powers - logBeta).whereSupported(isInside)
  }
}

/// ∫ p·ln(p/q): ln(B_q/Bₚ) + (αₚ − α_q)·ψ(αₚ) + (βₚ − β_q)·ψ(βₚ) + (α_q + β_q − αₚ − βₚ)·ψ(αₚ + βₚ).
public func klDivergence<Scalar: FloatingScalar>(
  _ p: BetaDistribution<Scalar>, _ q: BetaDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let total = p.alpha + p.beta
  let own = (p.alpha - q.alpha) * p.alpha.digamma() + (p.beta - q.beta) * p.beta.digamma()
  return q.logBeta - p.logBeta + own + (q.alpha + q.beta - total) * total.digamma()
}

/// Dirichlet distributions, of points with positive parts that sum to 1: density in proportion to Π xᵢ^(αᵢ − 1).
///
/// Draws have implicit gradients, without a second derivative.
public struct DirichletDistribution<Scalar: FloatingScalar>: ReparameterizedDistribution {
  /// α, [batchShape, k].
  public let concentration: Tensor<Scalar>

  /// Distributions of these concentrations along the last axis. Stops for one that is not above 0 and for rank 0.
  ///
  /// - Parameter concentration: The concentrations.
  public init(concentration: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(concentration.rank > 0, "DirichletDistribution", "concentration [] has no axis of parts")
    concentration.requirePositive("DirichletDistribution", "concentration")
    self.concentration = concentration
  }

  /// The shape of the parameters.
  public var batchShape: [Int] { concentration.shape.dropLast() }
  /// The shape of one draw.
  public var eventShape: [Int] { concentration.shape.suffix(1) }
  /// The expected value.
  public var mean: Tensor<Scalar> { concentration / concentration.sum(along: -1, keepingAxes: true) }
  /// The expected square of the distance from the mean.
  public var variance: Tensor<Scalar> {
    let total = concentration.sum(along: -1, keepingAxes: true)
    return concentration * (total - concentration) / (total.square() * (total + 1))
  }
  /// Σ ln Γ(αᵢ) − ln Γ(α₀) + (α₀ − k)·ψ(α₀) − Σ (αᵢ − 1)·ψ(αᵢ), α₀ the sum
  public var entropy: Tensor<Scalar> {
    let total = concentration.sum(along: -1)
    let own = ((concentration - 1) * concentration.digamma()).sum(along: -1)
    return logNormalizer + (total - Scalar(eventShape[0])) * total.digamma() - own
  }

  fileprivate var logNormalizer: Tensor<Scalar> {
    concentration.lgamma().sum(along: -1) - concentration.sum(along: -1).lgamma()
  }

  /// A draw of shape + batchShape + eventShape.
  public func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Scalar> {
    Tensor(randomDirichlet: concentration.broadcast(to: shape + concentration.shape), generator: generator)
  }

  /// ln p; whether the parts sum to 1 is not looked at.
  public func logDensity(at value: Tensor<Scalar>) -> Tensor<Scalar> {
    let isInside = value .>= 0
    let powers = xlogy(concentration - 1, value.inside(isInside, else: 1).withPositiveZero).sum(along: -1)
    return (powers - logNormalizer).whereSupported(isInside.all(along: -1))
  }
}

/// ∫ p·ln(p/q): ln(B_q/Bₚ) + Σ (αₚ − α_q)·(ψ(αₚ) − ψ(Σ αₚ)).
public func klDivergence<Scalar: FloatingScalar>(
  _ p: DirichletDistribution<Scalar>, _ q: DirichletDistribution<Scalar>, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let total = p.concentration.sum(along: -1, keepingAxes: true)
  let slopes = p.concentration.digamma() - total.digamma()
  return q.logNormalizer - p.logNormalizer + ((p.concentration - q.concentration) * slopes).sum(along: -1)
}
