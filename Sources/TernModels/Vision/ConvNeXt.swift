import TernBackend
import TernNN
import TernTensor

/// How a ``ConvNeXt`` is built.
public struct ConvNeXtConfiguration: Sendable, Hashable {
  /// Channels of each stage.
  public var channels: [Int]
  /// Blocks in each stage.
  public var depths: [Int]
  /// The probability that the last block is left out in training; those before it in proportion to their place.
  public var stochasticDepth: Double
  /// What a block's result is multiplied by at first.
  public var layerScale: Double

  /// Creates a configuration.
  ///
  /// - Parameters:
  ///   - channels: channels of each stage.
  ///   - depths: blocks in each stage.
  ///   - stochasticDepth: the probability that the last block is left out in training, 0 to 1.
  ///   - layerScale: what a block's result is multiplied by at first.
  public init(channels: [Int], depths: [Int], stochasticDepth: Double = 0.1, layerScale: Double = 1e-6) {
    (self.channels, self.depths) = (channels, depths)
    (self.stochasticDepth, self.layerScale) = (stochasticDepth, layerScale)
  }

  /// 28.6 million parameters.
  public static let tiny = ConvNeXtConfiguration(channels: [96, 192, 384, 768], depths: [3, 3, 9, 3])
}

/// Blocks of a depthwise 7×7 convolution and two dense layers: images [N, channels, H, W] to scores [N, classes].
///
/// State names, layers and starting values are those of torchvision's `convnext_tiny`. Source: Liu et al. 2022, "A
/// ConvNet for the 2020s".
///
/// ```swift
/// let model = ConvNeXt(.tiny, classes: 10)
/// let scores = model(Tensor(randomNormal: [8, 3, 224, 224]))  // [8, 10]
/// ```
public final class ConvNeXt<Scalar: FloatingScalar>: Layer {
  /// How it is built.
  public let configuration: ConvNeXtConfiguration
  /// The first convolution, and the stages with convolutions of stride 2 between them.
  public let features: Sequential<Scalar>
  /// A normalization and the scores.
  public let classifier: Sequential<Scalar>

  /// Creates a network. Stops unless every stage has channels and a block.
  ///
  /// - Parameters:
  ///   - configuration: the stages.
  ///   - classes: how many classes have a score.
  ///   - channels: channels of the images.
  public init(
    _ configuration: ConvNeXtConfiguration, classes: Int = 1000, channels: Int = 3,
    fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let (widths, depths) = (configuration.channels, configuration.depths)
    check(
      !widths.isEmpty && widths.count == depths.count && depths.allSatisfy { $0 >= 1 }, "ConvNeXt",
      "stages of \(widths) channels and \(depths) blocks")
    requireSizes("ConvNeXt", blocks: depths, sizes: widths + [classes, channels])
    self.configuration = configuration
    let total = depths.reduce(0, +)
    var block = 0
    var layers: [any Layer<Scalar>] = [
      Sequential<Scalar> {
        Conv2D<Scalar>(channels, widths[0], kernelSize: 4, stride: 4)
        ChannelLayerNorm<Scalar>(widths[0])
      }
    ]
    for (stage, depth) in depths.enumerated() {
      layers.append(
        Sequential<Scalar>(
          (0..<depth).map { _ in
            defer { block += 1 }
            return ConvNeXtBlock<Scalar>(
              widths[stage], scale: configuration.layerScale,
              dropping: configuration.stochasticDepth * Double(block) / Double(max(total - 1, 1)))
          }))
      if stage + 1 < depths.count {
        layers.append(
          Sequential<Scalar> {
            ChannelLayerNorm<Scalar>(widths[stage])
            Conv2D<Scalar>(widths[stage], widths[stage + 1], kernelSize: 2, stride: 2)
          })
      }
    }
    features = Sequential<Scalar>(layers)
    let last = widths[widths.count - 1]
    classifier = Sequential<Scalar> {
      ChannelLayerNorm<Scalar>(last)
      Flatten<Scalar>()
      Dense<Scalar>(last, classes)
    }
    startDense(of: Scalar.self, deviation: 0.02)
    for (_, module) in namedModules {
      guard let layer = module as? Conv2D<Scalar> else { continue }
      layer.weight.initialize(.normal(deviation: 0.02))
      layer.bias?.initialize(.zeros)
    }
  }

