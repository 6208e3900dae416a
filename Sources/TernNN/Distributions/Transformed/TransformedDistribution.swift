import TernBackend
import TernTensor

/// The distribution of what bijectors make, one after the other, of a base distribution's numbers.
///
/// ```swift
/// let base = NormalDistribution(mean: network(state), deviation: Tensor<Float>(0.3))
/// let policy = TransformedDistribution(base, [TanhBijector(), AffineBijector(scale: Tensor(2))])
/// let action = policy.rsample()                    // between −2 and 2
/// let likelihood = policy.logProbability(action)
/// ```
///
/// ln p(y) = ln p_base(x) − Σ ln|det| of the bijectors at x = inverse(y). Gradients reach the parameters of the base and of the
/// bijectors. The divergence of two distributions through the same bijectors is that of their bases.
public struct TransformedDistribution<Base: Distribution>: Distribution where Base.Outcome == Base.Scalar {
  /// The element type of parameters and probabilities.
  public typealias Scalar = Base.Scalar
  /// The element type of what is drawn.
  public typealias Outcome = Base.Scalar

  /// Where the numbers come from.
  public let base: Base
  /// What is made of them, in order.
  public let bijectors: [any Bijector<Base.Scalar>]
  /// The shape of the base's and of the bijectors' parameters without the axes that belong to one draw.
  public let batchShape: [Int]
  /// The shape of one draw: axes of the base's batch are part of it where a bijector takes vectors or matrices.
  public let eventShape: [Int]
  /// Axes that the bijectors' parameters have before those of the base.
  private let leading: [Int]

  /// The distribution of what bijectors make of a base's numbers.
  ///
  /// Stops where shapes do not fit: a bijector takes more axes than there are, or has parameters that would give one number of
  /// the base several values.
  ///
  /// - Parameters:
  ///   - base: where the numbers come from.
  ///   - bijectors: what is made of them, in order.
  public init(
    _ base: Base, _ bijectors: [any Bijector<Base.Scalar>], file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let name = "TransformedDistribution"
    let start = base.batchShape + base.eventShape
    var (shape, axes) = (start, base.eventShape.count)
    for bijector in bijectors {
      check(
        shape.count >= bijector.inputAxes, name,
        "numbers \(shape) for \(type(of: bijector)), which takes \(bijector.inputAxes) axes")
      axes = Swift.max(axes, bijector.inputAxes) + bijector.outputAxes - bijector.inputAxes
      shape = bijector.forwardShape(shape)
    }
    var expanded = shape
    for bijector in bijectors.reversed() { expanded = bijector.inverseShape(expanded) }
    check(
      Array(expanded.suffix(start.count)) == start, name,
      "a base of shape \(start) for bijectors that take \(expanded); give the base parameters of that shape")
    (self.base, self.bijectors, leading) = (base, bijectors, Array(expanded.dropLast(start.count)))
    (batchShape, eventShape) = (Array(shape.dropLast(axes)), Array(shape.suffix(axes)))
  }

  /// Where all bijectors are affine: theirs one after the other; else `nil`.
  private var lines: [AffineBijector<Scalar>]? {
    let lines = bijectors.compactMap { $0 as? AffineBijector<Scalar> }
    return lines.count == bijectors.count ? lines : nil
  }

  /// That of the base moved along, of affine bijectors; NaN for others, of which there is no formula.
  public var mean: Tensor<Scalar> {
    guard let lines else { return Tensor(full: batchShape + eventShape, .nan) }
    return lines.reduce(base.mean.broadcast(to: batchShape + eventShape)) { $1.forward($0) }
  }
  /// That of the base by the square of the scale, of affine bijectors; NaN for others.
  public var variance: Tensor<Scalar> {
    guard let lines else { return Tensor(full: batchShape + eventShape, .nan) }
    return lines.reduce(base.variance.broadcast(to: batchShape + eventShape)) { $0 * $1.scale.square() }
  }
  /// That of the base and ln|scale|, of affine bijectors; NaN for others.
  public var entropy: Tensor<Scalar> {
    guard let lines else { return Tensor(full: batchShape, .nan) }
    let start = base.entropy.broadcast(to: batchShape)
    return lines.reduce(start) { total, line in
      total + line.scale.abs().log().broadcast(to: batchShape + eventShape).summed(last: eventShape.count)
    }
  }

