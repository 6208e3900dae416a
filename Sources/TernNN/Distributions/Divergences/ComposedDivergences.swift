import TernBackend
import TernTensor

// Divergences of distributions made of others: by those of their parts.

/// A distribution with a formula of ∫ p·ln(p/q) for two of its type: with it ``IndependentDistribution`` and
/// ``TransformedDistribution`` of such have one.
public protocol DistributionWithDivergence<Scalar>: Distribution {
  /// ∫ p·ln(p/q) of this distribution p, as `klDivergence` of both: [batchShape].
  func divergence(from q: Self) -> Tensor<Scalar>
}

/// ∫ p·ln(p/q), the sum of the elements' divergences. Stops where the axes differ.
public func klDivergence<Base: DistributionWithDivergence>(
  _ p: IndependentDistribution<Base>, _ q: IndependentDistribution<Base>, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Base.Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(p.axes == q.axes, "klDivergence", "distributions of \(p.axes) and \(q.axes) axes (\(p.axes) ≠ \(q.axes))")
  return p.divergence(from: q)
}

/// ∫ p·ln(p/q) through the same bijectors: that of the bases.
///
/// Stops where the bijectors differ in type, or those of this library in their parameters; of your own, those of one type count as
/// the same.
public func klDivergence<Base: DistributionWithDivergence>(
  _ p: TransformedDistribution<Base>, _ q: TransformedDistribution<Base>, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Base.Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return p.divergence(from: q)
}

extension IndependentDistribution: DistributionWithDivergence where Base: DistributionWithDivergence {
  /// The sum of the elements' divergences.
  public func divergence(from q: IndependentDistribution) -> Tensor<Scalar> {
    summed(base.divergence(from: q.base))
  }
}

extension TransformedDistribution: DistributionWithDivergence where Base: DistributionWithDivergence {
  /// That of the bases, which come through the same bijectors.
  public func divergence(from q: TransformedDistribution) -> Tensor<Scalar> {
    let isSame =
      bijectors.count == q.bijectors.count && zip(bijectors, q.bijectors).allSatisfy { isSameBijector($0, $1) }
    check(isSame, "klDivergence", "distributions through bijectors that differ have no formula")
    check(eventShape == q.eventShape, "klDivergence", "draws of shape \(eventShape) and \(q.eventShape)")
    return summedOverDraw(base.divergence(from: q.base))
  }
}

/// A bijector with parameters, or made of others.
protocol ParameterizedBijector {
  /// Whether another of the same type has the same parameters.
  func hasParameters(of other: Self) -> Bool
}

/// Whether two functions are of one type and have the same parameters.
private func isSameBijector(_ a: any Bijector, _ b: any Bijector) -> Bool {
  func compare<Function: ParameterizedBijector>(_ a: Function) -> Bool {
    (b as? Function).map { a.hasParameters(of: $0) } ?? false
  }
  guard type(of: a) == type(of: b) else { return false }
  guard let a = a as? any ParameterizedBijector else { return true }
  return compare(a)
}

extension AffineBijector: ParameterizedBijector {
  func hasParameters(of other: AffineBijector) -> Bool {
    location.detached() == other.location.detached() && scale.detached() == other.scale.detached()
  }
}

extension PowerBijector: ParameterizedBijector {
  func hasParameters(of other: PowerBijector) -> Bool { exponent.detached() == other.exponent.detached() }
}

extension InverseBijector: ParameterizedBijector {
  func hasParameters(of other: InverseBijector) -> Bool { isSameBijector(base, other.base) }
}

// The formulas of two of one type.

extension BernoulliDistribution: DistributionWithDivergence {
  /// ∫ p·ln(p/q)
  public func divergence(from q: BernoulliDistribution) -> Tensor<Scalar> { klDivergence(self, q) }
}

extension BetaDistribution: DistributionWithDivergence {
  /// ∫ p·ln(p/q)
  public func divergence(from q: BetaDistribution) -> Tensor<Scalar> { klDivergence(self, q) }
}

extension BinomialDistribution: DistributionWithDivergence {
  /// ∫ p·ln(p/q)
  public func divergence(from q: BinomialDistribution) -> Tensor<Scalar> { klDivergence(self, q) }
}

extension CategoricalDistribution: DistributionWithDivergence {
  /// ∫ p·ln(p/q)
  public func divergence(from q: CategoricalDistribution) -> Tensor<Scalar> { klDivergence(self, q) }
}

