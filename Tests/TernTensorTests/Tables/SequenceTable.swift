import TernTensor
import TernTestSupport

// Attention, recurrent networks, embedding and distances.

let sequenceTable: [TensorOperation] = (attentionRows + recurrentRows + packedRows + vectorRows).map {
  $0.within(1e-13)
}

private let attentionRows: [TensorOperation] = [
  TensorOperation("attentionWeights", [2, 3, 4], [2, 5, 4], [3, 5], masks: [[3, 5]]) {
    attentionWeights($0[0], $0[1], mask: $0.masks[0], bias: $0[2])
  },
  TensorOperation("scaledDotProductAttention", [2, 3, 4], [2, 5, 4], [2, 5, 3], [3, 5], masks: [[3, 5]]) {
    scaledDotProductAttention($0[0], $0[1], $0[2], mask: $0.masks[0], bias: $0[3])
  },
  TensorOperation(
    "causal attention", [2, 2, 3, 2], [2, 2, 3, 2], [2, 2, 3, 2], also: [[[0, 3, 2], [0, 3, 2], [0, 3, 2]]]
  ) {
    scaledDotProductAttention($0[0], $0[1], $0[2], causal: true, scale: 0.7)
  },
  TensorOperation("attention of grouped queries", [1, 4, 2, 2], [1, 2, 3, 2], [1, 2, 3, 2]) {
    scaledDotProductAttention($0[0], $0[1], $0[2], groupedQueries: true)
  },
  TensorOperation("multiHeadAttention to itself", [3, 2, 4], [12, 4], [12], [4, 4], [4], masks: [[2, 3]]) {
    multiHeadAttention(
      $0[0], $0[0], $0[0], heads: 2, projection: .joint($0[1]), projectionBias: $0[2], outputWeight: $0[3],
      outputBias: $0[4], keyMask: $0.masks[0])
  },
  TensorOperation("multiHeadAttention", [2, 4], [3, 3], [3, 5], [4, 4], [4, 3], [4, 5], [4, 4]) {
    multiHeadAttention(
      $0[0], $0[1], $0[2], heads: 2, projection: .separate(query: $0[3] * 0.3, key: $0[4] * 0.3, value: $0[5]),
      outputWeight: $0[6])
  },
  TensorOperation("multiHeadAttentionWithWeights", [2, 3, 4], [2, 2, 4], [12, 4], [4, 4]) {
    let (output, weights) = multiHeadAttentionWithWeights(
      $0[0], $0[1], $0[1], heads: 2, projection: .joint($0[2]), outputWeight: $0[3], batchFirst: true)
    return joined(output, weights)
  },
]

private func weights(_ x: Operands, from first: Int) -> [RecurrentWeights<Double>] {
  stride(from: first, to: x.tensors.count, by: 4).map {
    RecurrentWeights(input: x[$0] * 0.5, hidden: x[$0 + 1] * 0.5, inputBias: x[$0 + 2], hiddenBias: x[$0 + 3])
  }
}

private let recurrentRows: [TensorOperation] = [
  TensorOperation("rnn", [3, 2, 2], [1, 2, 3], [3, 2], [3, 3], [3], [3]) {
    let found = rnn($0[0], hidden: $0[1], weights: weights($0, from: 2))
    return joined(found.output, found.hidden)
  },
  TensorOperation(
    "rnn in both directions", [2, 3, 2], [2, 2, 2], [2, 2], [2, 2], [2], [2], [2, 2], [2, 2], [2], [2]
  ) {
    let found = rnn($0[0], hidden: $0[1], weights: weights($0, from: 2), bidirectional: true, batchFirst: true)
    return joined(found.output, found.hidden)
  },
  TensorOperation(
    "gru", [3, 2, 2], [1, 2, 3], [9, 2], [9, 3], [9], [9], also: [[[3, 2], [1, 3], [9, 2], [9, 3], [9], [9]]]
  ) {
    let found = gru($0[0], hidden: $0[1], weights: weights($0, from: 2))
    return joined(found.output, found.hidden)
  },
  TensorOperation("lstm", [3, 2, 2], [1, 2, 2], [1, 2, 2], [8, 2], [8, 2], [8], [8]) {
    let found = lstm($0[0], hidden: $0[1], cell: $0[2], weights: weights($0, from: 3))
    return joined(found.output, found.hidden, found.cell)
  },
]