  /// A draw of shape + batchShape + eventShape.
  public func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Scalar> {
    var value = base.draw(shape + leading, from: generator)
    for bijector in bijectors { value = bijector.forward(value) }
    return value
  }

  /// ln p of values that broadcast with batchShape + eventShape; −∞ of those that no number becomes.
  public func logDensity(at value: Tensor<Scalar>) -> Tensor<Scalar> {
    var (y, axes) = (value, eventShape.count)
    var determinants: Tensor<Scalar>?
    var isInside: Tensor<Bool>?
    for bijector in bijectors.reversed() {
      if let (values, holds) = bijector.restricted(y) {
        y = values
        let all = holds.all(last: axes - bijector.outputAxes)
        isInside = isInside.map { $0 .&& all } ?? all
      }
      let x = bijector.inverse(y)
      axes += bijector.inputAxes - bijector.outputAxes
      let term = bijector.logDeterminant(x, y).summed(last: axes - bijector.inputAxes)
      determinants = determinants.map { $0 + term } ?? term
      y = x
    }
    var density = base.logDensity(at: y).summed(last: axes - base.eventShape.count)
    if let determinants { density = density - determinants }
    return isInside.map { density.whereSupported($0) } ?? density
  }

  /// Values of the base's batch, summed over its axes that belong to one draw.
  func summedOverDraw(_ values: Tensor<Scalar>) -> Tensor<Scalar> {
    let shape = broadcastShape(values.shape, leading + base.batchShape, "klDivergence")
    return values.broadcast(to: shape).summed(last: leading.count + base.batchShape.count - batchShape.count)
  }

  /// The monotonicity of each bijector; stops where one has none.
  private func monotonicities(_ operation: String) -> [Monotonicity<Scalar>] {
    bijectors.map { bijector in
      guard let result = bijector.monotonicity else {
        fail(operation, "\(type(of: bijector)) is not known to rise or to fall")
      }
      return result
    }
  }
}

extension TransformedDistribution: ReparameterizedDistribution where Base: ReparameterizedDistribution {}

extension TransformedDistribution: CumulativeDistribution where Base: CumulativeDistribution {
  /// The probability of a number up to this one. Stops for a bijector without a monotonicity.
  @_disfavoredOverload
  public func cumulative(_ value: Tensor<Scalar>) -> Tensor<Scalar> {
    let courses = monotonicities("cumulative")
    var x = value
    for (bijector, course) in zip(bijectors, courses).reversed() {
      x = bijector.inverse(x.clamped(min: course.low, max: course.high))
    }
    let below = base.cumulative(x)
    return courses.isEmpty ? below : select(sign(courses) .< 0, 1 - below, below)
  }

  private func sign(_ courses: [Monotonicity<Scalar>]) -> Tensor<Scalar> {
    courses.dropFirst().reduce(courses[0].sign) { $0 * $1.sign }
  }
}

extension TransformedDistribution: UnivariateDistribution where Base: UnivariateDistribution {
  /// The number below which this probability lies. Stops for a bijector without a monotonicity.
  @_disfavoredOverload
  public func quantile(_ probability: Tensor<Scalar>) -> Tensor<Scalar> {
    let courses = monotonicities("quantile")
    let place = courses.isEmpty ? probability : select(sign(courses) .< 0, 1 - probability, probability)
    return bijectors.reduce(base.quantile(place)) { $1.forward($0) }
  }
}

extension Tensor where Scalar: FloatingScalar {
  /// The sum over the last axes.
  fileprivate func summed(last axes: Int) -> Tensor { axes <= 0 ? self : sum(along: (1...axes).map { -$0 }) }
}

extension Tensor where Scalar == Bool {
  /// Whether all hold over the last axes.
  fileprivate func all(last axes: Int) -> Tensor { axes <= 0 ? self : all(along: (1...axes).map { -$0 }) }
}
