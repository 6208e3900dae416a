import Foundation
import TernBackend
import Testing

private func remainder(_ a: Double, _ b: Double) -> Double {
  let remainder = fmod(a, b)
  return remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder
}

/// PyTorch's division rounded down.
private func floorDivide(_ a: Double, _ b: Double) -> Double {
  if b == 0 { return a / b }
  let remainder = fmod(a, b)
  let quotient = (a - remainder) / b - (remainder != 0 && (b < 0) != (remainder < 0) ? 1 : 0)
  return quotient == 0 ? 0 : quotient.rounded(.toNearestOrAwayFromZero)
}

private func logAddExp(_ a: Double, _ b: Double) -> Double {
  if a.isNaN || b.isNaN { return .nan }
  if a == b && a.isInfinite { return a }
  return max(a, b) + log1p(exp(-abs(a - b)))
}

/// A product that is 0 where a factor is.
private func zeroMul(_ a: Double, _ b: Double) -> Double { a == 0 || b == 0 ? 0 : a * b }

/// A quotient that is 0 where it has to be whatever the other operand is.
private func zeroDiv(_ a: Double, _ b: Double) -> Double { a == 0 || b.isInfinite ? 0 : a / b }

private func ratio(_ a: Double, _ b: Double, _ limit: Double) -> Double {
  if b == 0 { return 0 }
  return a.isInfinite && b.isInfinite ? (a < 0 ? -limit : limit) : a / b
}

private func reference(_ kernel: BinaryKernel, _ p: Double) -> (Double, Double) -> Double {
  switch kernel {
  case .add: { $0 + p * $1 }
  case .sub: { $0 - p * $1 }
  case .mul: { $0 * $1 }
  case .div: { $0 / $1 }
  case .pow: { Foundation.pow($0, $1) }
  case .atan2: { Foundation.atan2($0, $1) }
  case .hypot: { Foundation.hypot($0, $1) }
  case .fmod: { Foundation.fmod($0, $1) }
  case .remainder: remainder
  case .maximum: { $0.isNaN || $1.isNaN ? .nan : max($0, $1) }
  case .minimum: { $0.isNaN || $1.isNaN ? .nan : min($0, $1) }
  case .logAddExp: logAddExp
  case .floorDivide: floorDivide
  case .truncDivide: { trunc($0 / $1) }
  case .zeroMul: zeroMul
  case .zeroDiv: zeroDiv
  case .ratio: { ratio($0, $1, p) }
  case .overSquareDistance:
    { a, b in
      let length = Foundation.hypot(a, b)
      return a.isNaN || b.isNaN ? .nan : length == 0 || length.isInfinite ? 0 : a / length / length
    }
  case .logAddExpGrad:
    { a, b in a == b && a.isInfinite ? (a < 0 ? 0 : 0.5) : 1 / (1 + exp(b - a)) }
  case .asinGrad: { zeroMul($0, 1 / ((1 - $1) * (1 + $1)).squareRoot()) }
  case .asinhGrad: { zeroMul($0, 1 / Foundation.hypot($1, 1)) }
  case .acoshGrad: { zeroMul($0, 1 / ($1 < 1e10 ? (($1 - 1) * ($1 + 1)).squareRoot() : $1)) }
  case .atanGrad: { zeroDiv($0, $1 * $1 + 1) }
  case .atanhGrad: { zeroDiv($0, (1 - $1) * (1 + $1)) }
  case .reluGrad: { $1 <= 0 ? 0 : $0 }
  case .leakyReLUGrad: { $1 > 0 ? $0 : zeroMul($0, p) }
  case .sigmoidGrad: { zeroMul(zeroMul($0, 1 - $1), $1) }
  case .tanhGrad: { zeroMul($0, 1 - $1 * $1) }
  case .logSigmoidGrad: { $0 / (1 + exp($1)) }
  case .eluGrad: { $1 > 0 ? $0 : $0 * (p * exp($1)) }
  case .seluGrad: { $0 * ($1 > 0 ? 1.0507009873554804934 : 1.7580993408473768599 * exp($1)) }
  case .celuGrad: { $1 > 0 ? $0 : $0 * exp($1 / p) }
  case .geluGrad:
    { $0 * (0.5 * erfc(-$1 * 0.5.squareRoot()) + $1 * exp(-0.5 * $1 * $1) / (2 * Double.pi).squareRoot()) }
  case .geluTanhGrad:
    { g, x in
      let root = (2 / Double.pi).squareRoot()
      let u = root * (x + 0.044715 * x * x * x)
      return g * (0.5 * (1 + tanh(u)) + 0.5 * x / (cosh(u) * cosh(u)) * root * (1 + 3 * 0.044715 * x * x))
    }
  case .siluGrad:
    { g, x in
      let s = 1 / (1 + exp(-x))
      return g * (s + x * s * (1 - s))
    }
  case .mishGrad:
    { g, x in
      let t = tanh(log1p(exp(x)))
      return g * (t + x / (1 + exp(-x)) * (1 - t * t))
    }
  case .hardSigmoidGrad: { abs($1) < 3 ? $0 * Double(Float(1) / 6) : 0 }
  case .hardSwishGrad: { zeroMul($0, $1 <= -3 ? 0 : $1 >= 3 ? 1 : $1 / 3 + 0.5) }
  case .softSignGrad: { $0 / ((1 + abs($1)) * (1 + abs($1))) }
  case .shrinkGrad: { abs($1) <= p ? 0 : $0 }
  case .glu: { zeroMul($0, $1 >= 0 ? 1 / (1 + exp(-$1)) : exp($1) / (1 + exp($1))) }
  // Those of integers.
  case .bitAnd, .bitOr, .bitXor, .shiftLeft, .shiftRight: { _, _ in .nan }
  }
}

