import TernBackend
import TernTensor

/// Wishart distributions, of positive definite matrices: density in proportion to
/// |X|^((ν − d − 1)/2)·e^(−½·tr(V⁻¹·X)).
///
/// For whole ν it is that of Σ z·zᵀ of ν normal vectors z with the covariance V. Draws have gradients, those at ν by implicit
/// reparameterization without a second derivative.
public struct WishartDistribution<Scalar: FloatingScalar>: ReparameterizedDistribution {
  /// ν, the degrees of freedom, [batchShape].
  public let degrees: Tensor<Scalar>
  /// L, lower triangular with V = L·Lᵀ, [batchShape, d, d].
  public let scaleTriangle: Tensor<Scalar>

  /// Distributions of ν degrees of freedom with V = L·Lᵀ.
  ///
  /// Stops where shapes do not fit, the diagonal is not above 0, or ν not above d − 1.
  ///
  /// - Parameters:
  ///   - degrees: ν, above d − 1.
  ///   - scaleTriangle: L, [..., d, d], of which the lower triangle is read; the leading axes broadcast with ν's.
  public init(
    degrees: Tensor<Scalar>, scaleTriangle: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let name = "WishartDistribution"
    Self.requireShapes(degrees, scaleTriangle, "scale triangle")
    scaleTriangle.diagonal(axes: -2, -1).requirePositive(name, "the diagonal of the scale triangle")
    let d = scaleTriangle.shape[scaleTriangle.rank - 1]
    degrees.require(name, "degrees", "a finite number above \(d - 1)") { ($0 .> Scalar(d - 1)) .&& $0.isFinite() }
    let batch = broadcastShape(degrees.shape, Array(scaleTriangle.shape.dropLast(2)), name)
    self.degrees = degrees.broadcast(to: batch)
    self.scaleTriangle = scaleTriangle.lowerTriangle().broadcast(to: batch + [d, d])
  }

  /// Distributions of ν degrees of freedom and matrices V, [..., d, d].
  ///
  /// Stops where shapes do not fit or ν is not above d − 1; throws where a matrix is not positive definite.
  ///
  /// - Parameters:
  ///   - degrees: ν, above d − 1.
  ///   - covariance: V, the mean divided by ν, [..., d, d].
  public init(degrees: Tensor<Scalar>, covariance: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line)
    throws(LinearAlgebraError)
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    Self.requireShapes(degrees, covariance, "covariance")
    self.init(degrees: degrees, scaleTriangle: try covariance.choleskyFactor(), file: file, line: line)
  }

  /// Distributions of ν degrees of freedom and inverses V⁻¹, [..., d, d].
  ///
  /// Stops where shapes do not fit or ν is not above d − 1; throws where a matrix is not positive definite.
  ///
  /// - Parameters:
  ///   - degrees: ν, above d − 1.
  ///   - precision: V⁻¹, [..., d, d].
  public init(degrees: Tensor<Scalar>, precision: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line)
    throws(LinearAlgebraError)
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    Self.requireShapes(degrees, precision, "precision")
    self.init(degrees: degrees, scaleTriangle: try precision.scaleTriangleOfPrecision(), file: file, line: line)
  }

  private static func requireShapes(_ degrees: Tensor<Scalar>, _ matrix: Tensor<Scalar>, _ what: String) {
    let shape = matrix.shape
    check(
      shape.count >= 2 && shape[shape.count - 1] == shape[shape.count - 2] && shape[shape.count - 1] >= 1,
      "WishartDistribution", "\(what) \(shape), expected [..., d, d]")
    _ = broadcastShape(degrees.shape, Array(shape.dropLast(2)), "WishartDistribution")
  }

  /// The shape of the parameters.
  public var batchShape: [Int] { degrees.shape }
  /// [d, d]
  public var eventShape: [Int] { scaleTriangle.shape.suffix(2) }
  /// V = L·Lᵀ, [batchShape, d, d].
  public var covariance: Tensor<Scalar> { matmul(scaleTriangle, scaleTriangle.transposed()) }
  /// ν·V
  public var mean: Tensor<Scalar> { degrees.reshaped(batchShape + [1, 1]) * covariance }
  /// ν·(Vᵢⱼ² + Vᵢᵢ·Vⱼⱼ)
  public var variance: Tensor<Scalar> {
    let v = covariance
    let diagonal = v.diagonal(axes: -2, -1)
    let products = diagonal.expandedAxis(at: -1) * diagonal.expandedAxis(at: -2)
    return degrees.reshaped(batchShape + [1, 1]) * (v.square() + products)
  }
  /// (d + 1)·½·ln|2V| + ln Γ_d(ν/2) − ½·(ν − d − 1)·ψ_d(ν/2) + ½·ν·d
  public var entropy: Tensor<Scalar> {
    let d = Scalar(dimension)
    let slope: Tensor<Scalar> = (degrees - (d + 1)) * 0.5 * multivariateDigamma
    return halfLogVolume * (d + 1) + logGamma - slope + degrees * (0.5 * d)
  }

  fileprivate var dimension: Int { scaleTriangle.shape[scaleTriangle.rank - 1] }
  /// ½·ln|2V|
  fileprivate var halfLogVolume: Tensor<Scalar> {
    scaleTriangle.diagonal(axes: -2, -1).log().sum(along: -1) + Scalar(0.346573590279972654709 * Double(dimension))
  }
  /// ln Γ_d(ν/2)
  fileprivate var logGamma: Tensor<Scalar> { (degrees * 0.5).multivariateLGamma(dimensions: dimension) }
  /// ψ_d(ν/2) = Σ ψ((ν − i)/2)
  fileprivate var multivariateDigamma: Tensor<Scalar> { halfDegrees.digamma().sum(along: -1) }
  /// (ν − i)/2 for 0 ≤ i < d, [batchShape, d].
  private var halfDegrees: Tensor<Scalar> {
    (degrees.expandedAxis(at: -1) - Tensor<Scalar>((0..<dimension).map { Scalar($0) })) * 0.5
  }
  /// V⁻¹
  fileprivate var precision: Tensor<Scalar> {
    do {
      let inverse = try solveTriangular(scaleTriangle, Tensor<Scalar>(eye: dimension), .lower)
      return matmul(inverse.transposed(), inverse)
    } catch { fail("WishartDistribution", "\(error)") }
  }

  /// A draw of shape + batchShape + eventShape, by Bartlett's decomposition.
  public func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Scalar> {
    let generator = generator ?? Random.generator
    let whole = shape + batchShape
    let normal = Tensor<Scalar>(randomNormal: whole + eventShape, generator: generator).lowerTriangle(diagonal: -1)
    let gamma = Tensor(randomGamma: halfDegrees.broadcast(to: whole + [dimension]), generator: generator)
    let tiny = Scalar.leastNormalMagnitude
    let factor = matmul(scaleTriangle, normal + (gamma * 2).clamped(min: tiny).sqrt().diagonalMatrices())
    return matmul(factor, factor.transposed())
  }

  /// ln p of matrices [..., d, d]; −∞ of those that are not positive definite, of which the lower triangle is read.
  public func logDensity(at value: Tensor<Scalar>) -> Tensor<Scalar> {
    let (matrix, isInside) = value.positiveDefinite()
    let logDeterminant: Tensor<Scalar>
    do { logDeterminant = try matrix.choleskyFactor().diagonal(axes: -2, -1).log().sum(along: -1) * 2 } catch {
      fail("WishartDistribution", "\(error)")
    }
    let power: Tensor<Scalar> = (degrees - Scalar(dimension + 1)) * 0.5 * logDeterminant
    let trace: Tensor<Scalar> = (precision * matrix).sum(along: [-2, -1]) * 0.5
    return (power - trace - degrees * halfLogVolume - logGamma).whereSupported(isInside)
  }
}

