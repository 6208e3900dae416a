import Foundation
import TernTensor
import Testing

private let inf = Double.infinity
private let unseen = Double.nan

/// Activations at the ends of the range: their limits, and derivatives that are limits too.
private func activationRows<Scalar: FloatingScalar>(_: Scalar.Type) -> [EdgeRow<Scalar>] {
  let ends = [-inf, -1e30, inf, 1e30]
  let gated = [0, 0, inf, 1e30]
  let rising = [0, 0, 1.0, 1]
  let flat = [0, 0, 0.0, 0]
  return [
    EdgeRow("silu", at: ends, values: gated, derivatives: rising, seconds: flat) { $0.silu() },
    EdgeRow("gelu", at: ends, values: gated, derivatives: rising, seconds: flat) { $0.gelu() },
    EdgeRow("gelu tanh", at: ends, values: gated, derivatives: rising, seconds: flat) { $0.gelu(approximate: .tanh) },
    EdgeRow("mish", at: ends, values: gated, derivatives: rising, seconds: flat) { $0.mish() },
    EdgeRow("hardSwish", at: ends, values: gated, derivatives: rising, seconds: flat) { $0.hardSwish() },
    EdgeRow("relu", at: ends, values: gated, derivatives: rising, seconds: flat) { $0.relu() },
    EdgeRow("leakyReLU of slope 0", at: ends, values: gated, derivatives: rising, seconds: flat) {
      $0.leakyReLU(slope: 0)
    },
    EdgeRow("softplus", at: ends, values: gated, derivatives: rising, seconds: flat) { $0.softplus() },
    EdgeRow("elu", at: ends, values: [-1, -1, inf, 1e30], derivatives: rising, seconds: flat) { $0.elu() },
    EdgeRow("celu", at: ends, values: [-2, -2, inf, 1e30], derivatives: rising, seconds: flat) { $0.celu(alpha: 2) },
    EdgeRow(
      "selu", at: ends, values: [-1.7580993408473768, -1.7580993408473768, inf, 1.0507009873554805e30],
      derivatives: [0, 0, 1.0507009873554805, 1.0507009873554805], seconds: flat
    ) { $0.selu() },
    EdgeRow("sigmoid", at: ends, values: [0, 0, 1, 1], derivatives: flat, seconds: flat) { $0.sigmoid() },
    EdgeRow("tanh", at: ends, values: [-1, -1, 1, 1], derivatives: flat, seconds: flat) { $0.tanh() },
    EdgeRow("logSigmoid", at: ends, values: [-inf, -1e30, 0, 0], derivatives: [1, 1, 0, 0], seconds: flat) {
      $0.logSigmoid()
    },
    EdgeRow("hardSigmoid", at: ends, values: [0, 0, 1, 1], derivatives: flat, seconds: flat) { $0.hardSigmoid() },
    EdgeRow("hardTanh", at: ends, values: [-1, -1, 1, 1], derivatives: flat, seconds: flat) { $0.hardTanh() },
    EdgeRow("relu6", at: ends, values: [0, 0, 6, 6], derivatives: flat, seconds: flat) { $0.relu6() },
    EdgeRow(
      "softSign", at: ends, values: [-1, -1, 1, 1], derivatives: [0, 1e-60, 0, 1e-60], seconds: [0, 2e-90, 0, -2e-90]
    ) {
      $0.softSign()
    },
    EdgeRow("erf", at: ends, values: [-1, -1, 1, 1], derivatives: flat, seconds: flat) { $0.erf() },
    EdgeRow("erfc", at: ends, values: [2, 2, 0, 0], derivatives: flat, seconds: flat) { $0.erfc() },
    EdgeRow(
      "softSign at 0", at: [0, -0.0, 1e-40], values: [0, 0, 1e-40], derivatives: [1, 1, 1], seconds: [0, 0, -2]
    ) {
      $0.softSign()
    },
  ]
}

