import TernBackend
import TernTensor

// Layers of a transformer one after the other.

/// The encoder of a transformer: layers one after the other, and a normalization at the end where one is given.
///
/// ```swift
/// let encoder = TransformerEncoder(layers: 6) { TransformerEncoderLayer(512, heads: 8) }
/// ```
///
/// Keys are PyTorch's: `layers.0.self_attn.in_proj_weight`, `norm.weight`. Unlike there, every layer starts with values of its
/// own. Source: Vaswani et al. 2017, "Attention is all you need".
public final class TransformerEncoder<Scalar: FloatingScalar>: Layer {
  /// The layers in their order.
  public let layers: [TransformerEncoderLayer<Scalar>]
  /// What comes last; `nil` without.
  public let norm: LayerNorm<Scalar>?

  /// Creates an encoder of given layers.
  ///
  /// - Parameters:
  ///   - layers: the layers in their order.
  ///   - norm: the normalization at the end; none when `nil`.
  public init(_ layers: [TransformerEncoderLayer<Scalar>], norm: LayerNorm<Scalar>? = nil) {
    self.layers = layers
    self.norm = norm
  }

  /// Creates an encoder whose layers a closure makes. Stops for a negative count.
  ///
  /// - Parameters:
  ///   - count: how many layers there are, at least 0.
  ///   - norm: the normalization at the end; none when `nil`.
  ///   - make: makes a layer; called once for each.
  public convenience init(
    layers count: Int, norm: LayerNorm<Scalar>? = nil, _ make: () -> TransformerEncoderLayer<Scalar>,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(count >= 0, "TransformerEncoder", "\(count) layers")
    MemoryPool.require(count: count, of: 16_384, "TransformerEncoder", "\(count) layers")
    self.init((0..<count).map { _ in make() }, norm: norm)
  }

  /// The encoded sequence, of the input's shape.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { encode(input, nil, nil, nil, false) }

  /// The encoded sequence, with masks as ``MultiHeadAttention`` takes them.
  public func callAsFunction(
    _ input: Tensor<Scalar>, mask: Tensor<Bool>? = nil, bias: Tensor<Scalar>? = nil, keyMask: Tensor<Bool>? = nil,
    causal: Bool = false,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return running(input) { (encode(input, mask, bias, keyMask, causal), ()) }.output
  }

  private func encode(
    _ input: Tensor<Scalar>, _ mask: Tensor<Bool>?, _ bias: Tensor<Scalar>?, _ keyMask: Tensor<Bool>?, _ causal: Bool
  ) -> Tensor<Scalar> {
    let result = layers.reduce(input) { $1($0, mask: mask, bias: bias, keyMask: keyMask, causal: causal) }
    return norm.map { $0(result) } ?? result
  }
}

/// The decoder of a transformer: layers one after the other, and a normalization at the end where one is given, see
/// ``TransformerEncoder``.
public final class TransformerDecoder<Scalar: FloatingScalar>: Module {
  /// The layers in their order.
  public let layers: [TransformerDecoderLayer<Scalar>]
  /// What comes last; `nil` without.
  public let norm: LayerNorm<Scalar>?

  /// Creates a decoder of given layers.
  ///
  /// - Parameters:
  ///   - layers: the layers in their order.
  ///   - norm: the normalization at the end; none when `nil`.
  public init(_ layers: [TransformerDecoderLayer<Scalar>], norm: LayerNorm<Scalar>? = nil) {
    self.layers = layers
    self.norm = norm
  }

  /// Creates a decoder whose layers a closure makes. Stops for a negative count.
  ///
  /// - Parameters:
  ///   - count: how many layers there are, at least 0.
  ///   - norm: the normalization at the end; none when `nil`.
  ///   - make: makes a layer; called once for each.
  public convenience init(
    layers count: Int, norm: LayerNorm<Scalar>? = nil, _ make: () -> TransformerDecoderLayer<Scalar>,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(count >= 0, "TransformerDecoder", "\(count) layers")
    MemoryPool.require(count: count, of: 16_384, "TransformerDecoder", "\(count) layers")
    self.init((0..<count).map { _ in make() }, norm: norm)
  }

  /// The decoded sequence, of the target's shape, with masks as ``TransformerDecoderLayer`` takes them.
  public func callAsFunction(
    _ target: Tensor<Scalar>, memory: Tensor<Scalar>, mask: Tensor<Bool>? = nil, keyMask: Tensor<Bool>? = nil,
    causal: Bool = false, memoryMask: Tensor<Bool>? = nil, memoryKeyMask: Tensor<Bool>? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let result = layers.reduce(target) {
      $1(
        $0, memory: memory, mask: mask, keyMask: keyMask, causal: causal, memoryMask: memoryMask,
        memoryKeyMask: memoryKeyMask)
    }
    return norm.map { $0(result) } ?? result
  }
}

/// An encoder and a decoder that attends to what it encodes, each with a normalization at the end.
///
/// Matrices start Xavier uniform, as in PyTorch, whose keys the state has. Source: Vaswani et al. 2017, "Attention is all
/// you need".
public final class Transformer<Scalar: FloatingScalar>: Module {
  /// Encodes sources.
  public let encoder: TransformerEncoder<Scalar>
  /// Decodes targets.
  public let decoder: TransformerDecoder<Scalar>

  init(encoder: TransformerEncoder<Scalar>, decoder: TransformerDecoder<Scalar>) {
    (self.encoder, self.decoder) = (encoder, decoder)
  }

