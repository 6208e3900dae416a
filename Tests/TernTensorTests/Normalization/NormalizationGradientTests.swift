import TernTensor
import TernTestSupport
import Testing

/// Gradients in one pass over the data against recorded ones.
@Suite struct NormalizationGradientTests {
  @Test func theFusedGradientIsTheRecordedOne() {
    for shape in [[300, 5], [4, 5, 90], [3, 5, 2, 3]] {
      let inputs = [Tensor(scattered(shape.reduce(1, *)), shape: shape), .scattered(5), .scattered(5, seed: 2)]
        .map { $0.asVariable() }
      let weights = Tensor(scattered(shape.reduce(1, *), seed: 3), shape: shape)
      let mean = Tensor<Double>.scattered(5, seed: 4)
      for result in [
        batchNorm(inputs[0], scale: inputs[1], shift: inputs[2]).output,
        batchNorm(inputs[0], mean: mean, variance: mean.square(), scale: inputs[1], shift: inputs[2]),
      ] {
        let fused = gradients(of: result, at: inputs, gradient: weights, retainGraph: true)
        let recorded = gradients(of: result, at: inputs, gradient: weights, createGraph: true)
        for (a, b) in zip(fused, recorded) { #expect(relativeDifference(a, b) < 1e-12, "\(shape)") }
      }
    }
  }
}
