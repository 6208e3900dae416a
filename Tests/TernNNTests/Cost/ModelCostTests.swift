import TernNN
import TernTensor
import Testing

/// Operations of layers and models against closed forms and against published numbers.
@Suite struct ModelCostTests {
  private func expect(
    _ layer: some Layer<Float>, _ input: [Int], _ multiplyAdds: Int, _ others: Int,
    _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let cost = cost(of: layer, input: input)
    #expect(
      cost.operations == OperationCount(multiplyAdds: multiplyAdds, others: others), comment,
      sourceLocation: sourceLocation)
    #expect(cost.uncounted.isEmpty && cost.flops == 2 * multiplyAdds + others, sourceLocation: sourceLocation)
    #expect(cost.parameters == layer.parameterCount, sourceLocation: sourceLocation)
  }

  @Test func productsAreCountedByTheirWeights() {
    expect(Dense(7, 5), [3, 7], 3 * 5 * 7, 3 * 5)
    expect(Dense(7, 5, bias: false), [3, 2, 7], 3 * 2 * 5 * 7, 0)
    // 32×32 at stride 2 with padding 1 and a kernel of 3 gives 16×16.
    expect(Conv2D(3, 16, kernelSize: 3, stride: 2, padding: 1), [2, 3, 32, 32], 2 * 16 * 256 * 27, 2 * 16 * 256)
    expect(Conv2D(6, 4, kernelSize: [3, 5], groups: 2, bias: false), [1, 6, 10, 10], 4 * 8 * 6 * 3 * 15, 0)
    expect(Conv2D(8, 8, kernelSize: 5, padding: 2, groups: 8, bias: false), [1, 8, 9, 7], 8 * 63 * 25, 0, "depthwise")
    expect(Conv2D(2, 2, kernelSize: 3, dilation: 2, bias: false), [1, 2, 9, 9], 2 * 25 * 18, 0, "dilated")
    expect(Conv1D(4, 6, kernelSize: 3), [2, 4, 10], 2 * 6 * 8 * 12, 2 * 6 * 8)
    expect(Conv3D(2, 4, kernelSize: [1, 2, 3], stride: 2), [1, 2, 5, 6, 7], 4 * 3 * 3 * 3 * 12, 4 * 27)
    expect(ConvTranspose3D(4, 6, kernelSize: 2, groups: 2), [1, 4, 2, 3, 4], 96 * 24, 6 * 60)
    expect(ConvTranspose2D(4, 6, kernelSize: 2, stride: 2), [1, 4, 5, 5], 100 * 24, 6 * 100)
    expect(ConvTranspose1D(4, 6, kernelSize: 3, groups: 2, bias: false), [1, 4, 5], 20 * 9, 0)
  }

  @Test func normalizationsAreCountedByTheElement() {
    expect(BatchNorm2d(3), [2, 3, 4, 5], 0, 120 * 2)
    expect(BatchNorm1d(3, tracking: false), [4, 3], 0, 12 * 7)
    expect(BatchNorm1d(3, affine: false, tracking: false), [4, 3], 0, 12 * 5)
    expect(LayerNorm(6), [4, 6], 0, 24 * 7)
    expect(GroupNorm(groups: 2, 4), [2, 4, 3, 3], 0, 72 * 7)
    expect(RMSNorm(6), [4, 6], 0, 24 * 4)
    expect(LocalResponseNorm(5), [1, 8, 3, 3], 0, 72 * 9)
  }

  @Test func poolingIsCountedByTheWindow() {
    expect(MaxPool2D(2), [1, 3, 8, 8], 0, 48 * 3)
    expect(MaxPool2D(3, stride: 2, padding: 1), [1, 1, 8, 8], 0, 16 * 8)
    expect(AvgPool2D([2, 4]), [1, 1, 8, 8], 0, 8 * 8)
    expect(MaxPool3D([1, 2, 3]), [1, 2, 3, 4, 6], 0, 24 * 5)
    expect(AvgPool3D(2), [1, 1, 4, 4, 4], 0, 8 * 8)
    expect(AdaptiveAvgPool3D([1, 2, 2]), [1, 1, 3, 5, 3], 0, 3 * 6 * 4)
    expect(AdaptiveMaxPool3D(1), [1, 2, 3, 2, 2], 0, 2 * 11)
    expect(FractionalMaxPool2D(3, outputSize: 2), [1, 1, 7, 7], 0, 4 * 8)
    expect(MaxPool1D(4), [1, 2, 8], 0, 4 * 3)
    expect(AvgPool1D(4), [1, 2, 8], 0, 4 * 4)
    expect(AdaptiveAvgPool2D(1), [2, 5, 7, 6], 0, 420)
    // 5 into 2 parts: 0..<3 and 2..<5; 3 into 2: 0..<2 and 1..<3.
    expect(AdaptiveAvgPool2D(2), [1, 1, 5, 3], 0, 6 * 4)
    expect(AdaptiveMaxPool2D(2), [1, 1, 5, 3], 0, 6 * 4 - 4)
    expect(AdaptiveAvgPool1D(2), [1, 3, 5], 0, 3 * 6)
  }

  @Test func activationsCountOnceAndWhatOnlyMovesNotAtAll() {
    expect(ReLU(), [2, 3], 0, 6)
    expect(GELU(), [2, 3], 0, 6)
    expect(Softmax(), [2, 3], 0, 30)
    expect(GLU(), [2, 4], 0, 8)
    for layer in [Dropout(0.5), Flatten(), ZeroPad2D(1), Identity()] as [any Layer<Float>] {
      expect(layer, [2, 3, 4, 4], 0, 0)
    }
  }

  @Test func blocksAddTheirSums() {
    expect(Residual { Dense(4, 4, bias: false) }, [2, 4], 32, 8)
    // Mean and product for 6·35 elements, 1 for each of 2 + 6 activations; two 1×1 convolutions with biases.
    expect(SqueezeExcitation(6, reduced: 2), [1, 6, 5, 7], 24, 2 * 210 + 8 + 8)
    // 5 of 10 channels from a 1×1 convolution, 5 from a depthwise one.
    expect(GhostModule(6, 10, activation: nil), [1, 6, 4, 4], 16 * (5 * 6 + 5 * 9), 16 * 10 * 2)
    let plain = cost(of: GhostBottleneck(8, 16, 8), input: [1, 8, 6, 6])
    #expect(plain.multiplyAdds == 36 * (8 * 8 + 8 * 9 + 4 * 16 + 4 * 9))
    #expect(plain.operations.others == 36 * (16 * 2 + 16 + 8 * 2 + 8))
  }

  /// 0.43 M, 0.5 M and 69 M: LeCun's LeNet as commonly built, and He et al.'s residual network of 20 layers.
  @Test func knownNetworksCostWhatIsKnownOfThem() {
    let lenet = Sequential {
      Conv2D(1, 6, kernelSize: 5, padding: 2)
      ReLU()
      MaxPool2D(2)
      Conv2D(6, 16, kernelSize: 5)
      ReLU()
      MaxPool2D(2)
      Flatten()
      Dense(400, 120)
      ReLU()
      Dense(120, 84)
      ReLU()
      Dense(84, 10)
    }
    let cost = cost(of: lenet, input: [1, 1, 28, 28])
    #expect(cost.parameters == 61_706)
    #expect(cost.multiplyAdds == 784 * 150 + 1600 * 150 + 48_000 + 10_080 + 840)
    #expect(cost.rows.map(\.path) == ["0", "1", "2", "3", "4", "5", "7", "8", "9", "10", "11"])
    #expect(cost.rows[3].kind == "Conv2D" && cost.rows[3].parameters == 2416 && cost.rows[3].output == [1, 16, 10, 10])
    #expect(TernNN.flops(of: lenet, input: [5, 1, 28, 28]) == 5 * cost.flops)
    let lines = cost.description.split(separator: "\n")
    #expect(lines.count == 13 && lines[4].hasPrefix("3      Conv2D     [1, 16, 10, 10]        2416"), "\(cost)")
    #expect(lines[12].hasPrefix("total") && lines[12].hasSuffix("\(cost.flops)"))
  }

  final class Twice: Layer {
    let shared = Dense(3, 3)
    let apart = Dense(3, 3)
    let recurrent = LSTM(3, 2)
    func forward(_ x: Tensor<Float>) -> Tensor<Float> { recurrent(shared(shared(x)).relu()) }
  }

  @Test func sharedLayersCostTwiceAndUnknownOnesAreNamed() {
    let model = Twice()
    model.train()
    let cost = cost(of: model, input: [4, 1, 3])
    #expect(cost.rows.map(\.path) == ["shared", "shared", "recurrent"])
    #expect(cost.rows.map(\.parameters) == [12, 0, 56])
    #expect(cost.multiplyAdds == 2 * 4 * 9)
    #expect(cost.uncounted == ["recurrent"] && "\(cost)".hasSuffix("not counted: recurrent"))
    #expect(cost.parameters == model.parameterCount && model.recurrent.isTraining)
  }

  final class Doubling: Layer, OperationCounting {
    func forward(_ x: Tensor<Float>) -> Tensor<Float> { x + x }
    func operations(input: [Int], output: [Int]) -> OperationCount { OperationCount(others: output.reduce(1, *)) }
  }

  @Test func layersOfTheUsersCountThemselves() {
    let model = Sequential {
      Doubling(); Dense(2, 1)
    }
    #expect(cost(of: model, input: [3, 2]).operations == OperationCount(multiplyAdds: 6, others: 9))
    let attention = MultiHeadAttention(4, heads: 2)
    let x = Tensor<Float>(ones: [2, 1, 4])
    // Three projections and one of the result, 2·4·4 each; scores and weighted values, 2·2·4 each.
    let counted = cost(of: attention) { _ = attention(x, x, x) }
    #expect(counted.multiplyAdds == 4 * 32 + 2 * 16 && counted.uncounted == [])
    let recurrent = LSTM(4, 2)
    #expect(cost(of: recurrent) { _ = recurrent(x) }.uncounted == [""])
  }

  @Test func countingLeavesTheModelAsItWas() {
    let model = Sequential {
      Conv2D(1, 2, kernelSize: 3); BatchNorm2d(2); ReLU(); Dropout(0.5)
    }
    let state = model.state.map { $0.tensor(Float.self)?.scalars }
    _ = cost(of: model, input: [2, 1, 5, 5])
    #expect(model.state.map { $0.tensor(Float.self)?.scalars } == state)
    #expect(model.namedModules.allSatisfy { ($0.module as? any ModeDependent)?.isTraining ?? true })
  }
}
