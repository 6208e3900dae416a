import TernBackend
import TernNN
import TernTensor

/// How a ``VisionTransformer`` or a ``PatchTransformer`` is built.
public struct VisionTransformerConfiguration: Sendable, Hashable {
  /// Height and width of the images in pixels.
  public var imageSize: Int
  /// Height and width of a patch; divides the image's.
  public var patchSize: Int
  /// Features of a patch.
  public var features: Int
  /// Features between the dense layers of a block.
  public var inner: Int
  /// How many blocks.
  public var layers: Int
  /// Heads of each attention.
  public var heads: Int
  /// The probability that a value is dropped in training.
  public var dropout: Double

  /// Creates a configuration.
  ///
  /// - Parameters:
  ///   - imageSize: height and width of the images in pixels.
  ///   - patchSize: height and width of a patch; divides the image's.
  ///   - features: features of a patch, a multiple of `heads`.
  ///   - inner: features between the dense layers of a block; four times the features when `nil`.
  ///   - layers: how many blocks.
  ///   - heads: heads of each attention.
  ///   - dropout: the probability that a value is dropped in training, 0 to 1.
  public init(
    imageSize: Int = 224, patchSize: Int = 16, features: Int, inner: Int? = nil, layers: Int = 12, heads: Int,
    dropout: Double = 0
  ) {
    (self.imageSize, self.patchSize, self.features) = (imageSize, patchSize, features)
    (self.inner, self.layers, self.heads) = (inner ?? 4 * features, layers, heads)
    self.dropout = dropout
  }

  /// 86.6 million parameters: torchvision's `vit_b_16`.
  public static let base16 = VisionTransformerConfiguration(features: 768, heads: 12)
  /// 5.7 million parameters: timm's `vit_tiny_patch16_224`.
  public static let tiny16 = VisionTransformerConfiguration(features: 192, heads: 3)

  /// The sequence's length: the patches and the class.
  var length: Int { (imageSize / patchSize) * (imageSize / patchSize) + 1 }

  func check(_ name: String) {
    requireSizes(name, blocks: [layers], sizes: [imageSize, patchSize, features])
    TernBackend.check(
      patchSize >= 1 && imageSize >= patchSize && imageSize % patchSize == 0, name,
      "images of \(imageSize)×\(imageSize) in patches of \(patchSize)×\(patchSize)")
    TernBackend.check(
      heads >= 1 && features % heads == 0, name, "\(heads) heads for \(features) features")
  }
}

/// A transformer over the patches of images: [N, channels, H, W] to scores [N, classes].
///
/// State names, layers and starting values are those of torchvision's `vit_b_16`. Source: Dosovitskiy et al. 2021, "An
/// image is worth 16×16 words".
///
/// ```swift
/// let model = VisionTransformer(.base16, classes: 10)
/// let scores = model(Tensor(randomNormal: [1, 3, 224, 224]))  // [1, 10]
/// ```
public final class VisionTransformer<Scalar: FloatingScalar>: Layer {
  /// How it is built.
  public let configuration: VisionTransformerConfiguration
  /// What stands before the patches, [1, 1, features].
  public let classToken: Parameter<Scalar>
  /// The features of the patches.
  public let convProj: Conv2D<Scalar>
  /// The blocks.
  public let encoder: VisionEncoder<Scalar>
  /// The scores, under the name `head`.
  public let heads: NamedSequential<Scalar>

  /// Creates a transformer. Stops where patches do not divide images, or heads features.
  ///
  /// - Parameters:
  ///   - configuration: sizes and dropout.
  ///   - classes: how many classes have a score.
  ///   - channels: channels of the images.
  public init(
    _ configuration: VisionTransformerConfiguration, classes: Int = 1000, channels: Int = 3,
    fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    configuration.check("VisionTransformer")
    self.configuration = configuration
    let (features, patch) = (configuration.features, configuration.patchSize)
    classToken = Parameter(Tensor(zeros: [1, 1, features]))
    convProj = Conv2D(channels, features, kernelSize: patch, stride: patch)
    encoder = VisionEncoder(configuration)
    let head = Dense<Scalar>(features, classes)
    heads = NamedSequential([("head", head)])
    convProj.weight.initialize(.normal(deviation: 1 / Double(channels * patch * patch).squareRoot()))
    convProj.bias?.initialize(.zeros)
    head.weight.initialize(.zeros)
    head.bias?.initialize(.zeros)
  }

  /// Creates a transformer with `Float` values. Stops where patches do not divide images, or heads features.
  ///
  /// - Parameters:
  ///   - configuration: sizes and dropout.
  ///   - classes: how many classes have a score.
  ///   - channels: channels of the images.
  public convenience init(
    _ configuration: VisionTransformerConfiguration, classes: Int = 1000, channels: Int = 3,
    file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(configuration, classes: classes, channels: channels, fileID: file, line: line)
  }

  /// The scores of the images, [N, classes]; stops for another extent of the images.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    configuration.check(input, "VisionTransformer")
    let patches = sequence(convProj(input), after: classToken.value)
    return heads(encoder(patches)[.all, .index(0)])
  }
}

