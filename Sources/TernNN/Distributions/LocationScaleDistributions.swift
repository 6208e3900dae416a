import TernBackend
import TernTensor

// Uniform, Laplace, Gumbel and Cauchy numbers: a location, a scale, and a quantile in closed form.

/// γ
let euler = 0.577215664901532860607

/// Numbers spread evenly between two bounds, the upper one left out.
public struct UniformDistribution<Scalar: FloatingScalar>: ReparameterizedDistribution, UnivariateDistribution {
  /// The lower bounds.
  public let low: Tensor<Scalar>
  /// The upper bounds.
  public let high: Tensor<Scalar>

  /// Distributions between bounds that broadcast. Stops unless low < high.
  ///
  /// - Parameters:
  ///   - low: The lower bounds.
  ///   - high: The upper bounds.
  public init(low: Tensor<Scalar>, high: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    (self.low, self.high) = broadcastParameters(low, high, "UniformDistribution")
    let bounds = self
    self.high.require("UniformDistribution", "high", "a number above low") { $0 .> bounds.low.detached() }
  }

  /// Between bounds that are known to be right.
  init(inside low: Tensor<Scalar>, _ high: Tensor<Scalar>) { (self.low, self.high) = (low, high) }

  /// A single uniform distribution.
  ///
  /// - Parameters:
  ///   - low: The lower bounds.
  ///   - high: The upper bounds.
  public init(low: Scalar = 0, high: Scalar = 1, file: StaticString = #fileID, line: UInt = #line) {
    self.init(low: Tensor(low), high: Tensor(high), file: file, line: line)
  }

  /// The shape of the parameters.
  public var batchShape: [Int] { low.shape }
  /// The shape of one draw.
  public var eventShape: [Int] { [] }
  /// The expected value.
  public var mean: Tensor<Scalar> { low * 0.5 + high * 0.5 }
  /// The expected square of the distance from the mean.
  public var variance: Tensor<Scalar> { deviation.square() }
  /// (high − low)/√12
  public var deviation: Tensor<Scalar> { halfWidth * Scalar(0.577350269189625764509) }
  /// −E[ln p], in nats.
  public var entropy: Tensor<Scalar> { logWidth }

  /// Half the distance of the bounds, which is in the range of the numbers where the distance is not.
  var halfWidth: Tensor<Scalar> { high * 0.5 - low * 0.5 }

  /// ln(high − low)
  var logWidth: Tensor<Scalar> {
    let width = high - low
    return width.isAllFinite ? width.log() : halfWidth.log() + Scalar(0.693147180559945309417)
  }

  /// A draw of shape + batchShape + eventShape.
  public func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Scalar> {
    place(Tensor(randomUniform: shape + batchShape, generator: generator))
  }

  /// The number that a fraction of the width lies above the lower bound.
  private func place(_ fraction: Tensor<Scalar>) -> Tensor<Scalar> {
    let width = high - low
    return width.isAllFinite ? fraction * width + low : fraction * high + (1 - fraction) * low
  }

  /// ln p of values that broadcast with batchShape + eventShape.
  public func logDensity(at value: Tensor<Scalar>) -> Tensor<Scalar> {
    let isInside = (value .>= low) .&& (value .< high)
    return (-logWidth).broadcast(to: isInside.shape).whereSupported(isInside)
  }

  /// The probability of a number up to this one.
  @_disfavoredOverload
  public func cumulative(_ value: Tensor<Scalar>) -> Tensor<Scalar> {
    let width = high - low
    let place = width.isAllFinite ? (value - low) / width : (value * 0.5 - low * 0.5) / halfWidth
    return place.clamped(min: 0, max: 1)
  }
  /// The number below which this probability lies.
  @_disfavoredOverload
  public func quantile(_ probability: Tensor<Scalar>) -> Tensor<Scalar> {
    place(probability.asProbability())
  }
}

/// ∫ p·ln(p/q): the logarithm of the quotient of the widths; ∞ where p reaches beyond q.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: UniformDistribution<Scalar>, _ q: UniformDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let quotient = q.halfWidth.logRatio(to: p.halfWidth)
  return select((q.low .> p.low) .|| (q.high .< p.high), Scalar.infinity, quotient)
}

/// Laplace distributions, density e^(−|x − mean|/scale)/(2·scale).
public struct LaplaceDistribution<Scalar: FloatingScalar>: ReparameterizedDistribution, UnivariateDistribution {
  /// The centers.
  public let mean: Tensor<Scalar>
  /// The mean distances from the center.
  public let scale: Tensor<Scalar>

