import TernBackend
import TernTensor

/// Two ghost modules around a shortcut: [N, inputs, H, W] to [N, outputs, H′, W′].
///
/// The first makes `middle` channels, a depthwise convolution takes the steps where the stride is not 1, squeeze and
/// excitation weights the channels where asked for, and the second makes `outputs` channels without an activation. The
/// shortcut is the input itself where stride and channels stay, else a depthwise convolution with the stride and a 1×1
/// convolution, both normalized. Source: Han et al. 2020, "GhostNet: more features from cheap operations".
public final class GhostBottleneck<Scalar: FloatingScalar>: Layer {
  /// The module that widens.
  public let ghost1: GhostModule<Scalar>
  /// Depthwise convolution and normalization; `nil` at stride 1.
  public let depthwise: Sequential<Scalar>?
  /// The weighting of the channels; `nil` without.
  public let squeezeExcitation: SqueezeExcitation<Scalar>?
  /// The module that narrows.
  public let ghost2: GhostModule<Scalar>
  /// The way around; `nil` is the input itself.
  public let shortcut: Sequential<Scalar>?

  /// The names of the authors' parts.
  public var savedNames: [String: String] { ["depthwise": "dw", "squeezeExcitation": "se", "shortcut": "short"] }

  /// Creates a bottleneck of two ghost modules. Stops for an even kernel.
  ///
  /// - Parameters:
  ///   - inputs: channels of the input.
  ///   - middle: channels between the two modules.
  ///   - outputs: channels of the result.
  ///   - kernelSize: extent of the depthwise kernels with the stride, odd.
  ///   - stride: of the depthwise convolutions, in pixels.
  ///   - ratio: the ratio of the ghost modules, at least 2.
  ///   - squeeze: the fraction of the middle channels inside squeeze and excitation, 0 to 1; none of it when `nil`.
  public init(
    _ inputs: Int, _ middle: Int, _ outputs: Int, kernelSize: Int = 3, stride: some PairConvertible = 1, ratio: Int = 2,
    squeeze: Double? = nil, fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let stride = stride.pair
    check(
      kernelSize >= 1 && kernelSize % 2 == 1, "GhostBottleneck",
      "a kernel of \(kernelSize)×\(kernelSize): its extent has to be odd")
    func stepping(_ channels: Int) -> Conv2D<Scalar> {
      Conv2D(
        channels, channels, kernelSize: Pair(kernelSize), stride: stride, padding: Padding2D(kernelSize / 2),
        groups: channels, bias: false)
    }
    ghost1 = GhostModule(inputs, middle, ratio: ratio)
    depthwise =
      stride == 1
      ? nil
      : Sequential<Scalar> {
        stepping(middle)
        BatchNorm2d(middle)
      }
    squeezeExcitation = squeeze.map { SqueezeExcitation(middle, share: $0) }
    ghost2 = GhostModule(middle, outputs, ratio: ratio, activation: nil)
    shortcut =
      stride == 1 && inputs == outputs
      ? nil
      : Sequential<Scalar> {
        stepping(inputs)
        BatchNorm2d(inputs)
        Conv2D(inputs, outputs, kernelSize: 1, bias: false)
        BatchNorm2d(outputs)
      }
  }

  /// Creates a bottleneck of two ghost modules, with `Float` values. Stops for an even kernel.
  ///
  /// - Parameters:
  ///   - inputs: channels of the input.
  ///   - middle: channels between the two modules.
  ///   - outputs: channels of the result.
  ///   - kernelSize: extent of the depthwise kernels with the stride, odd.
  ///   - stride: of the depthwise convolutions, in pixels.
  ///   - ratio: the ratio of the ghost modules, at least 2.
  ///   - squeeze: the fraction of the middle channels inside squeeze and excitation, 0 to 1; none of it when `nil`.
  public convenience init(
    _ inputs: Int, _ middle: Int, _ outputs: Int, kernelSize: Int = 3, stride: some PairConvertible = 1, ratio: Int = 2,
    squeeze: Double? = nil, file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(
      inputs, middle, outputs, kernelSize: kernelSize, stride: stride, ratio: ratio, squeeze: squeeze, fileID: file,
      line: line)
  }

  /// The sum of both ways.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    var features = ghost1(input)
    if let depthwise { features = depthwise(features) }
    if let squeezeExcitation { features = squeezeExcitation(features) }
    return ghost2(features) + (shortcut.map { $0(input) } ?? input)
  }
}

extension GhostBottleneck: SelfCopying {
  func duplicate() -> any Module {
    again()
  }
}

extension GhostBottleneck {
  private func again() -> GhostBottleneck {
    let stepping = (depthwise ?? shortcut)?[0] as? Conv2D<Scalar>
    let (inputs, middle) = (ghost1.inputs, ghost1.outputs)
    return GhostBottleneck(
      inputs, middle, ghost2.outputs, kernelSize: stepping?.weight.shape[2] ?? 1, stride: stepping?.stride ?? 1,
      ratio: ghost1.ratio, squeeze: squeezeExcitation.map { Double($0.reduce.weight.shape[0]) / Double(middle) })
  }
}

extension GhostBottleneck: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount { each(output, 1) }
}
