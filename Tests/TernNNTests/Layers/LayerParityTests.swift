import TernNN
import TernTensor
import TernTestSupport
import Testing

/// Layers against PyTorch's, in Double: the state's keys in their order, outputs, buffers, and all gradients.
@Suite struct LayerParityTests {
  /// Layers by the names of the fixture.
  static let layers: [String: @Sendable () -> any Layer<Double>] = [
    "transformer_first_relu": { transformer(.relu, first: true) },
    "transformer_first_gelu": { transformer(.gelu, first: true) },
    "transformer_last_relu": { transformer(.relu, first: false) },
    "transformer_last_gelu": { transformer(.gelu, first: false) },
    "attention": { MultiHeadAttention<Double>(6, heads: 3) },
    "attention_batch_first": { MultiHeadAttention<Double>(6, heads: 2, bias: false, batchFirst: true) },
    "rnn": { RNN<Double>(3, 4, layers: 2, activation: .relu, bidirectional: true) },
    "gru": { GRU<Double>(3, 4, layers: 2, batchFirst: true) },
    "lstm": { LSTM<Double>(3, 4, layers: 2, bidirectional: true) },
    "lstm_no_bias": { LSTM<Double>(3, 4, bias: false) },
    "conv1d": { Conv1D<Double>(4, 6, kernelSize: 3, stride: 2, padding: 1, groups: 2) },
    "conv_transpose1d": {
      ConvTranspose1D<Double>(4, 6, kernelSize: 3, stride: 2, padding: 1, outputPadding: 1, groups: 2)
    },
    "conv_transpose2d": {
      ConvTranspose2D<Double>(3, 2, kernelSize: [2, 3], stride: [2, 1], padding: [0, 1], dilation: [1, 2])
    },
    "group_norm": { GroupNorm<Double>(groups: 2, 6) },
    "instance_norm1d": { InstanceNorm1d<Double>(3, affine: true) },
    "instance_norm2d": { InstanceNorm2d<Double>(3, affine: true, tracking: true) },
    "rms_norm": { RMSNorm<Double>(5) },
    "local_response_norm": { LocalResponseNorm<Double>(3, alpha: 0.3, beta: 0.6, k: 1.5) },
    "prelu": { PReLU<Double>(channels: 3) },
    "upsample": { Upsample<Double>(scale: 2, mode: .linear, alignsCorners: true) },
    "pixel_shuffle": { PixelShuffle<Double>(2) },
    "pixel_unshuffle": { PixelUnshuffle<Double>(2) },
    "relu6": { ReLU6<Double>() },
    "hard_tanh": { HardTanh<Double>(low: -0.5, high: 1.5) },
    "hard_sigmoid": { HardSigmoid<Double>() },
    "hard_swish": { HardSwish<Double>() },
    "threshold": { Threshold<Double>(0.3, value: -2) },
    "soft_sign": { SoftSign<Double>() },
    "hard_shrink": { HardShrink<Double>(lambda: 0.6) },
    "soft_shrink": { SoftShrink<Double>(lambda: 0.4) },
    "elu": { ELU<Double>(alpha: 0.7) },
    "selu": { SELU<Double>() },
    "celu": { CELU<Double>(alpha: 0.5) },
    "mish": { Mish<Double>() },
    "soft_plus": { SoftPlus<Double>(beta: 1.5, threshold: 2) },
    "log_sigmoid": { LogSigmoid<Double>() },
    "tanh_shrink": { TanhShrink<Double>() },
    "glu": { GLU<Double>() },
    "log_softmax": { LogSoftmax<Double>(axis: 1) },
    "softmin": { Softmin<Double>(axis: 1) },
    "max_pool1d": { MaxPool1D<Double>(3, stride: 2, padding: 1) },
    "avg_pool1d": { AvgPool1D<Double>(3, padding: 1, countsPadding: false) },
    "adaptive_avg_pool1d": { AdaptiveAvgPool1D<Double>(3) },
    "adaptive_max_pool1d": { AdaptiveMaxPool1D<Double>(3) },
    "lp_pool2d": { LPPool2D<Double>(p: 2, kernelSize: [2, 3]) },
    "adaptive_max_pool2d": { AdaptiveMaxPool2D<Double>([2, 3]) },
    "batch_norm3d": { BatchNorm3d<Double>(3) },
    "instance_norm3d": { InstanceNorm3d<Double>(3, affine: true, tracking: true) },
    "transformer_encoder": {
      TransformerEncoder(layers: 2, norm: LayerNorm(6)) {
        TransformerEncoderLayer<Double>(6, heads: 2, innerFeatures: 10, dropout: 0, batchFirst: true)
      }
    },
    "relu": { ReLU<Double>() },
    "sigmoid": { Sigmoid<Double>() },
    "tanh": { Tanh<Double>() },
    "silu": { SiLU<Double>() },
    "leaky_relu": { LeakyReLU<Double>(slope: 0.2) },
    "gelu": { GELU<Double>() },
    "gelu_tanh": { GELU<Double>(approximate: .tanh) },
    "softmax": { Softmax<Double>() },
    "softmax2d": { Softmax2D<Double>() },
    "rrelu": {
      let layer = RReLU<Double>(lower: 0.2, upper: 0.4)
      layer.eval()
      return layer
    },
    "rrelu_constant": { RReLU<Double>(lower: 0.3, upper: 0.3) },
    "identity": { Identity<Double>() },
    "flatten": { Flatten<Double>() },
    "unflatten": { Unflatten<Double>(2, to: [2, -1]) },
    "channel_shuffle": { ChannelShuffle<Double>(2) },
    "lp_pool1d": { LPPool1D<Double>(p: 3, kernelSize: 2, stride: 1) },
    "unfold": { Unfold<Double>([2, 3], padding: 1, stride: [2, 1]) },
    "fold": { Fold<Double>([4, 5], kernelSize: 2, padding: [0, 1], stride: 2) },
    "zero_pad1d": { ZeroPad1D<Double>(Padding1D(before: 1, after: 2)) },
    "zero_pad2d": { ZeroPad2D<Double>(Padding2D(top: -1, bottom: 2, left: 1, right: 0)) },
    "constant_pad1d": { ConstantPad1D<Double>(Padding1D(before: 0, after: 2), value: 1.5) },
    "constant_pad2d": { ConstantPad2D<Double>(2, value: -0.5) },
    "reflection_pad1d": { ReflectionPad1D<Double>(Padding1D(before: 3, after: 1)) },
    "reflection_pad2d": { ReflectionPad2D<Double>(Padding2D(top: 3, bottom: 0, left: 1, right: 2)) },
    "replication_pad1d": { ReplicationPad1D<Double>(2) },
    "replication_pad2d": { ReplicationPad2D<Double>(Padding2D(top: 0, bottom: 2, left: 4, right: 1)) },
    "circular_pad1d": { CircularPad1D<Double>(Padding1D(before: 2, after: 1)) },
    "circular_pad2d": { CircularPad2D<Double>(Padding2D(top: 0, bottom: 3, left: 1, right: 2)) },
    "max_pool2d": { MaxPool2D<Double>(2, stride: 1, padding: 1) },
    "avg_pool2d": { AvgPool2D<Double>([3, 2], stride: [2, 1], ceilMode: true) },
    "adaptive_avg_pool2d": { AdaptiveAvgPool2D<Double>([2, 3]) },
  ]

