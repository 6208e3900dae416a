import TernBackend
import TernTensor

// Piecewise linear activations, and the rational softsign, as layers without parameters.

/// min(max(x, 0), 6), element by element. Source: Howard et al. 2017, "MobileNets".
public final class ReLU6<Scalar: FloatingScalar>: ActivationLayer<Scalar> {
  public override func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.relu6() }
}

/// x cut to low … high, element by element.
public final class HardTanh<Scalar: FloatingScalar>: Layer, CountedByElement {
  /// The least result.
  public let low: Double
  /// The greatest result.
  public let high: Double

  /// Creates a layer that limits elements to a range. Stops unless `low` is below `high`.
  ///
  /// - Parameters:
  ///   - low: the smallest result.
  ///   - high: the largest result, above `low`.
  public init(low: Double = -1, high: Double = 1, fileID file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(low < high, "HardTanh", "a range from \(low) to \(high)")
    self.low = low
    self.high = high
  }

  /// Creates a layer that limits elements to a range, with `Float` values. Stops unless `low` is below `high`.
  ///
  /// - Parameters:
  ///   - low: the smallest result.
  ///   - high: the largest result, above `low`.
  public convenience init(low: Double = -1, high: Double = 1, file: StaticString = #fileID, line: UInt = #line)
  where Scalar == Float { self.init(low: low, high: high, fileID: file, line: line) }

  /// The function of every element.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.hardTanh(min: Scalar(low), max: Scalar(high)) }
}

/// min(max(x + 3, 0), 6)/6, element by element. Source: Howard et al. 2019, "Searching for MobileNetV3".
public final class HardSigmoid<Scalar: FloatingScalar>: ActivationLayer<Scalar> {
  public override func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.hardSigmoid() }
}

/// x·min(max(x + 3, 0), 6)/6, element by element. Source: Howard et al. 2019, "Searching for MobileNetV3".
public final class HardSwish<Scalar: FloatingScalar>: ActivationLayer<Scalar> {
  public override func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.hardSwish() }
}

/// x above the threshold, a value elsewhere, element by element.
public final class Threshold<Scalar: FloatingScalar>: Layer, CountedByElement {
  /// Where x begins to count.
  public let threshold: Double
  /// The result up to there.
  public let value: Double

  /// Creates a layer that replaces elements up to a threshold.
  ///
  /// - Parameters:
  ///   - threshold: elements above it stay.
  ///   - value: the result for all others.
  public init(_ threshold: Double, value: Double) {
    (self.threshold, self.value) = (threshold, value)
  }

  /// Creates a layer that replaces elements up to a threshold, with `Float` values.
  ///
  /// - Parameters:
  ///   - threshold: elements above it stay.
  ///   - value: the result for all others.
  public init(_ threshold: Double, value: Double) where Scalar == Float {
    (self.threshold, self.value) = (threshold, value)
  }

  /// The function of every element.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    input.thresholded(at: Scalar(threshold), value: Scalar(value))
  }
}

/// x/(1 + |x|), element by element.
public final class SoftSign<Scalar: FloatingScalar>: ActivationLayer<Scalar> {
  public override func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.softSign() }
}

/// x where |x| > λ, 0 elsewhere, element by element; the identity for a negative λ.
public final class HardShrink<Scalar: FloatingScalar>: ShrinkActivation<Scalar> {
  override func checkLambda() {
    check(!lambda.isNaN, "HardShrink", "lambda is \(lambda), expected a number")
  }

  public override func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    input.hardShrink(lambda: Scalar(lambda))
  }
}

/// sign(x)·max(|x| − λ, 0), element by element, with λ at least 0.
public final class SoftShrink<Scalar: FloatingScalar>: ShrinkActivation<Scalar> {
  override func checkLambda() { check(lambda >= 0, "SoftShrink", "a lambda of \(lambda)") }

  public override func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    input.softShrink(lambda: Scalar(lambda))
  }
}
