import TernBackend
import TernNN
import TernTensor
import TernTestSupport
import Testing

/// Losses in one pass, held to what weights of one make of the same losses, which is the way through single operations.
@Suite struct FusedLossTests {
  private func numbers<Scalar: FloatingScalar>(_ shape: [Int], _ seed: UInt64, _: Scalar.Type) -> Tensor<Scalar> {
    Tensor<Double>(randomNormal: shape, deviation: 3, generator: RandomGenerator(seed: seed)).cast(to: Scalar.self)
  }

  private func expectSame<Scalar: FloatingScalar>(
    _ fused: Tensor<Scalar>, _ apart: Tensor<Scalar>, at inputs: [Tensor<Scalar>], within bound: Double,
    _ label: String
  ) {
    #expect(relativeDifference(fused, apart) < bound, "\(label): \(fused.description) \(apart.description)")
    let upstream = Tensor<Scalar>(full: fused.shape, 0.75)
    let derivatives = gradients(of: fused, at: inputs, gradient: upstream)
    for (derivative, expected) in zip(derivatives, gradients(of: apart, at: inputs, gradient: upstream)) {
      #expect(relativeDifference(derivative, expected) < bound, "\(label), gradient")
    }
  }

  private func compare<Scalar: FloatingScalar>(_: Scalar.Type, within bound: Double) {
    for shape in [[1, 1], [211, 1], [60, 10], [7, 16], [5, 33], [3, 2500], [2048, 17]] {
      let labels = Tensor<Int>((0..<shape[0]).map { $0 % 5 == 3 ? -100 : $0 * 7 % shape[1] })
      for layout in everyLayout(numbers(shape, 1, Scalar.self)) {
        let z = layout.tensor.asVariable()
        let (y, t) = (numbers(shape, 2, Scalar.self).sigmoid(), numbers(shape, 3, Scalar.self).asVariable())
        for reduction in [LossReduction.mean, .sum, .none] {
          let label = "\(Scalar.self) \(shape) \(layout.label) \(reduction)"
          expectSame(
            crossEntropy(z, labels, reduction: reduction),
            crossEntropy(z, labels, weight: Tensor(ones: [shape[1]]), reduction: reduction), at: [z], within: bound,
            "cross entropy, " + label)
          expectSame(
            binaryCrossEntropy(logits: z, y, reduction: reduction),
            binaryCrossEntropy(logits: z, y, weight: Tensor(1), reduction: reduction), at: [z], within: bound,
            "binary cross entropy, " + label)
          let squares = (z - t) * (z - t)
          let apart = reduction == .none ? squares : reduction == .sum ? squares.sum() : squares.mean()
          expectSame(
            meanSquaredError(z, t, reduction: reduction), apart, at: [z, t], within: bound, "squared error, " + label)
        }
      }
    }
  }

  @Test func inDouble() { compare(Double.self, within: 1e-12) }

  @Test func inFloat() { compare(Float.self, within: 2e-6) }

  @Test func whatHasNoNumbers() {
    #expect(meanSquaredError(Tensor<Float>(zeros: [0]), Tensor(zeros: [0])).item.isNaN)
    #expect(
      binaryCrossEntropy(logits: Tensor<Float>(zeros: [0, 2]), Tensor(zeros: [0, 2]), reduction: .sum).item == 0)
    #expect(meanSquaredError(Tensor<Float>(3), Tensor(1)).item == 4)
    #expect(meanSquaredError(Tensor<Float>([1, .nan]), Tensor([1, 2])).item.isNaN)
  }

  @Test func oneAndTwoThreadsGiveTheSameBits() {
    let threads = Workers.count
    defer { Workers.count = threads }
    let z = numbers([3000, 21], 1, Float.self)
    let labels = Tensor<Int>((0..<3000).map { $0 % 21 })
    let results = [1, 2].map { count -> [[Float]] in
      Workers.count = count
      let x = z.asVariable()
      let losses = [
        crossEntropy(x, labels), meanSquaredError(x, z * 2), binaryCrossEntropy(logits: x, z.sigmoid()),
        dropout(x, probability: 0.3, generator: RandomGenerator(seed: 3)).sum(),
      ]
      return losses.map(\.scalars) + losses.map { gradients(of: $0, at: [x])[0].scalars }
    }
    #expect(results[0] == results[1])
  }
}