  /// Creates a transformer. Stops where the heads do not divide the features.
  ///
  /// - Parameters:
  ///   - features: features E of the sequences, a multiple of `heads`.
  ///   - heads: heads of each attention.
  ///   - encoderLayers: layers of the encoder.
  ///   - decoderLayers: layers of the decoder.
  ///   - innerFeatures: features between the two dense layers.
  ///   - dropout: the probability that a value is dropped in training, 0 to 1.
  ///   - activation: the function between the two dense layers.
  ///   - epsilon: ε of the normalizations.
  ///   - batchFirst: whether sequences are [N, L, E], not [L, N, E].
  ///   - normFirst: whether each normalization comes before its part, not after the sum.
  ///   - bias: whether dense layers, projections and normalizations have biases.
  public init(
    _ features: Int = 512, heads: Int = 8, encoderLayers: Int = 6, decoderLayers: Int = 6, innerFeatures: Int = 2048,
    dropout: Double = 0.1, activation: TransformerActivation = .relu, epsilon: Double = 1e-5, batchFirst: Bool = false,
    normFirst: Bool = false, bias: Bool = true, fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    func norm() -> LayerNorm<Scalar> {
      LayerNorm(features, epsilon: epsilon, bias: bias)
    }
    encoder = TransformerEncoder(layers: encoderLayers, norm: norm()) {
      TransformerEncoderLayer(
        features, heads: heads, innerFeatures: innerFeatures, dropout: dropout, activation: activation,
        epsilon: epsilon, batchFirst: batchFirst, normFirst: normFirst, bias: bias)
    }
    decoder = TransformerDecoder(layers: decoderLayers, norm: norm()) {
      TransformerDecoderLayer(
        features, heads: heads, innerFeatures: innerFeatures, dropout: dropout, activation: activation,
        epsilon: epsilon, batchFirst: batchFirst, normFirst: normFirst, bias: bias)
    }
    for case let parameter as Parameter<Scalar> in parameters where parameter.shape.count > 1 {
      parameter.value = Initializer.xavierUniform()(parameter.shape)
    }
  }

  /// Creates a transformer, with `Float` values. Stops where the heads do not divide the features.
  ///
  /// - Parameters:
  ///   - features: features E of the sequences, a multiple of `heads`.
  ///   - heads: heads of each attention.
  ///   - encoderLayers: layers of the encoder.
  ///   - decoderLayers: layers of the decoder.
  ///   - innerFeatures: features between the two dense layers.
  ///   - dropout: the probability that a value is dropped in training, 0 to 1.
  ///   - activation: the function between the two dense layers.
  ///   - epsilon: ε of the normalizations.
  ///   - batchFirst: whether sequences are [N, L, E], not [L, N, E].
  ///   - normFirst: whether each normalization comes before its part, not after the sum.
  ///   - bias: whether dense layers, projections and normalizations have biases.
  public convenience init(
    _ features: Int = 512, heads: Int = 8, encoderLayers: Int = 6, decoderLayers: Int = 6, innerFeatures: Int = 2048,
    dropout: Double = 0.1, activation: TransformerActivation = .relu, epsilon: Double = 1e-5, batchFirst: Bool = false,
    normFirst: Bool = false, bias: Bool = true, file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(
      features, heads: heads, encoderLayers: encoderLayers, decoderLayers: decoderLayers, innerFeatures: innerFeatures,
      dropout: dropout, activation: activation, epsilon: epsilon, batchFirst: batchFirst, normFirst: normFirst,
      bias: bias, fileID: file, line: line)
  }

  /// The decoded target, of its shape. Masks are true where attention is allowed.
  ///
  /// - Parameters:
  ///   - source: [S, N, E], or [N, S, E] batch first, or [S, E].
  ///   - target: [T, N, E], as the source.
  ///   - sourceMask: of source to source, [S, S].
  ///   - targetMask: of target to target, [T, T].
  ///   - memoryMask: of target to source, [T, S].
  ///   - sourceKeyMask: the source's positions that count, [N, S], for the encoder.
  ///   - targetKeyMask: the target's positions that count, [N, T].
  ///   - memoryKeyMask: the source's positions that count, [N, S], for the decoder.
  ///   - causal: whether a target's position sees none that follow.
  public func callAsFunction(
    _ source: Tensor<Scalar>, _ target: Tensor<Scalar>, sourceMask: Tensor<Bool>? = nil,
    targetMask: Tensor<Bool>? = nil, memoryMask: Tensor<Bool>? = nil, sourceKeyMask: Tensor<Bool>? = nil,
    targetKeyMask: Tensor<Bool>? = nil, memoryKeyMask: Tensor<Bool>? = nil, causal: Bool = false,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let memory = encoder(source, mask: sourceMask, keyMask: sourceKeyMask)
    return decoder(
      target, memory: memory, mask: targetMask, keyMask: targetKeyMask, causal: causal, memoryMask: memoryMask,
      memoryKeyMask: memoryKeyMask)
  }
}

extension TransformerEncoder: SelfCopying {
  func duplicate() -> any Module {
    TransformerEncoder(layers.map(CopyScope.copied), norm: norm.map(CopyScope.copied))
  }
}

extension TransformerDecoder: SelfCopying {
  func duplicate() -> any Module {
    TransformerDecoder(layers.map(CopyScope.copied), norm: norm.map(CopyScope.copied))
  }
}

extension Transformer: SelfCopying {
  func duplicate() -> any Module {
    Transformer(encoder: CopyScope.copied(encoder), decoder: CopyScope.copied(decoder))
  }
}
