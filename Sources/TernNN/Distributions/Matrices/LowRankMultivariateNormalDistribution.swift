import TernBackend
import TernTensor

/// Normal distributions of vectors with the covariance Σ = W·Wᵀ + diag(D), W of few columns.
///
/// A draw, ln p and the entropy of d numbers cost O(d·m²) for m columns, by C = I + Wᵀ·D⁻¹·W: |Σ| = |C|·Π D (matrix determinant
/// lemma), and Σ⁻¹ by C⁻¹ (Woodbury).
public struct LowRankMultivariateNormalDistribution<Scalar: FloatingScalar>: ReparameterizedDistribution {
  /// μ, [batchShape, d].
  public let mean: Tensor<Scalar>
  /// W, before it is broadcast, [..., d, m].
  private let factor: Tensor<Scalar>
  /// D, before it is broadcast, [..., d].
  private let diagonal: Tensor<Scalar>
  /// D^−½·W, [..., d, m].
  private let scaledFactor: Tensor<Scalar>
  /// The lower triangle L with L·Lᵀ = C, [..., m, m].
  private let capacitanceTriangle: Tensor<Scalar>

  /// Distributions around these means, μ + W·z + √D·e of standard normal z and e.
  ///
  /// - Parameters:
  ///   - mean: μ, [..., d].
  ///   - covarianceFactor: W, [..., d, m].
  ///   - covarianceDiagonal: D, [..., d], above 0; the leading axes of all three broadcast.
  ///
  /// Stops where shapes do not fit, for a mean or W that is not finite, and D that is not above 0.
  public init(
    mean: Tensor<Scalar>, covarianceFactor: Tensor<Scalar>, covarianceDiagonal: Tensor<Scalar>,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let name = "LowRankMultivariateNormalDistribution"
    check(mean.rank >= 1, name, "mean [] is not a vector")
    let d = mean.shape[mean.rank - 1]
    check(
      covarianceFactor.rank >= 2 && covarianceFactor.shape[covarianceFactor.rank - 2] == d, name,
      "covariance factor \(covarianceFactor.shape) for mean \(mean.shape), expected [..., \(d), m]")
    check(
      covarianceDiagonal.shape.last == d, name,
      "covariance diagonal \(covarianceDiagonal.shape) for mean \(mean.shape), expected [..., \(d)]")
    mean.requireNumber(name, "mean")
    covarianceFactor.require(name, "the covariance factor", "a finite number") { $0.isFinite() }
    covarianceDiagonal.requirePositive(name, "the covariance diagonal")
    let leading = broadcastShape(
      Array(covarianceFactor.shape.dropLast(2)), Array(covarianceDiagonal.shape.dropLast()), name)
    let batch = broadcastShape(Array(mean.shape.dropLast()), leading, name)
    self.mean = mean.broadcast(to: batch + [d])
    (factor, diagonal) = (covarianceFactor, covarianceDiagonal)
    scaledFactor = factor / diagonal.sqrt().expandedAxis(at: -1)
    let m = factor.shape[factor.rank - 1]
    let capacitance = matmul(scaledFactor.transposed(), scaledFactor) + Tensor(eye: m)
    do { capacitanceTriangle = try capacitance.choleskyFactor() } catch { fail(name, "\(error)") }
  }

  /// The shape of the parameters.
  public var batchShape: [Int] { mean.shape.dropLast() }
  /// The shape of one draw.
  public var eventShape: [Int] { mean.shape.suffix(1) }
  /// W, [batchShape, d, m].
  public var covarianceFactor: Tensor<Scalar> { factor.broadcast(to: mean.shape + factor.shape.suffix(1)) }
  /// D, [batchShape, d].
  public var covarianceDiagonal: Tensor<Scalar> { diagonal.broadcast(to: mean.shape) }
  /// The diagonal of Σ, [batchShape, d].
  public var variance: Tensor<Scalar> { (factor.square().sum(along: -1) + diagonal).broadcast(to: mean.shape) }
  /// Σ = W·Wᵀ + diag(D), [batchShape, d, d].
  public var covariance: Tensor<Scalar> {
    let whole = matmul(factor, factor.transposed()) + diagonal.diagonalMatrices()
    return whole.broadcast(to: mean.shape + eventShape)
  }
  /// Σ⁻¹ = D⁻¹ − D⁻¹·W·C⁻¹·Wᵀ·D⁻¹, [batchShape, d, d].
  public var precision: Tensor<Scalar> {
    let rows = whitened
    let whole = diagonal.reciprocal().diagonalMatrices() - matmul(rows.transposed(), rows)
    return whole.broadcast(to: mean.shape + eventShape)
  }
  /// L, lower triangular with Σ = L·Lᵀ, [batchShape, d, d].
  public var scaleTriangle: Tensor<Scalar> {
    // Of D^−½·Σ·D^−½, whose eigenvalues are at least 1.
    let scaled = matmul(scaledFactor, scaledFactor.transposed()) + Tensor(eye: dimension)
    do {
      let triangle = try scaled.choleskyFactor() * diagonal.sqrt().expandedAxis(at: -1)
      return triangle.broadcast(to: mean.shape + eventShape)
    } catch { fail("LowRankMultivariateNormalDistribution", "\(error)") }
  }
  /// ½·d·(1 + ln 2π) + ½·ln det Σ
  public var entropy: Tensor<Scalar> {
    (halfLogDeterminant + Scalar((halfLogTwoPi + 0.5) * Double(dimension))).broadcast(to: batchShape)
  }

