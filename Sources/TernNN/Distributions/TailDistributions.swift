import TernBackend
import TernTensor

// Distributions of positive numbers by powers of uniform ones: Pareto, Weibull, Kumaraswamy; and the magnitude of Cauchy's.

/// Pareto distributions, density α·scaleᵅ/x^(α + 1) for x ≥ scale.
public struct ParetoDistribution<Scalar: FloatingScalar>: ReparameterizedDistribution, UnivariateDistribution {
  /// The smallest values.
  public let scale: Tensor<Scalar>
  /// The exponents of the tail.
  public let alpha: Tensor<Scalar>

  /// Distributions of these scales and exponents, which broadcast. Stops for one that is not above 0.
  public init(scale: Tensor<Scalar>, alpha: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    scale.requirePositive("ParetoDistribution", "scale")
    alpha.requirePositive("ParetoDistribution", "alpha")
    (self.scale, self.alpha) = broadcastParameters(scale, alpha, "ParetoDistribution")
  }

  /// The shape of the parameters.
  public var batchShape: [Int] { scale.shape }
  /// The shape of one draw.
  public var eventShape: [Int] { [] }
  /// scale·α/(α − 1); ∞ for α ≤ 1.
  public var mean: Tensor<Scalar> {
    let isFinite = alpha .> 1
    let a = alpha.inside(isFinite, else: 2)
    return select(isFinite, scale * (a / (a - 1)), Scalar.infinity)
  }
  /// scale²·α/((α − 1)²·(α − 2)); ∞ for α ≤ 2.
  public var variance: Tensor<Scalar> { deviation.square() }
  /// scale/(α − 1)·√(α/(α − 2)); ∞ for α ≤ 2.
  public var deviation: Tensor<Scalar> {
    let isFinite = alpha .> 2
    let a = alpha.inside(isFinite, else: 3)
    return select(isFinite, scale * ((a / (a - 2)).sqrt() / (a - 1)), Scalar.infinity)
  }
  /// ln(scale/α) + 1 + 1/α
  public var entropy: Tensor<Scalar> { (scale / alpha).log() + 1 + alpha.reciprocal() }

  /// A draw of shape + batchShape + eventShape.
  public func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Scalar> {
    (Tensor(randomExponential: shape + batchShape, generator: generator) / alpha).exp() * scale
  }

  /// ln p of values that broadcast with batchShape + eventShape.
  public func logDensity(at value: Tensor<Scalar>) -> Tensor<Scalar> {
    let isInside = value .>= scale
    let x = select(isInside, value, scale)
    return (alpha.log() + alpha * scale.log() - (alpha + 1) * x.log()).whereSupported(isInside)
  }

  /// The probability of a number up to this one: 1 − (scale/x)ᵅ.
  @_disfavoredOverload
  public func cumulative(_ value: Tensor<Scalar>) -> Tensor<Scalar> {
    let x = select(value .< scale, scale, value)
    return -(alpha * (scale / x).log()).expm1()
  }
  /// The number below which this probability lies.
  @_disfavoredOverload
  public func quantile(_ probability: Tensor<Scalar>) -> Tensor<Scalar> {
    scale * (-((-probability.asProbability()).log1p() / alpha)).exp()
  }
}

/// ∫ p·ln(p/q): with r = scaleₚ/scale_q, ln(αₚ/α_q) + α_q·ln r + α_q/αₚ − 1; ∞ where p reaches below q.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: ParetoDistribution<Scalar>, _ q: ParetoDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let ratio = q.alpha / p.alpha
  let divergence = q.alpha * p.scale.logRatio(to: q.scale) - q.alpha.logRatio(to: p.alpha) + ratio - 1
  return select(p.scale .< q.scale, Scalar.infinity, divergence)
}

/// Weibull distributions, F(x) = 1 − e^(−(x/scale)ᵏ) for x ≥ 0.
public struct WeibullDistribution<Scalar: FloatingScalar>: ReparameterizedDistribution, UnivariateDistribution {
  /// The scales.
  public let scale: Tensor<Scalar>
  /// k, the exponents.
  public let concentration: Tensor<Scalar>

  /// Distributions of these scales and exponents, which broadcast. Stops for one that is not above 0.
  public init(scale: Tensor<Scalar>, concentration: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    scale.requirePositive("WeibullDistribution", "scale")
    concentration.requirePositive("WeibullDistribution", "concentration")
    (self.scale, self.concentration) = broadcastParameters(scale, concentration, "WeibullDistribution")
  }

