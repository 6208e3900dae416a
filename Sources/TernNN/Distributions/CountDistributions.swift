import TernBackend
import TernTensor

// Distributions of counts: Bernoulli, geometric, Poisson.

/// Zeros and ones.
public struct BernoulliDistribution<Scalar: FloatingScalar>: Distribution {
  /// The probability of a one.
  public let probability: Tensor<Scalar>
  /// ln(p/(1 − p))
  public let logits: Tensor<Scalar>

  /// Distributions of these probabilities of a one. Stops for one outside 0 ... 1.
  ///
  /// - Parameter probability: The probabilities.
  public init(probability: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    probability.requireProbability("BernoulliDistribution", "probability")
    self.probability = probability
    logits = probability.log() - (-probability).log1p()
  }

  /// Distributions of probabilities given by ln(p/(1 − p)). Stops at NaN.
  ///
  /// - Parameter logits: The logits.
  public init(logits: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    logits.requireNumber("BernoulliDistribution", "logits")
    self.logits = logits
    probability = logits.sigmoid()
  }

  /// The shape of the parameters.
  public var batchShape: [Int] { probability.shape }
  /// The shape of one draw.
  public var eventShape: [Int] { [] }
  /// The expected value.
  public var mean: Tensor<Scalar> { probability }
  /// The expected square of the distance from the mean.
  public var variance: Tensor<Scalar> { probability * (1 - probability) }
  /// −p·ln p − (1 − p)·ln(1 − p)
  public var entropy: Tensor<Scalar> {
    -(zeroProduct(probability, logits.logSigmoid()) + zeroProduct(1 - probability, (-logits).logSigmoid()))
  }

  /// A draw of shape + batchShape + eventShape.
  public func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Scalar> {
    Tensor(randomBernoulli: probability.broadcast(to: shape + batchShape), generator: generator)
  }

  /// ln p of values that broadcast with batchShape + eventShape.
  public func logDensity(at value: Tensor<Scalar>) -> Tensor<Scalar> {
    let density = zeroProduct(value, logits.logSigmoid()) + zeroProduct(1 - value, (-logits).logSigmoid())
    return density.whereSupported((value .== 0) .|| (value .== 1))
  }
}

/// Σ p·ln(p/q) over both outcomes.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: BernoulliDistribution<Scalar>, _ q: BernoulliDistribution<Scalar>, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let cross =
    zeroProduct(p.probability, q.logits.logSigmoid()) + zeroProduct(1 - p.probability, (-q.logits).logSigmoid())
  return -(p.entropy + cross)
}

/// How often something fails before it first happens: P(k) = p·(1 − p)ᵏ, k = 0, 1, …
public struct GeometricDistribution<Scalar: FloatingScalar>: Distribution {
  /// The probability that it happens.
  public let probability: Tensor<Scalar>

  /// Distributions of these probabilities. Stops unless 0 < p ≤ 1.
  ///
  /// - Parameter probability: The probabilities.
  public init(probability: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    probability.require("GeometricDistribution", "probability", "0 < p ≤ 1") { ($0 .> 0) .&& ($0 .<= 1) }
    self.probability = probability
  }

  /// The shape of the parameters.
  public var batchShape: [Int] { probability.shape }
  /// The shape of one draw.
  public var eventShape: [Int] { [] }
  /// The expected value.
  public var mean: Tensor<Scalar> { probability.reciprocal() - 1 }
  /// The expected square of the distance from the mean.
  public var variance: Tensor<Scalar> { (probability.reciprocal() - 1) / probability }
  /// (−p·ln p − (1 − p)·ln(1 − p))/p
  public var entropy: Tensor<Scalar> {
    let other = 1 - probability
    return -(xlogy(probability, probability) + xlog1py(other, -probability)) / probability
  }

  /// A draw of shape + batchShape + eventShape.
  public func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Scalar> {
    // ⌊ln u/ln(1 − p)⌋ of exponential numbers −ln u.
    let exponential = Tensor<Double>(randomExponential: shape + batchShape, generator: generator)
    let rates = withoutGradients { -(-probability.detached().cast(to: Double.self)).log1p() }
    return (exponential / rates).floor().cast(to: Scalar.self)
  }

  /// ln p of values that broadcast with batchShape + eventShape.
  public func logDensity(at value: Tensor<Scalar>) -> Tensor<Scalar> {
    let isInside = (value .>= 0) .&& (value .== value.floor())
    let density = xlog1py(value.inside(isInside, else: 0), -probability) + probability.log()
    return density.whereSupported(isInside)
  }
}

/// Σ p·ln(p/q) over all outcomes.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: GeometricDistribution<Scalar>, _ q: GeometricDistribution<Scalar>, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return -p.entropy - xlog1py(p.mean, -q.probability) - q.probability.log()
}

/// Counts of events that come independently at a rate: P(k) = rateᵏ·e^(−rate)/k!
public struct PoissonDistribution<Scalar: FloatingScalar>: Distribution {
  /// The mean counts.
  public let rate: Tensor<Scalar>

  /// Distributions of these rates. Stops for one below 0, ∞ and NaN.
  ///
  /// - Parameter rate: The rates.
  public init(rate: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    rate.require("PoissonDistribution", "rate", "a finite number, at least 0") { ($0 .>= 0) .&& $0.isFinite() }
    self.rate = rate
  }

  /// The shape of the parameters.
  public var batchShape: [Int] { rate.shape }
  /// The shape of one draw.
  public var eventShape: [Int] { [] }
  /// The expected value.
  public var mean: Tensor<Scalar> { rate }
  /// The expected square of the distance from the mean.
  public var variance: Tensor<Scalar> { rate }
  /// −Σ P·ln P: the sum where rates are at most 1000, else ½·ln(2πe·rate) − 1/(12·rate) − 1/(24·rate²).
  public var entropy: Tensor<Scalar> {
    if rate.isEmpty { return rate }
    let isLarge = rate.detached() .> 1000
    let large = rate.inside(isLarge, else: 1000)
    let series = (1 / large + 2) * (1 / large) * Scalar(-1.0 / 24)
    let limit = large.log() * 0.5 + series + Scalar(1.41893853320467274178)
    if isLarge.all().item { return limit }
    let small = select(isLarge, Scalar(1), rate)
    let most = small.detached().max().item
    let last = Int(most + 12 * most.squareRoot() + 24)
    let counts = Tensor<Scalar>(rangeFrom: 0, to: Scalar(last))
    let logarithms = PoissonDistribution(rate: small.expandedAxis(at: -1)).logDensity(at: counts)
    return select(isLarge, limit, -zeroProduct(logarithms.exp(), logarithms).sum(along: -1))
  }

  /// A draw of shape + batchShape + eventShape.
  public func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Scalar> {
    Tensor(randomPoisson: rate.broadcast(to: shape + batchShape), generator: generator)
  }

  /// ln p of values that broadcast with batchShape + eventShape.
  public func logDensity(at value: Tensor<Scalar>) -> Tensor<Scalar> {
    let isInside = (value .>= 0) .&& (value .< Scalar.infinity) .&& (value .== value.floor())
    let k = value.inside(isInside, else: 0)
    return (xlogy(k, rate) - rate - (k + 1).lgamma()).whereSupported(isInside)
  }
}

/// Σ p·ln(p/q): λₚ·ln(λₚ/λ_q) − λₚ + λ_q.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: PoissonDistribution<Scalar>, _ q: PoissonDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return xlogy(p.rate, p.rate) - xlogy(p.rate, q.rate) - p.rate + q.rate
}
