import Foundation
import TernBackend
import Testing

#if arch(x86_64)
  /// An elementary function with its reference in extended precision, and where it is tried.
  private struct Elementary: Sendable, CustomStringConvertible {
    let kernel: UnaryKernel
    let reference: @Sendable (Float80) -> Float80
    let range: ClosedRange<Double>
    var description: String { "\(kernel.name) in \(range)" }
  }

  private let elementary: [Elementary] = [
    Elementary(kernel: .exp, reference: { exp($0) }, range: -87...88),
    Elementary(kernel: .expm1, reference: { expm1($0) }, range: -20...88),
    Elementary(kernel: .expm1, reference: { expm1($0) }, range: -1...1),
    Elementary(kernel: .log, reference: { log($0) }, range: 1e-30...4),
    Elementary(kernel: .log1p, reference: { log1p($0) }, range: -0.999...4),
    Elementary(kernel: .log2, reference: { log2($0) }, range: 1e-30...4),
    Elementary(kernel: .log10, reference: { log10($0) }, range: 1e-30...4),
    Elementary(kernel: .sin, reference: { sin($0) }, range: -10...10),
    Elementary(kernel: .sin, reference: { sin($0) }, range: -1e6...1e6),
    Elementary(kernel: .cos, reference: { cos($0) }, range: -10...10),
    Elementary(kernel: .cos, reference: { cos($0) }, range: -1e6...1e6),
    Elementary(kernel: .tan, reference: { tan($0) }, range: -10...10),
    Elementary(kernel: .tan, reference: { tan($0) }, range: -1e6...1e6),
    Elementary(kernel: .asin, reference: { asin($0) }, range: -1...1),
    Elementary(kernel: .acos, reference: { acos($0) }, range: -1...1),
    Elementary(kernel: .atan, reference: { atan($0) }, range: -10...10),
    Elementary(kernel: .sinh, reference: { sinh($0) }, range: -80...80),
    Elementary(kernel: .sinh, reference: { sinh($0) }, range: -2...2),
    Elementary(kernel: .cosh, reference: { cosh($0) }, range: -80...80),
    Elementary(kernel: .cosh, reference: { cosh($0) }, range: -2...2),
    Elementary(kernel: .tanh, reference: { tanh($0) }, range: -10...10),
    Elementary(kernel: .tanh, reference: { tanh($0) }, range: -1...1),
    Elementary(kernel: .asinh, reference: { asinh($0) }, range: -10...10),
    Elementary(kernel: .acosh, reference: { acosh($0) }, range: 1...10),
    Elementary(kernel: .atanh, reference: { atanh($0) }, range: -0.999...0.999),
  ]

  /// The largest error over a range and over ten orders of magnitude below its ends, in units of the last place: of Double
  /// from the exact value, of Float, whose unit is coarse, from the nearest Float to it.
  private func largestError<T: FloatingKernelScalar & BinaryFloatingPoint>(
    _ function: Elementary, _: T.Type
  ) -> (units: Double, x: T) {
    let (low, high) = (function.range.lowerBound, function.range.upperBound)
    var x: [T] = noise(40_000, seed: 3).map { T(low + (high - low) * ($0 * 0.5 + 0.5)) }
    if low < 0 { x += noise(10_000, seed: 4).map { T(high * Foundation.pow(10, 5 * $0 - 5) * ($0 < 0 ? -1 : 1)) } }
    var worst = (units: 0.0, x: T(0))
    for (x, y) in zip(x, T.unary(function.kernel, x, 0, 0)) {
      let exact = function.reference(Float80(x))
      let nearest = T.self == Float.self ? Float80(T(exact)) : exact
      let units = Double(abs(Float80(y) - nearest) / Float80(T(exact).ulp))
      if !(units <= worst.units) { worst = (units, x) }
    }
    return worst
  }

  @Suite("Accuracy of elementary functions") struct KernelsAccuracyTests {
    @Test("Float's are within 2 units of the last place", arguments: elementary)
    fileprivate func float(function: Elementary) {
      let worst = largestError(function, Float.self)
      #expect(worst.units <= 2, "at \(worst.x)")
    }

    @Test("Double's are within 1.5 units of the last place", arguments: elementary)
    fileprivate func double(function: Elementary) {
      let worst = largestError(function, Double.self)
      #expect(worst.units <= 1.5, "at \(worst.x)")
    }
  }
#endif

@Suite("Arguments beyond the fast loops") struct KernelsBeyondTests {
  /// Values of all sizes, so that every block has some that the C library computes.
  private func values<T: BinaryFloatingPoint>(_: T.Type) -> [T] {
    let most = T.self == Float.self ? 30.0 : 200.0
    return noise(1300, seed: 9).map { x in
      let thousandth = x * 1000
      return T(Foundation.pow(10, x * most) * (thousandth < thousandth.rounded() ? -1 : 1))
    }
  }

  private func checkTrigonometric<T: FloatingKernelScalar & BinaryFloatingPoint>(_: T.Type) {
    let x = values(T.self)
    let functions: [(UnaryKernel, (Double) -> Double)] = [(.sin, sin), (.cos, cos), (.tan, tan)]
    for (kernel, function) in functions {
      let together = T.unary(kernel, x, 0, 0)
      for (x, y) in zip(x, together) {
        #expect(T.unary(kernel, [x], 0, 0)[0] == y)
        #expect(unitsApart(y, T(function(Double(x)))) <= 2, "\(kernel.name)(\(x))")
      }
    }
  }

  @Test("trigonometric functions do not depend on their neighbors") func trigonometric() {
    checkTrigonometric(Float.self)
    checkTrigonometric(Double.self)
  }

  private func checkDivisions<T: FloatingKernelScalar & BinaryFloatingPoint>(_: T.Type) {
    let a = values(T.self), b = Array(a.reversed())
    let exact = zip(a, b).map { T($0.truncatingRemainder(dividingBy: $1)) }
    #expect(T.binary(.fmod, a, b, 1) == exact)
    for i in a.indices { #expect(T.binary(.fmod, [a[i]], [b[i]], 1)[0] == exact[i]) }
    // Quotients close to whole numbers from both sides.
    let wholes = (1...600).map { T($0) }, tenth = T(0.1)
    let multiples = wholes.map { $0 * tenth }
    #expect(
      T.binary(.fmod, multiples, multiples.map { _ in tenth }, 1)
        == multiples.map { $0.truncatingRemainder(dividingBy: tenth) })
  }

  @Test("remainders are exact") func divisions() {
    checkDivisions(Float.self)
    checkDivisions(Double.self)
  }
}
