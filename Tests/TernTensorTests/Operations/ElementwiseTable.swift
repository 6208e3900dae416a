import TernTensor
import Testing

/// An elementwise function, and the range its arguments are drawn from: away from kinks and poles.
///
/// A new function joins the tests of gradients, layouts and edges with one row.
struct ElementwiseRow: Sendable, CustomTestStringConvertible {
  let name: String
  let ranges: [Range<Double>]
  let function: @Sendable ([Tensor<Double>]) -> Tensor<Double>

  init(_ name: String, _ range: Range<Double>, _ function: @escaping @Sendable (Tensor<Double>) -> Tensor<Double>) {
    self.name = name
    ranges = [range]
    self.function = { function($0[0]) }
  }

  init(
    _ name: String, _ first: Range<Double>, _ second: Range<Double>,
    _ function: @escaping @Sendable (Tensor<Double>, Tensor<Double>) -> Tensor<Double>
  ) {
    self.name = name
    ranges = [first, second]
    self.function = { function($0[0], $0[1]) }
  }

  var testDescription: String { name }

  /// Arguments of the given shapes, always the same.
  func points(_ shapes: [Int]...) -> [Tensor<Double>] {
    let generator = RandomGenerator(seed: 7)
    return zip(ranges, shapes).map { Tensor(randomUniform: $1, in: $0, generator: generator) }
  }
}

let elementwiseTable: [ElementwiseRow] = arithmeticRows + elementaryRows + activationRows + pairRows

private let arithmeticRows: [ElementwiseRow] = [
  .init("negate", -2..<2) { -$0 },
  .init("add a number", -2..<2) { $0 + 1.5 },
  .init("subtract a number", -2..<2) { $0 - 1.5 },
  .init("subtract from a number", -2..<2) { 1.5 - $0 },
  .init("multiply by a number", -2..<2) { $0 * 1.5 },
  .init("divide by a number", -2..<2) { $0 / 1.5 },
  .init("divide a number", 0.5..<2) { 1.5 / $0 },
  .init("abs above 0", 0.1..<2) { $0.abs() },
  .init("abs below 0", -2..<(-0.1)) { $0.abs() },
  .init("sign", 0.1..<2) { $0.sign() },
  .init("square", -2..<2) { $0.square() },
  .init("sqrt", 0.5..<3) { $0.sqrt() },
  .init("rsqrt", 0.5..<3) { $0.rsqrt() },
  .init("reciprocal", 0.5..<3) { $0.reciprocal() },
  .init("replacing what is not finite", -2..<2) { $0.replacingNonFinite() },
  .init("floor", 0.1..<0.9) { $0.floor() },
  .init("ceil", 0.1..<0.9) { $0.ceil() },
  .init("trunc", 0.1..<0.9) { $0.trunc() },
  .init("round", 0.6..<1.4) { $0.round() },
  .init("round to decimals", 0.06..<0.14) { $0.round(decimals: 1) },
  .init("frac", 1.1..<1.9) { $0.frac() },
  .init("clamped inside", -0.9..<0.9) { $0.clamped(min: -1, max: 1) },
  .init("clamped above", 1.1..<2) { $0.clamped(min: -1, max: 1) },
  .init("clamped below", -2..<(-1.1)) { $0.clamped(min: -1) },
]

private let elementaryRows: [ElementwiseRow] = [
  .init("exp", -2..<2) { $0.exp() },
  .init("expm1", -2..<2) { $0.expm1() },
  .init("log", 0.5..<3) { $0.log() },
  .init("log1p", -0.5..<2) { $0.log1p() },
  .init("log2", 0.5..<3) { $0.log2() },
  .init("log10", 0.5..<3) { $0.log10() },
  .init("erf", -2..<2) { $0.erf() },
  .init("erfc", -2..<2) { $0.erfc() },
  .init("sin", -3..<3) { $0.sin() },
  .init("cos", -3..<3) { $0.cos() },
  .init("tan", -1..<1) { $0.tan() },
  .init("asin", -0.7..<0.7) { $0.asin() },
  .init("acos", -0.7..<0.7) { $0.acos() },
  .init("atan", -3..<3) { $0.atan() },
  .init("sinh", -2..<2) { $0.sinh() },
  .init("cosh", -2..<2) { $0.cosh() },
  .init("tanh", -2..<2) { $0.tanh() },
  .init("asinh", -3..<3) { $0.asinh() },
  .init("acosh", 1.5..<3) { $0.acosh() },
  .init("atanh", -0.7..<0.7) { $0.atanh() },
  .init("square of a number", 0.5..<2) { $0.pow(2) },
  .init("cube of a number", -2..<2) { $0.pow(3) },
  .init("power 0", -2..<2) { $0.pow(0) },
  .init("power 1", -2..<2) { $0.pow(1) },
  .init("power ½", 0.5..<2) { $0.pow(0.5) },
  .init("power −2.5", 0.5..<2) { $0.pow(-2.5) },
  .init("power of a number", -2..<2) { pow(1.7, $0) },
]

