import TernBackend
import TernTensor

// Distributions of counts of successes and failures, and the reciprocal of gamma numbers.

/// Counts of ones among n independent draws: P(k) = n!/(k!·(n − k)!)·pᵏ·(1 − p)ⁿ⁻ᵏ.
public struct BinomialDistribution<Scalar: FloatingScalar>: Distribution {
  /// n, the numbers of draws.
  public let count: Tensor<Scalar>
  /// The probability of a one, and its ln(p/(1 − p)).
  private let single: BernoulliDistribution<Scalar>

  /// The probability of a one.
  public var probability: Tensor<Scalar> { single.probability }
  /// ln(p/(1 − p))
  public var logits: Tensor<Scalar> { single.logits }

  /// Distributions of these counts and probabilities, which broadcast.
  ///
  /// Stops for a count that is not a whole number of at least 0, and for a probability outside 0 ... 1.
  public init(
    count: Tensor<Scalar>, probability: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    count.requireCount("BinomialDistribution")
    let (count, probability) = broadcastParameters(count, probability, "BinomialDistribution")
    self.count = count
    single = BernoulliDistribution(probability: probability)
  }

  /// Distributions of these counts and ln(p/(1 − p)), which broadcast. Stops for a count that is not a whole number of at least
  /// 0, and at NaN.
  public init(count: Tensor<Scalar>, logits: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    count.requireCount("BinomialDistribution")
    let (count, logits) = broadcastParameters(count, logits, "BinomialDistribution")
    self.count = count
    single = BernoulliDistribution(logits: logits)
  }

  /// The shape of the parameters.
  public var batchShape: [Int] { count.shape }
  /// The shape of one draw.
  public var eventShape: [Int] { [] }
  /// n·p
  public var mean: Tensor<Scalar> { count * probability }
  /// n·p·(1 − p)
  public var variance: Tensor<Scalar> { count * probability * (1 - probability) }
  /// −Σ P·ln P over all counts.
  public var entropy: Tensor<Scalar> {
    if count.isEmpty { return count * probability }
    let most = Int(count.detached().max().item)
    let counts = Tensor<Scalar>(rangeFrom: 0, to: Scalar(most + 1))
    let logarithms = logProbability(of: counts, expanded: true)
    return -zeroProduct(logarithms.exp(), logarithms).sum(along: -1)
  }

  private func logProbability(of value: Tensor<Scalar>, expanded: Bool) -> Tensor<Scalar> {
    let n = expanded ? count.expandedAxis(at: -1) : count
    let logits = expanded ? self.logits.expandedAxis(at: -1) : self.logits
    let isInside = (value .>= 0) .&& (value .<= n) .&& (value .== value.floor())
    let k = select(isInside, value, Tensor(0))
    let ways: Tensor<Scalar> = (n + 1).lgamma() - (k + 1).lgamma() - (n - k + 1).lgamma()
    let powers: Tensor<Scalar> = zeroProduct(k, logits.logSigmoid()) + zeroProduct(n - k, (-logits).logSigmoid())
    return (ways + powers).whereSupported(isInside)
  }

  /// A draw of shape + batchShape + eventShape.
  public func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Scalar> {
    let shape = shape + batchShape
    return Tensor(
      randomBinomial: count.broadcast(to: shape), probability: probability.broadcast(to: shape), generator: generator)
  }

  /// ln p of values that broadcast with batchShape + eventShape.
  public func logDensity(at value: Tensor<Scalar>) -> Tensor<Scalar> { logProbability(of: value, expanded: false) }
}

/// Σ p·ln(p/q) of one count n: n times that of one draw; ∞ where p has more draws than q, NaN where it has fewer.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: BinomialDistribution<Scalar>, _ q: BinomialDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let one = klDivergence(
    BernoulliDistribution(logits: p.logits), BernoulliDistribution(logits: q.logits))
  let other = select(p.count.detached() .> q.count.detached(), Tensor(Scalar.infinity), Scalar.nan)
  return select(p.count .== q.count, zeroProduct(p.count, one), other)
}

/// Counts of ones before the n-th zero: P(k) = Γ(n + k)/(k!·Γ(n))·pᵏ·(1 − p)ⁿ; n need not be whole.
public struct NegativeBinomialDistribution<Scalar: FloatingScalar>: Distribution {
  /// n, the numbers of zeros.
  public let count: Tensor<Scalar>
  /// The probability of a one, below 1.
  public let probability: Tensor<Scalar>
  /// ln(p/(1 − p))
  public let logits: Tensor<Scalar>

  /// Distributions of these counts and probabilities of a one, which broadcast.
  ///
  /// Stops for a count that is not above 0, and for a probability outside 0 ..< 1.
  public init(
    count: Tensor<Scalar>, probability: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    count.requirePositive("NegativeBinomialDistribution", "count")
    probability.require("NegativeBinomialDistribution", "probability", "0 ≤ p < 1") { ($0 .>= 0) .&& ($0 .< 1) }
    (self.count, self.probability) = broadcastParameters(count, probability, "NegativeBinomialDistribution")
    logits = self.probability.log() - (-self.probability).log1p()
  }

  /// Distributions of these counts and ln(p/(1 − p)), which broadcast. Stops for a count that is not above 0, and at NaN.
  public init(count: Tensor<Scalar>, logits: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    count.requirePositive("NegativeBinomialDistribution", "count")
    logits.requireNumber("NegativeBinomialDistribution", "logits")
    (self.count, self.logits) = broadcastParameters(count, logits, "NegativeBinomialDistribution")
    probability = self.logits.sigmoid()
  }