/// Elementary functions at the ends of their domains and of the range.
private func functionRows<Scalar: FloatingScalar>(_: Scalar.Type) -> [EdgeRow<Scalar>] {
  [
    EdgeRow("exp", at: [-inf, inf], values: [0, inf], derivatives: [0, inf], seconds: [0, inf]) { $0.exp() },
    EdgeRow("expm1", at: [-inf, inf], values: [-1, inf], derivatives: [0, inf], seconds: [0, inf]) { $0.expm1() },
    EdgeRow(
      "log", at: [0, inf, 1e-30], values: [-inf, inf, -69.07755278982137], derivatives: [inf, 0, 1e30],
      seconds: [-inf, 0, -1e60]
    ) {
      $0.log()
    },
    EdgeRow("log1p", at: [-1, inf], values: [-inf, inf], derivatives: [inf, 0], seconds: [-inf, 0]) { $0.log1p() },
    EdgeRow("log2", at: [0, inf], values: [-inf, inf], derivatives: [inf, 0], seconds: [-inf, 0]) { $0.log2() },
    EdgeRow("log10", at: [0, inf], values: [-inf, inf], derivatives: [inf, 0], seconds: [-inf, 0]) { $0.log10() },
    EdgeRow("sqrt", at: [0, inf], values: [0, inf], derivatives: [inf, 0], seconds: [-inf, 0]) { $0.sqrt() },
    EdgeRow("rsqrt", at: [0, inf], values: [inf, 0], derivatives: [-inf, 0], seconds: [inf, 0]) { $0.rsqrt() },
    EdgeRow("reciprocal", at: [0, inf, -inf], values: [inf, 0, 0], derivatives: [-inf, 0, 0], seconds: [inf, 0, 0]) {
      $0.reciprocal()
    },
    EdgeRow("square", at: [inf, 0, -inf], values: [inf, 0, inf], derivatives: [inf, 0, -inf], seconds: [2, 2, 2]) {
      $0.square()
    },
    EdgeRow("sinh", at: [inf, -inf], values: [inf, -inf], derivatives: [inf, inf], seconds: [inf, -inf]) { $0.sinh() },
    EdgeRow("cosh", at: [inf, -inf], values: [inf, inf], derivatives: [inf, -inf], seconds: [inf, inf]) { $0.cosh() },
    EdgeRow(
      "asinh", at: [1e25, -1e25, 1e-25, 0, inf, -inf],
      values: [58.25777450541109, -58.25777450541109, 1e-25, 0, inf, -inf],
      derivatives: [1e-25, 1e-25, 1, 1, 0, 0], seconds: [-1e-50, 1e-50, -1e-25, 0, 0, 0]
    ) { $0.asinh() },
    EdgeRow(
      "acosh", at: [1, 1e25, inf, 1.0000001], values: [0, 58.25777450541109, inf, unseen],
      derivatives: [inf, 1e-25, 0, unseen], seconds: [-inf, -1e-50, 0, unseen]
    ) { $0.acosh() },
    EdgeRow(
      "atanh", at: [1, -1, 1e-25, 0], values: [inf, -inf, 1e-25, 0], derivatives: [inf, inf, 1, 1],
      seconds: [inf, -inf, 2e-25, 0]
    ) { $0.atanh() },
    EdgeRow(
      "atan", at: [1e25, 1e-25, 0, inf, -inf], values: [Double.pi / 2, 1e-25, 0, Double.pi / 2, -Double.pi / 2],
      derivatives: [1e-50, 1, 1, 0, 0], seconds: [-2e-75, -2e-25, 0, 0, 0]
    ) { $0.atan() },
    EdgeRow(
      "asin", at: [1, -1, 1e-25, 0], values: [Double.pi / 2, -Double.pi / 2, 1e-25, 0], derivatives: [inf, inf, 1, 1],
      seconds: [inf, -inf, 1e-25, 0]
    ) { $0.asin() },
    EdgeRow(
      "acos", at: [1, -1, 1e-25, 0], values: [0, Double.pi, Double.pi / 2, Double.pi / 2],
      derivatives: [-inf, -inf, -1, -1], seconds: [-inf, inf, -1e-25, 0]
    ) { $0.acos() },
    EdgeRow("pow 2", at: [0, inf], values: [0, inf], derivatives: [0, inf], seconds: [2, 2]) { $0.pow(2) },
    EdgeRow("pow 1", at: [0, inf], values: [0, inf], derivatives: [1, 1], seconds: [0, 0]) { $0.pow(1) },
    EdgeRow("pow 0", at: [0, inf], values: [1, 1], derivatives: [0, 0], seconds: [0, 0]) { $0.pow(0) },
    EdgeRow("pow 2.5", at: [0, inf], values: [0, inf], derivatives: [0, inf], seconds: [0, inf]) { $0.pow(2.5) },
    EdgeRow("pow 0.5", at: [0, inf], values: [0, inf], derivatives: [inf, 0], seconds: [-inf, 0]) { $0.pow(0.5) },
    EdgeRow("pow -1", at: [0, inf], values: [inf, 0], derivatives: [-inf, 0], seconds: [inf, 0]) { $0.pow(-1) },
  ]
}