extension VisionTransformer: PublishedNames {
  /// The network's name for a name in torchvision's files, whose older ones number the dense layers of a block.
  public static func stateName(_ name: String) -> String? {
    var parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    if parts.count >= 2, parts.dropLast(2).last == "mlp" {
      if parts[parts.count - 2] == "linear_1" { parts[parts.count - 2] = "0" }
      if parts[parts.count - 2] == "linear_2" { parts[parts.count - 2] = "3" }
    }
    return parts.joined(separator: ".")
  }
}

extension VisionTransformer: OperationCounting {
  /// None besides those of its parts: the class token only stands before the patches.
  public func operations(input: [Int], output: [Int]) -> OperationCount { OperationCount() }
}

extension VisionTransformer: CopyableModule {
  /// Another of the same structure.
  public convenience init(copying other: VisionTransformer) {
    let head = other.heads["head"] as? Dense<Scalar>
    self.init(
      other.configuration, classes: head?.weight.shape[0] ?? 1000, channels: other.convProj.weight.shape[1])
  }
}

extension VisionTransformerConfiguration {
  /// Stops for images of another extent.
  func check<Scalar>(_ images: Tensor<Scalar>, _ name: String) {
    TernBackend.check(
      images.rank == 4 && images.shape[2] == imageSize && images.shape[3] == imageSize, name,
      "images \(images.shape) are not [N, channels, \(imageSize), \(imageSize)]")
  }
}

/// Maps [N, E, H, W] as a sequence [N, 1 + H·W, E] after a token [1, 1, E].
func sequence<Scalar: FloatingScalar>(_ maps: Tensor<Scalar>, after token: Tensor<Scalar>) -> Tensor<Scalar> {
  let (count, features) = (maps.shape[0], maps.shape[1])
  let patches = maps.permuted(0, 2, 3, 1).reshaped([count, maps.shape[2] * maps.shape[3], features])
  return concatenate([token.broadcast(to: [count, 1, features]), patches], along: 1)
}

/// The positions' features, the blocks and the last normalization of a ``VisionTransformer``.
public final class VisionEncoder<Scalar: FloatingScalar>: Layer {
  /// Added to the sequence, [1, length, features].
  public let posEmbedding: Parameter<Scalar>
  private let dropout: Dropout<Scalar>
  /// The blocks, `encoder_layer_0` and so on.
  public let layers: NamedSequential<Scalar>
  /// The last normalization.
  public let ln: LayerNorm<Scalar>

  init(_ configuration: VisionTransformerConfiguration) {
    posEmbedding = Parameter(
      Initializer.normal(deviation: 0.02)([1, configuration.length, configuration.features]))
    dropout = Dropout(configuration.dropout)
    layers = NamedSequential(
      (0..<configuration.layers).map { ("encoder_layer_\($0)", VisionBlock<Scalar>(configuration)) })
    ln = LayerNorm(configuration.features, epsilon: 1e-6)
  }

  /// The encoded sequence, [N, length, features].
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    ln(layers(dropout(input + posEmbedding.value)))
  }
}

extension VisionEncoder: OperationCounting {
  /// The sum with the positions.
  public func operations(input: [Int], output: [Int]) -> OperationCount { OperationCount(others: output.reduce(1, *)) }
}

/// x + attention(norm x), then x + mlp(norm x): a block of ``VisionTransformer``.
public final class VisionBlock<Scalar: FloatingScalar>: Layer {
  /// The normalization before the attention.
  public let ln1: LayerNorm<Scalar>
  /// The attention.
  public let selfAttention: MultiHeadAttention<Scalar>
  /// The normalization before the dense layers.
  public let ln2: LayerNorm<Scalar>
  /// The dense layers.
  public let mlp: Sequential<Scalar>
  private let dropout: Dropout<Scalar>
  private let configuration: VisionTransformerConfiguration

  /// Names with the number apart.
  public var savedNames: [String: String] { ["ln1": "ln_1", "ln2": "ln_2"] }

  init(_ configuration: VisionTransformerConfiguration) {
    self.configuration = configuration
    let (features, inner) = (configuration.features, configuration.inner)
    ln1 = LayerNorm(features, epsilon: 1e-6)
    selfAttention = MultiHeadAttention(features, heads: configuration.heads, batchFirst: true)
    ln2 = LayerNorm(features, epsilon: 1e-6)
    dropout = Dropout(configuration.dropout)
    let (first, second) = (Dense<Scalar>(features, inner), Dense<Scalar>(inner, features))
    for layer in [first, second] {
      layer.weight.initialize(.xavierUniform())
      layer.bias?.initialize(.normal(deviation: 1e-6))
    }
    mlp = Sequential<Scalar> {
      first
      GELU<Scalar>()
      Dropout<Scalar>(configuration.dropout)
      second
      Dropout<Scalar>(configuration.dropout)
    }
  }

  /// The block's result, [N, L, features].
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    let x = dropout(selfAttention(ln1(input))) + input
    return x + mlp(ln2(x))
  }
}

extension VisionBlock: OperationCounting {
  /// The two sums.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    OperationCount(others: 2 * output.reduce(1, *))
  }
}

extension VisionBlock: CopyableModule {
  /// Another of the same structure.
  public convenience init(copying other: VisionBlock) { self.init(other.configuration) }
}
