import TernBackend
import TernTensor

/// x above zero, a·x below with slopes a that are learned, one for all or one a channel (axis 1).
///
/// Source: He et al. 2015, "Delving deep into rectifiers".
public final class PReLU<Scalar: FloatingScalar>: Layer, CountedByElement {
  /// a, [channels] or [1].
  public let weight: Parameter<Scalar>

  /// Creates a rectifier with learned slopes. Stops for fewer than one channel.
  ///
  /// - Parameters:
  ///   - channels: how many slopes are learned: 1 for all elements, or the number of channels (axis 1).
  ///   - slope: where the slopes start.
  public init(channels: Int = 1, slope: Double = 0.25, fileID file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(channels >= 1, "PReLU", "\(channels) channels")
    weight = Parameter(Tensor(full: [channels], Scalar(slope)))
  }

  /// Creates a rectifier with learned slopes, with `Float` values. Stops for fewer than one channel.
  ///
  /// - Parameters:
  ///   - channels: how many slopes are learned: 1 for all elements, or the number of channels (axis 1).
  ///   - slope: where the slopes start.
  public convenience init(channels: Int = 1, slope: Double = 0.25, file: StaticString = #fileID, line: UInt = #line)
  where Scalar == Float { self.init(channels: channels, slope: slope, fileID: file, line: line) }

  /// The function of every element.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.prelu(weight.value) }
}

extension PReLU: SelfCopying {
  func duplicate() -> any Module {
    PReLU(channels: weight.count, slope: 0)
  }
}
