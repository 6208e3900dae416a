import TernBackend
import TernTensor

/// A function with an inverse and a known determinant of its derivative, which moves a distribution to another, see
/// ``TransformedDistribution``.
///
/// One of your own supplies ``forward(_:)``, ``inverse(_:)`` and ``logDeterminant(_:_:)``, and ``inputAxes`` and
/// ``outputAxes`` where it takes whole vectors or matrices:
///
/// ```swift
/// struct Cube: Bijector {
///   func forward(_ x: Tensor<Float>) -> Tensor<Float> { x * x * x }
///   func inverse(_ y: Tensor<Float>) -> Tensor<Float> { y.cbrt() }
///   func logDeterminant(_ x: Tensor<Float>, _ y: Tensor<Float>) -> Tensor<Float> { (x.square() * 3).log() }
/// }
/// ```
public protocol Bijector<Scalar>: Sendable {
  /// The element type.
  associatedtype Scalar: FloatingScalar

  /// How many of the last axes of an input belong together: 0 element by element, 1 for vectors, 2 for matrices.
  var inputAxes: Int { get }
  /// How many of the last axes of a result belong together.
  var outputAxes: Int { get }
  /// y of x.
  func forward(_ x: Tensor<Scalar>) -> Tensor<Scalar>
  /// x of y.
  func inverse(_ y: Tensor<Scalar>) -> Tensor<Scalar>
  /// ln|det ∂y/∂x| where y = forward(x): the shape of x without its last ``inputAxes``.
  func logDeterminant(_ x: Tensor<Scalar>, _ y: Tensor<Scalar>) -> Tensor<Scalar>
  /// The shape of the results of inputs of a shape.
  func forwardShape(_ shape: [Int]) -> [Int]
  /// The shape of the inputs of results of a shape.
  func inverseShape(_ shape: [Int]) -> [Int]
  /// Where it rises or falls, and between which values, of a function element by element; `nil` of any other.
  var monotonicity: Monotonicity<Scalar>? { get }
  /// Which results exist, [y's shape without its last ``outputAxes``], and those with a harmless one in the place of others;
  /// `nil` where all do.
  func restricted(_ y: Tensor<Scalar>) -> (values: Tensor<Scalar>, isInside: Tensor<Bool>)?
}

/// How a function of one number goes on: it rises, or it falls, and its results lie between two values.
public struct Monotonicity<Scalar: FloatingScalar>: Sendable {
  /// 1 where the function rises, −1 where it falls; the shape broadcasts with the input's.
  public let sign: Tensor<Scalar>
  /// What all results lie above.
  public let low: Scalar
  /// What all results lie below.
  public let high: Scalar

  /// A function that rises where `sign` is 1, and falls where it is −1, between two values.
  ///
  /// - Parameters:
  ///   - sign: 1 or −1.
  ///   - low: What all results lie above.
  ///   - high: What all results lie below.
  public init(sign: Tensor<Scalar> = Tensor(1), low: Scalar = -.infinity, high: Scalar = .infinity) {
    (self.sign, self.low, self.high) = (sign, low, high)
  }

  /// A value between both ends.
  fileprivate var middle: Scalar {
    if low.isFinite { return high.isFinite ? (low + high) / 2 : low + 1 }
    return high.isFinite ? high - 1 : 0
  }
}

extension Bijector {
  /// 0: element by element.
  public var inputAxes: Int { 0 }
  /// 0: element by element.
  public var outputAxes: Int { 0 }
  /// The same shape.
  public func forwardShape(_ shape: [Int]) -> [Int] { shape }
  /// The same shape.
  public func inverseShape(_ shape: [Int]) -> [Int] { shape }
  /// `nil`: not known.
  public var monotonicity: Monotonicity<Scalar>? { nil }
  /// Results between the ends of its monotonicity, or all.
  public func restricted(_ y: Tensor<Scalar>) -> (values: Tensor<Scalar>, isInside: Tensor<Bool>)? {
    guard let ends = monotonicity, ends.low.isFinite || ends.high.isFinite else { return nil }
    let isInside = (y .> ends.low) .&& (y .< ends.high)
    return (y.inside(isInside, else: ends.middle), isInside)
  }
  /// The function from y to x.
  public var inverted: InverseBijector<Self> { InverseBijector(self) }
}

/// The inverse of a function: its `forward` is the other's `inverse`.
public struct InverseBijector<Base: Bijector>: Bijector {
  /// The element type.
  public typealias Scalar = Base.Scalar
  /// The function whose inverse it is.
  public let base: Base

  /// The inverse of a function.
  public init(_ base: Base) { self.base = base }

  /// The results' axes of the function.
  public var inputAxes: Int { base.outputAxes }
  /// The inputs' axes of the function.
  public var outputAxes: Int { base.inputAxes }
  /// x of y of the function.
  public func forward(_ x: Tensor<Scalar>) -> Tensor<Scalar> { base.inverse(x) }
  /// y of x of the function.
  public func inverse(_ y: Tensor<Scalar>) -> Tensor<Scalar> { base.forward(y) }
  /// −ln|det| of the function.
  public func logDeterminant(_ x: Tensor<Scalar>, _ y: Tensor<Scalar>) -> Tensor<Scalar> { -base.logDeterminant(y, x) }
  /// The shape of the function's inputs.
  public func forwardShape(_ shape: [Int]) -> [Int] { base.inverseShape(shape) }
  /// The shape of the function's results.
  public func inverseShape(_ shape: [Int]) -> [Int] { base.forwardShape(shape) }
  /// That of the function, with results of any size.
  public var monotonicity: Monotonicity<Scalar>? { base.monotonicity.map { Monotonicity(sign: $0.sign) } }
}
