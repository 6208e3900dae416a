import TernBackend
import TernTensor

// Piecewise linear activations, as layers. Each keeps shape and layout and has nothing to learn.

/// min(max(x, 0), 6), element by element. Source: Howard et al. 2017, "MobileNets".
public final class ReLU6<Scalar: FloatingScalar>: Layer {
  /// The layer over a scalar type.
  public init(of _: Scalar.Type) {}
  /// The layer.
  public convenience init() { self.init(of: Scalar.self) }
  /// The function of every element.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.relu6() }
}

extension ReLU6 where Scalar == Float {
  /// The layer.
  public convenience init() { self.init(of: Float.self) }
}

/// x clamped to low … high, element by element.
public final class HardTanh<Scalar: FloatingScalar>: Layer {
  /// The least result.
  public let low: Double
  /// The greatest result.
  public let high: Double

  /// The layer over a scalar type.
  public init(low: Double, high: Double, of _: Scalar.Type, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(low < high, "HardTanh", "a range from \(low) to \(high)")
    self.low = low
    self.high = high
  }
  /// The layer.
  public convenience init(low: Double = -1, high: Double = 1) { self.init(low: low, high: high, of: Scalar.self) }
  /// The function of every element.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.hardTanh(min: Scalar(low), max: Scalar(high)) }
}

extension HardTanh where Scalar == Float {
  /// The layer.
  public convenience init(low: Double = -1, high: Double = 1) { self.init(low: low, high: high, of: Float.self) }
}

/// min(max(x + 3, 0), 6)/6, element by element. Source: Howard et al. 2019, "Searching for MobileNetV3".
public final class HardSigmoid<Scalar: FloatingScalar>: Layer {
  /// The layer over a scalar type.
  public init(of _: Scalar.Type) {}
  /// The layer.
  public convenience init() { self.init(of: Scalar.self) }
  /// The function of every element.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.hardSigmoid() }
}

extension HardSigmoid where Scalar == Float {
  /// The layer.
  public convenience init() { self.init(of: Float.self) }
}

/// x·min(max(x + 3, 0), 6)/6, element by element. Source: Howard et al. 2019, "Searching for MobileNetV3".
public final class HardSwish<Scalar: FloatingScalar>: Layer {
  /// The layer over a scalar type.
  public init(of _: Scalar.Type) {}
  /// The layer.
  public convenience init() { self.init(of: Scalar.self) }
  /// The function of every element.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.hardSwish() }
}

extension HardSwish where Scalar == Float {
  /// The layer.
  public convenience init() { self.init(of: Float.self) }
}

/// x above the threshold, a value elsewhere, element by element.
public final class Threshold<Scalar: FloatingScalar>: Layer {
  /// Where x begins to count.
  public let threshold: Double
  /// The result up to there.
  public let value: Double

  /// The layer over a scalar type.
  public init(threshold: Double, value: Double, of _: Scalar.Type) {
    self.threshold = threshold
    self.value = value
  }
  /// The layer.
  public convenience init(_ threshold: Double, value: Double) {
    self.init(threshold: threshold, value: value, of: Scalar.self)
  }
  /// The function of every element.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    input.thresholded(at: Scalar(threshold), value: Scalar(value))
  }
}

extension Threshold where Scalar == Float {
  /// The layer.
  public convenience init(_ threshold: Double, value: Double) {
    self.init(threshold: threshold, value: value, of: Float.self)
  }
}

/// x/(1 + |x|), element by element.
public final class SoftSign<Scalar: FloatingScalar>: Layer {
  /// The layer over a scalar type.
  public init(of _: Scalar.Type) {}
  /// The layer.
  public convenience init() { self.init(of: Scalar.self) }
  /// The function of every element.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.softSign() }
}

extension SoftSign where Scalar == Float {
  /// The layer.
  public convenience init() { self.init(of: Float.self) }
}

/// x where |x| is above λ, 0 elsewhere, element by element; the identity for a negative λ.
public final class HardShrink<Scalar: FloatingScalar>: Layer {
  /// λ.
  public let lambda: Double

  /// The layer over a scalar type.
  public init(lambda: Double, of _: Scalar.Type, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(!lambda.isNaN, "HardShrink", "lambda is \(lambda), expected a number")
    self.lambda = lambda
  }
  /// The layer.
  public convenience init(lambda: Double = 0.5) { self.init(lambda: lambda, of: Scalar.self) }
  /// The function of every element.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    select(input.detached().abs() .<= Scalar(lambda), 0, input)
  }
}

extension HardShrink where Scalar == Float {
  /// The layer.
  public convenience init(lambda: Double = 0.5) { self.init(lambda: lambda, of: Float.self) }
}

/// x moved toward 0 by λ, 0 where |x| ≤ λ, element by element.
public final class SoftShrink<Scalar: FloatingScalar>: Layer {
  /// λ, at least 0.
  public let lambda: Double

  /// The layer over a scalar type.
  public init(lambda: Double, of _: Scalar.Type, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(lambda >= 0, "SoftShrink", "a lambda of \(lambda)")
    self.lambda = lambda
  }
  /// The layer.
  public convenience init(lambda: Double = 0.5) { self.init(lambda: lambda, of: Scalar.self) }
  /// The function of every element.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    input - input.clamped(min: Scalar(-lambda), max: Scalar(lambda))
  }
}

extension SoftShrink where Scalar == Float {
  /// The layer.
  public convenience init(lambda: Double = 0.5) { self.init(lambda: lambda, of: Float.self) }
}

extension ReLU6: CountedByElement {}

extension HardTanh: CountedByElement {}

extension HardSigmoid: CountedByElement {}

extension HardSwish: CountedByElement {}

extension Threshold: CountedByElement {}

extension SoftSign: CountedByElement {}

extension HardShrink: CountedByElement {}

extension SoftShrink: CountedByElement {}
