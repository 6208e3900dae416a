import TernBackend
import TernNN
import TernTensor

/// How a ``MobileNetV3`` is built.
public struct MobileNetV3Configuration: Sendable, Hashable {
  /// One inverted residual block.
  public struct Block: Sendable, Hashable {
    /// The depthwise kernel's height and width.
    public var kernel: Int
    /// Channels of the depthwise convolution.
    public var hidden: Int
    /// Channels of the result.
    public var channels: Int
    /// Whether squeeze and excitation weights the channels.
    public var squeezes: Bool
    /// Whether activations are hard swishes, not rectifiers.
    public var isHardSwish: Bool
    /// The stride.
    public var stride: Int

    /// Creates a block.
    ///
    /// - Parameters:
    ///   - kernel: the depthwise kernel's height and width, odd.
    ///   - hidden: channels of the depthwise convolution.
    ///   - channels: channels of the result.
    ///   - squeezes: whether squeeze and excitation weights the channels.
    ///   - isHardSwish: whether activations are hard swishes, not rectifiers.
    ///   - stride: the stride.
    public init(_ kernel: Int, _ hidden: Int, _ channels: Int, squeezes: Bool, isHardSwish: Bool, stride: Int = 1) {
      (self.kernel, self.hidden, self.channels) = (kernel, hidden, channels)
      (self.squeezes, self.isHardSwish, self.stride) = (squeezes, isHardSwish, stride)
    }
  }

  /// The blocks.
  public var blocks: [Block]
  /// Features of the hidden dense layer.
  public var hidden: Int
  /// The probability that a hidden feature is dropped in training.
  public var dropout: Double

  /// Creates a configuration.
  ///
  /// - Parameters:
  ///   - blocks: the blocks.
  ///   - hidden: features of the hidden dense layer.
  ///   - dropout: the probability that a hidden feature is dropped in training, 0 to 1.
  public init(blocks: [Block], hidden: Int, dropout: Double = 0.2) {
    (self.blocks, self.hidden, self.dropout) = (blocks, hidden, dropout)
  }

  /// 5.5 million parameters.
  public static let large = MobileNetV3Configuration(
    blocks: [
      Block(3, 16, 16, squeezes: false, isHardSwish: false),
      Block(3, 64, 24, squeezes: false, isHardSwish: false, stride: 2),
      Block(3, 72, 24, squeezes: false, isHardSwish: false),
      Block(5, 72, 40, squeezes: true, isHardSwish: false, stride: 2),
      Block(5, 120, 40, squeezes: true, isHardSwish: false), Block(5, 120, 40, squeezes: true, isHardSwish: false),
      Block(3, 240, 80, squeezes: false, isHardSwish: true, stride: 2),
      Block(3, 200, 80, squeezes: false, isHardSwish: true),
      Block(3, 184, 80, squeezes: false, isHardSwish: true), Block(3, 184, 80, squeezes: false, isHardSwish: true),
      Block(3, 480, 112, squeezes: true, isHardSwish: true), Block(3, 672, 112, squeezes: true, isHardSwish: true),
      Block(5, 672, 160, squeezes: true, isHardSwish: true, stride: 2),
      Block(5, 960, 160, squeezes: true, isHardSwish: true),
      Block(5, 960, 160, squeezes: true, isHardSwish: true),
    ], hidden: 1280)

  /// 2.5 million parameters.
  public static let small = MobileNetV3Configuration(
    blocks: [
      Block(3, 16, 16, squeezes: true, isHardSwish: false, stride: 2),
      Block(3, 72, 24, squeezes: false, isHardSwish: false, stride: 2),
      Block(3, 88, 24, squeezes: false, isHardSwish: false),
      Block(5, 96, 40, squeezes: true, isHardSwish: true, stride: 2),
      Block(5, 240, 40, squeezes: true, isHardSwish: true), Block(5, 240, 40, squeezes: true, isHardSwish: true),
      Block(5, 120, 48, squeezes: true, isHardSwish: true), Block(5, 144, 48, squeezes: true, isHardSwish: true),
      Block(5, 288, 96, squeezes: true, isHardSwish: true, stride: 2),
      Block(5, 576, 96, squeezes: true, isHardSwish: true),
      Block(5, 576, 96, squeezes: true, isHardSwish: true),
    ], hidden: 1024)
}