private let derivatives: [BinaryKernel] = [
  .logSigmoidGrad, .eluGrad, .seluGrad, .celuGrad, .geluGrad, .geluTanhGrad, .siluGrad, .mishGrad, .softSignGrad,
  .glu,
]

/// Holds every binary kernel of the current level to its reference.
func checkBinaryKernels<T: FloatingKernelScalar>(_: T.Type) {
  let corners: [T] = [0, 1, 2, 3.5, 0.1, 7, 1000, .infinity, .leastNonzeroMagnitude, 1e30]
  let values = corners + corners.map { -$0 } + [.nan]
  let a = values.flatMap { a in values.map { _ in a } }
  let b = values.flatMap { _ in values }
  for kernel in allKernels(through: BinaryKernel.glu) {
    for p: Double in [1, 0.5] {
      let function = reference(kernel, p)
      let out = T.binary(kernel, a, b, T(p))
      for (i, y) in out.enumerated() {
        // A quotient is rounded to T before its fraction is dropped.
        let quotient = (a[i] / b[i]).rounded(.towardZero)
        let exact = kernel == .truncDivide ? Double(quotient) : function(Double(a[i]), Double(b[i]))
        // Where Float overflows on the way or a quotient is too large to have a fraction, its own arithmetic rules.
        let own = T(exact)
        let large = kernel == .floorDivide && abs(exact) > 1e6
        let unbounded = [.sigmoidGrad, .tanhGrad, .atanGrad, .atanhGrad].contains(kernel) && abs(Double(b[i])) > 1e15
        if large || unbounded || kernel == .acoshGrad && b[i] < 1 { continue }
        // Derivatives are of the order of 1: what they are off by counts against the gradient; beyond 50 the formulas of the
        // reference overflow.
        if derivatives.contains(kernel) {
          if !b[i].isFinite || !a[i].isFinite || abs(b[i]) > 50 { continue }
          if !(abs(y - own) <= 16 * abs(a[i]).ulp) {
            Issue.record("\(kernel.name)(\(a[i]), \(b[i]); \(p)) of \(T.self): \(y), expected \(exact)")
          }
          continue
        }
        if !(unitsApart(y, own) <= 4) {
          Issue.record("\(kernel.name)(\(a[i]), \(b[i]); \(p)) of \(T.self): \(y), expected \(exact)")
        }
      }
    }
  }
}

