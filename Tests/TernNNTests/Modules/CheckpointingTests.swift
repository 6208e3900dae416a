import TernBackend
import TernNN
import TernTensor
import Testing

/// Layers and functions that backward runs again, beside the same without.
@Suite struct CheckpointingTests {
  /// A residual network of images with everything that makes a second run differ: statistics, dropout, a generator of its own.
  private final class Network<Scalar: FloatingScalar>: Layer {
    let stem: Conv2D<Scalar>
    let blocks: [any Layer<Scalar>]
    let head: Dense<Scalar>
    var isCheckpointed: Bool

    init(isCheckpointed: Bool, blocks count: Int = 4, channels: Int = 8) {
      self.isCheckpointed = isCheckpointed
      let own = RandomGenerator(seed: 9)
      stem = Conv2D(3, channels, kernelSize: 3, padding: .same)
      blocks = (0..<count).map { index in
        Residual<Scalar> {
          Conv2D<Scalar>(channels, channels, kernelSize: 3, padding: .same, bias: false)
          BatchNorm2d<Scalar>(channels)
          ReLU<Scalar>()
          Dropout<Scalar>(0.2, generator: index == 1 ? own : nil)
          Conv2D<Scalar>(channels, channels, kernelSize: 3, padding: .same, bias: false)
          BatchNorm2d<Scalar>(channels, momentum: index == 2 ? nil : 0.1)
        }
      }
      head = Dense(channels, 5)
    }

    func forward(_ images: Tensor<Scalar>) -> Tensor<Scalar> {
      func run(_ block: some Layer<Scalar>, _ x: Tensor<Scalar>) -> Tensor<Scalar> {
        (isCheckpointed ? checkpoint(block, x) : block(x)).relu()
      }
      return head(blocks.reduce(stem(images)) { run($1, $0) }.mean(along: [2, 3]))
    }
  }

  private func train<Scalar: FloatingScalar>(_: Scalar.Type, isCheckpointed: Bool) -> [[Double]] {
    Random.with(RandomGenerator(seed: 3)) {
      let model = Network<Scalar>(isCheckpointed: isCheckpointed)
      let optimizer = SGD(model, learningRate: 0.05, momentum: 0.9)
      var seen: [[Double]] = []
      for _ in 0..<10 {
        let images = Tensor<Scalar>(randomNormal: [4, 3, 8, 8])
        let loss = crossEntropy(model(images), Tensor([0, 1, 2, 3]))
        optimizer.zeroGradients()
        loss.backward()
        seen += model.parameters.map { [$0.gradientNorm!] } + [[loss.item.number]]
        optimizer.step()
      }
      return seen + model.state.map { $0.converted(to: Double.self).scalars } + [[Double(Random.generator.state.draws)]]
    }
  }

  @Test("ten steps have the bits of the run without", arguments: [1, 2])
  func bits(_ threads: Int) {
    let before = Workers.count
    defer { Workers.count = before }
    Workers.count = threads
    #expect(train(Float.self, isCheckpointed: true) == train(Float.self, isCheckpointed: false))
    #expect(train(Double.self, isCheckpointed: true) == train(Double.self, isCheckpointed: false))
  }

  @Test func statisticsMoveOnceAndDropoutDropsTheSame() {
    let layer = Sequential<Double> {
      BatchNorm1d(6)
      Dropout(0.5)
    }
    let x = Random.with(RandomGenerator(seed: 1)) { Tensor<Double>(randomNormal: [32, 6]).asVariable() }
    let y = checkpoint(layer, x)
    let norm = layer[0, as: BatchNorm1d<Double>.self]
    let mean = norm.runningMean!.value.scalars
    y.sum().backward()
    #expect(norm.numBatchesTracked!.value.item == 1 && norm.runningMean!.value.scalars == mean)
    // What was dropped passes no gradient: dL/dβ counts what was kept.
    let kept = (y.detached() .!= 0).cast(to: Double.self).sum(along: [0]) * 2
    #expect(norm.bias!.gradient!.scalars == kept.scalars)
  }

