import TernBackend
import TernTensor

/// x above zero, a·x below: while training, a is drawn for every element, uniform in lower … upper; in evaluation it is
/// their mean.
///
/// Source: Xu et al. 2015, "Empirical evaluation of rectified activations in convolutional network".
public final class RReLU<Scalar: FloatingScalar>: Layer, ModeDependent {
  /// The least slope.
  public let lower: Double
  /// The greatest slope.
  public let upper: Double
  /// Whether slopes are drawn.
  public var isTraining = true
  /// Where the slopes come from; the task's or the global generator when `nil`.
  public let generator: RandomGenerator?

  /// The layer over a scalar type.
  public init(
    lower: Double, upper: Double, generator: RandomGenerator?, of _: Scalar.Type, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(lower <= upper, "RReLU", "slopes from \(lower) to \(upper)")
    (self.lower, self.upper) = (lower, upper)
    self.generator = generator
  }
  /// The layer; stops unless `lower` is at most `upper`.
  public convenience init(lower: Double = 1.0 / 8, upper: Double = 1.0 / 3, generator: RandomGenerator? = nil) {
    self.init(lower: lower, upper: upper, generator: generator, of: Scalar.self)
  }
  /// The function of every element.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    guard isTraining && lower < upper else { return input.leakyReLU(slope: Scalar((lower + upper) / 2)) }
    let slopes = Tensor<Scalar>(randomUniform: input.shape, in: Scalar(lower)..<Scalar(upper), generator: generator)
    return input.relu() + slopes * input.clamped(max: 0)
  }
}

extension RReLU where Scalar == Float {
  /// The layer; stops unless `lower` is at most `upper`.
  public convenience init(lower: Double = 1.0 / 8, upper: Double = 1.0 / 3, generator: RandomGenerator? = nil) {
    self.init(lower: lower, upper: upper, generator: generator, of: Float.self)
  }
}

extension RReLU: SelfCopying {
  func duplicate() -> any Module {
    RReLU(lower: lower, upper: upper, generator: CopyScope.copied(generator), of: Scalar.self)
  }
}

extension RReLU: CountedByElement {}
