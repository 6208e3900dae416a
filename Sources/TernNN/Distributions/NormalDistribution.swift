import TernBackend
import TernTensor

/// ½·ln 2π
let halfLogTwoPi = 0.918938533204672741780

/// Normal distributions, density e^(−((x − mean)/deviation)²/2)/(deviation·√(2π)).
public struct NormalDistribution<Scalar: FloatingScalar>: ReparameterizedDistribution, UnivariateDistribution {
  /// The centers.
  public let mean: Tensor<Scalar>
  /// The standard deviations.
  public let deviation: Tensor<Scalar>

  /// Normal distributions of these centers and standard deviations, which broadcast.
  ///
  /// Stops for a mean that is NaN and a deviation that is not above 0.
  ///
  /// - Parameters:
  ///   - mean: The means.
  ///   - deviation: The standard deviations.
  public init(mean: Tensor<Scalar>, deviation: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    mean.requireNumber("NormalDistribution", "mean")
    deviation.requirePositive("NormalDistribution", "deviation")
    (self.mean, self.deviation) = broadcastParameters(mean, deviation, "NormalDistribution")
  }

  /// A single normal distribution.
  ///
  /// - Parameters:
  ///   - mean: The means.
  ///   - deviation: The standard deviations.
  public init(mean: Scalar = 0, deviation: Scalar = 1, file: StaticString = #fileID, line: UInt = #line) {
    self.init(mean: Tensor(mean), deviation: Tensor(deviation), file: file, line: line)
  }

  /// The shape of the parameters.
  public var batchShape: [Int] { mean.shape }
  /// The shape of one draw.
  public var eventShape: [Int] { [] }
  /// The expected square of the distance from the mean.
  public var variance: Tensor<Scalar> { deviation.square() }
  /// ½ + ½·ln 2π + ln deviation
  public var entropy: Tensor<Scalar> { deviation.log() + Scalar(0.5 + halfLogTwoPi) }

  /// A draw of shape + batchShape + eventShape.
  public func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Scalar> {
    Tensor(randomNormal: shape + batchShape, generator: generator) * deviation + mean
  }

  /// ln p of values that broadcast with batchShape + eventShape.
  public func logDensity(at value: Tensor<Scalar>) -> Tensor<Scalar> {
    let z = (value - mean) / deviation
    return z.square() * -0.5 - deviation.log() - Scalar(halfLogTwoPi)
  }

  /// The probability of a number up to this one.
  @_disfavoredOverload
  public func cumulative(_ value: Tensor<Scalar>) -> Tensor<Scalar> { ((value - mean) / deviation).ndtr() }
  /// The number below which this probability lies.
  @_disfavoredOverload
  public func quantile(_ probability: Tensor<Scalar>) -> Tensor<Scalar> { probability.ndtri() * deviation + mean }
}

/// ∫ p·ln(p/q): ½·((σₚ² + (μₚ − μ_q)²)/σ_q² − 1) − ln(σₚ/σ_q).
public func klDivergence<Scalar: FloatingScalar>(
  _ p: NormalDistribution<Scalar>, _ q: NormalDistribution<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let ratio = (p.deviation / q.deviation).square()
  let distance = ((p.mean - q.mean) / q.deviation).square()
  return (ratio + distance - 1) * 0.5 - p.deviation.logRatio(to: q.deviation)
}

/// Numbers whose logarithms are normal.
public struct LogNormalDistribution<Scalar: FloatingScalar>: ReparameterizedDistribution, UnivariateDistribution {
  /// The distribution of the logarithms.
  public let logarithm: NormalDistribution<Scalar>

  /// Distributions whose logarithms have these means and standard deviations, which broadcast.
  ///
  /// Stops for a mean that is NaN and a deviation that is not above 0.
  ///
  /// - Parameters:
  ///   - logMean: The means of the logarithms.
  ///   - logDeviation: The standard deviations of the logarithms.
  public init(
    logMean: Tensor<Scalar>, logDeviation: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
  ) {
    logarithm = NormalDistribution(mean: logMean, deviation: logDeviation, file: file, line: line)
  }

  /// The shape of the parameters.
  public var batchShape: [Int] { logarithm.batchShape }
  /// The shape of one draw.
  public var eventShape: [Int] { [] }
  /// e^(μ + σ²/2)
  public var mean: Tensor<Scalar> { (logarithm.mean + logarithm.variance * 0.5).exp() }
  /// (e^(σ²) − 1)·e^(2μ + σ²)
  public var variance: Tensor<Scalar> {
    -((logarithm.mean + logarithm.variance) * 2).exp() * (-logarithm.variance).expm1()
  }
  /// −E[ln p], in nats.
  public var entropy: Tensor<Scalar> { logarithm.entropy + logarithm.mean }

