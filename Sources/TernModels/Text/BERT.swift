import TernBackend
import TernNN
import TernTensor

/// How a ``BERT`` is built.
public struct BERTConfiguration: Sendable, Hashable {
  /// How many tokens there are.
  public var vocabulary: Int
  /// The longest sequence.
  public var positions: Int
  /// Kinds of tokens: whether they are of the first or the second sentence.
  public var kinds: Int
  /// Features of a token.
  public var features: Int
  /// Features between the dense layers of a block.
  public var inner: Int
  /// How many blocks.
  public var layers: Int
  /// Heads of each attention.
  public var heads: Int
  /// The probability that a value is dropped in training.
  public var dropout: Double
  /// ε of the normalizations.
  public var epsilon: Double

  /// Creates a configuration; the defaults are those of `bert-base-uncased`.
  ///
  /// - Parameters:
  ///   - vocabulary: how many tokens there are.
  ///   - positions: the longest sequence.
  ///   - kinds: kinds of tokens.
  ///   - features: features of a token, a multiple of `heads`.
  ///   - inner: features between the dense layers of a block.
  ///   - layers: how many blocks.
  ///   - heads: heads of each attention.
  ///   - dropout: the probability that a value is dropped in training, 0 to 1.
  ///   - epsilon: ε of the normalizations.
  public init(
    vocabulary: Int = 30_522, positions: Int = 512, kinds: Int = 2, features: Int = 768, inner: Int = 3072,
    layers: Int = 12, heads: Int = 12, dropout: Double = 0.1, epsilon: Double = 1e-12
  ) {
    (self.vocabulary, self.positions, self.kinds) = (vocabulary, positions, kinds)
    (self.features, self.inner, self.layers) = (features, inner, layers)
    (self.heads, self.dropout, self.epsilon) = (heads, dropout, epsilon)
  }

  /// 109 million parameters, as Hugging Face's `bert-base-uncased`.
  public static let base = BERTConfiguration()
  /// The six blocks of 384 features of sentence encoders such as all-MiniLM-L6-v2.
  public static let miniLM = BERTConfiguration(features: 384, inner: 1536, layers: 6, heads: 12)
}

/// An encoder of text: tokens [N, L] to features [N, L, E].
///
/// State names, layers and starting values are those of transformers' BertModel, so that Hugging Face's files load with
/// ``stateName(_:)``. Source: Devlin et al. 2019, "BERT: pre-training of deep bidirectional transformers".
///
/// ```swift
/// let model = BERT(.base)
/// try model.load(from: "model.safetensors", renaming: BERT<Float>.stateName)
/// let features = model(tokens, mask: isToken)  // [N, L, 768]
/// ```
public final class BERT<Scalar: FloatingScalar>: TokenModel {
  /// How it is built.
  public let configuration: BERTConfiguration
  /// The sums of what stands for token, position and kind.
  public let embeddings: BERTEmbeddings<Scalar>
  /// The blocks.
  public let encoder: BERTEncoder<Scalar>
  /// The dense layer over the first token.
  public let pooler: BERTPooler<Scalar>

  /// Creates an encoder. Stops where the heads do not divide the features.
  ///
  /// - Parameter configuration: sizes and dropout.
  public init(_ configuration: BERTConfiguration, fileID file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    requireSizes(
      "BERT", blocks: [configuration.layers],
      sizes: [
        configuration.vocabulary, configuration.positions, configuration.kinds, configuration.features,
        configuration.inner,
      ])
    check(
      configuration.heads >= 1 && configuration.features % configuration.heads == 0, "BERT",
      "\(configuration.heads) heads for \(configuration.features) features")
    self.configuration = configuration
    embeddings = BERTEmbeddings(configuration)
    encoder = BERTEncoder(configuration)
    pooler = BERTPooler(configuration)
    startDense(of: Scalar.self, deviation: 0.02)
  }

