import TernBackend
import TernNN
import TernTensor

/// How a ``VGG`` is built.
public struct VGGConfiguration: Sendable, Hashable {
  /// The channels of the convolutions of each stage; a maximum of 2×2 pixels ends a stage.
  public var stages: [[Int]]
  /// Whether convolutions are normalized over the batch.
  public var isNormalized: Bool
  /// Features of the two hidden dense layers.
  public var hidden: Int
  /// The probability that a hidden feature is dropped in training.
  public var dropout: Double

  /// Creates a configuration.
  ///
  /// - Parameters:
  ///   - stages: the channels of the convolutions of each stage.
  ///   - isNormalized: whether convolutions are normalized over the batch.
  ///   - hidden: features of the two hidden dense layers.
  ///   - dropout: the probability that a hidden feature is dropped in training, 0 to 1.
  public init(stages: [[Int]], isNormalized: Bool = false, hidden: Int = 4096, dropout: Double = 0.5) {
    (self.stages, self.isNormalized) = (stages, isNormalized)
    (self.hidden, self.dropout) = (hidden, dropout)
  }

  /// 11 layers: 132.9 million parameters.
  public static let vgg11 = VGGConfiguration(stages: [[64], [128], [256, 256], [512, 512], [512, 512]])
  /// 11 layers with batch normalization.
  public static let vgg11Normalized = normalized(vgg11)
  /// 13 layers: 133.0 million parameters.
  public static let vgg13 = VGGConfiguration(stages: [[64, 64], [128, 128], [256, 256], [512, 512], [512, 512]])
  /// 13 layers with batch normalization.
  public static let vgg13Normalized = normalized(vgg13)
  /// 16 layers: 138.4 million parameters.
  public static let vgg16 = VGGConfiguration(
    stages: [[64, 64], [128, 128], [256, 256, 256], [512, 512, 512], [512, 512, 512]])
  /// 16 layers with batch normalization.
  public static let vgg16Normalized = normalized(vgg16)

  private static func normalized(_ configuration: VGGConfiguration) -> VGGConfiguration {
    var configuration = configuration
    configuration.isNormalized = true
    return configuration
  }
}

/// Stages of 3×3 convolutions, and three dense layers: images [N, channels, H, W] to scores [N, classes].
///
/// State names, layers and starting values are those of torchvision's `vgg16` and its kin. Source: Simonyan & Zisserman
/// 2015, "Very deep convolutional networks for large-scale image recognition".
///
/// ```swift
/// let model = VGG(.vgg16Normalized, classes: 10)
/// let scores = model(Tensor(randomNormal: [1, 3, 224, 224]))  // [1, 10]
/// ```
public final class VGG<Scalar: FloatingScalar>: Layer {
  /// How it is built.
  public let configuration: VGGConfiguration
  /// The stages.
  public let features: Sequential<Scalar>
  /// Means of the images in 7×7 fields.
  public let avgpool: AdaptiveAvgPool2D<Scalar>
  /// The dense layers.
  public let classifier: Sequential<Scalar>

  /// Creates a network of convolutions and dense layers. Stops without a convolution.
  ///
  /// - Parameters:
  ///   - configuration: the stages.
  ///   - classes: how many classes have a score.
  ///   - channels: channels of the images.
  public init(
    _ configuration: VGGConfiguration, classes: Int = 1000, channels: Int = 3,
    fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let last = configuration.stages.last?.last
    requireSizes("VGG", sizes: configuration.stages.flatMap { $0 } + [configuration.hidden, classes, channels])
    check(last != nil, "VGG", "stages of the channels \(configuration.stages); the last one has to have some")
    self.configuration = configuration
    var inputs = channels
    features = Sequential<Scalar> {
      for stage in configuration.stages {
        for outputs in stage {
          Conv2D<Scalar>(inputs, outputs, kernelSize: 3, padding: 1)
          let _ = inputs = outputs
          if configuration.isNormalized { BatchNorm2d<Scalar>(outputs) }
          ReLU<Scalar>()
        }
        MaxPool2D<Scalar>(2)
      }
    }
    avgpool = AdaptiveAvgPool2D(7)
    classifier = Sequential<Scalar> {
      Dense<Scalar>(49 * inputs, configuration.hidden)
      ReLU<Scalar>()
      Dropout<Scalar>(configuration.dropout)
      Dense<Scalar>(configuration.hidden, configuration.hidden)
      ReLU<Scalar>()
      Dropout<Scalar>(configuration.dropout)
      Dense<Scalar>(configuration.hidden, classes)
    }
    startConvolutions(of: Scalar.self)
    startDense(of: Scalar.self, deviation: 0.01)
  }

  /// Creates a network of convolutions and dense layers, with `Float` values. Stops without a convolution.
  ///
  /// - Parameters:
  ///   - configuration: the stages.
  ///   - classes: how many classes have a score.
  ///   - channels: channels of the images.
  public convenience init(
    _ configuration: VGGConfiguration, classes: Int = 1000, channels: Int = 3,
    file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(configuration, classes: classes, channels: channels, fileID: file, line: line)
  }

  /// The scores of the images, [N, classes].
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    classifier(avgpool(features(input)).flattened(from: 1))
  }
}

extension VGG: CopyableModule {
  /// Another of the same structure.
  public convenience init(copying other: VGG) {
    self.init(
      other.configuration, classes: other.classifier[6, as: Dense.self].weight.shape[0],
      channels: other.features[0, as: Conv2D.self].weight.shape[1])
  }
}
