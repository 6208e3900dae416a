import TernBackend
import TernNN
import TernTensor

/// How a ``MobileNetV2`` is built.
public struct MobileNetV2Configuration: Sendable, Hashable {
  /// Some blocks of one shape; the first has the stride.
  public struct Stage: Sendable, Hashable {
    /// How many times more channels the depthwise convolution has than the input.
    public var expansion: Int
    /// Channels of the results.
    public var channels: Int
    /// How many blocks.
    public var depth: Int
    /// The stride of the first.
    public var stride: Int

    /// Creates a stage.
    ///
    /// - Parameters:
    ///   - expansion: how many times more channels the depthwise convolution has than the input.
    ///   - channels: channels of the results.
    ///   - depth: how many blocks.
    ///   - stride: the stride of the first.
    public init(expansion: Int, channels: Int, depth: Int, stride: Int) {
      (self.expansion, self.channels) = (expansion, channels)
      (self.depth, self.stride) = (depth, stride)
    }
  }

  /// The stages.
  public var stages: [Stage]
  /// The factor of all numbers of channels, which are rounded to multiples of 8.
  public var width: Double
  /// The probability that a feature is dropped before the scores.
  public var dropout: Double

  /// Creates a configuration.
  ///
  /// - Parameters:
  ///   - stages: the stages.
  ///   - width: the factor of all numbers of channels.
  ///   - dropout: the probability that a feature is dropped before the scores, 0 to 1.
  public init(stages: [Stage] = standardStages, width: Double = 1, dropout: Double = 0.2) {
    (self.stages, self.width, self.dropout) = (stages, width, dropout)
  }

  /// The paper's network: 3.5 million parameters.
  public static let standard = MobileNetV2Configuration()

  /// The stages of the paper.
  public static let standardStages: [Stage] = [
    Stage(expansion: 1, channels: 16, depth: 1, stride: 1), Stage(expansion: 6, channels: 24, depth: 2, stride: 2),
    Stage(expansion: 6, channels: 32, depth: 3, stride: 2), Stage(expansion: 6, channels: 64, depth: 4, stride: 2),
    Stage(expansion: 6, channels: 96, depth: 3, stride: 1), Stage(expansion: 6, channels: 160, depth: 3, stride: 2),
    Stage(expansion: 6, channels: 320, depth: 1, stride: 1),
  ]
}

/// Inverted residual blocks of depthwise convolutions: images [N, channels, H, W] to scores [N, classes].
///
/// State names, layers and starting values are those of torchvision's `mobilenet_v2`. Source: Sandler et al. 2018,
/// "MobileNetV2: inverted residuals and linear bottlenecks".
///
/// ```swift
/// let model = MobileNetV2(classes: 10)
/// let scores = model(Tensor(randomNormal: [8, 3, 224, 224]))  // [8, 10]
/// ```
public final class MobileNetV2<Scalar: FloatingScalar>: Layer {
  /// How it is built.
  public let configuration: MobileNetV2Configuration
  /// The first convolution, the blocks, the last convolution.
  public let features: Sequential<Scalar>
  /// Dropout and the scores.
  public let classifier: Sequential<Scalar>

  /// Creates a network of inverted residual blocks.
  ///
  /// - Parameters:
  ///   - configuration: stages and width.
  ///   - classes: how many classes have a score.
  ///   - channels: channels of the images.
  public init(
    _ configuration: MobileNetV2Configuration = .standard, classes: Int = 1000, channels: Int = 3,
    fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    requireSizes(
      "MobileNetV2", blocks: configuration.stages.map(\.depth),
      sizes: configuration.stages.flatMap { [$0.expansion, $0.channels, $0.stride] } + [classes, channels])
    let width = configuration.width
    check(width > 0 && width <= 1024, "MobileNetV2", "channels times \(width), expected a number above 0, at most 1024")
    self.configuration = configuration
    var inputs = divisible(32 * width)
    let last = divisible(1280 * max(1, width))
    features = Sequential<Scalar> {
      convNormActivation(channels, inputs, stride: 2, activation: ReLU6<Scalar>())
      for stage in configuration.stages {
        for position in 0..<stage.depth {
          let outputs = divisible(Double(stage.channels) * width)
          InvertedResidual<Scalar>(
            inputs, outputs, stride: position == 0 ? stage.stride : 1, expansion: stage.expansion)
          let _ = inputs = outputs
        }
      }
      convNormActivation(inputs, last, kernel: 1, activation: ReLU6<Scalar>())
    }
    classifier = Sequential<Scalar> {
      Dropout<Scalar>(configuration.dropout)
      Dense<Scalar>(last, classes)
    }
    startConvolutions(of: Scalar.self)
    startDense(of: Scalar.self, deviation: 0.01)
  }

  /// Creates a network of inverted residual blocks, with `Float` values.
  ///
  /// - Parameters:
  ///   - configuration: stages and width.
  ///   - classes: how many classes have a score.
  ///   - channels: channels of the images.
  public convenience init(
    _ configuration: MobileNetV2Configuration = .standard, classes: Int = 1000, channels: Int = 3,
    file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(configuration, classes: classes, channels: channels, fileID: file, line: line)
  }

  /// The scores of the images, [N, classes].
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    classifier(adaptiveAvgPool2D(features(input), outputSize: 1).flattened(from: 1))
  }
}

extension MobileNetV2: CopyableModule {
  /// Another of the same structure.
  public convenience init(copying other: MobileNetV2) {
    self.init(
      other.configuration, classes: other.classifier[1, as: Dense.self].weight.shape[0],
      channels: other.features[0, as: Sequential.self][0, as: Conv2D.self].weight.shape[1])
  }
}

/// A 1×1 convolution to more channels, a depthwise one, a 1×1 convolution to fewer, and the input added where shapes agree.
public final class InvertedResidual<Scalar: FloatingScalar>: Layer {
  /// The convolutions.
  public let conv: Sequential<Scalar>
  private let inputs: Int
  private let outputs: Int
  private let stride: Int
  private let expansion: Int
  private let route: Route<Scalar>

  init(_ inputs: Int, _ outputs: Int, stride: Int, expansion: Int) {
    (self.inputs, self.outputs) = (inputs, outputs)
    (self.stride, self.expansion) = (stride, expansion)
    let hidden = inputs * expansion
    conv = Sequential<Scalar> {
      if expansion != 1 { convNormActivation(inputs, hidden, kernel: 1, activation: ReLU6<Scalar>()) }
      convNormActivation(hidden, hidden, stride: stride, groups: hidden, activation: ReLU6<Scalar>())
      Conv2D<Scalar>(hidden, outputs, kernelSize: 1, bias: false)
      BatchNorm2d<Scalar>(outputs)
    }
    route = stride == 1 && inputs == outputs ? Route([conv], shortcut: nil) : Route([conv])
  }

  /// The block's result.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { route(input) }
}

extension InvertedResidual: OperationCounting {
  /// The sum with the input.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    OperationCount(others: stride == 1 && inputs == outputs ? output.reduce(1, *) : 0)
  }
}

extension InvertedResidual: CopyableModule {
  /// Another of the same structure.
  public convenience init(copying other: InvertedResidual) {
    self.init(other.inputs, other.outputs, stride: other.stride, expansion: other.expansion)
  }
}
