import Foundation
import TernTensor
import Testing

private let inf = Double.infinity

/// Reductions and running ones of infinities, zeros, and of what leaves the range on the way.
@Suite("Reductions at the ends of the range") struct ReductionEdgeTests {
  private func check<Scalar: FloatingScalar>(
    _ name: String, at x: [Double], value: [Double], derivatives: [Double], second: [Double]? = nil,
    weights: [Double]? = nil,
    _ function: (Tensor<Scalar>) -> Tensor<Scalar>
  ) {
    let found = sumDerivatives(at: [x], weights: weights) { (x: [Tensor<Scalar>]) in function(x[0]) }
    expectClose(found.value, value, "\(name) of \(x)")
    expectClose(found.fused[0], derivatives, "\(name) of \(x): derivatives")
    expectClose(found.recorded[0], derivatives, "\(name) of \(x): recorded derivatives")
    if let second { expectClose(found.second[0], second, "\(name) of \(x): second derivatives") }
    let number = found.second[0].scalars.allSatisfy { !$0.isNaN }
    #expect(number, "\(name) of \(x): second derivatives \(found.second[0].scalars)")
  }

  @Test func logarithmsOfSums() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type) {
      let cases: [([Double], Double, [Double])] = [
        ([-inf, -inf], -inf, [0, 0]), ([-inf, 2], 2, [0, 1]), ([inf, 1], inf, [1, 0]),
        ([inf, 1, inf], inf, [0.5, 0, 0.5]),
        ([inf, -inf], inf, [1, 0]), ([-inf], -inf, [0]), ([1e30, -1e30], 1e30, [1, 0]),
      ]
      for (x, y, derivatives) in cases {
        self.check(
          "logSumExp", at: x, value: [y], derivatives: derivatives, second: x.map { _ in 0 }
        ) { (x: Tensor<Scalar>) in x.logSumExp() }
      }
      let zero = [0.0, 0, 0, 0]
      self.check(
        "logCumulativeSumExp", at: [-inf, -inf, 0, -inf], value: [-inf, -inf, 0, 0], derivatives: [0, 0, 2, 0],
        second: zero
      ) { (x: Tensor<Scalar>) in x.logCumulativeSumExp(along: 0) }
      self.check(
        "logCumulativeSumExp", at: [0, inf, inf, 1], value: [0, inf, inf, inf], derivatives: [1, 2, 1, 0], second: zero
      ) { (x: Tensor<Scalar>) in x.logCumulativeSumExp(along: 0) }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test func rowsOfMinusInfinityWithoutWeight() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type) {
      for axis in [0, 1] {
        let functions: [(String, (Tensor<Scalar>) -> Tensor<Scalar>)] = [
          ("softmax", { $0.softmax(along: axis) }), ("logSoftmax", { $0.logSoftmax(along: axis) }),
          ("logSumExp", { $0.logSumExp(along: axis, keepingAxes: true).broadcast(to: [2, 2]) }),
        ]
        let rows: [Double] = axis == 1 ? [-inf, -inf, 0, 0] : [-inf, 0, -inf, 0]
        let weights: [Double] = axis == 1 ? [0, 0, 1, 0] : [0, 1, 0, 0]
        for (name, function) in functions {
          let found = sumDerivatives(at: [rows], weights: weights) { (x: [Tensor<Scalar>]) in
            function(x[0].reshaped([2, 2]))
          }
          let half = name == "softmax" ? 0.25 : 0.5
          let second = name == "logSumExp" ? half : -half
          let row = axis == 1 ? [0, 0, half, second] : [0, half, 0, second]
          expectClose(found.fused[0], row, "\(name) along \(axis): derivatives")
          expectClose(found.recorded[0], row, "\(name) along \(axis): recorded derivatives")
          let number = found.second[0].scalars.allSatisfy { !$0.isNaN }
          #expect(number, "\(name) along \(axis): \(found.second[0].scalars)")
        }
      }
      // An element of −∞ beside others has probability 0; what comes to it does not matter.
      let found = sumDerivatives(at: [[-inf, 0, 0]], weights: [inf, 1, 0]) { (x: [Tensor<Scalar>]) in x[0].softmax() }
      expectClose(found.fused[0], [0, 0.25, -0.25], "softmax beside −∞")
      expectClose(found.recorded[0], [0, 0.25, -0.25], "softmax beside −∞, recorded")
    }
    check(Float.self)
    check(Double.self)
  }

  @Test func products() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type) {
      let cases: [([Double], [Double])] = [
        ([1e30, 1e30, 2], [2e30, 2e30, 1e60]), ([1e-30, 1e-30, 3], [3e-30, 3e-30, 1e-60]),
        ([1e-20, 1e-20, 5], [5e-20, 5e-20, 1e-40]), ([inf, 2, 3], [6, inf, inf]), ([-inf, 2], [2, -inf]),
        ([0, 2, 3], [6, 0, 0]), ([0, 0, 3], [0, 0, 0]), ([1e30, 1e30, 0, 1e-30, 1e-30], [0, 0, 1, 0, 0]),
        ([1e30, 1e30, 1e-30, 1e-30], [1e-30, 1e-30, 1e30, 1e30]), ([1e-300, 1e300, 2], [2e300, 2e-300, 1]),
      ]
      for (x, derivatives) in cases {
        if Scalar.self == Float.self && x.contains(1e300) { continue }
        let value = x.reduce(1, *)
        self.check("product", at: x, value: [value], derivatives: derivatives) { (x: Tensor<Scalar>) in x.product() }
      }
      self.check(
        "cumulativeProduct", at: [1e-30, 1e-30, 1e30, 1e30], value: [1e-30, 1e-60, 1e-30, 1],
        derivatives: [1e30, 1e30, 1e-30, 1e-30], weights: [0, 0, 0, 1]
      ) { (x: Tensor<Scalar>) in x.cumulativeProduct(along: 0) }
      self.check(
        "cumulativeProduct", at: [1e30, 1e30, 1e-30, 1e-30], value: [1e30, 1e60, 1e30, 1],
        derivatives: [1e-30, 1e-30, 1e30, 1e30], weights: [0, 0, 0, 1]
      ) { (x: Tensor<Scalar>) in x.cumulativeProduct(along: 0) }
      self.check(
        "cumulativeProduct", at: [2, 0, 3], value: [2, 0, 0], derivatives: [1, 8, 0]
      ) { (x: Tensor<Scalar>) in x.cumulativeProduct(along: 0) }
      self.check(
        "cumulativeProduct", at: [2, inf, 3], value: [2, inf, inf], derivatives: [1, 0, 0], weights: [1, 0, 0]
      ) { (x: Tensor<Scalar>) in x.cumulativeProduct(along: 0) }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test func norms() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type) {
      for p in [0.5, 1, 1.5, 2, 2.5, 3, 4, 10, -1, -2] {
        for size in [1, 1e30, 1e-30, 1e20, 1e-20] {
          let x = [3.0, -4, 1].map { $0 * size }
          let unit = Foundation.pow([3.0, 4, 1].map { Foundation.pow($0, p) }.reduce(0, +), 1 / p)
          let derivatives = [3.0, 4, 1].map { Foundation.pow($0 / unit, p - 1) }
          let found = sumDerivatives(at: [x]) { (x: [Tensor<Scalar>]) in x[0].norm(p) }
          let units = 64 * Swift.max(1, Swift.abs(p))
          expectClose(found.value, [unit * size], "norm of order \(p) at \(size)", units: units)
          let signed = [derivatives[0], -derivatives[1], derivatives[2]]
          expectClose(found.fused[0], signed, "derivatives of the norm of order \(p) at \(size)", units: units)
          expectClose(
            found.recorded[0], signed, "recorded derivatives of the norm of order \(p) at \(size)", units: units)
        }
        let flat = sumDerivatives(at: [[0, 0]]) { (x: [Tensor<Scalar>]) in x[0].norm(p) }
        expectClose(flat.fused[0], [0, 0], "derivatives of the norm of order \(p) at 0")
        expectClose(flat.second[0], [0, 0], "second derivatives of the norm of order \(p) at 0")
        if p > 1 {
          let far = sumDerivatives(at: [[inf, 1]]) { (x: [Tensor<Scalar>]) in x[0].norm(p) }
          expectClose(far.value, [inf], "norm of order \(p) at ∞")
          expectClose(far.fused[0], [1, 0], "derivatives of the norm of order \(p) at ∞")
          expectClose(far.second[0], [0, 0], "second derivatives of the norm of order \(p) at ∞")
        }
      }
      let rows = sumDerivatives(at: [[0, 0, 3, 4]]) { (x: [Tensor<Scalar>]) in x[0].reshaped([2, 2]).norm(2, along: 1) }
      expectClose(rows.recorded[0], [0, 0, 0.6, 0.8], "norms of rows")
      expectClose(rows.second[0], [0, 0, 0.8 * 0.2 / 5, -0.6 * 0.2 / 5], "second derivatives of norms of rows")
    }
    check(Float.self)
    check(Double.self)
  }

  @Test func deviationsOfEqualValues() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type) {
      let found = sumDerivatives(at: [[2, 2, 2]]) { (x: [Tensor<Scalar>]) in x[0].standardDeviation() }
      expectClose(found.value, [0], "deviation")
      expectClose(found.fused[0], [0, 0, 0], "derivatives of the deviation")
      expectClose(found.recorded[0], [0, 0, 0], "recorded derivatives of the deviation")
      expectClose(found.second[0], [0, 0, 0], "second derivatives of the deviation")
    }
    check(Float.self)
    check(Double.self)
  }
}