private let packedRows: [TensorOperation] = [
  TensorOperation("rnn of packed sequences", [3, 2, 2], [1, 2, 3], [3, 2], [3, 3], [3], [3]) {
    let packed = PackedSequence($0[0], lengths: [1, 3])
    let found = rnn(packed, hidden: $0[1], weights: weights($0, from: 2))
    return joined(found.output.padded(), found.hidden)
  },
  TensorOperation("gru of packed sequences", [2, 3, 2], [1, 2, 3], [9, 2], [9, 3], [9], [9]) {
    let packed = PackedSequence($0[0], lengths: [1, 2], batchFirst: true)
    let found = gru(packed, hidden: $0[1], weights: weights($0, from: 2))
    return joined(found.output.padded(value: 1), found.hidden)
  },
  TensorOperation("lstm with a projection", [3, 2, 2], [1, 2, 2], [1, 2, 3], [12, 2], [12, 2], [2, 3]) {
    let all = RecurrentWeights(input: $0[3] * 0.5, hidden: $0[4] * 0.5, projection: $0[5])
    let found = lstm(PackedSequence($0[0], lengths: [3, 2]), hidden: $0[1], cell: $0[2], weights: [all])
    return joined(found.output.padded(), found.cell)
  },
  TensorOperation("packed sequences of other data", [3, 2, 2], [4, 3]) {
    let packed = PackedSequence($0[0], lengths: [1, 3]).replacingData($0[1])
    return concatenate(packed.unpacked(), along: 0)
  },
  TensorOperation("padSequences", [2, 3], [1, 3], [3, 3]) { padSequences([$0[0], $0[1], $0[2]], side: .left) },
  TensorOperation("unpadSequences", [3, 2, 2]) {
    let parts = unpadSequences($0[0], lengths: [1, 3])
    return concatenate(parts, along: 0)
  },
  TensorOperation("multiHeadAttention with appended keys", [2, 4], [3, 4], [12, 4], [1, 1, 4], [4], [4, 4]) {
    multiHeadAttention(
      $0[0], $0[1], $0[1], heads: 2, projection: .joint($0[2] * 0.5), keyBias: $0[3], valueBias: $0[4],
      appendsZeros: true, outputWeight: $0[5], causal: true)
  },
]

private let vectorRows: [TensorOperation] = [
  TensorOperation("embedding", [4, 3], indices: [TableIndices([2, 3], below: 4)]) { embedding($0.indices[0], $0[0]) },
  // Nobody asks for the padding: its gradient, which is none, is the derivative too.
  TensorOperation("embedding with padding", [4, 3], indices: [TableIndices([2, 3], below: 3)]) {
    embedding($0.indices[0], $0[0], paddingIndex: -1)
  },
  TensorOperation("embedding by frequency", [4, 3], indices: [TableIndices([2, 3], below: 4)], order: 0) {
    embedding($0.indices[0], $0[0], paddingIndex: 2, scalesByFrequency: true)
  },
  TensorOperation("embeddingBag", [4, 3], indices: [TableIndices([2, 3], below: 4)]) {
    embeddingBag($0.indices[0], $0[0])
  },
  TensorOperation("embeddingBag of maxima", [4, 3], indices: [TableIndices([2, 3], below: 4)]) {
    embeddingBag($0.indices[0], $0[0], mode: .max)
  },
  TensorOperation("embeddingBag of weighted rows", [4, 3], [5], indices: [TableIndices([5], below: 4)]) {
    embeddingBag($0.indices[0], $0[0], offsets: Tensor<Int>([0, 2, 2]), mode: .sum, sampleWeights: $0[1])
  },
  TensorOperation("cosineSimilarity", [2, 3, 4], [3, 4], also: [[[0, 4], [0, 4]]]) {
    cosineSimilarity($0[0], $0[1], along: -1)
  },
  TensorOperation("pairwiseDistance", [3, 4], [1, 4], in: [0..<1, 2..<3]) {
    pairwiseDistance($0[0], $0[1], p: 3, keepingAxes: true)
  },
  TensorOperation("allDistances", [2, 3, 2], [4, 2], in: [0..<1, 2..<3]) { allDistances($0[0], $0[1]) },
  TensorOperation("allDistances of order 1", [3, 2], [4, 2], order: 1) { allDistances($0[0], $0[1], p: 1) },
  TensorOperation("allDistances of order 3", [3, 2], [4, 2], in: [0..<1, 2..<3]) { allDistances($0[0], $0[1], p: 3) },
  TensorOperation("greatest differences", [3, 2], [4, 2], in: [0..<1, 2..<3], order: 1) {
    allDistances($0[0], $0[1], p: .infinity)
  },
]
