import TernBackend
import TernTensor

// Divergences of Pareto and continuous Bernoulli distributions, and from them: −H(p) − E[ln q] in closed form.

/// ∫ p·ln(p/q), by mean and entropy of p.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: BetaDistribution<Scalar>, _ q: ContinuousBernoulliDistribution<Scalar>, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return divergence(p, fromContinuousBernoulli: q)
}

/// ∫ p·ln(p/q), by mean and entropy of p; ∞ where p reaches outside 0 … 1.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: UniformDistribution<Scalar>, _ q: ContinuousBernoulliDistribution<Scalar>, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return select((p.low .< 0) .|| (p.high .> 1), Scalar.infinity, divergence(p, fromContinuousBernoulli: q))
}

/// ∫ p·ln(p/q), by mean and entropy of p.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: ContinuousBernoulliDistribution<Scalar>, _ q: ExponentialDistribution<Scalar>, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return divergence(p, fromExponential: q)
}

/// ∫ p·ln(p/q), by mean, variance and entropy of p.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: ContinuousBernoulliDistribution<Scalar>, _ q: NormalDistribution<Scalar>, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return divergence(p, fromNormal: q)
}

/// ∫ p·ln(p/q): the logarithm of the width of q less the entropy of p; ∞ where q leaves out a part of 0 … 1.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: ContinuousBernoulliDistribution<Scalar>, _ q: UniformDistribution<Scalar>, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return select((q.low .> 0) .|| (q.high .< 1), Scalar.infinity, q.logWidth - p.entropy)
}

/// ∫ p·ln(p/q), by mean and entropy of p; ∞ for α ≤ 1.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: ParetoDistribution<Scalar>, _ q: ExponentialDistribution<Scalar>, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let (inside, isFinite) = p.withMoments(1)
  return select(isFinite, divergence(inside, fromExponential: q), Scalar.infinity)
}

/// ∫ p·ln(p/q), with E[ln x] = ln scale + 1/α under p; ∞ for α ≤ 1.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: ParetoDistribution<Scalar>, _ q: GammaDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let (inside, isFinite) = p.withMoments(1)
  let value = divergence(inside, fromGamma: q, meanLogarithm: inside.scale.log() + inside.alpha.reciprocal())
  return select(isFinite, value, Scalar.infinity)
}

/// ∫ p·ln(p/q), by mean, variance and entropy of p; ∞ for α ≤ 2.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: ParetoDistribution<Scalar>, _ q: NormalDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let (inside, isFinite) = p.withMoments(2)
  return select(isFinite, divergence(inside, fromNormal: q), Scalar.infinity)
}

/// ∫ p·ln(p/q): with L = ln(b − a), α·E[ln x] + E[ln x] − ln α − α·ln scale − L under p; ∞ where p reaches below the scale of q.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: UniformDistribution<Scalar>, _ q: ParetoDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let isInside = p.low.detached() .>= q.scale.detached()
  let shape = isInside.shape
  let inside = UniformDistribution(
    inside: p.low.broadcast(to: shape).inside(isInside, else: 1),
    p.high.broadcast(to: shape).inside(isInside, else: 2))
  let logarithms = (q.alpha + 1) * inside.meanLogarithm - q.alpha.log() - q.alpha * q.scale.log()
  return select(isInside, logarithms - inside.entropy, Scalar.infinity)
}

extension ParetoDistribution {
  /// Those with α above a number, and which they are; α is a harmless one for others.
  fileprivate func withMoments(_ order: Scalar) -> (inside: ParetoDistribution, isFinite: Tensor<Bool>) {
    let isFinite = alpha.detached() .> order
    return (ParetoDistribution(scale: scale, alpha: alpha.inside(isFinite, else: order + 1)), isFinite)
  }
}
