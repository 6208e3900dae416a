import TernBackend
import TernTensor

/// Gamma distributions, density rate^α·x^(α − 1)·e^(−rate·x)/Γ(α) for x > 0.
///
/// Draws have implicit gradients at α (Figurnov et al. 2018), without a second derivative.
public struct GammaDistribution<Scalar: FloatingScalar>: ReparameterizedDistribution, CumulativeDistribution {
  /// α, the shape parameters.
  public let concentration: Tensor<Scalar>
  /// The reciprocals of the scales.
  public let rate: Tensor<Scalar>

  /// Distributions of these concentrations and rates, which broadcast. Stops for one that is not above 0.
  ///
  /// - Parameters:
  ///   - concentration: The concentrations.
  ///   - rate: The rates.
  public init(concentration: Tensor<Scalar>, rate: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    concentration.requirePositive("GammaDistribution", "concentration")
    rate.requirePositive("GammaDistribution", "rate")
    (self.concentration, self.rate) = broadcastParameters(concentration, rate, "GammaDistribution")
  }

  /// χ² distributions of these degrees of freedom: the sum of so many squares of standard normal numbers.
  public static func chiSquared(degrees: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line)
    -> GammaDistribution
  {
    GammaDistribution(concentration: degrees * 0.5, rate: Tensor(0.5), file: file, line: line)
  }

  /// The shape of the parameters.
  public var batchShape: [Int] { concentration.shape }
  /// The shape of one draw.
  public var eventShape: [Int] { [] }
  /// The expected value.
  public var mean: Tensor<Scalar> { concentration / rate }
  /// The expected square of the distance from the mean.
  public var variance: Tensor<Scalar> { concentration / rate / rate }
  /// √α/rate
  public var deviation: Tensor<Scalar> { concentration.sqrt() / rate }
  /// α − ln rate + ln Γ(α) + (1 − α)·ψ(α)
  public var entropy: Tensor<Scalar> {
    let alpha = concentration
    return alpha - rate.log() + alpha.lgamma() + (1 - alpha) * alpha.digamma()
  }

  /// A draw of shape + batchShape + eventShape.
  public func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Scalar> {
    Tensor(randomGamma: concentration.broadcast(to: shape + batchShape), generator: generator) / rate
  }

  /// ln p of values that broadcast with batchShape + eventShape.
  public func logDensity(at value: Tensor<Scalar>) -> Tensor<Scalar> {
    let isInside = value .>= 0
    let x = value.inside(isInside, else: 1).withPositiveZero
    // At ∞ the exponential wins.
    let powers = xlogy(concentration, rate) + xlogy(concentration - 1, x.inside(x .< Scalar.infinity, else: 1))
    return (powers - rate * x - concentration.lgamma()).whereSupported(isInside)
  }

  /// The probability of a number up to this one: P(α, rate·x). Gradients reach the value and the rate, not the concentration.
  @_disfavoredOverload
  public func cumulative(_ value: Tensor<Scalar>) -> Tensor<Scalar> {
    gammainc(concentration.detached(), rate * value.inside(.!(value .< 0), else: 0))
  }
}

/// ∫ p·ln(p/q): α_q·ln(rₚ/r_q) + ln Γ(α_q) − ln Γ(αₚ) + (αₚ − α_q)·ψ(αₚ) + (r_q − rₚ)·αₚ/rₚ.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: GammaDistribution<Scalar>, _ q: GammaDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let (a, b) = (p.concentration, q.concentration)
  let constants = b * p.rate.logRatio(to: q.rate) + b.lgamma() - a.lgamma()
  return constants + (a - b) * a.digamma() + (q.rate / p.rate - 1) * a
}

/// Exponential distributions, density rate·e^(−rate·x) for x ≥ 0.
public struct ExponentialDistribution<Scalar: FloatingScalar>: ReparameterizedDistribution, UnivariateDistribution {
  /// The reciprocals of the means.
  public let rate: Tensor<Scalar>

  /// Distributions of these rates. Stops for one that is not above 0.
  ///
  /// - Parameter rate: The rates.
  public init(rate: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    rate.requirePositive("ExponentialDistribution", "rate")
    self.rate = rate
  }

  /// The shape of the parameters.
  public var batchShape: [Int] { rate.shape }
  /// The shape of one draw.
  public var eventShape: [Int] { [] }
  /// The expected value.
  public var mean: Tensor<Scalar> { rate.reciprocal() }
  /// The expected square of the distance from the mean.
  public var variance: Tensor<Scalar> { rate.reciprocal().square() }
  /// 1/rate
  public var deviation: Tensor<Scalar> { rate.reciprocal() }
  /// 1 − ln rate
  public var entropy: Tensor<Scalar> { 1 - rate.log() }

