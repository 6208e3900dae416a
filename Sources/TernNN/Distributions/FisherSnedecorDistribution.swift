import TernBackend
import TernTensor

/// F distributions: the quotient of two χ² numbers, each over its degrees of freedom.
///
/// Draws have implicit gradients at the degrees, without a second derivative.
public struct FisherSnedecorDistribution<Scalar: FloatingScalar>: ReparameterizedDistribution, CumulativeDistribution {
  /// d₁, of the number above the line.
  public let numeratorDegrees: Tensor<Scalar>
  /// d₂, of the number below the line.
  public let denominatorDegrees: Tensor<Scalar>

  /// Distributions of these degrees of freedom, which broadcast. Stops for one that is not above 0.
  ///
  /// - Parameters:
  ///   - numeratorDegrees: d₁.
  ///   - denominatorDegrees: d₂.
  public init(
    numeratorDegrees: Tensor<Scalar>, denominatorDegrees: Tensor<Scalar>, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let name = "FisherSnedecorDistribution"
    numeratorDegrees.requirePositive(name, "numeratorDegrees")
    denominatorDegrees.requirePositive(name, "denominatorDegrees")
    (self.numeratorDegrees, self.denominatorDegrees) = broadcastParameters(
      numeratorDegrees, denominatorDegrees, name)
  }

  /// The shape of the parameters.
  public var batchShape: [Int] { numeratorDegrees.shape }
  /// The shape of one draw.
  public var eventShape: [Int] { [] }
  /// d₂/(d₂ − 2); ∞ for d₂ ≤ 2.
  public var mean: Tensor<Scalar> {
    let isFinite = denominatorDegrees .> 2
    let d2 = denominatorDegrees.inside(isFinite, else: 3)
    return select(isFinite, d2 / (d2 - 2), Scalar.infinity)
  }
  /// 2·d₂²·(d₁ + d₂ − 2)/(d₁·(d₂ − 2)²·(d₂ − 4)); ∞ for d₂ ≤ 4.
  public var variance: Tensor<Scalar> {
    let isFinite = denominatorDegrees .> 4
    let d2 = denominatorDegrees.inside(isFinite, else: 5)
    let quotient: Tensor<Scalar> = (d2 / (d2 - 2)).square() * 2 / (d2 - 4)
    return select(isFinite, quotient * ((d2 - 2) / numeratorDegrees + 1), Scalar.infinity)
  }
  /// ln(d₂/d₁) + ln B(a, b) − (a − 1)·(ψ(a) − ψ(b)) + (a + b)·(ψ(a + b) − ψ(b)), a = d₁/2, b = d₂/2
  public var entropy: Tensor<Scalar> {
    let (a, b) = halves
    let digamma = b.digamma()
    let own: Tensor<Scalar> = (1 - a) * (a.digamma() - digamma)
    let both: Tensor<Scalar> = (a + b) * ((a + b).digamma() - digamma)
    return logBeta + own + both - ratio.log()
  }

  /// d₁/2 and d₂/2.
  private var halves: (Tensor<Scalar>, Tensor<Scalar>) { (numeratorDegrees * 0.5, denominatorDegrees * 0.5) }
  /// d₁/d₂
  private var ratio: Tensor<Scalar> { numeratorDegrees / denominatorDegrees }
  /// ln B(d₁/2, d₂/2)
  private var logBeta: Tensor<Scalar> {
    let (a, b) = halves
    return a.lgamma() + b.lgamma() - (a + b).lgamma()
  }

  /// A draw of shape + batchShape + eventShape.
  public func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Scalar> {
    let generator = generator ?? Random.generator
    let (a, b) = halves
    let whole = shape + batchShape
    let above = Tensor(randomGamma: a.broadcast(to: whole), generator: generator) / a
    let below = Tensor(randomGamma: b.broadcast(to: whole), generator: generator) / b
    return (above / below.clamped(min: .leastNormalMagnitude)).clamped(min: .leastNormalMagnitude)
  }

  /// ln p of values that broadcast with batchShape + eventShape.
  public func logDensity(at value: Tensor<Scalar>) -> Tensor<Scalar> {
    let isInside = (value .>= 0) .&& (value .< Scalar.infinity)
    let x = value.inside(isInside, else: 1).withPositiveZero
    let (a, b) = halves
    let powers: Tensor<Scalar> = xlogy(a - 1, x) + a * ratio.log()
    return (powers - (a + b) * (ratio * x).log1p() - logBeta).whereSupported(isInside)
  }

  /// The probability of a number up to this one: I(d₁/2, d₂/2) at d₁·x/(d₁·x + d₂). Gradients reach the value, not the degrees.
  @_disfavoredOverload
  public func cumulative(_ value: Tensor<Scalar>) -> Tensor<Scalar> {
    let x = ratio.detached() * value.clamped(min: 0)
    // x/(1 + x), and 1/(1 + 1/x), which has its limit at ∞.
    let isFar = x.detached() .> 1
    let near = x.inside(.!isFar, else: 1)
    let far = x.inside(isFar, else: 1)
    let place = select(isFar, (far.reciprocal() + 1).reciprocal(), near / (near + 1))
    return betainc(numeratorDegrees.detached() * 0.5, denominatorDegrees.detached() * 0.5, place)
  }
}