@Suite("Binary kernels") struct KernelsBinaryTests {
  @Test("every kernel of Float agrees with the C library at every pair of corners")
  func float() { checkBinaryKernels(Float.self) }

  @Test("every kernel of Double agrees with the C library at every pair of corners")
  func double() { checkBinaryKernels(Double.self) }

  @Test("every layout gives the bits of the contiguous one", arguments: [0, 1, 3, 17, 1000])
  func layouts(count: Int) {
    let a = noise(count).map { Float($0 * 4) }
    let b = noise(count, seed: 9).map { Float($0 * 4) }
    for kernel in allKernels(through: BinaryKernel.glu) {
      for (so, sa, sb) in [(1, 1, 0), (1, 0, 1), (1, 0, 0), (2, 1, 1), (1, 2, -1), (-1, -3, 2), (1, -1, 1)] {
        let left = sa == 0 ? a.map { _ in a[0] } : a
        let right = sb == 0 ? b.map { _ in b[0] } : b
        let expected = Float.binary(kernel, left, right, 0.5)
        let x = sa == 0 ? Strided([a.first ?? 0], stride: 1, filler: 0) : Strided(a, stride: sa, filler: .nan)
        let y = sb == 0 ? Strided([b.first ?? 0], stride: 1, filler: 0) : Strided(b, stride: sb, filler: .nan)
        var out = Strided<Float>(count: count, stride: so, filler: 77)
        x.read { x in y.read { y in out.write { Float.binary(kernel, count, $0, so, x, sa, y, sb, 0.5) } } }
        #expect(zip(out.values, expected).allSatisfy(identical), "\(kernel.name) with strides \(so), \(sa), \(sb)")
      }
      let expected = Float.binary(kernel, a, b, 0.5)
      var inPlace = a
      if count > 0 {
        inPlace.withUnsafeMutableBufferPointer {
          Float.binary(kernel, count, $0.baseAddress!, 1, $0.baseAddress!, 1, b, 1, 0.5)
        }
      }
      #expect(zip(inPlace, expected).allSatisfy(identical), "\(kernel.name) in place")
    }
  }

  @Test("integers wrap, divide by Python's and C's rules, and never trap")
  func integers() {
    let a: [Int32] = [7, -7, 7, -7, .max, .min, 5, .min]
    let b: [Int32] = [2, 2, -2, -2, 1, 1, 0, -1]
    expectSame(Int32.binary(.add, a, b, 1), [9, -5, 5, -9, .min, .min + 1, 5, .max])
    expectSame(Int32.binary(.sub, a, b, 2), [3, -11, 11, -3, .max - 2, .max - 1, 5, .min + 2])
    expectSame(Int32.binary(.mul, a, b, 1), [14, -14, -14, 14, .max, .min, 0, .min])
    expectSame(Int32.binary(.div, a, b, 1), [3, -3, -3, 3, .max, .min, 0, .min])
    expectSame(Int32.binary(.truncDivide, a, b, 1), [3, -3, -3, 3, .max, .min, 0, .min])
    expectSame(Int32.binary(.floorDivide, a, b, 1), [3, -4, -4, 3, .max, .min, 0, .min])
    expectSame(Int32.binary(.fmod, a, b, 1), [1, -1, 1, -1, 0, 0, 0, 0])
    expectSame(Int32.binary(.remainder, a, b, 1), [1, 1, -1, -1, 0, 0, 0, 0])
    expectSame(Int32.binary(.maximum, a, b, 1), [7, 2, 7, -2, .max, 1, 5, -1])
    expectSame(Int.binary(.minimum, [3, -4], [2, 9], 1), [2, -4])
    expectSame(Int.binary(.pow, [2, -3, 5, 0], [62, 3, 0, 0], 1), [1 << 62, -27, 1, 1])
    expectSame(UInt8.binary(.sub, [3, 200], [5, 100], 1), [254, 100])
    expectSame(UInt8.binary(.mul, [16, 255], [16, 255], 1), [0, 1])
    expectSame(UInt8.binary(.floorDivide, [7, 255], [2, 0], 1), [3, 0])
    expectSame(UInt8.binary(.remainder, [7, 255], [255, 16], 1), [7, 15])
  }
}