  /// Creates an encoder with `Float` values. Stops where the heads do not divide the features.
  ///
  /// - Parameter configuration: sizes and dropout.
  public convenience init(
    _ configuration: BERTConfiguration, file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float { self.init(configuration, fileID: file, line: line) }

  /// The number of tokens.
  public var vocabulary: Int { configuration.vocabulary }
  /// The longest sequence.
  public var longestSequence: Int { configuration.positions }
  /// It does not.
  public var predictsTokens: Bool { false }

  /// The features of the tokens, [N, L, E], all of the first kind.
  public func callAsFunction(
    _ tokens: Tensor<Int>, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> { self(tokens, kinds: nil, mask: nil, file: file, line: line) }

  /// The features of the tokens, [N, L, E].
  ///
  /// - Parameters:
  ///   - tokens: [N, L].
  ///   - kinds: the kind of each token, [N, L]; 0 when `nil`.
  ///   - mask: true for what is a token, false for what only fills up, [N, L].
  public func callAsFunction(
    _ tokens: Tensor<Int>, kinds: Tensor<Int>? = nil, mask: Tensor<Bool>?, file: StaticString = #fileID,
    line: UInt = #line
  ) -> Tensor<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    var x = embeddings(tokens, kinds)
    let visible = mask.map { $0.reshaped([$0.shape[0], 1, 1, $0.shape[1]]) }
    for block in encoder.layer { x = visible.map { block.run(x, $0) } ?? block(x) }
    return x
  }

  /// tanh of the dense layer over the first token's features, [N, E].
  public func pooled(_ features: Tensor<Scalar>) -> Tensor<Scalar> { pooler(features[.all, .index(0)]) }
}

extension BERT: PublishedNames {
  /// The network's name for a name in Hugging Face's files, which may have a prefix, heads, and older names of
  /// normalizations.
  public static func stateName(_ name: String) -> String? {
    var name = name.hasPrefix("bert.") ? String(name.dropFirst(5)) : name
    if name.hasPrefix("cls.") || name.hasPrefix("classifier.") || name == "embeddings.position_ids" { return nil }
    if name.hasSuffix("LayerNorm.gamma") { name = name.dropLast(5) + "weight" }
    if name.hasSuffix("LayerNorm.beta") { name = name.dropLast(4) + "bias" }
    return name
  }
}

extension BERT: CopyableModule {
  /// Another of the same structure.
  public convenience init(copying other: BERT) { self.init(other.configuration) }
}

/// The sum of the embeddings of token, position and kind, normalized.
public final class BERTEmbeddings<Scalar: FloatingScalar>: Module {
  /// The embedding of tokens.
  public let wordEmbeddings: Embedding<Scalar>
  /// The embedding of positions.
  public let positionEmbeddings: Embedding<Scalar>
  /// The embedding of kinds.
  public let tokenTypeEmbeddings: Embedding<Scalar>
  /// The normalization of the sum.
  public let norm: LayerNorm<Scalar>
  private let dropout: Dropout<Scalar>

  /// The normalization's name there.
  public var savedNames: [String: String] { ["norm": "LayerNorm"] }

  init(_ configuration: BERTConfiguration) {
    wordEmbeddings = Embedding(configuration.vocabulary, configuration.features, paddingIndex: 0)
    positionEmbeddings = Embedding(configuration.positions, configuration.features)
    tokenTypeEmbeddings = Embedding(configuration.kinds, configuration.features)
    norm = LayerNorm(configuration.features, epsilon: configuration.epsilon)
    dropout = Dropout(configuration.dropout)
    for table in [wordEmbeddings, positionEmbeddings, tokenTypeEmbeddings] {
      var start: Tensor<Scalar> = Initializer.normal(deviation: 0.02)(table.weight.shape)
      if let padding = table.paddingIndex { start[padding] = Tensor(zeros: [configuration.features]) }
      table.weight.value = start
    }
  }

  func callAsFunction(_ tokens: Tensor<Int>, _ kinds: Tensor<Int>?) -> Tensor<Scalar> {
    check(tokens.rank == 2, "BERT", "tokens \(tokens.shape) are not [N, L]")
    let length = tokens.shape[1]
    check(
      length <= positionEmbeddings.weight.shape[0], "BERT",
      "\(length) tokens for \(positionEmbeddings.weight.shape[0]) positions")
    let positions = positionEmbeddings(Tensor<Int>(Array(0..<length)))
    let types = tokenTypeEmbeddings(kinds ?? Tensor<Int>(zeros: tokens.shape))
    return dropout(norm(wordEmbeddings(tokens) + types + positions))
  }
}

/// The blocks of a ``BERT``.
public final class BERTEncoder<Scalar: FloatingScalar>: Module {
  /// The blocks in their order.
  public let layer: [BERTBlock<Scalar>]

  init(_ configuration: BERTConfiguration) {
    layer = (0..<configuration.layers).map { _ in BERTBlock(configuration) }
  }
}

/// norm(x + attention x), then norm(x + mlp x): a block of ``BERT``.
public final class BERTBlock<Scalar: FloatingScalar>: Layer {
  /// The attention with its output.
  public let attention: BERTAttention<Scalar>
  /// The dense layer to the inner features.
  public let intermediate: BERTIntermediate<Scalar>
  /// The dense layer back.
  public let output: BERTOutput<Scalar>

