import TernNN
import TernTensor
import TernTestSupport
import Testing

/// Modules of several inputs against PyTorch's, in Double: state, outputs and all gradients.
@Suite struct ModuleParityTests {
  private let fixture: ParityFixture

  init() throws { fixture = try ParityFixture() }

  @Test("keys and values with features of their own")
  func attentionFeatures() throws {
    let both = MultiHeadAttention<Double>(6, heads: 2, keyFeatures: 5, valueFeatures: 3)
    #expect(both.state.prefix(4).map(\.name) == ["q_proj_weight", "k_proj_weight", "v_proj_weight", "in_proj_bias"])
    try fixture.expectParity(both, "attention_features") { $0($1[0], $1[1], $1[2]) }
    let keys = MultiHeadAttention<Double>(6, heads: 3, bias: false, keyFeatures: 4)
    try fixture.expectParity(keys, "attention_keys") { $0($1[0], $1[1], $1[2]) }
  }

  @Test(arguments: [true, false]) func decoders(normFirst: Bool) throws {
    let decoder = TransformerDecoder(layers: 2, norm: normFirst ? LayerNorm(6) : nil) {
      TransformerDecoderLayer<Double>(
        6, heads: 2, innerFeatures: 10, dropout: 0, activation: .gelu, normFirst: normFirst)
    }
    try fixture.expectParity(decoder, "transformer_decoder_\(normFirst ? "first" : "last")") {
      $0($1[0], memory: $1[1], causal: true)
    }
  }

  @Test func aTransformer() throws {
    let transformer = Transformer<Double>(
      4, heads: 2, encoderLayers: 1, decoderLayers: 2, innerFeatures: 8, dropout: 0, batchFirst: true)
    try fixture.expectParity(transformer, "transformer") { $0($1[0], $1[1]) }
    // What a mask hides changes nothing.
    let (x, y) = (Tensor<Double>.spread([2, 3, 4]), Tensor<Double>.spread([2, 5, 4], from: 7))
    let seen = Tensor<Bool>([true, true, false, true, true, false]).reshaped(2, 3)
    let hidden = transformer(x, y, sourceKeyMask: seen, memoryKeyMask: seen)
    var other = x
    other[.all, .slice(2, 3)] = Tensor(full: [2, 1, 4], 9)
    #expect(relativeDifference(transformer(other, y, sourceKeyMask: seen, memoryKeyMask: seen), hidden) < 1e-13)
  }

  @Test("a layer of two inputs, and measures of likeness")
  func pairs() throws {
    try fixture.expectParity(Bilinear<Double>(3, 4, 2), "bilinear") { $0($1[0], $1[1]) }
    try fixture.expectParity(CosineSimilarity(axis: -1), "cosine_similarity") { $0($1[0], $1[1]) }
    try fixture.expectParity(PairwiseDistance(p: 3, keepingAxes: true), "pairwise_distance") { $0($1[0], $1[1]) }
  }

  @Test("cells of recurrent networks")
  func cells() throws {
    try fixture.expectParity(RNNCell<Double>(3, 4, activation: .relu), "rnn_cell") { $0($1[0], hidden: $1[1]) }
    try fixture.expectParity(GRUCell<Double>(3, 4, bias: false), "gru_cell") { $0($1[0], hidden: $1[1]) }
    let lstm = LSTMCell<Double>(3, 4)
    try fixture.expectParity(lstm, "lstm_cell") {
      let after = $0($1[0], state: ($1[1], $1[2]))
      return concatenate([after.hidden, after.cell])
    }
    let x = Tensor<Double>.spread([2, 3])
    let zeros = Tensor<Double>(zeros: [2, 4])
    #expect(lstm(x).cell == lstm(x, state: (zeros, zeros)).cell)
    #expect(relativeDifference(lstm(x[1]).hidden, lstm(x).hidden[1]) < 1e-15)
  }

  @Test("channels are dropped whole, and the mean stays")
  func channels() {
    let generator = RandomGenerator(seed: 5)
    let images = Tensor<Double>(full: [50, 40, 3, 2], 1)
    for layer in [Dropout2D<Double>(0.25, generator: generator) as ChannelDropout<Double>, Dropout1D(0.25)] {
      let input = layer is Dropout2D<Double> ? images : images.reshaped(50, 40, 6)
      let sums = layer(input).reshaped(2000, 6)
      #expect(sums.max(along: 1).values == sums.min(along: 1).values)
      #expect(Set(sums.scalars) == [0, 4.0 / 3])
      #expect(abs(sums.mean().item - 1) < 0.05)
      layer.eval()
      #expect(layer(input) == input)
    }
    let values = Tensor<Double>(randomNormal: [100, 200, 4], generator: generator)
    let dropped = FeatureAlphaDropout<Double>(0.3, generator: generator)(values)
    let rows = dropped.reshaped(20000, 4)
    let same = (rows.max(along: 1).values .== rows.min(along: 1).values).cast(to: Double.self).mean().item
    #expect(abs(same - 0.3) < 0.02)
    #expect(abs(dropped.mean().item) < 0.02 && abs(dropped.variance().item - 1) < 0.03)
  }

  @Test("random slopes below zero lie in their range")
  func slopes() {
    let layer = RReLU<Double>(lower: 0.1, upper: 0.6, generator: RandomGenerator(seed: 3))
    let x = Tensor<Double>(full: [1000], -2).asVariable()
    let y = layer(x)
    let slopes = y.detached() / -2
    #expect(slopes.min().item >= 0.1 && slopes.max().item < 0.6 && abs(slopes.mean().item - 0.35) < 0.02)
    y.sum().backward()
    #expect(relativeDifference(x.gradient!, slopes) < 1e-15)
    #expect(layer(Tensor([3.0])).item == 3)
  }

  @Test("settings that make no sense stop")
  func messages() async {
    let padding = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ZeroPad2D(.same)
    }
    expectLine("ZeroPad2D<Float>: padding by .same: only a kernel has it", in: padding?.standardErrorContent)
    let axis = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>(zeros: [2, 6]).unflattened(1, to: [4, -1])
    }
    expectLine("unflattened: axis 1 of [2, 6] does not fall into [4, -1]", in: axis?.standardErrorContent)
    let channels = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = channelShuffle(Tensor<Float>(zeros: [2, 6, 3]), groups: 4)
    }
    expectLine("channelShuffle: 4 groups of 6 channels of [2, 6, 3]", in: channels?.standardErrorContent)
    let keys = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let x = Tensor<Float>(zeros: [2, 3, 4])
      _ = MultiHeadAttention(4, heads: 2, keyFeatures: 5)(x, x, x)
    }
    expectLine(
      "multiHeadAttention: projections [4, 4], [4, 5], [4, 4] for query [2, 3, 4], key [2, 3, 4], value [2, 3, 4], "
        + "[[4, 4], [4, 4], [4, 4]] are wanted in MultiHeadAttention<Float>", in: keys?.standardErrorContent)
  }
}