/// Checks on every level of the CPU run in processes of their own, so that no other test sees the level change.
@Suite("Activations and functions at the ends of the range") struct ActivationEdgeTests {
  @Test func activationsHaveTheirLimits() {
    for row in activationRows(Float.self) { row.check() }
    for row in activationRows(Double.self) { row.check() }
  }

  @Test func functionsHaveTheirLimits() {
    for row in functionRows(Float.self) { row.check() }
    for row in functionRows(Double.self) { row.check() }
  }

  @Test(arguments: ["baseline", "avx2", "avx512"])
  func everyLevel(_ name: String) async {
    await #expect(processExitsWith: .success) { [name = name as String] in
      guard let level = levelNamed(name) else { return }
      selectLevel(level)
      for row in activationRows(Float.self) { row.check() }
      for row in activationRows(Double.self) { row.check() }
      for row in functionRows(Float.self) { row.check() }
      for row in functionRows(Double.self) { row.check() }
    }
  }

  @Test func derivativesNextToTheEndsOfArcsAreExact() {
    let x: [Float] = [1 - 0x1p-24, 1 - 0x1p-23, -1 + 0x1p-22, 0.9999]
    let exact = x.map { 1 / ((1 - Double($0)) * (1 + Double($0))).squareRoot() }
    let arc = sumDerivatives(at: [x.map { Double($0) }]) { (x: [Tensor<Float>]) in x[0].asin() }
    expectClose(arc.fused[0], exact, "derivative of asin")
    expectClose(arc.recorded[0], exact, "recorded derivative of asin")
    let area = sumDerivatives(at: [x.map { Double($0) }]) { (x: [Tensor<Float>]) in x[0].atanh() }
    expectClose(area.fused[0], exact.map { $0 * $0 }, "derivative of atanh")
    expectClose(area.recorded[0], exact.map { $0 * $0 }, "recorded derivative of atanh")
  }

  @Test func nanStaysNaN() {
    let x = Tensor<Float>([.nan])
    let results = [
      x.silu(), x.gelu(), x.gelu(approximate: .tanh), x.mish(), x.hardSwish(), x.softSign(), x.leakyReLU(slope: 0),
      x.leakyReLU(), x.relu(), x.elu(), x.sigmoid(), x.exp(), x.asinh(), x.norm(), x.norm(3), x.logSumExp(),
    ]
    for (i, y) in results.enumerated() {
      let isNaN = y.reshaped([1]).scalars[0].isNaN
      #expect(isNaN, "result \(i)")
    }
  }

  @Test func gatesThatAreShutLetNothingThrough() {
    let open: Tensor<Float> = Tensor<Float>([.infinity, -.infinity, -.infinity, .infinity]).reshaped([1, 4])
    expectClose(open.glu(), [0, -inf], "glu")
    let prelu = sumDerivatives(at: [[-inf, inf, -2], [0]]) { (x: [Tensor<Double>]) in x[0].prelu(x[1]) }
    expectClose(prelu.value, [0, inf, 0], "prelu of weight 0")
    expectClose(prelu.fused[0], [0, 1, 0], "derivative of prelu")
    let unknown = Tensor<Double>([.nan, -1]).prelu(Tensor([0])).scalars
    #expect(unknown[0].isNaN && unknown[1] == 0)
  }

  @Test func aGradientOfZeroStaysZeroBesideInfinity() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type) {
      let functions: [(String, Double, @Sendable (Tensor<Scalar>) -> Tensor<Scalar>)] = [
        ("exp", inf, { $0.exp() }), ("expm1", inf, { $0.expm1() }), ("log", 0, { $0.log() }),
        ("log1p", -1, { $0.log1p() }), ("log2", 0, { $0.log2() }), ("log10", 0, { $0.log10() }),
        ("sqrt", 0, { $0.sqrt() }), ("rsqrt", 0, { $0.rsqrt() }), ("reciprocal", 0, { $0.reciprocal() }),
        ("asin", 1, { $0.asin() }), ("acos", -1, { $0.acos() }), ("acosh", 1, { $0.acosh() }),
        ("atanh", 1, { $0.atanh() }), ("sinh", inf, { $0.sinh() }), ("cosh", inf, { $0.cosh() }),
        ("square", inf, { $0.square() }), ("pow", 0, { $0.pow(0.5) }), ("pow", 0, { $0.pow(-2) }),
        ("divide", 0, { 1 / $0 }), ("divide", inf, { $0 / $0 }), ("multiply", inf, { $0 * $0 }),
        ("divide by 0", 1, { $0 / 0 }), ("pow of tensors", 0, { $0.pow(Tensor(0.5)) }),
        ("exponent", -inf, { pow(0, $0) }), ("atan2", inf, { atan2($0, $0) }), ("hypot", inf, { hypot($0, $0) }),
        ("log of NaN", .nan, { $0.log() }), ("logSumExp", -inf, { $0.logSumExp(along: 0, keepingAxes: true) }),
        ("norm", inf, { $0.norm(3, along: 0, keepingAxes: true) }),
        ("product", inf, { $0.product(along: 0, keepingAxes: true) }),
        ("silu", .nan, { $0.silu() }), ("gelu", .nan, { $0.gelu() }), ("mish", .nan, { $0.mish() }),
        ("gelu tanh", .nan, { $0.gelu(approximate: .tanh) }), ("sigmoid", .nan, { $0.sigmoid() }),
        ("tanh", .nan, { $0.tanh() }), ("softSign", .nan, { $0.softSign() }), ("elu", .nan, { $0.elu() }),
        ("selu", .nan, { $0.selu() }), ("celu", .nan, { $0.celu() }), ("hardSwish", .nan, { $0.hardSwish() }),
        ("logSigmoid", .nan, { $0.logSigmoid() }), ("softplus", .nan, { $0.softplus() }), ("erf", .nan, { $0.erf() }),
        ("sin", inf, { $0.sin() }), ("cos", inf, { $0.cos() }), ("tan", inf, { $0.tan() }), ("abs", .nan, { $0.abs() }),
        ("atan", .nan, { $0.atan() }), ("asinh", .nan, { $0.asinh() }),
        ("softmax", -inf, { $0.softmax() }), ("logSoftmax", -inf, { $0.logSoftmax() }),
      ]
      for (name, place, function) in functions {
        let masked = sumDerivatives(at: [[place]]) { (x: [Tensor<Scalar>]) in
          select(Tensor<Bool>([false]), function(x[0]), Tensor(0))
        }
        expectClose(masked.value, [0], name)
        expectClose(masked.fused[0], [0], "\(name): derivative")
        expectClose(masked.recorded[0], [0], "\(name): recorded derivative")
        expectClose(masked.second[0], [0], "\(name): second derivative")
      }
    }
    check(Float.self)
    check(Double.self)
  }
}
