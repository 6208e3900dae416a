import Foundation
import TernTensor
import Testing

private let inf = Double.infinity

/// Second derivatives of lengths, which grow as the reciprocal of the length: finite, or infinite with the right sign, and 0
/// where the terms cancel.
@Suite("Second derivatives at the ends of the range") struct CurvatureEdgeTests {
  /// Derivatives of a function of vectors, and the rows of its second derivatives.
  private func check<Scalar: FloatingScalar>(
    _ name: String, at x: [Double], first: [Double], second: [[Double]], units: Double = 256,
    _ function: (Tensor<Scalar>) -> Tensor<Scalar>
  ) {
    let point = Tensor(x.map { Scalar($0) }).asVariable()
    let y = function(point)
    let fused = gradients(of: y, at: [point], retainGraph: true)[0]
    let recorded = gradients(of: y, at: [point], createGraph: true)[0]
    if !first.isEmpty {
      expectClose(fused, first, "\(name) of \(x): derivatives", units: units)
      expectClose(recorded.detached(), first, "\(name) of \(x): recorded derivatives", units: units)
    }
    for (i, row) in second.enumerated() {
      let found = gradients(of: recorded[i], at: [point], retainGraph: true)[0]
      expectClose(found, row, "\(name) of \(x): second derivatives \(i)", units: units)
    }
  }

