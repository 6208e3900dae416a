import TernBackend
import TernTensor

// Activations made of exponentials, as layers without parameters.

/// x above 0, α·(eˣ − 1) elsewhere, element by element. Source: Clevert, Unterthiner & Hochreiter 2015.
public final class ELU<Scalar: FloatingScalar>: ExponentialUnit<Scalar> {
  public override func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.elu(alpha: Scalar(alpha)) }
}

/// x above 0, α·(e^(x/α) − 1) elsewhere, element by element, with α ≠ 0. Source: Barron 2017.
public final class CELU<Scalar: FloatingScalar>: ExponentialUnit<Scalar> {
  override func checkAlpha() { check(alpha != 0, "CELU", "alpha is 0") }

  public override func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.celu(alpha: Scalar(alpha)) }
}

/// The self-normalizing unit, see ``Tensor/selu()``. Source: Klambauer et al. 2017.
public final class SELU<Scalar: FloatingScalar>: ActivationLayer<Scalar> {
  public override func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.selu() }
}

/// x·tanh(ln(1 + eˣ)), element by element. Source: Misra 2019.
public final class Mish<Scalar: FloatingScalar>: ActivationLayer<Scalar> {
  public override func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.mish() }
}

/// ln(1 + e^(βx))/β, x itself where βx is above the threshold, element by element.
public final class SoftPlus<Scalar: FloatingScalar>: Layer, CountedByElement {
  /// β.
  public let beta: Double
  /// Where the function is x itself.
  public let threshold: Double

  /// Creates a smooth rectifier.
  ///
  /// - Parameters:
  ///   - beta: β, how sharply it bends at 0.
  ///   - threshold: the value of βx above which the result is x itself.
  public init(beta: Double = 1, threshold: Double = 20) {
    (self.beta, self.threshold) = (beta, threshold)
  }

  /// Creates a smooth rectifier, with `Float` values.
  ///
  /// - Parameters:
  ///   - beta: β, how sharply it bends at 0.
  ///   - threshold: the value of βx above which the result is x itself.
  public init(beta: Double = 1, threshold: Double = 20) where Scalar == Float {
    (self.beta, self.threshold) = (beta, threshold)
  }

  /// The function of every element.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    input.softplus(beta: Scalar(beta), threshold: Scalar(threshold))
  }
}

/// ln(1/(1 + e⁻ˣ)), element by element.
public final class LogSigmoid<Scalar: FloatingScalar>: ActivationLayer<Scalar> {
  public override func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.logSigmoid() }
}

/// x − tanh x, element by element.
public final class TanhShrink<Scalar: FloatingScalar>: ActivationLayer<Scalar> {
  public override func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.tanhShrink() }
}
