import Foundation
import TernBackend
import Testing

/// What a unary kernel is held to: its function in Double from the C library, and how far off it may be.
private struct Reference {
  var function: (Double, Double, Double) -> Double
  /// Units of the last place allowed, as a function of x where the function magnifies the rounding of its argument.
  var units: (Double) -> Double = { _ in 3 }
  var parameters: [(Double, Double)] = [(0, 0)]
}

private func sigmoid(_ x: Double) -> Double { x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x)) }
private func logOnePlusExp(_ x: Double) -> Double { x > 0 ? x + log1p(exp(-x)) : log1p(exp(x)) }

/// silu and its like are products with a factor that is 0 at −∞, where the limit is 0.
private func product(_ x: Double, _ y: Double) -> Double { y == 0 ? 0 : x * y }

private func clamp(_ x: Double, _ low: Double, _ high: Double) -> Double {
  x.isNaN ? x : x < low && low <= high ? low : x > high || low > high ? high : x
}

private func reference(_ kernel: UnaryKernel) -> Reference {
  switch kernel {
  case .neg: Reference { x, _, _ in -x }
  case .abs: Reference { x, _, _ in abs(x) }
  case .sign: Reference { x, _, _ in x > 0 ? 1 : x < 0 ? -1 : 0 }
  case .exp: Reference { x, _, _ in exp(x) }
  case .expm1: Reference { x, _, _ in expm1(x) }
  case .log: Reference { x, _, _ in log(x) }
  case .log1p: Reference { x, _, _ in log1p(x) }
  case .log2: Reference { x, _, _ in log2(x) }
  case .log10: Reference { x, _, _ in log10(x) }
  case .sqrt: Reference { x, _, _ in x.squareRoot() }
  case .rsqrt: Reference { x, _, _ in 1 / x.squareRoot() }
  case .square: Reference { x, _, _ in x * x }
  case .reciprocal: Reference { x, _, _ in 1 / x }
  case .sin: Reference { x, _, _ in sin(x) }
  case .cos: Reference { x, _, _ in cos(x) }
  case .tan: Reference { x, _, _ in tan(x) }
  case .asin: Reference { x, _, _ in asin(x) }
  case .acos: Reference { x, _, _ in acos(x) }
  case .atan: Reference { x, _, _ in atan(x) }
  case .sinh: Reference { x, _, _ in sinh(x) }
  case .cosh: Reference { x, _, _ in cosh(x) }
  case .tanh: Reference { x, _, _ in tanh(x) }
  case .asinh: Reference { x, _, _ in asinh(x) }
  case .acosh: Reference { x, _, _ in acosh(x) }
  case .atanh: Reference { x, _, _ in atanh(x) }
  // Below the normal range it may be 0.
  case .sigmoid: Reference(function: { x, _, _ in sigmoid(x) }, units: { $0 < -88 ? 32 : 3 })
  case .erf: Reference { x, _, _ in erf(x) }
  case .erfc: Reference(function: { x, _, _ in erfc(x) }, units: { _ in 6 })
  case .floor: Reference { x, _, _ in floor(x) }
  case .ceil: Reference { x, _, _ in ceil(x) }
  case .trunc: Reference { x, _, _ in trunc(x) }
  case .frac: Reference { x, _, _ in x - trunc(x) }
  case .round: Reference { x, _, _ in x.rounded(.toNearestOrEven) }
  case .relu: Reference { x, _, _ in x < 0 ? 0 : x }
  case .leakyReLU: Reference(function: { x, slope, _ in x > 0 ? x : x * slope }, parameters: [(0.25, 0), (-1, 0)])
  case .elu: Reference(function: { x, a, _ in x < 0 ? a * expm1(x) : x }, parameters: [(1, 0), (0.5, 0)])
  case .selu:
    Reference { x, _, _ in
      1.0507009873554804934193349852946 * (x < 0 ? 1.6732632423543772848170429916717 * expm1(x) : x)
    }
  case .celu: Reference(function: { x, a, _ in x < 0 ? a * expm1(x / a) : x }, parameters: [(1, 0), (2, 0)])
  case .gelu:
    Reference(function: { x, _, _ in product(x, 0.5 * erfc(-x * 0.5.squareRoot())) }, units: { 6 + 2 * $0 * $0 })
  case .geluTanh:
    Reference(
      function: { x, _, _ in product(x, sigmoid((8 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x))) },
      units: { 6 + 4 * abs($0 * $0 * $0) })
  // A factor below the normal range has few digits.
  case .silu: Reference(function: { x, _, _ in product(x, sigmoid(x)) }, units: { $0 < -88 ? 4096 : $0 < -87 ? 64 : 3 })
  case .mish: Reference(function: { x, _, _ in product(x, tanh(logOnePlusExp(x))) }, units: { $0 < -87 ? 64 : 5 })
  case .softplus:
    Reference(
      function: { x, beta, limit in x * beta > limit ? x : logOnePlusExp(x * beta) / beta },
      parameters: [(1, 20), (2, 5)])
  case .hardTanh: Reference(function: { clamp($0, $1, $2) }, parameters: [(-1, 1), (-2, 3)])
  case .relu6: Reference { x, _, _ in clamp(x, 0, 6) }
  case .hardSigmoid:
    Reference(function: { x, _, _ in clamp(x + 3, 0, 6) / 6 }, units: { 3 + 4 / max(abs($0 + 3), 1e-3) })
  case .hardSwish:
    Reference(
      function: { x, _, _ in product(x, clamp(x + 3, 0, 6) / 6) }, units: { 3 + 4 / max(abs($0 + 3), 1e-3) })
  case .softSign: Reference { x, _, _ in x.isInfinite ? (x < 0 ? -1 : 1) : x / (1 + abs(x)) }
  case .logSigmoid: Reference { x, _, _ in -logOnePlusExp(-x) }
  case .threshold: Reference(function: { $0 <= $1 ? $2 : $0 }, parameters: [(0.5, -7)])
  case .tanhShrink:
    Reference { x, _, _ in
      // x·cosh x − sinh x as a series of positive terms.
      if abs(x) >= 2 || x.isNaN { return x - Foundation.tanh(x) }
      var (term, sum) = (x, 0.0)
      for k in 1..<24 {
        term *= x * x / Double(2 * k) / Double(2 * k + 1)
        sum += term * Double(2 * k)
      }
      return sum / Foundation.cosh(x)
    }
  case .hardShrink: Reference(function: { x, p, _ in abs(x) <= p ? 0 : x }, parameters: [(0.5, 0), (-1, 0)])
  case .softShrink: Reference(function: { x, p, _ in x - clamp(x, -p, p) }, parameters: [(0.5, 0), (2, 0)])
  case .clamp: Reference(function: { clamp($0, $1, $2) }, parameters: [(-0.5, 2), (3, 1)])
  case .addScalar: Reference(function: { x, p, _ in x + p }, parameters: [(1.5, 0)])
  case .mulScalar: Reference(function: { x, p, _ in x * p }, parameters: [(-2.5, 0), (0, 0)])
  case .powScalar:
    Reference(
      function: { x, p, _ in p == 0.5 ? x.squareRoot() : p == -0.5 ? 1 / x.squareRoot() : pow(x, p) },
      parameters: [0, 1, 2, 3, -1, -2, 0.5, -0.5, 1.75, -3].map { ($0, 0) })
  case .angle: Reference { x, _, _ in x.isNaN ? x : x < 0 ? .pi : 0 }
  }
}