  /// Distributions of these centers and scales, which broadcast. Stops for a mean of NaN and a scale not above 0.
  ///
  /// - Parameters:
  ///   - mean: The centers.
  ///   - scale: The scales.
  public init(mean: Tensor<Scalar>, scale: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    mean.requireNumber("LaplaceDistribution", "mean")
    scale.requirePositive("LaplaceDistribution", "scale")
    (self.mean, self.scale) = broadcastParameters(mean, scale, "LaplaceDistribution")
  }

  /// The shape of the parameters.
  public var batchShape: [Int] { mean.shape }
  /// The shape of one draw.
  public var eventShape: [Int] { [] }
  /// The expected square of the distance from the mean.
  public var variance: Tensor<Scalar> { scale.square() * 2 }
  /// scale·√2
  public var deviation: Tensor<Scalar> { scale * Scalar(1.41421356237309504880) }
  /// −E[ln p], in nats.
  public var entropy: Tensor<Scalar> { scale.log() + Scalar(1.693147180559945309417) }

  /// A draw of shape + batchShape + eventShape.
  public func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Scalar> {
    // An exponential number on a random side.
    let generator = generator ?? Random.generator
    let distance = Tensor<Scalar>(randomExponential: shape + batchShape, generator: generator)
    let side = Tensor<Scalar>(randomBernoulli: shape + batchShape, probability: 0.5, generator: generator) * 2 - 1
    return distance * side * scale + mean
  }

  /// ln p of values that broadcast with batchShape + eventShape.
  public func logDensity(at value: Tensor<Scalar>) -> Tensor<Scalar> {
    let distance = (value - mean).abs() / scale
    return -distance - scale.log() - Scalar(0.693147180559945309417)
  }

  /// The probability of a number up to this one.
  @_disfavoredOverload
  public func cumulative(_ value: Tensor<Scalar>) -> Tensor<Scalar> {
    let z = (value - mean) / scale
    let tail = (-z.abs()).exp() * 0.5
    return select(z .> 0, 1 - tail, tail)
  }
  /// The number below which this probability lies.
  @_disfavoredOverload
  public func quantile(_ probability: Tensor<Scalar>) -> Tensor<Scalar> {
    let side = probability - 0.5
    return mean - scale * side.sign() * (side.abs() * -2).log1p()
  }
}

/// ∫ p·ln(p/q): with t = |μₚ − μ_q|, ln(b_q/bₚ) + t/b_q + bₚ/b_q·e^(−t/bₚ) − 1.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: LaplaceDistribution<Scalar>, _ q: LaplaceDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let ratio = p.scale / q.scale
  let distance = (p.mean - q.mean).abs()
  return distance / q.scale - p.scale.logRatio(to: q.scale) + ratio * (-distance / p.scale).exp() - 1
}

/// Gumbel distributions, of the greatest of many numbers: F(x) = exp(−e^(−(x − location)/scale)).
public struct GumbelDistribution<Scalar: FloatingScalar>: ReparameterizedDistribution, UnivariateDistribution {
  /// The most likely values.
  public let location: Tensor<Scalar>
  /// The scales.
  public let scale: Tensor<Scalar>

  /// Distributions of these locations and scales, which broadcast. Stops for a location of NaN and a scale not above 0.
  ///
  /// - Parameters:
  ///   - location: The locations.
  ///   - scale: The scales.
  public init(location: Tensor<Scalar>, scale: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    location.requireNumber("GumbelDistribution", "location")
    scale.requirePositive("GumbelDistribution", "scale")
    (self.location, self.scale) = broadcastParameters(location, scale, "GumbelDistribution")
  }

  /// The shape of the parameters.
  public var batchShape: [Int] { location.shape }
  /// The shape of one draw.
  public var eventShape: [Int] { [] }
  /// location + γ·scale
  public var mean: Tensor<Scalar> { scale * Scalar(euler) + location }
  /// π²/6·scale²
  public var variance: Tensor<Scalar> { scale.square() * Scalar(1.64493406684822643647) }
  /// π/√6·scale
  public var deviation: Tensor<Scalar> { scale * Scalar(1.28254983016186409554) }
  /// −E[ln p], in nats.
  public var entropy: Tensor<Scalar> { scale.log() + Scalar(1 + euler) }

