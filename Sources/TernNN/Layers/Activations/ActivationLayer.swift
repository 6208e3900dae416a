import TernBackend
import TernTensor

/// The base class of activations without options, which keep the shape and have no parameters.
public class ActivationLayer<Scalar: FloatingScalar>: Layer, CountedByElement {
  /// Creates the layer, which has no options.
  public init() {}

  /// Creates the layer, which has no options, with `Float` values.
  public init() where Scalar == Float {}

  /// The function of every element, in the input's shape.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { fail("\(Self.self)", "has no forward") }

  var operationsPerElement: Int { 1 }
}

/// The base class of functions along one axis, see ``Softmax``.
public class AxisActivation<Scalar: FloatingScalar>: Layer, CountedByElement {
  /// The axis along which the function runs.
  public let axis: Int

  /// Creates a function along an axis.
  ///
  /// - Parameter axis: the axis, −rank to rank − 1; a negative one counts from the end.
  public init(axis: Int = -1) { self.axis = axis }

  /// Creates a function along an axis, with `Float` values.
  ///
  /// - Parameter axis: the axis, −rank to rank − 1; a negative one counts from the end.
  public init(axis: Int = -1) where Scalar == Float { self.axis = axis }

  /// The function along the axis.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { fail("\(Self.self)", "has no forward") }

  /// Maximum, difference, exponential, sum, and a quotient or a difference.
  var operationsPerElement: Int { 5 }
}

/// The base class of exponential units: the identity above 0, an exponential with the limit −α below.
public class ExponentialUnit<Scalar: FloatingScalar>: Layer, CountedByElement {
  /// α; the limit at −∞ is −α.
  public let alpha: Double

  /// Creates an exponential unit.
  ///
  /// - Parameter alpha: α; the limit at −∞ is −α. ``CELU`` stops for 0.
  public init(alpha: Double = 1, fileID file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self.alpha = alpha
    checkAlpha()
  }

  /// Creates an exponential unit with `Float` values.
  ///
  /// - Parameter alpha: α; the limit at −∞ is −α. ``CELU`` stops for 0.
  public convenience init(alpha: Double = 1, file: StaticString = #fileID, line: UInt = #line) where Scalar == Float {
    self.init(alpha: alpha, fileID: file, line: line)
  }

  /// Stops for an α that the function does not take.
  func checkAlpha() {}

  /// The function of every element, in the input's shape.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { fail("\(Self.self)", "has no forward") }
}

/// The base class of shrinkage functions: elements of magnitude λ or less become 0.
public class ShrinkActivation<Scalar: FloatingScalar>: Layer, CountedByElement {
  /// λ.
  public let lambda: Double

  /// Creates a shrinkage function.
  ///
  /// - Parameter lambda: λ, the largest magnitude that becomes 0; stops for NaN, ``SoftShrink`` also below 0.
  public init(lambda: Double = 0.5, fileID file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self.lambda = lambda
    checkLambda()
  }

  /// Creates a shrinkage function with `Float` values.
  ///
  /// - Parameter lambda: λ, the largest magnitude that becomes 0; stops for NaN, ``SoftShrink`` also below 0.
  public convenience init(lambda: Double = 0.5, file: StaticString = #fileID, line: UInt = #line)
  where Scalar == Float { self.init(lambda: lambda, fileID: file, line: line) }

  /// Stops for a λ that the function does not take.
  func checkLambda() {}

  /// The function of every element, in the input's shape.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { fail("\(Self.self)", "has no forward") }
}
