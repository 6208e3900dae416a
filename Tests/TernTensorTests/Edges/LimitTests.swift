import TernTensor
import Testing

private let inf = Double.infinity

/// Limits of special functions, of interpolation and of integrals, and of their derivatives.
@Suite("Limits of special functions and of sums") struct LimitTests {
  private func rows<Scalar: FloatingScalar>(_: Scalar.Type) -> [EdgeRow<Scalar>] {
    var rows: [EdgeRow<Scalar>] = []
    let unseen = Double.nan
    // The second derivatives of exponential units jump at 0, from α above to 0.
    rows.append(EdgeRow("elu", at: [0, -0.0], values: [0, 0], derivatives: [1, 1], seconds: [0, 0]) { $0.elu() })
    rows.append(EdgeRow("celu", at: [0], values: [0], derivatives: [1], seconds: [0]) { $0.celu(alpha: 2) })
    rows.append(
      EdgeRow("selu", at: [0], values: [0], derivatives: [1.7580993408473766], seconds: [0]) { $0.selu() })
    rows.append(
      EdgeRow("gammainc", at: [inf], values: [1], derivatives: [0], seconds: [0]) { gammainc(Tensor(2), $0) })
    rows.append(
      EdgeRow("gammaincc", at: [inf], values: [0], derivatives: [0], seconds: [0]) { gammaincc(Tensor(2), $0) })
    rows.append(
      EdgeRow("gammainc of ∞", at: [2, 100], values: [0, 0], derivatives: [0, 0], seconds: [0, 0]) {
        gammainc(Tensor(.infinity), $0)
      })
    rows.append(EdgeRow("besselY0", at: [0], values: [-inf], derivatives: [inf], seconds: [-inf]) { $0.besselY0() })
    rows.append(EdgeRow("besselY1", at: [0], values: [-inf], derivatives: [inf], seconds: [-inf]) { $0.besselY1() })
    rows.append(
      EdgeRow("scaledBesselK0", at: [0], values: [inf], derivatives: [-inf], seconds: [inf]) { $0.scaledBesselK0() })
    rows.append(
      EdgeRow("scaledBesselK1", at: [0, -0.0], values: [inf, inf], derivatives: [-inf, -inf], seconds: [inf, inf]) {
        $0.scaledBesselK1()
      })
    rows.append(EdgeRow("besselK1", at: [-0.0], values: [inf], derivatives: [-inf], seconds: [inf]) { $0.besselK1() })
    // What overflows in a derivative alone leaves one term of it.
    let tiny = Double(Scalar.leastNormalMagnitude)
    rows.append(
      EdgeRow("logit next to 0", at: [tiny], values: [unseen], derivatives: [1 / tiny], seconds: [-inf]) {
        $0.logit()
      })
    rows.append(
      EdgeRow(
        "besselI1 of large values", at: [1e10, -1e30], values: [inf, -inf], derivatives: [inf, inf],
        seconds: [inf, -inf]
      ) {
        $0.besselI1()
      })
    rows.append(
      EdgeRow("scaledBesselK0 next to 0", at: [tiny / 64], values: [unseen], derivatives: [-inf], seconds: [inf]) {
        $0.scaledBesselK0()
      })
    rows.append(
      EdgeRow("scaledBesselK1 next to 0", at: [tiny], values: [unseen], derivatives: [-inf], seconds: [inf]) {
        $0.scaledBesselK1()
      })
    rows.append(
      EdgeRow("lerp of weight 0", at: [inf, -inf, 3], values: [5, 5, 5], derivatives: [0, 0, 0], seconds: [0, 0, 0]) {
        lerp(Tensor(5), $0, weight: 0)
      })
    rows.append(
      EdgeRow("lerp of weight 1", at: [inf, 3], values: [5, 5], derivatives: [0, 0], seconds: [unseen, unseen]) {
        lerp($0, Tensor(5), weight: 1)
      })
    return rows
  }

  @Test func functions() {
    for row in rows(Float.self) { row.check() }
    for row in rows(Double.self) { row.check() }
  }

