import TernBackend
import TernTensor

/// A distribution, or a batch of them: parameters are tensors that broadcast, and every element has its own.
///
/// ```swift
/// let policy = NormalDistribution(mean: network(state), deviation: Tensor<Float>(0.1))
/// let action = policy.sample()
/// let loss = -(policy.logProbability(action) * reward).mean()
/// ```
///
/// Gradients reach the parameters from ``logProbability(_:file:line:)``, ``mean``, ``variance`` and ``entropy``, and from what a
/// ``ReparameterizedDistribution`` draws by ``ReparameterizedDistribution/rsample(_:generator:file:line:)``.
public protocol Distribution<Scalar>: Sendable {
  /// The element type of parameters and probabilities.
  associatedtype Scalar: FloatingScalar
  /// The element type of what is drawn.
  associatedtype Outcome: TensorScalar = Scalar

  /// The shape of the parameters: how many distributions there are.
  var batchShape: [Int] { get }
  /// The shape of one draw; [] but for distributions of vectors.
  var eventShape: [Int] { get }
  /// The expected value; NaN where there is none.
  var mean: Tensor<Scalar> { get }
  /// The expected square of the distance from the mean; ∞ or NaN where there is none.
  var variance: Tensor<Scalar> { get }
  /// √variance, which is in the range of the numbers where the variance is not; √ of ``variance`` unless supplied.
  var deviation: Tensor<Scalar> { get }
  /// −E[ln p], in nats: [batchShape].
  var entropy: Tensor<Scalar> { get }

  /// A draw of shape + batchShape + eventShape, with gradients where the distribution has them.
  ///
  /// What a distribution of your own supplies for ``sample(_:generator:file:line:)``.
  func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Outcome>

  /// ln p of values that broadcast with batchShape + eventShape.
  ///
  /// What a distribution of your own supplies for ``logProbability(_:file:line:)``.
  func logDensity(at value: Tensor<Outcome>) -> Tensor<Scalar>
}

/// A distribution whose draws are a function of its parameters and of noise that does not depend on them, with gradients.
public protocol ReparameterizedDistribution<Scalar>: Distribution where Outcome == Scalar {}

/// A distribution of numbers whose distribution function is known.
public protocol CumulativeDistribution<Scalar>: Distribution where Outcome == Scalar {
  /// The probability of a number up to this one.
  ///
  /// What a distribution of your own supplies for ``cumulative(_:file:line:)``.
  @_disfavoredOverload
  func cumulative(_ value: Tensor<Scalar>) -> Tensor<Scalar>
}

/// A distribution of numbers whose distribution function and quantiles have a closed form.
public protocol UnivariateDistribution<Scalar>: CumulativeDistribution {
  /// The number below which this probability lies, the inverse of ``CumulativeDistribution/cumulative(_:file:line:)``.
  ///
  /// What a distribution of your own supplies for ``quantile(_:file:line:)``.
  @_disfavoredOverload
  func quantile(_ probability: Tensor<Scalar>) -> Tensor<Scalar>
}

extension Distribution {
  /// Numbers of the distribution, [shape + batchShape + eventShape], a constant of the graph.
  ///
  /// - Parameters:
  ///   - shape: how many for every element of the batch; one each where left out.
  ///   - generator: where they come from; the task's or the global one when `nil`.
  public func sample(
    _ shape: [Int] = [], generator: RandomGenerator? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Outcome> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return withoutGradients { draw(shape, from: generator) }.detached()
  }

  /// ln p(value): of a density, or of the probability of a discrete outcome; −∞ outside the support, NaN for NaN.
  ///
  /// Stops where the value does not broadcast with batchShape + eventShape.
  public func logProbability(_ value: Tensor<Outcome>, file: StaticString = #fileID, line: UInt = #line)
    -> Tensor<Scalar>
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let shape = batchShape + eventShape
    _ = broadcastShape(value.shape, shape, "logProbability")
    check(
      eventShape.isEmpty || value.shape.suffix(eventShape.count) == eventShape[...], "logProbability",
      "value \(value.shape) does not end in the event's shape \(eventShape)")
    let density = logDensity(at: value)
    guard let number = value as? Tensor<Scalar> else { return density }
    return density.keepingNaN(of: number, lastAxes: eventShape.count)
  }

