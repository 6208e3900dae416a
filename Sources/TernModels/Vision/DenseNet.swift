import TernBackend
import TernNN
import TernTensor

/// How a ``DenseNet`` is built.
public struct DenseNetConfiguration: Sendable, Hashable {
  /// Channels that a layer adds.
  public var growth: Int
  /// Layers in each block.
  public var depths: [Int]
  /// Channels of the first convolution.
  public var stem: Int
  /// Channels between the two convolutions of a layer, in growths.
  public var bottleneck: Int

  /// Creates a configuration.
  ///
  /// - Parameters:
  ///   - growth: channels that a layer adds.
  ///   - depths: layers in each block.
  ///   - stem: channels of the first convolution.
  ///   - bottleneck: channels between the two convolutions of a layer, in growths.
  public init(growth: Int = 32, depths: [Int], stem: Int = 64, bottleneck: Int = 4) {
    (self.growth, self.depths, self.stem, self.bottleneck) = (growth, depths, stem, bottleneck)
  }

  /// 121 layers: 8.0 million parameters.
  public static let denseNet121 = DenseNetConfiguration(depths: [6, 12, 24, 16])
}

/// Blocks whose layers see all before them: images [N, channels, H, W] to scores [N, classes].
///
/// State names, layers and starting values are those of torchvision's `densenet121`. Source: Huang et al. 2017, "Densely
/// connected convolutional networks".
///
/// ```swift
/// let model = DenseNet(.denseNet121, classes: 10)
/// let scores = model(Tensor(randomNormal: [8, 3, 224, 224]))  // [8, 10]
/// ```
public final class DenseNet<Scalar: FloatingScalar>: Layer {
  /// How it is built.
  public let configuration: DenseNetConfiguration
  /// The first convolution, the blocks and the transitions.
  public let features: NamedSequential<Scalar>
  /// The scores.
  public var classifier: Dense<Scalar>
  private let channels: Int

  /// Creates a densely connected network. Stops without a block.
  ///
  /// - Parameters:
  ///   - configuration: growth and depth.
  ///   - classes: how many classes have a score.
  ///   - channels: channels of the images.
  public init(
    _ configuration: DenseNetConfiguration, classes: Int = 1000, channels: Int = 3,
    fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      !configuration.depths.isEmpty && configuration.depths.allSatisfy { $0 >= 1 }, "DenseNet",
      "blocks of \(configuration.depths) layers")
    requireSizes(
      "DenseNet", blocks: configuration.depths,
      sizes: [configuration.growth, configuration.stem, configuration.bottleneck, classes, channels])
    (self.configuration, self.channels) = (configuration, channels)
    var width = configuration.stem
    var entries: [(String, any Layer<Scalar>)] = [
      ("conv0", Conv2D<Scalar>(channels, width, kernelSize: 7, stride: 2, padding: 3, bias: false)),
      ("norm0", BatchNorm2d<Scalar>(width)), ("relu0", ReLU<Scalar>()),
      ("pool0", MaxPool2D<Scalar>(3, stride: 2, padding: 1)),
    ]
    for (number, depth) in configuration.depths.enumerated() {
      entries.append(("denseblock\(number + 1)", DenseBlock<Scalar>(width, depth, configuration)))
      width += depth * configuration.growth
      if number == configuration.depths.count - 1 { break }
      let transition: [(String, any Layer<Scalar>)] = [
        ("norm", BatchNorm2d<Scalar>(width)), ("relu", ReLU<Scalar>()),
        ("conv", Conv2D<Scalar>(width, width / 2, kernelSize: 1, bias: false)), ("pool", AvgPool2D<Scalar>(2)),
      ]
      entries.append(("transition\(number + 1)", NamedSequential<Scalar>(transition)))
      width /= 2
    }
    entries.append(("norm5", BatchNorm2d<Scalar>(width)))
    features = NamedSequential(entries + [("relu5", ReLU<Scalar>())])
    classifier = Dense(width, classes)
    for (_, module) in namedModules {
      (module as? Conv2D<Scalar>)?.weight.initialize(.kaimingNormal(nonlinearity: .relu))
    }
    classifier.bias?.initialize(.zeros)
  }

  /// Creates a densely connected network with `Float` values. Stops without a block.
  ///
  /// - Parameters:
  ///   - configuration: growth and depth.
  ///   - classes: how many classes have a score.
  ///   - channels: channels of the images.
  public convenience init(
    _ configuration: DenseNetConfiguration, classes: Int = 1000, channels: Int = 3,
    file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(configuration, classes: classes, channels: channels, fileID: file, line: line)
  }

  /// The scores of the images, [N, classes].
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    classifier(adaptiveAvgPool2D(features(input), outputSize: 1).flattened(from: 1))
  }
}

