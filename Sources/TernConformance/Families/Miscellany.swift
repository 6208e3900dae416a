import TernNN
import TernTensor

/// Attention, recurrent networks, embedding, distances and other parts of networks.
enum Miscellany: ConformanceFamily {
  static let name = "nn_misc"

  static func run<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    let attributes = arguments.attributes
    switch arguments.operation {
    case "linear":
      return try results(linear(arguments.tensor(0), arguments.tensor(1), bias: arguments.optionalTensor(2)))
    case "embedding":
      return try results(
        embedding(
          arguments.index(0), arguments.tensor(1), paddingIndex: attributes.int("padding_idx"),
          scalesByFrequency: attributes.bool("scale_grad_by_freq")))
    case "softmax": return try results(arguments.tensor(0).softmax(along: attributes.int("dim", default: -1)))
    case "log_softmax": return try results(arguments.tensor(0).logSoftmax(along: attributes.int("dim", default: -1)))
    case "softmin": return try results(arguments.tensor(0).softmin(along: attributes.int("dim", default: -1)))
    case "dropout", "alpha_dropout": return try dropped(arguments)
    case "scaled_dot_product_attention":
      let (mask, bias) = try term(arguments, 3)
      return try results(
        scaledDotProductAttention(
          arguments.tensor(0), arguments.tensor(1), arguments.tensor(2), mask: mask, bias: bias,
          causal: attributes.bool("is_causal"), scale: arguments.scalar("scale"),
          groupedQueries: attributes.bool("enable_gqa")))
    case "multi_head_attention_forward": return try heads(arguments)
    case "rnn_tanh", "rnn_relu", "gru", "lstm": return try recurrent(arguments)
    case "cosine_similarity":
      return try results(
        cosineSimilarity(
          arguments.tensor(0), arguments.tensor(1), along: attributes.int("dim", default: 1),
          epsilon: arguments.scalar("eps", default: 1e-8)))
    case "pairwise_distance":
      return try results(
        pairwiseDistance(
          arguments.tensor(0), arguments.tensor(1), p: attributes.number("p", default: 2),
          epsilon: arguments.scalar("eps", default: 1e-6), keepingAxes: attributes.bool("keepdim")))
    case "cdist":
      return try results(
        allDistances(arguments.tensor(0), arguments.tensor(1), p: attributes.number("p", default: 2)))
    default: throw arguments.unknownOperation
    }
  }

  private static func dropped<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    let x = try arguments.tensor(0)
    let p = try arguments.attributes.number("p", default: 0.5)
    let isAlpha = arguments.operation == "alpha_dropout"
    if try !arguments.attributes.bool("training", default: !isAlpha) { return results(x) }
    return results(isAlpha ? alphaDropout(x, probability: p) : dropout(x, probability: p))
  }

  /// A mask of truth values or a bias.
  private static func term<Scalar: FloatingScalar>(
    _ arguments: Arguments<Scalar>, _ index: Int
  ) throws -> (Tensor<Bool>?, Tensor<Scalar>?) {
    guard arguments.has(index) else { return (nil, nil) }
    return try arguments.any(index).dtype == .bool
      ? (arguments.mask(index), nil) : (nil, arguments.tensor(index))
  }

  private static func heads<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    let attributes = arguments.attributes
    let (query, key, value) = try (arguments.tensor(0), arguments.tensor(1), arguments.tensor(2))
    let (projection, bias) = try (arguments.tensor(3), arguments.optionalTensor(4))
    let (weight, outputBias) = try (arguments.tensor(5), arguments.optionalTensor(6))
    // True means here that attention is not allowed.
    let (forbidden, scoreTerm) = try term(arguments, 8)
    let mask = forbidden.map { .!$0 }
    let (ignored, keyTerm) = try Self.term(arguments, 7)
    let keyMask = ignored.map { .!$0 }
    let count = try attributes.int("num_heads", default: 1)
    let batchFirst = try attributes.bool("batch_first")
    let sum = joined(scoreTerm, keyTerm, heads: count)
    guard try attributes.bool("need_weights", default: true) else {
      return results(
        multiHeadAttention(
          query, key, value, heads: count, projection: .joint(projection), projectionBias: bias, outputWeight: weight,
          outputBias: outputBias, mask: mask, bias: sum, keyMask: keyMask, batchFirst: batchFirst))
    }
    let (output, weights) = multiHeadAttentionWithWeights(
      query, key, value, heads: count, projection: .joint(projection), projectionBias: bias, outputWeight: weight,
      outputBias: outputBias, mask: mask, bias: sum, keyMask: keyMask, batchFirst: batchFirst)
    let isMean = try attributes.bool("average_attn_weights", default: true)
    return results(output, isMean ? weights.mean(along: weights.rank - 3) : weights)
  }

  /// The bias of the scores and that of the keys, [N, S] or [S], together.
  private static func joined<Scalar: FloatingScalar>(
    _ scores: Tensor<Scalar>?, _ keys: Tensor<Scalar>?, heads: Int
  ) -> Tensor<Scalar>? {
    guard let keys else { return scores }
    let wide = keys.reshaped([keys.rank == 2 ? keys.shape[0] : 1, 1, 1, keys.shape[keys.rank - 1]])
    guard let scores else { return wide }
    if scores.rank < 3 { return scores + wide }
    return scores.reshaped([scores.shape[0] / heads, heads] + scores.shape.suffix(2)) + wide
  }

  private static func recurrent<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    let attributes = arguments.attributes
    let isLSTM = arguments.operation == "lstm"
    let (bidirectional, batchFirst) = try (attributes.bool("bidirectional"), attributes.bool("batch_first"))
    let each = try attributes.bool("bias", default: true) ? 4 : 2
    let list = try arguments.tensors(from: isLSTM ? 3 : 2)
    var weights: [RecurrentWeights<Scalar>] = []
    for first in stride(from: 0, to: list.count, by: each) {
      let biases = each == 4 ? (list[first + 2], list[first + 3]) : nil
      weights.append(
        RecurrentWeights(input: list[first], hidden: list[first + 1], inputBias: biases?.0, hiddenBias: biases?.1))
    }
    let (x, hidden) = try (arguments.tensor(0), arguments.tensor(1))
    switch arguments.operation {
    case "lstm":
      let found = try lstm(
        x, hidden: hidden, cell: arguments.tensor(2), weights: weights, bidirectional: bidirectional,
        batchFirst: batchFirst)
      return results(found.output, found.hidden, found.cell)
    case "gru":
      let found = gru(x, hidden: hidden, weights: weights, bidirectional: bidirectional, batchFirst: batchFirst)
      return results(found.output, found.hidden)
    default:
      let found = rnn(
        x, hidden: hidden, weights: weights, activation: arguments.operation == "rnn_relu" ? .relu : .tanh,
        bidirectional: bidirectional, batchFirst: batchFirst)
      return results(found.output, found.hidden)
    }
  }
}