extension CauchyDistribution: DistributionWithDivergence {
  /// ∫ p·ln(p/q)
  public func divergence(from q: CauchyDistribution) -> Tensor<Scalar> { klDivergence(self, q) }
}

extension ContinuousBernoulliDistribution: DistributionWithDivergence {
  /// ∫ p·ln(p/q)
  public func divergence(from q: ContinuousBernoulliDistribution) -> Tensor<Scalar> { klDivergence(self, q) }
}

extension DirichletDistribution: DistributionWithDivergence {
  /// ∫ p·ln(p/q)
  public func divergence(from q: DirichletDistribution) -> Tensor<Scalar> { klDivergence(self, q) }
}

extension ExponentialDistribution: DistributionWithDivergence {
  /// ∫ p·ln(p/q)
  public func divergence(from q: ExponentialDistribution) -> Tensor<Scalar> { klDivergence(self, q) }
}

extension GammaDistribution: DistributionWithDivergence {
  /// ∫ p·ln(p/q)
  public func divergence(from q: GammaDistribution) -> Tensor<Scalar> { klDivergence(self, q) }
}

extension GeometricDistribution: DistributionWithDivergence {
  /// ∫ p·ln(p/q)
  public func divergence(from q: GeometricDistribution) -> Tensor<Scalar> { klDivergence(self, q) }
}

extension GumbelDistribution: DistributionWithDivergence {
  /// ∫ p·ln(p/q)
  public func divergence(from q: GumbelDistribution) -> Tensor<Scalar> { klDivergence(self, q) }
}

extension HalfNormalDistribution: DistributionWithDivergence {
  /// ∫ p·ln(p/q)
  public func divergence(from q: HalfNormalDistribution) -> Tensor<Scalar> { klDivergence(self, q) }
}

extension InverseGammaDistribution: DistributionWithDivergence {
  /// ∫ p·ln(p/q)
  public func divergence(from q: InverseGammaDistribution) -> Tensor<Scalar> { klDivergence(self, q) }
}

extension LaplaceDistribution: DistributionWithDivergence {
  /// ∫ p·ln(p/q)
  public func divergence(from q: LaplaceDistribution) -> Tensor<Scalar> { klDivergence(self, q) }
}

extension LogNormalDistribution: DistributionWithDivergence {
  /// ∫ p·ln(p/q)
  public func divergence(from q: LogNormalDistribution) -> Tensor<Scalar> { klDivergence(self, q) }
}

extension LowRankMultivariateNormalDistribution: DistributionWithDivergence {
  /// ∫ p·ln(p/q)
  public func divergence(from q: LowRankMultivariateNormalDistribution) -> Tensor<Scalar> { klDivergence(self, q) }
}

extension MultivariateNormalDistribution: DistributionWithDivergence {
  /// ∫ p·ln(p/q)
  public func divergence(from q: MultivariateNormalDistribution) -> Tensor<Scalar> { klDivergence(self, q) }
}

extension NormalDistribution: DistributionWithDivergence {
  /// ∫ p·ln(p/q)
  public func divergence(from q: NormalDistribution) -> Tensor<Scalar> { klDivergence(self, q) }
}

extension OneHotCategoricalDistribution: DistributionWithDivergence {
  /// ∫ p·ln(p/q)
  public func divergence(from q: OneHotCategoricalDistribution) -> Tensor<Scalar> { klDivergence(self, q) }
}

extension ParetoDistribution: DistributionWithDivergence {
  /// ∫ p·ln(p/q)
  public func divergence(from q: ParetoDistribution) -> Tensor<Scalar> { klDivergence(self, q) }
}

extension PoissonDistribution: DistributionWithDivergence {
  /// ∫ p·ln(p/q)
  public func divergence(from q: PoissonDistribution) -> Tensor<Scalar> { klDivergence(self, q) }
}

extension UniformDistribution: DistributionWithDivergence {
  /// ∫ p·ln(p/q)
  public func divergence(from q: UniformDistribution) -> Tensor<Scalar> { klDivergence(self, q) }
}

extension VonMisesDistribution: DistributionWithDivergence {
  /// ∫ p·ln(p/q)
  public func divergence(from q: VonMisesDistribution) -> Tensor<Scalar> { klDivergence(self, q) }
}

extension WishartDistribution: DistributionWithDivergence {
  /// ∫ p·ln(p/q)
  public func divergence(from q: WishartDistribution) -> Tensor<Scalar> { klDivergence(self, q) }
}
