import TernBackend
import TernNN
import TernTensor

/// How a ``GPT2`` is built.
public struct GPT2Configuration: Sendable, Hashable {
  /// How many tokens there are.
  public var vocabulary: Int
  /// The longest sequence.
  public var positions: Int
  /// Features of a token.
  public var features: Int
  /// How many blocks.
  public var layers: Int
  /// Heads of each attention.
  public var heads: Int
  /// The probability that a value is dropped in training.
  public var dropout: Double

  /// Creates a configuration; the defaults are those of the small network of 124 million parameters.
  ///
  /// - Parameters:
  ///   - vocabulary: how many tokens there are.
  ///   - positions: the longest sequence.
  ///   - features: features of a token, a multiple of `heads`.
  ///   - layers: how many blocks.
  ///   - heads: heads of each attention.
  ///   - dropout: the probability that a value is dropped in training, 0 to 1.
  public init(
    vocabulary: Int = 50_257, positions: Int = 1024, features: Int = 768, layers: Int = 12, heads: Int = 12,
    dropout: Double = 0.1
  ) {
    (self.vocabulary, self.positions, self.features) = (vocabulary, positions, features)
    (self.layers, self.heads, self.dropout) = (layers, heads, dropout)
  }

  /// 124 million parameters, as Hugging Face's `gpt2`.
  public static let small = GPT2Configuration()
  /// 355 million parameters, as Hugging Face's `gpt2-medium`.
  public static let medium = GPT2Configuration(features: 1024, layers: 24, heads: 16)
}

/// A transformer that foretells the next token: tokens [N, L] to scores [N, L, vocabulary].
///
/// State names, layers and starting values are those of transformers' GPT2LMHeadModel, so that Hugging Face's
/// `model.safetensors` loads with ``stateName(_:)``. Source: Radford et al. 2019, "Language models are unsupervised
/// multitask learners".
///
/// ```swift
/// let model = GPT2(.small)
/// try model.load(from: "gpt2/model.safetensors", renaming: GPT2<Float>.stateName)
/// let tokens = model.generate(after: Tensor<Int>([[464, 3290]]), count: 20)
/// ```
public final class GPT2<Scalar: FloatingScalar>: TokenModel {
  /// How it is built.
  public let configuration: GPT2Configuration
  /// All but the scores.
  public let transformer: GPT2Body<Scalar>
  /// The scores, with the weights of the tokens' embedding.
  public let lmHead: TiedScores<Scalar>

  /// Creates a transformer. Stops where the heads do not divide the features.
  ///
  /// - Parameter configuration: sizes and dropout.
  public init(_ configuration: GPT2Configuration, fileID file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    requireSizes(
      "GPT2", blocks: [configuration.layers],
      sizes: [configuration.vocabulary, configuration.positions, configuration.features])
    check(
      configuration.heads >= 1 && configuration.features % configuration.heads == 0, "GPT2",
      "\(configuration.heads) heads for \(configuration.features) features")
    self.configuration = configuration
    transformer = GPT2Body(configuration)
    lmHead = TiedScores(transformer.wte.weight)
  }