  /// The second run is in the mode of the first, with its parameters and its tensors in place of parameters.
  @Test func whatChangesInBetweenDoesNotMatter() {
    let layer = Sequential<Double> {
      Dense(4, 4)
      Dropout(0.5)
      BatchNorm1d(4)
    }
    let x = Random.with(RandomGenerator(seed: 1)) { Tensor<Double>(randomNormal: [8, 4]) }
    func gradients(_ call: (Tensor<Double>) -> Tensor<Double>, spoil: Bool) -> [[Double]] {
      layer.zeroGradients()
      layer.train()
      let weight = Tensor<Double>(full: [4, 4], 0.5).asVariable()
      let loss = Random.with(RandomGenerator(seed: 2)) {
        layer.withParameters(["0.weight": weight]) { _ in (call(x) * x).sum() }
      }
      if spoil {
        layer.eval()
        let bias = layer[0, as: Dense<Double>.self].bias!
        let old = bias.value.detached()
        bias.value = old + 1
        loss.backward()
        bias.value = old
      } else {
        loss.backward()
      }
      return [weight.gradient!.scalars] + layer.parameters.compactMap { ($0 as? Parameter<Double>)?.gradient?.scalars }
    }
    let plain = gradients({ layer($0) }, spoil: false)
    #expect(plain.count == 4)
    #expect(gradients({ checkpoint(layer, $0) }, spoil: true) == plain)
  }

  @Test func functionsOfSeveralInputsGiveSeveralResults() {
    let a = Tensor<Double>([1, 2, 3]).asVariable()
    let b = Tensor<Double>([4, 5, 6])
    let captured = Tensor<Double>([0.5, 0.25, 2]).asVariable()
    let scaled = captured * 3
    func function(_ x: [Tensor<Double>]) -> [Tensor<Double>] {
      [x[0] * x[1] * scaled, x[0], x[1], (x[0].exp() * scaled).sum(), x[0] * x[0]]
    }
    func loss(_ parts: [Tensor<Double>]) -> Tensor<Double> {
      (parts[0] * parts[2]).sum() + parts[3] * parts[1].sum() + a.sum()
    }
    let plain = gradients(of: loss(function([a, b])), at: [a, captured, scaled], retainGraph: true)
    let segments = checkpoint([a, b], function)
    #expect(!segments[2].requiresGradient)
    let found = gradients(of: loss(segments), at: [a, captured, scaled], retainGraph: true)
    #expect(found.map(\.scalars) == plain.map(\.scalars))
    // Once more, and at one of them alone.
    #expect(gradients(of: loss(segments), at: [captured])[0].scalars == plain[1].scalars)
  }

  @Test func secondGradientsAreThoseWithout() {
    let layer = Sequential<Double> {
      Dense(3, 5)
      Tanh()
      Dense(5, 1)
    }
    let x = Tensor<Double>([[0.1, -0.4, 0.7], [1, 2, -1]]).asVariable()
    func penalty(_ call: (Tensor<Double>) -> Tensor<Double>) -> [[Double]] {
      layer.zeroGradients()
      let slope = gradients(of: call(x).sum(), at: [x], createGraph: true)[0]
      (slope * slope).sum().backward()
      return layer.parameters.compactMap { ($0 as? Parameter<Double>)?.gradient?.scalars }
    }
    let plain = penalty { layer($0) }
    #expect(plain.count >= 3)
    #expect(penalty { checkpoint(layer, $0) } == plain)
    #expect(penalty { checkpoint($0) { y in checkpoint(layer, y) } } == plain)
  }

