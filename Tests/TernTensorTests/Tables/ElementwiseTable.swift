import TernTensor
import TernTestSupport

// Functions of every element by itself, away from kinks and poles.

let elementwiseTable: [TensorOperation] =
  arithmeticRows + elementaryRows + activationRows + pairRows + constantRows + assigningRows

private let arithmeticRows: [TensorOperation] = [
  .elementwise("negate", -2..<2) { -$0 },
  .elementwise("add a number", -2..<2) { $0 + 1.5 },
  .elementwise("subtract a number", -2..<2) { $0 - 1.5 },
  .elementwise("subtract from a number", -2..<2) { 1.5 - $0 },
  .elementwise("multiply by a number", -2..<2) { $0 * 1.5 },
  .elementwise("divide by a number", -2..<2) { $0 / 1.5 },
  .elementwise("divide a number", 0.5..<2) { 1.5 / $0 },
  .elementwise("abs above 0", 0.1..<2) { $0.abs() },
  .elementwise("abs below 0", -2..<(-0.1)) { $0.abs() },
  .elementwise("sign", 0.1..<2) { $0.sign() },
  .elementwise("square", -2..<2) { $0.square() },
  .elementwise("sqrt", 0.5..<3) { $0.sqrt() },
  .elementwise("rsqrt", 0.5..<3) { $0.rsqrt() },
  .elementwise("reciprocal", 0.5..<3) { $0.reciprocal() },
  .elementwise("replacing what is not finite", -2..<2) { $0.replacingNonFinite() },
  .elementwise("floor", 0.1..<0.9) { $0.floor() },
  .elementwise("ceil", 0.1..<0.9) { $0.ceil() },
  .elementwise("trunc", 0.1..<0.9) { $0.trunc() },
  .elementwise("round", 0.6..<1.4) { $0.round() },
  .elementwise("round to decimals", 0.06..<0.14) { $0.round(decimals: 1) },
  .elementwise("frac", 1.1..<1.9) { $0.frac() },
  .elementwise("clamped inside", -0.9..<0.9) { $0.clamped(min: -1, max: 1) },
  .elementwise("clamped above", 1.1..<2) { $0.clamped(min: -1, max: 1) },
  .elementwise("clamped below", -2..<(-1.1)) { $0.clamped(min: -1) },
]

private let elementaryRows: [TensorOperation] = [
  .elementwise("exp", -2..<2) { $0.exp() },
  .elementwise("expm1", -2..<2) { $0.expm1() },
  .elementwise("log", 0.5..<3) { $0.log() },
  .elementwise("log1p", -0.5..<2) { $0.log1p() },
  .elementwise("log2", 0.5..<3) { $0.log2() },
  .elementwise("log10", 0.5..<3) { $0.log10() },
  .elementwise("erf", -2..<2) { $0.erf() },
  .elementwise("erfc", -2..<2) { $0.erfc() },
  .elementwise("sin", -3..<3) { $0.sin() },
  .elementwise("cos", -3..<3) { $0.cos() },
  .elementwise("tan", -1..<1) { $0.tan() },
  .elementwise("asin", -0.7..<0.7) { $0.asin() },
  .elementwise("acos", -0.7..<0.7) { $0.acos() },
  .elementwise("atan", -3..<3) { $0.atan() },
  .elementwise("sinh", -2..<2) { $0.sinh() },
  .elementwise("cosh", -2..<2) { $0.cosh() },
  .elementwise("tanh", -2..<2) { $0.tanh() },
  .elementwise("asinh", -3..<3) { $0.asinh() },
  .elementwise("acosh", 1.5..<3) { $0.acosh() },
  .elementwise("atanh", -0.7..<0.7) { $0.atanh() },
  .elementwise("square of a number", 0.5..<2) { $0.pow(2) },
  .elementwise("cube of a number", -2..<2) { $0.pow(3) },
  .elementwise("power 0", -2..<2) { $0.pow(0) },
  .elementwise("power 1", -2..<2) { $0.pow(1) },
  .elementwise("power ½", 0.5..<2) { $0.pow(0.5) },
  .elementwise("power −2.5", 0.5..<2) { $0.pow(-2.5) },
  .elementwise("power of a number", -2..<2) { pow(1.7, $0) },
]

