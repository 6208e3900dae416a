import TernBackend
import TernTensor

/// Channels weighted by what the whole image holds: y = x·hardSigmoid(expand(relu(reduce(mean of x over the image)))).
///
/// Images [N, C, H, W] keep their shape; `reduce` and `expand` are 1×1 convolutions with biases. Sources: Hu, Shen & Sun
/// 2018, "Squeeze-and-excitation networks"; the hard sigmoid is that of Howard et al. 2019, "Searching for MobileNetV3".
public final class SqueezeExcitation<Scalar: FloatingScalar>: Layer {
  /// From the channels to fewer.
  public let reduce: Conv2D<Scalar>
  /// Back to the channels.
  public let expand: Conv2D<Scalar>

  /// Creates a squeeze and excitation by way of `reduced` channels.
  ///
  /// - Parameters:
  ///   - channels: channels of the images.
  ///   - reduced: channels between the two convolutions.
  public init(_ channels: Int, reduced: Int, fileID file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    reduce = Conv2D(channels, reduced, kernelSize: 1)
    expand = Conv2D(reduced, channels, kernelSize: 1)
  }

  /// Creates a squeeze and excitation by way of `reduced` channels, with `Float` values.
  ///
  /// - Parameters:
  ///   - channels: channels of the images.
  ///   - reduced: channels between the two convolutions.
  public convenience init(
    _ channels: Int, reduced: Int, file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(channels, reduced: reduced, fileID: file, line: line)
  }

  /// Creates a squeeze and excitation by way of a fraction of the channels.
  ///
  /// That is the nearest multiple of 4, halves upwards; the next one where that is more than a tenth less; at least 4.
  ///
  /// - Parameters:
  ///   - channels: channels of the images.
  ///   - share: the fraction of them between the two convolutions, above 0 and at most 1.
  public convenience init(
    _ channels: Int, share: Double = 0.25, fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self.init(channels, reduced: ghostChannels(channels, share))
  }

  /// Creates a squeeze and excitation by way of a fraction of the channels, with `Float` values.
  ///
  /// That is the nearest multiple of 4, halves upwards; the next one where that is more than a tenth less; at least 4.
  ///
  /// - Parameters:
  ///   - channels: channels of the images.
  ///   - share: the fraction of them between the two convolutions, above 0 and at most 1.
  public convenience init(
    _ channels: Int, share: Double = 0.25, file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(channels, share: share, fileID: file, line: line)
  }

  /// The weighted channels.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    let answer = expand(reduce(adaptiveAvgPool2D(input, outputSize: 1)).relu())
    // As the authors write it: the derivative of the hard sigmoid has 1/6 in single precision.
    return input * ((answer + 3).relu6() / 6)
  }
}

/// A fraction of channels as a multiple of 4, at least 4 and at most a tenth below that, as GhostNet's authors round.
private func ghostChannels(_ channels: Int, _ share: Double) -> Int {
  check(share > 0 && share <= 1, "SqueezeExcitation", "a share of \(share)")
  Sizes.check(channels, "SqueezeExcitation", "channels of")
  let wanted = Double(channels) * share
  let rounded = max(Int(wanted + 2) / 4 * 4, 4)
  return Double(rounded) < 0.9 * wanted ? rounded + 4 : rounded
}

extension SqueezeExcitation: SelfCopying {
  func duplicate() -> any Module {
    SqueezeExcitation(expand.weight.shape[0], reduced: reduce.weight.shape[0])
  }
}

extension SqueezeExcitation: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    each(input, 2) + each([input[0]], reduce.weight.shape[0] + expand.weight.shape[0])
  }
}
