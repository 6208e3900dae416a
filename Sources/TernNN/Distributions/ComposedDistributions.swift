import TernBackend
import TernTensor

// Distributions made of others: the last axes of a batch as one vector, and mixtures.

/// Independent distributions taken for one of vectors: the last axes of a batch become the event.
///
/// ```swift
/// let policy = IndependentDistribution(NormalDistribution(mean: mean, deviation: deviation))
/// policy.logProbability(action)  // one number a row of [batch, actions]
/// ```
public struct IndependentDistribution<Base: Distribution>: Distribution {
  /// The element type of parameters and probabilities.
  public typealias Scalar = Base.Scalar
  /// The element type of what is drawn.
  public typealias Outcome = Base.Outcome

  /// The distributions of the elements.
  public let base: Base
  /// How many of the last axes are one event.
  public let axes: Int

  /// The last axes of a batch of distributions as one event. Stops for more axes than the batch has.
  public init(_ base: Base, axes: Int = 1, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      (0...base.batchShape.count).contains(axes), "IndependentDistribution",
      "\(axes) axes of a batch \(base.batchShape), expected 0 to \(base.batchShape.count)")
    (self.base, self.axes) = (base, axes)
  }

  /// The shape of the parameters without the last axes.
  public var batchShape: [Int] { base.batchShape.dropLast(axes) }
  /// The last axes, and the shape of one draw of the base.
  public var eventShape: [Int] { base.batchShape.suffix(axes) + base.eventShape }
  /// The expected value.
  public var mean: Tensor<Scalar> { base.mean }
  /// The expected square of the distance from the mean, element by element.
  public var variance: Tensor<Scalar> { base.variance }
  /// That of the base distribution.
  public var deviation: Tensor<Scalar> { base.deviation }
  /// The sum of the elements' entropies.
  public var entropy: Tensor<Scalar> { summed(base.entropy) }

  /// A draw of shape + batchShape + eventShape.
  public func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Outcome> {
    base.draw(shape, from: generator)
  }

  /// The sum of ln p of the elements.
  public func logDensity(at value: Tensor<Outcome>) -> Tensor<Scalar> { summed(base.logDensity(at: value)) }

  func summed(_ values: Tensor<Scalar>) -> Tensor<Scalar> {
    axes == 0 ? values : values.sum(along: (1...axes).map { -$0 })
  }
}

extension IndependentDistribution: ReparameterizedDistribution where Base: ReparameterizedDistribution {}

/// Mixtures: a category is drawn, and a number or vector of its component. Gradients reach the parameters from
/// ``Distribution/logProbability(_:file:line:)``.
public struct MixtureDistribution<Component: Distribution>: Distribution where Component.Outcome == Component.Scalar {
  /// The element type of parameters and probabilities.
  public typealias Scalar = Component.Scalar
  /// The element type of what is drawn.
  public typealias Outcome = Component.Scalar

  /// How often each component is drawn.
  public let weights: CategoricalDistribution<Scalar>
  /// The components, along the last axis of their batch.
  public let components: Component

  /// Mixtures of the components along the last axis of a batch. Stops where their number is not that of the categories, and
  /// where the batch before it is not that of the weights.
  public init(
    weights: CategoricalDistribution<Scalar>, components: Component, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let name = "MixtureDistribution"
    let expected = weights.batchShape + [weights.categories]
    let isNamed = components.batchShape.last == weights.categories
    check(
      isNamed && (weights.batchShape.isEmpty || components.batchShape == expected), name,
      "components of a batch \(components.batchShape), expected \(expected)")
    (self.weights, self.components) = (weights, components)
  }

  /// The shape of the components' batch without its last axis.
  public var batchShape: [Int] { components.batchShape.dropLast() }
  /// The shape of one draw.
  public var eventShape: [Int] { components.eventShape }
  /// The axis of the components in what they answer.
  private var axis: Int { -1 - eventShape.count }

  /// The weights' probabilities as they broadcast with the components' moments.
  private var probabilities: Tensor<Scalar> {
    eventShape.reduce(weights.probabilities) { result, _ in result.expandedAxis(at: -1) }
  }

  /// Σ w·mean
  public var mean: Tensor<Scalar> { (probabilities * components.mean).sum(along: axis) }
  /// Σ w·(variance + (mean − the mixture's)²), element by element.
  public var variance: Tensor<Scalar> {
    let distance = components.mean - mean.expandedAxis(at: axis)
    return (probabilities * (components.variance + distance.square())).sum(along: axis)
  }
  /// NaN: there is no formula.
  public var entropy: Tensor<Scalar> { Tensor(full: batchShape, .nan) }

  /// A draw of shape + batchShape + eventShape.
  public func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Scalar> {
    let generator = generator ?? Random.generator
    let whole = shape + batchShape
    let probabilities = weights.probabilities.broadcast(to: batchShape + [weights.categories])
    var index = CategoricalDistribution(probabilities: probabilities.detached()).draw(shape, from: generator)
    let drawn = components.draw(shape, from: generator)
    for _ in 0...eventShape.count { index = index.expandedAxis(at: -1) }
    let place = index.broadcast(to: whole + [1] + eventShape)
    return drawn.gathered(place, along: axis).squeezed(axis)
  }

  /// ln Σ w·p
  public func logDensity(at value: Tensor<Scalar>) -> Tensor<Scalar> {
    let densities = components.logDensity(at: value.expandedAxis(at: axis))
    return (densities + weights.logProbabilities).logSumExp(along: -1)
  }
}