/// Inverted residual blocks found by search, with hard activations: images [N, channels, H, W] to scores [N, classes].
///
/// State names, layers and starting values are those of torchvision's `mobilenet_v3_large` and `mobilenet_v3_small`.
/// Source: Howard et al. 2019, "Searching for MobileNetV3".
///
/// ```swift
/// let model = MobileNetV3(.small, classes: 10)
/// let scores = model(Tensor(randomNormal: [8, 3, 224, 224]))  // [8, 10]
/// ```
public final class MobileNetV3<Scalar: FloatingScalar>: Layer {
  /// How it is built.
  public let configuration: MobileNetV3Configuration
  /// The first convolution, the blocks, the last convolution.
  public let features: Sequential<Scalar>
  /// The dense layers.
  public let classifier: Sequential<Scalar>

  /// Creates a network of inverted residual blocks. Stops without a block.
  ///
  /// - Parameters:
  ///   - configuration: the blocks.
  ///   - classes: how many classes have a score.
  ///   - channels: channels of the images.
  public init(
    _ configuration: MobileNetV3Configuration, classes: Int = 1000, channels: Int = 3,
    fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(!configuration.blocks.isEmpty, "MobileNetV3", "no blocks")
    self.configuration = configuration
    let (epsilon, momentum) = (0.001, 0.01)
    func convolution(_ inputs: Int, _ outputs: Int, kernel: Int, stride: Int) -> any Layer<Scalar> {
      convNormActivation(
        inputs, outputs, kernel: kernel, stride: stride, epsilon: epsilon, momentum: momentum,
        activation: HardSwish<Scalar>())
    }
    var inputs = 16
    var layers = [convolution(channels, inputs, kernel: 3, stride: 2)]
    for block in configuration.blocks {
      let shape = MobileBlockShape(
        inputs: inputs, hidden: block.hidden, outputs: block.channels, kernel: block.kernel, stride: block.stride,
        squeezed: block.squeezes ? divisible(Double(block.hidden / 4)) : nil, epsilon: epsilon, momentum: momentum)
      layers.append(
        MobileBlock<Scalar>(
          shape, activation: { block.isHardSwish ? HardSwish<Scalar>() : ReLU<Scalar>() }, gate: { HardSigmoid() },
          squeezeActivation: { ReLU() }))
      inputs = block.channels
    }
    layers.append(convolution(inputs, 6 * inputs, kernel: 1, stride: 1))
    features = Sequential<Scalar>(layers)
    classifier = Sequential<Scalar> {
      Dense<Scalar>(6 * inputs, configuration.hidden)
      HardSwish<Scalar>()
      Dropout<Scalar>(configuration.dropout)
      Dense<Scalar>(configuration.hidden, classes)
    }
    startConvolutions(of: Scalar.self)
    startDense(of: Scalar.self, deviation: 0.01)
  }

  /// Creates a network of inverted residual blocks, with `Float` values. Stops without a block.
  ///
  /// - Parameters:
  ///   - configuration: the blocks.
  ///   - classes: how many classes have a score.
  ///   - channels: channels of the images.
  public convenience init(
    _ configuration: MobileNetV3Configuration, classes: Int = 1000, channels: Int = 3,
    file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(configuration, classes: classes, channels: channels, fileID: file, line: line)
  }

  /// The scores of the images, [N, classes].
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    classifier(adaptiveAvgPool2D(features(input), outputSize: 1).flattened(from: 1))
  }
}

extension MobileNetV3: CopyableModule {
  /// Another of the same structure.
  public convenience init(copying other: MobileNetV3) {
    self.init(
      other.configuration, classes: other.classifier[3, as: Dense.self].weight.shape[0],
      channels: other.features[0, as: Sequential.self][0, as: Conv2D.self].weight.shape[1])
  }
}