  fileprivate var dimension: Int { mean.shape[mean.rank - 1] }
  fileprivate var halfLogDeterminant: Tensor<Scalar> {
    capacitanceTriangle.diagonal(axes: -2, -1).log().sum(along: -1) + diagonal.log().sum(along: -1) * 0.5
  }
  /// L⁻¹·Wᵀ·D⁻¹, [..., m, d].
  private var whitened: Tensor<Scalar> {
    solved(scaledFactor.transposed()) / diagonal.sqrt().expandedAxis(at: -2)
  }
  /// L⁻¹·b, or L⁻ᵀ·b.
  private func solved(_ b: Tensor<Scalar>, transposed: Bool = false) -> Tensor<Scalar> {
    do { return try solveTriangular(capacitanceTriangle, b, .lower, transposed: transposed) } catch {
      fail("LowRankMultivariateNormalDistribution", "\(error)")
    }
  }

  /// A draw of shape + batchShape + eventShape.
  public func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Scalar> {
    let generator = generator ?? Random.generator
    let few = factor.shape.suffix(1)
    let common = Tensor<Scalar>(randomNormal: shape + batchShape + few, generator: generator)
    let own = Tensor<Scalar>(randomNormal: shape + mean.shape, generator: generator) * diagonal.sqrt()
    if factor.rank == 2 { return matmul(common, factor.transposed()) + own + mean }
    return matmul(factor, common.expandedAxis(at: -1)).squeezed(-1) + own + mean
  }

  /// ln p of values that broadcast with batchShape + eventShape.
  public func logDensity(at value: Tensor<Scalar>) -> Tensor<Scalar> {
    let constant = Scalar(halfLogTwoPi * Double(dimension))
    return squaredDistance(value - mean) * -0.5 - halfLogDeterminant - constant
  }

  /// vᵀ·Σ⁻¹·v of vectors [..., d].
  fileprivate func squaredDistance(_ vectors: Tensor<Scalar>) -> Tensor<Scalar> {
    if factor.rank == 2 && diagonal.rank == 1 && vectors.rank > 1 {
      // One matrix for all: its vectors are columns.
      let columns = vectors.reshaped([vectors.count / Swift.max(dimension, 1), dimension]).transposed()
      return squaredDistances(columns: columns).reshaped(vectors.shape.dropLast())
    }
    return squaredDistances(columns: vectors.expandedAxis(at: -1)).squeezed(-1)
  }

  /// vᵀ·Σ⁻¹·v of the columns of [..., d, k], as [..., k].
  fileprivate func squaredDistances(columns: Tensor<Scalar>) -> Tensor<Scalar> {
    // The least |D^−½·(v − W·y)|² + |y|², at y = C⁻¹·Wᵀ·D⁻¹·v: a sum of squares, where Woodbury's difference cancels.
    let v = columns / diagonal.sqrt().expandedAxis(at: -1)
    let y = solved(solved(matmul(scaledFactor.transposed(), v)), transposed: true)
    return (v - matmul(scaledFactor, y)).square().sum(along: -2) + y.square().sum(along: -2)
  }

  /// tr(Σ⁻¹·diag(D)) for the D of another distribution, [..., d].
  fileprivate func trace(diagonal other: Tensor<Scalar>) -> Tensor<Scalar> {
    let common = (whitened.square() * other.expandedAxis(at: -2)).sum(along: [-2, -1])
    return (other / diagonal).sum(along: -1) - common
  }

  /// W and D before they are broadcast.
  fileprivate var parts: (factor: Tensor<Scalar>, diagonal: Tensor<Scalar>) { (factor, diagonal) }
}

/// Stops where the dimensions differ.
private func requireSameDimension(_ p: Int, _ q: Int) {
  check(p == q, "klDivergence", "distributions of \(p) and \(q) dimensions (\(p) ≠ \(q))")
}

/// ∫ p·ln(p/q): ½·(ln(det Σ_q/det Σₚ) + tr(Σ_q⁻¹·Σₚ) + (μ_q − μₚ)ᵀ·Σ_q⁻¹·(μ_q − μₚ) − d).
///
/// Stops where the dimensions differ.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: LowRankMultivariateNormalDistribution<Scalar>, _ q: LowRankMultivariateNormalDistribution<Scalar>,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  requireSameDimension(p.dimension, q.dimension)
  let common = q.squaredDistances(columns: p.parts.factor).sum(along: -1)
  let trace = common + q.trace(diagonal: p.parts.diagonal)
  let volumes = q.halfLogDeterminant - p.halfLogDeterminant
  return volumes + (trace + q.squaredDistance(q.mean - p.mean) - Scalar(p.dimension)) * 0.5
}

/// ∫ p·ln(p/q), the formula of two normal distributions. Stops where the dimensions differ.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: MultivariateNormalDistribution<Scalar>, _ q: LowRankMultivariateNormalDistribution<Scalar>,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  requireSameDimension(p.dimension, q.dimension)
  let trace = q.squaredDistances(columns: p.scaleTriangle).sum(along: -1)
  let volumes = q.halfLogDeterminant - p.halfLogDeterminant
  return volumes + (trace + q.squaredDistance(q.mean - p.mean) - Scalar(p.dimension)) * 0.5
}

/// ∫ p·ln(p/q), the formula of two normal distributions. Stops where the dimensions differ.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: LowRankMultivariateNormalDistribution<Scalar>, _ q: MultivariateNormalDistribution<Scalar>,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  requireSameDimension(p.dimension, q.dimension)
  let own = q.solved(p.parts.diagonal.sqrt().diagonalMatrices()).square().sum(along: [-2, -1])
  let trace = q.solved(p.parts.factor).square().sum(along: [-2, -1]) + own
  let volumes = q.halfLogDeterminant - p.halfLogDeterminant
  return volumes + (trace + q.squaredDistance(q.mean - p.mean) - Scalar(p.dimension)) * 0.5
}