  /// Weights of every size beside infinite ends, as one number and as a tensor.
  @Test func interpolationOfInfiniteEnds() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type) {
      let most = Double(Scalar.greatestFiniteMagnitude)
      let cases: [(a: Double, b: Double, weight: Double, value: Double, derivatives: [Double])] = [
        (5, inf, 0, 5, [1, 0, inf]), (inf, 5, 1, 5, [0, 1, -inf]), (inf, 5, 0, inf, [1, 0, -inf]),
        (5, -inf, 1, -inf, [0, 1, -inf]), (5, inf, 0.25, inf, [0.75, 0.25, inf]),
        (5, inf, 0.75, inf, [0.25, 0.75, inf]), (-inf, 5, 0.25, -inf, [0.75, 0.25, inf]),
        (-inf, 5, 0.75, -inf, [0.25, 0.75, inf]), (inf, inf, 0.5, inf, [0.5, 0.5, .nan]),
        (-most, most, 0.5, 0, [0.5, 0.5, inf]), (-most, most, 0.25, -most / 2, [0.75, 0.25, inf]),
        (1, 3, 0.5, 2, [0.5, 0.5, 2]),
      ]
      for (a, b, weight, value, derivatives) in cases {
        let found = sumDerivatives(at: [[a, a], [b, b], [weight, weight]]) { (x: [Tensor<Scalar>]) in
          lerp(x[0], x[1], weight: x[2])
        }
        let label = "\(a) to \(b) by \(weight)"
        expectClose(found.value, [value, value], label)
        expectClose(lerp(Tensor(Scalar(a)), Tensor(Scalar(b)), weight: Scalar(weight)), [value], label)
        for (i, derivative) in derivatives.enumerated() where !derivative.isNaN {
          expectClose(found.fused[i], [derivative, derivative], "\(label), gradient \(i)")
          expectClose(found.recorded[i], [derivative, derivative], "\(label), recorded gradient \(i)")
        }
      }
      let (x, far) = (Tensor<Scalar>(2), Tensor<Scalar>(.infinity))
      #expect(addcmul(x, far, Tensor(0), value: 0).item == 2)
      #expect(addcdiv(x, far, far, value: 0).item == 2)
      let seen = sumDerivatives(at: [[2], [inf], [3]]) { (x: [Tensor<Scalar>]) in addcmul(x[0], x[1], x[2], value: 0) }
      for (i, derivative) in [1.0, 0, 0].enumerated() { expectClose(seen.fused[i], [derivative], "addcmul of value 0") }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test func unitsKeepNaN() {
    let x = Tensor<Double>([.nan]).asVariable()
    for y in [x.elu(), x.celu(), x.selu()] {
      let slope = gradients(of: y.sum(), at: [x], createGraph: true)[0]
      let isNaN = slope.detached().scalars[0].isNaN
      #expect(isNaN)
    }
  }

  @Test func integralsOfInfiniteSamples() {
    #expect(Tensor<Double>([inf, 1]).trapezoid().item == inf)
    #expect(Tensor<Float>([1, 2, -.infinity]).trapezoid(spacing: 2).item == -.infinity)
    #expect(Tensor<Double>([inf]).trapezoid().item == 0)
    #expect(Tensor<Double>([3, 1, 5]).trapezoid(spacing: 0.5).item == 2.5)
    let x = Tensor<Double>([3, 1, 5, 2]).reshaped([2, 2]).asVariable()
    #expect(gradients(of: x.trapezoid(along: 0).sum(), at: [x])[0].scalars == [0.5, 0.5, 0.5, 0.5])
  }

  @Test func correlationsWhoseSquaresLeaveTheRange() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type, _ sizes: [Double]) {
      for size in sizes {
        let s = Scalar(size)
        let x = Tensor<Scalar>([s, 2 * s, 4 * s, 3, 5, 4]).reshaped([2, 3])
        let near = Tensor<Scalar>([1, 2, 4, 3, 5, 4]).reshaped([2, 3])
        let found = x.correlation().scalars
        for (a, b) in zip(found, near.correlation().scalars) { #expect(abs(a - b) < 1e-6, "\(found)") }
      }
    }
    check(Float.self, [1e30, 1e-30])
    check(Double.self, [1e200, 1e-200])
  }
}
