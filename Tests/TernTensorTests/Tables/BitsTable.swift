import TernTensor
import TernTestSupport

// Bits and divisors of integers, parts of floating-point numbers, steps and closeness.

let bitsTable: [TensorOperation] = integerRows + partRows + stepRows

/// Whole numbers from −50 to 50.
private func whole(_ x: Tensor<Double>) -> Tensor<Int> { (x * 25).round().cast(to: Int.self) }

private let integerRows: [TensorOperation] = [
  .elementwise("bits of two", -2..<2, -2..<2, order: 0) {
    let (a, b) = (whole($0), whole($1))
    return number(a & b) + number(a | b) * 3 + number(a ^ b) * 5
  },
  .elementwise("bits of one", -2..<2, order: 0) {
    let a = whole($0)
    return number(~a) + number((~a) & 12) + number(5 | a) * 3 + number(a ^ 9) * 5
  },
  .elementwise("shifts", -2..<2, 0..<0.2, order: 0) {
    let (a, b) = (whole($0), whole($1))
    return number(a << b) + number(a >> b) * 3 + number(a << 2) + number(3 >> b)
  },
  .elementwise("bits of itself", -2..<2, order: 0) {
    var a = whole($0)
    a &= 29
    a |= 2
    a ^= 7
    a <<= 3
    a >>= 1
    return number(a)
  },
  .elementwise("bits of truths", -2..<2, -2..<2, order: 0) {
    let (p, q) = ($0 .> 0, $1 .> 0)
    return number(p & q) + number(p | q) * 3 + number(p ^ q) * 5 + number(~p) * 7
  },
  .elementwise("gcd and lcm", -2..<2, -2..<2, order: 0) {
    let (a, b) = (whole($0), whole($1))
    return number(gcd(a, b)) + number(lcm(a, b)) * 3 + number(gcd(a, 12)) + number(lcm(a, 6))
  },
]

private let partRows: [TensorOperation] = [
  .elementwise("copySign", 0.2..<2, -2..<(-0.2)) { copySign($0, $1) },
  .elementwise("copySign of a number", -2..<(-0.2)) { copySign($0, 1) },
  .elementwise("ldexp", -2..<2) { ldexp($0, 3) + ldexp($0, Tensor<Int32>(-2)) },
  .elementwise("ldexp of exponents", -2..<2, -0.3..<0.3, order: 0) { ldexp($0, whole($1)) },
  .elementwise("frexp", 1.1..<1.9) { $0.frexp().mantissa },
  .elementwise("exponents", -9..<9, order: 0) { number($0.frexp().exponent) },
  .elementwise("nextAfter", -2..<2, -2..<2) { nextAfter($0, $1) },
  .elementwise("radiansFromDegrees", -2..<2) { $0.radiansFromDegrees() },
  .elementwise("degreesFromRadians", -2..<2) { $0.degreesFromRadians() },
  .elementwise("angle", -2..<(-0.2)) { $0.angle() },
]

private let stepRows: [TensorOperation] = [
  .elementwise("heaviside", 0.1..<2, -2..<2) { heaviside($0, $1) },
  .elementwise("heaviside of a number", -2..<(-0.1)) { heaviside($0, 0.5) },
  .elementwise("fmax", 1..<2, -1..<0.9) { fmax($0, $1) },
  .elementwise("fmin", 1..<2, -1..<0.9) { fmin($0, $1) },
  .elementwise("closeness", -2..<2, -2..<2, order: 0) {
    number($0.isClose(to: $1, atol: 0.7)) + ($0.allClose(to: $1, rtol: 0, atol: 1) ? 2 : 0)
  },
  .elementwise("signs", -2..<2, order: 0) {
    let x = 1 / ($0 * 2).round()
    return number(x.signBit()) + number(x.isPositiveInfinity()) * 3 + number(x.isNegativeInfinity()) * 5
  },
]
