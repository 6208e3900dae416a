import TernBackend
import TernTensor
import TernTestSupport
import Testing

/// Recurrent networks, embedding and distances: edges and messages. PyTorch's numbers are among the
/// conformance cases.
@Suite struct SequenceOperationTests {
  private func draw(_ shape: [Int], seed: UInt64 = 1) -> Tensor<Double> {
    Tensor(randomNormal: shape, deviation: 0.7, generator: RandomGenerator(seed: seed + UInt64(shape.count)))
  }

  private func weights(_ gates: Int, inputs: Int, features: Int, count: Int) -> [Tensor<Double>] {
    (0..<count).flatMap { index in
      [[gates * features, inputs], [gates * features, features], [gates * features], [gates * features]]
        .enumerated().map { draw($1, seed: UInt64(10 * index + 2 * $0)) }
    }
  }

  private func packed(_ list: ArraySlice<Tensor<Double>>) -> [RecurrentWeights<Double>] {
    let list = Array(list)
    return stride(from: 0, to: list.count, by: 4).map {
      RecurrentWeights(input: list[$0], hidden: list[$0 + 1], inputBias: list[$0 + 2], hiddenBias: list[$0 + 3])
    }
  }

  @Test("recurrent networks read sequences without a batch or without times")
  func recurrentForms() {
    let (x, h) = (draw([3, 2, 2]), draw([1, 2, 3]))
    let list = packed(weights(3, inputs: 2, features: 3, count: 1)[...])
    let expected = gru(x, hidden: h, weights: list)
    let first = gru(x.selected(axis: 1, index: 0), hidden: h.selected(axis: 1, index: 0), weights: list)
    #expect(relativeDifference(first.output, expected.output.selected(axis: 1, index: 0)) < 1e-14)
    let none = gru(Tensor(zeros: [0, 2, 2]), hidden: h, weights: list)
    #expect(none.output.shape == [0, 2, 3] && none.hidden == h)
  }

  @Test("embedding: repeated rows add up, padding gets nothing, frequencies divide")
  func embeddings() {
    let (table, words) = (draw([4, 3]), Tensor<Int>([1, 3, 1, 0]).reshaped(2, 2))
    for (padding, scales) in [(nil, false), (1, false), (nil, true), (-1, true)] as [(Int?, Bool)] {
      let variable = table.asVariable()
      let y = embedding(words, variable, paddingIndex: padding, scalesByFrequency: scales)
      #expect(y.shape == [2, 2, 3] && y.detached()[1, 0] == table[1])
      let g = draw([2, 2, 3], seed: 8)
      y.backward(g)
      var expected = Tensor<Double>(zeros: [4, 3])
      expected[0] = g[1, 1]
      expected[1] = (g[0, 0] + g[1, 0]) * (scales ? 0.5 : 1)
      expected[3] = g[0, 1]
      if let padding { expected[(padding + 4) % 4] = Tensor(0) }
      #expect(relativeDifference(variable.gradient!, expected) < 1e-15)
    }
    #expect(embedding(Tensor<Int>([]), table).shape == [0, 3])
  }

  @Test("distances worked out in blocks, and of equal vectors")
  func distances() {
    // Enough of them that they are worked out in blocks.
    let (many, others) = (draw([2, 700, 30]), draw([300, 30], seed: 5))
    let points = [many.asVariable(), others.asVariable()]
    let y = allDistances(points[0], points[1])
    let written = (many.expandedAxis(at: 2) - others).norm(2, along: [-1])
    #expect(relativeDifference(y.detached(), written) < 1e-14)
    let g = draw([2, 700, 300], seed: 9)
    y.backward(g)
    let derivatives = (many.expandedAxis(at: 2) - others) * (g / written).expandedAxis(at: -1)
    #expect(relativeDifference(points[0].gradient!, derivatives.sum(along: 2)) < 1e-13)
    #expect(relativeDifference(points[1].gradient!, -derivatives.sum(along: 0, 1)) < 1e-13)
    let vectors = draw([4, 3])
    let same = vectors.asVariable()
    allDistances(same, vectors).sum().backward()
    let finite = same.gradient!.scalars.allSatisfy { $0.isFinite }
    #expect(finite)
  }

  @Test("what does not fit stops with the shapes")
  func messages() async {
    let network = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let weights = RecurrentWeights(input: Tensor<Float>(zeros: [12, 2]), hidden: Tensor(zeros: [12, 3]))
      _ = gru(Tensor<Float>(zeros: [3, 2, 2]), hidden: Tensor(zeros: [1, 2, 3]), weights: [weights])
    }
    let gates = text(network?.standardErrorContent)
    #expect(gates.contains("gru: layer 0 has a weight [12, 2], [9, 2] is wanted"), "\(gates)")
    let table = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = embedding(Tensor([1, 4]), Tensor<Float>(zeros: [4, 2]))
    }
    let index = text(table?.standardErrorContent)
    #expect(index.contains("index 4 outside axis 0 of [4, 2]"), "\(index)")
  }
}
