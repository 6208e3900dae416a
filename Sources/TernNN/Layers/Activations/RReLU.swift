import TernBackend
import TernTensor

/// x above zero, a·x below: while training, a is drawn for every element, uniform in lower … upper; in evaluation it is
/// their mean.
///
/// Source: Xu et al. 2015, "Empirical evaluation of rectified activations in convolutional network".
public final class RReLU<Scalar: FloatingScalar>: Layer, ModeDependent, CountedByElement {
  /// The least slope.
  public let lower: Double
  /// The greatest slope.
  public let upper: Double
  /// Whether slopes are drawn.
  public var isTraining = true
  /// Where the slopes come from; the task's or the global generator when `nil`.
  public let generator: RandomGenerator?

  /// Creates a rectifier with random slopes. Stops unless `lower` is at most `upper`.
  ///
  /// - Parameters:
  ///   - lower: the smallest slope.
  ///   - upper: the largest slope, at least `lower`.
  ///   - generator: where the slopes come from; the task's or the global generator when `nil`.
  public init(
    lower: Double = 1.0 / 8, upper: Double = 1.0 / 3, generator: RandomGenerator? = nil,
    fileID file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(lower <= upper, "RReLU", "slopes from \(lower) to \(upper)")
    (self.lower, self.upper) = (lower, upper)
    self.generator = generator
  }

  /// Creates a rectifier with random slopes, with `Float` values. Stops unless `lower` is at most `upper`.
  ///
  /// - Parameters:
  ///   - lower: the smallest slope.
  ///   - upper: the largest slope, at least `lower`.
  ///   - generator: where the slopes come from; the task's or the global generator when `nil`.
  public convenience init(
    lower: Double = 1.0 / 8, upper: Double = 1.0 / 3, generator: RandomGenerator? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) where Scalar == Float { self.init(lower: lower, upper: upper, generator: generator, fileID: file, line: line) }

  /// The function of every element.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    guard isTraining && lower < upper else { return input.leakyReLU(slope: Scalar((lower + upper) / 2)) }
    let slopes = Tensor<Scalar>(randomUniform: input.shape, in: Scalar(lower)..<Scalar(upper), generator: generator)
    return input.relu() + slopes * input.clamped(max: 0)
  }
}

extension RReLU: SelfCopying {
  func duplicate() -> any Module {
    RReLU(lower: lower, upper: upper, generator: CopyScope.copied(generator))
  }
}