  /// A weight used twice inside and once outside, with a gradient that is there before.
  @Test func sharedWeightsAddUpInTheSameOrder() {
    let layer = Random.with(RandomGenerator(seed: 5)) { Dense(16, 16) }
    let x = Random.with(RandomGenerator(seed: 6)) { Tensor<Float>(randomNormal: [8, 16]) }
    func gradient(_ call: (Tensor<Float>) -> Tensor<Float>) -> [Float] {
      layer.zeroGradients()
      layer(x).sum().backward()
      let y = call(layer(x))
      ((y * y).sum() + layer(y).sum()).backward()
      return layer.weight.gradient!.scalars
    }
    func twice(_ x: Tensor<Float>) -> Tensor<Float> { layer(layer(x).relu()) }
    #expect(gradient { checkpoint($0, twice) } == gradient(twice))
  }

  @Test func nothingIsRecordedWithoutNeed() {
    let layer = Dense(2, 2)
    let x = Tensor<Float>([[1, 2]])
    #expect(!withoutGradients { checkpoint(layer, x) }.requiresGradient)
    layer.freeze()
    #expect(!checkpoint(layer, x).requiresGradient)
    layer.unfreeze()
    // A constant input, and a gradient for the parameters all the same.
    checkpoint(layer, x).sum().backward()
    #expect(layer.weight.gradient!.scalars == [1, 2, 1, 2])
  }

  @Test("segments of a sequence give its bits and its names", arguments: [1, 2, 3, 7, 40])
  func sequences(_ segments: Int) {
    func make() -> Sequential<Float> {
      Random.with(RandomGenerator(seed: 8)) {
        Sequential<Float> {
          for _ in 0..<3 {
            Dense<Float>(12, 12)
            BatchNorm1d<Float>(12)
            ReLU<Float>()
            Residual<Float> {
              Dense<Float>(12, 12)
              BatchNorm1d<Float>(12)
            }
            ReLU<Float>()
            Dropout<Float>(0.1)
          }
        }
      }
    }
    func train(_ model: some Layer<Float>) -> [[Float]] {
      Random.with(RandomGenerator(seed: 4)) {
        let optimizer = Adam(model, learningRate: 0.01)
        for _ in 0..<5 {
          let y = model(Tensor<Float>(randomNormal: [16, 12]))
          optimizer.zeroGradients()
          (y * y).mean().backward()
          optimizer.step()
        }
        return model.state.compactMap { $0.tensor(Float.self)?.scalars }
      }
    }
    let plain = make()
    let parts = make().checkpointed(segments: segments)
    #expect(parts.state.map(\.name) == plain.state.map(\.name))
    let expected = train(plain)
    #expect(train(parts) == expected)
    #expect(parts.copy().state.map(\.name) == plain.state.map(\.name))
  }

  @Test func fiftyBlocksTakeAThirdOfTheMemory() async {
    await #expect(processExitsWith: .success) {
      let parts = peakOfSteps(fiftyBlocks().checkpointed(segments: 8))
      let whole = peakOfSteps(fiftyBlocks())
      precondition(Double(parts) <= 0.35 * Double(whole), "\(parts) of \(whole) bytes")
    }
  }
}

private func fiftyBlocks() -> Sequential<Float> {
  Sequential<Float> {
    for _ in 0..<50 {
      Residual<Float> {
        Conv2D<Float>(8, 8, kernelSize: 3, padding: .same, bias: false)
        BatchNorm2d<Float>(8)
        ReLU<Float>()
        Conv2D<Float>(8, 8, kernelSize: 3, padding: .same, bias: false)
        BatchNorm2d<Float>(8)
      }
      ReLU<Float>()
    }
  }
}

/// The most bytes that the process has taken, after two steps of a model.
private func peakOfSteps(_ model: some Layer<Float>) -> Int {
  let images = Tensor<Float>(randomNormal: [16, 8, 24, 24])
  for _ in 0..<2 {
    model.zeroGradients()
    model(images).mean().backward()
  }
  return MemoryPool.statistics.peakBytes
}