  @Test func deviations() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type, _ sizes: [Double]) {
      for size in sizes {
        // Of (1, 2, 4): deviations (−4, −1, 5)/3, and their root √(7/3).
        let x = [1.0, 2, 4].map { Double(Scalar($0 * size)) }
        let y = (7.0 / 3).squareRoot()
        let u = [-4.0, -1, 5].map { $0 / (3 * y) }
        let second = (0..<3).map { i in
          (0..<3).map { j in ((i == j ? 1.0 : 0) - 1.0 / 3 - u[i] * u[j] / 2) / (2 * y) / size }
        }
        let units = size < 1e-37 ? 4e5 : 256
        self.check("deviation", at: x, first: u.map { $0 / 2 }, second: second, units: units) { (x: Tensor<Scalar>) in
          x.standardDeviation()
        }
        self.check("deviation", at: x, first: u.map { $0 / 2 }, second: second, units: units) { (x: Tensor<Scalar>) in
          x.reshaped([1, 3]).standardDeviation(along: 1, keepingAxes: true).sum()
        }
      }
    }
    check(Float.self, [1, 1e-30, 1e-38, 4e-39, 1e30, 1e37])
    check(Double.self, [1, 1e-200, 1e-300, 1e200])
    // No sum of the parts, whose sign is that of the whole.
    self.check("deviation", at: [1e-42, 2e-42, 4e-42], first: [], second: [[inf, -inf, inf]]) { (x: Tensor<Float>) in
      x.standardDeviation()
    }
    // Deviations beyond the range: of nine numbers and one of the other sign, 0.6 and −5.4 by a deviation of 1.8974.
    let wide = [Double](repeating: 3e38, count: 9) + [-3e38]
    let root = 3.6.squareRoot()
    self.check(
      "deviation", at: wide, first: [Double](repeating: 0.2 / root / 3, count: 9) + [-1.8 / root / 3], second: []
    ) { (x: Tensor<Float>) in x.standardDeviation() }
    self.check(
      "variance", at: wide, first: [Double](repeating: 0.4e38 / 3, count: 9) + [-1.2e38], second: []
    ) { (x: Tensor<Float>) in x.variance() }
  }

  @Test func norms() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type, _ sizes: [Double]) {
      for size in sizes {
        let x = [1, 4].map { Double(Scalar($0 * size)) }
        self.check(
          "norm ½", at: x, first: [3, 1.5], second: [[-1 / size, 0.25 / size], [0.25 / size, -0.0625 / size]],
          units: 4e3
        ) { (x: Tensor<Scalar>) in x.norm(0.5) }
        self.check(
          "norm ½", at: [1, 1e-3].map { $0 * size } + [0], first: [1 + 1e-3.squareRoot(), 1 + 1e3.squareRoot(), 0],
          second: [], units: 4e3
        ) { (x: Tensor<Scalar>) in x.norm(0.5) }
        for p in [2.0, 3, 4, 1.5, -1] {
          let (a, b) = (3.0, 4.0)
          let y = pow(pow(a, p) + pow(b, p), 1 / p)
          let (u, v) = (pow(a / y, p - 1), pow(b / y, p - 1))
          let factor = (p - 1) / (y * size)
          let rows = [
            [factor * (pow(a / y, p - 2) - u * u), -factor * u * v],
            [-factor * u * v, factor * (pow(b / y, p - 2) - v * v)],
          ]
          self.check(
            "norm \(p)", at: [a * size, b * size].map { Double(Scalar($0)) }, first: [u, v], second: rows, units: 4e3
          ) { (x: Tensor<Scalar>) in x.norm(p) }
        }
      }
      for p in [0.5, 1.5, 2, 3, -1] {
        for x in [1e-40, -1e-40, 1e-30, 3, 1e30] {
          let first = [x < 0 ? -1.0 : 1]
          self.check("norm \(p)", at: [x], first: first, second: []) { (x: Tensor<Scalar>) in x.norm(p) }
          let point = Tensor<Scalar>([Scalar(x)]).asVariable()
          let slope = gradients(of: point.norm(p), at: [point], createGraph: true)[0]
          // 0 but for the rounding of one power.
          let second = gradients(of: slope.sum(), at: [point])[0].item
          #expect(abs(second) * Scalar(abs(x)) <= 512 * .ulpOfOne, "norm \(p) of \(x): \(second)")
        }
        self.check("norm \(p)", at: [0, 0], first: [0, 0], second: [[0, 0], [0, 0]]) { (x: Tensor<Scalar>) in x.norm(p)
        }
      }
    }
    check(Float.self, [1, 1e-20, 1e-30, 1e-37, 1e20, 1e30])
    check(Double.self, [1, 1e-200, 1e-300, 1e200])
    self.check("norm ½", at: [1e-41, 4e-41], first: [], second: [[-inf, inf], [inf, -inf]]) { (x: Tensor<Float>) in
      x.norm(0.5)
    }
    self.check("norm 2", at: [3e-41, 4e-41], first: [], second: [[inf, -inf], [-inf, inf]]) { (x: Tensor<Float>) in
      x.norm()
    }
    // The sum is beyond the range, its ratios to the parts are not.
    self.check("norm ½", at: [2e38, 2e38], first: [2, 2], second: []) { (x: Tensor<Float>) in x.norm(0.5) }
  }

  @Test func thirdDerivatives() {
    // A third derivative, by differences of the second.
    let check = checkGradients(at: [Tensor([0.5, -1, 2, 0.25], shape: [2, 2])]) { x in
      withGradients {
        let point = x[0].requiresGradient ? x[0] : x[0].asVariable()
        let sum = point.norm(3, along: 1) + point.norm(along: 1) + point.norm(1.5, along: 1)
        let lengths = sum + point.standardDeviation(along: 0) + hypot(point[0], point[1]) + atan2(point[0], point[1])
        return gradients(of: lengths.sum(), at: [point], createGraph: true)[0].square().sum()
      }
    }
    #expect(check.passes(), "\(check)")
  }

  @Test func anglesAndHypotenuses() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type, _ sizes: [Double]) {
      for size in sizes {
        let x = [3 * size, 4 * size].map { Double(Scalar($0)) }
        let second = [[0.128 / size, -0.096 / size], [-0.096 / size, 0.072 / size]]
        self.check("hypot", at: x, first: [0.6, 0.8], second: second) { (x: Tensor<Scalar>) in hypot(x[0], x[1]) }
        // 4/25 and −3/25 over the size, −24/625 and (9 − 16)/625 over its square.
        let square = size * size
        self.check(
          "atan2", at: x, first: [0.16 / size, -0.12 / size],
          second: [[-0.0384 / square, -0.0112 / square], [-0.0112 / square, 0.0384 / square]], units: 1024
        ) { (x: Tensor<Scalar>) in atan2(x[0], x[1]) }
        self.check(
          "atan2", at: [size, size].map { Double(Scalar($0)) }, first: [0.5 / size, -0.5 / size],
          second: [[-0.5 / square, 0], [0, 0.5 / square]], units: 1024
        ) { (x: Tensor<Scalar>) in atan2(x[0], x[1]) }
      }
    }
    check(Float.self, [1, 1e-15, 1e-20, 1e-30, 1e15])
    check(Double.self, [1, 1e-150, 1e-200, 1e150])
    self.check("hypot", at: [1e-41, 0], first: [1, 0], second: [[0, 0], [0, inf]]) { (x: Tensor<Float>) in
      hypot(x[0], x[1])
    }
  }
}
