import TernBackend
import TernTensor

// Divergences of distributions of different families: −H(p) − E[ln q], with the expectations in closed form.

/// −H(p) + ln σ + ½·ln 2π + ½·(Var p + (E p − μ)²)/σ².
func divergence<P: Distribution>(_ p: P, fromNormal q: NormalDistribution<P.Scalar>) -> Tensor<P.Scalar> {
  let squares = (p.deviation / q.deviation).square() + ((p.mean - q.mean) / q.deviation).square()
  return squares * 0.5 + q.deviation.log() + P.Scalar(halfLogTwoPi) - p.entropy
}

/// −H(p) − ln λ + λ·E p, for p above 0.
func divergence<P: Distribution>(
  _ p: P, fromExponential q: ExponentialDistribution<P.Scalar>
) -> Tensor<P.Scalar> {
  q.rate * p.mean - q.rate.log() - p.entropy
}

/// −H(p) + ln Γ(α) − α·ln r − (α − 1)·E[ln x] + r·E p, for p above 0.
func divergence<P: Distribution>(
  _ p: P, fromGamma q: GammaDistribution<P.Scalar>, meanLogarithm: Tensor<P.Scalar>
) -> Tensor<P.Scalar> {
  let alpha = q.concentration
  let constants = alpha.lgamma() - xlogy(alpha, q.rate)
  return constants - zeroProduct(alpha - 1, meanLogarithm) + q.rate * p.mean - p.entropy
}

/// −H(p) + ln s + (E p − m)/s + E[e^(−(x − m)/s)].
func divergence<P: Distribution>(
  _ p: P, fromGumbel q: GumbelDistribution<P.Scalar>, meanPower: Tensor<P.Scalar>
) -> Tensor<P.Scalar> {
  (p.mean - q.location) / q.scale + q.scale.log() + meanPower - p.entropy
}

extension UniformDistribution {
  /// E[ln x] of numbers above 0.
  var meanLogarithm: Tensor<Scalar> {
    (xlogy(high, high) - xlogy(low, low)) / (high - low) - 1
  }
}

/// ∫ p·ln(p/q), by mean, variance and entropy of p.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: BetaDistribution<Scalar>, _ q: NormalDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return divergence(p, fromNormal: q)
}

/// ∫ p·ln(p/q), by mean, variance and entropy of p.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: ExponentialDistribution<Scalar>, _ q: NormalDistribution<Scalar>, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return divergence(p, fromNormal: q)
}

/// ∫ p·ln(p/q), by mean, variance and entropy of p.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: GammaDistribution<Scalar>, _ q: NormalDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return divergence(p, fromNormal: q)
}

/// ∫ p·ln(p/q), by mean, variance and entropy of p.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: GumbelDistribution<Scalar>, _ q: NormalDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return divergence(p, fromNormal: q)
}

/// ∫ p·ln(p/q), by mean, variance and entropy of p.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: LaplaceDistribution<Scalar>, _ q: NormalDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return divergence(p, fromNormal: q)
}

/// ∫ p·ln(p/q), by mean, variance and entropy of p.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: UniformDistribution<Scalar>, _ q: NormalDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return divergence(p, fromNormal: q)
}

/// ∫ p·ln(p/q), by mean and entropy of p.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: BetaDistribution<Scalar>, _ q: ExponentialDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return divergence(p, fromExponential: q)
}

/// ∫ p·ln(p/q), by mean and entropy of p.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: GammaDistribution<Scalar>, _ q: ExponentialDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return divergence(p, fromExponential: q)
}

/// ∫ p·ln(p/q), by mean and entropy of p; ∞ where p reaches below 0.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: UniformDistribution<Scalar>, _ q: ExponentialDistribution<Scalar>, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return select(p.low .< 0, Scalar.infinity, divergence(p, fromExponential: q))
}

/// ∫ p·ln(p/q), with E[ln x] = ψ(α) − ψ(α + β) under p.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: BetaDistribution<Scalar>, _ q: GammaDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return divergence(p, fromGamma: q, meanLogarithm: p.alpha.digamma() - (p.alpha + p.beta).digamma())
}