  /// The shape of the parameters.
  public var batchShape: [Int] { scale.shape }
  /// The shape of one draw.
  public var eventShape: [Int] { [] }
  /// scale·Γ(1 + 1/k)
  public var mean: Tensor<Scalar> { scale * (concentration.reciprocal() + 1).lgamma().exp() }
  /// scale²·(Γ(1 + 2/k) − Γ(1 + 1/k)²)
  public var variance: Tensor<Scalar> {
    let inverse = concentration.reciprocal()
    let first = (inverse + 1).lgamma() * 2
    let second = (inverse * 2 + 1).lgamma()
    return scale.square() * first.exp() * (second - first).expm1()
  }
  /// scale·√(Γ(1 + 2/k) − Γ(1 + 1/k)²)
  public var deviation: Tensor<Scalar> {
    let inverse = concentration.reciprocal()
    let first = (inverse + 1).lgamma()
    let second = (inverse * 2 + 1).lgamma()
    return scale * first.exp() * (second - first * 2).expm1().sqrt()
  }
  /// γ·(1 − 1/k) + ln(scale/k) + 1
  public var entropy: Tensor<Scalar> {
    (1 - concentration.reciprocal()) * Scalar(euler) + (scale / concentration).log() + 1
  }

  /// A draw of shape + batchShape + eventShape.
  public func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Scalar> {
    let logarithms = Tensor<Scalar>(randomExponential: shape + batchShape, generator: generator).log()
    return (logarithms / concentration).exp() * scale
  }

  /// ln p of values that broadcast with batchShape + eventShape.
  public func logDensity(at value: Tensor<Scalar>) -> Tensor<Scalar> {
    let isInside = value .>= 0
    let x = value.inside(isInside, else: 1).withPositiveZero
    let constant = concentration.log() - concentration * scale.log()
    // At ∞ the last term wins.
    let power = xlogy(concentration - 1, x.inside(x .< Scalar.infinity, else: 1))
    return (constant + power - (x / scale).pow(concentration)).whereSupported(isInside)
  }

  /// The probability of a number up to this one.
  @_disfavoredOverload
  public func cumulative(_ value: Tensor<Scalar>) -> Tensor<Scalar> {
    let z = value.inside(.!(value .< 0), else: 0).withPositiveZero / scale
    // At 0 an unbounded density is that of the power alone.
    let isEnd = (z .== 0) .&& (concentration .< 1)
    let curve = -(-z.inside(.!isEnd, else: 1).pow(concentration)).expm1()
    return isEnd.any().item ? select(isEnd, z.inside(isEnd, else: 1).pow(concentration), curve) : curve
  }
  /// The number below which this probability lies.
  @_disfavoredOverload
  public func quantile(_ probability: Tensor<Scalar>) -> Tensor<Scalar> {
    let p = probability.withPositiveZero
    // At 0 an infinite derivative is that of the root alone.
    let hazard = select((p .== 0) .&& (concentration .> 1), p, -((-p).log1p()))
    return scale * hazard.pow(concentration.reciprocal())
  }
}

/// Kumaraswamy distributions, F(x) = 1 − (1 − xᵃ)ᵇ for 0 ≤ x ≤ 1.
public struct KumaraswamyDistribution<Scalar: FloatingScalar>: ReparameterizedDistribution, UnivariateDistribution {
  /// The exponents a.
  public let alpha: Tensor<Scalar>
  /// The exponents b.
  public let beta: Tensor<Scalar>

  /// Distributions of these exponents, which broadcast. Stops for one that is not above 0.
  public init(alpha: Tensor<Scalar>, beta: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    alpha.requirePositive("KumaraswamyDistribution", "alpha")
    beta.requirePositive("KumaraswamyDistribution", "beta")
    (self.alpha, self.beta) = broadcastParameters(alpha, beta, "KumaraswamyDistribution")
  }

  /// The shape of the parameters.
  public var batchShape: [Int] { alpha.shape }
  /// The shape of one draw.
  public var eventShape: [Int] { [] }
  /// b·B(1 + 1/a, b)
  public var mean: Tensor<Scalar> { moment(1) }
  /// The expected square of the distance from the mean.
  public var variance: Tensor<Scalar> { moment(2) - moment(1).square() }
  /// 1 − 1/b + (1 − 1/a)·H(b) − ln(a·b), H(b) = ψ(b + 1) + γ
  public var entropy: Tensor<Scalar> {
    let harmonic = (beta + 1).digamma() + Scalar(euler)
    return 1 - beta.reciprocal() + (1 - alpha.reciprocal()) * harmonic - (alpha * beta).log()
  }

  /// E[xⁿ] = b·B(1 + n/a, b)
  private func moment(_ n: Scalar) -> Tensor<Scalar> {
    let first = alpha.reciprocal() * n + 1
    return (beta.log() + first.lgamma() + beta.lgamma() - (first + beta).lgamma()).exp()
  }