private let activationRows: [TensorOperation] = [
  .elementwise("relu above 0", 0.1..<2) { $0.relu() },
  .elementwise("relu below 0", -2..<(-0.1)) { $0.relu() },
  .elementwise("leakyReLU above 0", 0.1..<2) { $0.leakyReLU(slope: 0.2) },
  .elementwise("leakyReLU below 0", -2..<(-0.1)) { $0.leakyReLU(slope: 0.2) },
  .elementwise("relu6 inside", 0.1..<5.9) { $0.relu6() },
  .elementwise("relu6 above", 6.1..<7) { $0.relu6() },
  .elementwise("hardTanh inside", -0.9..<0.9) { $0.hardTanh() },
  .elementwise("hardTanh above", 1.1..<2) { $0.hardTanh() },
  .elementwise("hardSigmoid inside", -2.9..<2.9) { $0.hardSigmoid() },
  .elementwise("hardSigmoid below", -5..<(-3.1)) { $0.hardSigmoid() },
  .elementwise("hardSwish inside", -2.9..<2.9) { $0.hardSwish() },
  .elementwise("hardSwish above", 3.1..<5) { $0.hardSwish() },
  .elementwise("thresholded above", 0.6..<2) { $0.thresholded(at: 0.5, value: 9) },
  .elementwise("thresholded below", -1..<0.4) { $0.thresholded(at: 0.5, value: 9) },
  .elementwise("softSign above 0", 0.1..<2) { $0.softSign() },
  .elementwise("softSign below 0", -2..<(-0.1)) { $0.softSign() },
  .elementwise("softShrink outside", 0.6..<2) { $0.softShrink(lambda: 0.5) },
  .elementwise("softShrink inside", -0.4..<0.4) { $0.softShrink() },
  .elementwise("hardShrink outside", -2..<(-0.6)) { $0.hardShrink(lambda: 0.5) },
  .elementwise("hardShrink inside", -0.4..<0.4) { $0.hardShrink() },
  .elementwise("tanhShrink", -2..<2) { $0.tanhShrink() },
  .elementwise("sigmoid", -3..<3) { $0.sigmoid() },
  .elementwise("logSigmoid", -3..<3) { $0.logSigmoid() },
  .elementwise("softplus", -3..<3) { $0.softplus(beta: 2) },
  .elementwise("softplus above the threshold", 1.1..<3) { $0.softplus(beta: 2, threshold: 2) },
  .elementwise("elu above 0", 0.1..<2) { $0.elu(alpha: 1.5) },
  .elementwise("elu below 0", -2..<(-0.1)) { $0.elu(alpha: 1.5) },
  .elementwise("selu above 0", 0.1..<2) { $0.selu() },
  .elementwise("selu below 0", -2..<(-0.1)) { $0.selu() },
  .elementwise("celu above 0", 0.1..<2) { $0.celu(alpha: 0.7) },
  .elementwise("celu below 0", -2..<(-0.1)) { $0.celu(alpha: 0.7) },
  .elementwise("gelu", -3..<3) { $0.gelu() },
  .elementwise("gelu by tanh", -3..<3) { $0.gelu(approximate: .tanh) },
  .elementwise("silu", -3..<3) { $0.silu() },
  .elementwise("mish", -3..<3) { $0.mish() },
]

