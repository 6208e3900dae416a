import TernBackend
import TernTensor

/// x above zero, a·x below with slopes a that are learned, one for all or one a channel (axis 1).
///
/// Source: He et al. 2015, "Delving deep into rectifiers".
public final class PReLU<Scalar: FloatingScalar>: Layer {
  /// a, [channels] or [1].
  public let weight: Parameter<Scalar>

  /// Slopes for a number of channels; stops below 1.
  public init(channels: Int, slope: Double, of _: Scalar.Type, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(channels >= 1, "PReLU", "\(channels) channels")
    weight = Parameter(Tensor(full: [channels], Scalar(slope)))
  }

  /// One slope for all, or one a channel; stops below 1.
  public convenience init(channels: Int = 1, slope: Double = 0.25) {
    self.init(channels: channels, slope: slope, of: Scalar.self)
  }

  /// The function of every element.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.prelu(weight.value) }
}

extension PReLU where Scalar == Float {
  /// One slope for all, or one a channel; stops below 1.
  public convenience init(channels: Int = 1, slope: Double = 0.25) {
    self.init(channels: channels, slope: slope, of: Float.self)
  }
}

extension PReLU: SelfCopying {
  func duplicate() -> any Module {
    PReLU(channels: weight.count, slope: 0, of: Scalar.self)
  }
}

extension PReLU: CountedByElement {}