  /// A draw of shape + batchShape + eventShape.
  public func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Scalar> {
    // 1 − xᵃ is the b-th root of a uniform number, which is e to a negative exponential one.
    let exponential = Tensor<Scalar>(randomExponential: shape + batchShape, generator: generator)
    return (-((-(exponential / beta)).expm1())).pow(alpha.reciprocal())
  }

  /// ln p of values that broadcast with batchShape + eventShape.
  public func logDensity(at value: Tensor<Scalar>) -> Tensor<Scalar> {
    let isInside = (value .>= 0) .&& (value .<= 1)
    let x = value.inside(isInside, else: 0.5).withPositiveZero
    // Beside the first term's derivative at 0 that of the second counts only from α = 1 on.
    let base = x.inside((x .> 0) .|| (alpha .>= 1), else: 0)
    // At 1 the power counts by its first derivative alone: the second is nothing beside the square of that.
    let power = select(base .== 1, (base - 1) * alpha + 1, base.pow(alpha))
    let powers = xlogy(alpha - 1, x) + xlog1py(beta - 1, -power)
    return (powers + (alpha * beta).log()).whereSupported(isInside)
  }

  /// The probability of a number up to this one.
  @_disfavoredOverload
  public func cumulative(_ value: Tensor<Scalar>) -> Tensor<Scalar> {
    let x = value.clamped(min: 0, max: 1).withPositiveZero
    // At 0 an unbounded density is that of the power alone.
    let isEnd = (x .== 0) .&& (alpha .< 1)
    let curve = -((beta * (-x.inside(.!isEnd, else: 0.5).pow(alpha)).log1p()).expm1())
    return isEnd.any().item ? select(isEnd, beta * x.inside(isEnd, else: 0.5).pow(alpha), curve) : curve
  }
  /// The number below which this probability lies.
  @_disfavoredOverload
  public func quantile(_ probability: Tensor<Scalar>) -> Tensor<Scalar> {
    let p = probability.withPositiveZero
    // At 0 an infinite derivative is that of the root alone.
    let power = select((p .== 0) .&& (alpha .> 1), p / beta, -(((-p).log1p() / beta).expm1()))
    return power.pow(alpha.reciprocal())
  }
}

/// Magnitudes of Cauchy numbers around 0: density 2/(π·scale·(1 + (x/scale)²)) for x ≥ 0; they have no mean and no variance.
public struct HalfCauchyDistribution<Scalar: FloatingScalar>: ReparameterizedDistribution, UnivariateDistribution {
  /// The medians.
  public let scale: Tensor<Scalar>

  /// Distributions of these scales. Stops for one that is not above 0.
  public init(scale: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    scale.requirePositive("HalfCauchyDistribution", "scale")
    self.scale = scale
  }

  /// The shape of the parameters.
  public var batchShape: [Int] { scale.shape }
  /// The shape of one draw.
  public var eventShape: [Int] { [] }
  /// ∞
  public var mean: Tensor<Scalar> { Tensor(full: batchShape, .infinity) }
  /// ∞
  public var variance: Tensor<Scalar> { Tensor(full: batchShape, .infinity) }
  /// ln(2π·scale)
  public var entropy: Tensor<Scalar> { scale.log() + Scalar(1.83787706640934548356) }

  /// A draw of shape + batchShape + eventShape.
  public func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Scalar> {
    Tensor(randomCauchy: shape + batchShape, generator: generator).abs() * scale
  }

  /// ln p of values that broadcast with batchShape + eventShape.
  public func logDensity(at value: Tensor<Scalar>) -> Tensor<Scalar> {
    let density = -(value / scale).log1pSquare() - scale.log() - Scalar(0.451582705289454864727)
    return density.whereSupported(value .>= 0)
  }

  /// The probability of a number up to this one.
  @_disfavoredOverload
  public func cumulative(_ value: Tensor<Scalar>) -> Tensor<Scalar> {
    (value.inside(.!(value .< 0), else: 0) / scale).atan() * Scalar(0.636619772367581343076)
  }
  /// The number below which this probability lies.
  @_disfavoredOverload
  public func quantile(_ probability: Tensor<Scalar>) -> Tensor<Scalar> {
    let p = probability.asProbability()
    let isHigh = p .> 0.5
    let half = Scalar(1.57079632679489661923)
    let low = (p.inside(.!isHigh, else: 0) * half).tan()
    let high = ((1 - p.inside(isHigh, else: 0.5)) * half).tan().reciprocal()
    return select(isHigh, high, low) * scale
  }
}
