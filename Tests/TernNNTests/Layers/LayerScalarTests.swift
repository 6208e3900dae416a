import TernNN
import TernTensor
import Testing

/// Without a scalar type a layer is of `Float`; every layer can be of `Double`.
@Suite struct LayerScalarTests {
  private func check(_ plain: some Module, _ double: some Module, sourceLocation: SourceLocation = #_sourceLocation) {
    let name = "\(type(of: plain))"
    #expect(name.hasSuffix("<Float>"), sourceLocation: sourceLocation)
    #expect("\(type(of: double))" == name.dropLast(7) + "<Double>", sourceLocation: sourceLocation)
  }

  @Test func activations() {
    check(ReLU(), ReLU<Double>())
    check(ReLU6(), ReLU6<Double>())
    check(Sigmoid(), Sigmoid<Double>())
    check(Tanh(), Tanh<Double>())
    check(SiLU(), SiLU<Double>())
    check(SELU(), SELU<Double>())
    check(Mish(), Mish<Double>())
    check(LogSigmoid(), LogSigmoid<Double>())
    check(TanhShrink(), TanhShrink<Double>())
    check(HardSigmoid(), HardSigmoid<Double>())
    check(HardSwish(), HardSwish<Double>())
    check(SoftSign(), SoftSign<Double>())
    check(Softmax2D(), Softmax2D<Double>())
    check(Identity(), Identity<Double>())
    check(Softmax(), Softmax<Double>(axis: 0))
    check(LogSoftmax(axis: 1), LogSoftmax<Double>())
    check(Softmin(), Softmin<Double>())
    check(GLU(), GLU<Double>())
    check(ELU(), ELU<Double>(alpha: 2))
    check(CELU(alpha: 2), CELU<Double>())
    check(HardShrink(), HardShrink<Double>(lambda: 1))
    check(SoftShrink(lambda: 1), SoftShrink<Double>())
    check(LeakyReLU(), LeakyReLU<Double>(slope: 0.1))
    check(GELU(), GELU<Double>(approximate: .tanh))
    check(HardTanh(), HardTanh<Double>(low: -2, high: 2))
    check(Threshold(1, value: 0), Threshold<Double>(1, value: 0))
    check(SoftPlus(), SoftPlus<Double>(beta: 2))
    check(PReLU(), PReLU<Double>(channels: 3))
    check(RReLU(), RReLU<Double>(lower: 0.1, upper: 0.2))
  }

