import TernNN
import TernTensor
import TernTestSupport

/// Layers, losses, optimizers and schedules made with hostile numbers and given inputs of hostile shapes.
let hostileLayersTable = makeTable()

// One statement a row: a literal of closures takes the compiler minutes.
private func makeTable() -> [HostileCase] {
  var table: [HostileCase] = []
  table.add("Dense") { n in _ = Dense(n.any(), n.any(), bias: n.flag())(n.floats()) }
  table.add("AdaptiveLogSoftmax") { n in
    let layer = AdaptiveLogSoftmax(
      n.any(), n.any(), cutoffs: n.flag() ? [n.any()] : [n.any(), n.any()], divisor: n.real(), headBias: n.flag())
    _ = (layer.predict(n.floats()), layer(n.floats(), n.integers()))
  }
  table.add("Bilinear") { n in _ = Bilinear(n.any(), n.any(), n.any()) }
  table.add("Embedding") { n in
    _ = Embedding(n.any(), n.any(), paddingIndex: n.flag() ? nil : n.any())(n.integers())
  }
  table.add("Embedding of short rows") { n in
    _ = Embedding(n.any(), n.any(), maxNorm: n.real(), normOrder: n.real())(n.integers())
  }
  table.add("EmbeddingBag") { n in
    _ = EmbeddingBag(
      n.any(), n.any(), mode: n.one(of: EmbeddingBagMode.allCases), includesLastOffset: n.flag(),
      paddingIndex: n.flag() ? nil : n.any(), maxNorm: n.flag() ? nil : n.real(), normOrder: n.real(),
      scalesByFrequency: n.flag())(n.integers(), offsets: n.flag() ? nil : n.integers(1))
  }
  table.add("Conv2D") { n in
    _ = Conv2D(
      n.any(), n.any(), kernelSize: [n.any(), n.any()], stride: n.any(), padding: n.any(), dilation: n.any(),
      groups: n.flag() ? 1 : n.any())(n.floats())
  }
  table.add("Conv1D") { n in
    _ = Conv1D(
      n.any(), n.any(), kernelSize: n.any(), stride: n.any(), padding: n.any(), dilation: n.any(),
      groups: n.flag() ? 1 : n.any())(n.floats())
  }
  table.add("Conv3D") { n in
    _ = Conv3D(
      n.any(), n.any(), kernelSize: [n.any(), n.any(), n.any()], stride: n.any(), padding: n.any(), dilation: n.any(),
      groups: n.flag() ? 1 : n.any())(n.floats())
  }
  table.add("ConvTranspose3D") { n in
    _ = ConvTranspose3D(
      n.any(), n.any(), kernelSize: n.any(), stride: n.any(), padding: n.any(), outputPadding: n.any(),
      dilation: n.any(), groups: n.flag() ? 1 : n.any())(n.floats())
  }
  table.add("ConvTranspose2D") { n in
    _ = ConvTranspose2D(
      n.any(), n.any(), kernelSize: n.any(), stride: n.any(), padding: n.any(), outputPadding: n.any(),
      dilation: n.any(), groups: n.flag() ? 1 : n.any())(n.floats())
  }
  table.add("ConvTranspose1D") { n in
    _ = ConvTranspose1D(
      n.any(), n.any(), kernelSize: n.any(), stride: n.any(), padding: n.any(), outputPadding: n.any(),
      dilation: n.any(), groups: n.flag() ? 1 : n.any())(n.floats())
  }
  table.add("GhostModule") { n in
    _ = GhostModule(n.any(), n.any(), ratio: n.any(), kernelSize: n.any(), cheapKernelSize: n.any())
  }
  table.add("GhostBottleneck") { n in
    _ = GhostBottleneck(n.any(), n.any(), n.any(), kernelSize: n.any(), stride: n.any(), squeeze: n.real())
  }
  table.add("SqueezeExcitation") { n in _ = SqueezeExcitation<Float>(n.any(), share: n.real()) }
  table.add("SqueezeExcitation reduced") { n in _ = SqueezeExcitation<Float>(n.any(), reduced: n.any()) }
  table.add("BatchNorm") { n in
    _ = BatchNorm2d(n.any(), epsilon: n.real(), momentum: n.real())(n.floats())
  }
  table.add("InstanceNorm") { n in _ = InstanceNorm2d(n.any(), affine: n.flag())(n.floats()) }
  table.add("GroupNorm") { n in _ = GroupNorm(groups: n.any(), n.any())(n.floats()) }
  table.add("LayerNorm") { n in _ = LayerNorm(n.any(), n.any())(n.floats()) }
  table.add("RMSNorm") { n in _ = RMSNorm(n.any())(n.floats()) }
  table.add("LocalResponseNorm") { n in _ = LocalResponseNorm(n.any())(n.floats()) }
  table.add("PReLU") { n in _ = PReLU(channels: n.any())(n.floats()) }
  table.add("Dropout") { n in _ = Dropout(n.real())(n.floats()) }
  table.add("MaxPool3D") { n in
    _ = MaxPool3D(n.any(), stride: n.any(), padding: n.any(), dilation: n.any(), ceilMode: n.flag())(n.floats())
  }
  table.add("AvgPool3D") { n in
    _ = AvgPool3D([n.any(), n.any(), n.any()], padding: n.any(), ceilMode: n.flag())(n.floats())
  }
  table.add("AdaptiveAvgPool3D") { n in _ = AdaptiveAvgPool3D([n.any(), n.any(), n.any()])(n.floats()) }
  table.add("FractionalMaxPool2D") { n in _ = FractionalMaxPool2D(n.any(), outputSize: n.any())(n.floats()) }
  table.add("FractionalMaxPool3D") { n in _ = FractionalMaxPool3D(n.any(), outputRatio: [n.real()])(n.floats()) }
  table.add("MaxUnpool2D") { n in
    _ = MaxUnpool2D(n.any(), stride: n.any(), padding: n.any())(n.floats(), indices: n.integers())
  }
  table.add("ReflectionPad3D") { n in _ = ReflectionPad3D([n.any(), n.any(), n.any()])(n.floats()) }
  table.add("MaxPool2D") { n in
    _ = MaxPool2D(n.any(), stride: n.any(), padding: n.any(), dilation: n.any(), ceilMode: n.flag())(n.floats())
  }
  table.add("AvgPool2D") { n in
    _ = AvgPool2D(n.any(), stride: n.any(), padding: n.any(), ceilMode: n.flag())(n.floats())
  }
  table.add("AdaptiveAvgPool2D") { n in _ = AdaptiveAvgPool2D([n.any(), n.any()])(n.floats()) }
  table.add("AdaptiveMaxPool1D") { n in _ = AdaptiveMaxPool1D(n.any())(n.floats()) }
  table.add("LPPool2D") { n in _ = LPPool2D(p: n.real(), kernelSize: n.any(), stride: n.any())(n.floats()) }
  table.add("Unfold") { n in
    _ = Unfold(n.any(), dilation: n.any(), padding: n.any(), stride: n.any())(n.floats())
  }
  table.add("Fold") { n in
    _ = Fold([n.any(), n.any()], kernelSize: n.any(), dilation: n.any(), padding: n.any(), stride: n.any())(n.floats())
  }
  table.add("Upsample") { n in _ = Upsample(scale: n.real(), mode: n.one(of: [.nearest, .linear]))(n.floats()) }
  table.add("Upsample to a size") { n in
    _ = Upsample(size: n.list(1 + n.below(3)), mode: n.one(of: [.linear, .cubic, .area]), antialiases: n.flag())(
      n.floats(3 + n.below(3)))
  }
  table.add("Upsample by scales") { n in
    _ = Upsample(scale: [n.real(), n.real()], mode: n.one(of: [.nearest, .cubic]), recomputesScale: n.flag())(
      n.floats(4))
  }
  table.add("PixelShuffle") { n in _ = PixelShuffle(n.any())(n.floats()) }
  table.add("Flatten") { n in _ = Flatten(from: n.any(), to: n.any())(n.floats()) }
  table.add("Unflatten") { n in _ = Unflatten(n.any(), to: n.list())(n.floats()) }
  table.add("ZeroPad2D") { n in _ = ZeroPad2D([n.any(), n.any()])(n.floats()) }
  table.add("ReflectionPad1D") { n in _ = ReflectionPad1D(n.any())(n.floats()) }
  table.add("ReplicationPad2D") { n in _ = ReplicationPad2D([n.any(), n.any()])(n.floats()) }
  table.add("MultiHeadAttention") { n in
    let x = n.floats()
    _ = MultiHeadAttention(
      n.any(), heads: n.any(), keyFeatures: n.flag() ? nil : n.any(), valueFeatures: n.flag() ? nil : n.any())(x, x, x)
  }
  table.add("TransformerEncoderLayer") { n in
    _ = TransformerEncoderLayer(n.any(), heads: n.any(), innerFeatures: n.any(), dropout: n.real())(n.floats())
  }
  table.add("TransformerEncoder") { n in
    _ = TransformerEncoder<Float>(layers: n.any()) { TransformerEncoderLayer(4, heads: 2, innerFeatures: 4) }
  }
  table.add("RNN") { n in _ = RNN(n.any(), n.any(), layers: n.any(), bidirectional: n.flag())(n.floats()) }
  table.add("GRU") { n in _ = GRU(n.any(), n.any(), layers: n.any(), batchFirst: n.flag())(n.floats()) }
  table.add("LSTM") { n in _ = LSTM(n.any(), n.any(), layers: n.any(), dropout: n.real())(n.floats()) }
  table.add("LSTMCell") { n in _ = LSTMCell(n.any(), n.any())(n.floats()) }
  table.add("Initializer") { n in
    let made = n.one(of: [Initializer.orthogonal(), .xavierNormal(), .kaimingUniform(), .zeros])
    let _: Tensor<Float> = made(n.list())
  }
  table.add("fans") { n in _ = fans(of: n.list()) }
  table.add("crossEntropy") { n in _ = crossEntropy(n.floats(), n.integers(), ignoring: n.any()) }
  table.add("negativeLogLikelihood") { n in
    _ = negativeLogLikelihood(n.floats(), n.integers(), ignoring: n.any())
  }
  table.add("multiMargin") { n in _ = multiMargin(n.floats(), n.integers(), p: n.any()) }
  table.add("multiLabelMargin") { n in _ = multiLabelMargin(n.floats(), n.integers()) }
  table.add("ctcLoss") { n in
    _ = ctcLoss(n.floats(3), n.integers(), inputLengths: n.list(), targetLengths: n.list(), blank: n.any())
  }
  table.add("meanSquaredError") { n in _ = meanSquaredError(n.floats(), n.floats()) }
  table.add("linearCrossEntropy") { n in
    _ = linearCrossEntropy(
      n.floats(), n.floats(), n.integers(), bias: n.flag() ? nil : n.floats(),
      classWeight: n.flag() ? nil : n.floats(1),
      ignoring: n.any(), labelSmoothing: Float(n.real()), chunkSize: n.flag() ? nil : n.any())
  }
  table.add("linearCrossEntropy that fits") { n in
    _ = linearCrossEntropy(
      Tensor<Float>(ones: [3, 2]), Tensor(ones: [2, 2]), Tensor<Int>([0, n.any(), 1]), ignoring: n.any(),
      chunkSize: n.any())
  }
  table.add("LinearCrossEntropyLoss") { n in
    _ = LinearCrossEntropyLoss(n.any(), n.any(), labelSmoothing: n.real(), chunkSize: n.any())(n.floats(), n.integers())
  }
  table.add("weighted losses") { n in
    let (x, y, w) = (n.floats(), n.floats(), n.floats())
    _ = n.flag() ? meanSquaredError(x, y, weight: w) : huber(x, y, weight: w, delta: Float(n.real()))
  }
  table.add("losses that broadcast") { n in
    let (x, y, z) = (n.floats(), n.floats(), n.floats())
    switch n.below(5) {
    case 0: _ = hingeEmbedding(x, y)
    case 1: _ = marginRanking(x, y, z)
    case 2: _ = gaussianNLL(x, y, variance: z)
    case 3: _ = tripletMargin(x, y, z)
    default: _ = multiMargin(x, n.integers())
    }
  }
  table.add("huber") { n in _ = huber(n.floats(), n.floats(), delta: Float(n.real())) }
  table.add("l2Penalty") { n in _ = l2Penalty(Dense(2, 2), lambda: Float(1), batchSize: n.any()) }
  table.add("LKJCholeskyDistribution") { n in
    let lkj = LKJCholeskyDistribution(dimension: n.any(), concentration: n.floats())
    _ = n.flag() ? lkj.sample(n.list()) : lkj.logProbability(n.floats())
  }
  table.add("WishartDistribution") { n in
    let wishart = WishartDistribution(degrees: n.floats() + 4, scaleTriangle: n.floats().abs() + 1)
    _ = n.flag() ? wishart.sample(n.list()) : wishart.logProbability(n.floats())
  }
  table.add("VonMisesDistribution") { n in
    let angles = VonMisesDistribution(mean: n.floats(), concentration: Tensor(Float(n.real())))
    _ = (angles.logProbability(n.floats()), angles.entropy, n.flag() ? angles.sample([n.below(4)]) : Tensor(0))
  }
  table.add("RelaxedBernoulliDistribution") { n in
    let relaxed = RelaxedBernoulliDistribution(temperature: Tensor(Float(n.real())), logits: n.floats())
    _ = (relaxed.sample(n.list(1)), relaxed.logProbability(n.floats()))
  }
  table.add("TransformedDistribution") { n in
    let scale: any Bijector<Float> = AffineBijector(location: n.floats(), scale: Tensor(Float(n.real())))
    let bijector = n.one(of: [
      scale, ExpBijector(), StickBreakingBijector(), CorrelationCholeskyBijector(),
      StickBreakingBijector<Float>().inverted, CorrelationCholeskyBijector<Float>().inverted,
    ])
    let base = NormalDistribution(mean: n.floats(), deviation: Tensor(1))
    let distribution = TransformedDistribution(base, n.flag() ? [bijector] : [bijector, scale])
    _ = (distribution.sample([n.below(3)]), distribution.logProbability(n.floats()), distribution.entropy)
  }
  table.add("SGD") { n in
    _ = SGD(Dense(2, 2), learningRate: n.real(), momentum: n.real(), weightDecay: n.real())
  }
  table.add("Muon") { n in
    let model = Dense(2, 2, bias: false)
    let optimizer = Muon(model, learningRate: n.real(), iterations: n.any())
    model(Tensor(ones: [1, 2])).sum().backward()
    optimizer.step()
  }
  table.add("LBFGS") { n in
    let model = Dense(2, 2)
    let optimizer = LBFGS(
      model, maxIterations: n.any(), maxEvaluations: n.flag() ? nil : n.any(), historySize: n.any())
    _ = optimizer.step {
      optimizer.zeroGradients()
      let loss = (model(Tensor(ones: [1, 2])) - 1).square().sum()
      loss.backward()
      return loss
    }
  }
  table.add("StepSchedule") { n in _ = StepSchedule(size: n.any()).learningRate(at: n.any(), base: 1) }
  table.add("MultiStepSchedule") { n in
    _ = MultiStepSchedule(milestones: n.list()).learningRate(at: n.any(), base: 1)
  }
  table.add("LinearSchedule") { n in _ = LinearSchedule(length: n.any()).learningRate(at: n.any(), base: 1) }
  table.add("PolynomialSchedule") { n in
    _ = PolynomialSchedule(length: n.any()).learningRate(at: n.any(), base: 1)
  }
  table.add("SequentialSchedule") { n in
    let parts: [any Schedule] = [LinearSchedule(length: 3), StepSchedule(size: 2)]
    _ = SequentialSchedule(parts, milestones: n.list(1)).learningRate(at: n.any(), base: 1)
  }
  table.add("CosineRestartsSchedule") { n in
    _ = CosineRestartsSchedule(firstLength: n.any(), growth: n.any()).learningRate(at: n.any(), base: 1)
  }
  table.add("OneCycleSchedule") { n in
    _ = OneCycleSchedule(maximum: 1, length: n.any(), rise: n.real()).learningRate(at: n.any(), base: 1)
  }
  table.add("CyclicSchedule") { n in
    _ = CyclicSchedule(from: 0, to: 1, lengthUp: n.any(), lengthDown: n.flag() ? nil : n.any())
      .learningRate(at: n.any(), base: 1)
  }
  table.add("cost") { n in
    let net = Sequential {
      Conv2D(2, 3, kernelSize: 1)
      ReLU()
      LocalResponseNorm(n.size())
      MaxPool2D(n.size())
      AdaptiveAvgPool2D([1, 1])
    }
    _ = cost(of: net, input: n.list(4))
  }
  return table
}
