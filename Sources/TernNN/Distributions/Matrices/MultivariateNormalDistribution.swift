import TernBackend
import TernTensor

/// Normal distributions of vectors, density e^(−½·(x − μ)ᵀ·Σ⁻¹·(x − μ))/√((2π)ᵈ·det Σ).
public struct MultivariateNormalDistribution<Scalar: FloatingScalar>: ReparameterizedDistribution {
  /// μ, [batchShape, d].
  public let mean: Tensor<Scalar>
  /// L, lower triangular with Σ = L·Lᵀ, [batchShape, d, d].
  public let scaleTriangle: Tensor<Scalar>

  /// Distributions around these means, μ + L·z of standard normal z.
  ///
  /// - Parameters:
  ///   - mean: μ, [..., d].
  ///   - scaleTriangle: L, [..., d, d], of which the lower triangle is read; the leading axes broadcast.
  ///
  /// Stops where shapes do not fit, a mean is NaN, or the diagonal is not above 0.
  public init(mean: Tensor<Scalar>, scaleTriangle: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let name = "MultivariateNormalDistribution"
    Self.requireShapes(mean, scaleTriangle, name, "scale triangle")
    mean.requireNumber(name, "mean")
    scaleTriangle.diagonal(axes: -2, -1).requirePositive(name, "the diagonal of the scale triangle")
    let d = mean.shape[mean.rank - 1]
    let batch = broadcastShape(Array(mean.shape.dropLast()), Array(scaleTriangle.shape.dropLast(2)), name)
    self.mean = mean.broadcast(to: batch + [d])
    self.scaleTriangle = scaleTriangle.lowerTriangle().broadcast(to: batch + [d, d])
  }

  /// Distributions of these means and covariance matrices Σ, [..., d, d].
  ///
  /// Stops where shapes do not fit or a mean is NaN; throws where a matrix is not positive definite.
  ///
  /// - Parameters:
  ///   - mean: The means, [..., d].
  ///   - covariance: The covariance matrices, [..., d, d].
  public init(mean: Tensor<Scalar>, covariance: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line)
    throws(LinearAlgebraError)
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    Self.requireShapes(mean, covariance, "MultivariateNormalDistribution", "covariance")
    self.init(mean: mean, scaleTriangle: try covariance.choleskyFactor(), file: file, line: line)
  }

  /// Distributions of these means and inverses Σ⁻¹ of the covariance matrices, [..., d, d].
  ///
  /// Stops where shapes do not fit or a mean is NaN; throws where a matrix is not positive definite.
  ///
  /// - Parameters:
  ///   - mean: The means, [..., d].
  ///   - precision: The inverses of the covariance matrices, [..., d, d].
  public init(mean: Tensor<Scalar>, precision: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line)
    throws(LinearAlgebraError)
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    Self.requireShapes(mean, precision, "MultivariateNormalDistribution", "precision")
    self.init(mean: mean, scaleTriangle: try precision.scaleTriangleOfPrecision(), file: file, line: line)
  }

  private static func requireShapes(_ mean: Tensor<Scalar>, _ matrix: Tensor<Scalar>, _ name: String, _ what: String) {
    check(mean.rank >= 1, name, "mean [] is not a vector")
    let d = mean.shape[mean.rank - 1]
    check(
      matrix.rank >= 2 && Array(matrix.shape.suffix(2)) == [d, d], name,
      "\(what) \(matrix.shape) for mean \(mean.shape), expected [..., \(d), \(d)]")
    _ = broadcastShape(Array(mean.shape.dropLast()), Array(matrix.shape.dropLast(2)), name)
  }

  /// The shape of the parameters.
  public var batchShape: [Int] { mean.shape.dropLast() }
  /// The shape of one draw.
  public var eventShape: [Int] { mean.shape.suffix(1) }
  /// The diagonal of Σ, [batchShape, d].
  public var variance: Tensor<Scalar> { scaleTriangle.square().sum(along: -1) }
  /// Σ = L·Lᵀ, [batchShape, d, d].
  public var covariance: Tensor<Scalar> { matmul(scaleTriangle, scaleTriangle.transposed()) }
  /// ½·d·(1 + ln 2π) + ½·ln det Σ
  public var entropy: Tensor<Scalar> { halfLogDeterminant + Scalar(1.41893853320467274178 * Double(dimension)) }

  var dimension: Int { mean.shape[mean.rank - 1] }
  var halfLogDeterminant: Tensor<Scalar> { scaleTriangle.diagonal(axes: -2, -1).log().sum(along: -1) }

  /// A draw of shape + batchShape + eventShape.
  public func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Scalar> {
    let noise = Tensor<Scalar>(randomNormal: shape + mean.shape, generator: generator)
    if scaleTriangle.rank == 2 { return matmul(noise, scaleTriangle.transposed()) + mean }
    return matmul(scaleTriangle, noise.expandedAxis(at: -1)).squeezed(-1) + mean
  }

  /// ln p of values that broadcast with batchShape + eventShape.
  public func logDensity(at value: Tensor<Scalar>) -> Tensor<Scalar> {
    let constant = Scalar(halfLogTwoPi * Double(dimension))
    return squaredDistance(value - mean) * -0.5 - halfLogDeterminant - constant
  }

  /// |L⁻¹·v|² of vectors [..., d].
  func squaredDistance(_ vectors: Tensor<Scalar>) -> Tensor<Scalar> {
    let count = vectors.count / Swift.max(dimension, 1)
    if scaleTriangle.rank == 2 && vectors.rank != 1 {
      // One matrix for all: its solutions are columns.
      let columns = vectors.reshaped([count, dimension]).transposed()
      return solved(columns).square().sum(along: 0).reshaped(vectors.shape.dropLast())
    }
    return solved(vectors.expandedAxis(at: -1)).square().sum(along: [-2, -1])
  }

  /// L⁻¹·b
  func solved(_ b: Tensor<Scalar>) -> Tensor<Scalar> {
    do { return try solveTriangular(scaleTriangle, b, .lower) } catch {
      fail("MultivariateNormalDistribution", "\(error)")
    }
  }
}

/// ∫ p·ln(p/q): ½·(ln(det Σ_q/det Σₚ) + tr(Σ_q⁻¹·Σₚ) + (μ_q − μₚ)ᵀ·Σ_q⁻¹·(μ_q − μₚ) − d).
///
/// Stops where the dimensions differ.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: MultivariateNormalDistribution<Scalar>, _ q: MultivariateNormalDistribution<Scalar>,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(
    p.dimension == q.dimension, "klDivergence",
    "distributions of \(p.dimension) and \(q.dimension) dimensions (\(p.dimension) ≠ \(q.dimension))")
  let trace = q.solved(p.scaleTriangle).square().sum(along: [-2, -1])
  let distance = q.squaredDistance(q.mean - p.mean)
  let volumes = q.halfLogDeterminant - p.halfLogDeterminant
  return volumes + (trace + distance - Scalar(p.dimension)) * 0.5
}
