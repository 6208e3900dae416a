import TernBackend
import TernTensor

/// Attention of several heads, each over its own part of the features, see
/// ``multiHeadAttention(_:_:_:heads:projection:projectionBias:keyBias:valueBias:appendsZeros:outputWeight:outputBias:mask:bias:keyMask:causal:batchFirst:dropout:generator:file:line:)``.
///
/// As a layer of one input it attends to the input itself. The projections start Xavier uniform with biases 0, the output
/// uniform in ±1/√features with bias 0, as PyTorch's MultiheadAttention, whose keys the state has. Masks are true where
/// attention is allowed (PyTorch's are true where it is not). Source: Vaswani et al. 2017, "Attention is all you need".
///
/// ```swift
/// let attention = MultiHeadAttention(64, heads: 8, batchFirst: true)
/// let x = Tensor<Float>(randomNormal: [2, 10, 64])
/// let y = attention(x)  // [2, 10, 64]; every position attends to all
/// ```
public final class MultiHeadAttention<Scalar: FloatingScalar>: Layer, ModeDependent {
  /// How many heads; divides the features.
  public let heads: Int
  /// The probability that a weight is dropped in training.
  public let dropout: Double
  /// Whether the batch is the first axis of the inputs, [N, L, E], or the second, [L, N, E].
  public let batchFirst: Bool
  /// The projections of queries, keys and values one below the other, [3·E, E]; `nil` where keys or values have
  /// features of their own.
  public let inProjWeight: Parameter<Scalar>?
  /// The projection of the queries, [E, E]; `nil` where the projections are joint.
  public let qProjWeight: Parameter<Scalar>?
  /// The projection of the keys, [E, key features]; `nil` where the projections are joint.
  public let kProjWeight: Parameter<Scalar>?
  /// The projection of the values, [E, value features]; `nil` where the projections are joint.
  public let vProjWeight: Parameter<Scalar>?
  /// The projections' biases, [3·E]; `nil` without.
  public let inProjBias: Parameter<Scalar>?
  /// One more key behind those of every sequence, [1, 1, E]; `nil` without.
  public let biasK: Parameter<Scalar>?
  /// The value of that key, [1, 1, E]; `nil` without.
  public let biasV: Parameter<Scalar>?
  /// Whether a key and a value of zeros follow those of every sequence.
  public let appendsZeros: Bool
  /// The projection of the heads' results, [E, E].
  public let outProj: Dense<Scalar>
  /// Whether weights are dropped.
  public var isTraining = true

  /// Creates an attention of several heads. Stops where the heads do not divide the features.
  ///
  /// - Parameters:
  ///   - features: features E of queries and results, a multiple of `heads`.
  ///   - heads: how many heads share the features.
  ///   - dropout: the probability that a weight is dropped in training, 0 to 1.
  ///   - bias: whether the projections have biases.
  ///   - keyFeatures: features of the keys; E when `nil`.
  ///   - valueFeatures: features of the values; E when `nil`.
  ///   - appendsBias: whether a learned key and its value follow those of every sequence.
  ///   - appendsZeros: whether a key and a value of zeros do.
  ///   - batchFirst: whether inputs are [N, L, E], not [L, N, E].
  public init(
    _ features: Int, heads: Int, dropout: Double = 0, bias: Bool = true, keyFeatures: Int? = nil,
    valueFeatures: Int? = nil, appendsBias: Bool = false, appendsZeros: Bool = false, batchFirst: Bool = false,
    fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let (keyFeatures, valueFeatures) = (keyFeatures ?? features, valueFeatures ?? features)
    check(
      features >= 1 && heads >= 1 && features % heads == 0, "MultiHeadAttention",
      "\(heads) heads for \(features) features")
    check(
      keyFeatures >= 1 && valueFeatures >= 1, "MultiHeadAttention",
      "\(keyFeatures) features of keys, \(valueFeatures) of values")
    check(dropout >= 0 && dropout <= 1, "MultiHeadAttention", "a dropout of \(dropout)")
    Sizes.check([features, keyFeatures, valueFeatures], "MultiHeadAttention", "features of")
    (self.heads, self.dropout, self.batchFirst) = (heads, dropout, batchFirst)
    func projection(_ shape: [Int]) -> Parameter<Scalar> { Parameter(Initializer.xavierUniform()(shape)) }
    let isJoint = keyFeatures == features && valueFeatures == features
    inProjWeight = isJoint ? projection([3 * features, features]) : nil
    qProjWeight = isJoint ? nil : projection([features, features])
    kProjWeight = isJoint ? nil : projection([features, keyFeatures])
    vProjWeight = isJoint ? nil : projection([features, valueFeatures])
    inProjBias = bias ? Parameter(Tensor(zeros: [3 * features])) : nil
    func appended() -> Parameter<Scalar> {
      Parameter(Tensor(randomNormal: [1, 1, features], deviation: Scalar(1 / Double(features).squareRoot())))
    }
    biasK = appendsBias ? appended() : nil
    biasV = appendsBias ? appended() : nil
    self.appendsZeros = appendsZeros
    outProj = Dense(features, features, bias: bias)
    outProj.bias?.value = Tensor(zeros: [features])
  }