  /// A draw of shape + batchShape + eventShape.
  public func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Scalar> {
    location - Tensor(randomExponential: shape + batchShape, generator: generator).log() * scale
  }

  /// ln p of values that broadcast with batchShape + eventShape.
  public func logDensity(at value: Tensor<Scalar>) -> Tensor<Scalar> {
    let y = (location - value) / scale
    // At −∞ the second term wins.
    return y.inside(y .< Scalar.infinity, else: 0) - y.exp() - scale.log()
  }

  /// The probability of a number up to this one.
  @_disfavoredOverload
  public func cumulative(_ value: Tensor<Scalar>) -> Tensor<Scalar> { (-((location - value) / scale).exp()).exp() }
  /// The number below which this probability lies.
  @_disfavoredOverload
  public func quantile(_ probability: Tensor<Scalar>) -> Tensor<Scalar> {
    location - (-probability.log()).log() * scale
  }
}

/// ∫ p·ln(p/q), with r = bₚ/b_q: (μₚ − μ_q)/b_q − ln r + γ·(r − 1) − 1 + Γ(1 + r)·e^((μ_q − μₚ)/b_q).
public func klDivergence<Scalar: FloatingScalar>(
  _ p: GumbelDistribution<Scalar>, _ q: GumbelDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let ratio = p.scale / q.scale
  let distance = (p.location - q.location) / q.scale
  let last = ((ratio + 1).lgamma() - distance).exp()
  return distance - p.scale.logRatio(to: q.scale) + (ratio - 1) * Scalar(euler) - 1 + last
}

/// Cauchy distributions, density 1/(π·scale·(1 + ((x − median)/scale)²)); they have no mean and no variance.
public struct CauchyDistribution<Scalar: FloatingScalar>: ReparameterizedDistribution, UnivariateDistribution {
  /// The centers.
  public let median: Tensor<Scalar>
  /// Half the widths at half the height.
  public let scale: Tensor<Scalar>

  /// Distributions of these medians and scales, which broadcast. Stops for a median of NaN and a scale not above 0.
  ///
  /// - Parameters:
  ///   - median: The medians.
  ///   - scale: The scales.
  public init(median: Tensor<Scalar>, scale: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    median.requireNumber("CauchyDistribution", "median")
    scale.requirePositive("CauchyDistribution", "scale")
    (self.median, self.scale) = broadcastParameters(median, scale, "CauchyDistribution")
  }

  /// The shape of the parameters.
  public var batchShape: [Int] { median.shape }
  /// The shape of one draw.
  public var eventShape: [Int] { [] }
  /// NaN
  public var mean: Tensor<Scalar> { Tensor(full: batchShape, .nan) }
  /// ∞
  public var variance: Tensor<Scalar> { Tensor(full: batchShape, .infinity) }
  /// ln(4π·scale)
  public var entropy: Tensor<Scalar> { scale.log() + Scalar(2.53102424696929079310) }

  /// A draw of shape + batchShape + eventShape.
  public func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Scalar> {
    Tensor(randomCauchy: shape + batchShape, generator: generator) * scale + median
  }

  /// ln p of values that broadcast with batchShape + eventShape.
  public func logDensity(at value: Tensor<Scalar>) -> Tensor<Scalar> {
    let z = (value - median) / scale
    return -z.log1pSquare() - scale.log() - Scalar(1.14472988584940017414)
  }

  /// The probability of a number up to this one.
  @_disfavoredOverload
  public func cumulative(_ value: Tensor<Scalar>) -> Tensor<Scalar> {
    ((value - median) / scale).atan() * Scalar(0.318309886183790671538) + 0.5
  }
  /// The number below which this probability lies.
  @_disfavoredOverload
  public func quantile(_ probability: Tensor<Scalar>) -> Tensor<Scalar> {
    probability.tangentOfProbability() * scale + median
  }
}

/// ∫ p·ln(p/q): ln(((σₚ + σ_q)² + (mₚ − m_q)²)/(4·σₚ·σ_q)).
public func klDivergence<Scalar: FloatingScalar>(
  _ p: CauchyDistribution<Scalar>, _ q: CauchyDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  // The geometric mean of half the distance (σₚ + σ_q, mₚ − m_q) to the scales.
  let length = hypot(p.scale * 0.5 + q.scale * 0.5, p.median * 0.5 - q.median * 0.5)
  return length.logRatio(to: p.scale) + length.logRatio(to: q.scale)
}