/// ∫ p·ln(p/q), with E[ln x] = −γ − ln λ under p.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: ExponentialDistribution<Scalar>, _ q: GammaDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return divergence(p, fromGamma: q, meanLogarithm: -p.rate.log() - Scalar(euler))
}

/// ∫ p·ln(p/q), with the mean of the logarithm under p; ∞ where p reaches below 0.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: UniformDistribution<Scalar>, _ q: GammaDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let isOutside = p.low .< 0
  let inside = UniformDistribution(
    inside: p.low.inside(.!isOutside, else: 1), p.high.inside(.!isOutside, else: 2))
  let value = divergence(inside, fromGamma: q, meanLogarithm: inside.meanLogarithm)
  return select(isOutside, Scalar.infinity, value)
}

/// ∫ p·ln(p/q), with E[e^(−x/s)] = λ/(λ + 1/s) under p.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: ExponentialDistribution<Scalar>, _ q: GumbelDistribution<Scalar>, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let product = p.rate * q.scale
  return divergence(p, fromGumbel: q, meanPower: (q.location / q.scale).exp() * (product / (product + 1)))
}

/// ∫ p·ln(p/q), with E[e^(−x/s)] = (1 + 1/(r·s))^(−α) under p.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: GammaDistribution<Scalar>, _ q: GumbelDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let power = p.concentration * (p.rate * q.scale).reciprocal().log1p()
  return divergence(p, fromGumbel: q, meanPower: (q.location / q.scale - power).exp())
}

/// ∫ p·ln(p/q), with E[e^(−x/s)] = e^(−μ/s + ½σ²/s²) under p.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: NormalDistribution<Scalar>, _ q: GumbelDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let exponent = (q.location - p.mean) / q.scale + (p.deviation / q.scale).square() * 0.5
  return divergence(p, fromGumbel: q, meanPower: exponent.exp())
}

/// ∫ p·ln(p/q), with E[e^(−x/s)] = s·(e^(−a/s) − e^(−b/s))/(b − a) under p.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: UniformDistribution<Scalar>, _ q: GumbelDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let (low, width) = ((p.low - q.location) / q.scale, (p.high - p.low) / q.scale)
  return divergence(p, fromGumbel: q, meanPower: (-low).exp() * (-(-width).expm1() / width))
}

/// ∫ p·ln(p/q), with the mean distance from the center of q under p.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: NormalDistribution<Scalar>, _ q: LaplaceDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let distance = p.mean - q.mean
  let z = distance / p.deviation
  let spread = p.deviation * (z.square() * -0.5).exp() * Scalar(0.797884560802865355880)
  let mean = spread + distance * (z * Scalar(0.707106781186547524401)).erf()
  return mean / q.scale + q.scale.log() + Scalar(0.693147180559945309417) - p.entropy
}

/// ∫ p·ln(p/q): the logarithm of the width of q less the entropy of p; ∞ where q leaves out a part of 0 … 1.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: BetaDistribution<Scalar>, _ q: UniformDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return select((q.low .> 0) .|| (q.high .< 1), Scalar.infinity, q.logWidth - p.entropy)
}

/// ∫ p·ln(p/q), with the means of ln x and ln(1 − x) under p; ∞ where p reaches outside 0 … 1.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: UniformDistribution<Scalar>, _ q: BetaDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let isOutside = (p.low .< 0) .|| (p.high .> 1)
  let (low, high) = (p.low.inside(.!isOutside, else: 0.25), p.high.inside(.!isOutside, else: 0.75))
  let inside = UniformDistribution(inside: low, high)
  let mirrored = UniformDistribution(inside: 1 - high, 1 - low)
  let logarithms =
    zeroProduct(q.alpha - 1, inside.meanLogarithm) + zeroProduct(q.beta - 1, mirrored.meanLogarithm)
  let normalizer = q.alpha.lgamma() + q.beta.lgamma() - (q.alpha + q.beta).lgamma()
  return select(isOutside, Scalar.infinity, normalizer - inside.entropy - logarithms)
}

/// Σ p·ln(p/q) over both outcomes.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: BernoulliDistribution<Scalar>, _ q: PoissonDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return q.rate - xlogy(p.probability, q.rate) - p.entropy
}
