import TernBackend
import TernTensor

/// A layer of a transformer's decoder: attention of a sequence to itself, attention to an encoded sequence, and a network
/// of two dense layers, each with a shortcut around it and a layer normalization.
///
/// The normalization comes after the sum or first, as in ``TransformerEncoderLayer``. Defaults and keys of the state are those
/// of PyTorch's TransformerDecoderLayer. Source: Vaswani et al. 2017, "Attention is all you need".
public final class TransformerDecoderLayer<Scalar: FloatingScalar>: Module {
  /// The attention to itself.
  public let selfAttn: MultiHeadAttention<Scalar>
  /// The attention to the encoded sequence.
  public let multiheadAttn: MultiHeadAttention<Scalar>
  /// The first dense layer, to the inner features.
  public let linear1: Dense<Scalar>
  /// Drops inner features.
  public let dropout: Dropout<Scalar>
  /// The second dense layer, back.
  public let linear2: Dense<Scalar>
  /// The normalization of the attention to itself.
  public let norm1: LayerNorm<Scalar>
  /// The normalization of the attention to the encoded sequence.
  public let norm2: LayerNorm<Scalar>
  /// The normalization of the dense layers.
  public let norm3: LayerNorm<Scalar>
  /// Drops results of the attention to itself.
  public let dropout1: Dropout<Scalar>
  /// Drops results of the attention to the encoded sequence.
  public let dropout2: Dropout<Scalar>
  /// Drops results of the dense layers.
  public let dropout3: Dropout<Scalar>
  /// The function between the dense layers.
  public let activation: TransformerActivation
  /// Whether a normalization comes before what it belongs to.
  public let normFirst: Bool

  /// Creates a decoder layer. Stops where the heads do not divide the features.
  ///
  /// - Parameters:
  ///   - features: features E of the sequences, a multiple of `heads`.
  ///   - heads: heads of each attention.
  ///   - innerFeatures: features between the two dense layers.
  ///   - dropout: the probability that a value is dropped in training, 0 to 1.
  ///   - activation: the function between the two dense layers.
  ///   - epsilon: ε of the normalizations.
  ///   - batchFirst: whether sequences are [N, L, E], not [L, N, E].
  ///   - normFirst: whether each normalization comes before its part, not after the sum.
  ///   - bias: whether dense layers, projections and normalizations have biases.
  public init(
    _ features: Int, heads: Int, innerFeatures: Int = 2048, dropout: Double = 0.1,
    activation: TransformerActivation = .relu, epsilon: Double = 1e-5, batchFirst: Bool = false,
    normFirst: Bool = false, bias: Bool = true, fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    func attention() -> MultiHeadAttention<Scalar> {
      MultiHeadAttention(features, heads: heads, dropout: dropout, bias: bias, batchFirst: batchFirst)
    }
    func norm() -> LayerNorm<Scalar> {
      LayerNorm(features, epsilon: epsilon, bias: bias)
    }
    func dropping() -> Dropout<Scalar> { Dropout(dropout) }
    (selfAttn, multiheadAttn) = (attention(), attention())
    linear1 = Dense(features, innerFeatures, bias: bias)
    linear2 = Dense(innerFeatures, features, bias: bias)
    (norm1, norm2, norm3) = (norm(), norm(), norm())
    (self.dropout, dropout1, dropout2, dropout3) = (dropping(), dropping(), dropping(), dropping())
    self.activation = activation
    self.normFirst = normFirst
  }

  /// Creates a decoder layer, with `Float` values. Stops where the heads do not divide the features.
  ///
  /// - Parameters:
  ///   - features: features E of the sequences, a multiple of `heads`.
  ///   - heads: heads of each attention.
  ///   - innerFeatures: features between the two dense layers.
  ///   - dropout: the probability that a value is dropped in training, 0 to 1.
  ///   - activation: the function between the two dense layers.
  ///   - epsilon: ε of the normalizations.
  ///   - batchFirst: whether sequences are [N, L, E], not [L, N, E].
  ///   - normFirst: whether each normalization comes before its part, not after the sum.
  ///   - bias: whether dense layers, projections and normalizations have biases.
  public convenience init(
    _ features: Int, heads: Int, innerFeatures: Int = 2048, dropout: Double = 0.1,
    activation: TransformerActivation = .relu, epsilon: Double = 1e-5, batchFirst: Bool = false,
    normFirst: Bool = false, bias: Bool = true, file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(
      features, heads: heads, innerFeatures: innerFeatures, dropout: dropout, activation: activation, epsilon: epsilon,
      batchFirst: batchFirst, normFirst: normFirst, bias: bias, fileID: file, line: line)
  }

  /// The decoded sequence, of the target's shape. Masks are true where attention is allowed.
  ///
  /// - Parameters:
  ///   - target: [T, N, E], or [N, T, E] batch first, or [T, E].
  ///   - memory: the encoded sequence, [S, N, E], as the target.
  ///   - mask: of target to target, as ``MultiHeadAttention`` takes it.
  ///   - keyMask: the target's positions that count, [N, T].
  ///   - causal: whether a target's position sees none that follow.
  ///   - memoryMask: of target to memory.
  ///   - memoryKeyMask: the memory's positions that count, [N, S].
  public func callAsFunction(
    _ target: Tensor<Scalar>, memory: Tensor<Scalar>, mask: Tensor<Bool>? = nil, keyMask: Tensor<Bool>? = nil,
    causal: Bool = false, memoryMask: Tensor<Bool>? = nil, memoryKeyMask: Tensor<Bool>? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    func own(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
      dropout1(selfAttn(x, x, x, mask: mask, keyMask: keyMask, causal: causal))
    }
    func encoded(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
      dropout2(multiheadAttn(x, memory, memory, mask: memoryMask, keyMask: memoryKeyMask))
    }
    func network(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
      dropout3(FeedForwardLayers(linear1, activation == .relu ? .relu : .gelu, dropout, linear2)(x))
    }
    if normFirst {
      let x = target + own(norm1(target))
      let y = x + encoded(norm2(x))
      return y + network(norm3(y))
    }
    let x = norm1(target + own(target))
    let y = norm2(x + encoded(x))
    return norm3(y + network(y))
  }
}

extension TransformerDecoderLayer: SelfCopying {
  func duplicate() -> any Module {
    TransformerDecoderLayer(
      linear1.weight.shape[1], heads: selfAttn.heads, innerFeatures: linear1.weight.shape[0],
      dropout: dropout.probability, activation: activation, epsilon: norm1.epsilon, batchFirst: selfAttn.batchFirst,
      normFirst: normFirst, bias: linear1.bias != nil)
  }
}