  /// Creates a transformer with `Float` values. Stops where the heads do not divide the features.
  ///
  /// - Parameter configuration: sizes and dropout.
  public convenience init(
    _ configuration: GPT2Configuration, file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float { self.init(configuration, fileID: file, line: line) }

  /// The number of tokens.
  public var vocabulary: Int { configuration.vocabulary }
  /// The longest sequence.
  public var longestSequence: Int { configuration.positions }
  /// It does.
  public var predictsTokens: Bool { true }

  /// The scores of the token after each one, [N, L, vocabulary].
  ///
  /// Stops for tokens that are not [N, L], outside the vocabulary, or more in a row than there are positions.
  public func callAsFunction(
    _ tokens: Tensor<Int>, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return lmHead(transformer(tokens, caches: nil))
  }

  /// The scores of the token after the last one, [N, vocabulary], after what the caches hold; they take the new tokens in.
  ///
  /// - Parameter caches: one for each block.
  public func next(
    _ tokens: Tensor<Int>, caches: [KeyValueCache<Scalar>], file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(caches.count == configuration.layers, "GPT2", "\(caches.count) caches for \(configuration.layers) blocks")
    let features = transformer(tokens, caches: caches)
    return lmHead(features[.all, .index(features.shape[1] - 1)])
  }

  /// Empty caches, one for each block.
  public func makeCaches() -> [KeyValueCache<Scalar>] {
    (0..<configuration.layers).map { _ in KeyValueCache<Scalar>() }
  }
}

extension GPT2: PublishedNames {
  /// The network's name for a name in Hugging Face's files, which leave `transformer.` out and have masks besides.
  public static func stateName(_ name: String) -> String? {
    if name.hasSuffix(".attn.bias") || name.hasSuffix(".attn.masked_bias") { return nil }
    return name.hasPrefix("transformer.") || name.hasPrefix("lm_head.") ? name : "transformer." + name
  }
}

extension GPT2: CopyableModule {
  /// Another of the same structure.
  public convenience init(copying other: GPT2) { self.init(other.configuration) }
}

/// The blocks of a ``GPT2`` between embeddings and a normalization.
public final class GPT2Body<Scalar: FloatingScalar>: Module {
  /// The embedding of tokens, [vocabulary, features].
  public let wte: Embedding<Scalar>
  /// The embedding of positions, [positions, features].
  public let wpe: Embedding<Scalar>
  /// The blocks.
  public let h: [GPT2Block<Scalar>]
  /// The last normalization.
  public let lnF: LayerNorm<Scalar>
  private let drop: Dropout<Scalar>

  init(_ configuration: GPT2Configuration) {
    wte = Embedding(configuration.vocabulary, configuration.features)
    wpe = Embedding(configuration.positions, configuration.features)
    h = (0..<configuration.layers).map { _ in GPT2Block(configuration) }
    lnF = LayerNorm(configuration.features)
    drop = Dropout(configuration.dropout)
    for table in [wte, wpe] { table.weight.initialize(.normal(deviation: 0.02)) }
  }

  func callAsFunction(_ tokens: Tensor<Int>, caches: [KeyValueCache<Scalar>]?) -> Tensor<Scalar> {
    check(tokens.rank == 2, "GPT2", "tokens \(tokens.shape) are not [N, L]")
    let (first, length) = (caches?.first?.count ?? 0, tokens.shape[1])
    check(
      first + length <= wpe.weight.shape[0], "GPT2", "\(first + length) tokens for \(wpe.weight.shape[0]) positions")
    var x = drop(wte(tokens) + wpe(Tensor<Int>(Array(first..<(first + length)))))
    for (position, block) in h.enumerated() { x = caches.map { block.run(x, $0[position]) } ?? block(x) }
    return lnF(x)
  }
}

/// x + attention(norm x), then x + mlp(norm x): a block of ``GPT2``.
public final class GPT2Block<Scalar: FloatingScalar>: Layer {
  /// The normalization before the attention.
  public let ln1: LayerNorm<Scalar>
  /// The attention.
  public let attn: GPT2Attention<Scalar>
  /// The normalization before the dense layers.
  public let ln2: LayerNorm<Scalar>
  /// The dense layers.
  public let mlp: GPT2Perceptron<Scalar>

  /// Names with the number apart.
  public var savedNames: [String: String] { ["ln1": "ln_1", "ln2": "ln_2"] }

  init(_ configuration: GPT2Configuration) {
    ln1 = LayerNorm(configuration.features)
    attn = GPT2Attention(configuration)
    ln2 = LayerNorm(configuration.features)
    mlp = GPT2Perceptron(configuration)
  }

  /// The block's result, [N, L, features].
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { run(input, nil) }

  func run(_ input: Tensor<Scalar>, _ cache: KeyValueCache<Scalar>?) -> Tensor<Scalar> {
    let normalized = ln1(input)
    let x = (cache.map { attn.run(normalized, $0) } ?? attn(normalized)) + input
    return x + mlp(ln2(x))
  }
}

/// Attention of every position to itself and those before it, with one projection for queries, keys and values.
public final class GPT2Attention<Scalar: FloatingScalar>: Layer {
  /// The projection to queries, keys and values beside each other.
  public let cAttn: InputMajorDense<Scalar>
  /// The projection of the results.
  public let cProj: InputMajorDense<Scalar>
  private let heads: Int
  private let attentionDropout: Dropout<Scalar>
  private let dropout: Dropout<Scalar>

