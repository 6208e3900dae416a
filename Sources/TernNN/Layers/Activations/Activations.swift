import TernBackend
import TernTensor

// Activations as layers. Each keeps shape and layout and has nothing to learn.

/// max(x, 0). Source: Nair & Hinton 2010.
public final class ReLU<Scalar: FloatingScalar>: Layer {
  /// The activation over a scalar type.
  public init(of _: Scalar.Type) {}
  /// The activation.
  public convenience init() { self.init(of: Scalar.self) }
  /// The activation of every element.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.relu() }
}

extension ReLU where Scalar == Float {
  /// The activation.
  public convenience init() { self.init(of: Float.self) }
}

/// The logistic function 1/(1 + e⁻ˣ), element by element.
public final class Sigmoid<Scalar: FloatingScalar>: Layer {
  /// The activation over a scalar type.
  public init(of _: Scalar.Type) {}
  /// The activation.
  public convenience init() { self.init(of: Scalar.self) }
  /// The activation of every element.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.sigmoid() }
}

extension Sigmoid where Scalar == Float {
  /// The activation.
  public convenience init() { self.init(of: Float.self) }
}

/// The hyperbolic tangent, element by element.
public final class Tanh<Scalar: FloatingScalar>: Layer {
  /// The activation over a scalar type.
  public init(of _: Scalar.Type) {}
  /// The activation.
  public convenience init() { self.init(of: Scalar.self) }
  /// The activation of every element.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.tanh() }
}

extension Tanh where Scalar == Float {
  /// The activation.
  public convenience init() { self.init(of: Float.self) }
}

/// x/(1 + e⁻ˣ), element by element. Source: Elfwing et al. 2018.
public final class SiLU<Scalar: FloatingScalar>: Layer {
  /// The activation over a scalar type.
  public init(of _: Scalar.Type) {}
  /// The activation.
  public convenience init() { self.init(of: Scalar.self) }
  /// The activation of every element.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.silu() }
}

extension SiLU where Scalar == Float {
  /// The activation.
  public convenience init() { self.init(of: Float.self) }
}

/// x above zero, slope·x below, element by element. Source: Maas et al. 2013.
public final class LeakyReLU<Scalar: FloatingScalar>: Layer {
  /// The slope below zero.
  public let slope: Double

  /// The activation over a scalar type.
  public init(slope: Double, of _: Scalar.Type) { self.slope = slope }
  /// The activation.
  public convenience init(slope: Double = 0.01) { self.init(slope: slope, of: Scalar.self) }
  /// The activation of every element.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.leakyReLU(slope: Scalar(slope)) }
}

extension LeakyReLU where Scalar == Float {
  /// The activation.
  public convenience init(slope: Double = 0.01) { self.init(slope: slope, of: Float.self) }
}

/// x·Φ(x) with Φ the normal distribution function, or its approximation by tanh. Source: Hendrycks & Gimpel 2016.
public final class GELU<Scalar: FloatingScalar>: Layer {
  /// How Φ is worked out.
  public let approximate: GELUApproximation

  /// The activation over a scalar type.
  public init(approximate: GELUApproximation, of _: Scalar.Type) { self.approximate = approximate }
  /// The activation.
  public convenience init(approximate: GELUApproximation = .none) {
    self.init(approximate: approximate, of: Scalar.self)
  }
  /// The activation of every element.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.gelu(approximate: approximate) }
}

extension GELU where Scalar == Float {
  /// The activation.
  public convenience init(approximate: GELUApproximation = .none) {
    self.init(approximate: approximate, of: Float.self)
  }
}

/// eˣ/Σeˣ along an axis: numbers above zero that sum to one.
public final class Softmax<Scalar: FloatingScalar>: Layer {
  /// The axis the numbers sum to one along.
  public let axis: Int

  /// The activation over a scalar type.
  public init(axis: Int, of _: Scalar.Type) { self.axis = axis }
  /// The activation.
  public convenience init(axis: Int = -1) { self.init(axis: axis, of: Scalar.self) }
  /// The activation of every element.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.softmax(along: axis) }
}

extension Softmax where Scalar == Float {
  /// The activation.
  public convenience init(axis: Int = -1) { self.init(axis: axis, of: Float.self) }
}

/// The softmax over the channels of images [N, C, H, W] or [C, H, W]: numbers that sum to one at every pixel.
public final class Softmax2D<Scalar: FloatingScalar>: Layer {
  /// The activation over a scalar type.
  public init(of _: Scalar.Type) {}
  /// The activation.
  public convenience init() { self.init(of: Scalar.self) }
  /// The activation; stops for inputs of another rank.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    check(input.rank == 3 || input.rank == 4, "Softmax2D", "input \(input.shape) is not [N, C, H, W] or [C, H, W]")
    return input.softmax(along: -3)
  }
}

extension Softmax2D where Scalar == Float {
  /// The activation.
  public convenience init() { self.init(of: Float.self) }
}

extension ReLU: CountedByElement {}

extension Sigmoid: CountedByElement {}

extension Tanh: CountedByElement {}

extension SiLU: CountedByElement {}

extension LeakyReLU: CountedByElement {}

extension GELU: CountedByElement {}

/// Maximum, difference, exponential, sum, and a quotient or a difference.
extension Softmax: CountedByElement {
  var operationsPerElement: Int { 5 }
}

extension Softmax2D: CountedByElement {
  var operationsPerElement: Int { 5 }
}
