import TernBackend
import TernTensor

/// Distributions of Cholesky factors L of d×d correlation matrices, density in proportion to |L·Lᵀ|^(η − 1) of the matrices:
/// Π Lᵢᵢ^(2η − 2 + d − i) of the factors, i from 2 to d.
///
/// η = 1 is uniform over correlation matrices; larger ones are nearer to the identity. Each correlation has the distribution
/// 2·Beta(η + d/2 − 1, η + d/2 − 1) − 1. PyTorch 2.13 draws rows from the third on with another distribution than that of its
/// `log_prob`; these agree.
///
/// Source: Lewandowski, Kurowicka & Joe 2009, "Generating random correlation matrices based on vines and extended onion method".
public struct LKJCholeskyDistribution<Scalar: FloatingScalar>: Distribution {
  /// d, rows of the matrices.
  public let dimension: Int
  /// η, [batchShape].
  public let concentration: Tensor<Scalar>

  /// Distributions of factors of d×d matrices. Stops unless d is at least 2 and η above 0.
  ///
  /// - Parameters:
  ///   - dimension: d, rows of the matrices, at least 2.
  ///   - concentration: η, above 0.
  public init(
    dimension: Int, concentration: Tensor<Scalar> = Tensor(1), file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(dimension >= 2, "LKJCholeskyDistribution", "dimension \(dimension), expected at least 2")
    _ = Sizes.product([dimension, dimension], "LKJCholeskyDistribution", "the matrix")
    concentration.requirePositive("LKJCholeskyDistribution", "concentration")
    (self.dimension, self.concentration) = (dimension, concentration)
  }

  /// The shape of the parameters.
  public var batchShape: [Int] { concentration.shape }
  /// [d, d]
  public var eventShape: [Int] { [dimension, dimension] }

  /// i/2, for rows 1 to d − 1: of the squared length yᵢ of a row before its diagonal, which is Beta(i/2, η + (d − 1 − i)/2).
  private var halfRows: Tensor<Scalar> { Tensor((1..<dimension).map { Scalar($0) * 0.5 }) }
  /// η + (d − 1 − i)/2, [batchShape, d − 1].
  private var remaining: Tensor<Scalar> {
    concentration.expandedAxis(at: -1) + (Scalar(dimension - 1) * 0.5 - halfRows)
  }

  /// E[Lᵢᵢ] = E[√(1 − yᵢ)] on the diagonal, 0 elsewhere.
  public var mean: Tensor<Scalar> { withFirst(diagonalMean, 1).diagonalMatrices() }

  /// E[yᵢ]/i before the diagonal, E[1 − yᵢ] − E[Lᵢᵢ]² on it.
  public var variance: Tensor<Scalar> {
    let (a, b) = (halfRows, remaining)
    let total = a + b
    let each = withFirst(a / total / (a * 2), 0).expandedAxis(at: -1)
    let triangle = Tensor<Scalar>(ones: eventShape).lowerTriangle(diagonal: -1)
    return each * triangle + withFirst(b / total - diagonalMean.square(), 0).diagonalMatrices()
  }

  /// ln Z − Σ (2η − 2 + d − i)·E[ln Lᵢᵢ], with E[ln Lᵢᵢ] = ½·(ψ(b) − ψ(a + b)) of yᵢ's parameters
  public var entropy: Tensor<Scalar> {
    let (a, b) = (halfRows, remaining)
    let logarithms = (b.digamma() - (a + b).digamma()) * 0.5
    return logNormalizer - (orders * logarithms).sum(along: -1)
  }

  /// E[√(1 − y)] = B(a, b + ½)/B(a, b), [batchShape, d − 1].
  private var diagonalMean: Tensor<Scalar> {
    let (a, b) = (halfRows, remaining)
    let total = a + b
    let above: Tensor<Scalar> = (b + 0.5).lgamma() - b.lgamma()
    return (above + total.lgamma() - (total + 0.5).lgamma()).exp()
  }

  /// Values of rows 1 to d − 1 behind one of row 0.
  private func withFirst(_ values: Tensor<Scalar>, _ first: Scalar) -> Tensor<Scalar> {
    concatenate([Tensor(full: batchShape + [1], first), values], along: -1)
  }

  /// 2η − 2 + d − i for i from 2 to d, [batchShape, d − 1].
  private var orders: Tensor<Scalar> {
    let counts = Tensor<Scalar>((2...dimension).map { Scalar(dimension - $0) })
    return (concentration.expandedAxis(at: -1) - 1) * 2 + counts
  }

  /// ln Z: ½·(d − 1)·ln π + ln Γ_(d−1)(α − ½) − (d − 1)·ln Γ(α) with α = η + (d − 1)/2.
  private var logNormalizer: Tensor<Scalar> {
    let n = Scalar(dimension - 1)
    let alpha = concentration + n * 0.5
    let constant = n * Scalar(0.572364942924700087072)
    return (alpha - 0.5).multivariateLGamma(dimensions: dimension - 1) - alpha.lgamma() * n + constant
  }

  /// A draw of shape + batchShape + eventShape: rows of a random direction and length.
  public func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Scalar> {
    let generator = generator ?? Random.generator
    let whole = shape + batchShape
    let rows = whole + [dimension - 1]
    let squares = Tensor(
      randomBeta: halfRows.broadcast(to: rows), remaining.detached().broadcast(to: rows), generator: generator)
    let normal = Tensor<Scalar>(randomNormal: rows + [dimension], generator: generator).lowerTriangle()
    let length = normal.norm(along: -1, keepingAxes: true)
    // A row whose numbers are all 0 stays 0.
    let directions = normal / select(length .== 0, 1, length)
    let below = directions * squares.sqrt().expandedAxis(at: -1)
    let tiny = Scalar.leastNormalMagnitude
    let diagonal = (1 - below.square().sum(along: -1)).clamped(min: tiny).sqrt()
    let first = Tensor<Scalar>(ones: whole + [1])
    let matrix = concatenate([Tensor(zeros: whole + [1, dimension]), below], along: -2)
    return matrix + concatenate([first, diagonal], along: -1).diagonalMatrices()
  }

  /// ln p by the diagonal of a factor [..., d, d]; −∞ where it is not above 0. Whether rows have the length 1 is not looked at.
  public func logDensity(at value: Tensor<Scalar>) -> Tensor<Scalar> {
    let diagonal = value.diagonal(axes: -2, -1).narrowed(axis: -1, start: 1, length: dimension - 1)
    let isInside = diagonal .> 0
    let powers = (orders * diagonal.inside(isInside, else: 1).log()).sum(along: -1)
    return (powers - logNormalizer).whereSupported(isInside.all(along: -1))
  }
}