  /// The shape of the parameters.
  public var batchShape: [Int] { count.shape }
  /// The shape of one draw.
  public var eventShape: [Int] { [] }
  /// n·p/(1 − p)
  public var mean: Tensor<Scalar> { count * logits.exp() }
  /// n·p/(1 − p)²
  public var variance: Tensor<Scalar> { mean / (-logits).sigmoid() }
  /// NaN: there is no formula.
  public var entropy: Tensor<Scalar> { Tensor(full: batchShape, .nan) }

  /// A draw of shape + batchShape + eventShape: Poisson numbers at gamma rates.
  public func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Scalar> {
    let generator = generator ?? Random.generator
    let rates = Tensor(randomGamma: count.broadcast(to: shape + batchShape), generator: generator) * logits.exp()
    return Tensor(randomPoisson: rates, generator: generator)
  }

  /// ln p of values that broadcast with batchShape + eventShape.
  public func logDensity(at value: Tensor<Scalar>) -> Tensor<Scalar> {
    let isInside = (value .>= 0) .&& (value .< Scalar.infinity) .&& (value .== value.floor())
    let k = value.inside(isInside, else: 0)
    let ways: Tensor<Scalar> = (count + k).lgamma() - (k + 1).lgamma() - count.lgamma()
    let powers: Tensor<Scalar> = zeroProduct(k, logits.logSigmoid()) + count * (-logits).logSigmoid()
    return (ways + powers).whereSupported(isInside)
  }
}

/// Reciprocals of gamma numbers: density rateᵅ·x^(−α − 1)·e^(−rate/x)/Γ(α) for x > 0.
public struct InverseGammaDistribution<Scalar: FloatingScalar>: ReparameterizedDistribution, CumulativeDistribution {
  /// The gamma distributions of the reciprocals.
  public let reciprocal: GammaDistribution<Scalar>

  /// α, the shape parameters.
  public var concentration: Tensor<Scalar> { reciprocal.concentration }
  /// The scales.
  public var rate: Tensor<Scalar> { reciprocal.rate }

  /// Distributions of these concentrations and rates, which broadcast. Stops for one that is not above 0.
  public init(concentration: Tensor<Scalar>, rate: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    reciprocal = GammaDistribution(concentration: concentration, rate: rate)
  }

  /// The shape of the parameters.
  public var batchShape: [Int] { reciprocal.batchShape }
  /// The shape of one draw.
  public var eventShape: [Int] { [] }
  /// rate/(α − 1); ∞ for α ≤ 1.
  public var mean: Tensor<Scalar> {
    let isFinite = concentration .> 1
    return select(isFinite, rate / (concentration.inside(isFinite, else: 2) - 1), Scalar.infinity)
  }
  /// rate²/((α − 1)²·(α − 2)); ∞ for α ≤ 2.
  public var variance: Tensor<Scalar> { deviation.square() }
  /// rate/((α − 1)·√(α − 2)); ∞ for α ≤ 2.
  public var deviation: Tensor<Scalar> {
    let isFinite = concentration .> 2
    let a = concentration.inside(isFinite, else: 3)
    return select(isFinite, rate / (a - 1) / (a - 2).sqrt(), Scalar.infinity)
  }
  /// α + ln rate + ln Γ(α) − (1 + α)·ψ(α)
  public var entropy: Tensor<Scalar> {
    let alpha = concentration
    return alpha + rate.log() + alpha.lgamma() - (alpha + 1) * alpha.digamma()
  }

  /// A draw of shape + batchShape + eventShape.
  public func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Scalar> {
    reciprocal.draw(shape, from: generator).reciprocal()
  }

  /// ln p of values that broadcast with batchShape + eventShape.
  public func logDensity(at value: Tensor<Scalar>) -> Tensor<Scalar> {
    let isInside = value .> 0
    let x = value.inside(isInside, else: 1)
    // Where the derivative rate/x² leaves the range, that of the power does not count beside it.
    let isFar = (rate / x / x).detached() .== Scalar.infinity
    let base = isFar.any().item ? select(isFar, x.detached(), x) : x
    let powers: Tensor<Scalar> = concentration * rate.log() - (concentration + 1) * base.log()
    return (powers - rate / x - concentration.lgamma()).whereSupported(isInside)
  }

  /// The probability of a number up to this one: Q(α, rate/x). Gradients reach the value and the rate, not the concentration.
  @_disfavoredOverload
  public func cumulative(_ value: Tensor<Scalar>) -> Tensor<Scalar> {
    let isInside = value .> 0
    let upper = gammaincc(concentration.detached(), rate / value.inside(isInside, else: 1))
    return select(isInside, upper, select(value .== value, Tensor<Scalar>(0), Tensor(Scalar.nan)))
  }
}

/// ∫ p·ln(p/q), that of the reciprocals.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: InverseGammaDistribution<Scalar>, _ q: InverseGammaDistribution<Scalar>, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return klDivergence(p.reciprocal, q.reciprocal)
}

extension Tensor where Scalar: FloatingScalar {
  /// Stops unless every value is a whole number of at least 0.
  fileprivate func requireCount(_ distribution: String) {
    require(distribution, "count", "a whole number, at least 0") {
      ($0 .>= 0) .&& ($0 .== $0.floor()) .&& $0.isFinite()
    }
  }
}
