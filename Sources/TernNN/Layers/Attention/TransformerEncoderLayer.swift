import TernBackend
import TernTensor

/// The function between the two dense layers of a transformer.
public enum TransformerActivation: Sendable {
  /// max(x, 0).
  case relu
  /// x·Φ(x) with the normal distribution function Φ.
  case gelu
}

/// A layer of a transformer's encoder: attention of a sequence to itself and a network of two dense layers, each with a
/// shortcut around it and a layer normalization.
///
/// The normalization comes after the sum, x ← norm(x + f(x)), or first, x ← x + f(norm(x)). Defaults and keys of the
/// state are those of PyTorch's TransformerEncoderLayer. Source: Vaswani et al. 2017, "Attention is all you need"; Xiong et
/// al. 2020, "On layer normalization in the transformer architecture".
public final class TransformerEncoderLayer<Scalar: FloatingScalar>: Layer {
  /// The attention.
  public let selfAttn: MultiHeadAttention<Scalar>
  /// The first dense layer, to the inner features.
  public let linear1: Dense<Scalar>
  /// Drops inner features.
  public let dropout: Dropout<Scalar>
  /// The second dense layer, back.
  public let linear2: Dense<Scalar>
  /// The normalization of the attention.
  public let norm1: LayerNorm<Scalar>
  /// The normalization of the dense layers.
  public let norm2: LayerNorm<Scalar>
  /// Drops results of the attention.
  public let dropout1: Dropout<Scalar>
  /// Drops results of the dense layers.
  public let dropout2: Dropout<Scalar>
  /// The function between the dense layers.
  public let activation: TransformerActivation
  /// Whether a normalization comes before what it belongs to.
  public let normFirst: Bool

  /// Creates an encoder layer. Stops where the heads do not divide the features.
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
    selfAttn = MultiHeadAttention(features, heads: heads, dropout: dropout, bias: bias, batchFirst: batchFirst)
    linear1 = Dense(features, innerFeatures, bias: bias)
    linear2 = Dense(innerFeatures, features, bias: bias)
    norm1 = LayerNorm(features, epsilon: epsilon, bias: bias)
    norm2 = LayerNorm(features, epsilon: epsilon, bias: bias)
    self.dropout = Dropout(dropout)
    dropout1 = Dropout(dropout)
    dropout2 = Dropout(dropout)
    self.activation = activation
    self.normFirst = normFirst
  }

  /// Creates an encoder layer, with `Float` values. Stops where the heads do not divide the features.
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

  /// The encoded sequence, [L, N, E] (or [N, L, E], or [L, E]) to the same shape.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { encode(input) }

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
    _ x: Tensor<Scalar>, _ mask: Tensor<Bool>? = nil, _ bias: Tensor<Scalar>? = nil, _ keyMask: Tensor<Bool>? = nil,
    _ causal: Bool = false
  ) -> Tensor<Scalar> {
    func attention(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
      dropout1(selfAttn(x, x, x, mask: mask, bias: bias, keyMask: keyMask, causal: causal))
    }
    func network(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
      dropout2(FeedForwardLayers(linear1, activation == .relu ? .relu : .gelu, dropout, linear2)(x))
    }
    if normFirst {
      let y = x + attention(norm1(x))
      return y + network(norm2(y))
    }
    let y = norm1(x + attention(x))
    return norm2(y + network(y))
  }
}

extension TransformerEncoderLayer: SelfCopying {
  func duplicate() -> any Module {
    TransformerEncoderLayer(
      linear1.weight.shape[1], heads: selfAttn.heads, innerFeatures: linear1.weight.shape[0],
      dropout: dropout.probability, activation: activation, epsilon: norm1.epsilon, batchFirst: selfAttn.batchFirst,
      normFirst: normFirst, bias: linear1.bias != nil)
  }
}
