import TernBackend
import TernNN
import TernTensor

/// A transformer over the patches of images, as timm writes it: [N, channels, H, W] to scores [N, classes].
///
/// The same function as ``VisionTransformer`` under the names of timm's `vit_tiny_patch16_224` and its kin, with one
/// projection `qkv` for each attention. Source: Dosovitskiy et al. 2021, "An image is worth 16×16 words".
///
/// ```swift
/// let model = PatchTransformer(.tiny16, classes: 10)
/// let scores = model(Tensor(randomNormal: [8, 3, 224, 224]))  // [8, 10]
/// ```
public final class PatchTransformer<Scalar: FloatingScalar>: Layer {
  /// How it is built.
  public let configuration: VisionTransformerConfiguration
  /// What stands before the patches, [1, 1, features].
  public let clsToken: Parameter<Scalar>
  /// Added to the sequence, [1, length, features].
  public let posEmbed: Parameter<Scalar>
  /// The features of the patches.
  public let patchEmbed: PatchEmbedding<Scalar>
  /// The blocks.
  public let blocks: Sequential<Scalar>
  /// The last normalization.
  public let norm: LayerNorm<Scalar>
  /// The scores.
  public var head: Dense<Scalar>
  private let dropout: Dropout<Scalar>

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
    configuration.check("PatchTransformer")
    self.configuration = configuration
    let features = configuration.features
    clsToken = Parameter(Initializer.normal(deviation: 1e-6)([1, 1, features]))
    posEmbed = Parameter(Initializer.normal(deviation: 0.02)([1, configuration.length, features]))
    patchEmbed = PatchEmbedding(channels, features, patchSize: configuration.patchSize)
    dropout = Dropout(configuration.dropout)
    blocks = Sequential<Scalar>((0..<configuration.layers).map { _ in PatchBlock<Scalar>(configuration) })
    norm = LayerNorm(features, epsilon: 1e-6)
    head = Dense(features, classes)
    startDense(of: Scalar.self, deviation: 0.02)
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
    configuration.check(input, "PatchTransformer")
    let patches = sequence(patchEmbed(input), after: clsToken.value)
    return head(norm(blocks(dropout(patches + posEmbed.value)))[.all, .index(0)])
  }
}

extension PatchTransformer: OperationCounting {
  /// The sum with the positions.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    OperationCount(others: input[0] * configuration.length * configuration.features)
  }
}

extension PatchTransformer: CopyableModule {
  /// Another of the same structure.
  public convenience init(copying other: PatchTransformer) {
    self.init(other.configuration, channels: other.patchEmbed.proj.weight.shape[1])
    head = other.head.copy()
  }
}

/// A convolution whose stride is its kernel: features of the patches of images.
public final class PatchEmbedding<Scalar: FloatingScalar>: Layer {
  /// The convolution.
  public let proj: Conv2D<Scalar>

  init(_ channels: Int, _ features: Int, patchSize: Int) {
    proj = Conv2D(channels, features, kernelSize: patchSize, stride: patchSize)
  }

  /// The features, [N, features, rows, columns].
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { proj(input) }
}

/// x + attention(norm x), then x + mlp(norm x): a block of ``PatchTransformer``.
public final class PatchBlock<Scalar: FloatingScalar>: Layer {
  /// The normalization before the attention.
  public let norm1: LayerNorm<Scalar>
  /// The attention.
  public let attn: PatchAttention<Scalar>
  /// The normalization before the dense layers.
  public let norm2: LayerNorm<Scalar>
  /// The dense layers, `fc1` and `fc2`.
  public let mlp: NamedSequential<Scalar>
  private let configuration: VisionTransformerConfiguration

  init(_ configuration: VisionTransformerConfiguration) {
    self.configuration = configuration
    let (features, inner) = (configuration.features, configuration.inner)
    norm1 = LayerNorm(features, epsilon: 1e-6)
    attn = PatchAttention(configuration)
    norm2 = LayerNorm(features, epsilon: 1e-6)
    mlp = NamedSequential([
      ("fc1", Dense<Scalar>(features, inner)), ("act", GELU<Scalar>()),
      ("drop1", Dropout<Scalar>(configuration.dropout)),
      ("fc2", Dense<Scalar>(inner, features)), ("drop2", Dropout<Scalar>(configuration.dropout)),
    ])
  }

  /// The block's result, [N, L, features].
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    let x = input + attn(norm1(input))
    return x + mlp(norm2(x))
  }
}

extension PatchBlock: OperationCounting {
  /// The two sums.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    OperationCount(others: 2 * output.reduce(1, *))
  }
}

extension PatchBlock: CopyableModule {
  /// Another of the same structure.
  public convenience init(copying other: PatchBlock) { self.init(other.configuration) }
}

/// Attention with one projection for queries, keys and values.
public final class PatchAttention<Scalar: FloatingScalar>: Layer {
  /// The projection to queries, keys and values beside each other.
  public let qkv: Dense<Scalar>
  /// The projection of the results.
  public let proj: Dense<Scalar>
  private let heads: Int
  private let dropout: Dropout<Scalar>

  init(_ configuration: VisionTransformerConfiguration) {
    heads = configuration.heads
    qkv = Dense(configuration.features, 3 * configuration.features)
    proj = Dense(configuration.features, configuration.features)
    dropout = Dropout(configuration.dropout)
  }

  /// The attention's result, [N, L, features].
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    let (count, length, features) = (input.shape[0], input.shape[1], input.shape[2])
    let projected = qkv(input)
    if let attended = packedSelfAttention(projected, heads: heads) { return dropout(proj(attended)) }
    let parts = projected.reshaped([count, length, 3, heads, features / heads]).permuted(2, 0, 3, 1, 4)
    let attended = scaledDotProductAttention(parts[.index(0)], parts[.index(1)], parts[.index(2)])
    return dropout(proj(attended.permuted(0, 2, 1, 3).reshaped([count, length, features])))
  }
}

extension PatchAttention: OperationCounting {
  /// Products of queries with keys and of weights with values.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    attentionOperations(rows: input[0], heads: heads, length: input[1], features: input[2])
  }
}