/// Holds every unary kernel of the current level to its reference, at the corner values.
func checkUnaryKernels<T: FloatingKernelScalar>(_: T.Type) {
  let x: [T] = cornerValues()
  for kernel in allKernels(through: UnaryKernel.softShrink) {
    let reference = reference(kernel)
    for (p0, p1) in reference.parameters {
      let out = T.unary(kernel, x, T(p0), T(p1))
      for (x, y) in zip(x, out) {
        let exact = reference.function(Double(x), p0, p1)
        let units = unitsApart(y, T(exact))
        // The reference itself rounds in Double.
        let allowed = x.isNaN ? 0 : reference.units(Double(x)) * (T.self == Double.self ? 2 : 1)
        if !(units <= allowed) {
          Issue.record("\(kernel.name)(\(x); \(p0), \(p1)) of \(T.self): \(y), expected \(exact), \(units) units apart")
        }
      }
    }
  }
}

@Suite("Unary kernels") struct KernelsUnaryTests {
  @Test("every kernel of Float agrees with the C library at every corner")
  func float() { checkUnaryKernels(Float.self) }

  @Test("every kernel of Double agrees with the C library at every corner")
  func double() { checkUnaryKernels(Double.self) }

  @Test("the kernels of Float that are polynomials are within 3 units in a fine sweep")
  func sweep() {
    let functions: [(UnaryKernel, (Double) -> Double)] = [
      (.exp, exp), (.expm1, expm1), (.log, log), (.log1p, log1p), (.tanh, tanh), (.sigmoid, sigmoid), (.erf, erf),
      (.erfc, erfc), (.sqrt, { $0.squareRoot() }), (.sin, sin), (.cos, cos),
    ]
    // Every 20,011th value there is.
    let x = stride(from: UInt32(0), to: 0x7F80_0000, by: 20_011).flatMap {
      [Float(bitPattern: $0), Float(bitPattern: $0 | 0x8000_0000)]
    }
    for (kernel, function) in functions {
      var worst = 0.0
      var place: Float = 0
      for (x, y) in zip(x, Float.unary(kernel, x, 0, 0)) {
        // A logistic function below the normal range may be 0.
        if kernel == .sigmoid, x < -88 {
          #expect(y >= 0 && y <= .leastNormalMagnitude)
          continue
        }
        let units = unitsApart(y, Float(function(Double(x))))
        if units > worst { (worst, place) = (units, x) }
      }
      #expect(worst <= (kernel == .erfc ? 4 : 3), "\(kernel.name) at \(place)")
    }
  }