  /// Creates a network with `Float` values. Stops unless every stage has channels and a block.
  ///
  /// - Parameters:
  ///   - configuration: the stages.
  ///   - classes: how many classes have a score.
  ///   - channels: channels of the images.
  public convenience init(
    _ configuration: ConvNeXtConfiguration, classes: Int = 1000, channels: Int = 3,
    file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(configuration, classes: classes, channels: channels, fileID: file, line: line)
  }

  /// The scores of the images, [N, classes].
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    classifier(adaptiveAvgPool2D(features(input), outputSize: 1))
  }
}

extension ConvNeXt: CopyableModule {
  /// Another of the same structure.
  public convenience init(copying other: ConvNeXt) {
    self.init(
      other.configuration, classes: other.classifier[2, as: Dense.self].weight.shape[0],
      channels: other.features[0, as: Sequential.self][0, as: Conv2D.self].weight.shape[1])
  }
}

/// x + γ·dense(gelu(dense(norm(conv x)))) with the layers over the channels of every pixel: a block of ``ConvNeXt``.
public final class ConvNeXtBlock<Scalar: FloatingScalar>: Layer {
  /// γ, [channels, 1, 1].
  public let layerScale: Parameter<Scalar>
  /// The layers, with two that move the channels behind the pixels and back.
  public let block: Sequential<Scalar>
  private let dropping: StochasticDepth<Scalar>

  init(_ channels: Int, scale: Double, dropping probability: Double) {
    layerScale = Parameter(Tensor(full: [channels, 1, 1], Scalar(scale)))
    block = Sequential<Scalar> {
      Conv2D<Scalar>(channels, channels, kernelSize: 7, padding: 3, groups: channels)
      Permuted<Scalar>([0, 2, 3, 1])
      LayerNorm<Scalar>(channels, epsilon: 1e-6)
      Dense<Scalar>(channels, 4 * channels)
      GELU<Scalar>()
      Dense<Scalar>(4 * channels, channels)
      Permuted<Scalar>([0, 3, 1, 2])
    }
    dropping = StochasticDepth(probability)
  }

  /// The block's result.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    dropping(block(input) * layerScale.value) + input
  }
}

extension ConvNeXtBlock: OperationCounting {
  /// The product with γ and the sum.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    OperationCount(others: 2 * output.reduce(1, *))
  }
}

extension ConvNeXtBlock: CopyableModule {
  /// Another of the same structure.
  public convenience init(copying other: ConvNeXtBlock) {
    self.init(other.layerScale.shape[0], scale: 1, dropping: other.dropping.probability)
  }
}

/// Axes in another order.
final class Permuted<Scalar: FloatingScalar>: Layer, OperationCounting {
  private let order: [Int]

  init(_ order: [Int]) { self.order = order }

  func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { input.permuted(order) }

  func operations(input: [Int], output: [Int]) -> OperationCount { OperationCount() }
}

extension Permuted: CopyableModule {
  convenience init(copying other: Permuted) { self.init(other.order) }
}

/// Layer normalization over the channels of every pixel of images [N, C, H, W].
public final class ChannelLayerNorm<Scalar: FloatingScalar>: Layer {
  /// γ, [C].
  public let weight: Parameter<Scalar>
  /// β, [C].
  public let bias: Parameter<Scalar>

  init(_ channels: Int) {
    weight = Parameter(Tensor(ones: [channels]))
    bias = Parameter(Tensor(zeros: [channels]))
  }

  /// The normalized images.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    layerNorm(
      input.permuted(0, 2, 3, 1), normalizedShape: weight.shape, scale: weight.value, shift: bias.value,
      epsilon: Scalar(1e-6)
    ).permuted(0, 3, 1, 2)
  }
}

extension ChannelLayerNorm: OperationCounting {
  /// As a layer normalization.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    OperationCount(others: 7 * output.reduce(1, *))
  }
}

extension ChannelLayerNorm: CopyableModule {
  /// Another of the same structure.
  public convenience init(copying other: ChannelLayerNorm) { self.init(other.weight.shape[0]) }
}