  /// Creates an attention of several heads, with `Float` values. Stops where the heads do not divide the features.
  ///
  /// - Parameters:
  ///   - features: features E of queries and results, a multiple of `heads`.
  ///   - heads: how many heads share the features.
  ///   - dropout: the probability that a weight is dropped in training, 0 to 1.
  ///   - bias: whether the projections have biases.
  ///   - keyFeatures: features of the keys; E when `nil`.
  ///   - valueFeatures: features of the values; E when `nil`.
  ///   - appendsBias: whether a learned key and its value follow those of every sequence.
  ///   - appendsZeros: whether a key and a value of zeros do.
  ///   - batchFirst: whether inputs are [N, L, E], not [L, N, E].
  public convenience init(
    _ features: Int, heads: Int, dropout: Double = 0, bias: Bool = true, keyFeatures: Int? = nil,
    valueFeatures: Int? = nil, appendsBias: Bool = false, appendsZeros: Bool = false, batchFirst: Bool = false,
    file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(
      features, heads: heads, dropout: dropout, bias: bias, keyFeatures: keyFeatures, valueFeatures: valueFeatures,
      appendsBias: appendsBias, appendsZeros: appendsZeros, batchFirst: batchFirst, fileID: file, line: line)
  }

  /// Attention of a sequence to itself: [L, N, E] (or [N, L, E]) to the same shape.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { attend(input, input, input) }

  /// Attention of queries to keys and values.
  ///
  /// - Parameters:
  ///   - query: [L, N, E], or [N, L, E] batch first, or [L, E].
  ///   - key: [S, N, key features], as the query's.
  ///   - value: [S, N, value features], as the query's.
  ///   - mask: true where a query may attend to a key: [L, S], [N·heads, L, S] or what broadcasts to [N, heads, L, S].
  ///   - bias: added to the scores, in the shapes of the mask.
  ///   - keyMask: true for the keys that may be attended to, [N, S].
  ///   - causal: whether query i sees the keys 0 … i only.
  /// - Returns: the result in the query's shape.
  public func callAsFunction(
    _ query: Tensor<Scalar>, _ key: Tensor<Scalar>, _ value: Tensor<Scalar>, mask: Tensor<Bool>? = nil,
    bias: Tensor<Scalar>? = nil, keyMask: Tensor<Bool>? = nil, causal: Bool = false,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return running(query) {
      (attend(query, key, value, mask: mask, bias: bias, keyMask: keyMask, causal: causal), ())
    }.output
  }

  /// The result, and the mean over the heads of the weights, [N, L, S]; with `perHead` those of each, [N, heads, L, S].
  public func attendingWithWeights(
    _ query: Tensor<Scalar>, _ key: Tensor<Scalar>, _ value: Tensor<Scalar>, mask: Tensor<Bool>? = nil,
    bias: Tensor<Scalar>? = nil, keyMask: Tensor<Bool>? = nil, causal: Bool = false, perHead: Bool = false,
    file: StaticString = #fileID, line: UInt = #line
  ) -> (output: Tensor<Scalar>, weights: Tensor<Scalar>) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let (output, weights) = running(query) {
      let (output, weights) = multiHeadAttentionWithWeights(
        query, key, value, heads: heads, projection: projection, projectionBias: inProjBias?.value,
        keyBias: biasK?.value, valueBias: biasV?.value, appendsZeros: appendsZeros, outputWeight: outProj.weight.value,
        outputBias: outProj.bias?.value, mask: mask, bias: bias, keyMask: keyMask,
        causal: causal, batchFirst: batchFirst, dropout: isTraining ? dropout : 0)
      return (output, weights)
    }
    return (output, perHead ? weights : weights.mean(along: weights.rank - 3))
  }

  private var projection: AttentionProjection<Scalar> {
    if let joint = inProjWeight { return .joint(joint.value) }
    guard let query = qProjWeight, let key = kProjWeight, let value = vProjWeight else {
      fail("MultiHeadAttention", "has no projections")
    }
    return .separate(query: query.value, key: key.value, value: value.value)
  }

  func attend(
    _ query: Tensor<Scalar>, _ key: Tensor<Scalar>, _ value: Tensor<Scalar>, mask: Tensor<Bool>? = nil,
    bias: Tensor<Scalar>? = nil, keyMask: Tensor<Bool>? = nil, causal: Bool = false
  ) -> Tensor<Scalar> {
    let output = multiHeadAttention(
      query, key, value, heads: heads, projection: projection, projectionBias: inProjBias?.value,
      keyBias: biasK?.value, valueBias: biasV?.value, appendsZeros: appendsZeros, outputWeight: outProj.weight.value,
      outputBias: outProj.bias?.value, mask: mask, bias: bias, keyMask: keyMask,
      causal: causal, batchFirst: batchFirst, dropout: isTraining ? dropout : 0)
    if let tape = SampleTape.current {
      note(tape, query, key, value, mask: mask, bias: bias, keyMask: keyMask, causal: causal, output: output)
    }
    return output
  }
}

extension MultiHeadAttention: SelfCopying {
  func duplicate() -> any Module {
    MultiHeadAttention(
      outProj.weight.shape[0], heads: heads, dropout: dropout, bias: inProjBias != nil,
      keyFeatures: kProjWeight?.shape[1], valueFeatures: vProjWeight?.shape[1],
      appendsBias: biasK != nil, appendsZeros: appendsZeros, batchFirst: batchFirst)
  }
}

extension MultiHeadAttention: OperationCounting {
  /// See ``OperationCounting``; for attention of a sequence to itself.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    let (features, rows) = (outProj.weight.shape[0], input.dropLast().reduce(1, *))
    let length = input.count == 2 ? input[0] : input[batchFirst ? 1 : 0]
    let bias = inProjBias == nil ? 0 : 4 * rows * features
    return OperationCount(
      multiplyAdds: 4 * rows * features * features + 2 * rows * length * features,
      others: bias + 6 * rows * heads * length)
  }
}