  init(_ configuration: GPT2Configuration) {
    heads = configuration.heads
    cAttn = InputMajorDense(configuration.features, 3 * configuration.features)
    cProj = InputMajorDense(
      configuration.features, configuration.features, deviation: 0.02 / Double(2 * configuration.layers).squareRoot())
    attentionDropout = Dropout(configuration.dropout)
    dropout = Dropout(configuration.dropout)
  }

  /// The attention's result, [N, L, features].
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { run(input, nil) }

  func run(_ input: Tensor<Scalar>, _ cache: KeyValueCache<Scalar>?) -> Tensor<Scalar> {
    let (count, length, features) = (input.shape[0], input.shape[1], input.shape[2])
    let parts = cAttn(input).reshaped([count, length, 3, heads, features / heads]).permuted(2, 0, 3, 1, 4)
    let queries = parts[.index(0)]
    var (keys, values) = (parts[.index(1)], parts[.index(2)])
    let first = cache?.count ?? 0
    if let cache { (keys, values) = cache.append(keys, values) }
    // A position sees those up to its own.
    var mask: Tensor<Bool>?
    if first > 0 && length > 1 {
      let all = first + length
      mask = Tensor<Bool>((0..<length).flatMap { row in (0..<all).map { $0 <= first + row } }).reshaped([length, all])
    }
    let attended = scaledDotProductAttention(
      queries, keys, values, mask: mask, causal: first == 0,
      dropout: attentionDropout.isTraining ? attentionDropout.probability : 0)
    return dropout(cProj(attended.permuted(0, 2, 1, 3).reshaped([count, length, features])))
  }
}

extension GPT2Attention: OperationCounting {
  /// Products of queries with keys and of weights with values.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    attentionOperations(rows: input[0], heads: heads, length: input[1], features: input[2])
  }
}

/// Two dense layers with the Gaussian error unit between them.
public final class GPT2Perceptron<Scalar: FloatingScalar>: Layer {
  /// To four times the features.
  public let cFc: InputMajorDense<Scalar>
  /// Back.
  public let cProj: InputMajorDense<Scalar>
  private let act = GELU<Scalar>(approximate: .tanh)
  private let dropout: Dropout<Scalar>

  init(_ configuration: GPT2Configuration) {
    cFc = InputMajorDense(configuration.features, 4 * configuration.features)
    cProj = InputMajorDense(
      4 * configuration.features, configuration.features,
      deviation: 0.02 / Double(2 * configuration.layers).squareRoot())
    dropout = Dropout(configuration.dropout)
  }

  /// The layers' result, [N, L, features].
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { dropout(cProj(act(cFc(input)))) }
}

/// y = x·W + b with W [inputs, outputs], the other way round than ``Dense``; transformers' Conv1D.
public final class InputMajorDense<Scalar: FloatingScalar>: Layer {
  /// W, [inputs, outputs].
  public let weight: Parameter<Scalar>
  /// b, [outputs].
  public let bias: Parameter<Scalar>

  init(_ inputs: Int, _ outputs: Int, deviation: Double = 0.02) {
    weight = Parameter(Initializer.normal(deviation: deviation)([inputs, outputs]))
    bias = Parameter(Tensor(zeros: [outputs]))
  }

  /// x·W + b.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    linear(input, weight.value.transposed(), bias: bias.value)
  }
}

extension InputMajorDense: OperationCounting {
  /// Inputs products for every result, and the bias.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    let count = output.reduce(1, *)
    return OperationCount(multiplyAdds: count * weight.shape[0], others: count)
  }
}

/// Scores of tokens with the weights of their embedding, and no bias.
public final class TiedScores<Scalar: FloatingScalar>: Layer {
  /// The weights, [vocabulary, features], which are the embedding's.
  public let weight: Parameter<Scalar>

  init(_ weight: Parameter<Scalar>) { self.weight = weight }

  /// The scores, [.., vocabulary].
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { linear(input, weight.value) }
}

extension TiedScores: OperationCounting {
  /// Features products for every score.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    OperationCount(multiplyAdds: output.reduce(1, *) * weight.shape[1])
  }
}

/// What attention of sequences to themselves takes besides its projections: q·kᵀ and p·v, and 5 for each weight.
func attentionOperations(rows: Int, heads: Int, length: Int, features: Int) -> OperationCount {
  OperationCount(
    multiplyAdds: 2 * rows * length * length * features, others: 6 * rows * heads * length * length)
}
