import TernBackend
import TernTensor

/// Generalized Pareto distributions, of how far numbers exceed a threshold: F(x) = 1 − (1 + ξ·z)^(−1/ξ), z = (x − location)/scale.
///
/// ξ = 0 is exponential, ξ = −1 uniform; for ξ < 0 the greatest number is location − scale/ξ. Values and gradients go on smoothly
/// through ξ = 0.
public struct GeneralizedParetoDistribution<Scalar: FloatingScalar>: ReparameterizedDistribution, UnivariateDistribution
{
  /// The least numbers.
  public let location: Tensor<Scalar>
  /// The scales.
  public let scale: Tensor<Scalar>
  /// ξ: above 0 the tail is that of a power −1/ξ, below 0 it ends.
  public let concentration: Tensor<Scalar>

  /// Distributions of these parameters, which broadcast. Stops for a scale that is not above 0, and for a location or ξ that is
  /// not finite.
  ///
  /// - Parameters:
  ///   - location: The least numbers.
  ///   - scale: The scales.
  ///   - concentration: ξ.
  public init(
    location: Tensor<Scalar> = Tensor(0), scale: Tensor<Scalar> = Tensor(1), concentration: Tensor<Scalar>,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let name = "GeneralizedParetoDistribution"
    location.require(name, "location", "a finite number") { $0.isFinite() }
    scale.requirePositive(name, "scale")
    concentration.require(name, "concentration", "a finite number") { $0.isFinite() }
    let shape = broadcastShape(broadcastShape(location.shape, scale.shape, name), concentration.shape, name)
    (self.location, self.scale, self.concentration) = (
      location.broadcast(to: shape), scale.broadcast(to: shape), concentration.broadcast(to: shape)
    )
  }

  /// The shape of the parameters.
  public var batchShape: [Int] { location.shape }
  /// The shape of one draw.
  public var eventShape: [Int] { [] }
  /// location + scale/(1 − ξ); ∞ for ξ ≥ 1.
  public var mean: Tensor<Scalar> {
    let isFinite = concentration .< 1
    let ξ = concentration.inside(isFinite, else: 0)
    return select(isFinite, location + scale / (1 - ξ), Scalar.infinity)
  }
  /// scale²/((1 − ξ)²·(1 − 2·ξ)); ∞ for ξ ≥ ½.
  public var variance: Tensor<Scalar> { deviation.square() }
  /// scale/((1 − ξ)·√(1 − 2·ξ)); ∞ for ξ ≥ ½.
  public var deviation: Tensor<Scalar> {
    let isFinite = concentration .< 0.5
    let ξ = concentration.inside(isFinite, else: 0)
    return select(isFinite, scale / (1 - ξ) / (1 - ξ * 2).sqrt(), Scalar.infinity)
  }
  /// ln scale + ξ + 1
  public var entropy: Tensor<Scalar> { scale.log() + concentration + 1 }

  /// A draw of shape + batchShape + eventShape.
  public func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Scalar> {
    number(ofLogarithm: Tensor(randomExponential: shape + batchShape, generator: generator))
  }

  /// The number x with −ln(1 − F(x)) = e: location + scale·(e^(ξ·e) − 1)/ξ.
  private func number(ofLogarithm e: Tensor<Scalar>) -> Tensor<Scalar> {
    // The greatest number, of which the quotient has no limit.
    let isLast = e .== Scalar.infinity
    let finite = e.inside(.!isLast, else: 1)
    let z = finite * (concentration * finite).expm1Quotient()
    guard isLast.any().item else { return scale * z + location }
    let isShort = concentration .< 0
    let long = e.inside(isLast, else: 1) * (concentration.inside(.!isShort, else: 0) + 1)
    let last = select(isShort, -concentration.inside(isShort, else: -1).reciprocal(), long)
    return scale * select(isLast, last, z) + location
  }

  /// Whether numbers lie in the support, and z with 1 in the place of those outside.
  private func standardized(_ value: Tensor<Scalar>) -> (isInside: Tensor<Bool>, z: Tensor<Scalar>) {
    let z = (value - location) / scale
    let isInside = (z .>= 0) .&& (z .< Scalar.infinity) .&& (concentration * z .>= -1)
    return (isInside, select(isInside, z, Tensor(0)))
  }

  /// ln p of values that broadcast with batchShape + eventShape.
  public func logDensity(at value: Tensor<Scalar>) -> Tensor<Scalar> {
    let (isInside, z) = standardized(value)
    let logarithm = z * (concentration * z).log1pQuotient()
    return (-zeroProduct(concentration + 1, logarithm) - scale.log()).whereSupported(isInside)
  }

  /// The probability of a number up to this one.
  @_disfavoredOverload
  public func cumulative(_ value: Tensor<Scalar>) -> Tensor<Scalar> {
    let (isInside, z) = standardized(value)
    // The greatest number, where the derivative is that of the power alone.
    let isLast = concentration * z .== -1
    let curve = -(-(z.inside(.!isLast, else: 0) * (concentration * z.inside(.!isLast, else: 0)).log1pQuotient()))
      .expm1()
    let below = isLast.any().item ? select(isLast, 1 - power(1 + concentration * z, where: isLast), curve) : curve
    let outside = select(value .> location, Tensor<Scalar>(1), Tensor(0))
    return select(isInside, below, select(value .== value, outside, Tensor(Scalar.nan)))
  }
  /// The number below which this probability lies.
  @_disfavoredOverload
  public func quantile(_ probability: Tensor<Scalar>) -> Tensor<Scalar> {
    let curve = number(ofLogarithm: -(-probability).log1p())
    let isLast = (probability .== 1) .&& (concentration .< 0)
    guard isLast.any().item else { return curve }
    // The greatest number, where the derivative is that of the power alone.
    let ξ = concentration.inside(isLast, else: -1)
    let last = ((1 - probability).inside(isLast, else: 0.5).pow(-ξ) - 1) / ξ
    return select(isLast, scale * last + location, curve)
  }

  /// x^(−1/ξ) where a condition holds, of x at 0.
  private func power(_ x: Tensor<Scalar>, where condition: Tensor<Bool>) -> Tensor<Scalar> {
    x.inside(condition, else: 1).pow(-concentration.inside(condition, else: -1).reciprocal())
  }
}