  private static func transformer(_ activation: TransformerActivation, first: Bool) -> any Layer<Double> {
    TransformerEncoderLayer<Double>(
      6, heads: 2, innerFeatures: 10, dropout: 0, activation: activation, batchFirst: first, normFirst: first)
  }

  @Test("a layer's state, output and gradients are PyTorch's", arguments: LayerParityTests.layers.keys.sorted())
  func layer(name: String) throws {
    let make = try #require(LayerParityTests.layers[name])
    try expectParity(make(), name)
  }

  private func expectParity<L: Layer>(_ layer: L, _ name: String) throws where L.Scalar == Double {
    try ParityFixture().expectParity(layer, name) { layer, inputs in layer(inputs[0]) }
  }

  @Test func anEmbedding() throws {
    let table = Embedding<Double>(5, 3, paddingIndex: 2)
    let fixture = try ParityFixture()
    let indices: Tensor<Int> = try fixture.tensor("embedding/x")
    try fixture.expectParity(table, "embedding") { table, _ in table(indices) }
  }

  @Test("weights drop nothing in evaluation, and dropout keeps the mean in training")
  func dropout() {
    let layer = TransformerEncoderLayer<Float>(8, heads: 2, innerFeatures: 16, dropout: 0.4, batchFirst: true)
    let x = Tensor<Float>(randomNormal: [4, 6, 8], generator: RandomGenerator(seed: 1))
    layer.eval()
    #expect(layer(x) == layer(x))
    layer.train()
    #expect(layer(x) != layer(x))
    let attention = MultiHeadAttention<Float>(8, heads: 2, dropout: 0.5, batchFirst: true)
    let mean = (0..<400).map { _ in attention(x) }.reduce(Tensor(zeros: x.shape)) { $0 + $1 } / 400
    attention.eval()
    #expect(relativeDifference(mean, attention(x)) < 0.2)
    let alpha = AlphaDropout<Float>(0.3)
    let values = alpha(Tensor(randomNormal: [100_000], generator: RandomGenerator(seed: 2)))
    #expect(abs(values.mean().item) < 0.02 && abs(values.variance().item - 1) < 0.03)
  }

  @Test("masks of an attention: causal, by key, by pair; queries of another length")
  func attentionMasks() {
    let layer = MultiHeadAttention<Double>(4, heads: 2)
    let seeds = RandomGenerator(seed: 4)
    let (q, k) = (
      Tensor<Double>(randomNormal: [3, 2, 4], generator: seeds),
      Tensor<Double>(randomNormal: [5, 2, 4], generator: seeds)
    )
    let keys = Tensor<Bool>([true, true, false, true, true, true, false, true, true, true]).reshaped(2, 5)
    let pairs = Tensor<Bool>(ones: [3, 5]).lowerTriangle()
    let causal = layer(q, k, k, causal: true)
    #expect(relativeDifference(causal, layer(q, k, k, mask: pairs)) < 1e-14)
    let (output, weights) = layer.attendingWithWeights(q, k, k, mask: pairs, keyMask: keys, perHead: true)
    #expect(relativeDifference(output, layer(q, k, k, mask: pairs, keyMask: keys)) < 1e-14)
    #expect(weights.shape == [2, 2, 3, 5])
    let forbidden = weights.elements(where: (.!(keys.reshaped(2, 1, 1, 5) .&& pairs)).broadcast(to: weights.shape))
    #expect(forbidden.scalars.allSatisfy { $0 == 0 })
    #expect(relativeDifference(weights.sum(along: 3), Tensor(ones: [2, 2, 3])) < 1e-14)
  }

  @Test("a recurrent network's state goes on where it was left")
  func states() {
    let network = LSTM<Double>(3, 4, layers: 2)
    let x = Tensor<Double>.spread([6, 2, 3])
    let whole = network(x, state: nil)
    let first = network(x[0..<4], state: nil)
    let second = network(x[4..<6], state: first.state)
    #expect(relativeDifference(concatenate([first.output, second.output]), whole.output) < 1e-14)
    #expect(relativeDifference(second.state.cell, whole.state.cell) < 1e-14)
  }
}