  /// A draw of shape + batchShape + eventShape.
  public func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Scalar> {
    Tensor(randomExponential: shape + batchShape, generator: generator) / rate
  }

  /// ln p of values that broadcast with batchShape + eventShape.
  public func logDensity(at value: Tensor<Scalar>) -> Tensor<Scalar> {
    (rate.log() - rate * value).whereSupported(value .>= 0)
  }

  /// The probability of a number up to this one.
  @_disfavoredOverload
  public func cumulative(_ value: Tensor<Scalar>) -> Tensor<Scalar> {
    -(rate * -value.inside(.!(value .< 0), else: 0)).expm1()
  }
  /// The number below which this probability lies.
  @_disfavoredOverload
  public func quantile(_ probability: Tensor<Scalar>) -> Tensor<Scalar> {
    -((-probability.asProbability()).log1p() / rate)
  }
}

/// ∫ p·ln(p/q): with r = λ_q/λₚ, r − 1 − ln r.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: ExponentialDistribution<Scalar>, _ q: ExponentialDistribution<Scalar>, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let ratio = q.rate / p.rate
  return ratio - 1 - q.rate.logRatio(to: p.rate)
}

/// Student's t distributions: a normal number over the root of a χ² number and its degrees of freedom.
///
/// Draws have implicit gradients at the degrees of freedom, without a second derivative.
public struct StudentTDistribution<Scalar: FloatingScalar>: ReparameterizedDistribution {
  /// ν, the degrees of freedom.
  public let degrees: Tensor<Scalar>
  /// The centers.
  public let location: Tensor<Scalar>
  /// The scales; not the standard deviations.
  public let scale: Tensor<Scalar>

  /// Distributions of these parameters, which broadcast.
  ///
  /// Stops for degrees and scales that are not above 0 and a location of NaN.
  public init(
    degrees: Tensor<Scalar>, location: Tensor<Scalar> = Tensor(0), scale: Tensor<Scalar> = Tensor(1),
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let name = "StudentTDistribution"
    degrees.requirePositive(name, "degrees")
    location.requireNumber(name, "location")
    scale.requirePositive(name, "scale")
    let shape = broadcastShape(broadcastShape(degrees.shape, location.shape, name), scale.shape, name)
    (self.degrees, self.location, self.scale) = (
      degrees.broadcast(to: shape), location.broadcast(to: shape), scale.broadcast(to: shape)
    )
  }

  /// The shape of the parameters.
  public var batchShape: [Int] { degrees.shape }
  /// The shape of one draw.
  public var eventShape: [Int] { [] }
  /// The location, NaN for ν ≤ 1.
  public var mean: Tensor<Scalar> { select(degrees .> 1, location, Scalar.nan) }
  /// scale²·ν/(ν − 2); ∞ for 1 < ν ≤ 2, NaN for ν ≤ 1.
  public var variance: Tensor<Scalar> { deviation.square() }
  /// scale·√(ν/(ν − 2)); ∞ for 1 < ν ≤ 2, NaN for ν ≤ 1.
  public var deviation: Tensor<Scalar> {
    let isFinite = degrees .> 2
    let ν = degrees.inside(isFinite, else: 3)
    let other = select(degrees.detached() .> 1, Tensor(full: batchShape, .infinity), Scalar.nan)
    return select(isFinite, scale * (ν / (ν - 2)).sqrt(), other)
  }
  /// ln scale + (ν + 1)/2·(ψ((ν + 1)/2) − ψ(ν/2)) + ½·ln ν + ln B(½, ν/2)
  public var entropy: Tensor<Scalar> {
    let (half, above) = (degrees * 0.5, degrees * 0.5 + 0.5)
    let slopes = above * (above.digamma() - half.digamma())
    return scale.log() + slopes + normalizer
  }

  /// ½·ln ν + ln B(½, ν/2)
  private var normalizer: Tensor<Scalar> {
    let half = degrees * 0.5
    return degrees.log() * 0.5 + half.lgamma() - (half + 0.5).lgamma() + Scalar(0.572364942924700087072)
  }

  /// A draw of shape + batchShape + eventShape.
  public func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Scalar> {
    let generator = generator ?? Random.generator
    let normal = Tensor<Scalar>(randomNormal: shape + batchShape, generator: generator)
    let chi = Tensor(randomGamma: (degrees * 0.5).broadcast(to: shape + batchShape), generator: generator)
    return normal * (degrees * 0.5 / chi).sqrt() * scale + location
  }

  /// ln p of values that broadcast with batchShape + eventShape.
  public func logDensity(at value: Tensor<Scalar>) -> Tensor<Scalar> {
    let z = (value - location) / scale
    let tail = (z / degrees.sqrt()).log1pSquare() * (degrees + 1) * -0.5
    return tail - scale.log() - normalizer
  }
}
