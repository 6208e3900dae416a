import Foundation
import TernNN
import TernTensor
import Testing

/// Mean losses whose sums leave the range, and slopes where probabilities are near 1.
@Suite struct LossRangeTests {
  private func expect<Scalar: FloatingScalar>(
    _ name: String, _ found: Tensor<Scalar>, _ wanted: [Double], within bound: Double = 1e-6
  ) {
    let values = found.detached().cast(to: Double.self).scalars
    #expect(values.count == wanted.count)
    for (a, b) in zip(values, wanted) {
      #expect(a == b || abs(a - b) <= bound * abs(b), "\(name): \(values), not \(wanted)")
    }
  }

  @Test func meansOfLargeErrors() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type, _ size: Scalar) {
      let zero = Tensor<Scalar>([0, 0])
      let x = Tensor<Scalar>([size, size]).asVariable()
      let absolute = meanAbsoluteError(x, zero)
      expect("meanAbsoluteError", absolute, [Double(size)])
      expect("meanAbsoluteError, gradient", gradients(of: absolute, at: [x])[0], [0.5, 0.5])
      let bent = huber(x, zero)
      expect("huber", bent, [Double(size)])
      expect("huber, gradient", gradients(of: bent, at: [x])[0], [0.5, 0.5])
      expect("smoothL1", smoothL1(x, zero), [Double(size)])
      expect("meanSquaredError", meanSquaredError(x.detached() / size * size.squareRoot(), zero), [Double(size)])
    }
    check(Float.self, 3e38)
    check(Double.self, 1.5e308)
    // One square beyond the range in a mean within it.
    var many = [Float](repeating: 0, count: 40_000)
    many[7] = 1e20
    expect("meanSquaredError", meanSquaredError(Tensor(many), Tensor(zeros: [40_000])), [1e40 / 40_000])
    #expect(meanSquaredError(Tensor<Float>([3e38]), Tensor([0])).item == .infinity)
    #expect(meanSquaredError(Tensor<Float>([.infinity, 0]), Tensor([0, 0])).item == .infinity)
  }

  @Test func meansOfLargeLogits() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type, _ size: Scalar) {
      let labels = Tensor<Int>([1, 1])
      let z = Tensor<Scalar>([size, 0, size, 0]).reshaped([2, 2])
      expect("crossEntropy", crossEntropy(z, labels), [Double(size)])
      expect("crossEntropy, weights", crossEntropy(z, labels, weight: [1, 1]), [Double(size)])
      expect("crossEntropy, weights", crossEntropy(z, labels, weight: [1, 3]), [Double(size)])
      let logProbabilities = Tensor<Scalar>([0, -size, 0, -size]).reshaped([2, 2])
      expect("likelihood", negativeLogLikelihood(logProbabilities, labels), [Double(size)])
      expect("likelihood, weights", negativeLogLikelihood(logProbabilities, labels, weight: [1, 1]), [Double(size)])
      let wrong = Tensor<Scalar>([size, size])
      expect("binaryCrossEntropy", binaryCrossEntropy(logits: wrong, Tensor([0, 0])), [Double(size)])
      expect(
        "binaryCrossEntropy, weights", binaryCrossEntropy(logits: wrong, Tensor([0, 0]), weight: [1, 1]), [Double(size)]
      )
    }
    check(Float.self, 3e38)
    check(Double.self, 1.5e308)
  }

  @Test func slopesOfSureAnswers() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type, _ points: [Double]) {
      for point in points {
        // σ(z) − y of a right answer is ∓σ(−|z|).
        let small = 1 / (1 + exp(point))
        for (z, y, wanted) in [
          (point, 1.0, -small), (-point, 0.0, small), (point, 0.0, 1 - small), (-point, 1.0, small - 1),
        ] {
          for reduction in [LossReduction.none, .sum, .mean] {
            for record in [false, true] {
              let logits = Tensor<Scalar>([Scalar(z)]).asVariable()
              let loss = binaryCrossEntropy(logits: logits, Tensor([Scalar(y)]), reduction: reduction).sum()
              let found = gradients(of: loss, at: [logits], createGraph: record)[0]
              expect("\(reduction) of \(z) and \(y)", found, [wanted], within: 1e-5)
            }
          }
        }
      }
      let logits = Tensor<Scalar>([0]).asVariable()
      let slope = gradients(of: binaryCrossEntropy(logits: logits, Tensor([1])), at: [logits], createGraph: true)[0]
      expect("second derivative at 0", gradients(of: slope.sum(), at: [logits])[0], [0.25])
    }
    check(Float.self, [0.5, 4, 20.5, 60])
    check(Double.self, [0.5, 4, 20.5, 60, 600])
  }
}
