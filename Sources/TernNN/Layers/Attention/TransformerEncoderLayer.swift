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

  /// A layer over `features` features.
  public init(
    features: Int, heads: Int, innerFeatures: Int, dropout: Double, activation: TransformerActivation, epsilon: Double,
    batchFirst: Bool, normFirst: Bool, bias: Bool, of scalar: Scalar.Type
  ) {
    selfAttn = MultiHeadAttention(
      features: features, heads: heads, dropout: dropout, bias: bias, keyFeatures: nil, valueFeatures: nil,
      batchFirst: batchFirst, of: scalar)
    linear1 = Dense(inputs: features, outputs: innerFeatures, bias: bias, of: scalar)
    linear2 = Dense(inputs: innerFeatures, outputs: features, bias: bias, of: scalar)
    norm1 = LayerNorm(normalizedShape: [features], epsilon: epsilon, affine: true, bias: bias, of: scalar)
    norm2 = LayerNorm(normalizedShape: [features], epsilon: epsilon, affine: true, bias: bias, of: scalar)
    self.dropout = Dropout(probability: dropout, generator: nil, of: scalar)
    dropout1 = Dropout(probability: dropout, generator: nil, of: scalar)
    dropout2 = Dropout(probability: dropout, generator: nil, of: scalar)
    self.activation = activation
    self.normFirst = normFirst
  }

  /// A layer over `features` features; stops where the heads do not divide them.
  public convenience init(
    _ features: Int, heads: Int, innerFeatures: Int = 2048, dropout: Double = 0.1,
    activation: TransformerActivation = .relu, epsilon: Double = 1e-5, batchFirst: Bool = false,
    normFirst: Bool = false, bias: Bool = true
  ) {
    self.init(
      features: features, heads: heads, innerFeatures: innerFeatures, dropout: dropout, activation: activation,
      epsilon: epsilon, batchFirst: batchFirst, normFirst: normFirst, bias: bias, of: Scalar.self)
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
      let inner = linear1(x)
      return dropout2(linear2(dropout(activation == .relu ? inner.relu() : inner.gelu())))
    }
    if normFirst {
      let y = x + attention(norm1(x))
      return y + network(norm2(y))
    }
    let y = norm1(x + attention(x))
    return norm2(y + network(y))
  }
}

extension TransformerEncoderLayer where Scalar == Float {
  /// A layer over `features` features; stops where the heads do not divide them.
  public convenience init(
    _ features: Int, heads: Int, innerFeatures: Int = 2048, dropout: Double = 0.1,
    activation: TransformerActivation = .relu, epsilon: Double = 1e-5, batchFirst: Bool = false,
    normFirst: Bool = false, bias: Bool = true
  ) {
    self.init(
      features: features, heads: heads, innerFeatures: innerFeatures, dropout: dropout, activation: activation,
      epsilon: epsilon, batchFirst: batchFirst, normFirst: normFirst, bias: bias, of: Float.self)
  }
}

extension TransformerEncoderLayer: SelfCopying {
  func duplicate() -> any Module {
    TransformerEncoderLayer(
      features: linear1.weight.shape[1], heads: selfAttn.heads, innerFeatures: linear1.weight.shape[0],
      dropout: dropout.probability, activation: activation, epsilon: norm1.epsilon, batchFirst: selfAttn.batchFirst,
      normFirst: normFirst, bias: linear1.bias != nil, of: Scalar.self)
  }
}
