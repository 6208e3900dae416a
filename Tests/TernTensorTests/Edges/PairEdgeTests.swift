import Foundation
import TernTensor
import Testing

private let inf = Double.infinity

/// Functions of two numbers where both are 0, infinite, tiny or huge.
@Suite("Functions of two numbers at the ends of the range") struct PairEdgeTests {
  @Test func hypotenuses() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type) {
      let a = [0, inf, 1, -inf, 3e30, 3e-30, -0.0]
      let b = [0, 1, inf, 2, 4e30, 4e-30, 5]
      let found = sumDerivatives(at: [a, b]) { (x: [Tensor<Scalar>]) in hypot(x[0], x[1]) }
      expectClose(found.value, [0, inf, inf, inf, 5e30, 5e-30, 5], "hypot")
      for (derivatives, name) in [(found.fused, "derivative"), (found.recorded, "recorded derivative")] {
        expectClose(derivatives[0], [0, 1, 0, -1, 0.6, 0.6, 0], "hypot: \(name) at a")
        expectClose(derivatives[1], [0, 0, 1, 0, 0.8, 0.8, 1], "hypot: \(name) at b")
      }
      // (b² − ab)/y³ and (a² − ab)/y³
      expectClose(found.second[0], [0, 0, 0, 0, 0.8 * 0.2 / 5e30, 0.8 * 0.2 / 5e-30, 0.2], "hypot: second at a")
      expectClose(found.second[1], [0, 0, 0, 0, -0.6 * 0.2 / 5e30, -0.6 * 0.2 / 5e-30, 0], "hypot: second at b")
    }
    check(Float.self)
    check(Double.self)
  }

  @Test func angles() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type) {
      let y = [0, 1e25, 1e-25, 1e-20, inf, 1, 3e30, 1e-3, 0, -0.0]
      let x = [0, 1e25, 1e-25, 1e-20, 1, -inf, 4e30, 2e-3, 1e-25, -1]
      let quarter = Double.pi / 4
      let angle = atan2(3.0, 4.0)
      let found = sumDerivatives(at: [y, x]) { (x: [Tensor<Scalar>]) in atan2(x[0], x[1]) }
      let values = [0, quarter, quarter, quarter, 2 * quarter, 4 * quarter, angle, atan2(1.0, 2.0), 0, -4 * quarter]
      expectClose(found.value, values, "atan2")
      for (derivatives, name) in [(found.fused, "derivative"), (found.recorded, "recorded derivative")] {
        expectClose(
          derivatives[0], [0, 0.5e-25, 0.5e25, 0.5e20, 0, 0, 4 / 25e30, 400, 1e25, -1], "atan2: \(name) at y")
        expectClose(
          derivatives[1], [0, -0.5e-25, -0.5e25, -0.5e20, 0, 0, -3 / 25e30, -200, 0, 0], "atan2: \(name) at x")
      }
      let bounded = found.second[0].scalars.prefix(1) + found.second[1].scalars.prefix(1)
      let isZero = bounded.allSatisfy { $0 == 0 }
      #expect(isZero, "second derivatives of atan2 at the origin: \(bounded)")
    }
    check(Float.self)
    check(Double.self)
  }

  @Test func sumsOfExponentials() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type) {
      let a = [-inf, inf, -inf, inf, 0, 1000]
      let b = [-inf, inf, 1, -inf, -inf, 1000]
      let found = sumDerivatives(at: [a, b]) { (x: [Tensor<Scalar>]) in logAddExp(x[0], x[1]) }
      expectClose(found.value, [-inf, inf, 1, inf, 0, 1000 + log(2)], "logAddExp")
      for (derivatives, name) in [(found.fused, "derivative"), (found.recorded, "recorded derivative")] {
        expectClose(derivatives[0], [0, 0.5, 0, 1, 1, 0.5], "logAddExp: \(name) at a")
        expectClose(derivatives[1], [0, 0.5, 1, 0, 0, 0.5], "logAddExp: \(name) at b")
      }
      expectClose(found.second[0], [0, 0, 0, 0, 0, 0], "logAddExp: second at a")
      expectClose(found.second[1], [0, 0, 0, 0, 0, 0], "logAddExp: second at b")
    }
    check(Float.self)
    check(Double.self)
  }

  @Test func powersOfTensors() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type) {
      let x = [0, 0, 0, 0, inf, inf, 1, 0.5, 2]
      let p = [0, 1, 2, 2.5, 0.5, -1, inf, inf, -inf]
      let found = sumDerivatives(at: [x, p]) { (x: [Tensor<Scalar>]) in x[0].pow(x[1]) }
      expectClose(found.value, [1, 0, 0, 0, inf, 0, 1, 0, 0], "pow")
      for (derivatives, name) in [(found.fused, "derivative"), (found.recorded, "recorded derivative")] {
        expectClose(derivatives[0], [0, 1, 0, 0, 0, 0, inf, 0, 0], "pow: \(name) at x")
        expectClose(derivatives[1], [0, 0, 0, 0, inf, 0, 0, 0, 0], "pow: \(name) at p")
      }
      for second in [found.second[0], found.second[1]] {
        let finite = second.scalars.prefix(4).allSatisfy { $0.isFinite }
        let number = second.scalars.allSatisfy { !$0.isNaN }
        #expect(finite && number, "second derivatives of powers of \(Scalar.self): \(second.scalars)")
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test func equalOperandsShare() {
    let a = [inf, -inf, 0, 2, 0]
    let b = [inf, -inf, -0.0, 2, 1]
    let greater = sumDerivatives(at: [a, b]) { (x: [Tensor<Float>]) in maximum(x[0], x[1]) }
    expectClose(greater.value, [inf, -inf, 0, 2, 1], "maximum")
    expectClose(greater.fused[0], [0.5, 0.5, 0.5, 0.5, 0], "derivative of maximum")
    expectClose(greater.recorded[1], [0.5, 0.5, 0.5, 0.5, 1], "recorded derivative of maximum")
    let less = sumDerivatives(at: [a, b]) { (x: [Tensor<Double>]) in minimum(x[0], x[1]) }
    expectClose(less.fused[0], [0.5, 0.5, 0.5, 0.5, 1], "derivative of minimum")
    expectClose(less.recorded[1], [0.5, 0.5, 0.5, 0.5, 0], "recorded derivative of minimum")
  }
}