  @Test func spatialLayers() {
    check(ZeroPad1D(1), ZeroPad1D<Double>(Padding1D(before: 1, after: 2)))
    check(ReflectionPad1D(1), ReflectionPad1D<Double>(1))
    check(ReplicationPad1D(1), ReplicationPad1D<Double>(1))
    check(CircularPad1D(1), CircularPad1D<Double>(1))
    check(ConstantPad1D(1, value: 0.5), ConstantPad1D<Double>(1, value: 0.5))
    check(ZeroPad2D(1), ZeroPad2D<Double>([1, 2]))
    check(ReflectionPad2D(1), ReflectionPad2D<Double>(1))
    check(ReplicationPad2D(1), ReplicationPad2D<Double>(1))
    check(CircularPad2D(1), CircularPad2D<Double>(1))
    check(ConstantPad2D(1, value: 0.5), ConstantPad2D<Double>(1, value: 0.5))
    check(ZeroPad3D(1), ZeroPad3D<Double>([1, 2, 1]))
    check(ReflectionPad3D(1), ReflectionPad3D<Double>(1))
    check(ReplicationPad3D(1), ReplicationPad3D<Double>(1))
    check(CircularPad3D(1), CircularPad3D<Double>(1))
    check(ConstantPad3D(1, value: 0.5), ConstantPad3D<Double>(1, value: 0.5))
    check(MaxPool3D(2), MaxPool3D<Double>([2, 1, 1], stride: 1))
    check(AvgPool3D(2), AvgPool3D<Double>(2))
    check(LPPool3D(p: 2, kernelSize: 2), LPPool3D<Double>(p: 2, kernelSize: 2))
    check(AdaptiveAvgPool3D(1), AdaptiveAvgPool3D<Double>([1, 2, 3]))
    check(AdaptiveMaxPool3D(1), AdaptiveMaxPool3D<Double>(1))
    check(FractionalMaxPool2D(2, outputSize: 3), FractionalMaxPool2D<Double>(2, outputRatio: [0.5]))
    check(FractionalMaxPool3D(2, outputRatio: [0.5]), FractionalMaxPool3D<Double>(2, outputSize: [1, 2, 3]))
    check(MaxUnpool1D(2), MaxUnpool1D<Double>(2))
    check(MaxUnpool2D(2), MaxUnpool2D<Double>([1, 2]))
    check(MaxUnpool3D(2), MaxUnpool3D<Double>(2, stride: 1))
    check(MaxPool1D(2), MaxPool1D<Double>(2))
    check(MaxPool2D(2), MaxPool2D<Double>([2, 1], stride: 1))
    check(AvgPool1D(2), AvgPool1D<Double>(2))
    check(AvgPool2D(2), AvgPool2D<Double>(2))
    check(LPPool1D(p: 2, kernelSize: 2), LPPool1D<Double>(p: 2, kernelSize: 2))
    check(LPPool2D(p: 2, kernelSize: 2), LPPool2D<Double>(p: 2, kernelSize: 2))
    check(AdaptiveAvgPool1D(1), AdaptiveAvgPool1D<Double>(1))
    check(AdaptiveMaxPool1D(1), AdaptiveMaxPool1D<Double>(1))
    check(AdaptiveAvgPool2D(1), AdaptiveAvgPool2D<Double>([1, 2]))
    check(AdaptiveMaxPool2D(1), AdaptiveMaxPool2D<Double>(1))
    check(Upsample(scale: 2), Upsample<Double>(scale: 2, mode: .linear))
    check(Upsample(scale: [2, 3]), Upsample<Double>(scale: [0.5, 2], mode: .cubic, recomputesScale: true))
    check(Upsample(size: [4]), Upsample<Double>(size: [2, 3], mode: .cubic, antialiases: true))
    check(PixelShuffle(2), PixelShuffle<Double>(2))
    check(PixelUnshuffle(2), PixelUnshuffle<Double>(2))
    check(ChannelShuffle(2), ChannelShuffle<Double>(2))
    check(Unfold(2), Unfold<Double>(2))
    check(Fold(4, kernelSize: 2), Fold<Double>(4, kernelSize: 2))
    check(Conv1D(1, 2, kernelSize: 3), Conv1D<Double>(1, 2, kernelSize: 3))
    check(Conv2D(1, 2, kernelSize: 3), Conv2D<Double>(1, 2, kernelSize: 3, padding: .same))
    check(Conv3D(1, 2, kernelSize: 3), Conv3D<Double>(1, 2, kernelSize: [1, 3, 3], padding: .same))
    check(ConvTranspose3D(1, 2, kernelSize: 3), ConvTranspose3D<Double>(1, 2, kernelSize: 3))
    check(ConvTranspose1D(1, 2, kernelSize: 3), ConvTranspose1D<Double>(1, 2, kernelSize: 3))
    check(ConvTranspose2D(1, 2, kernelSize: 3), ConvTranspose2D<Double>(1, 2, kernelSize: 3))
    check(GhostModule(2, 4), GhostModule<Double>(2, 4, activation: nil))
    check(GhostBottleneck(4, 8, 4), GhostBottleneck<Double>(4, 8, 4, stride: 2, squeeze: 0.25))
    check(SqueezeExcitation(8), SqueezeExcitation<Double>(8, share: 0.5))
    check(SqueezeExcitation(8, reduced: 2), SqueezeExcitation<Double>(8, reduced: 2))
  }

  @Test func normalizationsAndDropouts() {
    check(BatchNorm1d(2), BatchNorm1d<Double>(2))
    check(BatchNorm2d(2), BatchNorm2d<Double>(2))
    check(BatchNorm3d(2), BatchNorm3d<Double>(2))
    check(InstanceNorm1d(2), InstanceNorm1d<Double>(2))
    check(InstanceNorm2d(2), InstanceNorm2d<Double>(2))
    check(InstanceNorm3d(2), InstanceNorm3d<Double>(2))
    check(GroupNorm(groups: 2, 4), GroupNorm<Double>(groups: 2, 4))
    check(LayerNorm(3, 4), LayerNorm<Double>(normalizedShape: [3, 4]))
    check(RMSNorm(3), RMSNorm<Double>(3, 4))
    check(LocalResponseNorm(2), LocalResponseNorm<Double>(2))
    check(Dropout(), Dropout<Double>(0.1))
    check(AlphaDropout(), AlphaDropout<Double>(0.1))
    check(StochasticDepth(), StochasticDepth<Double>(0.1))
    check(Dropout1D(), Dropout1D<Double>(0.1))
    check(Dropout2D(), Dropout2D<Double>(0.1))
    check(FeatureAlphaDropout(), FeatureAlphaDropout<Double>(0.1))
  }

