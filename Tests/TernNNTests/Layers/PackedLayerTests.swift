import TernNN
import TernTensor
import Testing

/// Layers over sequences of several lengths, with projections, and attention with appended keys.
@Suite struct PackedLayerTests {
  private let x = Tensor<Double>(randomNormal: [3, 4, 2], generator: RandomGenerator(seed: 1))
  private let lengths = [4, 1, 3]

  @Test("a padded batch with lengths is the packed one, and forward is that of full lengths")
  func lengthsAndPacks() {
    let packed = PackedSequence(x, lengths: lengths, batchFirst: true)
    let gru = GRU<Double>(2, 3, layers: 2, batchFirst: true, bidirectional: true)
    let found = gru(x, lengths: lengths)
    #expect(found.output.shape == [3, 4, 6] && found.hidden.shape == [4, 3, 3])
    #expect(found.output == gru(packed).output.padded(batchFirst: true))
    #expect(found.output[1, 1..<4] == Tensor(zeros: [3, 6]))
    let rnn = RNN<Double>(2, 3, activation: .relu, batchFirst: true)
    let difference = (rnn(x, lengths: [4, 4, 4]).output - rnn(x)).abs().max().item
    #expect(difference < 1e-14)
    let lstm = LSTM<Double>(2, 5, projectionSize: 3, batchFirst: true)
    let (output, state) = lstm(x, lengths: lengths)
    #expect(output.shape == [3, 4, 3] && state.hidden.shape == [1, 3, 3] && state.cell.shape == [1, 3, 5])
    let ends = stack(lengths.enumerated().map { output[$0, $1 - 1] })
    #expect(state.hidden[0] == ends)
  }

  @Test("the state of a projection has PyTorch's keys; a copy projects too")
  func projections() {
    let lstm = LSTM(4, 6, projectionSize: 2, layers: 2, bias: false, bidirectional: true)
    let keys = lstm.namedParameters.map(\.name)
    let expected = ["l0", "l0_reverse", "l1", "l1_reverse"].flatMap { end in
      ["weight_ih_" + end, "weight_hh_" + end, "weight_hr_" + end]
    }
    #expect(keys == expected)
    let shapes = lstm.namedParameters.map(\.parameter.shape)
    #expect(shapes[0..<3] == [[24, 4], [24, 2], [2, 6]] && shapes[6] == [24, 4])
    let input = Tensor<Float>(randomNormal: [3, 2, 4], generator: RandomGenerator(seed: 2))
    #expect(lstm.copy()(input) == lstm(input))
  }

  @Test("keys that are appended are learned, named as PyTorch's, and copied")
  func appendedKeys() {
    let attention = MultiHeadAttention(4, heads: 2, appendsBias: true, appendsZeros: true)
    let keys = Set(attention.namedParameters.map(\.name))
    let wanted: Set<String> = [
      "in_proj_weight", "in_proj_bias", "bias_k", "bias_v", "out_proj.weight", "out_proj.bias",
    ]
    #expect(keys == wanted)
    let input = Tensor<Float>(randomNormal: [3, 2, 4], generator: RandomGenerator(seed: 3))
    let (output, weights) = attention.attendingWithWeights(input, input, input, causal: true)
    #expect(weights.shape == [2, 3, 5])
    // The first query sees its own key, the learned one and the zeros.
    #expect((weights.detached()[0, 0] .!= 0).scalars == [true, false, false, true, true])
    let copy = attention.copy()
    let difference = (copy(input, input, input, causal: true) - output).abs().max().item
    #expect(difference < 1e-5)
    output.sum().backward()
    #expect(attention.biasV?.gradient != nil)
  }
}
