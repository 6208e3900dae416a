import Foundation
import TernNN
import TernTensor
import Testing

@Suite("Losses of infinite weights, vectors and rates") struct InfiniteLossTests {
  @Test func regressionWithInfiniteWeights() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type) {
      let x = Tensor<Scalar>([0, 1, 5, 2]).asVariable()
      let y = Tensor<Scalar>([0.5, 1, 0, 1])
      let weight = Tensor<Scalar>([.infinity, .infinity, .infinity, 2])
      let inf = Scalar.infinity
      let loss = huber(x, y, weight: weight, reduction: .none)
      #expect(loss.detached().scalars == [inf, 0, inf, 1])
      let first = gradients(of: loss.sum(), at: [x], createGraph: true)[0]
      #expect(gradients(of: loss.sum(), at: [x], retainGraph: true)[0].scalars == [-inf, 0, inf, 2])
      #expect(first.detached().scalars == [-inf, 0, inf, 2])
      #expect(gradients(of: first.sum(), at: [x])[0].scalars == [inf, inf, 0, 2])
    }
    check(Float.self)
    check(Double.self)
  }

  @Test func cosinesOfInfiniteVectors() {
    let a = Tensor<Double>([.infinity, 1, -.infinity, 2], shape: [2, 2]).asVariable()
    let b = Tensor<Double>([3, 4, 3, 4], shape: [2, 2])
    let loss = cosineEmbedding(a, b, Tensor([1, -1]), reduction: .none)
    #expect(abs(loss[0].item - 0.4) < 1e-12 && loss[1].item == 0, "\(loss)")
    #expect(gradients(of: loss.sum(), at: [a])[0].scalars.allSatisfy { $0 == 0 })
  }

  @Test func poissonRatesOfInfinity() {
    let x = Tensor<Float>([.infinity, 200, -.infinity]).asVariable()
    let loss = poissonNLL(x, Tensor([1e30, 1e30, 0]), reduction: .none)
    #expect(loss.detached().scalars == [.infinity, .infinity, 0])
    #expect(gradients(of: loss.sum(), at: [x])[0].scalars == [.infinity, .infinity, 0])
  }

  /// Values, derivatives at both arguments and second derivatives of a loss of single elements.
  private func check<Scalar: FloatingScalar>(
    _ name: String, at x: Double, _ y: Double, value: Double, first: [Double], second: [[Double]],
    _ loss: (Tensor<Scalar>, Tensor<Scalar>) -> Tensor<Scalar>
  ) {
    let points = [x, y].map { Tensor<Scalar>(Scalar($0)).asVariable() }
    let result = loss(points[0], points[1])
    let fused = gradients(of: result, at: points, retainGraph: true)
    let recorded = gradients(of: result, at: points, createGraph: true)
    func expect(_ found: Tensor<Scalar>, _ wanted: Double, _ what: String) {
      let number = Double(found.item)
      let isClose = number == wanted || abs(number - wanted) <= 1e-5 * abs(wanted)
      #expect(isClose, "\(name) of \(Scalar.self) at \(x) and \(y): \(what) \(number), expected \(wanted)")
    }
    expect(result.detached(), value, "value")
    for i in 0..<2 {
      expect(fused[i], first[i], "derivative \(i)")
      expect(recorded[i].detached(), first[i], "recorded derivative \(i)")
      guard i < second.count, recorded[i].requiresGradient else { continue }
      let row = gradients(of: recorded[i], at: points, retainGraph: true)
      for j in 0..<2 { expect(row[j], second[i][j], "second derivative \(i), \(j)") }
    }
  }

  @Test func infiniteTargets() {
    let inf = Double.infinity
    func check<Scalar: FloatingScalar>(_: Scalar.Type, _ huge: Double) {
      for x in [-3, 0, 0.5, -inf] {
        self.check("divergence", at: x, inf, value: inf, first: [-inf, inf], second: [[0, -1], [-1, 0]]) {
          (x: Tensor<Scalar>, y) in klDivergence(x, y, reduction: .sum)
        }
        self.check("divergence of a logarithm", at: x, inf, value: inf, first: [-inf, inf], second: []) {
          (x: Tensor<Scalar>, y) in klDivergence(x, y, targetIsLogarithm: true, reduction: .sum)
        }
      }
      // e to the target leaves the range, and counts nothing where the logarithms are equal.
      self.check("divergence of a logarithm", at: huge, huge, value: 0, first: [-inf, inf], second: []) {
        (x: Tensor<Scalar>, y) in klDivergence(x, y, targetIsLogarithm: true)
      }
      // Derivatives whose parts are infinities of two signs.
      self.check(
        "divergence of a logarithm", at: 9 * huge, 3 * huge, value: -inf, first: [-inf, -inf],
        second: [[0, -inf], [-inf, -inf]]
      ) {
        (x: Tensor<Scalar>, y) in klDivergence(x, y, targetIsLogarithm: true)
      }
      let least = Double(Scalar.leastNormalMagnitude) / 16
      self.check(
        "divergence", at: -1, least, value: least * (log(least) + 1), first: [-least, log(least) + 2],
        second: [[0, -1], [-1, inf]]
      ) { (x: Tensor<Scalar>, y) in klDivergence(x, y, reduction: .sum) }
      for x in [-3, 0, 2.5] {
        self.check("Poisson, full", at: x, inf, value: inf, first: [-inf, inf], second: [[exp(x), -1], [-1, 0]]) {
          (x: Tensor<Scalar>, y) in poissonNLL(x, y, full: true)
        }
        self.check("Poisson", at: x, inf, value: x < 0 ? inf : x == 0 ? 1 : -inf, first: [-inf, -x], second: []) {
          (x: Tensor<Scalar>, y) in poissonNLL(x, y, reduction: .sum)
        }
        let rate = exp(x)
        self.check(
          "Poisson of rates, full", at: rate, inf, value: inf, first: [-inf, inf], second: [[inf, -1 / rate]]
        ) {
          (x: Tensor<Scalar>, y) in poissonNLL(x, y, isLogarithm: false, full: true, epsilon: 0)
        }
      }
      self.check("Poisson, full", at: -inf, inf, value: inf, first: [-inf, inf], second: []) {
        (x: Tensor<Scalar>, y) in poissonNLL(x, y, full: true)
      }
      self.check("Poisson of rates, full", at: 0, inf, value: inf, first: [-inf, inf], second: []) {
        (x: Tensor<Scalar>, y) in poissonNLL(x, y, isLogarithm: false, full: true, epsilon: 0)
      }
    }
    check(Float.self, 100)
    check(Double.self, 800)
    // y·x and ln y! leave the range, their difference does not.
    let large = poissonNLL(Tensor<Float>(88), Tensor<Float>(3e37), full: true)
    let finite = exp(88.0) + 3e37 * (log(3e37) - 1 - 88)
    #expect(abs(Double(large.item) - finite) < 1e-5 * 3e37, "\(large.item), expected \(finite)")
  }
}