extension Tensor where Scalar: FloatingScalar {
  /// These matrices, with identities in the place of those that are not positive definite, and which are: [..., d, d], [...].
  fileprivate func positiveDefinite() -> (matrices: Tensor, isInside: Tensor<Bool>) {
    let batch = Array(shape.dropLast(2))
    let all = detached().contiguous
    if (try? all.choleskyFactor()) != nil { return (self, Tensor<Bool>(full: batch, true)) }
    let count = batch.reduce(1, *)
    let rows = all.reshaped([count] + shape.suffix(2))
    let holds = Tensor<Bool>((0..<count).map { (try? rows[$0].choleskyFactor()) != nil }, shape: batch)
    let identity = Tensor<Scalar>(eye: shape[rank - 1])
    return (select(holds.reshaped(batch + [1, 1]), self, identity), holds)
  }

  /// L with (L·Lᵀ)⁻¹ = this matrix, [..., d, d].
  func scaleTriangleOfPrecision() throws(LinearAlgebraError) -> Tensor {
    // Of M·Mᵀ = Σ⁻¹ with its axes reversed, M reversed is an upper triangle U with U·Uᵀ = Σ⁻¹: L is the inverse of Uᵀ.
    let factor = try flipped([-2, -1]).choleskyFactor().flipped([-2, -1]).transposed()
    return try solveTriangular(factor, Tensor(eye: factor.shape[factor.rank - 1]), .lower)
  }
}

/// ∫ p·ln(p/q): ν_q·½·ln(|V_q|/|Vₚ|) + ln(Γ_d(ν_q/2)/Γ_d(νₚ/2)) + ½·(νₚ − ν_q)·ψ_d(νₚ/2) + ½·νₚ·(tr(V_q⁻¹·Vₚ) − d).
///
/// Stops where the dimensions differ.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: WishartDistribution<Scalar>, _ q: WishartDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(
    p.dimension == q.dimension, "klDivergence",
    "distributions of \(p.dimension) and \(q.dimension) dimensions (\(p.dimension) ≠ \(q.dimension))")
  let volumes: Tensor<Scalar> = q.degrees * (q.halfLogVolume - p.halfLogVolume)
  let slopes: Tensor<Scalar> = (p.degrees - q.degrees) * 0.5 * p.multivariateDigamma
  let trace: Tensor<Scalar> = (q.precision * p.covariance).sum(along: [-2, -1]) - Scalar(p.dimension)
  return volumes + q.logGamma - p.logGamma + slopes + p.degrees * 0.5 * trace
}
