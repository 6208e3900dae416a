import TernBackend
import TernNN
import TernTensor
import TernTestSupport
import Testing

/// Layers whose products read bfloat16: results and gradients within 2⁻⁷ of Float's, relative to the largest, and the same
/// bits on one thread and on two.
@Suite struct PrecisionLayerTests {
  private func check(
    _ layer: some Module, _ input: [Int], sourceLocation: SourceLocation = #_sourceLocation,
    _ run: (Tensor<Float>) -> Tensor<Float>
  ) {
    let x = Tensor<Float>(randomNormal: input, generator: RandomGenerator(seed: 1)).asVariable()
    let parameters = layer.parameters.compactMap { $0 as? Parameter<Float> }
    func all(_ precision: FloatPrecision) -> [Tensor<Float>] {
      for parameter in parameters { parameter.gradient = nil }
      let y = withPrecision(precision) { run(x) }
      let g = Tensor<Float>(randomNormal: y.shape, generator: RandomGenerator(seed: 2))
      let dx = gradients(of: y, at: [x], gradient: g, retainGraph: true)
      y.backward(g)
      return [y.detached()] + dx + parameters.map { $0.gradient! }
    }
    let float = all(.float32)
    let before = Workers.count
    defer { Workers.count = before }
    Workers.count = 1
    let one = all(.bfloat16)
    Workers.count = 2
    let two = all(.bfloat16)
    for (index, (found, expected)) in zip(two, float).enumerated() {
      let difference = relativeDifference(found, expected)
      #expect(difference < 0x1p-7, "tensor \(index): \(difference)", sourceLocation: sourceLocation)
      #expect(found == one[index], "tensor \(index)", sourceLocation: sourceLocation)
    }
    #expect(two[0] != float[0], sourceLocation: sourceLocation)
  }

  private func check(_ layer: some Layer<Float>, _ input: [Int], sourceLocation: SourceLocation = #_sourceLocation) {
    check(layer, input, sourceLocation: sourceLocation) { layer($0) }
  }

  private func seeded<Result>(_ body: () -> Result) -> Result { Random.with(RandomGenerator(seed: 3), body) }

  @Test func dense() {
    check(seeded { Dense(33, 70) }, [65, 33])
    check(seeded { Dense(300, 129, bias: false) }, [3, 7, 300])
  }

  @Test func convolutions() {
    check(seeded { Conv1D(17, 33, kernelSize: 3) }, [5, 17, 40])
    check(seeded { Conv2D(32, 48, kernelSize: 1) }, [3, 32, 9, 9])
    check(seeded { Conv2D(32, 48, kernelSize: 1, stride: 2) }, [3, 32, 9, 9])
    check(seeded { Conv2D(3, 16, kernelSize: 3, padding: 1) }, [4, 3, 12, 12])
    check(seeded { Conv2D(32, 33, kernelSize: 3, padding: 1) }, [4, 32, 13, 11])
    check(seeded { Conv2D(32, 64, kernelSize: 3, stride: 2, padding: 1) }, [4, 32, 16, 16])
    check(seeded { Conv2D(32, 64, kernelSize: 5, padding: 4, dilation: 2, groups: 2) }, [2, 32, 12, 12])
    check(seeded { Conv2D(24, 24, kernelSize: 3, padding: 1, groups: 24) }, [2, 24, 12, 12])
    check(seeded { Conv3D(16, 20, kernelSize: 3, padding: 1) }, [2, 16, 4, 6, 6])
    check(seeded { ConvTranspose2D(32, 24, kernelSize: 3, stride: 2, padding: 1) }, [2, 32, 7, 7])
  }

  @Test func attention() {
    let layer = seeded { MultiHeadAttention(64, heads: 4, batchFirst: true) }
    check(layer, [3, 37, 64]) { layer($0) }
  }

  @Test func recurrentNetworks() {
    let lstm = seeded { LSTM(20, 33, batchFirst: true) }
    check(lstm, [5, 9, 20]) { lstm($0, state: nil).output }
    let gru = seeded { GRU(20, 33, batchFirst: true) }
    check(gru, [5, 9, 20]) { gru($0, hidden: nil).output }
    let rnn = seeded { RNN(20, 33, batchFirst: true) }
    check(rnn, [5, 9, 20]) { rnn($0, hidden: nil).output }
  }
}
