import TernBackend
import TernTensor

// Divergences that are infinite: p reaches where q has nothing.

func infiniteDivergence<P: Distribution, Q: Distribution>(_ p: P, _ q: Q) -> Tensor<P.Scalar> {
  Tensor(full: broadcastShape(p.batchShape, q.batchShape, "klDivergence"), .infinity)
}

/// ∞: there are numbers of p outside q.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: ExponentialDistribution<Scalar>, _ q: BetaDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return infiniteDivergence(p, q)
}

/// ∞: there are numbers of p outside q.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: ExponentialDistribution<Scalar>, _ q: UniformDistribution<Scalar>, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return infiniteDivergence(p, q)
}

/// ∞: there are numbers of p outside q.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: GammaDistribution<Scalar>, _ q: BetaDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return infiniteDivergence(p, q)
}

/// ∞: there are numbers of p outside q.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: GammaDistribution<Scalar>, _ q: UniformDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return infiniteDivergence(p, q)
}

/// ∞: there are numbers of p outside q.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: GumbelDistribution<Scalar>, _ q: BetaDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return infiniteDivergence(p, q)
}

/// ∞: there are numbers of p outside q.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: GumbelDistribution<Scalar>, _ q: ExponentialDistribution<Scalar>, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return infiniteDivergence(p, q)
}

/// ∞: there are numbers of p outside q.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: GumbelDistribution<Scalar>, _ q: GammaDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return infiniteDivergence(p, q)
}

/// ∞: there are numbers of p outside q.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: GumbelDistribution<Scalar>, _ q: UniformDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return infiniteDivergence(p, q)
}

/// ∞: there are numbers of p outside q.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: LaplaceDistribution<Scalar>, _ q: BetaDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return infiniteDivergence(p, q)
}

/// ∞: there are numbers of p outside q.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: LaplaceDistribution<Scalar>, _ q: ExponentialDistribution<Scalar>, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return infiniteDivergence(p, q)
}

/// ∞: there are numbers of p outside q.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: LaplaceDistribution<Scalar>, _ q: GammaDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return infiniteDivergence(p, q)
}

/// ∞: there are numbers of p outside q.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: LaplaceDistribution<Scalar>, _ q: UniformDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return infiniteDivergence(p, q)
}

/// ∞: there are numbers of p outside q.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: NormalDistribution<Scalar>, _ q: BetaDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return infiniteDivergence(p, q)
}

/// ∞: there are numbers of p outside q.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: NormalDistribution<Scalar>, _ q: ExponentialDistribution<Scalar>, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return infiniteDivergence(p, q)
}

/// ∞: there are numbers of p outside q.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: NormalDistribution<Scalar>, _ q: GammaDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return infiniteDivergence(p, q)
}

/// ∞: there are numbers of p outside q.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: NormalDistribution<Scalar>, _ q: UniformDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return infiniteDivergence(p, q)
}

/// ∞: counts above 1 have no probability.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: PoissonDistribution<Scalar>, _ q: BernoulliDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return infiniteDivergence(p, q)
}