private let activationRows: [ElementwiseRow] = [
  .init("relu above 0", 0.1..<2) { $0.relu() },
  .init("relu below 0", -2..<(-0.1)) { $0.relu() },
  .init("leakyReLU above 0", 0.1..<2) { $0.leakyReLU(slope: 0.2) },
  .init("leakyReLU below 0", -2..<(-0.1)) { $0.leakyReLU(slope: 0.2) },
  .init("relu6 inside", 0.1..<5.9) { $0.relu6() },
  .init("relu6 above", 6.1..<7) { $0.relu6() },
  .init("hardTanh inside", -0.9..<0.9) { $0.hardTanh() },
  .init("hardTanh above", 1.1..<2) { $0.hardTanh() },
  .init("hardSigmoid inside", -2.9..<2.9) { $0.hardSigmoid() },
  .init("hardSigmoid below", -5..<(-3.1)) { $0.hardSigmoid() },
  .init("hardSwish inside", -2.9..<2.9) { $0.hardSwish() },
  .init("hardSwish above", 3.1..<5) { $0.hardSwish() },
  .init("thresholded above", 0.6..<2) { $0.thresholded(at: 0.5, value: 9) },
  .init("thresholded below", -1..<0.4) { $0.thresholded(at: 0.5, value: 9) },
  .init("softSign above 0", 0.1..<2) { $0.softSign() },
  .init("softSign below 0", -2..<(-0.1)) { $0.softSign() },
  .init("sigmoid", -3..<3) { $0.sigmoid() },
  .init("logSigmoid", -3..<3) { $0.logSigmoid() },
  .init("softplus", -3..<3) { $0.softplus(beta: 2) },
  .init("softplus above the threshold", 1.1..<3) { $0.softplus(beta: 2, threshold: 2) },
  .init("elu above 0", 0.1..<2) { $0.elu(alpha: 1.5) },
  .init("elu below 0", -2..<(-0.1)) { $0.elu(alpha: 1.5) },
  .init("selu above 0", 0.1..<2) { $0.selu() },
  .init("selu below 0", -2..<(-0.1)) { $0.selu() },
  .init("celu above 0", 0.1..<2) { $0.celu(alpha: 0.7) },
  .init("celu below 0", -2..<(-0.1)) { $0.celu(alpha: 0.7) },
  .init("gelu", -3..<3) { $0.gelu() },
  .init("gelu by tanh", -3..<3) { $0.gelu(approximate: .tanh) },
  .init("silu", -3..<3) { $0.silu() },
  .init("mish", -3..<3) { $0.mish() },
]

private let pairRows: [ElementwiseRow] = [
  .init("add", -2..<2, -2..<2) { $0 + $1 },
  .init("adding, scaled", -2..<2, -2..<2) { $0.adding($1, scaledBy: 2.5) },
  .init("subtract", -2..<2, -2..<2) { $0 - $1 },
  .init("subtracting, scaled", -2..<2, -2..<2) { $0.subtracting($1, scaledBy: 2.5) },
  .init("multiply", -2..<2, -2..<2) { $0 * $1 },
  .init("divide", -2..<2, 0.5..<2) { $0 / $1 },
  .init("divided toward zero", 2.1..<2.2, 1.0..<1.02) { $0.divided(by: $1, rounding: .towardZero) },
  .init("divided down", -2.2..<(-2.1), 1.0..<1.02) { $0.divided(by: $1, rounding: .down) },
  .init("pow", 0.5..<2, -2..<2) { $0.pow($1) },
  .init("atan2", 0.5..<2, -2..<2) { atan2($0, $1) },
  .init("hypot", 0.5..<2, -2..<2) { hypot($0, $1) },
  .init("logAddExp", -2..<2, -2..<2) { logAddExp($0, $1) },
  .init("fmod", -2.2..<(-2.1), 1.0..<1.02) { fmod($0, $1) },
  .init("remainder", -2.2..<(-2.1), 1.0..<1.02) { remainder($0, $1) },
  .init("maximum, first greater", 1..<2, -1..<0.9) { maximum($0, $1) },
  .init("maximum, second greater", -1..<0.9, 1..<2) { maximum($0, $1) },
  .init("minimum, first smaller", -1..<0.9, 1..<2) { minimum($0, $1) },
  .init("minimum, second smaller", 1..<2, -1..<0.9) { minimum($0, $1) },
  .init("select", -2..<2, -2..<2) { select($0.detached() .> 0.1, $0, $1) },
]
