import TernBackend
import TernTensor

/// Zeros and ones relaxed to numbers between them that have gradients (binary Concrete).
///
/// A draw is the sigmoid of (logits + a logistic number)/temperature. Sources: Maddison, Mnih and Teh 2016, "The Concrete
/// distribution"; Jang, Gu and Poole 2016.
public struct RelaxedBernoulliDistribution<Scalar: FloatingScalar>: ReparameterizedDistribution {
  /// Small ones give almost zeros and ones.
  public let temperature: Tensor<Scalar>
  /// The distribution that is relaxed.
  public let single: BernoulliDistribution<Scalar>

  /// Distributions of this temperature and these ln(p/(1 − p)), which broadcast.
  ///
  /// Stops for a temperature not above 0, and at NaN.
  ///
  /// - Parameters:
  ///   - temperature: The temperatures.
  ///   - logits: ln(p/(1 − p)) of a one.
  public init(
    temperature: Tensor<Scalar>, logits: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self.init(temperature, BernoulliDistribution(logits: logits))
  }

  /// Distributions of this temperature and these probabilities of a one, which broadcast.
  ///
  /// Stops for a temperature not above 0 and a probability outside 0 ... 1.
  ///
  /// - Parameters:
  ///   - temperature: The temperatures.
  ///   - probability: The probabilities of a one.
  public init(
    temperature: Tensor<Scalar>, probability: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self.init(temperature, BernoulliDistribution(probability: probability))
  }

  private init(_ temperature: Tensor<Scalar>, _ single: BernoulliDistribution<Scalar>) {
    temperature.requirePositive("RelaxedBernoulliDistribution", "temperature")
    let (shared, logits) = broadcastParameters(temperature, single.logits, "RelaxedBernoulliDistribution")
    self.temperature = shared
    self.single = single.logits.shape == logits.shape ? single : BernoulliDistribution(logits: logits)
  }

  /// The shape of the parameters.
  public var batchShape: [Int] { single.batchShape }
  /// The shape of one draw.
  public var eventShape: [Int] { [] }
  /// NaN: there is no closed form.
  public var mean: Tensor<Scalar> { Tensor(full: batchShape, .nan) }
  /// NaN: there is no closed form.
  public var variance: Tensor<Scalar> { mean }
  /// NaN: there is no closed form.
  public var entropy: Tensor<Scalar> { mean }

  /// A draw of shape + batchShape, above 0 and below 1.
  public func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Scalar> {
    let uniform = Tensor<Scalar>(
      randomUniform: shape + batchShape, in: Scalar.leastNormalMagnitude..<1, generator: generator)
    let noise = uniform.log() - (-uniform).log1p()
    let drawn = ((single.logits + noise) / temperature).sigmoid()
    return drawn.clamped(min: .leastNormalMagnitude, max: 1 - .ulpOfOne)
  }

  /// ln τ + d − 2·ln(1 + eᵈ) − ln x − ln(1 − x) with d = logits − τ·ln(x/(1 − x)); −∞ outside 0 … 1.
  public func logDensity(at value: Tensor<Scalar>) -> Tensor<Scalar> {
    let isBetween = (value .> 0) .&& (value .< 1)
    let x = value.inside(isBetween, else: 0.5)
    let d = single.logits - temperature * (x.log() - (-x).log1p())
    let inside: Tensor<Scalar> = d.logSigmoid() + (-d).logSigmoid() - x.log() - (-x).log1p() + temperature.log()
    // At 0 and 1 the limit is infinite, but for τ = 1: logits' other side stays.
    let isEnd = (value .== 0) .|| (value .== 1)
    let side = select(value .== 1, single.logits, -single.logits)
    let end = zeroProduct(1 - temperature.detached(), Tensor<Scalar>(Scalar.infinity)) + side + temperature.log()
    return select(isBetween, inside, end).whereSupported(isBetween .|| isEnd)
  }
}
