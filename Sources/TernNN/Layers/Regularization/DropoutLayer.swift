import TernBackend
import TernTensor

/// The base class of dropouts: a probability and where the masks come from. Evaluation returns the input.
public class DropoutLayer<Scalar: FloatingScalar>: Layer, ModeDependent, CountedAsNothing {
  /// The probability that a value is dropped, 0 to 1.
  public let probability: Double
  /// Whether values are dropped.
  public var isTraining = true
  /// Where the masks come from; the task's or the global generator when `nil`.
  public let generator: RandomGenerator?

  /// Creates a dropout layer. Stops for a probability outside 0 … 1.
  ///
  /// - Parameters:
  ///   - probability: the probability that a value is dropped in training, 0 to 1.
  ///   - generator: where the masks come from; the task's or the global generator when `nil`.
  public required init(
    _ probability: Double = 0.5, generator: RandomGenerator? = nil, fileID file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      probability >= 0 && probability <= 1, "\("\(Self.self)".prefix { $0 != "<" })", "a probability of \(probability)")
    self.probability = probability
    self.generator = generator
  }

  /// Creates a dropout layer with `Float` values. Stops for a probability outside 0 … 1.
  ///
  /// - Parameters:
  ///   - probability: the probability that a value is dropped in training, 0 to 1.
  ///   - generator: where the masks come from; the task's or the global generator when `nil`.
  public convenience init(
    _ probability: Double = 0.5, generator: RandomGenerator? = nil, file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(probability, generator: generator, fileID: file, line: line)
  }

  /// The input with values dropped; the input itself in evaluation.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { fail("\(Self.self)", "has no forward") }
}

extension DropoutLayer: SelfCopying {
  func duplicate() -> any Module {
    type(of: self).init(probability, generator: CopyScope.copied(generator))
  }
}