extension DenseNet: PublishedNames {
  /// The network's name for a name in torchvision's files, whose older ones have `norm.1` for `norm1`.
  public static func stateName(_ name: String) -> String? {
    guard name.contains(".denselayer") else { return name }
    var name = name
    for part in ["norm", "conv"] {
      for number in 1...2 {
        if let range = name.firstRange(of: ".\(part).\(number).") {
          name.replaceSubrange(range, with: ".\(part)\(number).")
        }
      }
    }
    return name
  }
}

extension DenseNet: CopyableModule {
  /// Another of the same structure.
  public convenience init(copying other: DenseNet) {
    self.init(other.configuration, channels: other.channels)
    classifier = other.classifier.copy()
  }
}

/// Layers that each see the input and what all before them added.
public final class DenseBlock<Scalar: FloatingScalar>: Layer, CustomReflectable {
  /// The layers in their order, `denselayer1` and so on.
  public let layers: [DenseBlockLayer<Scalar>]
  private let width: Int
  private let configuration: DenseNetConfiguration

  init(_ width: Int, _ depth: Int, _ configuration: DenseNetConfiguration) {
    layers = (0..<depth).map { DenseBlockLayer(width + $0 * configuration.growth, configuration) }
    (self.width, self.configuration) = (width, configuration)
  }

  /// The layers by their names.
  public var customMirror: Mirror {
    Mirror(
      self, children: layers.enumerated().map { (label: "denselayer\($0 + 1)", value: $1 as Any) },
      displayStyle: .class)
  }

  /// The input and all that was added, beside each other.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    var all = input
    for layer in layers { all = concatenate([all, layer(all)], along: 1) }
    return all
  }
}

extension DenseBlock: CopyableModule {
  /// Another of the same structure.
  public convenience init(copying other: DenseBlock) { self.init(other.width, other.layers.count, other.configuration) }
}

/// What a layer of a ``DenseBlock`` adds: conv(relu(norm(conv(relu(norm x))))).
public final class DenseBlockLayer<Scalar: FloatingScalar>: Layer {
  /// The first normalization.
  public let norm1: BatchNorm2d<Scalar>
  /// The 1×1 convolution.
  public let conv1: Conv2D<Scalar>
  /// The second normalization.
  public let norm2: BatchNorm2d<Scalar>
  /// The 3×3 convolution.
  public let conv2: Conv2D<Scalar>
  private let relu1 = ReLU<Scalar>()
  private let relu2 = ReLU<Scalar>()
  private let route: Route<Scalar>

  init(_ width: Int, _ configuration: DenseNetConfiguration) {
    let inner = configuration.bottleneck * configuration.growth
    norm1 = BatchNorm2d(width)
    conv1 = Conv2D(width, inner, kernelSize: 1, bias: false)
    norm2 = BatchNorm2d(inner)
    conv2 = Conv2D(inner, configuration.growth, kernelSize: 3, padding: 1, bias: false)
    route = Route([norm1, relu1, conv1, norm2, relu2, conv2])
  }

  /// The layer's result.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { route(input) }
}
