import TernTensor
import TernTestSupport
import Testing

/// Gradients of first and second order against finite differences.
@Suite struct NormalizationGradientTests {
  private let scale = Tensor<Double>([0.5, -1.5, 2])
  private let shift = Tensor<Double>([1, 0, -0.25])

  @Test func batchNormOnEveryLayout() {
    for values in [Tensor<Double>.scattered(4, 3), .scattered(3, 3, 2), .scattered(2, 3, 2, 2)] {
      for layout in everyLayout(values) {
        let found = checkGradients(at: [layout.tensor, scale, shift]) {
          batchNorm($0[0], scale: $0[1], shift: $0[2], epsilon: 1e-2).output.square()
        }
        #expect(found.passes(), "\(values.shape) \(layout.label): \(found)")
      }
    }
  }

  @Test func batchNormWithoutScaleOrShift() {
    let x = Tensor<Double>.scattered(3, 3, 2)
    let found = [
      checkGradients(at: [x]) { batchNorm($0[0], epsilon: 1e-2).output.square() },
      checkGradients(at: [x, scale]) { batchNorm($0[0], scale: $0[1], epsilon: 1e-2).output.square() },
      checkGradients(at: [x, shift]) { batchNorm($0[0], shift: $0[1], epsilon: 1e-2).output.square() },
      checkGradients(at: [scale, shift]) { batchNorm(x, scale: $0[0], shift: $0[1], epsilon: 1e-2).output.square() },
    ]
    for result in found { #expect(result.passes(), "\(result)") }
  }

  @Test func evaluationOnEveryLayout() {
    let mean = Tensor<Double>([0.25, -1, 0])
    let variance = Tensor<Double>([0.5, 1.5, 3])
    for values in [Tensor<Double>.scattered(4, 3), .scattered(2, 3, 2, 2)] {
      for layout in everyLayout(values) {
        let found = checkGradients(at: [layout.tensor, mean, variance, scale, shift]) {
          batchNorm($0[0], mean: $0[1], variance: $0[2], scale: $0[3], shift: $0[4]).square()
        }
        #expect(found.passes(), "\(values.shape) \(layout.label): \(found)")
      }
    }
  }

  @Test func theOthersOnEveryLayout() {
    let values = Tensor<Double>.scattered(2, 4, 3)
    let (scale, shift) = (Tensor<Double>.scattered(4, 3, seed: 5), Tensor<Double>.scattered(4, 3, seed: 6))
    let channelScale = scale[.all, .index(0)].contiguous
    let channelShift = shift[.all, .index(0)].contiguous
    for layout in everyLayout(values) {
      let x = layout.tensor
      let found: [(String, GradientCheck)] = [
        (
          "layerNorm",
          checkGradients(at: [x, scale, shift]) {
            layerNorm($0[0], normalizedShape: [4, 3], scale: $0[1], shift: $0[2], epsilon: 1e-2).square()
          }
        ),
        (
          "rmsNorm",
          checkGradients(at: [x, scale]) {
            rmsNorm($0[0], normalizedShape: [4, 3], scale: $0[1], epsilon: 1e-2).square()
          }
        ),
        (
          "groupNorm",
          checkGradients(at: [x, channelScale, channelShift]) {
            groupNorm($0[0], groups: 2, scale: $0[1], shift: $0[2], epsilon: 1e-2).square()
          }
        ),
        (
          "instanceNorm",
          checkGradients(at: [x, channelScale, channelShift]) {
            instanceNorm($0[0], scale: $0[1], shift: $0[2], epsilon: 1e-1).output.square()
          }
        ),
        (
          "localResponseNorm",
          checkGradients(at: [x]) { localResponseNorm($0[0], size: 3, alpha: 0.5, k: 2).square() }
        ),
        ("normalized", checkGradients(at: [x]) { $0[0].normalized(along: 1).square() }),
        ("normalized of order 3", checkGradients(at: [x + 3]) { $0[0].normalized(order: 3, along: 1, 2).square() }),
      ]
      for (name, result) in found { #expect(result.passes(), "\(name) \(layout.label): \(result)") }
    }
  }

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
