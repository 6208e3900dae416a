import TernBackend
import TernTensor

// Infinite divergences of Pareto and continuous Bernoulli distributions and from them: p reaches where q has nothing.

/// ∞: there are numbers of p outside q.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: ExponentialDistribution<Scalar>, _ q: ContinuousBernoulliDistribution<Scalar>, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return infiniteDivergence(p, q)
}

/// ∞: there are numbers of p outside q.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: GammaDistribution<Scalar>, _ q: ContinuousBernoulliDistribution<Scalar>, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return infiniteDivergence(p, q)
}

/// ∞: there are numbers of p outside q.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: GumbelDistribution<Scalar>, _ q: ContinuousBernoulliDistribution<Scalar>, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return infiniteDivergence(p, q)
}

/// ∞: there are numbers of p outside q.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: LaplaceDistribution<Scalar>, _ q: ContinuousBernoulliDistribution<Scalar>, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return infiniteDivergence(p, q)
}

/// ∞: there are numbers of p outside q.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: NormalDistribution<Scalar>, _ q: ContinuousBernoulliDistribution<Scalar>, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return infiniteDivergence(p, q)
}

/// ∞: there are numbers of p outside q.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: ParetoDistribution<Scalar>, _ q: ContinuousBernoulliDistribution<Scalar>, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return infiniteDivergence(p, q)
}

/// ∞: there are numbers of p outside q.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: BetaDistribution<Scalar>, _ q: ParetoDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return infiniteDivergence(p, q)
}

/// ∞: there are numbers of p outside q.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: ContinuousBernoulliDistribution<Scalar>, _ q: ParetoDistribution<Scalar>, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return infiniteDivergence(p, q)
}

/// ∞: there are numbers of p outside q.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: ExponentialDistribution<Scalar>, _ q: ParetoDistribution<Scalar>, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return infiniteDivergence(p, q)
}

/// ∞: there are numbers of p outside q.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: GammaDistribution<Scalar>, _ q: ParetoDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return infiniteDivergence(p, q)
}

/// ∞: there are numbers of p outside q.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: GumbelDistribution<Scalar>, _ q: ParetoDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return infiniteDivergence(p, q)
}

/// ∞: there are numbers of p outside q.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: LaplaceDistribution<Scalar>, _ q: ParetoDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return infiniteDivergence(p, q)
}

/// ∞: there are numbers of p outside q.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: NormalDistribution<Scalar>, _ q: ParetoDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return infiniteDivergence(p, q)
}

/// ∞: there are numbers of p outside q.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: ParetoDistribution<Scalar>, _ q: BetaDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return infiniteDivergence(p, q)
}

/// ∞: there are numbers of p outside q.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: ParetoDistribution<Scalar>, _ q: UniformDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return infiniteDivergence(p, q)
}

/// ∞: there are counts of p above any number of draws.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: PoissonDistribution<Scalar>, _ q: BinomialDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return infiniteDivergence(p, q)
}