  /// √variance
  public var deviation: Tensor<Scalar> { variance.sqrt() }
}

extension Tensor where Scalar: FloatingScalar {
  /// ln(a/b) of numbers above 0, also where the quotient leaves the range. Derivatives: 1/a and −1/b.
  func logRatio(to b: Tensor) -> Tensor {
    let quotient = withoutGradients { detached() / b.detached() }
    let isSafe = (quotient .>= .leastNormalMagnitude) .&& (quotient .< Scalar.infinity)
    guard isSafe.all().item else { return log() - b.log() }
    return withoutGradients { quotient.log() }.recordedPair(
      "log", self, b, firstNeeds: .first, secondNeeds: .second,
      { zeroQuotient($0.gradient, $0.input(0)) }, { -zeroQuotient($0.gradient, $0.input(1)) })
  }
}

extension CumulativeDistribution {
  /// The probability of a number up to this one.
  ///
  /// Stops where the value does not broadcast with the parameters.
  public func cumulative(
    _ value: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    _ = broadcastShape(value.shape, batchShape + eventShape, "cumulative")
    return self.cumulative(_:)(value)
  }
}

extension UnivariateDistribution {
  /// The number below which this probability lies, the inverse of ``CumulativeDistribution/cumulative(_:file:line:)``.
  ///
  /// Stops where the probability does not broadcast with the parameters.
  public func quantile(
    _ probability: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    _ = broadcastShape(probability.shape, batchShape + eventShape, "quantile")
    return self.quantile(_:)(probability)
  }
}

extension ReparameterizedDistribution {
  /// Numbers of the distribution, [shape + batchShape + eventShape], with gradients at its parameters.
  ///
  /// - Parameters:
  ///   - shape: how many for every element of the batch; one each where left out.
  ///   - generator: where they come from; the task's or the global one when `nil`.
  public func rsample(
    _ shape: [Int] = [], generator: RandomGenerator? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return draw(shape, from: generator)
  }
}

// What the distributions share.

/// Parameters at the shape that both broadcast to.
func broadcastParameters<Scalar: FloatingScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, _ name: String
) -> (Tensor<Scalar>, Tensor<Scalar>) {
  let shape = broadcastShape(a.shape, b.shape, name)
  return (a.broadcast(to: shape), b.broadcast(to: shape))
}

extension Tensor where Scalar: FloatingScalar {
  /// Stops at the first value of a parameter for which a condition does not hold; for NaN none holds.
  func require(_ distribution: String, _ name: String, _ expected: String, _ condition: (Tensor) -> Tensor<Bool>) {
    let values = detached()
    let holds = withoutGradients { condition(values) }
    guard !isEmpty, !holds.all().item else { return }
    let index = holds.cast(to: Int.self).flattened().argmin().item
    fail(distribution, "\(name) is \(values.flattened()[index].item), expected \(expected)")
  }

  /// Stops unless every value is above 0.
  func requirePositive(_ distribution: String, _ name: String) {
    require(distribution, name, "a number above 0") { $0 .> 0 }
  }

  /// Stops at NaN.
  func requireNumber(_ distribution: String, _ name: String) {
    require(distribution, name, "a number") { $0 .== $0 }
  }

  /// Stops unless every value lies in 0 ... 1.
  func requireProbability(_ distribution: String, _ name: String) {
    require(distribution, name, "0 ≤ p ≤ 1") { ($0 .>= 0) .&& ($0 .<= 1) }
  }

  /// These values where a condition holds, −∞ elsewhere; NaN conditions do not hold.
  func whereSupported(_ condition: Tensor<Bool>) -> Tensor { select(condition, self, -Scalar.infinity) }

  /// The values where a condition holds, and a harmless one elsewhere, whose derivatives are 0.
  func inside(_ condition: Tensor<Bool>, else value: Scalar) -> Tensor { select(condition, self, value) }
}