  init(_ configuration: BERTConfiguration) {
    attention = BERTAttention(configuration)
    intermediate = BERTIntermediate(configuration)
    output = BERTOutput(configuration.inner, configuration)
  }

  /// The block's result, [N, L, E].
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { run(input, nil) }

  func run(_ input: Tensor<Scalar>, _ mask: Tensor<Bool>?) -> Tensor<Scalar> {
    let attended = mask.map { attention.selfAttention.run(input, $0) } ?? attention.selfAttention(input)
    let x = attention.output.run(attended, adding: input)
    return output.run(intermediate(x), adding: x)
  }
}

/// The attention of a block and its output.
public final class BERTAttention<Scalar: FloatingScalar>: Module {
  /// The attention.
  public let selfAttention: BERTSelfAttention<Scalar>
  /// The dense layer behind it, and the normalization.
  public let output: BERTOutput<Scalar>

  /// The attention's name there.
  public var savedNames: [String: String] { ["selfAttention": "self"] }

  init(_ configuration: BERTConfiguration) {
    selfAttention = BERTSelfAttention(configuration)
    output = BERTOutput(configuration.features, configuration)
  }
}

/// Attention with projections apart.
public final class BERTSelfAttention<Scalar: FloatingScalar>: Layer {
  /// The projection to queries.
  public let query: Dense<Scalar>
  /// The projection to keys.
  public let key: Dense<Scalar>
  /// The projection to values.
  public let value: Dense<Scalar>
  private let dropout: Dropout<Scalar>
  private let heads: Int

  init(_ configuration: BERTConfiguration) {
    query = Dense(configuration.features, configuration.features)
    key = Dense(configuration.features, configuration.features)
    value = Dense(configuration.features, configuration.features)
    dropout = Dropout(configuration.dropout)
    heads = configuration.heads
  }

  /// The attention's result, [N, L, E].
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { run(input, nil) }

  func run(_ input: Tensor<Scalar>, _ mask: Tensor<Bool>?) -> Tensor<Scalar> {
    let (count, length, features) = (input.shape[0], input.shape[1], input.shape[2])
    func split(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
      x.reshaped([count, length, heads, features / heads]).permuted(0, 2, 1, 3)
    }
    let attended = scaledDotProductAttention(
      split(query(input)), split(key(input)), split(value(input)), mask: mask,
      dropout: dropout.isTraining ? dropout.probability : 0)
    return attended.permuted(0, 2, 1, 3).reshaped([count, length, features])
  }
}

extension BERTSelfAttention: OperationCounting {
  /// Products of queries with keys and of weights with values.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    attentionOperations(rows: input[0], heads: heads, length: input[1], features: input[2])
  }
}

/// A dense layer and the Gaussian error unit.
public final class BERTIntermediate<Scalar: FloatingScalar>: Layer {
  /// The dense layer.
  public let dense: Dense<Scalar>
  private let act = GELU<Scalar>()

  init(_ configuration: BERTConfiguration) { dense = Dense(configuration.features, configuration.inner) }

  /// The layer's result.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { act(dense(input)) }
}

/// norm(r + dense x) with a residual r.
public final class BERTOutput<Scalar: FloatingScalar>: Module {
  /// The dense layer.
  public let dense: Dense<Scalar>
  /// The normalization of the sum.
  public let norm: LayerNorm<Scalar>
  private let dropout: Dropout<Scalar>

  /// The normalization's name there.
  public var savedNames: [String: String] { ["norm": "LayerNorm"] }

  init(_ inputs: Int, _ configuration: BERTConfiguration) {
    dense = Dense(inputs, configuration.features)
    norm = LayerNorm(configuration.features, epsilon: configuration.epsilon)
    dropout = Dropout(configuration.dropout)
  }

  func run(_ input: Tensor<Scalar>, adding residual: Tensor<Scalar>) -> Tensor<Scalar> {
    norm(dropout(dense(input)) + residual)
  }
}

/// tanh of a dense layer.
public final class BERTPooler<Scalar: FloatingScalar>: Layer {
  /// The dense layer.
  public let dense: Dense<Scalar>

  init(_ configuration: BERTConfiguration) { dense = Dense(configuration.features, configuration.features) }

  /// The layer's result.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { dense(input).tanh() }
}
