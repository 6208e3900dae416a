import TernBackend
import TernNN
import TernTensor

/// How an ``EfficientNet`` is built.
public struct EfficientNetConfiguration: Sendable, Hashable {
  /// Some blocks of one shape; the first has the stride.
  public struct Stage: Sendable, Hashable {
    /// How many times more channels the depthwise convolution has than the input.
    public var expansion: Int
    /// The depthwise kernel's height and width.
    public var kernel: Int
    /// The stride of the first block.
    public var stride: Int
    /// Channels of the results.
    public var channels: Int
    /// How many blocks.
    public var depth: Int

    /// Creates a stage.
    ///
    /// - Parameters:
    ///   - expansion: how many times more channels the depthwise convolution has than the input.
    ///   - kernel: the depthwise kernel's height and width, odd.
    ///   - stride: the stride of the first block.
    ///   - channels: channels of the results.
    ///   - depth: how many blocks.
    public init(expansion: Int, kernel: Int, stride: Int, channels: Int, depth: Int) {
      (self.expansion, self.kernel, self.stride) = (expansion, kernel, stride)
      (self.channels, self.depth) = (channels, depth)
    }
  }

  /// Channels of the first convolution.
  public var stem: Int
  /// The stages.
  public var stages: [Stage]
  /// The probability that a feature is dropped before the scores.
  public var dropout: Double
  /// The probability that the last block is left out in training; those before it in proportion to their place.
  public var stochasticDepth: Double

  /// Creates a configuration.
  ///
  /// - Parameters:
  ///   - stem: channels of the first convolution.
  ///   - stages: the stages.
  ///   - dropout: the probability that a feature is dropped before the scores, 0 to 1.
  ///   - stochasticDepth: the probability that the last block is left out in training, 0 to 1.
  public init(stem: Int = 32, stages: [Stage], dropout: Double = 0.2, stochasticDepth: Double = 0.2) {
    (self.stem, self.stages) = (stem, stages)
    (self.dropout, self.stochasticDepth) = (dropout, stochasticDepth)
  }

  /// The smallest network of the paper: 5.3 million parameters.
  public static let b0 = EfficientNetConfiguration(stages: [
    Stage(expansion: 1, kernel: 3, stride: 1, channels: 16, depth: 1),
    Stage(expansion: 6, kernel: 3, stride: 2, channels: 24, depth: 2),
    Stage(expansion: 6, kernel: 5, stride: 2, channels: 40, depth: 2),
    Stage(expansion: 6, kernel: 3, stride: 2, channels: 80, depth: 3),
    Stage(expansion: 6, kernel: 5, stride: 1, channels: 112, depth: 3),
    Stage(expansion: 6, kernel: 5, stride: 2, channels: 192, depth: 4),
    Stage(expansion: 6, kernel: 3, stride: 1, channels: 320, depth: 1),
  ])
}

/// Inverted residual blocks with squeeze and excitation: images [N, channels, H, W] to scores [N, classes].
///
/// State names, layers and starting values are those of torchvision's `efficientnet_b0`. Source: Tan & Le 2019,
/// "EfficientNet: rethinking model scaling for convolutional neural networks".
///
/// ```swift
/// let model = EfficientNet(.b0, classes: 10)
/// let scores = model(Tensor(randomNormal: [8, 3, 224, 224]))  // [8, 10]
/// ```
public final class EfficientNet<Scalar: FloatingScalar>: Layer {
  /// How it is built.
  public let configuration: EfficientNetConfiguration
  /// The first convolution, the stages, the last convolution.
  public let features: Sequential<Scalar>
  /// Dropout and the scores.
  public let classifier: Sequential<Scalar>

  /// Creates a network of inverted residual blocks.
  ///
  /// - Parameters:
  ///   - configuration: the stages.
  ///   - classes: how many classes have a score.
  ///   - channels: channels of the images.
  public init(
    _ configuration: EfficientNetConfiguration, classes: Int = 1000, channels: Int = 3,
    fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    requireSizes(
      "EfficientNet", blocks: configuration.stages.map(\.depth),
      sizes: configuration.stages.flatMap { [$0.expansion, $0.channels, $0.kernel, $0.stride] }
        + [configuration.stem, classes, channels])
    self.configuration = configuration
    let total = configuration.stages.reduce(0) { $0 + $1.depth }
    var (inputs, block) = (configuration.stem, 0)
    var layers: [any Layer<Scalar>] = [convNormActivation(channels, inputs, stride: 2, activation: SiLU<Scalar>())]
    for stage in configuration.stages {
      layers.append(
        Sequential<Scalar>(
          (0..<stage.depth).map { position in
            let shape = MobileBlockShape(
              inputs: inputs, hidden: inputs * stage.expansion, outputs: stage.channels, kernel: stage.kernel,
              stride: position == 0 ? stage.stride : 1, squeezed: max(1, inputs / 4))
            let made = MobileBlock<Scalar>(
              shape, activation: { SiLU() }, gate: { Sigmoid() }, squeezeActivation: { SiLU() },
              dropping: configuration.stochasticDepth * Double(block) / Double(total))
            (inputs, block) = (stage.channels, block + 1)
            return made
          }))
    }
    layers.append(convNormActivation(inputs, 4 * inputs, kernel: 1, activation: SiLU<Scalar>()))
    features = Sequential<Scalar>(layers)
    let scores = Dense<Scalar>(4 * inputs, classes)
    classifier = Sequential<Scalar> {
      Dropout<Scalar>(configuration.dropout)
      scores
    }
    startConvolutions(of: Scalar.self)
    let bound = 1 / Double(classes).squareRoot()
    scores.weight.initialize(.uniform(-bound, bound))
    scores.bias?.initialize(.zeros)
  }

  /// Creates a network of inverted residual blocks, with `Float` values.
  ///
  /// - Parameters:
  ///   - configuration: the stages.
  ///   - classes: how many classes have a score.
  ///   - channels: channels of the images.
  public convenience init(
    _ configuration: EfficientNetConfiguration, classes: Int = 1000, channels: Int = 3,
    file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(configuration, classes: classes, channels: channels, fileID: file, line: line)
  }

  /// The scores of the images, [N, classes].
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    classifier(adaptiveAvgPool2D(features(input), outputSize: 1).flattened(from: 1))
  }
}

extension EfficientNet: CopyableModule {
  /// Another of the same structure.
  public convenience init(copying other: EfficientNet) {
    self.init(
      other.configuration, classes: other.classifier[1, as: Dense.self].weight.shape[0],
      channels: other.features[0, as: Sequential.self][0, as: Conv2D.self].weight.shape[1])
  }
}
