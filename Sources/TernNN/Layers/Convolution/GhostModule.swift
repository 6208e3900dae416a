import TernBackend
import TernTensor

/// A few features by a convolution, the rest of them from those by cheap ones: [N, inputs, H, W] to [N, outputs, H′, W′].
///
/// p = ⌈outputs/ratio⌉ channels come from a convolution of the input, p·(ratio − 1) from a depthwise convolution of
/// those, each followed by batch normalization and the activation; both beside each other, limited to `outputs`, are the
/// result. Source: Han et al. 2020, "GhostNet: more features from cheap operations".
public final class GhostModule<Scalar: FloatingScalar>: Layer {
  /// Channels of an input.
  public let inputs: Int
  /// Channels of a result.
  public let outputs: Int
  /// How many times fewer channels the convolution of the input makes.
  public let ratio: Int
  /// Convolution of the input, normalization, activation.
  public let primary: Sequential<Scalar>
  /// Depthwise convolution of what `primary` gives, normalization, activation.
  public let cheap: Sequential<Scalar>

  /// Creates a ghost module. Stops for a ratio below 2 and for an even kernel.
  ///
  /// - Parameters:
  ///   - inputs: channels of the input.
  ///   - outputs: channels of the result.
  ///   - ratio: how many times fewer channels the convolution of the input makes, at least 2.
  ///   - kernelSize: extent of the kernel over the input, odd; padding keeps the image's extents at stride 1.
  ///   - cheapKernelSize: extent of the depthwise kernel, odd.
  ///   - stride: of the convolution of the input, in pixels.
  ///   - activation: makes the layer behind each normalization; no activation when `nil`.
  public init(
    _ inputs: Int, _ outputs: Int, ratio: Int = 2, kernelSize: Int = 1, cheapKernelSize: Int = 3,
    stride: some PairConvertible = 1, activation: (() -> any Layer<Scalar>)? = { ReLU<Scalar>() },
    fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(ratio >= 2, "GhostModule", "a ratio of \(ratio): at least 2 leaves something to cheap operations")
    for size in [kernelSize, cheapKernelSize] {
      check(size >= 1 && size % 2 == 1, "GhostModule", "a kernel of \(size)×\(size): its extent has to be odd")
    }
    Sizes.check([inputs, outputs, ratio], "GhostModule", "channels or a ratio of")
    (self.inputs, self.outputs, self.ratio) = (inputs, outputs, ratio)
    let first = (outputs + ratio - 1) / ratio
    let rest = first * (ratio - 1)
    func normalized(_ convolution: Conv2D<Scalar>, _ channels: Int) -> Sequential<Scalar> {
      Sequential<Scalar> {
        convolution
        BatchNorm2d(channels)
        if let activation { activation() }
      }
    }
    primary = normalized(
      Conv2D(
        inputs, first, kernelSize: Pair(kernelSize), stride: stride, padding: Padding2D(kernelSize / 2), bias: false),
      first)
    cheap = normalized(
      Conv2D(
        first, rest, kernelSize: Pair(cheapKernelSize), padding: Padding2D(cheapKernelSize / 2), groups: first,
        bias: false), rest)
  }

  /// Creates a ghost module, with `Float` values. Stops for a ratio below 2 and for an even kernel.
  ///
  /// - Parameters:
  ///   - inputs: channels of the input.
  ///   - outputs: channels of the result.
  ///   - ratio: how many times fewer channels the convolution of the input makes, at least 2.
  ///   - kernelSize: extent of the kernel over the input, odd; padding keeps the image's extents at stride 1.
  ///   - cheapKernelSize: extent of the depthwise kernel, odd.
  ///   - stride: of the convolution of the input, in pixels.
  ///   - activation: makes the layer behind each normalization; no activation when `nil`.
  public convenience init(
    _ inputs: Int, _ outputs: Int, ratio: Int = 2, kernelSize: Int = 1, cheapKernelSize: Int = 3,
    stride: some PairConvertible = 1, activation: (() -> any Layer<Scalar>)? = { ReLU<Scalar>() },
    file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(
      inputs, outputs, ratio: ratio, kernelSize: kernelSize, cheapKernelSize: cheapKernelSize, stride: stride,
      activation: activation, fileID: file, line: line)
  }

  /// The features of both.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    let features = primary(input)
    let more = cheap(features)
    let wanted = outputs - features.shape[1]
    // Cut before they are joined: the whole lies as convolutions want it.
    return concatenate([features, wanted == more.shape[1] ? more : more[.all, .slice(0, wanted)]], along: 1)
  }
}

extension GhostModule: SelfCopying {
  func duplicate() -> any Module {
    activated()
  }
}

extension GhostModule {
  private func activated() -> GhostModule {
    guard let first = primary[0] as? Conv2D<Scalar>, let second = cheap[0] as? Conv2D<Scalar> else {
      fail("copy", "a ghost module without its convolutions")
    }
    // What stands behind the first normalization, then behind the second.
    var activations = [primary, cheap].compactMap { $0.count > 2 ? $0[2] : nil }
    let make: () -> any Layer<Scalar> = { CopyScope.copied(activations.removeFirst()) }
    return GhostModule(
      inputs, outputs, ratio: ratio, kernelSize: first.weight.shape[2], cheapKernelSize: second.weight.shape[2],
      stride: first.stride, activation: activations.isEmpty ? nil : make)
  }
}
