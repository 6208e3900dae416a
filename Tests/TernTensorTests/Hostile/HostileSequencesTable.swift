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
  return table
}