  /// A draw of shape + batchShape + eventShape.
  public func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Scalar> {
    logarithm.draw(shape, from: generator).exp()
  }

  /// ln p of values that broadcast with batchShape + eventShape.
  public func logDensity(at value: Tensor<Scalar>) -> Tensor<Scalar> {
    let isInside = value .> 0
    let logarithms = value.inside(isInside, else: 1).log()
    return (logarithm.logDensity(at: logarithms) - logarithms).whereSupported(isInside)
  }

  /// The probability of a number up to this one.
  @_disfavoredOverload
  public func cumulative(_ value: Tensor<Scalar>) -> Tensor<Scalar> {
    let isOutside = value .<= 0
    return select(isOutside, Scalar.zero, logarithm.cumulative(value.inside(.!isOutside, else: 1).log()))
  }
  /// The number below which this probability lies.
  @_disfavoredOverload
  public func quantile(_ probability: Tensor<Scalar>) -> Tensor<Scalar> { logarithm.quantile(probability).exp() }
}

/// ∫ p·ln(p/q), that of the logarithms.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: LogNormalDistribution<Scalar>, _ q: LogNormalDistribution<Scalar>, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return klDivergence(p.logarithm, q.logarithm)
}

/// Magnitudes of normal numbers around 0: density √2·e^(−(x/scale)²/2)/(scale·√π) for x ≥ 0.
public struct HalfNormalDistribution<Scalar: FloatingScalar>: ReparameterizedDistribution, UnivariateDistribution {
  /// The standard deviations of the normal numbers.
  public let scale: Tensor<Scalar>

  /// Distributions of the magnitudes of normal numbers of these deviations. Stops for one that is not above 0.
  ///
  /// - Parameter scale: The standard deviations of the normal numbers.
  public init(scale: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    scale.requirePositive("HalfNormalDistribution", "scale")
    self.scale = scale
  }

  /// The shape of the parameters.
  public var batchShape: [Int] { scale.shape }
  /// The shape of one draw.
  public var eventShape: [Int] { [] }
  /// scale·√(2/π)
  public var mean: Tensor<Scalar> { scale * Scalar(0.797884560802865355880) }
  /// scale²·(1 − 2/π)
  public var variance: Tensor<Scalar> { deviation.square() }
  /// scale·√(1 − 2/π)
  public var deviation: Tensor<Scalar> { scale * Scalar(0.602810274989086974276) }
  /// −E[ln p], in nats.
  public var entropy: Tensor<Scalar> { scale.log() + Scalar(0.5 + halfLogTwoPi - 0.693147180559945309417) }

  /// A draw of shape + batchShape + eventShape.
  public func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Scalar> {
    Tensor(randomNormal: shape + batchShape, generator: generator).abs() * scale
  }

  /// ln p of values that broadcast with batchShape + eventShape.
  public func logDensity(at value: Tensor<Scalar>) -> Tensor<Scalar> {
    let constant = Scalar(0.693147180559945309417 - halfLogTwoPi)
    let density = (value / scale).square() * -0.5 - scale.log() + constant
    return density.whereSupported(value .>= 0)
  }

  /// The probability of a number up to this one.
  @_disfavoredOverload
  public func cumulative(_ value: Tensor<Scalar>) -> Tensor<Scalar> {
    let z = value.inside(.!(value .< 0), else: 0) / scale
    return (z * Scalar(0.707106781186547524401)).erf()
  }
  /// The number below which this probability lies.
  @_disfavoredOverload
  public func quantile(_ probability: Tensor<Scalar>) -> Tensor<Scalar> {
    probability.asProbability().erfInverse() * scale * Scalar(1.41421356237309504880)
  }
}

/// ∫ p·ln(p/q): ½·((σₚ/σ_q)² − 1) − ln(σₚ/σ_q).
public func klDivergence<Scalar: FloatingScalar>(
  _ p: HalfNormalDistribution<Scalar>, _ q: HalfNormalDistribution<Scalar>, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let ratio = (p.scale / q.scale).square()
  return (ratio - 1) * 0.5 - p.scale.logRatio(to: q.scale)
}
