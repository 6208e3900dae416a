import TernBackend
import TernTensor

/// Numbers from 0 to 1 with a density in proportion to e^(θ·x), θ = ln(p/(1 − p)): a Bernoulli distribution's p^x·(1 − p)^(1 − x)
/// for numbers between its two outcomes.
///
/// Uniform for p = ½. Source: Loaiza-Ganem and Cunningham 2019, "The continuous Bernoulli: fixing a pervasive error in variational
/// autoencoders".
public struct ContinuousBernoulliDistribution<Scalar: FloatingScalar>: ReparameterizedDistribution,
  UnivariateDistribution
{
  /// θ = ln(p/(1 − p)).
  public let logits: Tensor<Scalar>

  /// Distributions of these p, which are kept a rounding off 0 and 1. Stops outside 0 ... 1.
  ///
  /// - Parameter probability: p; not the mean, which is nearer to ½.
  public init(probability: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    probability.requireProbability("ContinuousBernoulliDistribution", "probability")
    logits = probability.clamped(min: .leastNormalMagnitude, max: 1 - .ulpOfOne / 2).logit()
  }

  /// Distributions of these ln(p/(1 − p)). Stops for one that is not finite.
  ///
  /// - Parameter logits: ln(p/(1 − p)).
  public init(logits: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    logits.require("ContinuousBernoulliDistribution", "logits", "a finite number") { $0.isFinite() }
    self.logits = logits
  }

  /// The shape of the parameters.
  public var batchShape: [Int] { logits.shape }
  /// The shape of one draw.
  public var eventShape: [Int] { [] }
  /// p, which the density at 1 has to the one at 0 as p to 1 − p.
  public var probability: Tensor<Scalar> { logits.sigmoid() }
  /// 1/(1 − e^−θ) − 1/θ; ½ for θ = 0.
  public var mean: Tensor<Scalar> { select(isRising, 1 - meanDistance, meanDistance) }
  /// 1/θ² − 1/(4·sinh²(θ/2)); 1/12 for θ = 0.
  public var variance: Tensor<Scalar> {
    let (isNear, square) = squares
    let n = exponent.inside(.!isNear, else: -1)
    let far = n.square().reciprocal() - n.exp() / n.expm1().square()
    let factors = zip(1..., Self.bernoulli).map { Double(2 * $0 - 1) * $1 }
    return select(isNear, Self.polynomial(square, factors), far)
  }
  /// ln Z + |θ|·E[d], d the distance from the likelier end: −E[ln p], in nats.
  public var entropy: Tensor<Scalar> { logNormalizer - exponent * meanDistance }

  // By the distance d from the likelier end, 0 or 1, the density is e^(n·d)/Z, n = −|θ|: nothing overflows, and both halves are
  // one formula. |θ| by selection has the derivatives of one side at 0.

  /// Whether 1 is the likelier end.
  private var isRising: Tensor<Bool> { logits.detached() .> 0 }
  /// n = −|θ|
  fileprivate var exponent: Tensor<Scalar> { select(isRising, -logits, logits) }
  /// ln Z = ln((eⁿ − 1)/n)
  fileprivate var logNormalizer: Tensor<Scalar> { exponent.expm1Quotient().log() }
  /// d of x.
  private func distance(_ value: Tensor<Scalar>) -> Tensor<Scalar> { select(isRising, 1 - value, value) }

  /// B₂ₖ/(2k)!, B the Bernoulli numbers: ln Z = n/2 + Σ B₂ₖ/(2k)!·n²ᵏ/(2k).
  private static var bernoulli: [Double] {
    [
      0.083333333333333333, -0.0013888888888888889, 3.3068783068783069e-5, -8.2671957671957672e-7,
      2.0876756987868099e-8, -5.2841901386874932e-10, 1.3382536530684679e-11, -3.3896802963225829e-13,
      8.5860620562778446e-15, -2.1748686985580619e-16, 5.5090028283602295e-18,
    ]
  }
  /// Where |θ| < 1, and θ² there.
  private var squares: (isNear: Tensor<Bool>, square: Tensor<Scalar>) {
    let isNear = exponent.detached() .> -1
    return (isNear, exponent.inside(isNear, else: 0).square())
  }
  /// c₀ + c₁·t + …
  private static func polynomial(_ t: Tensor<Scalar>, _ coefficients: [Double]) -> Tensor<Scalar> {
    coefficients.dropLast().reversed().reduce(Tensor(Scalar(coefficients.last!))) { $0 * t + Scalar($1) }
  }
  /// E[d] = −1/n + eⁿ/(eⁿ − 1)
  private var meanDistance: Tensor<Scalar> {
    let (isNear, square) = squares
    let n = exponent.inside(.!isNear, else: -1)
    let near = exponent.inside(isNear, else: 0) * Self.polynomial(square, Self.bernoulli) + 0.5
    return select(isNear, near, n.exp() / n.expm1() - n.reciprocal())
  }

  /// A draw of shape + batchShape + eventShape.
  public func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Scalar> {
    quantile(Tensor(randomUniform: shape + batchShape, generator: generator))
  }

  /// ln p of values that broadcast with batchShape + eventShape.
  public func logDensity(at value: Tensor<Scalar>) -> Tensor<Scalar> {
    let isInside = (value .>= 0) .&& (value .<= 1)
    let x = value.inside(isInside, else: 0.5)
    return (exponent * distance(x) - logNormalizer).whereSupported(isInside)
  }

  /// The probability of a number up to this one: (e^(θ·x) − 1)/(e^θ − 1).
  @_disfavoredOverload
  public func cumulative(_ value: Tensor<Scalar>) -> Tensor<Scalar> {
    let x = value.clamped(min: 0, max: 1)
    let n = exponent
    let falling = x * (n * x).expm1Quotient() / n.expm1Quotient()
    return select(isRising, (n * (1 - x)).exp() * falling, falling)
  }
  /// The number below which this probability lies: ln(1 + u·(e^θ − 1))/θ.
  @_disfavoredOverload
  public func quantile(_ probability: Tensor<Scalar>) -> Tensor<Scalar> {
    // From the far end where e^θ would be too large.
    let isSteep = logits.detached() .> 30
    let θ = select(isSteep, -logits, logits)
    let u = select(isSteep, 1 - probability, probability)
    let scale = θ.expm1Quotient() * u
    let x = (scale * (θ * scale).log1pQuotient()).clamped(min: 0, max: 1)
    return select(isSteep, 1 - x, x)
  }
}

/// ∫ p·ln(p/q): E[ln p] under p less (θ_q·E[x] − ln Z_q).
public func klDivergence<Scalar: FloatingScalar>(
  _ p: ContinuousBernoulliDistribution<Scalar>, _ q: ContinuousBernoulliDistribution<Scalar>,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return divergence(p, fromContinuousBernoulli: q)
}

/// −H(p) − θ·E p + ln((e^θ − 1)/θ), for p between 0 and 1.
func divergence<P: Distribution>(
  _ p: P, fromContinuousBernoulli q: ContinuousBernoulliDistribution<P.Scalar>
) -> Tensor<P.Scalar> {
  let mean = p.mean
  let isRising = q.logits.detached() .> 0
  return q.logNormalizer - q.exponent * select(isRising, 1 - mean, mean) - p.entropy
}
