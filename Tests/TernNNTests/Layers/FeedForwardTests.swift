import TernBackend
import TernNN
import TernTensor
import TernTestSupport
import Testing

/// Two dense layers with an activation between them, as one operation in bfloat16: held to the layers one by one.
@Suite struct FeedForwardTests {
  private func normal(_ shape: [Int], seed: UInt64) -> Tensor<Float> {
    Tensor(randomNormal: shape, generator: RandomGenerator(seed: seed))
  }

  private struct Found {
    let output: Tensor<Float>
    /// Of the input, then of weights and biases.
    let gradients: [Tensor<Float>]
  }

  private func run(
    _ x: Tensor<Float>, _ layers: [any Layer<Float>], asOne: Bool, times: Int = 1, freezing: Bool = false
  ) -> Found {
    let model = Sequential(layers)
    if freezing { model.freeze() }
    defer { model.unfreeze() }
    func apply<L: Layer<Float>>(_ layer: L, _ x: Tensor<Float>) -> Tensor<Float> { layer(x) }
    let x = x.asVariable()
    let y = withPrecision(.bfloat16) {
      asOne ? model(x * 1) : layers.reduce(x * 1) { apply($1, $0) }
    }
    let g = normal(y.shape, seed: 9)
    var found: [Tensor<Float>] = []
    for time in 0..<times {
      let parameters = model.parameters.compactMap { $0 as? Parameter<Float> }
      for parameter in parameters { parameter.gradient = nil }
      found = gradients(of: y, at: [x], gradient: g, retainGraph: true)
      if !freezing { y.backward(g, retainGraph: time < times - 1) }
      found += parameters.compactMap(\.gradient)
    }
    return Found(output: y.detached(), gradients: found)
  }

  @Test(arguments: [[64, 64], [2, 50, 64], [300, 64], [1, 197, 64], [700, 64]]) func isWhatItsLayersMake(_ shape: [Int])
  {
    let layers: [[any Layer<Float>]] = Random.with(RandomGenerator(seed: 3)) {
      [
        [Dense(64, 130), GELU(), Dense(130, 33)], [Dense(64, 256), GELU(approximate: .tanh), Dense(256, 64)],
        [Dense(64, 100), SiLU(), Dropout(0), Dense(100, 70), ReLU()],
      ]
    }
    let x = normal(shape, seed: 1)
    for layers in layers {
      let apart = run(x, layers, asOne: false)
      let one = run(x, layers, asOne: true)
      #expect(one.output == apart.output)
      for (index, (a, b)) in zip(one.gradients, apart.gradients).enumerated() {
        #expect(a == b, "\(shape) \(index)")
      }
      let again = run(x, layers, asOne: true, times: 3)
      for (a, b) in zip(one.gradients, again.gradients) { #expect(a == b) }
      let frozen = run(x, layers, asOne: true, freezing: true)
      #expect(frozen.gradients[0] == one.gradients[0] && frozen.output == one.output)
      let threads = Workers.count
      Workers.count = 1
      let alone = run(x, layers, asOne: true)
      Workers.count = threads
      #expect(alone.output == one.output)
      for (a, b) in zip(one.gradients, alone.gradients) { #expect(a == b) }
      let constant = withPrecision(.bfloat16) { withoutGradients { Sequential(layers)(x) } }
      #expect(constant == one.output)
    }
  }

  @Test func secondGradientsAreThoseOfItsLayers() {
    let layers: [any Layer<Float>] = Random.with(RandomGenerator(seed: 3)) { [Dense(64, 80), GELU(), Dense(80, 20)] }
    func second(_ precision: FloatPrecision) -> Tensor<Float> {
      let x = normal([70, 64], seed: 1).asVariable()
      return withPrecision(precision) {
        let y = Sequential(layers)(x * 1)
        let first = gradients(of: y.square().sum(), at: [x], createGraph: true)
        return gradients(of: first[0].square().sum(), at: [x])[0]
      }
    }
    let difference = relativeDifference(second(.bfloat16), second(.float32))
    #expect(difference < 0.03 && difference > 0, "\(difference)")
  }

  /// The most memory of a transformer's step, in a process of its own.
  @Test(.enabled(if: BFloat16Products.isAvailable)) func transformersTakeLessMemory() async {
    await #expect(processExitsWith: .success) {
      let layer = TransformerEncoderLayer(
        64, heads: 4, innerFeatures: 256, dropout: 0, activation: .gelu, batchFirst: true, normFirst: true)
      let x = Tensor<Float>(randomNormal: [32, 128, 64])
      func peak(_ precision: FloatPrecision) -> Int {
        func step() {
          withPrecision(precision) { layer(x).square().mean() }.backward()
          layer.zeroGradients()
        }
        step()
        let before = MemoryPool.bytesInUse
        MemoryPool.resetPeakInUse()
        step()
        return MemoryPool.peakBytesInUse - before
      }
      let (rounded, float) = (peak(.bfloat16), peak(.float32))
      if Double(rounded) >= 0.65 * Double(float) { fatalError("\(rounded) of \(float) bytes") }
    }
  }
}
