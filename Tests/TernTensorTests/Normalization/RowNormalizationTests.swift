import TernBackend
import TernTensor
import TernTestSupport
import Testing

/// Layer and root-mean-square normalization over rows of many lengths, in Float against Double.
@Suite struct RowNormalizationTests {
  private func run<Scalar: FloatingScalar>(
    _ x: Tensor<Double>, _ parameters: [Tensor<Double>], _ weights: Tensor<Double>, _: Scalar.Type
  ) -> [[Double]] {
    let n = x.shape[x.rank - 1]
    let inputs = ([x] + parameters).map { $0.cast(to: Scalar.self).asVariable() }
    let layer = layerNorm(inputs[0], normalizedShape: [n], scale: inputs[1], shift: inputs[2])
    let root = rmsNorm(inputs[0], normalizedShape: [n], scale: inputs[1])
    let bare = layerNorm(inputs[0], normalizedShape: [n], shift: inputs[2])
    let g = weights.cast(to: Scalar.self)
    let derivatives = [layer, root, bare].flatMap { gradients(of: $0, at: inputs, gradient: g) }
    return ([layer, root, bare] + derivatives).map { $0.cast(to: Double.self).scalars }
  }

  @Test(arguments: [
    [3, 1], [5, 2], [300, 7], [17, 16], [64, 33], [200, 100], [2, 2, 768], [3, 5000], [1, 70_000],
  ])
  func floatAsDouble(_ shape: [Int]) {
    let count = shape.reduce(1, *)
    let n = shape[shape.count - 1]
    let parameters = [Tensor(scattered(n, seed: 3)), Tensor(scattered(n, seed: 4))]
    let weights = Tensor(scattered(count, seed: 2), shape: shape)
    for mean in [0.0, 100] {
      // Values that Float has, so that both see the same.
      let x = (Tensor(scattered(count), shape: shape) * 3 + mean).cast(to: Float.self).cast(to: Double.self)
      let (single, double) = (run(x, parameters, weights, Float.self), run(x, parameters, weights, Double.self))
      for (index, (actual, expected)) in zip(single, double).enumerated() {
        let scale = Swift.max(1, expected.map(abs).max() ?? 1)
        // Two values have a variance of next to nothing now and then.
        let off = distance(actual, expected) / scale
        #expect(off < (n < 3 ? 1e-2 : 2e-5), "\(shape), mean \(mean), number \(index) is off by \(off)")
      }
    }
  }

  @Test func oneAndTwoThreadsGiveTheSameBits() {
    let threads = Workers.count
    defer { Workers.count = threads }
    for shape in [[1000, 96], [40, 3000], [9000, 5]] {
      let x = Tensor(scattered(shape[0] * shape[1]), shape: shape)
      let parameters = [Tensor(scattered(shape[1], seed: 3)), Tensor(scattered(shape[1], seed: 4))]
      let results = [1, 2].map { count -> [[Double]] in
        Workers.count = count
        return run(x, parameters, x * x, Float.self)
      }
      #expect(results[0] == results[1], "\(shape)")
    }
  }

  @Test func noRowsAndNoElements() {
    for shape in [[0, 4], [3, 0]] {
      let x = Tensor<Float>(zeros: shape).asVariable()
      let scale = Tensor<Float>(ones: [shape[1]]).asVariable()
      let output = layerNorm(x, normalizedShape: [shape[1]], scale: scale)
      #expect(output.shape == shape)
      let derivatives = gradients(of: output, at: [x, scale], gradient: Tensor(zeros: shape))
      #expect(derivatives[0].shape == shape && derivatives[1].scalars.allSatisfy { $0 == 0 })
    }
  }
}