  @Test func networks() {
    check(Dense(3, 4), Dense<Double>(3, 4, bias: false))
    check(Bilinear(2, 3, 4), Bilinear<Double>(2, 3, 4))
    check(Embedding(5, 2), Embedding<Double>(5, 2, paddingIndex: 0))
    check(EmbeddingBag(5, 2), EmbeddingBag<Double>(5, 2, mode: .max))
    check(RNN(2, 3), RNN<Double>(2, 3))
    check(RNN(2, 3, layers: 2, activation: .relu), RNN<Double>(2, 3, activation: .tanh, bias: false))
    check(GRU(2, 3), GRU<Double>(2, 3, bidirectional: true))
    check(LSTM(2, 3), LSTM<Double>(2, 3, layers: 2))
    check(LSTM(2, 3, projectionSize: 2), LSTM<Double>(2, 3, projectionSize: 2, bidirectional: true))
    check(RNNCell(2, 3), RNNCell<Double>(2, 3, activation: .relu))
    check(GRUCell(2, 3), GRUCell<Double>(2, 3))
    check(LSTMCell(2, 3), LSTMCell<Double>(2, 3, bias: false))
    check(MultiHeadAttention(4, heads: 2), MultiHeadAttention<Double>(4, heads: 2))
    check(
      MultiHeadAttention(4, heads: 2, appendsBias: true), MultiHeadAttention<Double>(4, heads: 2, appendsZeros: true))
    check(
      TransformerEncoderLayer(4, heads: 2, innerFeatures: 8),
      TransformerEncoderLayer<Double>(4, heads: 2, innerFeatures: 8))
    check(
      TransformerDecoderLayer(4, heads: 2, innerFeatures: 8),
      TransformerDecoderLayer<Double>(4, heads: 2, innerFeatures: 8))
    check(
      Transformer(4, heads: 2, encoderLayers: 1, decoderLayers: 1, innerFeatures: 8),
      Transformer<Double>(4, heads: 2, encoderLayers: 1, decoderLayers: 1, innerFeatures: 8))
    check(Flatten(), Flatten<Double>(from: 0))
    check(Unflatten(1, to: [2, 3]), Unflatten<Double>(1, to: [2, -1]))
    check(Residual(ReLU()), Residual<Double>(ReLU()))
    check(Residual { ReLU() }, Residual<Double> { ReLU() })
    check(Sequential([ReLU(), Dense(2, 2)]), Sequential<Double>([ReLU(), Dense(2, 2)]))
    check(
      Sequential {
        Dense(2, 2)
        ReLU()
      },
      Sequential<Double> {
        Dense(2, 2)
        ReLU()
      })
  }

  @Test func losses() {
    check(CrossEntropyLoss(), CrossEntropyLoss<Double>(labelSmoothing: 0.1))
    check(LinearCrossEntropyLoss(3, 4), LinearCrossEntropyLoss<Double>(3, 4, bias: true))
    check(
      AdaptiveLogSoftmax(8, 9, cutoffs: [4]), AdaptiveLogSoftmax<Double>(8, 9, cutoffs: [4], divisor: 2, headBias: true)
    )
    check(NegativeLogLikelihoodLoss(), NegativeLogLikelihoodLoss<Double>())
    check(MultiMarginLoss(), MultiMarginLoss<Double>(p: 2))
    check(MultiLabelSoftMarginLoss(), MultiLabelSoftMarginLoss<Double>())
    check(BinaryCrossEntropyLoss(), BinaryCrossEntropyLoss<Double>(reduction: .sum))
    check(BinaryCrossEntropyWithLogitsLoss(), BinaryCrossEntropyWithLogitsLoss<Double>())
  }

  /// The scalar type comes from where a layer is used, or is the same for all elements of a list.
  @Test func contextAndLists() {
    let dense: Dense<Double> = Dense(3, 4)
    let cell: LSTMCell<Double> = .init(2, 3)
    let (dropout, softmax): (Dropout2D<Double>, Softmax<Double>) = (Dropout2D(0.1), Softmax())
    let layers: [any Layer<Double>] = [Conv2D(1, 2, kernelSize: 3), BatchNorm2d(2), ReLU(), MaxPool2D(2)]
    check(Dense(3, 4), dense)
    check(LSTMCell(2, 3), cell)
    check(Dropout2D(), dropout)
    check(Softmax(), softmax)
    check(Sequential([ReLU()]), Sequential(layers))
    let (denses, gates) = ([Dense(1, 2), Dense(2, 1, bias: false)], ["a": ReLU(), "b": ReLU()])
    let chosen = dense.bias == nil ? Dropout() : Dropout(0.1)
    #expect(type(of: denses) == [Dense<Float>].self && type(of: gates) == [String: ReLU<Float>].self)
    #expect(type(of: chosen) == Dropout<Float>.self)
  }

  /// A copy is of the class of its original, with the original's settings.
  @Test func copiesKeepTheirSettings() {
    #expect(Dropout2D(0.25).copy().probability == 0.25)
    #expect(FeatureAlphaDropout<Double>(0.125).copy().probability == 0.125)
    #expect(RNN(2, 3, activation: .relu).copy().activation == .relu)
    #expect(RNNCell<Double>(2, 3, activation: .relu).copy().activation == .relu)
    let copy = GRU(2, 3, layers: 2, bias: false, bidirectional: true).copy()
    #expect(copy.layers == 2 && copy.bidirectional && copy.namedParameters.count == 8)
    #expect(LSTMCell(2, 3).copy().weightIH.shape == [12, 2] && GRUCell(2, 3).copy().weightIH.shape == [9, 2])
  }
}
