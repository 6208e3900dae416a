import TernTensor
import Testing

/// Normalizations of values whose squares leave the range, and of tiny ones with an ε of 0.
@Suite struct NormalizationRangeTests {
  // [m, −m, 2m, −2m] with a mean of 0 and a mean square of 5/2·m².
  private let standard = [0.4, -0.4, 1.6, -1.6].map { ($0 < 0 ? -1 : 1) * abs($0).squareRoot() }
  private let weights = [1.0, 2, 3, -1]

  /// (g − Σg/4 − x̂·Σ(g·x̂)/4)/(√(5/2)·m), without Σg where not centered.
  private func slopes(_ m: Double, centered: Bool) -> [Double] {
    let mean = centered ? weights.reduce(0, +) / 4 : 0
    let products = zip(weights, standard).map(*).reduce(0, +) / 4
    return zip(weights, standard).map { ($0 - mean - $1 * products) / 2.5.squareRoot() / m }
  }

  private func check<Scalar: FloatingScalar>(
    _ name: String, _ m: Double, centered: Bool = true, _ function: (Tensor<Scalar>) -> Tensor<Scalar>
  ) {
    let x = [m, -m, 2 * m, -2 * m]
    let found = sumDerivatives(at: [x], weights: weights) { (x: [Tensor<Scalar>]) in function(x[0]) }
    expectClose(found.value, standard, "\(name) of \(m)")
    expectClose(found.fused[0], slopes(m, centered: centered), "\(name) of \(m): derivatives", units: 256)
    expectClose(found.recorded[0], slopes(m, centered: centered), "\(name) of \(m): recorded derivatives", units: 256)
    let isNumber = found.second[0].scalars.allSatisfy { !$0.isNaN }
    #expect(isNumber, "\(name) of \(m): second derivatives \(found.second[0].scalars)")
  }

  private func checkAll<Scalar: FloatingScalar>(_: Scalar.Type, _ m: Double, epsilon: Scalar) {
    check("layerNorm", m) { (x: Tensor<Scalar>) in layerNorm(x, normalizedShape: [4], epsilon: epsilon) }
    check("rmsNorm", m, centered: false) { (x: Tensor<Scalar>) in rmsNorm(x, normalizedShape: [4], epsilon: epsilon) }
    check("batchNorm", m) { (x: Tensor<Scalar>) in batchNorm(x.reshaped([4, 1]), epsilon: epsilon).output }
    check("groupNorm", m) { (x: Tensor<Scalar>) in groupNorm(x.reshaped([1, 2, 2]), groups: 1, epsilon: epsilon) }
    check("instanceNorm", m) { (x: Tensor<Scalar>) in
      instanceNorm(x.reshaped([1, 1, 4]), epsilon: epsilon).output
    }
  }

  @Test(arguments: [1e154, 1e200, 1e300, 0.8e308]) func largeDoubles(_ m: Double) {
    checkAll(Double.self, m, epsilon: 1e-5)
  }

  @Test(arguments: [1e25, 1e37, 1.5e38]) func largeFloats(_ m: Double) { checkAll(Float.self, m, epsilon: 1e-5) }

  @Test func tinyNumbersWithoutEpsilon() {
    for m in [1e-15, 1e-20, 1e-25, 1e-30] { checkAll(Float.self, m, epsilon: 0) }
    for m in [1e-100, 1e-200] { checkAll(Double.self, m, epsilon: 0) }
  }

  @Test func largeRowsBesideOrdinaryOnes() {
    let x = Tensor<Double>([1e200, -1e200, 2e200, -2e200, 1, -1, 2, -2]).reshaped([2, 4])
    let scale = Tensor<Double>([1, 2, 1, 2]).asVariable()
    let shift = Tensor<Double>([0, 0, 1, 1])
    let y = layerNorm(x, normalizedShape: [4], scale: scale, shift: shift, epsilon: 0)
    let row = [standard[0], 2 * standard[1], standard[2] + 1, 2 * standard[3] + 1]
    expectClose(y, row + row, "layerNorm")
    // Σ x̂ over both rows.
    expectClose(gradients(of: y.sum(), at: [scale])[0], standard.map { 2 * $0 }, "dL/dγ")
  }

  @Test func statisticsOfLargeChannelsBesideOrdinaryOnes() {
    let m = 1e153
    let x = Tensor<Double>([10 * m, 1, -10 * m, -1, 20 * m, 2, -20 * m, -2]).reshaped([4, 2])
    let (output, mean, variance, _) = batchNorm(x, epsilon: 0, activation: .relu)
    let wanted = standard.flatMap { [max(0, $0), max(0, $0)] }
    expectClose(output, wanted, "batchNorm")
    #expect(mean.scalars == [0, 0])
    #expect(variance.scalars[0] == .infinity && isClose(variance.scalars[1], 2.5))
  }

  @Test func equalValuesWithoutEpsilon() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type) {
      for value in [0.0, 3, 1e30] {
        let point = [Double](repeating: value, count: 4)
        let functions: [(String, (Tensor<Scalar>) -> Tensor<Scalar>)] = [
          ("layerNorm", { layerNorm($0, normalizedShape: [4], epsilon: 0) }),
          ("batchNorm", { batchNorm($0.reshaped([4, 1]), epsilon: 0).output }),
        ]
        for (name, function) in functions {
          let found = sumDerivatives(at: [point], weights: weights) { (x: [Tensor<Scalar>]) in function(x[0]) }
          expectClose(found.value, [0, 0, 0, 0], "\(name) of \(value)")
          expectClose(found.fused[0], [0, 0, 0, 0], "\(name) of \(value): derivatives")
        }
      }
    }
    check(Float.self)
    check(Double.self)
  }
}