private let pairRows: [TensorOperation] = [
  .elementwise("add", -2..<2, -2..<2) { $0 + $1 },
  .elementwise("adding, scaled", -2..<2, -2..<2) { $0.adding($1, scaledBy: 2.5) },
  .elementwise("subtract", -2..<2, -2..<2) { $0 - $1 },
  .elementwise("subtracting, scaled", -2..<2, -2..<2) { $0.subtracting($1, scaledBy: 2.5) },
  .elementwise("multiply", -2..<2, -2..<2) { $0 * $1 },
  .elementwise("divide", -2..<2, 0.5..<2) { $0 / $1 },
  .elementwise("divided toward zero", 2.1..<2.2, 1.0..<1.02) { $0.divided(by: $1, rounding: .towardZero) },
  .elementwise("divided down", -2.2..<(-2.1), 1.0..<1.02) { $0.divided(by: $1, rounding: .down) },
  .elementwise("pow", 0.5..<2, -2..<2) { $0.pow($1) },
  .elementwise("atan2", 0.5..<2, -2..<2) { atan2($0, $1) },
  .elementwise("hypot", 0.5..<2, -2..<2) { hypot($0, $1) },
  .elementwise("logAddExp", -2..<2, -2..<2) { logAddExp($0, $1) },
  .elementwise("fmod", -2.2..<(-2.1), 1.0..<1.02) { fmod($0, $1) },
  .elementwise("remainder", -2.2..<(-2.1), 1.0..<1.02) { remainder($0, $1) },
  .elementwise("maximum, first greater", 1..<2, -1..<0.9) { maximum($0, $1) },
  .elementwise("maximum, second greater", -1..<0.9, 1..<2) { maximum($0, $1) },
  .elementwise("minimum, first smaller", -1..<0.9, 1..<2) { minimum($0, $1) },
  .elementwise("minimum, second smaller", 1..<2, -1..<0.9) { minimum($0, $1) },
  .elementwise("select", -2..<2, -2..<2) { select($0.detached() .> 0.1, $0, $1) },
]

private let constantRows: [TensorOperation] = [
  .elementwise("divided by a number", 2.1..<2.2) { $0.divided(by: 1.01, rounding: .down) },
  .elementwise("fmod by a number", -2.2..<(-2.1)) { fmod($0, 1.01) },
  .elementwise("fmod of a number", 1.0..<1.02) { fmod(2.15, $0) },
  .elementwise("remainder by a number", -2.2..<(-2.1)) { remainder($0, 1.01) },
  .elementwise("remainder of a number", 1.0..<1.02) { remainder(-2.15, $0) },
  .elementwise("maximum with a number", -1..<0.9) { maximum($0, 1) },
  .elementwise("minimum with a number", -1..<0.9) { minimum($0, 1) },
  .elementwise("select a number", -2..<2) { select($0.detached() .> 0.1, $0, 3) },
  .elementwise("cast", -2..<2, order: 0) { $0.cast(to: Float.self).cast(to: Double.self) },
]

private let assigningRows: [TensorOperation] = [
  .elementwise("add to itself", -2..<2) { assigning($0) { $0 += 1.5 } },
  .elementwise("subtract from itself", -2..<2) { assigning($0) { $0 -= 1.5 } },
  .elementwise("multiply itself", -2..<2) { assigning($0) { $0 *= 1.5 } },
  .elementwise("divide itself", -2..<2) { assigning($0) { $0 /= 1.5 } },
  TensorOperation("add to a tensor", [2, 3], [3]) { x in assigning(x[0]) { $0 += x[1] } },
  TensorOperation("subtract from a tensor", [2, 3], [3]) { x in assigning(x[0]) { $0 -= x[1] } },
  TensorOperation("multiply a tensor", [2, 3], [3]) { x in assigning(x[0]) { $0 *= x[1] } },
  TensorOperation("divide a tensor", [2, 3], [3], in: [-2..<2, 0.5..<2]) { x in assigning(x[0]) { $0 /= x[1] } },
  TensorOperation("prelu", [2, 3, 4], [3]) { $0[0].prelu($0[1]) },
  TensorOperation("prelu of one weight", [2, 3], [1], also: [[[], []]]) { $0[0].prelu($0[1]) },
  TensorOperation("glu", [2, 4, 3], also: [[[0, 2, 3]]]) { $0[0].glu(axis: 1) },
]

private func assigning(_ x: Tensor<Double>, _ change: (inout Tensor<Double>) -> Void) -> Tensor<Double> {
  var result = x
  change(&result)
  return result
}
