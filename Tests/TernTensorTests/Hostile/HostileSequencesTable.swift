import TernTensor
import TernTestSupport

/// Bags of rows and sequences of several lengths with hostile indices, offsets and lengths.
let hostileSequencesTable = makeTable()

// One statement a row: a literal of closures takes the compiler minutes.
private func makeTable() -> [HostileCase] {
  var table: [HostileCase] = []
  table.add("embedding of short rows") { n in
    _ = embedding(n.integers(), n.floats(2), maxNorm: n.real(), normOrder: n.real())
  }
  table.add("embeddingBag") { n in
    let indices = n.integers(n.flag() ? 1 : 2)
    _ = embeddingBag(
      indices, n.floats(2), offsets: n.flag() ? nil : Tensor<Int>(n.list()), mode: n.one(of: EmbeddingBagMode.allCases),
      sampleWeights: n.flag() ? nil : n.floats(), includesLastOffset: n.flag(),
      paddingIndex: n.flag() ? nil : n.any(), maxNorm: n.flag() ? nil : n.real(), normOrder: n.real(),
      scalesByFrequency: n.flag())
  }
  table.add("PackedSequence") { n in
    let x = n.floats(n.flag() ? nil : 3)
    let packed = PackedSequence(x, lengths: n.list(n.flag() && x.rank > 1 ? x.shape[1] : nil), batchFirst: n.flag())
    _ = packed.padded(batchFirst: n.flag(), value: 1, length: n.flag() ? nil : n.any())
    _ = packed.unpacked()
  }
  table.add("PackedSequence of sequences") { n in
    _ = PackedSequence((0..<n.below(4)).map { _ in n.floats(2) }).padded()
  }
  table.add("PackedSequence of other data") { n in
    _ = PackedSequence(Tensor<Float>(ones: [3, 2, 1]), lengths: [n.below(4), 3]).replacingData(n.floats()).padded()
  }
  table.add("padSequences") { n in
    _ = padSequences((0..<n.below(4)).map { _ in n.floats(n.flag() ? nil : 2) }, side: n.flag() ? .left : .right)
  }
  table.add("unpadSequences") { n in _ = unpadSequences(n.floats(), lengths: n.list(), batchFirst: n.flag()) }
  table.add("lstm of packed sequences") { n in
    let packed = PackedSequence(n.floats(3), lengths: n.list())
    let weights = RecurrentWeights(
      input: n.floats(2), hidden: n.floats(2), inputBias: n.flag() ? nil : n.floats(1),
      projection: n.flag() ? nil : n.floats())
    _ = lstm(packed, hidden: n.floats(3), cell: n.floats(3), weights: [weights], bidirectional: n.flag())
  }
  table.add("gru of packed sequences") { n in
    let packed = PackedSequence(Tensor<Float>(ones: [2, 2, 1]), lengths: [n.below(3), n.below(3)])
    let weights = RecurrentWeights(
      input: Tensor<Float>(ones: [6, 1]), hidden: n.flag() ? Tensor(ones: [6, 2]) : n.floats())
    _ = gru(packed, hidden: n.flag() ? Tensor(ones: [1, 2, 2]) : n.floats(), weights: [weights])
  }
  table.add("rnn of packed sequences") { n in
    let packed = PackedSequence([n.floats(2)])
    _ = rnn(
      packed, hidden: n.floats(3), weights: [RecurrentWeights(input: n.floats(2), hidden: n.floats(2))],
      dropout: n.real())
  }
  table.add("multiHeadAttention of appended keys") { n in
    let x = Tensor<Float>(ones: [2, 1, 4])
    _ = multiHeadAttention(
      x, x, x, heads: n.any(), projection: .joint(Tensor(ones: [12, 4])),
      keyBias: n.flag() ? nil : n.floats(), valueBias: n.flag() ? Tensor(ones: [4]) : n.floats(),
      appendsZeros: n.flag(), outputWeight: Tensor(ones: [4, 4]), mask: n.flag() ? nil : n.tensor(Bool.self),
      causal: n.flag())
  }
  return table
}
