import TernBackend
import TernTensor

// The common activations as layers, without parameters.

/// max(x, 0). Source: Nair & Hinton 2010.
///
/// ```swift
/// let network = Sequential { Dense(4, 8) ; ReLU() ; Dense(8, 2) }
/// let y = network(Tensor(randomNormal: [16, 4]))  // [16, 2]
/// ```
public final class ReLU<Scalar: FloatingScalar>: ActivationLayer<Scalar> {
  public override func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.relu() }
}

/// The logistic function 1/(1 + e⁻ˣ), element by element.
public final class Sigmoid<Scalar: FloatingScalar>: ActivationLayer<Scalar> {
  public override func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.sigmoid() }
}

/// The hyperbolic tangent, element by element.
public final class Tanh<Scalar: FloatingScalar>: ActivationLayer<Scalar> {
  public override func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.tanh() }
}

/// x/(1 + e⁻ˣ), element by element. Source: Elfwing et al. 2018.
public final class SiLU<Scalar: FloatingScalar>: ActivationLayer<Scalar> {
  public override func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.silu() }
}

/// x above zero, slope·x below, element by element. Source: Maas et al. 2013.
public final class LeakyReLU<Scalar: FloatingScalar>: Layer, CountedByElement {
  /// The slope below zero.
  public let slope: Double

  /// Creates a leaky rectifier.
  ///
  /// - Parameter slope: the factor below zero.
  public init(slope: Double = 0.01) { self.slope = slope }

  /// Creates a leaky rectifier, with `Float` values.
  ///
  /// - Parameter slope: the factor below zero.
  public init(slope: Double = 0.01) where Scalar == Float { self.slope = slope }

  /// The activation of every element.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.leakyReLU(slope: Scalar(slope)) }
}

/// x·Φ(x) with Φ the normal distribution function, or its approximation by tanh. Source: Hendrycks & Gimpel 2016.
public final class GELU<Scalar: FloatingScalar>: Layer, CountedByElement {
  /// How Φ is worked out.
  public let approximate: GELUApproximation

  /// Creates a Gaussian error linear unit.
  ///
  /// - Parameter approximate: how Φ is computed: exactly, or by tanh.
  public init(approximate: GELUApproximation = .none) { self.approximate = approximate }

  /// Creates a Gaussian error linear unit, with `Float` values.
  ///
  /// - Parameter approximate: how Φ is computed: exactly, or by tanh.
  public init(approximate: GELUApproximation = .none) where Scalar == Float { self.approximate = approximate }

  /// The activation of every element.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.gelu(approximate: approximate) }
}

/// eˣ/Σeˣ along an axis: positive values whose sum is 1.
public final class Softmax<Scalar: FloatingScalar>: AxisActivation<Scalar> {
  public override func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.softmax(along: axis) }
}

/// x − ln Σeˣ along an axis: the logarithm of the softmax.
public final class LogSoftmax<Scalar: FloatingScalar>: AxisActivation<Scalar> {
  public override func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.logSoftmax(along: axis) }
}

/// e⁻ˣ/Σe⁻ˣ along an axis: the softmax of −x.
public final class Softmin<Scalar: FloatingScalar>: AxisActivation<Scalar> {
  public override func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.softmin(along: axis) }
}

/// eˣ/Σeˣ over the channels of images [N, C, H, W] or [C, H, W]; stops for another rank.
public final class Softmax2D<Scalar: FloatingScalar>: ActivationLayer<Scalar> {
  override var operationsPerElement: Int { 5 }

  public override func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    check(input.rank == 3 || input.rank == 4, "Softmax2D", "input \(input.shape) is not [N, C, H, W] or [C, H, W]")
    return input.softmax(along: -3)
  }
}

/// a·σ(b) with a and b the halves of an axis; stops where its extent is odd. Source: Dauphin et al. 2016.
public final class GLU<Scalar: FloatingScalar>: AxisActivation<Scalar> {
  /// Half of the input is the gate of the other half.
  override var operationsPerElement: Int { 2 }

  public override func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.glu(axis: axis) }
}
