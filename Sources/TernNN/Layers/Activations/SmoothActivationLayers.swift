import TernBackend
import TernTensor

// Activations made of exponentials, as layers. None has anything to learn.

/// x above 0, α·(eˣ − 1) elsewhere, element by element. Source: Clevert, Unterthiner & Hochreiter 2015.
public final class ELU<Scalar: FloatingScalar>: Layer {
  /// α, the limit on the left is −α.
  public let alpha: Double

  /// The layer over a scalar type.
  public init(alpha: Double, of _: Scalar.Type) {
    self.alpha = alpha
  }
  /// The layer.
  public convenience init(alpha: Double = 1) { self.init(alpha: alpha, of: Scalar.self) }
  /// The function of every element.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.elu(alpha: Scalar(alpha)) }
}

extension ELU where Scalar == Float {
  /// The layer.
  public convenience init(alpha: Double = 1) { self.init(alpha: alpha, of: Float.self) }
}

/// The self-normalizing unit, see ``Tensor/selu()``. Source: Klambauer et al. 2017.
public final class SELU<Scalar: FloatingScalar>: Layer {
  /// The layer over a scalar type.
  public init(of _: Scalar.Type) {}
  /// The layer.
  public convenience init() { self.init(of: Scalar.self) }
  /// The function of every element.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.selu() }
}

extension SELU where Scalar == Float {
  /// The layer.
  public convenience init() { self.init(of: Float.self) }
}

/// x above 0, α·(e^(x/α) − 1) elsewhere, element by element. Source: Barron 2017.
public final class CELU<Scalar: FloatingScalar>: Layer {
  /// α, not 0.
  public let alpha: Double

  /// The layer over a scalar type.
  public init(alpha: Double, of _: Scalar.Type, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(alpha != 0, "CELU", "alpha is 0")
    self.alpha = alpha
  }
  /// The layer.
  public convenience init(alpha: Double = 1) { self.init(alpha: alpha, of: Scalar.self) }
  /// The function of every element.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.celu(alpha: Scalar(alpha)) }
}

extension CELU where Scalar == Float {
  /// The layer.
  public convenience init(alpha: Double = 1) { self.init(alpha: alpha, of: Float.self) }
}

/// x·tanh(ln(1 + eˣ)), element by element. Source: Misra 2019.
public final class Mish<Scalar: FloatingScalar>: Layer {
  /// The layer over a scalar type.
  public init(of _: Scalar.Type) {}
  /// The layer.
  public convenience init() { self.init(of: Scalar.self) }
  /// The function of every element.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.mish() }
}

extension Mish where Scalar == Float {
  /// The layer.
  public convenience init() { self.init(of: Float.self) }
}

/// ln(1 + e^(βx))/β, x itself where βx is above the threshold, element by element.
public final class SoftPlus<Scalar: FloatingScalar>: Layer {
  /// β.
  public let beta: Double
  /// Where the function is x itself.
  public let threshold: Double

  /// The layer over a scalar type.
  public init(beta: Double, threshold: Double, of _: Scalar.Type) {
    self.beta = beta
    self.threshold = threshold
  }
  /// The layer.
  public convenience init(beta: Double = 1, threshold: Double = 20) {
    self.init(beta: beta, threshold: threshold, of: Scalar.self)
  }
  /// The function of every element.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    input.softplus(beta: Scalar(beta), threshold: Scalar(threshold))
  }
}

extension SoftPlus where Scalar == Float {
  /// The layer.
  public convenience init(beta: Double = 1, threshold: Double = 20) {
    self.init(beta: beta, threshold: threshold, of: Float.self)
  }
}

/// ln(1/(1 + e⁻ˣ)), element by element.
public final class LogSigmoid<Scalar: FloatingScalar>: Layer {
  /// The layer over a scalar type.
  public init(of _: Scalar.Type) {}
  /// The layer.
  public convenience init() { self.init(of: Scalar.self) }
  /// The function of every element.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.logSigmoid() }
}

extension LogSigmoid where Scalar == Float {
  /// The layer.
  public convenience init() { self.init(of: Float.self) }
}

/// x − tanh x, element by element.
public final class TanhShrink<Scalar: FloatingScalar>: Layer {
  /// The layer over a scalar type.
  public init(of _: Scalar.Type) {}
  /// The layer.
  public convenience init() { self.init(of: Scalar.self) }
  /// The function of every element.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input - input.tanh() }
}

extension TanhShrink where Scalar == Float {
  /// The layer.
  public convenience init() { self.init(of: Float.self) }
}

/// The first half of an axis times the logistic function of the second. Source: Dauphin et al. 2016.
public final class GLU<Scalar: FloatingScalar>: Layer {
  /// The axis that is halved.
  public let axis: Int

  /// The layer over a scalar type.
  public init(axis: Int, of _: Scalar.Type) {
    self.axis = axis
  }
  /// The layer.
  public convenience init(axis: Int = -1) { self.init(axis: axis, of: Scalar.self) }
  /// a·σ(b); stops where the extent of the axis is odd.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.glu(axis: axis) }
}

extension GLU where Scalar == Float {
  /// The layer.
  public convenience init(axis: Int = -1) { self.init(axis: axis, of: Float.self) }
}

/// x − ln Σeˣ along an axis: the logarithm of the softmax.
public final class LogSoftmax<Scalar: FloatingScalar>: Layer {
  /// The axis of the sum.
  public let axis: Int

  /// The layer over a scalar type.
  public init(axis: Int, of _: Scalar.Type) {
    self.axis = axis
  }
  /// The layer.
  public convenience init(axis: Int = -1) { self.init(axis: axis, of: Scalar.self) }
  /// The logarithms.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.logSoftmax(along: axis) }
}

extension LogSoftmax where Scalar == Float {
  /// The layer.
  public convenience init(axis: Int = -1) { self.init(axis: axis, of: Float.self) }
}

/// e⁻ˣ/Σe⁻ˣ along an axis: the softmax of −x.
public final class Softmin<Scalar: FloatingScalar>: Layer {
  /// The axis that sums to one.
  public let axis: Int

  /// The layer over a scalar type.
  public init(axis: Int, of _: Scalar.Type) {
    self.axis = axis
  }
  /// The layer.
  public convenience init(axis: Int = -1) { self.init(axis: axis, of: Scalar.self) }
  /// Numbers above zero that sum to one.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.softmin(along: axis) }
}

extension Softmin where Scalar == Float {
  /// The layer.
  public convenience init(axis: Int = -1) { self.init(axis: axis, of: Float.self) }
}

extension ELU: CountedByElement {}

extension SELU: CountedByElement {}

extension CELU: CountedByElement {}

extension Mish: CountedByElement {}

extension SoftPlus: CountedByElement {}

extension LogSigmoid: CountedByElement {}

extension TanhShrink: CountedByElement {}

/// Half of the input is the gate of the other half.
extension GLU: CountedByElement {
  var operationsPerElement: Int { 2 }
}

extension Softmin: CountedByElement {
  var operationsPerElement: Int { 5 }
}

extension LogSoftmax: CountedByElement {
  var operationsPerElement: Int { 5 }
}