  @Test("activations neither jump nor turn nan where their exponentials leave the range")
  func ends() {
    for kernel in [UnaryKernel.sigmoid, .silu, .tanh, .gelu, .geluTanh, .mish, .softplus, .logSigmoid] {
      let reference = reference(kernel)
      var x: [Float] = []
      for step in 0...1280 {
        let value = 85 + Float(step) / 64
        x += [value, -value, value / 8, -value / 8]
      }
      for (x, y) in zip(x, Float.unary(kernel, x, 1, 20)) {
        let exact = reference.function(Double(x), 1, 20)
        let bound: Double = 4e-5 * abs(exact) + 4e-37
        let near = abs(Double(y) - exact) <= bound
        if !near { Issue.record("\(kernel.name)(\(x)): \(y), expected \(exact)") }
      }
    }
  }

  @Test("every layout gives the bits of the contiguous one", arguments: [0, 1, 3, 17, 1000])
  func layouts(count: Int) {
    let x = noise(count).map { Float($0 * 4) }
    for kernel in allKernels(through: UnaryKernel.softShrink) {
      let expected = Float.unary(kernel, x, 0.5, 1.5)
      for (so, sx) in [(1, 2), (2, 1), (3, -1), (-1, -2), (-1, 1)] {
        let source = Strided(x, stride: sx, filler: .nan)
        var out = Strided<Float>(count: count, stride: so, filler: 77)
        source.read { x in out.write { Float.unary(kernel, count, $0, so, x, sx, 0.5, 1.5) } }
        #expect(zip(out.values, expected).allSatisfy(identical), "\(kernel.name) with strides \(so) and \(sx)")
        let between = (0..<out.storage.count).filter { $0 % abs(so) != 0 }
        #expect(between.allSatisfy { out.storage[$0] == 77 }, "\(kernel.name) wrote between the elements")
      }
      var inPlace = x
      if count > 0 {
        inPlace.withUnsafeMutableBufferPointer {
          Float.unary(kernel, count, $0.baseAddress!, 1, $0.baseAddress!, 1, 0.5, 1.5)
        }
      }
      #expect(zip(inPlace, expected).allSatisfy(identical), "\(kernel.name) in place")
    }
  }

  @Test("integers wrap, clamp and raise to powers")
  func integers() {
    expectSame(Int32.unary(.neg, [5, -7, .min], 0, 0), [-5, 7, .min])
    expectSame(Int32.unary(.abs, [5, -7, .min], 0, 0), [5, 7, .min])
    expectSame(Int.unary(.sign, [5, -7, 0], 0, 0), [1, -1, 0])
    expectSame(UInt8.unary(.neg, [0, 1, 255], 0, 0), [0, 255, 1])
    expectSame(UInt8.unary(.sign, [0, 1, 255], 0, 0), [0, 1, 1])
    expectSame(Int32.unary(.square, [3, -4, 65_536], 0, 0), [9, 16, 0])
    expectSame(Int.unary(.relu, [3, -4], 0, 0), [3, 0])
    expectSame(Int.unary(.clamp, [3, -4, 9], -1, 5), [3, -1, 5])
    expectSame(Int.unary(.clamp, [3, -4, 9], 5, 1), [1, 1, 1])
    expectSame(UInt8.unary(.addScalar, [250, 1], 10, 0), [4, 11])
    expectSame(Int32.unary(.mulScalar, [.max, 3], 2, 0), [-2, 6])
    expectSame(Int.unary(.powScalar, [3, -2, 0], 3, 0), [27, -8, 0])
    expectSame(Int.unary(.powScalar, [2, -1, 1], -3, 0), [0, -1, 1])
    for kernel in [UnaryKernel.floor, .ceil, .trunc, .round] { expectSame(Int.unary(kernel, [-3, 8], 0, 0), [-3, 8]) }
  }

  @Test("a kernel that integers lack stops with its name")
  func unavailable() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Int32.unary(.exp, [1], 0, 0)
    }
    #expect(
      result.map { String(decoding: $0.standardErrorContent, as: UTF8.self).contains("exp: not defined for Int32") }
        == true)
  }
}
