import TernNN
import TernTensor

/// Recurrent networks over sequences of several lengths and with projections, and attention with appended keys.
enum SequenceLayers: ConformanceFamily {
  static let name = "sequence_layers"

  static func run<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    let attributes = arguments.attributes
    switch arguments.operation {
    case "rnn_tanh", "rnn_relu", "gru", "lstm": return try recurrent(arguments)
    case "multi_head_attention_forward": return try heads(arguments)
    case "pad_sequence":
      return try results(
        padSequences(
          arguments.tensors(), batchFirst: attributes.bool("batch_first"),
          value: arguments.scalar("padding_value", default: 0),
          side: attributes.string("padding_side") == "left" ? .left : .right))
    default: throw arguments.unknownOperation
    }
  }

  private static func recurrent<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    let attributes = arguments.attributes
    let isLSTM = arguments.operation == "lstm"
    let (bidirectional, batchFirst) = try (attributes.bool("bidirectional"), attributes.bool("batch_first"))
    let hasBiases = try attributes.bool("has_biases", default: true)
    let isProjected = try attributes.bool("projection")
    var list = try arguments.tensors(from: isLSTM ? 4 : 3)[...]
    var weights: [RecurrentWeights<Scalar>] = []
    while !list.isEmpty {
      weights.append(
        RecurrentWeights(
          input: list.removeFirst(), hidden: list.removeFirst(), inputBias: hasBiases ? list.removeFirst() : nil,
          hiddenBias: hasBiases ? list.removeFirst() : nil, projection: isProjected ? list.removeFirst() : nil))
    }
    let (x, hidden) = try (arguments.tensor(0), arguments.tensor(2))
    let cell = isLSTM ? try arguments.tensor(3) : hidden
    let activation: RecurrentActivation = arguments.operation == "rnn_relu" ? .relu : .tanh
    guard arguments.has(1) else {
      let found = lstm(
        x, hidden: hidden, cell: cell, weights: weights, bidirectional: bidirectional, batchFirst: batchFirst)
      return results(found.output, found.hidden, found.cell)
    }
    let packed = try PackedSequence(x, lengths: arguments.index(1).scalars, batchFirst: batchFirst)
    func padded(_ output: PackedSequence<Scalar>) -> Tensor<Scalar> {
      output.padded(batchFirst: batchFirst, length: x.shape[batchFirst ? 1 : 0])
    }
    switch arguments.operation {
    case "lstm":
      let found = lstm(packed, hidden: hidden, cell: cell, weights: weights, bidirectional: bidirectional)
      return results(padded(found.output), found.hidden, found.cell)
    case "gru":
      let found = gru(packed, hidden: hidden, weights: weights, bidirectional: bidirectional)
      return results(padded(found.output), found.hidden)
    default:
      let found = rnn(
        packed, hidden: hidden, weights: weights, activation: activation, bidirectional: bidirectional)
      return results(padded(found.output), found.hidden)
    }
  }

  private static func heads<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    let attributes = arguments.attributes
    let (query, key, value) = try (arguments.tensor(0), arguments.tensor(1), arguments.tensor(2))
    let projection = try AttentionProjection.joint(arguments.tensor(3))
    let (bias, weight, outputBias) = try (arguments.tensor(4), arguments.tensor(5), arguments.tensor(6))
    let (keyBias, valueBias) = try (arguments.optionalTensor(7), arguments.optionalTensor(8))
    // True means here that attention is not allowed.
    let keyMask = try arguments.has(9) ? .!arguments.mask(9) : nil
    let isMask = try arguments.has(10) && arguments.any(10).dtype == .bool
    let mask = try isMask ? .!arguments.mask(10) : nil
    let scoreBias = try isMask ? nil : arguments.optionalTensor(10)
    let heads = try attributes.int("num_heads", default: 1)
    let appendsZeros = try attributes.bool("add_zero_attn")
    guard try attributes.bool("need_weights", default: true) else {
      return results(
        multiHeadAttention(
          query, key, value, heads: heads, projection: projection, projectionBias: bias, keyBias: keyBias,
          valueBias: valueBias, appendsZeros: appendsZeros, outputWeight: weight, outputBias: outputBias, mask: mask,
          bias: scoreBias, keyMask: keyMask))
    }
    let (output, weights) = multiHeadAttentionWithWeights(
      query, key, value, heads: heads, projection: projection, projectionBias: bias, keyBias: keyBias,
      valueBias: valueBias, appendsZeros: appendsZeros, outputWeight: weight, outputBias: outputBias, mask: mask,
      bias: scoreBias, keyMask: keyMask)
    let isMean = try attributes.bool("average_attn_weights", default: true)
    return results(output, isMean ? weights.mean(along: weights.rank - 3) : weights)
  }
}
